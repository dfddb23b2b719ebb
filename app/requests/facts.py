"""What of a ticket decides which requests can be asked for, read for many tickets at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, literal, select, union_all
from sqlalchemy.orm import Session

from app import clock
from app.fieldwork.models import Contact, Visit, VisitException
from app.fieldwork.rules import CALLER, REACHED, TELLING, UNREACHABLE
from app.policies.calendar import WorkCalendar
from app.policies.deadlines import span_end
from app.policies.policy import Policy
from app.policies.queries import calendar_of, policy_of
from app.requests.models import Request
from app.requests.rules import APPROVED, UNREASONABLE, AskFacts, Limit
from app.tickets.basis import IDS, Basis, asked
from app.tickets.models import Assignment, Ticket, TicketClock

_TOLD, _SPOKEN, _WENT, _EXCUSED = "told", "spoken", "went", "excused"


_TICKETS = (
    select(
        Ticket.id, Ticket.policy_id, Ticket.state, Ticket.anonymous, Ticket.kind, Ticket.source, Ticket.priority,
        Ticket.unit_id, Ticket.dispatched_at, Assignment.binding,
    )
    .join(Assignment, and_(Assignment.ticket_id == Ticket.id, Assignment.until.is_(None)), isouter=True)
    .where(Ticket.id.in_(IDS))
)  # fmt: skip
_CLOCKS = select(
    TicketClock.ticket_id, TicketClock.clock, TicketClock.label, TicketClock.started_at, TicketClock.due_at
).where(TicketClock.ticket_id.in_(IDS))
_REQUESTS = (
    select(
        Request.ticket_id, Request.unit_id, Request.kind, Request.state, Request.asked_at, Request.ended_at,
        Request.due_before, Request.outlives_unit, Request.outcome,
    )
    .where(Request.ticket_id.in_(IDS))
    .order_by(Request.asked_at, Request.id)
)  # fmt: skip


def load(session: Session, ticket_id: str) -> AskFacts:
    """Return what decides about the ticket's requests."""
    ids = {"ids": [ticket_id]}
    tickets, clocks = session.execute(_TICKETS, ids).all(), session.execute(_CLOCKS, ids).all()
    return _judged(session, {ticket_id: tickets[0]}, {ticket_id: clocks}, None)[ticket_id][1]


def of(session: Session, basis: Basis) -> dict[str, tuple[Policy, AskFacts]]:
    """Return ticket id → the profile it stands under and what decides about its requests."""
    return _judged(session, basis.rows, basis.clocks, basis.filled)


def _judged(
    session: Session, tickets: Mapping[str, Any], clocks: Mapping[str, Sequence[Any]], filled: Collection[str] | None
) -> dict[str, tuple[Policy, AskFacts]]:
    ids, went = {"ids": list(tickets)}, any(asked(model, filled) for model in (Contact, Visit, VisitException))
    every = _by_ticket(session.execute(_REQUESTS, ids) if asked(Request, filled) else ())
    work = _by_ticket(session.execute(_WORK, ids) if went else ())
    calendar = calendar_of(session)
    found = {}
    for ticket_id, ticket in tickets.items():
        policy = policy_of(session, ticket.policy_id)
        requests = [r for r in every[ticket_id] if _current(r, ticket)]
        limits = limits_of(policy, calendar, ticket, clocks[ticket_id], first_due(requests))
        facts = AskFacts(
            state=ticket.state,
            limits=limits,
            open_kinds={r.kind: clock.local_text(r.asked_at, policy.zone) for r in requests if r.ended_at is None},
            used=_used(requests),
            binding=bool(ticket.binding),
            supported=any(r.outcome == UNREASONABLE for r in every[ticket_id]),
        )
        found[ticket_id] = policy, _with_work(facts, work[ticket_id], ticket.anonymous)
    return found


def _by_ticket(rows: Iterable[Any]) -> defaultdict[str, list[Any]]:
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.ticket_id].append(row)
    return found


