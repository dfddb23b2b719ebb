"""The only SELECTs on requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, and_, case, select
from sqlalchemy.orm import Session, aliased

from app import clock
from app.people.models import Person
from app.requests.models import Decision, Request
from app.requests.rules import shown_state
from app.tickets.models import Ticket

_CURRENT = and_(Ticket.unit_id == Request.unit_id, Ticket.closed_at.is_(None))
"""A request speaks for the unit that has the ticket, while the ticket is open; afterwards it has lapsed."""


def undecided(session: Session, ticket_id: str) -> list[Request]:
    """Return the requests of the ticket's present unit that wait for a decision."""
    query = (
        select(Request)
        .join(Ticket, Ticket.id == Request.ticket_id)
        .where(Request.ticket_id == ticket_id, Request.ended_at.is_(None), _CURRENT)
    )
    return list(session.scalars(query))


def waiting_tickets() -> Select[str]:
    """Return the select of tickets with a request that waits for a decision, to be used inside another query."""
    # Of its own: inside a query on tickets the same table would be taken for the outer one.
    ticket = aliased(Ticket)
    return (
        select(Request.ticket_id)
        .join(ticket, ticket.id == Request.ticket_id)
        .where(Request.ended_at.is_(None), ticket.unit_id == Request.unit_id, ticket.closed_at.is_(None))
    )


def open_kinds(session: Session, ticket_ids: Sequence[str]) -> dict[str, list[str]]:
    """Return ticket id → kinds of request that wait for a decision; for lists, where no detail is sent."""
    found: dict[str, list[str]] = {i: [] for i in ticket_ids}
    query = (
        select(Request.ticket_id, Request.kind)
        .join(Ticket, Ticket.id == Request.ticket_id)
        .where(Request.ticket_id.in_(found), Request.ended_at.is_(None), _CURRENT)
        .order_by(Request.asked_at, Request.id)
    )
    for ticket_id, kind in session.execute(query):
        found[ticket_id].append(kind)
    return found


def wire_for(session: Session, ticket_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return ticket id → requests with their decisions, oldest first."""
    found: dict[str, dict[str, Any]] = {i: {"requests": []} for i in ticket_ids}
    decisions = _decisions(session, ticket_ids)
    query = (
        select(Request.__table__, Person.name.label("by_name"), case((_CURRENT, True), else_=False).label("current"))
        .join(Ticket, Ticket.id == Request.ticket_id)
        .join(Person, Person.id == Request.by)
        .where(Request.ticket_id.in_(found))
        .order_by(Request.asked_at, Request.id)
    )
    for row in session.execute(query):
        found[row.ticket_id]["requests"].append(
            {
                "id": row.id,
                "kind": row.kind,
                "state": shown_state(row.state, row.current),
                "reason": row.reason,
                "proposed_unit": row.proposed_unit_id,
                "new_due_at": clock.iso(row.new_due_at) if row.new_due_at else None,
                "asked_at": clock.iso(row.asked_at),
                "by": {"id": row.by, "name": row.by_name},
                "decisions": decisions.get(row.id, []),
            }
        )
    return found


def _decisions(session: Session, ticket_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    query = (
        select(Decision.__table__, Person.name.label("by_name"))
        .join(Request, Request.id == Decision.request_id)
        .join(Person, Person.id == Decision.by)
        .where(Request.ticket_id.in_(ticket_ids))
        .order_by(Decision.at, Decision.id)
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for row in session.execute(query):
        found.setdefault(row.request_id, []).append(
            {
                "stage": row.stage,
                "decision": row.decision,
                "note": row.note,
                "new_due_at": clock.iso(row.new_due_at) if row.new_due_at else None,
                "answered_at": clock.iso(row.answered_at) if row.answered_at else None,
                "by": {"id": row.by, "name": row.by_name},
                "at": clock.iso(row.at),
            }
        )
    return found
