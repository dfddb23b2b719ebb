"""Replanning every open ticket of a place after its rules changed: a job in batches that says how far it has come.

The row is the truth: killed, or its queue flushed, it goes on behind the last batch; several workers take turns. What a
batch has done is kept, and doing it again changes nothing.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app import clock
from app.clock import Moment
from app.db import Database
from app.ids import new_id
from app.journal import tasks
from app.journal.record import record
from app.people.models import Jurisdiction
from app.problems import Problem
from app.reminders.models import Replanning
from app.reminders.replanning import replan_tickets, tickets_to_plan
from app.tickets import lifecycle
from app.tickets.models import Ticket

TASK: Final = "replan"
BATCH: Final = {"sqlite": 100, "postgresql": 500}
"""Tickets of one transaction: people's commands on SQLite wait for no more than one."""
BREATH: Final = {"sqlite": 0.02, "postgresql": 0.0}
"""Seconds between two of them: who waits for SQLite's one lock looks now and then, and would hardly find it free."""
TURN: Final = timedelta(seconds=20)
"""A worker does this much at once; then pushes and photos have their turn, and the sweep brings the rest."""
_log = logging.getLogger(__name__)


def begin(session: Session, place: Jurisdiction, reason: str, at: datetime) -> str:
    """Write down that all open tickets of the place are to be replanned; return the run's id, which the caller's event
    names: the task follows from it.

    A run under way is overtaken: what it has not come to is the new one's.
    """
    for former in session.scalars(_unfinished(place.id).with_for_update()):
        former.finished_at = at
    run = Replanning(
        id=new_id(), jurisdiction_id=place.id, policy_id=place.policy_id, reason=reason, asked_at=at, total=0, done=0,
        changed=0, failed=0,
    )  # fmt: skip
    session.add(run)
    session.flush()
    return run.id


def begin_due(database: Database, at: datetime) -> int:
    """Begin a run where rules came into force that no run has followed, as an upgrade brings them; return how many."""
    with database.read() as session:
        places = list(session.scalars(_behind()))
    begun = 0
    for place_id in places:
        with database.unit_of_work() as session:
            place = session.get_one(Jurisdiction, place_id, with_for_update=True)
            if session.scalar(_behind().where(Jurisdiction.id == place_id)) is not None:
                run_id = begin(session, place, f"规则 {place.policy_id} 生效", at)
                record(session, place, "policy.replan_asked", {"run_id": run_id}, Moment.of_server(at))
                begun += 1
    return begun


def _behind() -> Select[str]:
    """Places with open tickets of another version than the one in force, which no run has been asked for."""
    older = select(Ticket.id).where(
        Ticket.jurisdiction_id == Jurisdiction.id, Ticket.state.in_(lifecycle.OPEN),
        Ticket.policy_id != Jurisdiction.policy_id,
    )  # fmt: skip
    followed = select(Replanning.id).where(
        Replanning.jurisdiction_id == Jurisdiction.id, Replanning.policy_id == Jurisdiction.policy_id
    )
    return select(Jurisdiction.id).where(~followed.exists(), older.exists())


def work(database: Database, run_id: str, now: Callable[[], datetime]) -> None:
    """Do a turn of a run; what is left when it is over is asked for again."""
    engine, until = database.engine.dialect.name, now() + TURN
    while True:
        more = _batch(database, run_id, now(), BATCH[engine])
        if not more:
            _finish(database, run_id, now())
            return
        if now() > until:
            with database.unit_of_work() as session:
                tasks.ask(session, [(TASK, run_id)], now())
            return
        time.sleep(BREATH[engine])


def give_up(database: Database, run_id: str, at: datetime) -> None:
    """Note that the run was given up: the page of the rules says so, and an administrator may start it again."""
    with database.unit_of_work() as session:
        run = session.get(Replanning, run_id)
        if run is not None and run.finished_at is None:
            run.failed_at = at


def _batch(database: Database, run_id: str, at: datetime, size: int) -> bool:
    """Do the next tickets of the run; return whether there may be more."""
    try:
        with database.unit_of_work() as session:
            run = _taken(session, run_id, at)
            if run is None:
                return False
            ids = _next(session, run, size)
            run.changed += replan_tickets(session, tickets_to_plan(session, ids), at)
            return _advance(run, ids, size)
    except Problem:
        raise
    except Exception:
        _log.exception("a batch of replanning %s failed; its tickets one by one", run_id)
        return _one_by_one(database, run_id, at, size)


