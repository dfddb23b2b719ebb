"""Killing, one after the other, everything that carries a reminder: worker, scheduler, Redis. Nothing is lost."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import redis
from background import Processes
from channels.conftest import Office
from channels.test_sending import counts, pile, post
from launcher.redis_server import find_server, free_port
from reminders.conftest import Town
from reminders.push_service import PushService
from sqlalchemy import func, select, text

from app import clock, queue
from app.channels.jobs import send_due
from app.journal.models import Event
from app.reach.kinds import DINGTALK, SMS, WEBPUSH, WECHAT, WECOM
from app.relay_process import RelayProcess
from app.reminders.deliveries import LEASE
from app.reminders.models import DELIVERED, FIRED, PENDING, Delivery, Notice, Reminder

pytestmark = pytest.mark.slow
PILE = 30


@pytest.fixture
def processes(office: Office) -> Iterator[Processes]:
    """The product's processes with the office's keys and addresses."""
    config = office.config
    running = Processes(
        config, VAPID_PRIVATE_KEY=config.vapid_private_key or "", VAPID_SUBJECT=config.vapid_subject or "",
        PUBLIC_URL="https://app.example.org",
    )  # fmt: skip
    yield running
    running.end()


def leased(office: Office) -> int:
    """Return how many deliveries are in a worker's hands."""
    held = Delivery.attempts > 0, Delivery.state == PENDING, Delivery.next_attempt_at > clock.now()
    with office.town.database.read() as session:
        return session.scalar(select(func.count()).where(*held)) or 0


def test_a_worker_killed_in_the_midst_loses_nothing_and_nobody_sees_anything_twice(
    office: Office, town: Town, service: PushService, processes: Processes
) -> None:
    for channel in (WECHAT, WECOM, SMS, DINGTALK):
        office.set_up(channel)
    person = office.wechat.follower()
    office.wecom.members["zhang"] = []
    office.bind("a", WECHAT, person.openid)
    office.bind("c", WECOM, "zhang")
    office.robot(DINGTALK)
    now = clock.now()
    phone = town.subscribe("leader", service, now)
    for who in ("a", "b", "c", "leader"):
        pile(office, who, PILE, now)
    for unit, since in (("城建局", now), ("环卫局", now - timedelta(hours=19))):
        for _ in range(4):
            town.ticket(since, unit)
    town.tick(now)
    wanted = {channel: number for (channel, _), number in counts(office).items()}
    assert set(wanted) == {WECHAT, WECOM, SMS, WEBPUSH, DINGTALK} and wanted[WECOM] > PILE
    fakes = (office.wechat, office.wecom, office.sms, office.robots)
    for fake in fakes:
        fake.moods.delay = 0.4
    service.delay = 0.4
    worker = processes.start("worker")
    RelayProcess(office.config, town.database, redis.Redis.from_url(office.config.redis_url or "")).post()
    # Part of it has been noted, part is on its way, part waits in the line.
    processes.eventually(lambda: sum(n for (_, state), n in counts(office).items() if state == DELIVERED) > 20)
    processes.kill(worker)
    for fake in fakes:
        fake.moods.delay = 0.0
    service.delay = 0.0
    held = leased(office)
    assert held > 0
    send_due(post(office, clock.now()))
    assert leased(office) == held, "what the dead one holds is left to it until its lease is over"
    send_due(post(office, clock.now() + LEASE))
    assert counts(office) == {(channel, DELIVERED): number for channel, number in wanted.items()}
    shown = Counter(message["client_msg_id"] for message in person.shown)
    assert len(shown) == wanted[WECHAT] and set(shown.values()) == {1}
    cards = Counter(str(message["textcard"]) for message in office.wecom.members["zhang"])
    assert len(cards) == sum(cards.values()) == wanted[WECOM]
    assert len(office.sms.phones["13800000002"]) == len(set(office.sms.phones["13800000002"])) == wanted[SMS]
    # A browser shows a message with the same tag in the place of the former.
    assert len({message["tag"] for message in phone.shown}) == wanted[WEBPUSH]
    assert len(set(office.robots.said[DINGTALK])) == wanted[DINGTALK]


def fired(town: Town) -> tuple[int, int, int]:
    """Return how many reminders have fired, how many people were told, and how many events say so."""
    with town.database.read() as session:
        reminders = session.scalar(select(func.count()).where(Reminder.state == FIRED)) or 0
        notices = session.scalar(select(func.count()).where(Notice.reminder_id.is_not(None))) or 0
        return reminders, notices, session.scalar(select(func.count()).where(Event.name == "reminder.fired")) or 0


def test_a_scheduler_killed_in_the_midst_is_followed_by_others(
    office: Office, town: Town, processes: Processes
) -> None:
    tickets = 120
    for _ in range(tickets):
        town.ticket(clock.now())
    postgres = town.database.engine.dialect.name == "postgresql"
    with town.database.engine.connect() as holding:
        if postgres:  # it stops at the first notice that it wants to write, with its tickets locked
            holding.execute(text("LOCK TABLE notices IN SHARE MODE"))
        first = processes.start("relay")
        if postgres:
            stuck = text(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            with town.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as looking:
                processes.eventually(lambda: looking.execute(stuck).scalar_one())
        else:
            processes.eventually(lambda: fired(town)[0])
        processes.kill(first)
        holding.rollback()
    assert len(set(fired(town))) == 1, "a reminder, its notice and its event are written together or not at all"
    for _ in range(2):
        processes.start("relay")
    processes.eventually(lambda: fired(town)[0] == tickets)
    time.sleep(4)  # another tick of each finds nothing
    assert fired(town) == (tickets, tickets, tickets)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_redis_that_died_and_came_back_empty_hears_of_everything_again(office: Office, town: Town) -> None:
    office.set_up(SMS)
    port, (binary, _) = free_port(), find_server()

    def start() -> subprocess.Popen[bytes]:
        folder = tempfile.mkdtemp()
        command = [binary, "--port", str(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly",
                   "no"]  # fmt: skip
        return subprocess.Popen(command, stdout=subprocess.DEVNULL)

    config = replace(office.config, redis_url=f"redis://127.0.0.1:{port}/0")
    processes, server = Processes(config), start()
    connection = queue.connect(config.redis_url or "")
    try:
        processes.start("relay")
        pile(office, "b", 5, clock.now())
        processes.eventually(lambda: _waiting(connection))
        server.kill()
        server.wait()
        pile(office, "b", 5, clock.now())
        server = start()
        processes.eventually(lambda: _waiting(connection), seconds=60)
        processes.start("worker")
        processes.eventually(lambda: counts(office) == {(SMS, DELIVERED): 10}, seconds=60)
        assert len(office.sms.asked) == 10
    finally:
        processes.end()
        server.kill()
        server.wait()


def _waiting(connection: redis.Redis) -> list[str]:
    try:
        return queue.queues(connection)[0].job_ids
    except redis.RedisError:
        return []
