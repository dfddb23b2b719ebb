"""Reminders of requests that have to be decided or answered by an instant (K1.3 one working day, U4.9 督办单).

Like a promise, each is a clock of its own that no profile names; it runs on when the ticket has closed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from app.people.permissions import STATION, SUPERVISOR
from app.policies.policy import Policy, ReminderRule
from app.reminders.due import ClockFact
from app.requests.models import Request
from app.requests.queries import undecided

KIND: Final = "request_due"
DECIDER: Final = "decider"
"""In `to` of a reminder: whoever a request on the ticket waits for (K1.3, X3.2, U4.9)."""
AHEAD: Final = timedelta(hours=2)


def open_windows(session: Session, ticket_ids: Collection[str]) -> dict[str, list[Request]]:
    """Return ticket id → the requests on it that wait for somebody until an instant."""
    found: dict[str, list[Request]] = {}
    for request in undecided(session, *ticket_ids):
        if request.decide_by is not None and request.stage_since is not None:
            found.setdefault(request.ticket_id, []).append(request)
    return found


def clocks(requests: Sequence[Request]) -> tuple[ClockFact, ...]:
    """Return the windows as clocks."""
    return tuple(
        ClockFact(_name(r), r.stage_since, r.decide_by, running=True, lasting=True)
        for r in requests
        if r.stage_since and r.decide_by
    )


def steps(policy: Policy, requests: Sequence[Request]) -> tuple[ReminderRule, ...]:
    """Return the steps: to whoever has to act ahead of the instant, and with who asked for it when it has come."""
    found = []
    for request in requests:
        rule = policy.requests.get(request.kind)
        label = rule.label if rule else "申请"
        common: dict[str, Any] = {"kind": KIND, "clock": _name(request), "anchor": "due", "assumed": True}
        common["cite"] = rule.cite if rule else ""
        above = SUPERVISOR if request.role == SUPERVISOR else STATION
        soon = f"工单 {{number}} 的“{label}”待您办理，截止 {{due}}"
        late = f"工单 {{number}} 的“{label}”已到时限（{{due}}），尚未办理"
        found.append(ReminderRule(offset=-AHEAD, to=(DECIDER,), title=soon, **common))
        found.append(ReminderRule(to=(DECIDER, above), title=late, **common))
    return tuple(found)


def _name(request: Request) -> str:
    return f"request:{request.id}"
