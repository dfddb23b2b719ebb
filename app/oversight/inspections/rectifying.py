"""Limits of rectifications: the unit is told before its time runs out, the supervisors once it has; each once (A5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from app import clock
from app.db import Database
from app.oversight import telling
from app.oversight.inspections.models import InspectionAppeal, InspectionRectification
from app.oversight.inspections.rules import ASKED
from app.people.permissions import SUPERVISOR
from app.people.queries import people_with_role, unit_names
from app.policies.policy import Policy
from app.policies.queries import policy_of
from app.reminders.hours import hours_of
from app.tickets.models import Ticket

AHEAD: Final = timedelta(hours=24)
"""A day is enough to go there and take a photo; a shorter limit is called to mind as soon as it is set."""
_NIGHT: Final = timedelta(hours=24)
"""A step is moved out of the quiet hours by less than this."""


def tell_due(database: Database, at: datetime) -> int:
    """Tell units of limits that are near, and supervisors of those that have passed; return how many were told of."""
    with database.read() as session:
        waiting = list(session.scalars(_open(at)))
    return sum(_tell(database, case_id, at) for case_id in waiting)


def _open(at: datetime) -> Select[str]:
    """Rectifications that wait for the unit and have something to be told of; an appeal interrupts them."""
    task = InspectionRectification
    soon = task.soon_told_at.is_(None) & (task.due_at <= at + AHEAD + _NIGHT)
    late = task.late_told_at.is_(None) & (task.due_at < at)
    return select(task.case_id).where(task.ended_at.is_(None), task.state == ASKED, ~_appealed(), or_(soon, late))


def _appealed() -> Any:
    pending = select(InspectionAppeal.case_id).where(
        InspectionAppeal.case_id == InspectionRectification.case_id, InspectionAppeal.decided_at.is_(None)
    )
    return pending.exists()


def _tell(database: Database, case_id: str, at: datetime) -> bool:
    with database.unit_of_work() as session:
        still = _open(at).where(InspectionRectification.case_id == case_id)
        task = session.get_one(InspectionRectification, case_id, with_for_update=True)
        if session.scalar(still) is None:
            return False
        ticket = session.get_one(Ticket, task.ticket_id)
        policy = policy_of(session, ticket.policy_id)
        if task.due_at < at:
            return _tell_supervisors(session, task, ticket, policy, at)
        return _tell_unit(session, task, ticket, policy, at)


def _tell_unit(
    session: Session, task: InspectionRectification, ticket: Ticket, policy: Policy, at: datetime
) -> bool:  # fmt: skip
    due = _awake(policy)(max(task.due_at - AHEAD, task.asked_at), task.due_at, task.asked_at)
    if due > at:
        return False
    task.soon_told_at = at
    if ticket.unit_id != task.unit_id:  # it has gone to another unit, which cannot answer for this one
        return False
    words = (f"工单 {ticket.number} 的抽查整改将于 {_local(task, policy)} 到期，请整改并答复", _unit(session, task))
    telling.tell(
        session, ticket, telling.answerable(session, ticket, at), _occasion(task, "soon"), "rectify_due", words, at
    )
    return True


def _tell_supervisors(
    session: Session, task: InspectionRectification, ticket: Ticket, policy: Policy, at: datetime
) -> bool:  # fmt: skip
    if task.late_told_at is not None or _awake(policy)(task.due_at, None, task.due_at) > at:
        return False
    task.late_told_at, task.soon_told_at = at, task.soon_told_at or at
    unit = _unit(session, task)
    words = (f"工单 {ticket.number}：{unit}的抽查整改已逾期未答复（限 {_local(task, policy)}）", unit)
    people = people_with_role(session, ticket.jurisdiction_id, SUPERVISOR, at)
    telling.tell(session, ticket, people, _occasion(task, "late"), "rectify_overdue", words, at)
    return True


def _awake(policy: Policy) -> Callable[[datetime, datetime | None, datetime], datetime]:
    hours = hours_of(policy)
    return hours.move if hours is not None else lambda fire_at, _due, _earliest: fire_at


def _local(task: InspectionRectification, policy: Policy) -> str:
    return clock.local_text(task.due_at, policy.zone)


def _unit(session: Session, task: InspectionRectification) -> str:
    return unit_names(session, [task.unit_id]).get(task.unit_id, "")


def _occasion(task: InspectionRectification, which: str) -> str:
    """Each limit is an occasion of its own: after a review that asks again there is a new one."""
    return f"{task.case_id}/rectify/{clock.iso(task.due_at)}/{which}"
