"""The only SELECTs on call-backs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session, aliased

from app import clock
from app.oversight.callback.models import Callback
from app.oversight.callback.rules import Said
from app.people.masking import mask_text
from app.people.models import Person
from app.tickets.basis import anything_in

ADDS = anything_in(Callback)


def called_back_since(session: Session, ticket_id: str, since: datetime) -> bool:
    """Return whether the caller has been called about an answer submitted at `since`, reached or not."""
    query = select(Callback.id).where(Callback.ticket_id == ticket_id, Callback.at >= since).limit(1)
    return session.scalar(query) is not None


def heard_on(session: Session, reply_id: str) -> list[Said]:
    """Return what the caller said to that version of the reply."""
    query = select(Callback).where(Callback.reply_id == reply_id).order_by(Callback.at, Callback.id)
    return [Said(c.reached, c.satisfaction, c.solved, tuple(c.reasons), c.note or "") for c in session.scalars(query)]


def wire_for(session: Session, ticket_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return ticket id → its call-backs, oldest first; numbers inside what people wrote are masked."""
    found: dict[str, dict[str, Any]] = {i: {"callbacks": []} for i in ticket_ids}
    follower = aliased(Person)
    query = (
        select(Callback.__table__, Person.name.label("by_name"), follower.name.label("follower_name"))
        .join(Person, Person.id == Callback.by)
        .join(follower, follower.id == Callback.followed_by, isouter=True)
        .where(Callback.ticket_id.in_(found))
        .order_by(Callback.at, Callback.id)
    )
    for row in session.execute(query):
        found[row.ticket_id]["callbacks"].append(_callback(row))
    return found


def _callback(row: Row[Any]) -> dict[str, Any]:
    plain = ("id", "reply_id", "reached", "contacted", "visited", "solved", "satisfaction", "reasons")
    return {
        **{key: getattr(row, key) for key in plain},
        "note": mask_text(row.note) if row.note else None,
        "by": {"id": row.by, "name": row.by_name},
        "at": clock.iso(row.at),
        "follow_up": _follow_up(row) if row.follow_up else None,
    }


def _follow_up(row: Row[Any]) -> dict[str, Any]:
    settled = None
    if row.followed_at is not None:
        by = {"id": row.followed_by, "name": row.follower_name}
        settled = {"by": by, "at": clock.iso(row.followed_at), "note": mask_text(row.followed_note)}
    return {"text": mask_text(row.follow_up), "state": "closed" if settled else "open", "settled": settled}
