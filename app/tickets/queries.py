"""The only SELECTs on tickets, in the shapes of the wire."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session, aliased

from app import clock
from app.journal.models import Event
from app.people.masking import mask_about, mask_address, mask_name, mask_phone
from app.people.models import Person, Unit
from app.people.permissions import LIAISON, STATION, SUPERVISOR, Actor
from app.tickets import lifecycle
from app.tickets.basis import IDS, Basis, anything_in, asked
from app.tickets.joint_queries import assisted_by
from app.tickets.models import Assignment, Message, Ticket, TicketClock
from app.tickets.timeline import summary

TIMELINE_LENGTH = 60
ADDS = anything_in(Message)
_HOLDER_NAMES = {"station": "工作站"}


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else clock.iso(instant)


def _who(identity: str | None, name: str | None) -> dict[str, str] | None:
    return None if identity is None else {"id": identity, "name": name or ""}


def _masked(row: Row[Any], text: str) -> str:
    return mask_about(text, row.caller_name, row.caller_phone, row.caller_address)


_MASKS = ("caller_name", "caller_phone", "caller_address")
_HEAD = (
    "id", "version", "number", "policy_id", "title", "state", "state_since", "priority", "kind", "source", "area",
    "unit_id", "handler_id", "received_at", "dispatched_at", "signed_at", "closed_at",
    "closed_how", "exempt", "suspended_until", "redo_count", "assigned_count",
    "escalated", "signer", "signer_since", "confidential", "latitude",
    "longitude", *_MASKS,
)  # fmt: skip
_BODY = (
    "content", "category", "anonymous", "reported_by", "reported_at", "reported_note", "centre_signed_at",
)  # fmt: skip


def _rows(*names: str) -> Select[Any]:
    return (
        select(*(getattr(Ticket, name) for name in names), Unit.name.label("unit"), Person.name.label("handler"))
        .outerjoin(Unit, Unit.id == Ticket.unit_id)
        .outerjoin(Person, Person.id == Ticket.handler_id)
        .where(Ticket.id.in_(IDS))
    )


_REPORTER = aliased(Person)
_ROWS = _rows(*_HEAD)
_WHOLE = (
    _rows(*_HEAD, *_BODY)
    .add_columns(_REPORTER.name.label("reporter"), Assignment.binding)
    .outerjoin(_REPORTER, _REPORTER.id == Ticket.reported_by)
    .outerjoin(Assignment, and_(Assignment.ticket_id == Ticket.id, Assignment.until.is_(None)))
)


def heads(session: Session, ticket_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return ticket id → the row part of the wire's `Ticket`, without `open_requests`; `detail` is null."""
    rows = {row.id: row for row in session.execute(_ROWS, {"ids": ticket_ids})}
    clocks = _clocks(session, list(rows))
    return {i: _head(row, clocks[i]) | {"detail": None} for i, row in rows.items()}


def basis(
    session: Session, ticket_ids: Sequence[str], filled: Select[Any], within: ColumnElement[bool] | None = None
) -> Basis:
    """Return the tickets, those only that meet the condition `within`, for everything that is said of them.

    `filled` is a select of columns of `anything_in`.
    """
    query = _WHOLE if within is None else _WHOLE.where(within)
    rows = {row.id: row for row in session.execute(query, {"ids": ticket_ids})}
    if not rows:
        return Basis({}, {}, ())
    there = session.execute(filled, {"ids": list(rows)}).one()._mapping
    return Basis(rows, _clocks(session, list(rows)), frozenset(name for name, any_rows in there.items() if any_rows))


def _head(row: Row[Any], clocks: Sequence[Row[Any]]) -> dict[str, Any]:
    role = row.signer.split(",")[0] if row.signer else lifecycle.holder_role(row.state)
    place = None if row.latitude is None else {"lat": row.latitude, "lon": row.longitude}
    return {
        "id": row.id,
        "version": row.version,
        "number": row.number,
        "policy_id": row.policy_id,
        "title": _masked(row, row.title),
        "state": row.state,
        "state_since": clock.iso(row.state_since),
        "priority": row.priority,
        "kind": row.kind,
        "source": row.source,
        "area": row.area,
        "unit": _who(row.unit_id, row.unit),
        "handler": _who(row.handler_id, row.handler),
        "received_at": clock.iso(row.received_at),
        "dispatched_at": _iso(row.dispatched_at),
        "signed_at": _iso(row.signed_at),
        "closed_at": _iso(row.closed_at),
        "closed_how": row.closed_how,
        "exempt": row.exempt,
        "suspended_until": _iso(row.suspended_until),
        "redo_count": row.redo_count,
        "assigned_count": row.assigned_count,
        "escalated": row.escalated,
        "confidential": row.confidential,
        "position": place,
        "holder": role
        and {
            "role": role,
            "name": _HOLDER_NAMES.get(role) or (row.handler if role == LIAISON and row.handler else row.unit) or "",
            "since": clock.iso(row.signer_since or row.state_since),
        },
        "clocks": [_clock(entry) for entry in clocks],
    }


def _body(row: Row[Any]) -> dict[str, Any]:
    return {
        "content": _masked(row, row.content),
        "category": row.category,
        "caller": {
            "name": mask_name(row.caller_name),
            "phone": mask_phone(row.caller_phone),
            "address": mask_address(row.caller_address),
            "anonymous": row.anonymous,
        },
        "reported_to_centre": row.reported_at
        and {
            "by": _who(row.reported_by, row.reporter),
            "at": clock.iso(row.reported_at),
            "note": row.reported_note or "",
        },
        "centre_signed_at": _iso(row.centre_signed_at),
    }


_CLOCKS = (
    select(
        TicketClock.ticket_id, TicketClock.clock, TicketClock.label, TicketClock.kind, TicketClock.started_at,
        TicketClock.due_at, TicketClock.met_at, TicketClock.stopped_at, TicketClock.provisional,
        TicketClock.derivation, TicketClock.cite, TicketClock.assumed,
    )
    .where(TicketClock.ticket_id.in_(IDS))
    .order_by(TicketClock.due_at, TicketClock.clock)
)  # fmt: skip


def _clocks(session: Session, ticket_ids: Sequence[str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {i: [] for i in ticket_ids}
    for row in session.execute(_CLOCKS, {"ids": ticket_ids}):
        found[row.ticket_id].append(row)
    return found


def _clock(row: Row[Any]) -> dict[str, Any]:
    return {
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


def wholes(session: Session, basis: Basis) -> dict[str, dict[str, Any]]:
    """Return ticket id → the wire's `Ticket` without `open_requests`.

    Its `detail` holds what the ticket's own row says, the thread and the timeline.
    """
    ids = basis.ids
    messages = _messages(session, ids) if asked(Message, basis.filled) else {}
    events = timelines(session, ids, TIMELINE_LENGTH)
    return {
        i: _head(row, basis.clocks[i])
        | {"detail": _body(row) | {"messages": messages.get(i, []), "timeline": events.get(i, [])}}
        for i, row in basis.rows.items()
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


_TIMELINES = (
    select(
        Event.subject_id, Event.subject_seq, Event.name, Event.at, Event.actor_id, Event.role, Event.payload,
        Person.name.label("actor"),
    )
    .outerjoin(Person, Person.id == Event.actor_id)
    .where(Event.subject_id.in_(IDS))
    .order_by(Event.subject_seq)
)  # fmt: skip


def timelines(session: Session, ticket_ids: Sequence[str], last: int | None) -> dict[str, list[dict[str, Any]]]:
    """Return ticket id → its events in order, the `last` ones only when given."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in session.execute(_TIMELINES, {"ids": ticket_ids}):
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
