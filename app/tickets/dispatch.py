"""Giving a ticket to a unit and taking it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.ids import new_id
from app.people.models import Jurisdiction, Unit
from app.people.queries import has_liaison
from app.policies import deadlines
from app.problems import Problem
from app.tickets import clocks, lifecycle
from app.tickets.case import Case
from app.tickets.models import Assignment, Assist, PastClock


def require_liaison(session: Session, unit: Unit, at: datetime, acknowledged: list[str]) -> None:
    """Refuse a dispatch nobody will read unless the station has said that it knows (D1)."""
    if "unit_without_liaison" not in acknowledged and not has_liaison(session, unit.id, at):
        raise Problem("unit_without_liaison", unit=unit.name)


@dataclass(frozen=True, slots=True)
class Basis:
    """Why a ticket goes to a unit: in words and, where the profile lists grounds, which of them (K1.2).

    `binding`: the unit was determined jointly or named by a leader, and cannot ask for return (X2.2).
    """

    text: str
    ground: str | None = None
    ground_label: str | None = None
    instructed_by: str | None = None
    consultation_id: str | None = None
    binding: bool = False


def assign(case: Case, unit: Unit, basis: Basis, feedback_by: datetime | None) -> None:
    """Hand the ticket to `unit`: new assignment, clocks started anew, profile version pinned.

    `feedback_by` is the instant the city platform asks the result by (四(一)); None lets the profile's limit apply.
    """
    ticket, at = case.ticket, case.at.received
    _end_assignment(case)
    case.pin(case.session.get_one(Jurisdiction, ticket.jurisdiction_id).policy_id)
    ticket.unit_id, ticket.handler_id = unit.id, None
    ticket.dispatched_at, ticket.signed_at, ticket.feedback_by = at, None, feedback_by
    case.session.add(
        Assignment(
            id=new_id(),
            ticket_id=ticket.id,
            unit_id=unit.id,
            grounds=basis.text,
            by=case.actor.person_id,
            since=at,
            ground=basis.ground,
            instructed_by=basis.instructed_by,
            consultation_id=basis.consultation_id,
            binding=basis.binding,
        )
    )
    case.session.flush()
    # Counted and not added up: tickets from before this was kept count their earlier units too.
    ticket.assigned_count = assignment_count(case.session, ticket.id)
    ticket.unit_tried_at = None
    clocks.start(case, deadlines.DISPATCH, at)
    case.meet(*case.policy.clocks_met("dispatched"))


def release(case: Case, asked_at: datetime) -> None:
    """Take the ticket back to the station (an approved return, D2.4): clocks stop where they were when it was asked.

    A unit that asked in time has missed nothing, however long the answer took (D3.2).
    """
    for row in case.clocks.values():
        if row.met_at is None and row.stopped_at is None:
            row.stopped_at = asked_at
    _end_assignment(case)
    case.reckon()
    case.ticket.unit_id = case.ticket.handler_id = None
    case.place(lifecycle.REGISTERED)


def _end_assignment(case: Case) -> None:
    """End the present unit's time with the ticket, and that of those who help it: the next one calls in its own."""
    _keep_clocks(case)
    case.session.execute(
        update(Assist)
        .where(Assist.ticket_id == case.ticket.id, Assist.ended_at.is_(None))
        .values(ended_at=case.at.received)
    )
    case.session.execute(
        update(Assignment)
        .where(Assignment.ticket_id == case.ticket.id, Assignment.until.is_(None))
        .values(until=case.at.received)
    )


def assignment_count(session: Session, ticket_id: str) -> int:
    """Return how often the ticket has been assigned so far."""
    return len(session.scalars(select(Assignment.id).where(Assignment.ticket_id == ticket_id)).all())


def _keep_clocks(case: Case) -> None:
    """Keep what the unit that loses the ticket has met or missed; what was not due yet is nobody's any more (D3.1)."""
    unit_id, now = case.ticket.unit_id, case.at.received
    if unit_id is None:
        return
    for row in case.clocks.values():
        rule = case.policy.clocks.get(row.clock)
        if row.kind != "deadline" or rule is None or rule.starts == deadlines.INTAKE:
            continue
        if row.met_at is None and (row.due_at > now or (row.stopped_at is not None and row.stopped_at <= row.due_at)):
            continue
        case.session.add(
            PastClock(
                id=new_id(), ticket_id=case.ticket.id, unit_id=unit_id, clock=row.clock, due_at=row.due_at,
                met_at=row.met_at, left_at=now,
            )
        )  # fmt: skip