def _one_by_one(database: Database, run_id: str, at: datetime, size: int) -> bool:
    """Do a batch ticket by ticket: one that cannot be planned is counted, and the others do not wait for its repair."""
    with database.read() as session:
        run = session.get_one(Replanning, run_id)
        before, ids = run.after_id, _next(session, run, size)
    changed, failed = 0, 0
    for ticket_id in ids:
        try:
            with database.unit_of_work() as session:
                changed += replan_tickets(session, tickets_to_plan(session, [ticket_id]), at)
        except Problem:
            raise
        except Exception:
            _log.exception("reminders of ticket %s cannot be planned", ticket_id)
            failed += 1
    with database.unit_of_work() as session:
        taken = _taken(session, run_id, at)
        if taken is None or taken.after_id != before:  # another worker was faster: it has counted them
            return taken is not None
        taken.changed, taken.failed = taken.changed + changed, taken.failed + failed
        return _advance(taken, ids, size)


def _taken(session: Session, run_id: str, at: datetime) -> Replanning | None:
    """Return the run, locked, if there is something left of it; the first who takes it counts what there is to do."""
    run = session.get(Replanning, run_id, with_for_update=True)
    if run is None or run.finished_at is not None:
        return None
    if run.started_at is None:
        run.started_at = at
        run.total = session.scalar(select(func.count()).select_from(_open(run).subquery())) or 0
    run.failed_at = None
    return run


def _open(run: Replanning) -> Select[str]:
    return select(Ticket.id).where(Ticket.jurisdiction_id == run.jurisdiction_id, Ticket.state.in_(lifecycle.OPEN))


def _next(session: Session, run: Replanning, size: int) -> list[str]:
    query = _open(run).order_by(Ticket.id).limit(size)
    return list(session.scalars(query if run.after_id is None else query.where(Ticket.id > run.after_id)))


def _advance(run: Replanning, ids: list[str], size: int) -> bool:
    """Note how far the run has come; return whether there may be more."""
    if ids:
        run.done, run.after_id = run.done + len(ids), ids[-1]
    return len(ids) == size


def _finish(database: Database, run_id: str, at: datetime) -> None:
    """Note that nothing is left. By itself, for it locks the place first, as whoever publishes or asks again does."""
    with database.unit_of_work() as session:
        run = session.get(Replanning, run_id)
        if run is None:
            return
        place = session.get_one(Jurisdiction, run.jurisdiction_id, with_for_update=True)
        session.refresh(run, with_for_update=True)
        if run.finished_at is not None:
            return
        run.finished_at, run.total = at, run.done
        said = {"run_id": run.id, "total": run.done, "changed": run.changed, "failed": run.failed}
        record(session, place, "policy.replanned", said, Moment.of_server(at))


def _unfinished(jurisdiction_id: str) -> Select[Replanning]:
    return select(Replanning).where(Replanning.jurisdiction_id == jurisdiction_id, Replanning.finished_at.is_(None))


def runs_wire(session: Session, jurisdiction_id: str, at: datetime, limit: int = 5) -> list[dict[str, Any]]:
    """Return the latest runs of a place, the newest first, each with how many seconds it is going to take from `at`."""
    query = select(Replanning).where(Replanning.jurisdiction_id == jurisdiction_id)
    runs = session.scalars(query.order_by(Replanning.asked_at.desc(), Replanning.id.desc()).limit(limit))
    return [
        {
            "id": run.id,
            "reason": run.reason,
            **{n: _iso(getattr(run, n)) for n in ("asked_at", "started_at", "finished_at", "failed_at")},
            **{n: getattr(run, n) for n in ("total", "done", "changed", "failed")},
            "seconds_left": _left(run, at),
        }
        for run in runs
    ]


def _iso(instant: datetime | None) -> str | None:
    return clock.iso(instant) if instant else None


def _left(run: Replanning, at: datetime) -> int | None:
    if run.finished_at is not None or run.failed_at is not None or run.started_at is None or not run.done:
        return None
    spent = (at - run.started_at).total_seconds()
    return max(1, round(spent * (run.total - run.done) / run.done))
