"""The ledger of commitments: what was promised to callers and by when, the next due first (H2.1d)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from app.fieldwork.models import Commitment
from app.fieldwork.queries import commitment_wire
from app.people.masking import mask_about
from app.people.models import Person, Unit
from app.people.permissions import Actor
from app.tickets.models import Ticket
from app.tickets.queries import visible_to

PAGE = 100


def entries(
    session: Session, actor: Actor, at: datetime, *, state: str, unit_id: str | None, after: str | None
) -> tuple[list[dict[str, Any]], str | None]:
    """Return a page of the commitments on tickets in sight, and the id its next page begins after.

    `state`: open (the next due first), overdue (open and past due at `at`), settled (the last settled first).
    """
    query = (
        select(
            Commitment.__table__, Person.name.label("by_name"), Unit.name.label("unit_name"), Ticket.number,
            Ticket.title, Ticket.caller_name, Ticket.caller_phone, Ticket.caller_address,
        )
        .join(Ticket, Ticket.id == Commitment.ticket_id)
        .join(Person, Person.id == Commitment.by)
        .join(Unit, Unit.id == Commitment.unit_id)
        .where(visible_to(actor))
    )  # fmt: skip
    if unit_id is not None:
        query = query.where(Commitment.unit_id == unit_id)
    last = session.get(Commitment, after) if after else None
    if state == "settled":
        query = query.where(Commitment.settled_at.is_not(None))
        query = query.order_by(Commitment.settled_at.desc(), Commitment.id.desc())
        if last is not None:
            same = and_(Commitment.settled_at == last.settled_at, Commitment.id < last.id)
            query = query.where(or_(Commitment.settled_at < last.settled_at, same))
    else:
        query = query.where(Commitment.settled_at.is_(None)).order_by(Commitment.due_at, Commitment.id)
        if state == "overdue":
            query = query.where(Commitment.due_at < at)
        if last is not None:
            same = and_(Commitment.due_at == last.due_at, Commitment.id > last.id)
            query = query.where(or_(Commitment.due_at > last.due_at, same))
    rows = session.execute(query.limit(PAGE + 1)).all()
    page = [_entry(row, at) for row in rows[:PAGE]]
    return page, page[-1]["id"] if len(rows) > PAGE else None


def _entry(row: Any, at: datetime) -> dict[str, Any]:
    title = mask_about(row.title, row.caller_name, row.caller_phone, row.caller_address)
    return commitment_wire(row) | {
        "by": {"id": row.by, "name": row.by_name},
        "unit": {"id": row.unit_id, "name": row.unit_name},
        "ticket": {"id": row.ticket_id, "number": row.number, "title": title},
        "overdue": row.settled_at is None and row.due_at < at,
    }
