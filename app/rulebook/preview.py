"""What a version not yet published would have done to last month's tickets, deadline by deadline."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from app import clock
from app.policies import deadlines
from app.policies.calendar import WorkCalendar
from app.policies.policy import Policy
from app.policies.queries import calendar_of
from app.tickets.models import Ticket, TicketClock

SPAN: Final = timedelta(days=31)
"""Last month: what was taken in within so long."""
MOST: Final = 20_000
"""Tickets looked at, the newest; more would not change the picture and keeps an administrator waiting."""
_BATCH: Final = 1000


@dataclass
class Effect:
    """How one clock would have come out: against what stands on the tickets now."""

    clock: str
    label: str
    kind: str
    tickets: int = 0
    earlier: int = 0
    later: int = 0
    same: int = 0
    added: int = 0
    dropped: int = 0
    late_before: int = 0
    late_after: int = 0


def preview(session: Session, jurisdiction_id: str, policy: Policy, at: datetime) -> dict[str, Any]:
    """Return per clock how many tickets would have had an earlier, a later or the same end, and how many were late."""
    calendar, effects = calendar_of(session), {k: Effect(k, r.label, r.kind) for k, r in policy.clocks.items()}
    looked = 0
    for tickets in _batches(session, jurisdiction_id, at - SPAN):
        rows = _clocks(session, [ticket.id for ticket in tickets])
        for ticket in tickets:
            _compare(policy, calendar, ticket, rows[ticket.id], effects, at)
        looked += len(tickets)
    return {
        "policy_id": policy.id,
        "since": clock.iso(at - SPAN),
        "tickets": looked,
        "clocks": [vars(effect) for effect in effects.values()],
    }


def _batches(session: Session, jurisdiction_id: str, since: datetime) -> Iterator[list[Row[Any]]]:
    columns = (
        Ticket.id, Ticket.kind, Ticket.source, Ticket.priority, Ticket.feedback_by, Ticket.received_at,
        Ticket.dispatched_at, Ticket.signed_at, Ticket.reopened_at,
    )  # fmt: skip
    query: Any = (
        select(*columns)
        .where(Ticket.jurisdiction_id == jurisdiction_id, Ticket.received_at >= since)
        .order_by(Ticket.received_at.desc(), Ticket.id)
        .limit(MOST)
    )
    found = list(session.execute(query))
    yield from (found[start : start + _BATCH] for start in range(0, len(found), _BATCH))


def _clocks(session: Session, ids: list[str]) -> dict[str, dict[str, Any]]:
    c = TicketClock
    columns: Any = (
        c.ticket_id, c.clock, c.label, c.kind, c.started_at, c.due_at, c.met_at, c.stopped_at, c.rests
    )  # fmt: skip
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for row in session.execute(select(*columns).where(c.ticket_id.in_(ids))):
        found[row.ticket_id][row.clock] = row
    return found


def _compare(
    policy: Policy, calendar: WorkCalendar, ticket: Any, rows: dict[str, Any], effects: dict[str, Effect], at: datetime
) -> None:
    plans = _plans(policy, calendar, ticket, rows)
    for key in rows.keys() | plans.keys():
        row, plan = rows.get(key), plans.get(key)
        made = Effect(key, row.label, row.kind) if row is not None else None
        effect = effects.setdefault(key, made) if made is not None else effects[key]
        effect.tickets += 1
        if row is not None:
            effect.late_before += _late(row, row.due_at, at)
        if plan is None:
            effect.dropped += 1
            continue
        effect.late_after += _late(row, plan.due_at, at)
        if row is None:
            effect.added += 1
        elif plan.due_at == row.due_at:
            effect.same += 1
        else:
            effect.earlier += plan.due_at < row.due_at
            effect.later += plan.due_at > row.due_at


def _plans(policy: Policy, calendar: WorkCalendar, ticket: Any, rows: dict[str, Any]) -> dict[str, Any]:
    facts = deadlines.TicketFacts(ticket.kind, ticket.source, ticket.priority, ticket.feedback_by)
    rests = {key: [(clock.parse(a), clock.parse(b)) for a, b in row.rests] for key, row in rows.items() if row.rests}
    starts = {
        deadlines.INTAKE: ticket.received_at,
        deadlines.DISPATCH: ticket.dispatched_at,
        deadlines.SIGN: ticket.signed_at,
        deadlines.REOPEN: ticket.reopened_at,
    }
    found: dict[str, Any] = {}
    for event, started_at in starts.items():
        if started_at is not None:
            found |= deadlines.replayed(policy, calendar, event, started_at, facts, rests)
    return found


def _late(row: Any, due_at: datetime, at: datetime) -> bool:
    """Return whether the clock was missed; one that the profile did not have yet counts as it stands today."""
    if row is None:
        return False
    ended = row.met_at or row.stopped_at or at
    return bool(row.kind in ("deadline", "target") and ended > due_at)
