"""Reminders of promises to callers: before their date and once it has passed, until they are settled (H2.1d).

Each open promise is a clock of its own that no profile names, so its steps are made here from the profile's terms.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.fieldwork.models import Commitment
from app.people.permissions import LEADER, LIAISON, STATION
from app.policies.policy import Policy, ReminderRule
from app.reminders.due import ClockFact

KIND: Final = "commitment_due"
USUAL_DAYS: Final = 1
"""How long before its date a promise is called to mind where the profile does not say."""


def open_promises(session: Session, ticket_ids: Collection[str]) -> dict[str, list[Any]]:
    """Return ticket id → (id, made at, due at) of its promises that are not settled."""
    columns = (Commitment.ticket_id, Commitment.id, Commitment.made_at, Commitment.due_at)
    found: dict[str, list[Any]] = {}
    query = select(*columns).where(Commitment.ticket_id.in_(ticket_ids), Commitment.settled_at.is_(None))
    for row in session.execute(query):
        found.setdefault(row.ticket_id, []).append(row)
    return found


def clocks(promises: Sequence[Any]) -> tuple[ClockFact, ...]:
    """Return the promises as clocks; they run on when the ticket has closed."""
    return tuple(ClockFact(_name(p.id), p.made_at, p.due_at, running=True, lasting=True) for p in promises)


def steps(policy: Policy, promises: Sequence[Any]) -> tuple[ReminderRule, ...]:
    """Return the steps of each promise: to the liaison ahead of its date, to all concerned when it has come."""
    terms = policy.commitments
    ahead = timedelta(days=terms.remind_days if terms else USUAL_DAYS)
    common: dict[str, Any] = {"kind": KIND, "anchor": "due", "cite": terms.cite if terms else "", "assumed": True}
    found = []
    for promise in promises:
        name = _name(promise.id)
        soon = "工单 {number} 对诉求人的承诺于 {due} 到期，请落实并核销"
        late = "工单 {number} 对诉求人的承诺已到期（{due}），尚未核销"
        found.append(ReminderRule(clock=name, offset=-ahead, to=(LIAISON,), title=soon, **common))
        found.append(ReminderRule(clock=name, to=(LIAISON, LEADER, STATION), title=late, **common))
    return tuple(found)


def _name(commitment_id: str) -> str:
    return f"commitment:{commitment_id}"
