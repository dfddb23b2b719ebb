"""The only SELECTs on tickets, in the shapes of the wire."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from app import clock
from app.journal.models import Event
from app.people.masking import mask_about, mask_address, mask_name, mask_phone
from app.people.models import Person, Unit
from app.people.permissions import LIAISON, STATION, SUPERVISOR, Actor
from app.tickets import lifecycle
from app.tickets.joint_queries import assisted_by
from app.tickets.models import Message, Ticket, TicketClock
from app.tickets.timeline import summary

TIMELINE_LENGTH = 60
_HOLDER_NAMES = {"station": "工作站"}


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else clock.iso(instant)


def _who(identity: str | None, name: str | None) -> dict[str, str] | None:
    return None if identity is None else {"id": identity, "name": name or ""}


def _masked(ticket: Ticket, text: str) -> str:
    return mask_about(text, ticket.caller_name, ticket.caller_phone, ticket.caller_address)


def heads(session: Session, ticket_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return ticket id → the row part of the wire's `Ticket` (without `open_requests` and `detail`)."""
    query = (
        select(Ticket, Unit.name, Person.name)
        .outerjoin(Unit, Unit.id == Ticket.unit_id)
        .outerjoin(Person, Person.id == Ticket.handler_id)
        .where(Ticket.id.in_(ticket_ids))
        .execution_options(populate_existing=True)
    )
    found = {ticket.id: _head(ticket, unit, handler) for ticket, unit, handler in session.execute(query)}
    for ticket_id, rows in _clocks(session, ticket_ids).items():
        found[ticket_id]["clocks"] = rows
    return found


def _head(ticket: Ticket, unit: str | None, handler: str | None) -> dict[str, Any]:
    role = ticket.signer.split(",")[0] if ticket.signer else lifecycle.holder_role(ticket.state)
    place = None if ticket.latitude is None else {"lat": ticket.latitude, "lon": ticket.longitude}
    return {
        "id": ticket.id,
        "version": ticket.version,
        "number": ticket.number,
        "policy_id": ticket.policy_id,
        "title": _masked(ticket, ticket.title),
        "state": ticket.state,
        "state_since": clock.iso(ticket.state_since),
        "priority": ticket.priority,
        "kind": ticket.kind,
        "source": ticket.source,
        "area": ticket.area,
        "unit": _who(ticket.unit_id, unit),
        "handler": _who(ticket.handler_id, handler),
        "received_at": clock.iso(ticket.received_at),
        "dispatched_at": _iso(ticket.dispatched_at),
        "signed_at": _iso(ticket.signed_at),
        "closed_at": _iso(ticket.closed_at),
        "closed_how": ticket.closed_how,
        "exempt": ticket.exempt,
        "suspended_until": _iso(ticket.suspended_until),
        "redo_count": ticket.redo_count,
        "assigned_count": ticket.assigned_count,
        "escalated": ticket.escalated,
        "confidential": ticket.confidential,
        "position": place,
        "holder": role
        and {
            "role": role,
            "name": _HOLDER_NAMES.get(role) or (handler if role == LIAISON and handler else unit) or "",
            "since": clock.iso(ticket.signer_since or ticket.state_since),
        },
        "clocks": [],
    }


