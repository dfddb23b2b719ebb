"""What a sample is drawn from: the answered tickets of a period, each with what speaks for looking at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.oversight.findings.queries import weights
from app.oversight.findings.rules import LABELS
from app.oversight.inspections.draw import Candidate, Design
from app.oversight.inspections.models import InspectionCase, InspectionPlan
from app.oversight.inspections.rules import weight_of
from app.oversight.inspections.schemas import ANSWERED
from app.oversight.inspections.signals import Signal, of_ticket, pairs
from app.oversight.review import BY_REPLY
from app.replies.models import Reply
from app.replies.rules import ACCEPTED
from app.tickets.models import Ticket

FLAT: Final = "all"
"""Stratum or group of everything, where a plan does not spread over units or kinds."""


@dataclass(frozen=True, slots=True)
class Row:
    """One answered ticket with its signals; `reply_id` is the answer that would be looked at."""

    ticket_id: str
    unit_id: str
    kind: str
    reply_id: str
    mark: str
    signals: tuple[Signal, ...]


def answered(session: Session, jurisdiction_id: str, population: str, begins: datetime, ends: datetime) -> list[Row]:
    """Return the tickets of the period that are not being looked at already, in the order of their ids."""
    query = _at_station if population == ANSWERED else _closed
    under_way = select(InspectionCase.ticket_id).where(
        InspectionCase.jurisdiction_id == jurisdiction_id, InspectionCase.told_at.is_(None)
    )
    rows = session.execute(
        query(jurisdiction_id, begins, ends).where(Ticket.id.not_in(under_way)).order_by(Ticket.id)
    ).all()
    found = findings_on(session, [row.id for row in rows])
    return [
        Row(r.id, r.unit_id, r.kind, r.reply_id, r.journal_head, tuple(of_ticket(r.redo_count, found.get(r.id, ()))))
        for r in rows
    ]


_COLUMNS = (Ticket.id, Ticket.unit_id, Ticket.kind, Ticket.redo_count, Ticket.journal_head, Reply.id.label("reply_id"))


def _closed(jurisdiction_id: str, begins: datetime, ends: datetime) -> Any:
    return (
        select(*_COLUMNS)
        .join(Reply, (Reply.ticket_id == Ticket.id) & (Reply.state == ACCEPTED))
        .where(
            Ticket.jurisdiction_id == jurisdiction_id,
            Ticket.closed_how == BY_REPLY,
            Ticket.closed_at >= begins,
            Ticket.closed_at < ends,
            Ticket.unit_id.is_not(None),
        )
    )


def _at_station(jurisdiction_id: str, begins: datetime, ends: datetime) -> Any:
    last = select(Reply.ticket_id, func.max(Reply.number).label("number")).group_by(Reply.ticket_id).subquery()
    return (
        select(*_COLUMNS)
        .join(last, last.c.ticket_id == Ticket.id)
        .join(Reply, (Reply.ticket_id == Ticket.id) & (Reply.number == last.c.number))
        .where(
            Ticket.jurisdiction_id == jurisdiction_id,
            Reply.submitted_at >= begins,
            Reply.submitted_at < ends,
            Ticket.unit_id.is_not(None),
        )
    )


def findings_on(session: Session, ticket_ids: list[str]) -> dict[str, list[Signal]]:
    """Return ticket id → open findings on its evidence, each kind once at its worst."""
    return {
        ticket_id: [Signal(kind, LABELS.get(kind, kind), severity) for kind, severity in weight.kinds.items()]
        for ticket_id, weight in weights(session, ticket_ids).items()
        if weight.kinds
    }


def design_of(plan: InspectionPlan) -> Design:
    """Return what of a plan decides the draw."""
    return Design(share=plan.share, minimum=plan.minimum, blind=plan.blind)


def candidates(rows: list[Row], plan: InspectionPlan) -> list[Candidate]:
    """Return the rows as they are drawn from under a plan."""
    by_unit, by_kind = ("unit" in plan.spread), ("kind" in plan.spread)
    return [
        Candidate(
            row.ticket_id,
            row.unit_id if by_unit else FLAT,
            row.kind if by_kind else FLAT,
            weight_of(pairs(row.signals), plan.weights),
            row.mark,
        )
        for row in rows
    ]
