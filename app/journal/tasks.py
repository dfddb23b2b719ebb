"""Background work as rows: asked for, tried, done or given up. Redis only carries the news; losing it loses nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.journal.models import Task

DUE: Final = "due"
DONE: Final = "done"
DEAD: Final = "dead"
STATES: Final = (DUE, DONE, DEAD)

MAX_ATTEMPTS: Final = 5
BACKOFF: Final = tuple(timedelta(seconds=s) for s in (10, 60, 300, 1800))
"""Pause after the first, second … failed attempt."""
KEPT: Final = timedelta(days=7)
"""How long a done task stays visible."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at a task; `asked` says which asking it answers."""

    task_id: str
    name: str
    ref: str
    asked: int
    number: int


def task_id(name: str, ref: str) -> str:
    """Return the id under which the work is known in the table and in the queue."""
    return f"{name}:{ref}"


def ask(session: Session, wanted: Sequence[tuple[str, str]], at: datetime, run_after: datetime | None = None) -> None:
    """Make work due: (name, ref) pairs. What is due already stays as it is, but will be seen as asked once more."""
    if not wanted:
        return
    rows = [
        {
            "id": task_id(name, ref), "name": name, "ref": ref, "state": DUE, "asked": 1, "attempts": 0,
            "run_after": run_after or at, "asked_at": at,
        }
        for name, ref in dict.fromkeys(wanted)
    ]  # fmt: skip
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    insert: Any = dialect.insert(Task).values(rows)
    fresh = insert.excluded
    session.execute(
        insert.on_conflict_do_update(
            index_elements=[Task.id],
            set_={
                "state": DUE, "asked": Task.asked + 1, "attempts": 0, "run_after": fresh.run_after,
                "asked_at": fresh.asked_at, "ended_at": None, "error": None,
            },
        )
    )  # fmt: skip


def due(session: Session, at: datetime, limit: int = 1000) -> list[str]:
    """Return ids of tasks to be done at `at`, the longest due first."""
    query = select(Task.id).where(Task.state == DUE, Task.run_after <= at).order_by(Task.run_after).limit(limit)
    return list(session.scalars(query))


def begin(session: Session, task_id: str, at: datetime) -> Attempt | None:
    """Count one more attempt and return it; None when there is nothing (more) to do.

    The count is committed before the work starts: work that kills its process is counted too.
    """
    row = session.get(Task, task_id, with_for_update=True)
    if row is None or row.state != DUE or row.run_after > at:
        return None
    row.attempts += 1
    row.started_at = at
    return Attempt(row.id, row.name, row.ref, row.asked, row.attempts)


def finish(session: Session, attempt: Attempt, at: datetime) -> None:
    """Note the work done, unless it was asked for again meanwhile."""
    session.execute(
        update(Task)
        .where(Task.id == attempt.task_id, Task.asked == attempt.asked)
        .values(state=DONE, ended_at=at, error=None)
    )


def fail(session: Session, attempt: Attempt, error: str, at: datetime, final: bool = False) -> bool:
    """Note a failed attempt: due again after a pause, or dead when it was the last one; return whether it is dead."""
    row = session.get_one(Task, attempt.task_id, with_for_update=True)
    if row.asked != attempt.asked:
        return False
    row.error = error[:500]
    if final or row.attempts >= MAX_ATTEMPTS:
        row.state, row.ended_at = DEAD, at
        return True
    row.run_after = at + BACKOFF[min(row.attempts, len(BACKOFF)) - 1]
    return False


def exhausted(attempt: Attempt) -> bool:
    """Return whether the attempts before this one all died without a word: then this one is not made."""
    return attempt.number > MAX_ATTEMPTS


def retry(session: Session, task_id: str, at: datetime) -> bool:
    """Make a dead (or waiting) task due now, its attempts counted from zero; return whether there was one."""
    row = session.get(Task, task_id, with_for_update=True)
    if row is None or row.state == DONE:
        return False
    row.state, row.attempts, row.run_after, row.ended_at = DUE, 0, at, None
    return True


def listing(session: Session, state: str | None = None, limit: int = 200) -> list[Task]:
    """Return tasks, the latest asked first; of one state when it is named."""
    query = select(Task).order_by(Task.asked_at.desc(), Task.id).limit(limit)
    return list(session.scalars(query if state is None else query.where(Task.state == state)))


def prune(session: Session, at: datetime) -> None:
    """Forget tasks done long ago; the journal says what they did."""
    session.execute(delete(Task).where(Task.state == DONE, Task.ended_at < at - KEPT))
