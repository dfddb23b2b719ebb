"""The heating season: reminders of a hundred thousand tickets due in one minute, told by two workers.

The product's own processes on real servers: one scheduler, two workers, channels that lead to a counting fake on a
local socket. Lost and doubled ones fail the bench. Baseline in the same run: as many jobs that do nothing, put into a
bare RQ and taken out by two of its workers that do not even fork; the product's workers do.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Generator, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import redis
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from rq import Queue, Worker
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from app import clock
from app.channels.endpoints import encode
from app.db import Database
from app.ids import new_id
from app.journal.models import Event
from app.people.models import Device, LoginSession, Person
from app.policies.queries import policy_of
from app.reach.kinds import SMS, WEBPUSH, WECHAT, WECOM
from app.reach.models import ChannelSetting, ContactPoint
from app.reach.queries import address_hash
from app.reminders.due import ClockFact, TicketFacts, plan
from app.reminders.models import DELIVERED, PLANNED, Delivery, Notice, PlanCursor, Reminder
from app.tickets.models import Ticket, TicketClock
from app.vault import Vault
from bench import dataset, harness
from bench.harness import ROOT, Row, create_database, durable_postgres, folder, row

NUMBER: Final = 100_000
FORKED: Final = 1_000
"""Jobs in the baseline's second figure: with a process for each the whole number would take half an hour."""
SHARE: Final = {"postgresql": 1, "sqlite": 5}
"""SQLite, a county's, gets a fifth of what a city's heating season brings: the whole run is to end within a quarter."""
MINUTE: Final = 60
LIMIT: Final = 900.0
KIND: Final = "upload_due"
_AHEAD: Final = timedelta(hours=4)
_CHUNK: Final = 1_000
_VAPID: Final = encode((11).to_bytes(32, "big"))


def run(number: int = NUMBER) -> Iterator[Row]:
    """Yield seconds until all were handed over, and how late they were, for both databases."""
    url = harness.services.start_redis()
    bare = yield from _bare_rq(url, number)
    with folder() as place, durable_postgres() as server:
        for name in ("postgresql", "sqlite"):
            lite = f"sqlite:///{Path(place) / 'storm.db'}"
            database = Database(create_database(server, "storm") if name == "postgresql" else lite)
            redis.Redis.from_url(url).flushall()
            due = number // SHARE[name]
            with _fake() as fake:
                seconds = bare * due / number
                yield from _storm(f"{name}, {due} due in one minute", database, url, fake, Path(place), seconds, due)
            database.engine.dispose()


