"""The clocks of a ticket: which of its commands starts which."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.policies import deadlines
from app.policies.policy import Policy
from app.policies.queries import calendar_of
from app.tickets.case import Case
from app.tickets.models import Ticket, TicketClock


def start_intake(session: Session, ticket: Ticket, policy: Policy) -> None:
    """Start the centre's own clocks, which count from when the request reached it (K1.1, U4.1, X3.1)."""
    calendar = calendar_of(session)
    plans = deadlines.plan(policy, calendar, deadlines.INTAKE, ticket.received_at, facts_of(ticket))
    rows = [row_of(ticket.id, plan) for plan in plans]
    session.flush()
    session.add_all(rows)
    ticket.next_due_at = min((row.due_at for row in rows if row.kind == "deadline"), default=None)


def start(case: Case, event: str, at: datetime) -> None:
    """Start the clocks of `event` (dispatch, sign, reopen) at `at`, instead of those it once started.

    A dispatch is a new beginning for the unit: whatever ran for the unit before is forgotten with it. The clocks of
    the intake are the centre's and run once.
    """
    kept = {deadlines.INTAKE} if event == deadlines.DISPATCH else set(deadlines.EVENTS) - {event}
    rules = case.policy.clocks
    for name in list(case.clocks):
        if name not in rules or rules[name].starts not in kept:
            case.session.delete(case.clocks.pop(name))
    case.session.flush()
    for plan in deadlines.plan(case.policy, case.calendar, event, at, facts_of(case.ticket)):
        if plan.clock not in case.clocks:
            row = row_of(case.ticket.id, plan)
            case.session.add(row)
            case.clocks[plan.clock] = row
    case.reckon()


def facts_of(ticket: Ticket) -> deadlines.TicketFacts:
    """Return what chooses the ticket's spans."""
    return deadlines.TicketFacts(ticket.kind, ticket.source, ticket.priority, ticket.feedback_by)


def row_of(ticket_id: str, plan: deadlines.ClockPlan) -> TicketClock:
    """Return the row of a computed clock."""
    return TicketClock(
        ticket_id=ticket_id,
        clock=plan.clock,
        label=plan.label,
        kind=plan.kind,
        started_at=plan.started_at,
        due_at=plan.due_at,
        provisional=plan.provisional,
        derivation=plan.derivation,
        cite=plan.cite,
        assumed=plan.assumed,
    )