def _clocks(session: Session, ticket_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    columns = (
        TicketClock.ticket_id, TicketClock.clock, TicketClock.label, TicketClock.kind, TicketClock.started_at,
        TicketClock.due_at, TicketClock.met_at, TicketClock.stopped_at, TicketClock.provisional,
        TicketClock.derivation, TicketClock.cite, TicketClock.assumed,
    )  # fmt: skip
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    query = (
        select(*columns).where(TicketClock.ticket_id.in_(ticket_ids)).order_by(TicketClock.due_at, TicketClock.clock)
    )
    for row in session.execute(query):
        found[row.ticket_id].append(
            {
                "clock": row.clock,
                "label": row.label,
                "kind": row.kind,
                "started_at": clock.iso(row.started_at),
                "due_at": clock.iso(row.due_at),
                "met_at": _iso(row.met_at),
                "stopped_at": _iso(row.stopped_at),
                "provisional": row.provisional,
                "derivation": row.derivation,
                "cite": row.cite,
                "assumed": row.assumed,
            }
        )
    return found


def wire_for(session: Session, ticket_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return ticket id → what tickets themselves add to the wire's `Ticket.detail`."""
    found = _bodies(session, ticket_ids)
    for ticket_id, rows in _messages(session, ticket_ids).items():
        found[ticket_id]["messages"] = rows
    for ticket_id, events in timelines(session, ticket_ids, TIMELINE_LENGTH).items():
        found[ticket_id]["timeline"] = events
    return found


def _bodies(session: Session, ticket_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    query = (
        select(Ticket, Person.name).outerjoin(Person, Person.id == Ticket.reported_by).where(Ticket.id.in_(ticket_ids))
    )
    return {
        ticket.id: {
            "content": _masked(ticket, ticket.content),
            "category": ticket.category,
            "caller": {
                "name": mask_name(ticket.caller_name),
                "phone": mask_phone(ticket.caller_phone),
                "address": mask_address(ticket.caller_address),
                "anonymous": ticket.anonymous,
            },
            "reported_to_centre": ticket.reported_at
            and {
                "by": _who(ticket.reported_by, reporter),
                "at": clock.iso(ticket.reported_at),
                "note": ticket.reported_note or "",
            },
            "messages": [],
            "timeline": [],
        }
        for ticket, reporter in session.execute(query)
    }


def _messages(session: Session, ticket_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    query = (
        select(Message.ticket_id, Message.id, Message.text, Message.by, Person.name, Message.role, Message.at)
        .join(Person, Person.id == Message.by)
        .where(Message.ticket_id.in_(ticket_ids))
        .order_by(Message.at, Message.id)
    )
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for ticket_id, identity, text, by, name, role, at in session.execute(query):
        entry = {"id": identity, "text": text, "by": _who(by, name), "role": role, "at": clock.iso(at)}
        found[ticket_id].append(entry)
    return found


def timelines(session: Session, ticket_ids: Sequence[str], last: int | None) -> dict[str, list[dict[str, Any]]]:
    """Return ticket id → its events in order, the `last` ones only when given."""
    query = (
        select(
            Event.subject_id, Event.subject_seq, Event.name, Event.at, Event.actor_id, Event.role, Event.payload,
            Person.name.label("actor"),
        )
        .outerjoin(Person, Person.id == Event.actor_id)
        .where(Event.subject_id.in_(ticket_ids))
        .order_by(Event.subject_seq)
    )  # fmt: skip
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in session.execute(query):
        found[row.subject_id].append(
            {
                "seq": row.subject_seq,
                "name": row.name,
                "at": clock.iso(row.at),
                "by": _who(row.actor_id, row.actor or row.payload.get("via")),
                "role": row.role,
                "summary": summary(row.name, row.payload),
                "claimed_at": row.payload.get("claimed_at"),
                "late": bool(row.payload.get("late")),
            }
        )
    # Cut here and not in SQL: a ticket has some dozens of events, and a window function would read them all too.
    return {ticket_id: rows if last is None else rows[-last:] for ticket_id, rows in found.items()}


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for tickets the actor may see at all (same rule as `permissions.sees`)."""
    here = Ticket.jurisdiction_id == actor.jurisdiction_id
    if actor.has(STATION, SUPERVISOR):
        return here
    units = actor.in_sight()
    return and_(here, or_(Ticket.unit_id.in_(units), Ticket.id.in_(assisted_by(units))))


def counts(session: Session, actor: Actor) -> dict[str, int]:
    """Return state → number of tickets the actor may see."""
    query = select(Ticket.state, func.count()).where(visible_to(actor)).group_by(Ticket.state)
    return dict(session.execute(query).all())


def only_visible(session: Session, actor: Actor, ticket_ids: Sequence[str]) -> list[str]:
    """Return those of the tickets that the actor may see, in the order given."""
    if not ticket_ids:
        return []
    found = set(session.scalars(select(Ticket.id).where(Ticket.id.in_(ticket_ids), visible_to(actor))))
    return [ticket_id for ticket_id in ticket_ids if ticket_id in found]
