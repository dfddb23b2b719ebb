"""The only SELECTs on what a person or a unit has in hand, across tickets, evidence, replies, requests and promises."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from app.evidence import lifecycle as evidence
from app.evidence.models import Evidence
from app.fieldwork.models import Commitment
from app.replies.models import Draft
from app.requests.models import Request
from app.tickets import lifecycle
from app.tickets.models import Assist, Ticket

_HELPING = (Assist.ended_at.is_(None), Assist.reported_at.is_(None))


def tickets_of(session: Session, person_id: str) -> list[Ticket]:
    """Return the person's tickets that are still with a unit, locked."""
    query = select(Ticket).where(Ticket.handler_id == person_id, Ticket.state.in_(lifecycle.WITH_UNIT))
    return list(session.scalars(query.order_by(Ticket.id).with_for_update()))


def assists_of(session: Session, person_id: str) -> list[Assist]:
    """Return the helps the person has signed for and not reported on, locked."""
    query = select(Assist).where(Assist.signed_by == person_id, *_HELPING)
    return list(session.scalars(query.order_by(Assist.id).with_for_update()))


def in_hand(session: Session, person_id: str, unit_id: str | None = None) -> int:
    """Return how many tickets and helps the person has in hand, in one unit or anywhere."""
    tickets = select(func.count()).where(Ticket.handler_id == person_id, Ticket.state.in_(lifecycle.WITH_UNIT))
    assists = select(func.count()).where(Assist.signed_by == person_id, *_HELPING)
    if unit_id is not None:
        tickets, assists = tickets.where(Ticket.unit_id == unit_id), assists.where(Assist.unit_id == unit_id)
    return (session.scalar(tickets) or 0) + (session.scalar(assists) or 0)


def left_in(session: Session, unit_id: str) -> int:
    """Return how many open tickets, helps and promises stand with the unit; a promise outlives its ticket."""
    counted: tuple[tuple[Any, ...], ...] = (
        (Ticket.unit_id == unit_id, Ticket.state.in_(lifecycle.OPEN)),
        (Assist.unit_id == unit_id, *_HELPING),
        (Commitment.unit_id == unit_id, Commitment.settled_at.is_(None)),
    )
    return sum(session.scalar(select(func.count()).where(*conditions)) or 0 for conditions in counted)


def moving(session: Session, person_id: str, ticket_ids: Collection[str], units: Collection[str]) -> dict[str, Any]:
    """Return what moves along with the tickets: drafts, undecided requests, promises, and photos still in flight.

    Photos in flight lie on the leaver's phone: the heir must know that they are to be sent before it is handed in.
    """

    def count(*conditions: ColumnElement[bool]) -> int:
        return session.scalar(select(func.count()).where(*conditions)) or 0

    theirs = or_(Commitment.by == person_id, Commitment.ticket_id.in_(ticket_ids))
    return {
        "drafts": count(Draft.ticket_id.in_(ticket_ids)),
        "requests": count(Request.ticket_id.in_(ticket_ids), Request.ended_at.is_(None)),
        "commitments": count(Commitment.unit_id.in_(units), Commitment.settled_at.is_(None), theirs),
        "in_flight": count(
            Evidence.declared_by == person_id, Evidence.unit_id.in_(units), Evidence.state == evidence.DECLARED
        ),
    }
