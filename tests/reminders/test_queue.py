"""From the tick through a real Redis and a real worker to the phone; Redis may lose everything on the way."""

from __future__ import annotations

from dataclasses import replace

import pytest
import redis
from reminders.conftest import Town
from reminders.push_service import PushService
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from app import clock, queue, worker
from app.channels.endpoints import encode
from app.relay_process import RelayProcess
from config import Config

PRIVATE = encode((13).to_bytes(32, "big"))


@pytest.fixture
def keyed(config: Config, monkeypatch: pytest.MonkeyPatch) -> Config:
    """The worker's configuration, with a VAPID key and loopback allowed."""
    found = replace(config, vapid_private_key=PRIVATE, vapid_subject="mailto:station@example.org", demo=True)
    monkeypatch.setattr(worker, "_config", found)
    return found


def work(connection: redis.Redis) -> None:
    burst = SimpleWorker(queue.queues(connection), connection=connection, serializer=JSONSerializer)
    burst.work(burst=True, logging_level="WARNING")


def test_a_new_ticket_gets_to_the_phone_once(town: Town, keyed: Config, service: PushService) -> None:
    connection = redis.Redis.from_url(keyed.redis_url or "")
    process = RelayProcess(keyed, town.database, connection)
    now = clock.now()
    phone = town.subscribe("a", service, now)
    town.ticket(now, planned=False)
    process.relay()
    process.tick()
    process.post()
    process.post()
    work(connection)
    process.post()
    work(connection)
    assert [shown["kind"] for shown in phone.shown] == ["new_ticket"]


def test_an_emptied_redis_loses_no_push(town: Town, keyed: Config, service: PushService) -> None:
    connection = redis.Redis.from_url(keyed.redis_url or "")
    process = RelayProcess(keyed, town.database, connection)
    now = clock.now()
    phone = town.subscribe("a", service, now)
    town.ticket(now)
    process.tick()
    process.post()
    connection.flushall()
    work(connection)
    assert phone.shown == []
    process.post()
    work(connection)
    assert len(phone.shown) == 1


def test_reminders_fire_without_redis(town: Town, keyed: Config) -> None:
    process = RelayProcess(keyed, town.database, None)
    town.ticket(clock.now(), planned=False)
    process.tick()
    process.post()
    assert len(town.inbox("a")) == 1
