"""Commands of field work: one function per verb."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app import clock
from app.clock import Moment
from app.evidence import position
from app.evidence.queries import usable_evidence
from app.fieldwork import rules, schemas
from app.fieldwork.models import Contact, ProgressReport, Visit, VisitException, WorkPlan
from app.fieldwork.queries import conversations_told, field_facts, next_plan_number
from app.fieldwork.seals import seal
from app.people.permissions import STATION, Actor
from app.problems import Problem, require
from app.tickets.case import Case, open_case
from app.tickets.centre import note_contact


def record_contact(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Log one attempt to speak with the caller or the station, reached or not (D2.1)."""
    case = open_case(session, actor, "contact.record", args["ticket_id"], at)
    started = args["started_at"]
    require(rules.judge_times("联系时间", started, None, case.ticket.received_at, "诉求受理时间", at.received))
    _require_evidence(case, args["evidence_ids"])
    row = Contact(
        id=args["contact_id"],
        ticket_id=case.ticket.id,
        unit_id=None if case.role == STATION else case.unit_id,
        purpose=args["purpose"],
        to=args["to"],
        channel=args["channel"],
        outcome=args["outcome"],
        started_at=started,
        duration_s=args["duration_s"],
        note=args["note"] or None,
        evidence_ids=args["evidence_ids"],
        by=actor.person_id,
        recorded_at=at.received,
    )
    session.add(row)
    if row.to == rules.CALLER:
        note_contact(case, row.outcome == rules.REACHED)
    if row.unit_id and row.to == rules.CALLER and row.outcome == rules.REACHED:
        _meet(case, "contacted")
        if row.purpose in rules.TELLING:
            _meet(case, "told")
    facts = {key: args[key] for key in ("purpose", "to", "channel", "outcome", "duration_s", "evidence_ids")}
    payload = {"contact_id": row.id, **facts, "started_at": clock.iso(started), "seal": seal(row)}
    case.record("contact.recorded", payload)


def record_visit(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Record that the caller was met in person: 办, 劝 or 谈 (D5.1). The position is kept in WGS-84."""
    case = open_case(session, actor, "visit.record", args["ticket_id"], at)
    require(rules.judge_mode(case.policy.visit, args["mode"]))
    arrived, left = args["arrived_at"], args["left_at"]
    require(rules.judge_times("上门时间", arrived, left, case.ticket.received_at, "诉求受理时间", at.received))
    row = Visit(
        id=args["visit_id"],
        ticket_id=case.ticket.id,
        unit_id=case.unit_id,
        mode=args["mode"],
        arrived_at=arrived,
        left_at=left,
        met=args["met"],
        met_name=args["met_name"] or None,
        note=args["note"] or None,
        by=actor.person_id,
        recorded_at=at.received,
        **position.columns(args["position"]),
    )
    session.add(row)
    _meet(case, "visited")
    payload = {
        "visit_id": row.id,
        "mode": row.mode,
        "met": row.met,
        "arrived_at": clock.iso(arrived),
        "left_at": clock.iso(left) if left else None,
        "located": row.latitude is not None,
        "seal": seal(row),
    }
    case.record("visit.recorded", payload)


def except_visit(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Record why the caller is not met in person; the grounds and their proof are the profile's (D5.1)."""
    case = open_case(session, actor, "visit.except", args["ticket_id"], at)
    facts = field_facts(session, case.ticket.id)
    require(rules.judge_exception(case.policy.visit, args["ground"], facts, case.ticket.anonymous))
    row = VisitException(
        id=args["exception_id"],
        ticket_id=case.ticket.id,
        unit_id=case.ticket.unit_id,
        ground=args["ground"],
        note=args["note"],
        by=actor.person_id,
        recorded_at=at.received,
    )
    session.add(row)
    payload = {"exception_id": row.id, "ground": row.ground, "attempts": facts.attempts, "seal": seal(row)}
    case.record("visit.excepted", payload)


def report_progress(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Report how far the work is, after the caller has been told (D4.2)."""
    case = open_case(session, actor, "progress.report", args["ticket_id"], at)
    facts = field_facts(session, case.ticket.id)
    _require_progress(case, args, facts)
    row = ProgressReport(
        id=args["progress_id"],
        ticket_id=case.ticket.id,
        unit_id=case.ticket.unit_id,
        text=args["text"],
        reason=args["reason"] or None,
        caller_told=args["caller_told"],
        conversations=facts.conversations,
        by=actor.person_id,
        recorded_at=at.received,
    )
    session.add(row)
    _meet(case, "progressed")
    payload = {
        "progress_id": row.id,
        "text": case.masked(row.text),
        "reason": case.masked(row.reason) if row.reason else None,
        "caller_told": row.caller_told,
        "seal": seal(row),
    }
    case.record("progress.reported", payload)


def _require_progress(case: Case, args: dict[str, Any], facts: rules.FieldFacts) -> None:
    told = conversations_told(case.session, case.ticket.id)
    policy, anonymous = case.policy.progress, case.ticket.anonymous
    require(rules.judge_progress(policy, args["text"], args["caller_told"], facts, told, anonymous))
    late = case.overdue()
    if late is not None:
        require(rules.judge_lateness(policy, args["reason"] or "", late.label, case.local(late.due_at)))


def file_plan(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """File how a complex case is to be solved and by when each step; filed again it replaces the one before (K2.7)."""
    case = open_case(session, actor, "plan.file", args["ticket_id"], at)
    require(rules.judge_plan(case.policy.plan, case.policy.progress.empty, args["text"], args["steps"], at.received))
    assert case.ticket.unit_id is not None  # a ticket in work stands with a unit
    row = WorkPlan(
        id=args["plan_id"],
        ticket_id=case.ticket.id,
        unit_id=case.ticket.unit_id,
        number=next_plan_number(session, case.ticket.id),
        text=args["text"],
        steps=[step | {"due_at": clock.iso(step["due_at"])} for step in args["steps"]],
        by=actor.person_id,
        recorded_at=at.received,
    )
    session.add(row)
    _meet(case, "planned")
    payload = {"plan_id": row.id, "number": row.number, "text": case.masked(row.text), "steps": len(row.steps)}
    case.record("plan.filed", payload | {"seal": seal(row)})


def _require_evidence(case: Case, evidence_ids: list[str]) -> None:
    usable = usable_evidence(case.session, case.ticket.id) if evidence_ids else {}
    unknown = [i for i in evidence_ids if i not in usable]
    if unknown:
        raise Problem("contact_evidence_unknown", count=len(unknown), evidence_ids=unknown)


def _meet(case: Case, moment: str) -> None:
    names = case.policy.clocks_met(moment)
    # What a helping unit does keeps no limit of the unit that has the ticket.
    if names and case.assisting is None:
        case.meet(*names)


COMMANDS = {
    "contact.record": (schemas.ContactRecord, record_contact),
    "visit.record": (schemas.VisitRecord, record_visit),
    "visit.except": (schemas.VisitExcept, except_visit),
    "progress.report": (schemas.ProgressReportArgs, report_progress),
    "plan.file": (schemas.PlanFile, file_plan),
}
