"""Putting a closed ticket back to work: it gets time of its own, and is not overdue the moment it comes back."""

from __future__ import annotations

from app.policies import deadlines
from app.tickets.case import Case
from app.tickets.models import TicketClock


def reopen(case: Case) -> None:
    """Open the ticket again as redo with the clocks that the profile starts on reopening; the caller places it.

    The clocks of the first round stay as they ended: they say how that round was kept. Letting them run again was
    rejected, since a ticket closed for a week would be a week overdue at once (H2.2e).
    """
    ticket, at = case.ticket, case.at.received
    ticket.closed_at = ticket.closed_how = None
    ticket.reopened_at = at
    ticket.redo_count += 1
    plans = deadlines.plan(case.policy, case.calendar, "reopen", at)
    for plan in plans:
        former = case.clocks.pop(plan.clock, None)
        if former is not None:
            case.session.delete(former)
    case.session.flush()
    for plan in plans:
        row = TicketClock(
            ticket_id=ticket.id,
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
        case.session.add(row)
        case.clocks[plan.clock] = row
    case.reckon()
