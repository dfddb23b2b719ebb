"""What an approval does, by the name the profile gives it (`RequestRule.effect`)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from app import clock
from app.fieldwork import commitments
from app.ids import new_id
from app.policies.deadlines import moved
from app.policies.policy import RequestRule
from app.problems import Problem, require
from app.requests import facts
from app.requests.form import judge_new_date
from app.requests.models import Request
from app.requests.suspension import suspend
from app.tickets import lifecycle
from app.tickets.case import Case
from app.tickets.dispatch import release
from app.tickets.reopening import reopen

Effect = Callable[[Case, Request, RequestRule, datetime | None], None]


def _require_state(case: Case, rule: RequestRule) -> None:
    # The unit may have replied since it asked; then there is an answer to judge, and nothing to take back or end.
    require(lifecycle.judge_among(rule.states, case.ticket.state, rule.label))


def _give_back(case: Case, request: Request, rule: RequestRule, _granted: datetime | None) -> None:
    """Take the ticket back to the station (D2.4, K1.3, X3.2)."""
    _require_state(case, rule)
    unit_id = case.ticket.unit_id
    release(case, request.asked_at)
    case.record("ticket.returned", {"unit_id": unit_id, "request_id": request.id})


def _extend(case: Case, request: Request, rule: RequestRule, granted: datetime | None) -> None:
    """Move the deadline and every clock counted back from it; the words say by which request (二(五))."""
    row = case.clocks.get(rule.extends or "")
    if row is None or granted is None:
        return
    asking = facts.load(case.session, case.ticket.id)
    require(judge_new_date(rule, asking.limits.get(row.clock), granted))
    before = row.due_at
    for plan in moved(case.policy, case.calendar, row.clock, row.started_at, granted):
        target = case.clocks.get(plan.clock)
        if target is None:
            continue
        target.due_at, target.derivation, target.rests = plan.due_at, plan.derivation, None
        target.provisional, target.assumed = plan.provisional, plan.assumed
    row.derivation += f"（原 {case.local(before)}，依 {case.local(request.asked_at)} 提出的延期申请）"
    if case.policy.clocks[row.clock].given == "feedback_by":
        case.ticket.feedback_by = granted
    case.reckon()
    payload = {"clock": row.clock, "label": row.label, "request_id": request.id, "due_before": clock.iso(before)}
    case.record("clock.moved", payload | {"due_at": clock.iso(granted), "due_text": case.local(granted)})


def _suspend(case: Case, request: Request, rule: RequestRule, _granted: datetime | None) -> None:
    """Let the ticket rest until the date asked for (U3.2, U4.6)."""
    _require_state(case, rule)
    assert request.until is not None  # the form refuses a suspension without an end
    if request.until <= case.at.received:  # it was decided on for longer than it was asked for
        raise Problem("request_until_past", label=rule.label)
    suspend(case, request.until, request.id)


def _closing(how: str) -> Effect:
    def close(case: Case, request: Request, rule: RequestRule, _granted: datetime | None) -> None:
        _require_state(case, rule)
        case.ticket.closed_at, case.ticket.closed_how = case.at.received, how
        case.stop()
        case.place(lifecycle.CLOSED)
        case.record("ticket.closed", {"how": how, "label": rule.label, "request_id": request.id})

    return close


def _exempt(case: Case, request: Request, rule: RequestRule, _granted: datetime | None) -> None:
    """Keep the ticket out of the rate of satisfaction (K2.8 不计入满意度统计)."""
    case.ticket.exempt = True
    case.record("ticket.exempted", {"request_id": request.id, "label": rule.label})


def _nothing(_case: Case, _request: Request, _rule: RequestRule, _granted: datetime | None) -> None:
    """What was asked for is done with being approved: an order answered, a check concluded."""


def must_solve(case: Case, request: Request) -> None:
    """Bind the unit to the date of a panel that found the demand reasonable; a closed ticket opens again (K3.11)."""
    if not lifecycle.is_open(case.ticket.state):
        reopen(case)
        case.place(lifecycle.REDO)
        case.record("ticket.reopened", {"request_id": request.id})
    if request.until is not None:
        text = "民意诉求评价会评议为合理诉求，须限期解决"
        commitments.make(case, new_id(), text, request.until, commitments.PANEL, request.id)


EFFECTS: Final[dict[str, Effect]] = {
    "give_back": _give_back,
    "extend": _extend,
    "suspend": _suspend,
    "terminate": _closing("terminated"),
    "file": _closing("filed"),
    "noncompliant": _closing("noncompliant"),
    "exempt": _exempt,
    "none": _nothing,
}
