"""A ticket at rest (挂单): what stops, and how it goes on (U3.2, U4.6)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.clock import Moment
from app.db import Database
from app.people.permissions import Actor
from app.tickets import lifecycle
from app.tickets.case import Case, case_of_system, open_case
from app.tickets.models import Ticket


def suspend(case: Case, until: datetime, request_id: str) -> None:
    """Let the ticket rest until `until`; only the clocks that the profile lets stand still do."""
    ticket = case.ticket
    ticket.suspended_from, ticket.suspended_until = ticket.state, until
    case.pause(*(key for key, rule in case.policy.clocks.items() if rule.suspends))
    case.place(lifecycle.SUSPENDED)
    payload = {"request_id": request_id, "until": clock.iso(until), "until_text": case.local(until)}
    case.record("ticket.suspended", payload)


def resume(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Go on with a suspended ticket before its date; the station says why (U4.6)."""
    case = open_case(session, actor, "ticket.resume", args["ticket_id"], at)
    _go_on(case, case.masked(args["note"]))


def _go_on(case: Case, note: str) -> None:
    ticket = case.ticket
    case.go_on(ticket.state_since, *(key for key, rule in case.policy.clocks.items() if rule.suspends))
    case.place(ticket.suspended_from or lifecycle.HANDLING)
    ticket.suspended_from = ticket.suspended_until = None
    case.record("ticket.resumed", {"note": note})


def due(session: Session, at: datetime) -> list[str]:
    """Return the suspended tickets whose date has come."""
    query = select(Ticket.id).where(Ticket.state == lifecycle.SUSPENDED, Ticket.suspended_until <= at)
    return list(session.scalars(query.order_by(Ticket.suspended_until, Ticket.id).limit(500)))


def resume_due(database: Database, at: datetime) -> int:
    """Resume every ticket whose suspension has run out and return how many; safe to run again and at once."""
    with database.read() as session:
        ticket_ids = due(session, at)
    for ticket_id in ticket_ids:
        with database.unit_of_work() as session:
            ticket = session.get_one(Ticket, ticket_id, with_for_update=True)
            if ticket.state == lifecycle.SUSPENDED and ticket.suspended_until and ticket.suspended_until <= at:
                _go_on(case_of_system(session, ticket, "ticket.resume", Moment.of_server(at)), "挂单期满，恢复办理")
    return len(ticket_ids)
