"""Ringing for work that comes again and again, and what RQ may leave behind of it."""

from __future__ import annotations

import time

import redis
from rq.executions import Execution, ExecutionRegistry

from app import queue


def test_a_bell_is_rung_once_until_somebody_has_come(connection: redis.Redis) -> None:
    prompt = queue.queues(connection)[0]
    assert queue.ring(connection, "push:1") and not queue.ring(connection, "push:1")
    assert queue.ring(connection, "push:2")
    first, _ = prompt.job_ids
    prompt.remove(first)
    assert queue.ring(connection, "push:1"), "what was lost from its list does not count as waiting"
    assert first not in prompt.job_ids and len(prompt.job_ids) == 2
    connection.flushall()
    assert queue.ring(connection, "push:1")


def test_half_an_entry_that_a_heartbeat_left_stops_nothing(connection: redis.Redis) -> None:
    """RQ's heartbeat that crosses the end of a job writes its entry anew, without the half that makes it readable."""
    queue.enqueue(connection, ["render:x"])
    media = queue.queues(connection)[1]
    connection.delete(media.key)
    entry = Execution("half", "render_x", connection)
    connection.zadd(ExecutionRegistry.key_template.format("render_x"), {"half": time.time() + 60})
    connection.hset(entry.key, "last_heartbeat", time.time())
    assert queue.enqueue(connection, ["render:x", "render:y"]) == 2
    assert media.job_ids == ["render_x", "render_y"]
