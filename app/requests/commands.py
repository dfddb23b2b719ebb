"""Commands on requests, one mechanism: kinds differ by the profile, and in what an approval does (`_EFFECTS`)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app import clock
from app.clock import Moment
from app.fieldwork.rules import judge_times
from app.ids import new_id
from app.people.masking import mask_text
from app.people.permissions import Actor
from app.policies.deadlines import moved
from app.policies.policy import RequestRule
from app.problems import Problem, require
from app.requests import rules, schemas
from app.requests.models import Decision, Request
from app.requests.queries import undecided
from app.tickets import lifecycle
from app.tickets.case import Case, open_case, unit_of
from app.tickets.dispatch import release


def ask_return(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Ask the station to take back a ticket that is not the unit's business, within 20 hours (D2.4, D3.2)."""
    case = open_case(session, actor, "request.return", args["ticket_id"], at)
    _ask(case, rules.RETURN, args)


def ask_extension(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Ask for a later deadline, a day ahead and never when overdue (D2.5, D4.3)."""
    case = open_case(session, actor, "request.extend", args["ticket_id"], at)
    _ask(case, rules.EXTENSION, args)


def _ask(case: Case, kind: str, args: dict[str, Any]) -> None:
    if case.session.get(Request, args["request_id"]) is not None:
        raise Problem("id_taken")
    rule = _rule(case, kind)
    require(lifecycle.judge_among(rule.states, case.ticket.state, rule.label))
    limits = _limits(case)
    new_due_at = args.get("new_due_at")
    open_kinds = {r.kind: case.local(r.asked_at) for r in undecided(case.session, case.ticket.id)}
    asked = rules.Asked(case.at.counted, args["reason"], new_due_at)
    require(rules.judge_ask(rule, asked, limits, open_kinds))
    deadline = limits.get(rule.extends) if rule.extends else None
    request = Request(
        id=args["request_id"],
        ticket_id=case.ticket.id,
        unit_id=case.ticket.unit_id,
        kind=kind,
        state=rules.first_stage(rule),
        reason=args["reason"],
        proposed_unit_id=_proposed(case, args.get("proposed_unit")),
        new_due_at=new_due_at,
        due_before=deadline.due_at if deadline else None,
        asked_at=case.at.received,
        counted_at=case.at.counted,
        by=case.actor.person_id,
    )
    case.session.add(request)
    payload = {
        "request_id": request.id,
        "kind": kind,
        "reason": mask_text(request.reason),
        "counted_at": clock.iso(request.counted_at),
        "proposed_unit_id": request.proposed_unit_id,
        "new_due_at": clock.iso(new_due_at) if new_due_at else None,
        "due_before": clock.iso(request.due_before) if request.due_before else None,
    }
    case.record("request.asked", payload)


def _proposed(case: Case, unit_id: str | None) -> str | None:
    """Return the unit that the asker thinks should have the ticket, checked to be another open one."""
    if unit_id is None:
        return None
    unit = unit_of(case.session, case.actor, unit_id)
    if unit.id == case.ticket.unit_id:
        raise Problem("same_unit", unit=unit.name)
    return unit.id


def withdraw(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Take a request back before it is decided; anyone who may ask for the unit may."""
    case = open_case(session, actor, "request.withdraw", args["ticket_id"], at)
    request, rule = _find(case, args["request_id"])
    require(rules.judge_stage(rule, request.state, rules.open_stages(rule), lifecycle.label(case.command)))
    request.state, request.ended_at = rules.WITHDRAWN, at.received
    case.record("request.withdrawn", {"request_id": request.id, "kind": request.kind})


def decide(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """The station approves or refuses; an extension it approves goes on to the city platform (D4.3)."""
    case = open_case(session, actor, "request.decide", args["ticket_id"], at)
    request, rule = _find(case, args["request_id"])
    require(rules.judge_stage(rule, request.state, (rules.STATION,), lifecycle.label(case.command)))
    _settle(case, request, rule, args, answered_at=None, new_due_at=request.new_due_at)


def record_answer(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Record what the city platform answered to a request the station passed on (D4.3)."""
    case = open_case(session, actor, "request.record_answer", args["ticket_id"], at)
    request, rule = _find(case, args["request_id"])
    outside = tuple(stage for stage in rules.open_stages(rule) if stage != rules.STATION)
    require(rules.judge_stage(rule, request.state, outside, lifecycle.label(case.command)))
    answered_at = args["answered_at"]
    if answered_at is not None:
        require(judge_times("答复时间", answered_at, None, request.asked_at, "申请时间", at.received))
    new_due_at = args["new_due_at"] or request.new_due_at
    _settle(case, request, rule, args, answered_at=answered_at, new_due_at=new_due_at)


def _settle(
    case: Case,
    request: Request,
    rule: RequestRule,
    args: dict[str, Any],
    *,
    answered_at: datetime | None,
    new_due_at: datetime | None,
) -> None:
    """Note the decision of the stage the request stands at, and do what an approval of the last stage means."""
    stage, decision = request.state, args["decision"]
    request.state = rules.after_decision(rule, stage, decision)
    request.ended_at = None if rules.is_open(request.state) else case.at.received
    granted = new_due_at if decision == rules.APPROVE else None
    case.session.add(
        Decision(
            id=new_id(),
            request_id=request.id,
            stage=stage,
            decision=decision,
            note=args["note"],
            new_due_at=granted,
            answered_at=answered_at,
            by=case.actor.person_id,
            at=case.at.received,
        )
    )
    payload = {
        "request_id": request.id,
        "kind": request.kind,
        "stage": stage,
        "decision": decision,
        "state": request.state,
        "new_due_at": clock.iso(granted) if granted else None,
        "answered_at": clock.iso(answered_at) if answered_at else None,
        "clocks": _history(case),
    }
    case.record("request.decided", payload)
    if request.state == rules.APPROVED:
        _EFFECTS[request.kind](case, request, rule, granted)


def _give_back(case: Case, request: Request, rule: RequestRule, _granted: datetime | None) -> None:
    # The unit may have replied since it asked; then there is an answer to judge, and nothing to take back.
    require(lifecycle.judge_among(rule.states, case.ticket.state, rule.label))
    unit_id = case.ticket.unit_id
    release(case)
    case.record("ticket.returned", {"unit_id": unit_id, "request_id": request.id})


def _extend(case: Case, request: Request, rule: RequestRule, granted: datetime | None) -> None:
    """Move the deadline and every clock counted back from it; the words say by which request (二(五))."""
    require(rules.judge_new_date(_limits(case).get(rule.extends or ""), granted))
    row = case.clocks.get(rule.extends or "")
    if row is None or granted is None:
        return
    before = row.due_at
    for plan in moved(case.policy, row.clock, row.started_at, granted):
        target = case.clocks[plan.clock]
        target.due_at, target.derivation = plan.due_at, plan.derivation
        target.provisional, target.assumed = plan.provisional, plan.assumed
    row.derivation += f"（原 {case.local(before)}，依 {case.local(request.asked_at)} 提出的延期申请）"
    if case.policy.clocks[row.clock].given == "feedback_by":
        case.ticket.feedback_by = granted
    case.reckon()
    payload = {"clock": row.clock, "label": row.label, "request_id": request.id, "due_before": clock.iso(before)}
    case.record("clock.moved", payload | {"due_at": clock.iso(granted), "due_text": case.local(granted)})


_EFFECTS: dict[str, Callable[[Case, Request, RequestRule, datetime | None], None]] = {
    rules.RETURN: _give_back,
    rules.EXTENSION: _extend,
}


def _rule(case: Case, kind: str) -> RequestRule:
    rule = case.policy.requests.get(kind)
    if rule is None:
        raise Problem("request_kind_unknown")
    return rule


def _find(case: Case, request_id: str) -> tuple[Request, RequestRule]:
    """Return a request of this ticket with its rule. Raises `Problem` `request_not_found` or `request_lapsed`."""
    request = case.session.get(Request, request_id)
    if request is None or request.ticket_id != case.ticket.id:
        raise Problem("request_not_found")
    if request.unit_id != case.ticket.unit_id:
        raise Problem("request_lapsed")
    return request, _rule(case, request.kind)


def _limits(case: Case) -> dict[str, rules.Limit]:
    return {row.clock: rules.Limit(row.label, row.due_at, case.local(row.due_at)) for row in case.clocks.values()}


def _history(case: Case) -> dict[str, dict[str, str | None]]:
    """Return the clocks as they stand: a new dispatch starts others, and these would be gone."""
    return {
        row.clock: {
            "started_at": clock.iso(row.started_at),
            "due_at": clock.iso(row.due_at),
            "met_at": clock.iso(row.met_at) if row.met_at else None,
            "stopped_at": clock.iso(row.stopped_at) if row.stopped_at else None,
        }
        for row in case.clocks.values()
    }


COMMANDS = {
    "request.return": (schemas.AskReturn, ask_return),
    "request.extend": (schemas.AskExtension, ask_extension),
    "request.withdraw": (schemas.Withdraw, withdraw),
    "request.decide": (schemas.Decide, decide),
    "request.record_answer": (schemas.RecordAnswer, record_answer),
}
