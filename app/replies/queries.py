"""The only SELECTs on replies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session, aliased

from app import clock
from app.fieldwork.queries import BrokenSeal
from app.journal.models import Event
from app.people.models import Person
from app.replies.models import Draft, Reply, Signature
from app.replies.rules import content_hash
from app.tickets.models import Ticket


def next_number(session: Session, ticket_id: str) -> int:
    """Return the number of the ticket's next version of a reply; the caller holds the ticket's lock."""
    return (session.scalar(select(func.max(Reply.number)).where(Reply.ticket_id == ticket_id)) or 0) + 1


def signed_roles(session: Session, reply_id: str) -> set[str]:
    """Return the roles that have signed this version."""
    return set(session.scalars(select(Signature.role).where(Signature.reply_id == reply_id)))


def wire_for(session: Session, ticket_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return ticket id → its draft and the versions of its reply, oldest first, as the wire shows them.

    Reply texts are shown as signed: masking them would show a signer something else than what the signature binds to.
    """
    found: dict[str, dict[str, Any]] = {i: {"draft": None, "replies": []} for i in ticket_ids}
    for row in session.execute(_drafts(ticket_ids)):
        found[row.ticket_id]["draft"] = _draft(row)
    shown: dict[str, dict[str, Any]] = {}
    for row in session.execute(_replies(ticket_ids)):
        shown[row.id] = _reply(row)
        found[row.ticket_id]["replies"].append(shown[row.id])
    for row in session.execute(_signatures(ticket_ids)):
        shown[row.reply_id]["signatures"].append(_signature(row))
    return found


def _drafts(ticket_ids: Sequence[str]) -> Any:
    present = and_(Ticket.id == Draft.ticket_id, Ticket.unit_id == Draft.unit_id)
    return (
        select(Draft.__table__, Person.name.label("by_name"))
        .join(Person, Person.id == Draft.by)
        .join(Ticket, present)
        .where(Draft.ticket_id.in_(ticket_ids))
    )


def _replies(ticket_ids: Sequence[str]) -> Any:
    returner = aliased(Person)
    return (
        select(Reply.__table__, Person.name.label("by_name"), returner.name.label("returner_name"))
        .join(Person, Person.id == Reply.submitted_by)
        .join(returner, returner.id == Reply.returned_by, isouter=True)
        .where(Reply.ticket_id.in_(ticket_ids))
        .order_by(Reply.ticket_id, Reply.number)
    )


def _signatures(ticket_ids: Sequence[str]) -> Any:
    return (
        select(Signature.__table__, Person.name.label("by_name"))
        .join(Reply, Reply.id == Signature.reply_id)
        .join(Person, Person.id == Signature.by)
        .where(Reply.ticket_id.in_(ticket_ids))
        .order_by(Signature.at, Signature.id)
    )


def _draft(row: Row[Any]) -> dict[str, Any]:
    return {
        "parts": row.parts,
        "opinion": row.opinion,
        "evidence_ids": row.evidence_ids,
        "saved_at": clock.iso(row.saved_at),
        "by": {"id": row.by, "name": row.by_name},
    }


def _reply(row: Row[Any]) -> dict[str, Any]:
    returned = None
    if row.returned_at is not None:
        by = {"id": row.returned_by, "name": row.returner_name}
        returned = {"by": by, "at": clock.iso(row.returned_at), "reasons": row.reasons}
    return {
        "id": row.id,
        "number": row.number,
        "parts": row.parts,
        "opinion": row.opinion,
        "evidence_ids": [evidence_id for evidence_id, _ in row.evidence],
        "content_hash": row.content_hash,
        "state": row.state,
        "submitted_at": clock.iso(row.submitted_at),
        "by": {"id": row.submitted_by, "name": row.by_name},
        "signatures": [],
        "sent_back": returned,
    }


def _signature(row: Row[Any]) -> dict[str, Any]:
    by = {"id": row.by, "name": row.by_name}
    return {"role": row.role, "by": by, "at": clock.iso(row.at), "note": row.note}


def broken_seals(session: Session) -> Iterator[BrokenSeal]:
    """Yield every reply that is not, word for word and hash for hash, what the journal says was submitted (A3)."""
    events = select(Event.subject_id, Event.payload).where(Event.name == "reply.submitted")
    sealed = {p["reply_id"]: (ticket_id, p["content_hash"]) for ticket_id, p in session.execute(events)}
    content = (Reply.id, Reply.ticket_id, Reply.parts, Reply.opinion, Reply.evidence)
    for row in session.execute(select(*content)):
        _, expected = sealed.pop(row.id, (None, None))
        if expected is None:
            yield BrokenSeal(row.ticket_id, Reply.__tablename__, row.id, "unrecorded")
        elif content_hash(row.parts, row.opinion, [(i, h) for i, h in row.evidence]) != expected:
            yield BrokenSeal(row.ticket_id, Reply.__tablename__, row.id, "changed")
    for reply_id, (ticket_id, _) in sealed.items():
        yield BrokenSeal(ticket_id, Reply.__tablename__, reply_id, "missing")
