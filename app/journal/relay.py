"""From journal to work: events nobody has looked at yet become tasks, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.db import Database
from app.journal import tasks
from app.journal.models import Event

BATCH = 200


@dataclass(frozen=True, slots=True)
class Reaction:
    """The task that follows an event; `refs` reads from the event what the task is about."""

    task: str
    refs: Callable[[Happened], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Happened:
    """What a reaction may know of an event."""

    name: str
    subject_id: str
    payload: dict[str, Any]
    seq: int


Planner = Callable[[Session, Sequence[Happened], datetime], Sequence[tuple[str, str]]]
"""What needs rows of its own besides the task writes them in the relay's transaction, and returns (name, ref) pairs."""


def relay(
    database: Database,
    reactions: Mapping[str, Sequence[Reaction]],
    at: datetime,
    planners: Sequence[Planner] = (),
) -> tuple[int, list[str]]:
    """Turn up to `BATCH` unrelayed events into tasks; return how many events and the ids of the tasks.

    Several may run at once: on PostgreSQL each takes rows the others have not locked, on SQLite one writes at a time.
    Events are taken as they become visible, not by their highest number: transactions commit out of order.
    """
    if not _any_unrelayed(database):
        return 0, []
    with database.unit_of_work() as session:
        query = (
            select(Event.seq, Event.name, Event.subject_id, Event.payload)
            .where(Event.relayed_at.is_(None))
            .order_by(Event.seq)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        )
        rows = session.execute(query).all()
        happened = [Happened(name, subject_id, payload, seq) for seq, name, subject_id, payload in rows]
        wanted = [(r.task, ref) for event in happened for r in reactions.get(event.name, ()) for ref in r.refs(event)]
        for plan in planners:
            wanted += plan(session, happened, at)
        tasks.ask(session, wanted, at)
        if rows:
            session.execute(update(Event).where(Event.seq.in_([row.seq for row in rows])).values(relayed_at=at))
    return len(rows), [tasks.task_id(name, ref) for name, ref in dict.fromkeys(wanted)]


def _any_unrelayed(database: Database) -> bool:
    """Look before locking: on SQLite a writing transaction for nothing would make phones wait every second."""
    with database.read() as session:
        return session.scalar(select(Event.seq).where(Event.relayed_at.is_(None)).limit(1)) is not None
