"""All 100,000 open tickets of a place replanned after its rules changed, by one worker, with progress; and once more.

The first run is the worst case: the new rules move a step of every ticket. The second finds nothing to write. The
baseline writes the same rows by plain statements, in batches of the same size, and computes nothing.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app import clock
from app.db import Database
from app.ids import new_id
from app.people.models import Jurisdiction
from app.policies.parse import parse_profile
from app.policies.publish import PROFILES, add_version
from app.reminders import runs
from app.reminders.models import CANCELLED, PLANNED, PlanMark, Reminder, Replanning
from app.reminders.replanning import replan_tickets, tickets_to_plan
from app.tickets.models import Ticket
from bench import dataset
from bench.harness import Row, create_database, durable_postgres, folder, row

TICKETS: Final = 100_000
_STEP: Final = 'kind = "upload_due"\nclock = "upload_target"\nanchor = "due"\noffset_minutes = -240\n'


def run() -> Iterator[Row]:
    """Yield seconds for both databases."""
    with folder() as place, durable_postgres() as server:
        yield from _engine("postgresql", create_database(server, "replan"))
        yield from _engine("sqlite", f"sqlite:///{Path(place) / 'replan.db'}")


def _engine(name: str, url: str) -> Iterator[Row]:
    database = Database(url)
    dataset.fill(database, TICKETS)
    at = clock.now()
    _plan_all(database, name, at)
    changed, cpu = _measured(database, _published(database, at), TICKETS)
    same, _ = _measured(database, _asked(database, at), 0)
    plain = _plain(database, name, at)
    rate = TICKETS / changed
    yield row("replan", f"{name}, {TICKETS} tickets, a step of each moved", changed, "s", plain, TICKETS, False)
    yield row("replan", f"{name}, {TICKETS} tickets, nothing to change", same, "s", plain, TICKETS, False)
    yield row("replan", f"{name}, tickets a second", rate, "1/s", TICKETS / plain, TICKETS)
    yield row("replan", f"{name}, CPU per ticket", cpu / TICKETS * 1000, "ms", plain / TICKETS * 1000, TICKETS, False)
    database.engine.dispose()


def _plan_all(database: Database, name: str, at: datetime) -> None:
    """Plan every ticket for the first time, as the tick does on dispatch."""
    with database.read() as session:
        ids = list(session.scalars(select(Ticket.id).order_by(Ticket.id)))
    for begin in range(0, len(ids), runs.BATCH[name]):
        with database.unit_of_work() as session:
            replan_tickets(session, tickets_to_plan(session, ids[begin : begin + runs.BATCH[name]]), at)


def _published(database: Database, at: datetime) -> str:
    text = (PROFILES / "dalad.toml").read_text("utf-8")
    version = parse_profile(text, "dalad").version
    assert _STEP in text
    text = text.replace(f"\nversion = {version}\n", f"\nversion = {version + 1}\n", 1)
    text = text.replace(_STEP, _STEP.replace("-240", "-300"))
    with database.unit_of_work() as session:
        place = session.get_one(Jurisdiction, "dalad")
        place.policy_id = add_version(session, parse_profile(text, "dalad"), text)
        return runs.begin(session, place, "bench", at)


def _asked(database: Database, at: datetime) -> str:
    with database.unit_of_work() as session:
        return runs.begin(session, session.get_one(Jurisdiction, "dalad"), "bench", at)


def _measured(database: Database, run_id: str, changed: int) -> tuple[float, float]:
    """Return seconds and CPU seconds of a run; between its turns the queue would bring it back."""
    cpu, begun, done = _cpu(), time.perf_counter(), 0
    while True:
        runs.work(database, run_id, clock.now)
        with database.read() as session:
            found = session.get_one(Replanning, run_id)
        assert found.done >= done, "progress only grows"
        done = found.done
        if found.finished_at is not None:
            break
    seconds = time.perf_counter() - begun
    assert (found.done, found.changed, found.failed) == (TICKETS, changed, 0), (found.done, found.changed, found.failed)
    return seconds, _cpu() - cpu


def _plain(database: Database, name: str, at: datetime) -> float:
    """Cancel a step of each ticket and add another one, batch by batch."""
    with database.read() as session:
        ids = list(session.scalars(select(Ticket.id).order_by(Ticket.id)))
    begun = time.perf_counter()
    for begin in range(0, len(ids), runs.BATCH[name]):
        with database.unit_of_work() as session:
            _write(session, ids[begin : begin + runs.BATCH[name]], at)
    return time.perf_counter() - begun


def _write(session: Session, ids: list[str], at: datetime) -> None:
    waiting = update(Reminder).where(Reminder.ticket_id.in_(ids), Reminder.kind == "upload_due")
    session.execute(waiting.values(state=CANCELLED, settled_at=at), execution_options={"synchronize_session": False})
    session.execute(
        insert(Reminder),
        [
            {
                "id": new_id(), "ticket_id": ticket_id, "key": "bench", "kind": "bench", "state": PLANNED,
                "fire_at": at + timedelta(days=1), "planned_at": at,
            }
            for ticket_id in ids
        ],
    )  # fmt: skip
    session.execute(update(PlanMark).where(PlanMark.subject_id.in_(ids)).values(through=2))


def _cpu() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime
