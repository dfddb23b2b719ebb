"""Asking and withdrawing: one function for every kind, what differs is the profile's rule."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app import clock
from app.clock import Moment
from app.fieldwork.queries import require_proof
from app.people.permissions import Actor
from app.policies.policy import RequestRule
from app.problems import Problem, require
from app.requests import facts, rules, stages
from app.requests.form import Asked, judge_content
from app.requests.models import Evaluator, Request
from app.requests.queries import supporting_panel
from app.tickets import lifecycle
from app.tickets.case import Case, open_case, unit_of


def ask_return(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Ask the station to take back a ticket that is not the unit's business (D2.4, D3.2, K1.3, X3.2)."""
    case = open_case(session, actor, "request.return", args["ticket_id"], at)
    _ask(case, rules.RETURN, args)


def ask_extension(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Ask for a later deadline, a day ahead and never when overdue (D2.5, D4.3, K2.5)."""
    case = open_case(session, actor, "request.extend", args["ticket_id"], at)
    _ask(case, rules.EXTENSION, args)


def ask(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Ask for whatever the profile knows: a suspension, an end, an appeal, a filing, an order, a panel, …"""
    case = open_case(session, actor, "request.ask", args["ticket_id"], at)
    _ask(case, args["kind"], args)


def _ask(case: Case, kind: str, args: dict[str, Any]) -> None:
    if case.session.get(Request, args["request_id"]) is not None:
        raise Problem("id_taken")
    rule = stages.rule_of(case.policy, kind)
    _take_role(case, rule)
    new_due_at = (args.get("new_due_at") or args.get("until")) if rule.extends else None
    until = None if rule.extends else args.get("until")
    deadline = _judge(case, rule, args, new_due_at, until)
    request = _new(case, rule, args["request_id"], args["reason"])
    request.by, request.role = case.actor.person_id, case.role
    request.proposed_unit_id = _proposed(case, args["proposed_unit"])
    request.new_due_at, request.until, request.due_before = new_due_at, until, deadline
    request.grounds, request.fields = args["grounds"], args["fields"]
    request.evidence_ids, request.variant = args["evidence_ids"], args["variant"]
    if rule.effect == rules.EXEMPT:
        request.supported_by = supporting_panel(case.session, case.ticket.id)
    _begin(case, rule, request)
    _name_panel(case, request, args.get("panel", []))


def _take_role(case: Case, rule: RequestRule) -> None:
    """Let the actor ask in the role the profile gives this kind to. Raises `Problem` `request_not_yours`."""
    grant = stages.grant_among(case, rule.asked_by)
    if grant is None:
        raise Problem("request_not_yours", label=rule.label)
    case.role, case.acting_for = grant.role, grant.acting_for


def _judge(
    case: Case, rule: RequestRule, args: dict[str, Any], new_due_at: datetime | None, until: datetime | None
) -> datetime | None:
    """Refuse what cannot be asked for; return the deadline that an approval would move."""
    asking = facts.load(case.session, case.ticket.id)
    require(rules.judge_askable(rule, asking, case.at.counted, args["variant"]))
    proof = require_proof(case, args["evidence_ids"])
    limit = asking.limits.get(rule.extends) if rule.extends else None
    said = Asked(
        counted=case.at.counted,
        reason=args["reason"],
        new_due_at=new_due_at,
        until=until,
        grounds=args["grounds"],
        fields=args["fields"],
        phases=[piece["phase"] for piece in proof],
        proposed_unit=args["proposed_unit"],
        variant=args["variant"],
        panel=len(args.get("panel", [])),
    )
    require(judge_content(rule, said, limit))
    return limit.due_at if limit else None


def _new(case: Case, rule: RequestRule, request_id: str, reason: str) -> Request:
    unit_id = case.ticket.unit_id
    if unit_id is None:
        require(lifecycle.wrong(case.ticket.state, rule.label))
    return Request(
        id=request_id,
        ticket_id=case.ticket.id,
        unit_id=unit_id,
        kind=rule.kind,
        reason=reason,
        asked_at=case.at.received,
        counted_at=case.at.counted,
        outlives_closing=rules.outlives_closing(rule),
        outlives_unit=rules.outlives_unit(rule),
    )


def _begin(case: Case, rule: RequestRule, request: Request) -> None:
    """Put the request before its first stage, let the clocks stand that its kind pauses, and journal it."""
    stages.enter(case, rule, request, rules.first_stage(rule))
    case.session.add(request)
    case.pause(*rule.pauses)
    payload = {
        "request_id": request.id,
        "kind": request.kind,
        "label": rule.label,
        "reason": case.masked(request.reason),
        "counted_at": clock.iso(request.counted_at),
        "grounds": request.grounds or [],
        "evidence_ids": request.evidence_ids or [],
        "waits_for": rules.named(request.waits_for),
        "proposed_unit_id": request.proposed_unit_id,
        "new_due_at": clock.iso(request.new_due_at) if request.new_due_at else None,
        "until": clock.iso(request.until) if request.until else None,
        "due_before": clock.iso(request.due_before) if request.due_before else None,
    }
    case.record("request.asked", payload)


def _name_panel(case: Case, request: Request, panel: list[dict[str, Any]]) -> None:
    case.session.flush()  # the evaluators point to the request, and nothing here tells the order
    for position, member in enumerate(panel):
        if case.session.get(Evaluator, member["evaluator_id"]) is not None:
            raise Problem("id_taken")
        named = {"name": member["name"], "capacity": member["capacity"]}
        case.session.add(Evaluator(id=member["evaluator_id"], request_id=request.id, position=position, **named))


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
    request, rule = stages.find(case, args["request_id"])
    _take_role(case, rule)
    label = lifecycle.label(case.command)
    require(rules.judge_stage(rule, request.state, rules.ACTS, label))
    stages.enter(case, rule, request, rules.WITHDRAWN)
    case.record("request.withdrawn", {"request_id": request.id, "kind": request.kind, "label": rule.label})
