"""Deciding, answering and voting, stage by stage, and what follows."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app import clock
from app.clock import Moment
from app.fieldwork.queries import require_proof
from app.fieldwork.rules import judge_times
from app.ids import new_id
from app.people.permissions import Actor
from app.policies.policy import RequestRule, Stage
from app.problems import Problem, require
from app.requests import effects, rules, stages
from app.requests.models import Decision, Evaluator, Request
from app.requests.queries import evaluators, last_decision
from app.tickets.case import Case, open_case


def decide(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """One stage approves or refuses; what it approves goes on to the next (D4.3, K1.3, X3.2).

    Refusing an answer sends it back to be answered anew (U4.9).
    """
    case = open_case(session, actor, "request.decide", args["ticket_id"], at)
    request, rule = stages.find(case, args["request_id"])
    stage = stages.take_turn(case, request, rule, (rules.DECIDE,))
    require(rules.judge_own(_author(case, request, rule), actor.person_id, case.acting_for))
    _settle(case, request, rule, stage, args, answered_at=None, new_due_at=request.new_due_at)


def _author(case: Case, request: Request, rule: RequestRule) -> str | None:
    """Return whose work the present stage decides on: that of who answered last, or of who asked."""
    if not rules.judges_answer(rule, request.state):
        return request.by
    answered = last_decision(case.session, request.id)
    return answered.by if answered else None


def record_answer(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Record what an office outside answered to a request the station passed on (D4.3, K2.5, K2.8)."""
    case = open_case(session, actor, "request.record_answer", args["ticket_id"], at)
    request, rule = stages.find(case, args["request_id"])
    stage = stages.take_turn(case, request, rule, (rules.RECORD,))
    answered_at = args["answered_at"]
    if answered_at is not None:
        require(judge_times("答复时间", answered_at, None, request.asked_at, "申请时间", at.received))
    new_due_at = args["new_due_at"] or request.new_due_at
    _settle(case, request, rule, stage, args, answered_at=answered_at, new_due_at=new_due_at)


def answer(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Answer a supervision order, or conclude a check from above (U4.9, K3.10)."""
    case = open_case(session, actor, "request.answer", args["ticket_id"], at)
    request, rule = stages.find(case, args["request_id"])
    stage = stages.take_turn(case, request, rule, (rules.ANSWER,))
    require_proof(case, args["evidence_ids"])
    decision = _decision(case, request, stage, rules.ANSWER, args["text"])
    decision.evidence_ids = args["evidence_ids"]
    request.outcome = args["finding"] or request.outcome
    late = request.decide_by is not None and at.counted > request.decide_by
    stages.enter(case, rule, request, rules.after_decision(rule, stage.key, rules.APPROVE))
    payload = {
        "request_id": request.id,
        "kind": request.kind,
        "label": rule.label,
        "stage": stage.key,
        "stage_label": stage.label,
        "text": case.masked(args["text"]),
        "evidence_ids": args["evidence_ids"],
        "finding": args["finding"],
        "state": request.state,
        "waits_for": rules.named(request.waits_for),
        "late": late,
    }
    case.record("request.answered", payload)
    _carry_out(case, request, rule, None)


def vote(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Enter the vote of one evaluator; the last one gives the panel's verdict (K3.11)."""
    case = open_case(session, actor, "request.vote", args["ticket_id"], at)
    request, rule = stages.find(case, args["request_id"])
    stage = stages.take_turn(case, request, rule, (rules.VOTE,))
    panel = evaluators(session, request.id)
    member = next((m for m in panel if m.id == args["evaluator_id"]), None)
    if member is None:
        raise Problem("evaluator_not_found")
    if member.vote is not None:
        raise Problem("evaluator_voted", name=member.name)
    member.vote, member.note = args["vote"], args["note"] or None
    member.voted_at, member.recorded_by = at.received, actor.person_id
    # Names of evaluators are no caller's data, and a vote without its name proves nothing.
    payload = {"request_id": request.id, "kind": request.kind, "label": rule.label, "name": member.name}
    case.record("request.voted", payload | {"capacity": member.capacity, "vote": member.vote})
    if all(m.vote for m in panel):
        _conclude(case, request, rule, stage, panel)


def _conclude(case: Case, request: Request, rule: RequestRule, stage: Stage, panel: list[Evaluator]) -> None:
    votes = Counter(m.vote for m in panel if m.vote)
    request.outcome = rules.majority(votes)
    stages.enter(case, rule, request, rules.after_decision(rule, stage.key, rules.APPROVE))
    tally = {v: votes[v] for v in rules.VOTES}
    payload = {"request_id": request.id, "kind": request.kind, "label": rule.label, "outcome": request.outcome}
    waits = {"state": request.state, "waits_for": rules.named(request.waits_for)}
    case.record("panel.concluded", payload | {"votes": tally} | waits)
    _carry_out(case, request, rule, None)


def _decision(case: Case, request: Request, stage: Stage, decision: str, note: str) -> Decision:
    row = Decision(
        id=new_id(),
        request_id=request.id,
        stage=stage.key,
        decision=decision,
        note=note,
        by=case.actor.person_id,
        acting_for=case.acting_for,
        at=case.at.received,
    )
    case.session.add(row)
    return row


def _settle(
    case: Case,
    request: Request,
    rule: RequestRule,
    stage: Stage,
    args: dict[str, Any],
    *,
    answered_at: datetime | None,
    new_due_at: datetime | None,
) -> None:
    """Note the decision of the stage the request stands at, and do what an approval of the last stage means."""
    decision = args["decision"]
    granted = new_due_at if decision == rules.APPROVE else None
    row = _decision(case, request, stage, decision, args["note"])
    row.new_due_at, row.answered_at = granted, answered_at
    before = _history(case)
    stages.enter(case, rule, request, rules.after_decision(rule, stage.key, decision))
    payload = {
        "request_id": request.id,
        "kind": request.kind,
        "label": rule.label,
        "stage": stage.key,
        "stage_label": stage.label,
        "decision": decision,
        "state": request.state,
        "waits_for": rules.named(request.waits_for),
        "new_due_at": clock.iso(granted) if granted else None,
        "answered_at": clock.iso(answered_at) if answered_at else None,
        "clocks": before,
    }
    case.record("request.decided", payload)
    _carry_out(case, request, rule, granted)


def _carry_out(case: Case, request: Request, rule: RequestRule, granted: datetime | None) -> None:
    if request.state == rules.APPROVED:
        effects.EFFECTS[rule.effect](case, request, rule, granted)
        if request.outcome == rules.REASONABLE:
            effects.must_solve(case, request)


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
