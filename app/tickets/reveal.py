"""Showing a caller's name, phone and address: the journal row first, then the data, and not too often."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import literal_column, select
from sqlalchemy.orm import Session

from app import clock
from app.clock import Moment
from app.journal.models import Event
from app.people.models import Person
from app.people.permissions import Actor
from app.problems import Problem
from app.tickets.case import open_case

WINDOW = timedelta(hours=1)
MIN_REASON = 2
_REVEALED = Event.name == literal_column("'caller.revealed'")  # literally, or the partial index stays unused


def reveal(session: Session, actor: Actor, ticket_id: str, reason: str, per_hour: int, at: Moment) -> dict[str, Any]:
    """Record who looks and why, and return {name, phone, address}; the caller sends it only after the commit.

    Raises `Problem` `reveal_reason_missing`, `reveal_too_many`, `ticket_not_found`, `not_permitted`.
    """
    if len(reason.strip()) < MIN_REASON:
        raise Problem("reveal_reason_missing", min=MIN_REASON)
    case = open_case(session, actor, "caller.reveal", ticket_id, at)
    # Counted one look at a time: of looks that arrive together the last must know of the first.
    session.get_one(Person, actor.person_id, with_for_update=True)
    recent = (
        select(Event.at)
        .where(Event.actor_id == actor.person_id, _REVEALED, Event.at > at.received - WINDOW)
        .order_by(Event.at)
    )
    times = list(session.scalars(recent))
    if len(times) >= per_hour:
        raise Problem("reveal_too_many", until=case.local(times[0] + WINDOW), until_at=clock.iso(times[0] + WINDOW))
    case.record("caller.revealed", {"reason": reason.strip()[:200]})
    ticket = case.ticket
    return {"name": ticket.caller_name, "phone": ticket.caller_phone, "address": ticket.caller_address}
