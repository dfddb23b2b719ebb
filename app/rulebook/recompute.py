"""Computing deadlines again when the calendar of a year is published or one of its days corrected.

A job in batches: each batch locks its tickets, computes their running clocks from where they started, writes those
that came out otherwise, and commits with the progress. Killed, it goes on behind the last batch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import Row, Select, bindparam, func, select, text, update
from sqlalchemy.orm import Session

from app import clock
from app.clock import Moment, parse
from app.db import Database
from app.journal.record import record_many
from app.policies import deadlines
from app.policies.calendar import WorkCalendar
from app.policies.policy import ClockRule, Policy
from app.policies.queries import calendar_of, policy_of
from app.reminders.replanning import replan_tickets, tickets_to_plan
from app.rulebook.models import Recomputation
from app.tickets import lifecycle
from app.tickets.models import Ticket, TicketClock

BATCH: Final = 1000
"""Tickets per transaction: commands of people wait for no more than a batch."""
_EDGE: Final = timedelta(days=1)
_CLOCK: Final = (
    update(TicketClock.__table__)  # type: ignore[arg-type]
    .where(TicketClock.ticket_id == bindparam("of_ticket"), TicketClock.clock == bindparam("of_clock"))
    .values(due_at=bindparam("due"), provisional=bindparam("open"), derivation=bindparam("words"))
)
_TICKET: Final = (
    update(Ticket.__table__)  # type: ignore[arg-type]
    .where(Ticket.id == bindparam("of_ticket"))
    .values(
        next_due_at=bindparam("due"),
        version=Ticket.version + 1,
        journal_length=bindparam("length"),
        journal_head=bindparam("head"),
    )
)


def work(database: Database, run_id: str, at: datetime) -> None:
    """Do a run to its end; what a batch has done is kept when the next one fails."""
    while _batch(database, run_id, at):
        pass


def give_up(database: Database, run_id: str, at: datetime) -> None:
    """Note that the run was given up: the page of the calendar says so, and an administrator may start it again."""
    with database.unit_of_work() as session:
        run = session.get(Recomputation, run_id)
        if run is not None and run.finished_at is None:
            run.failed_at = at


def count(session: Session, run: Recomputation) -> int:
    """Return how many tickets the run has to look at."""
    chosen = _concerned(run).subquery()
    return session.scalar(select(func.count()).select_from(chosen)) or 0


def _concerned(run: Recomputation) -> Select[str]:
    """Open tickets with a clock that was running on one of the days that changed."""
    since = datetime.combine(run.first, time.min, UTC) - _EDGE  # whatever the zone of the place
    until = datetime.combine(run.last, time.max, UTC) + _EDGE
    touched = (
        select(TicketClock.ticket_id)
        .where(TicketClock.ticket_id == Ticket.id, TicketClock.met_at.is_(None))
        .where(TicketClock.started_at <= until, TicketClock.due_at >= since)
    )
    return select(Ticket.id).where(Ticket.state.in_(lifecycle.OPEN), touched.exists())


def _batch(database: Database, run_id: str, at: datetime) -> bool:
    """Do the next tickets of the run; return whether there may be more."""
    with database.unit_of_work() as session:
        run = session.get(Recomputation, run_id, with_for_update=True)
        if run is None or run.finished_at is not None:
            return False
        query = _concerned(run).order_by(Ticket.id).limit(BATCH)
        ids = list(session.scalars(query if run.after_id is None else query.where(Ticket.id > run.after_id)))
        if ids:
            run.changed += _recompute(session, ids, run, at)
            run.done, run.after_id = run.done + len(ids), ids[-1]
        if len(ids) < BATCH:
            run.finished_at, run.failed_at = at, None
            run.total = run.done
        return len(ids) == BATCH


# PostgreSQL takes a batch as arrays in one statement; row by row it is four times slower there, and not on SQLite.
_CLOCKS_AT_ONCE: Final = text(
    "UPDATE ticket_clocks AS c SET due_at = v.due, provisional = v.open, derivation = v.words"
    " FROM unnest(CAST(:of_ticket AS uuid[]), CAST(:of_clock AS varchar[]), CAST(:due AS timestamptz[]),"
    " CAST(:open AS boolean[]), CAST(:words AS varchar[])) AS v(id, clock, due, open, words)"
    " WHERE c.ticket_id = v.id AND c.clock = v.clock"
)
_TICKETS_AT_ONCE: Final = text(
    "UPDATE tickets AS t SET next_due_at = v.due, version = t.version + 1, journal_length = v.length,"
    " journal_head = v.head FROM unnest(CAST(:of_ticket AS uuid[]), CAST(:due AS timestamptz[]),"
    " CAST(:length AS integer[]), CAST(:head AS varchar[])) AS v(id, due, length, head) WHERE t.id = v.id"
)


def _write(session: Session, changes: list[dict[str, Any]], moved: list[dict[str, Any]]) -> None:
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        connection.execute(_CLOCK, changes)
        connection.execute(_TICKET, moved)
        return
    for statement, rows in ((_CLOCKS_AT_ONCE, changes), (_TICKETS_AT_ONCE, moved)):
        connection.execute(statement, {name: [row[name] for row in rows] for name in rows[0]})


@dataclass(slots=True)
class _Chain:
    """A ticket as the journal sees it."""

    id: str
    journal_length: int
    journal_head: str


def _recompute(session: Session, ids: Sequence[str], run: Recomputation, at: datetime) -> int:
    """Write the clocks of these tickets that come out otherwise, and say so on each; return how many changed."""
    columns: Any = (
        Ticket.id, Ticket.policy_id, Ticket.kind, Ticket.source, Ticket.priority, Ticket.feedback_by,
        Ticket.journal_length, Ticket.journal_head,
    )  # fmt: skip
    tickets = session.execute(select(*columns).where(Ticket.id.in_(ids)).order_by(Ticket.id).with_for_update()).all()
    rows: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in session.execute(_rows(ids)):
        rows[row.ticket_id].append(row)
    calendar = calendar_of(session)
    counted: dict[str, frozenset[str]] = {}
    changes: list[dict[str, Any]] = []
    moved: list[dict[str, Any]] = []
    told: list[tuple[_Chain, dict[str, Any]]] = []
    for ticket in tickets:
        policy = policy_of(session, ticket.policy_id)
        if policy.id not in counted:
            counted[policy.id] = _by_working_days(policy)
        own = [row for row in rows[ticket.id] if row.clock in counted[policy.id]]
        found = _changes(policy, calendar, ticket, own)
        if found:
            changes += found
            moved.append({"of_ticket": ticket.id, "due": _next_due(rows[ticket.id], found)})
            chain = _Chain(ticket.id, ticket.journal_length, ticket.journal_head)
            told.append((chain, _said(policy, found, run)))
    if changes:
        record_many(session, told, "clock.recomputed", Moment.of_server(at))
        for change, (chain, _) in zip(moved, told, strict=True):
            change |= {"length": chain.journal_length, "head": chain.journal_head}
        _write(session, changes, moved)
        # At once, and not by the tick: it fires reminders, and would be kept from it by a county's worth of plans.
        replan_tickets(session, tickets_to_plan(session, [change["of_ticket"] for change in moved]), at)
    return len(moved)


def _said(policy: Policy, changes: Sequence[dict[str, Any]], run: Recomputation) -> dict[str, Any]:
    """Return what the ticket's timeline says: the first limit in the profile's order, and which others moved."""
    keys = [change["of_clock"] for change in changes]
    first = min(changes, key=lambda change: list(policy.clocks).index(change["of_clock"]))
    return {
        "run_id": run.id,
        "reason": run.reason,
        "label": policy.clocks[first["of_clock"]].label,
        "due_text": clock.local_text(first["due"], policy.zone),
        "clocks": keys,
    }


def _rows(ids: Sequence[str]) -> Any:
    c = TicketClock
    columns = (c.ticket_id, c.clock, c.kind, c.started_at, c.due_at, c.stopped_at, c.rests, c.provisional)
    return select(*columns).where(c.ticket_id.in_(ids), c.met_at.is_(None))


def _changes(policy: Policy, calendar: WorkCalendar, ticket: Any, rows: Iterable[Any]) -> list[dict[str, Any]]:
    """Return the clocks whose end, or certainty of it, is another one now."""
    facts = deadlines.TicketFacts(ticket.kind, ticket.source, ticket.priority, ticket.feedback_by)
    groups: dict[tuple[str, datetime], list[Any]] = defaultdict(list)
    for row in rows:
        groups[(policy.clocks[row.clock].starts, row.started_at)].append(row)
    found = []
    for (event, started_at), group in groups.items():
        rests = {row.clock: [(parse(a), parse(b)) for a, b in row.rests] for row in group if row.rests}
        plans = deadlines.replayed(policy, calendar, event, started_at, facts, rests)
        for row in group:
            plan = plans.get(row.clock)
            if plan is not None and (plan.due_at, plan.provisional) != (row.due_at, row.provisional):
                found.append(
                    {
                        "of_ticket": ticket.id,
                        "of_clock": row.clock,
                        "due": plan.due_at,
                        "open": plan.provisional,
                        "words": plan.derivation,
                    }
                )
    return found


def _next_due(rows: Iterable[Any], changes: Iterable[dict[str, Any]]) -> datetime | None:
    due = {row.clock: row.due_at for row in rows if row.kind == "deadline" and row.stopped_at is None}
    due |= {change["of_clock"]: change["due"] for change in changes if change["of_clock"] in due}
    return min(due.values(), default=None)


def _by_working_days(policy: Policy) -> frozenset[str]:
    """Return the clocks the calendar has a part in, themselves or through the clock they are counted back from."""
    own = {rule.key for rule in policy.clocks.values() if _own_working_days(rule)}
    return frozenset(own | {r.key for r in policy.clocks.values() if r.before is not None and r.before.clock in own})


def _own_working_days(rule: ClockRule) -> bool:
    spans = [rule.span, *(when.span for when in rule.spans)]
    back = rule.before is not None and rule.before.working_days is not None
    return back or any(span is not None and span.working_days is not None for span in spans)


def days_of(year: int) -> tuple[date, date]:
    """Return the first and the last day of a year."""
    return date(year, 1, 1), date(year, 12, 31)
