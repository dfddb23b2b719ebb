"""The only SELECTs on bundles."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.bundles import lifecycle
from app.bundles.models import Bundle
from app.people import permissions
from app.people.models import Person
from app.people.permissions import Actor
from app.problems import Problem, require
from app.tickets import lifecycle as tickets
from app.tickets.case import visible_ticket
from app.tickets.models import Ticket

SHOWN = 10
"""How many of a ticket's bundles are listed."""


def of_ticket(session: Session, actor: Actor, ticket_id: str) -> dict[str, Any]:
    """Return a ticket's newest bundles. Raises `Problem` `ticket_not_found`, `not_permitted`."""
    ticket = visible_ticket(session, actor, ticket_id)
    _require(actor, ticket)
    query = select(Bundle, Person.name).join(Person, Person.id == Bundle.asked_by).where(Bundle.ticket_id == ticket.id)
    rows = session.execute(query.order_by(Bundle.asked_at.desc()).limit(SHOWN)).all()
    return {
        "may_unmask": may_unmask(actor, ticket),
        "bundles": [_wire(row, name, actor) for row, name in rows],
    }


def ready(session: Session, actor: Actor, bundle_id: str) -> tuple[Bundle, Ticket]:
    """Return a bundle that can be fetched, and its ticket.

    Raises `Problem` `bundle_not_found`, `bundle_not_ready`, `not_permitted`. One that shows the caller's data is
    for the person only who asked for it and said why.
    """
    row = session.get(Bundle, bundle_id)
    if row is None:
        raise Problem("bundle_not_found")
    try:
        ticket = visible_ticket(session, actor, row.ticket_id)
    except Problem:
        raise Problem("bundle_not_found") from None
    _require(actor, ticket)
    if row.unmasked and row.asked_by != actor.person_id:
        raise Problem("bundle_of_other")
    if not lifecycle.is_ready(row.state):
        raise Problem("bundle_not_ready", state=lifecycle.LABELS[row.state])
    return row, ticket


def under_way(session: Session, ticket_id: str) -> bool:
    """Return whether a bundle of the ticket is being made."""
    query = select(Bundle.id).where(Bundle.ticket_id == ticket_id, Bundle.state.in_(lifecycle.UNDER_WAY))
    return session.scalar(query.limit(1)) is not None


def may_unmask(actor: Actor, ticket: Ticket) -> bool:
    """Return whether the actor may see the caller's data on this ticket."""
    return permissions.grant_for(actor, "caller.reveal", ticket.jurisdiction_id, ticket.unit_id) is not None


def _require(actor: Actor, ticket: Ticket) -> None:
    label = tickets.label("bundle.make")
    require(permissions.judge(actor, "bundle.make", ticket.jurisdiction_id, ticket.unit_id, label))


def _wire(row: Bundle, name: str, actor: Actor) -> dict[str, Any]:
    return {
        "id": row.id,
        "state": row.state,
        "state_label": lifecycle.LABELS[row.state],
        "reason": row.reason,
        "unmasked": row.unmasked,
        "by": {"id": row.asked_by, "name": name},
        "asked_at": clock.iso(row.asked_at),
        "done": row.done,
        "total": row.total,
        "size": row.size,
        "sha256": row.sha256,
        "message": row.message,
        "expires_at": clock.iso(row.expires_at) if row.expires_at else None,
        "mine": row.asked_by == actor.person_id,
    }
