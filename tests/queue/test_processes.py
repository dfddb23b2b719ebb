"""Worker and relay as the processes they are: from upload to rendition, through lost Redis, killed jobs and bombs."""

from __future__ import annotations

import os
import signal
import socket
import time
from typing import Any

import psutil
import pytest
import redis
import scenario
from evidence import corpus
from rq.job import Job
from rq.serializers import JSONSerializer

from app import clock, queue
from app.journal import tasks
from app.journal.models import Task
from app.relay_process import RelayProcess
from config import Config

pytestmark = pytest.mark.slow
CONTENT = corpus.turned(6)


def received(world: scenario.World, ticket_id: str, content: bytes = CONTENT, **declared: Any) -> str:
    evidence_id = world.liaison.declare(ticket_id, content, "before", **declared)
    assert world.liaison.upload(evidence_id, content).status_code == 204
    return evidence_id


def states(world: scenario.World, ticket_id: str) -> dict[str, str]:
    return {e["id"]: e["state"] for e in world.liaison.detail(ticket_id)["evidence"]}


def task(world: scenario.World, evidence_id: str) -> Task:
    with world.database.read() as session:
        found = session.get_one(Task, f"render:{evidence_id}")
        session.expunge_all()
        return found


def has_task(world: scenario.World, evidence_id: str) -> bool:
    with world.database.read() as session:
        return session.get(Task, f"render:{evidence_id}") is not None


def queued(connection: redis.Redis) -> set[str]:
    return {job_id for q in queue.queues(connection) for job_id in q.job_ids}


