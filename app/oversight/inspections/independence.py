"""Who must not look at a ticket: whoever handled, signed or led it, in person or as somebody's deputy (A5).

These are all SELECTs on what others recorded; the rule itself is `rules.judge_independent`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, literal, or_, select, true, union_all
from sqlalchemy.orm import Session, aliased

from app.evidence.models import Evidence
from app.fieldwork.models import Contact, ProgressReport, Visit, VisitException
from app.oversight.inspections.rules import HANDLED, LED, SIGNED
from app.people.models import Deputation, Membership
from app.people.permissions import LEADING, LIAISON
from app.people.queries import descendants
from app.replies.models import Reply, Signature
from app.requests.models import Decision, Request
from app.tickets.models import Assignment, Assist, Ticket


def barred(session: Session, person_id: str, ticket_ids: Sequence[str], at: datetime) -> dict[str, str]:
    """Return ticket id → why the person must not look at it (handled, signed, led); the others are left out."""
    if not ticket_ids:
        return {}
    query = union_all(*_signed(person_id, ticket_ids), *_handled(person_id, ticket_ids))
    return _led(session, person_id, ticket_ids, at) | dict(session.execute(query).all())


def _handled(person_id: str, ticket_ids: Sequence[str]) -> list[Select[str, str]]:
    """What a person did on a ticket with own hands, for the unit or a helping one."""
    marks = (
        (Ticket, Ticket.id, Ticket.handler_id), (Reply, Reply.ticket_id, Reply.submitted_by),
        (Evidence, Evidence.ticket_id, Evidence.declared_by), (Visit, Visit.ticket_id, Visit.by),
        (VisitException, VisitException.ticket_id, VisitException.by), (Contact, Contact.ticket_id, Contact.by),
        (ProgressReport, ProgressReport.ticket_id, ProgressReport.by), (Assist, Assist.ticket_id, Assist.reported_by),
        (Request, Request.ticket_id, Request.by),
    )  # fmt: skip
    # What a supervisor took in a check is no handling.
    own: dict[Any, Any] = {Evidence: Evidence.case_id.is_(None)}
    return [
        select(t, literal(HANDLED)).where(by == person_id, t.in_(ticket_ids), own.get(table, true()))
        for table, t, by in marks
    ]


def _signed(person_id: str, ticket_ids: Sequence[str]) -> list[Select[str, str]]:
    """Signatures and decisions, the station's acceptance among them; the principal of a deputy has signed too."""
    theirs = or_(Signature.by == person_id, Signature.acting_for == person_id)
    signatures = (
        select(Reply.ticket_id, literal(SIGNED))
        .join(Signature, Signature.reply_id == Reply.id)
        .where(theirs, Reply.ticket_id.in_(ticket_ids))
    )
    returned = select(Reply.ticket_id, literal(SIGNED)).where(
        Reply.returned_by == person_id, Reply.ticket_id.in_(ticket_ids)
    )
    decided = (
        select(Request.ticket_id, literal(SIGNED))
        .join(Decision, Decision.request_id == Request.id)
        .where(Decision.by == person_id, Request.ticket_id.in_(ticket_ids))
    )
    return [signatures, returned, decided]


def _led(session: Session, person_id: str, ticket_ids: Sequence[str], at: datetime) -> dict[str, str]:
    """Tickets of units in which the person worked, or which the person led or stood in for a leader of, meanwhile."""
    units = aliased(Assignment)
    rows = session.execute(
        select(units.ticket_id, units.unit_id, Ticket.received_at)
        .join(Ticket, Ticket.id == units.ticket_id)
        .where(units.ticket_id.in_(ticket_ids))
        .union(
            select(Assist.ticket_id, Assist.unit_id, Ticket.received_at)
            .join(Ticket, Ticket.id == Assist.ticket_id)
            .where(Assist.ticket_id.in_(ticket_ids))
        )
    ).all()
    terms = _terms(session, person_id, at)
    below = descendants(session, {unit for role, unit, _, _ in terms if role in LEADING})
    return {
        ticket_id: LED
        for ticket_id, unit_id, received_at in rows
        for role, unit, begins, ends in terms
        if (unit_id == unit or unit_id in below.get(unit, ())) and begins <= at and (ends is None or ends > received_at)
    }


def _terms(session: Session, person_id: str, at: datetime) -> list[tuple[str, str, datetime, datetime | None]]:
    """Return (role, unit, from, until) of every handling or leading role, own or stood in for, that began by `at`."""
    own = select(Membership.role, Membership.unit_id, Membership.since, Membership.until).where(
        Membership.person_id == person_id, Membership.role.in_((LIAISON, *LEADING)), Membership.since <= at
    )
    deputed = (
        select(Membership.role, Membership.unit_id, Deputation.since, Deputation.until)
        .join(Deputation, and_(Deputation.principal_id == Membership.person_id, Deputation.deputy_id == person_id))
        .where(Membership.role.in_(LEADING), Deputation.since <= at)
    )
    return [(r, u, f, t) for query in (own, deputed) for r, u, f, t in session.execute(query)]
