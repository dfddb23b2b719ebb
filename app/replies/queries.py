"""The only SELECTs on replies."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session, aliased

from app import clock
from app.fieldwork.queries import BrokenSeal
from app.journal.models import Event
from app.people.models import Person
from app.replies.chain import Signed
from app.replies.models import Draft, Reply, Signature
from app.replies.rules import NOTHING_MORE, changes, content_hash
from app.tickets.basis import anything_in, asked
from app.tickets.models import Ticket

ADDS = anything_in(Draft, Reply)


def next_number(session: Session, ticket_id: str) -> int:
    """Return the number of the ticket's next version of a reply; the caller holds the ticket's lock."""
    return (session.scalar(select(func.max(Reply.number)).where(Reply.ticket_id == ticket_id)) or 0) + 1


def latest_reply(session: Session, ticket_id: str) -> Reply | None:
    """Return the newest version of the ticket's reply, None before the first."""
    return session.scalar(select(Reply).where(Reply.ticket_id == ticket_id).order_by(Reply.number.desc()).limit(1))


def reasons_to_answer(session: Session, ticket: Ticket) -> list[str]:
    """Return the reasons of the last send-back, as long as the unit it was sent back to has the ticket."""
    reply = latest_reply(session, ticket.id)
    returned = reply is not None and reply.unit_id == ticket.unit_id and reply.returned_at is not None
    return list(reply.reasons or ()) if reply is not None and returned else []


def signatures_of(session: Session, reply_id: str) -> list[Signed]:
    """Return the signatures on this version in the order they were given."""
    query = (
        select(Signature.role, Signature.by, Signature.acting_for)
        .where(Signature.reply_id == reply_id)
        .order_by(Signature.at, Signature.id)
    )
    return [Signed(*row) for row in session.execute(query)]


def wire_for(
    session: Session, ticket_ids: Sequence[str], filled: Collection[str] | None = None
) -> dict[str, dict[str, Any]]:
    """Return ticket id → its draft and the versions of its reply, oldest first, as the wire shows them.

    Every version but the first says what it changed, and answers the reasons for which the one before came back.
    Reply texts are shown as signed: masking them would show a signer something else than what the signature binds to.
    Only the tables named in `filled` are asked, when it is given.
    """
    found: dict[str, dict[str, Any]] = {i: {"draft": None, "replies": []} for i in ticket_ids}
    for row in session.execute(_drafts(ticket_ids)) if asked(Draft, filled) else ():
        found[row.ticket_id]["draft"] = _draft(row)
    shown: dict[str, dict[str, Any]] = {}
    for row in session.execute(_replies(ticket_ids)) if asked(Reply, filled) else ():
        shown[row.id] = _reply(row)
        found[row.ticket_id]["replies"].append(shown[row.id])
    for row in session.execute(_signatures(ticket_ids)) if shown else ():
        shown[row.reply_id]["signatures"].append(_signature(row))
    for entry in found.values():
        for before, after in pairwise(entry["replies"]):
            after["changes"] = changes(before, after)
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
    principal = aliased(Person)
    return (
        select(Signature.__table__, Person.name.label("by_name"), principal.name.label("principal_name"))
        .join(Reply, Reply.id == Signature.reply_id)
        .join(Person, Person.id == Signature.by)
        .join(principal, principal.id == Signature.acting_for, isouter=True)
        .where(Reply.ticket_id.in_(ticket_ids))
        .order_by(Signature.at, Signature.id)
    )


def _draft(row: Row[Any]) -> dict[str, Any]:
    return {
        "parts": row.parts,
        "opinion": row.opinion,
        "evidence_ids": row.evidence_ids,
        **_extra(row.extra),
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
        "unit_id": row.unit_id,
        "parts": row.parts,
        "opinion": row.opinion,
        "evidence_ids": [evidence_id for evidence_id, _ in row.evidence],
        **_extra(row.extra),
        "content_hash": row.content_hash,
        "state": row.state,
        "submitted_at": clock.iso(row.submitted_at),
        "by": {"id": row.submitted_by, "name": row.by_name},
        "signatures": [],
        "sent_back": returned,
        "changes": None,
    }


def _extra(extra: dict[str, Any] | None) -> dict[str, Any]:
    return NOTHING_MORE | (extra or {})


def _signature(row: Row[Any]) -> dict[str, Any]:
    return {
        "role": row.role,
        "by": {"id": row.by, "name": row.by_name},
        "acting_for": row.acting_for and {"id": row.acting_for, "name": row.principal_name},
        "at": clock.iso(row.at),
        "note": row.note,
        "ticked": row.ticked or [],
    }


def broken_seals(session: Session) -> Iterator[BrokenSeal]:
    """Yield every reply that is not, word for word and hash for hash, what the journal says was submitted (A3)."""
    events = select(Event.subject_id, Event.payload).where(Event.name == "reply.submitted")
    sealed = {p["reply_id"]: (ticket_id, p["content_hash"]) for ticket_id, p in session.execute(events)}
    content = (Reply.id, Reply.ticket_id, Reply.parts, Reply.opinion, Reply.evidence, Reply.extra)
    for row in session.execute(select(*content)):
        _, expected = sealed.pop(row.id, (None, None))
        if expected is None:
            yield BrokenSeal(row.ticket_id, Reply.__tablename__, row.id, "unrecorded")
        elif content_hash(row.parts, row.opinion, [(i, h) for i, h in row.evidence], row.extra) != expected:
            yield BrokenSeal(row.ticket_id, Reply.__tablename__, row.id, "changed")
    for reply_id, (ticket_id, _) in sealed.items():
        yield BrokenSeal(ticket_id, Reply.__tablename__, reply_id, "missing")