@pytest.mark.clause("A6")
def test_what_is_uploaded_is_rendered_within_seconds_and_the_phone_does_not_wait(
    world: scenario.World, processes: Any
) -> None:
    processes.start("relay"), processes.start("worker")
    ticket_id = world.handling()
    good = received(world, ticket_id)
    bad = received(world, ticket_id, corpus.huge_png(), media_type="image/png")
    html = received(world, ticket_id, b"<html><script>")
    sound = received(world, ticket_id, corpus.recording("audio/amr"), kind="audio", media_type="audio/amr")
    wanted = {good: "ready", bad: "rejected", html: "rejected", sound: "ready"}
    processes.eventually(lambda: states(world, ticket_id) == wanted)
    # The bomb and the forgery harmed nobody: the same worker goes on.
    again = received(world, ticket_id, corpus.turned(3))
    processes.eventually(lambda: states(world, ticket_id)[again] == "ready", seconds=10)
    assert all(process.poll() is None for process in processes.running)
    assert task(world, good).state == tasks.DONE and task(world, good).attempts == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_everything_due_is_queued_again_after_redis_was_emptied(
    world: scenario.World, processes: Any, connection: redis.Redis
) -> None:
    processes.start("relay")
    ticket_id = world.handling()
    evidence = [received(world, ticket_id, corpus.turned(n)) for n in (1, 3, 6)]
    jobs = {f"render_{evidence_id}" for evidence_id in evidence}
    processes.eventually(lambda: queued(connection) >= jobs)
    connection.flushall()
    began = time.monotonic()
    processes.eventually(lambda: queued(connection) >= jobs, seconds=60)
    assert time.monotonic() - began < 60
    processes.start("worker")
    processes.eventually(lambda: set(states(world, ticket_id).values()) == {"ready"})


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_without_redis_signing_and_uploading_work_and_nothing_is_lost(
    world: scenario.World, config: Config, connection: redis.Redis
) -> None:
    ticket_id = world.dispatched()
    gone = queue.Doorbell("redis://127.0.0.1:1/0")
    world.database.after_commit[:] = [gone.ring]
    began = time.monotonic()
    world.liaison.do("ticket.sign", ticket_id)
    evidence_id = received(world, ticket_id)
    assert time.monotonic() - began < 5
    assert world.liaison.ticket(ticket_id)["state"] == "handling"
    broken = RelayProcess(config, world.database, queue.connect("redis://127.0.0.1:1/0"))
    with pytest.raises(redis.RedisError):
        broken.relay()
    assert task(world, evidence_id).state == tasks.DUE
    RelayProcess(config, world.database, connection).sweep()
    assert f"render_{evidence_id}" in queued(connection)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_killed_job_is_tried_again_within_two_minutes(
    world: scenario.World, processes: Any, connection: redis.Redis
) -> None:
    worker = processes.start("worker")
    ticket_id = world.handling()
    # Long enough to be caught: a minute of silence in every second of a long recording.
    evidence_id = received(world, ticket_id, corpus.recording("audio/wav", 900), kind="audio", media_type="audio/wav")
    processes.start("relay")
    horses = psutil.Process(worker.pid).children
    processes.eventually(lambda: has_task(world, evidence_id) and task(world, evidence_id).attempts == 1 and horses())
    for horse in horses():
        horse.send_signal(signal.SIGKILL)
    began = time.monotonic()
    processes.eventually(lambda: states(world, ticket_id)[evidence_id] == "ready", seconds=120)
    assert time.monotonic() - began < 120
    assert task(world, evidence_id).attempts == 2
    assert worker.poll() is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_killed_worker_is_noticed_by_the_sweep(
    world: scenario.World, processes: Any, connection: redis.Redis, config: Config
) -> None:
    evidence_id = received(world, world.handling())
    process = RelayProcess(config, world.database, connection)
    process.relay()
    media = queue.queues(connection)[1]
    # What a worker leaves behind that died with its machine: taken from the queue, said to be running, long silent.
    job_id = f"render_{evidence_id}"
    job = Job.fetch(job_id, connection=connection, serializer=JSONSerializer)
    media.remove(job_id)
    job.set_status("started")
    connection.zadd(media.started_job_registry.key, {f"{job_id}:0": time.time() - 1})
    process.sweep()
    assert job_id in queued(connection)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_job_lost_from_its_list_is_queued_again_and_a_waiting_one_is_not_doubled(
    world: scenario.World, connection: redis.Redis, config: Config
) -> None:
    evidence_id = received(world, world.handling())
    process = RelayProcess(config, world.database, connection)
    process.relay()
    process.sweep()
    media = queue.queues(connection)[1]
    assert media.job_ids == [f"render_{evidence_id}"]
    connection.delete(media.key)
    process.sweep()
    process.sweep()
    assert media.job_ids == [f"render_{evidence_id}"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_bell_wakes_the_relay_and_never_holds_a_command_up(
    world: scenario.World, connection: redis.Redis, redis_url: str
) -> None:
    connection.delete("doorstep:bell")
    world.handling()
    began = time.monotonic()
    queue.wait_for_bell(connection, 5)
    assert time.monotonic() - began < 1, "the command rang"
    began = time.monotonic()
    queue.wait_for_bell(connection, 0.5)
    assert time.monotonic() - began >= 0.4, "one ring wakes once"
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen(64)
        silent = queue.Doorbell(f"redis://127.0.0.1:{mute.getsockname()[1]}/0")
        began = time.monotonic()
        for _ in range(50):
            silent.ring()
        assert time.monotonic() - began < 2, "a Redis that does not answer costs one short timeout, not fifty"
    queue.Doorbell(None).ring()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_worker_and_relay_stop_when_told(world: scenario.World, processes: Any) -> None:
    for name in ("worker", "relay"):
        process = processes.start(name)
        processes.await_handlers(process)
        process.terminate()
        assert process.wait(15) == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_old_uploads_are_forgotten_by_the_relay(world: scenario.World, config: Config) -> None:
    process = RelayProcess(config, world.database, None)
    evidence_id = world.liaison.declare(world.handling(), CONTENT, "before")
    part = config.upload_dir / f"{evidence_id}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(CONTENT[:10])
    process.keep_house()
    assert part.exists()
    old = clock.now().timestamp() - 7 * 24 * 3600 - 1
    os.utime(part, (old, old))
    process.keep_house()
    assert not part.exists()
