"""Putting a closed ticket back to work: it gets time of its own, and is not overdue the moment it comes back."""

from __future__ import annotations

from app.policies import deadlines
from app.tickets import clocks
from app.tickets.case import Case


def reopen(case: Case) -> None:
    """Open the ticket again as redo with the clocks that the profile starts on reopening; the caller places it.

    The clocks of the first round stay as they ended: they say how that round was kept. Letting them run again was
    rejected, since a ticket closed for a week would be a week overdue at once (H2.2e).
    """
    ticket, at = case.ticket, case.at.received
    ticket.closed_at = ticket.closed_how = None
    ticket.reopened_at = at
    ticket.redo_count += 1
    clocks.start(case, deadlines.REOPEN, at)
