"""The only SELECTs of the conversation."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, ScalarSelect, func, or_, select
from sqlalchemy.orm import Session

from app.channels.models import Heard
from app.people.permissions import LIAISON, STATION, SUPERVISOR, Actor
from app.tickets import lifecycle
from app.tickets.models import Assist, Ticket, TicketClock


@dataclass(frozen=True, slots=True)
class Line:
    """One ticket as the conversation names it: by number, never by title or caller (U5.3)."""

    ticket_id: str
    number: str
    state: str
    due_at: datetime | None


def waiting(session: Session, actor: Actor, limit: int) -> tuple[int, list[Line]]:
    """Return how many open tickets wait for the actor's units as liaison, and the most urgent of them."""
    mine = (Ticket.unit_id.in_(actor.units(LIAISON)), Ticket.state.in_(lifecycle.UNIT_WORK))
    total = session.scalar(select(func.count()).select_from(Ticket).where(*mine)) or 0
    due = _due()
    query = select(Ticket.id, Ticket.number, Ticket.state, due).where(*mine)
    rows = session.execute(query.order_by(due.is_(None), due, Ticket.number).limit(limit))
    return total, [Line(*row) for row in rows]


def by_number(session: Session, actor: Actor, number: str) -> Line | None:
    """Return the ticket of that number if the actor may know of it."""
    query = select(Ticket.id, Ticket.number, Ticket.state, _due()).where(
        Ticket.jurisdiction_id == actor.jurisdiction_id, func.lower(Ticket.number) == number.lower()
    )
    if not actor.has(STATION, SUPERVISOR):
        query = query.where(_in_sight(actor.in_sight()))
    row = session.execute(query.limit(1)).one_or_none()
    return Line(*row) if row else None


def _in_sight(unit_ids: Collection[str]) -> ColumnElement[bool]:
    helped = select(Assist.ticket_id).where(Assist.unit_id.in_(unit_ids))
    return or_(Ticket.unit_id.in_(unit_ids), Ticket.id.in_(helped))


def _due() -> ScalarSelect[datetime]:
    """The earliest deadline that is still running."""
    return (
        select(func.min(TicketClock.due_at))
        .where(TicketClock.ticket_id == Ticket.id, TicketClock.met_at.is_(None), TicketClock.stopped_at.is_(None))
        .where(TicketClock.kind == "deadline")
        .correlate(Ticket)
        .scalar_subquery()
    )


def heard(session: Session, place: str, channel: str, message_id: str) -> Heard | None:
    """Return a message that was answered already."""
    return session.get(Heard, (place, channel, message_id))
