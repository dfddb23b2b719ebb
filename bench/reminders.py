"""The engine of the reminders: a tick with nothing due, a storm of steps due at once, plans made anew.

Baselines in the same run: the tick at the smallest size (flat is the aim), and for storm and plans the same rows
written by plain statements.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session

from app import clock
from app.db import Database
from app.ids import new_id
from app.journal.models import Event
from app.reminders.jobs import BATCH, replan, tick
from app.reminders.models import FIRED, PLANNED, Notice, PlanCursor, PlanMark, Reminder
from app.reminders.replanning import replan_tickets, tickets_to_plan
from app.tickets.models import Ticket
from bench import dataset
from bench.harness import Row, create_database, durable_postgres, folder, row

SIZES: Final = {"postgresql": (10_000, 100_000, 1_000_000), "sqlite": (10_000, 100_000)}
TICKS: Final = 60
STORM: Final = 10_000
PLANS: Final = 5_000


def run() -> Iterator[Row]:
    """Yield milliseconds a tick, and steps and plans a second, for both databases."""
    with folder() as place, durable_postgres() as server:
        for name, sizes in SIZES.items():
            flat = 0.0
            for size in sizes:
                url = (
                    create_database(server, f"tick{size}")
                    if name == "postgresql"
                    else f"sqlite:///{Path(place) / f'tick{size}.db'}"
                )
                database = Database(url)
                dataset.fill(database, size)
                at = _settled(database)
                idle = _idle(database, at)
                flat = flat or idle
                yield row("reminders.tick", f"{name}, nothing due, {size} open", idle, "ms", flat, TICKS, False)
                if size == 100_000:
                    yield from _storm(name, database, at)
                    yield from _plans(name, database, at)
                database.engine.dispose()


def _settled(database: Database) -> datetime:
    """Make the database look as after a quiet night: every ticket planned, each with one step in the far future."""
    at = clock.now()
    postgres = database.engine.dialect.name == "postgresql"
    identity = "gen_random_uuid()" if postgres else "lower(hex(randomblob(16)))"
    times = {"at": _value(database, at), "later": _value(database, at + timedelta(days=30))}
    with database.unit_of_work() as session:
        last = session.scalar(select(Event.seq).order_by(Event.seq.desc()).limit(1)) or 0
        session.merge(PlanCursor(id=1, seq=last))
        session.execute(
            text("INSERT INTO reminder_marks (subject_id, through) SELECT subject_id, 2 FROM journal_events"
                 " WHERE name = 'ticket.signed'")
        )  # fmt: skip
        session.execute(
            text("INSERT INTO reminders (id, ticket_id, key, kind, fire_at, state, planned_at)"
                 f" SELECT {identity}, id, 'later', 'bench', :later, 'planned', :at FROM tickets"), times
        )  # fmt: skip
    if database.engine.dialect.name == "postgresql":
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    return at


def _idle(database: Database, at: datetime) -> float:
    tick(database, at)
    spans = []
    for _ in range(TICKS):
        begun = time.perf_counter()
        fired = tick(database, at)
        spans.append(time.perf_counter() - begun)
        assert fired == 0
    return statistics.median(spans) * 1000


def _storm(name: str, database: Database, at: datetime) -> Iterator[Row]:
    """Let the upload step of `STORM` tickets fall due in one minute: plan it, fire it, count what people were told."""
    due = at - timedelta(minutes=1)
    with database.unit_of_work() as session:
        ids = list(session.scalars(select(Ticket.id).limit(STORM)))
        for begin in range(0, len(ids), 500):
            part = ids[begin : begin + 500]
            session.execute(
                text("UPDATE ticket_clocks SET due_at = :due WHERE clock = 'upload_target' AND ticket_id IN ("
                     + ", ".join(f":i{n}" for n in range(len(part))) + ")"),
                {"due": _value(database, at + timedelta(hours=4) - timedelta(minutes=1)), **_ids(database, part)},
            )  # fmt: skip
    for begin in range(0, len(ids), 500):
        with database.unit_of_work() as session:
            replan_tickets(session, tickets_to_plan(session, ids[begin : begin + 500]), due)
    with database.read() as session:
        waiting = _count(session, PLANNED, at)
    begun = time.perf_counter()
    while tick(database, at):
        pass
    seconds = time.perf_counter() - begun
    with database.read() as session:
        fired = _count(session, FIRED, at)
        told = session.execute(text("SELECT count(*) FROM notices")).scalar_one()
    assert waiting == fired == told, (waiting, fired, told)
    plain = _plain(database, ids, at)
    yield row("reminders.storm", f"{name}, {fired} steps due at once", fired / seconds, "1/s", plain, fired)


def _count(session: Session, state: str, at: datetime) -> int:
    query = select(Reminder.id).where(Reminder.state == state, Reminder.fire_at <= at, Reminder.kind != "bench")
    return len(session.scalars(query).all())


def _plain(database: Database, ids: list[str], at: datetime) -> float:
    """Write a notice a ticket and move its reminder on, in transactions as large, and compute nothing."""
    with database.read() as session:
        person = session.execute(text("SELECT id FROM persons LIMIT 1")).scalar_one()
    size = BATCH[database.engine.dialect.name]
    begun = time.perf_counter()
    for begin in range(0, len(ids), size):
        part = ids[begin : begin + size]
        with database.unit_of_work() as session:
            words = {"kind": "bench", "title": "t" * 40, "body": "b" * 60, "at": at, "version": 1}
            session.execute(
                insert(Notice), [{"id": new_id(), "person_id": person, "ticket_id": i, **words} for i in part]
            )
            moved = update(Reminder).where(Reminder.ticket_id.in_(part), Reminder.kind == "bench")
            session.execute(moved.values(settled_at=at))
    return len(ids) / (time.perf_counter() - begun)


def _plans(name: str, database: Database, at: datetime) -> Iterator[Row]:
    """Plan tickets anew, as after a profile's change; the baseline is opening and closing a unit of work each."""
    with database.read() as session:
        ids = list(session.scalars(select(Ticket.id).order_by(Ticket.id.desc()).limit(PLANS)))
    begun = time.perf_counter()
    for ticket_id in ids:
        replan(database, ticket_id, at)
    rate = len(ids) / (time.perf_counter() - begun)
    begun = time.perf_counter()
    for ticket_id in ids:
        with database.unit_of_work() as session:
            session.get(Ticket, ticket_id, with_for_update=True)
            session.execute(update(PlanMark).where(PlanMark.subject_id == ticket_id).values(through=2))
    plain = len(ids) / (time.perf_counter() - begun)
    yield row("reminders.replan", f"{name}, {PLANS} of 100000", rate, "1/s", plain, PLANS)


def _value(database: Database, instant: datetime) -> object:
    return instant if database.engine.dialect.name == "postgresql" else clock.iso(instant)


def _ids(database: Database, ids: list[str]) -> dict[str, object]:
    plain = database.engine.dialect.name == "postgresql"
    return {f"i{n}": (i if plain else i.replace("-", "")) for n, i in enumerate(ids)}
