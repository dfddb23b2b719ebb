"""The only SELECTs on escalations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app import clock
from app.oversight.escalations.models import Escalation, EscalationNote
from app.oversight.escalations.rules import Facts, Known, spans
from app.people.masking import mask_text
from app.people.models import Person
from app.policies.policy import Policy
from app.requests.models import Request
from app.tickets.basis import anything_in
from app.tickets.models import Assignment, Ticket

ADDS = anything_in(Escalation)


def facts_of(session: Session, policy: Policy, ticket: Ticket, at: datetime) -> Facts:
    """Return what the rules ask of a ticket; only what some rule of the profile asks about is counted."""
    ground = select(Assignment.ground).where(Assignment.ticket_id == ticket.id).order_by(Assignment.since.desc())
    caller, group = spans(policy, "same_caller"), spans(policy, "group")
    return Facts(
        redo=ticket.redo_count,
        assignments=ticket.assigned_count,
        ground=session.scalar(ground.limit(1)),
        category=ticket.category,
        kind=ticket.kind,
        same_caller={days: _of_caller(session, ticket, at - timedelta(days=days)) for days in caller},
        group={days: len(group_of(session, ticket, at - timedelta(days=days))) for days in group},
    )


def _of_caller(session: Session, ticket: Ticket, since: datetime) -> int:
    if not ticket.caller_phone:
        return 0
    query = select(func.count()).where(
        Ticket.jurisdiction_id == ticket.jurisdiction_id,
        Ticket.caller_phone == ticket.caller_phone,
        Ticket.received_at > since,
    )
    return session.scalar(query) or 0


def group_of(session: Session, ticket: Ticket, since: datetime) -> list[str]:
    """Return the tickets of the same area and category since then, the oldest first; none without a category."""
    if scope_of(ticket) is None:
        return []
    query = select(Ticket.id).where(
        Ticket.jurisdiction_id == ticket.jurisdiction_id,
        Ticket.area == ticket.area,
        Ticket.category == ticket.category,
        Ticket.received_at > since,
    )
    return list(session.scalars(query.order_by(Ticket.received_at, Ticket.id)))


def scope_of(ticket: Ticket) -> str | None:
    """Return the name of the group a ticket belongs to."""
    return f"{ticket.category} · {ticket.area}" if ticket.category and ticket.area else None


def known(session: Session, ticket_id: str) -> list[Known]:
    """Return the escalations of a ticket as the rules see them."""
    query = select(Escalation.rule, Escalation.fact, Escalation.closed_at).where(Escalation.ticket_id == ticket_id)
    return [Known(rule, fact, closed is None) for rule, fact, closed in session.execute(query)]


def open_group(session: Session, jurisdiction_id: str, rule: str, scope: str) -> Escalation | None:
    """Return the open escalation of a group of tickets."""
    query = select(Escalation).where(
        Escalation.jurisdiction_id == jurisdiction_id,
        Escalation.scope == scope,
        Escalation.rule == rule,
        Escalation.closed_at.is_(None),
    )
    return session.scalars(query.limit(1)).first()


def told_of(session: Session, jurisdiction_id: str, rule: str, scope: str) -> set[str]:
    """Return the tickets that an escalation of this group, open or concluded, has spoken of."""
    query = select(Escalation.related).where(
        Escalation.jurisdiction_id == jurisdiction_id, Escalation.scope == scope, Escalation.rule == rule
    )
    return {ticket_id for related in session.scalars(query) for ticket_id in related}


def open_by_hand(session: Session, ticket_id: str, to: str) -> bool:
    """Return whether somebody has brought the ticket before `to` already."""
    query = select(Escalation.id).where(
        Escalation.ticket_id == ticket_id,
        Escalation.rule.is_(None),
        Escalation.to_role == to,
        Escalation.closed_at.is_(None),
    )
    return session.scalar(query.limit(1)) is not None


def open_of_rule(session: Session, ticket_id: str, rule: str) -> list[Escalation]:
    """Return what is open on the ticket for that cause."""
    query = select(Escalation).where(
        Escalation.ticket_id == ticket_id, Escalation.rule == rule, Escalation.closed_at.is_(None)
    )
    return list(session.scalars(query))


def checks_on(session: Session, ticket_id: str, kinds: Collection[str]) -> list[Request]:
    """Return the requests of these kinds that were ever made on the ticket, the oldest first."""
    query = select(Request).where(Request.ticket_id == ticket_id, Request.kind.in_(kinds))
    return list(session.scalars(query.order_by(Request.asked_at, Request.id)))


def any_open(session: Session, ticket_id: str) -> bool:
    """Return whether anything on the ticket still waits for a conclusion."""
    query = select(Escalation.id).where(Escalation.ticket_id == ticket_id, Escalation.closed_at.is_(None))
    return session.scalar(query.limit(1)) is not None


def open_ids(session: Session) -> list[str]:
    """Return the open escalations of every jurisdiction, the oldest first."""
    query = select(Escalation.id).where(Escalation.closed_at.is_(None)).order_by(Escalation.raised_at)
    return list(session.scalars(query))


def wire_for(session: Session, ticket_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return ticket id → escalations as the wire shows them, oldest first."""
    found: dict[str, dict[str, Any]] = {i: {"escalations": []} for i in ticket_ids}
    for row in rows(session, Escalation.ticket_id.in_(ticket_ids)):
        ticket_id = row.pop("ticket_id")
        found[ticket_id]["escalations"].append(row)
    return found


def rows(session: Session, *where: Any, limit: int | None = None) -> list[dict[str, Any]]:
    """Return escalations with their notes; each with its `ticket_id`."""
    raiser, closer = aliased(Person), aliased(Person)
    query = (
        select(Escalation, raiser.name, closer.name)
        .outerjoin(raiser, raiser.id == Escalation.raised_by)
        .outerjoin(closer, closer.id == Escalation.closed_by)
        .where(*where)
        .order_by(Escalation.raised_at, Escalation.id)
    )
    found = session.execute(query.limit(limit)).all()
    notes = _notes(session, [row.id for row, *_ in found])
    return [_wire(row, raised, closed) | {"notes": notes[row.id]} for row, raised, closed in found]


def _wire(row: Escalation, raised: str | None, closed: str | None) -> dict[str, Any]:
    return {
        "id": row.id,
        "ticket_id": row.ticket_id,
        "rule": row.rule,
        "label": row.label,
        "to": row.to_role,
        "reason": mask_text(row.reason),
        "related": row.related,
        "raised_by": row.raised_by and {"id": row.raised_by, "name": raised or ""},
        "raised_at": clock.iso(row.raised_at),
        "conclusion": mask_text(row.conclusion) if row.conclusion else None,
        "closed_by": row.closed_by and {"id": row.closed_by, "name": closed or ""},
        "closed_at": clock.iso(row.closed_at) if row.closed_at else None,
    }


def _notes(session: Session, escalation_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    if not escalation_ids:
        return found
    query = (
        select(EscalationNote, Person.name)
        .join(Person, Person.id == EscalationNote.by)
        .where(EscalationNote.escalation_id.in_(escalation_ids))
        .order_by(EscalationNote.at, EscalationNote.id)
    )
    for row, name in session.execute(query):
        found[row.escalation_id].append(
            {
                "text": mask_text(row.text),
                "reported_to": row.reported_to,
                "lifted_to": row.lifted_to,
                "by": {"id": row.by, "name": name},
                "role": row.role,
                "at": clock.iso(row.at),
            }
        )
    return found