def _storm(
    case: str, database: Database, redis_url: str, fake: str, var: Path, bare: float, number: int
) -> Iterator[Row]:
    dataset.fill(database, number)
    env = harness.environment(
        database.engine.url.render_as_string(hide_password=False), var, REDIS_URL=redis_url, DEMO="1",
        VAPID_PRIVATE_KEY=_VAPID, VAPID_SUBJECT="mailto:bench@example.org", PUBLIC_URL="https://app.example.org",
    )  # fmt: skip
    first = _prepare(database, Vault(env["SECRET_KEY"]), fake, number)
    with _processes(env, ("relay", "worker", "worker")):
        last = _until_all_came(fake, number, first)
        _until_all_noted(database)
    seen: dict[str, list[float]] = _ask(f"{fake}/seen")
    late = _lateness(database, seen)
    doubled = sum(len(times) - 1 for times in seen.values())
    assert (len(late), doubled) == (number, 0), f"{number - len(late)} lost, {doubled} doubled"
    yield row("storm.handed_over", case, last - first, "s", bare, number, False)
    yield row("storm.rate", case, number / (last - first), "1/s", number / bare, number)
    for percent in (50, 95, 99):
        at = late[min(number - 1, number * percent // 100)]
        yield row(f"storm.lateness_p{percent}", case, at, "s", bare * percent / 100, number, False)
    for word, count in (("lost", number - len(late)), ("doubled", doubled)):
        yield {"bench": f"storm.{word}", "case": case, "value": count, "unit": "", "baseline": 0, "ratio": 1.0,
               "n": number}  # fmt: skip


# ---------------------------------------------------------------- the night before


def _prepare(database: Database, vault: Vault, fake: str, number: int) -> float:
    """Plan a step of every ticket for one of the seconds of a minute soon; return when it begins (epoch seconds)."""
    with database.unit_of_work() as session:
        session.execute(update(Ticket).values(priority="urgent"))
        done = TicketClock.clock.in_(("sign", "return"))
        session.execute(update(TicketClock).where(done).values(met_at=TicketClock.started_at))
        session.execute(
            text("INSERT INTO reminder_marks (subject_id, through) SELECT subject_id, 2 FROM journal_events"
                 " WHERE name = 'ticket.signed'")
        )  # fmt: skip
        _contacts(session, vault, fake)
        session.add(PlanCursor(id=1, seq=session.scalar(select(func.max(Event.seq))) or 0))
    first = clock.now().replace(microsecond=0) + timedelta(seconds=20 + number / 1500)
    for second in range(MINUTE):
        with database.unit_of_work() as session:
            _plan(session, second, first + timedelta(seconds=second))
    if database.engine.dialect.name == "postgresql":
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    assert clock.now() < first - timedelta(seconds=5), "the night was too short to prepare the storm"
    return first.timestamp()


def _plan(session: Session, second: int, at: datetime) -> None:
    """Let the upload step of every sixtieth ticket be due at `at`, stored as the plan itself would store it."""
    mine = f"SELECT id FROM tickets WHERE CAST(substr(number, 3) AS integer) % {MINUTE} = {second}"
    postgres = session.get_bind().dialect.name == "postgresql"
    identity = "gen_random_uuid()" if postgres else "lower(hex(randomblob(16)))"
    ours = TicketClock.clock == "upload_target", TicketClock.ticket_id.in_(text(mine))
    session.execute(update(TicketClock).where(*ours).values(due_at=at + _AHEAD))
    started = session.scalar(select(TicketClock.started_at).limit(1)) or at
    policy = policy_of(session, session.scalars(select(Ticket.policy_id).limit(1)).one())
    facts = TicketFacts(True, None, started, (ClockFact("upload_target", started, at + _AHEAD, True),))
    (key,) = (item.key for item in plan(policy.reminders, facts, at) if item.rule.kind == KIND)
    session.execute(
        text("INSERT INTO reminders (id, ticket_id, key, kind, fire_at, state, planned_at)"
             f" SELECT {identity}, id, :key, :kind, :at, :state, :at FROM ({mine}) AS mine"),
        {"key": key, "kind": KIND, "at": at if postgres else clock.iso(at), "state": PLANNED},
    )  # fmt: skip


def _contacts(session: Session, vault: Vault, fake: str) -> None:
    """Give a quarter of the liaisons each a browser, WeChat, WeCom, and nothing but a number."""
    at, place = clock.now(), session.scalars(select(Person.jurisdiction_id).limit(1)).one()
    settings: dict[str, tuple[dict[str, str], dict[str, str]]] = {
        WECHAT: ({"app_id": "wx", "template_id": "T", "host": fake}, {"app_secret": "s"}),
        WECOM: ({"corp_id": "ww", "agent_id": "1", "host": fake}, {"secret": "s"}),
        SMS: ({"url": f"{fake}/sms"}, {"secret": "s"}),
    }
    people = list(session.scalars(select(Person.id).order_by(Person.id)))
    for channel, (options, secrets) in settings.items():
        session.add(
            ChannelSetting(
                jurisdiction_id=place, channel=channel, enabled=True, options=options,
                secrets=vault.seal(json.dumps(secrets)), secret_names=list(secrets), changed_by=people[0],
                changed_at=at,
            )
        )  # fmt: skip
    for index, person in enumerate(people):
        channel = (WEBPUSH, WECHAT, WECOM, SMS)[index % 4]
        if channel == SMS:
            continue
        device, keys, address = None, {}, f"account-{index}"
        if channel == WEBPUSH:
            device, keys, address = _browser(session, person, at), _keys(), f"{fake}/push/{index}"
        session.add(
            ContactPoint(
                id=new_id(), channel=channel, person_id=person, device_id=device, label="", address=address,
                address_hash=address_hash(address), keys=keys, created_at=at, verified_at=at,
            )
        )  # fmt: skip


def _browser(session: Session, person: str, at: datetime) -> str:
    device = new_id()
    session.add(
        Device(
            id=device, person_id=person, client_id=new_id(), name="", platform="", registered_at=at, last_seen_at=at
        )
    )  # fmt: skip
    session.flush()
    until = at + timedelta(days=30)
    session.add(
        LoginSession(id=new_id(), person_id=person, device_id=device, generation=1, rotated_at=at, expires_at=until)
    )
    return device


def _keys() -> dict[str, str]:
    point = ec.generate_private_key(ec.SECP256R1()).public_key()
    form = serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    return {"p256dh": encode(point.public_bytes(*form)), "auth": encode(os.urandom(16))}


# ---------------------------------------------------------------- the minute, and after it


@contextlib.contextmanager
def _processes(env: dict[str, str], names: tuple[str, ...]) -> Iterator[None]:
    running = [subprocess.Popen([sys.executable, "-m", "app.cli", name], cwd=ROOT, env=env) for name in names]
    try:
        yield
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(60)


@contextlib.contextmanager
def _fake() -> Iterator[str]:
    """Start the counting fake and yield its address."""
    command = [sys.executable, "-m", "bench.fake_channels"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.kill()
        process.wait()


def _ask(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return json.loads(answer.read())


def _until_all_came(fake: str, number: int, first: float) -> float:
    """Wait until the fake has been handed everything; return when the last came (epoch seconds)."""
    while (came := _ask(f"{fake}/number")) < number:
        if time.time() > first + LIMIT:
            raise RuntimeError(f"{came} of {number} came within {LIMIT:.0f} s")
        time.sleep(0.5)
    return max(max(times) for times in _ask(f"{fake}/seen").values())


def _until_all_noted(database: Database) -> None:
    deadline = time.monotonic() + 60
    while True:
        with database.read() as session:
            left = session.scalar(select(func.count()).where(Delivery.state != DELIVERED))
        if not left:
            return
        assert time.monotonic() < deadline, f"{left} deliveries are not noted as delivered"
        time.sleep(0.5)


def _lateness(database: Database, seen: dict[str, list[float]]) -> list[float]:
    """Return by how many seconds each reminder came after its instant, in order; what never came is not in it."""
    query = select(Notice.id, Notice.ticket_id, Reminder.fire_at).join(Reminder, Reminder.id == Notice.reminder_id)
    found = []
    with database.read() as session:
        for notice, ticket, due in session.execute(query.where(Reminder.kind == KIND)):
            times = seen.get(notice.replace("-", "")) or seen.get((ticket or "").replace("-", ""))
            if times:
                found.append(times[0] - due.timestamp())
    return sorted(found)


# ---------------------------------------------------------------- the bare queue


def _bare_rq(url: str, number: int) -> Generator[Row, None, float]:
    """Yield the bare queue's figures; return the seconds it takes for `number` jobs that do nothing."""
    seconds = _drain(url, number, "rq.SimpleWorker")
    forked = FORKED / _drain(url, FORKED, "rq.Worker")
    yield row("storm.bare_rq", f"{number} empty jobs, two workers, a process for none", seconds, "s", seconds, number)
    yield row("storm.bare_rq_forking", f"{FORKED} empty jobs, two workers, a process for each", forked, "1/s",
              number / seconds, FORKED)  # fmt: skip
    return seconds


def _drain(url: str, number: int, kind: str) -> float:
    connection = redis.Redis.from_url(url)
    connection.flushall()
    command = [sys.executable, "-m", "rq.cli", "worker", "bare", "--url", url, "--worker-class", kind, "--quiet"]
    workers = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) for _ in range(2)]
    try:
        while Worker.count(connection=connection) < len(workers):
            time.sleep(0.1)
        queue, begun = Queue("bare", connection=connection), time.perf_counter()
        for beginning in range(0, number, _CHUNK):
            some = range(min(_CHUNK, number - beginning))
            queue.enqueue_many([Queue.prepare_data("time.monotonic", result_ttl=0) for _ in some])
        while queue.count or queue.started_job_registry.count:
            time.sleep(0.1)
        return time.perf_counter() - begun
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