def _current(request: Any, ticket: Any) -> bool:
    """Return whether the request was asked while the ticket stood with its present unit, or outlives a move."""
    if request.outlives_unit:
        return True
    since = ticket.dispatched_at is None or request.asked_at >= ticket.dispatched_at
    return bool(since and request.unit_id == ticket.unit_id)


def _used(requests: Iterable[Any]) -> dict[str, int]:
    """Return how often each kind was granted, or waits, since the unit got the ticket (K2.5)."""
    used: defaultdict[str, int] = defaultdict(int)
    for r in requests:
        used[r.kind] += r.state == APPROVED or r.ended_at is None
    return dict(used)


def _work() -> Any:
    """Select what the present unit did since the ticket came to it, as (ticket, what, which, outcome)."""
    parts = []
    for model, what, which, condition in (
        (Contact, _SPOKEN, Contact.purpose, Contact.outcome == REACHED),
        (Visit, _WENT, Visit.mode, None),
        (VisitException, _EXCUSED, VisitException.ground, None),
    ):
        mine = and_(Ticket.unit_id == model.unit_id, Ticket.dispatched_at <= model.recorded_at)
        query = (
            select(model.ticket_id, literal(what).label("what"), which.label("which"))
            .join(Ticket, and_(Ticket.id == model.ticket_id, mine))
            .where(model.ticket_id.in_(IDS))
        )
        parts.append(query if condition is None else query.where(condition))
    told = (
        select(Contact.ticket_id, literal(_TOLD).label("what"), Contact.purpose.label("which"))
        .join(Ticket, and_(Ticket.id == Contact.ticket_id, Ticket.unit_id == Contact.unit_id))
        .where(Contact.ticket_id.in_(IDS), Contact.outcome == REACHED)
        .where(Contact.to == CALLER, Contact.purpose.in_(TELLING), Contact.recorded_at >= Ticket.dispatched_at)
    )
    return union_all(*parts, told)


_WORK = _work()


def _with_work(facts: AskFacts, work: Iterable[Any], anonymous: bool) -> AskFacts:
    rows = [(row.what, row.which) for row in work]
    return replace(
        facts,
        verified=bool(rows),
        told=any(what == _TOLD for what, _ in rows),
        modes=frozenset(which for what, which in rows if what == _WENT),
        out_of_reach=anonymous or (_EXCUSED, UNREACHABLE) in rows,
    )


def first_due(requests: Iterable[Any]) -> Mapping[str, datetime]:
    """Return kind → the deadline as it stood before the first extension of that kind was granted."""
    found: dict[str, datetime] = {}
    for r in requests:
        if r.state == APPROVED and r.due_before is not None:
            found.setdefault(r.kind, r.due_before)
    return found


def limits_of(
    policy: Policy, calendar: WorkCalendar, ticket: Any, rows: Iterable[Any], original: Mapping[str, datetime]
) -> dict[str, Limit]:
    """Return the ticket's clocks as rules see them; `original` are the deadlines before any extension, by kind."""
    bounded = {rule.extends: rule.kind for rule in policy.requests.values() if rule.no_longer_than_original}
    found = {}
    for row in rows:
        limit = Limit(row.label, row.due_at, clock.local_text(row.due_at, policy.zone))
        if row.clock in bounded:
            first = original.get(bounded[row.clock], row.due_at)
            longest = _longest(policy, calendar, ticket, row, first)
            limit = replace(limit, longest=longest, longest_shown=clock.local_text(longest, policy.zone))
        found[row.clock] = limit
    return found


def _longest(policy: Policy, calendar: WorkCalendar, ticket: Any, row: Any, first: datetime) -> datetime:
    """Return the present deadline plus the original limit: in the limit's own days, or elapsed when it was given."""
    span = policy.clocks[row.clock].span_for(ticket.kind, ticket.source, ticket.priority)
    if span is not None and span_end(policy, calendar, span, row.started_at).due_at == first:
        return span_end(policy, calendar, replace(span, includes_start=False), row.due_at).due_at
    due: datetime = row.due_at
    return due + (first - row.started_at)
