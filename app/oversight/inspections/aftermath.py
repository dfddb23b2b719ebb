"""After a verdict was told: the unit puts things right or appeals, and somebody else decides (A5)."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app import clock
from app.clock import Moment
from app.fieldwork.queries import require_proof
from app.oversight.inspections import rules, schemas
from app.oversight.inspections.announcing import ground_labels
from app.oversight.inspections.commands import looks_at
from app.oversight.inspections.independence import barred
from app.oversight.inspections.models import InspectionAppeal, InspectionCase, InspectionRectification
from app.people.masking import mask_text
from app.people.permissions import SUPERVISOR, Actor
from app.policies.deadlines import in_time, span_end
from app.policies.inspecting import VERDICTS
from app.problems import Problem, require
from app.tickets.case import Case, open_case


def _told(case: Case, case_id: str) -> InspectionCase:
    """Return a case of this ticket that its unit knows of; to a unit one that it does not know of is not there."""
    row = case.session.get(InspectionCase, case_id)
    if row is None or row.ticket_id != case.ticket.id or row.told_at is None:
        raise Problem("inspection_not_found")
    if case.role != SUPERVISOR and row.unit_id != case.ticket.unit_id:
        raise Problem("inspection_moved")
    return row


def _independent(case: Case, row: InspectionCase) -> None:
    found = barred(case.session, case.actor.person_id, [row.ticket_id], case.at.received)
    require(rules.judge_independent(found.get(row.ticket_id)))


def _rectification(case: Case, row: InspectionCase, *states: str) -> InspectionRectification:
    found = case.session.get(InspectionRectification, row.id)
    if found is None or found.state not in states:
        state = rules.RECTIFICATION_LABELS[found.state] if found else "无需整改"
        raise Problem("inspection_rectification_not_open", state=state)
    return found


def rectify(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Answer what was put right, with what shows it. Raises `Problem` `inspection_rectification_not_open`."""
    case = open_case(session, actor, "inspection.rectify", args["ticket_id"], at)
    row = _told(case, args["case_id"])
    task = _rectification(case, row, rules.ASKED)
    require_proof(case, args["evidence_ids"])
    answer = {
        "text": args["text"],
        "evidence_ids": list(dict.fromkeys(args["evidence_ids"])),
        "by": actor.person_id,
        "at": clock.iso(at.received),
        "passed": None,
        "note": None,
        "reviewed_by": None,
        "reviewed_at": None,
    }
    task.rounds, task.state = [*task.rounds, answer], rules.ANSWERED
    late = not in_time(case.at.counted, task.due_at)
    said = {"case_id": row.id, "text": mask_text(args["text"]), "evidence_ids": answer["evidence_ids"]}
    case.record("inspection.rectified", said | {"late": late, "nth": len(task.rounds)})


def review(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Accept a rectification, ask for another one, or do without one that was not answered (免予整改)."""
    case = open_case(session, actor, "inspection.review", args["ticket_id"], at)
    row = _told(case, args["case_id"])
    _independent(case, row)
    task = _rectification(case, row, rules.ANSWERED, rules.ASKED)
    if task.state == rules.ASKED:
        if not args["passed"]:
            raise Problem("inspection_rectification_not_open", state=rules.RECTIFICATION_LABELS[task.state])
        task.state = rules.WAIVED
    else:
        reviewed = {"passed": args["passed"], "note": args["note"], "reviewed_by": actor.person_id}
        task.rounds = [*task.rounds[:-1], task.rounds[-1] | reviewed | {"reviewed_at": clock.iso(at.received)}]
        task.state = rules.PASSED if args["passed"] else rules.ASKED
    said = {"case_id": row.id, "passed": args["passed"], "note": mask_text(args["note"]), "state": task.state}
    if args["passed"]:
        task.ended_at = at.received
    else:
        task.asked_at, task.soon_told_at, task.late_told_at = at.received, None, None
        task.due_at = span_end(case.policy, case.calendar, case.policy.inspections.rectify, at.received).due_at
        said |= {"due_at": clock.iso(task.due_at), "due_text": case.local(task.due_at)}
    case.record("inspection.reviewed", said)


def appeal(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Object to a bad verdict, once, within the profile's term. Raises `Problem` `inspection_appeal_closed`."""
    case = open_case(session, actor, "inspection.appeal", args["ticket_id"], at)
    row = _told(case, args["case_id"])
    if session.get(InspectionAppeal, row.id) is not None:
        raise Problem("inspection_appealed")
    if row.appeal_until is None or not in_time(case.at.counted, row.appeal_until):
        if row.appeal_until is None:
            raise Problem("inspection_no_appeal")
        raise Problem("inspection_appeal_closed", until=case.local(row.appeal_until))
    require_proof(case, args["evidence_ids"])
    session.add(
        InspectionAppeal(
            case_id=row.id, ticket_id=row.ticket_id, unit_id=row.unit_id, reason=args["reason"],
            evidence_ids=list(dict.fromkeys(args["evidence_ids"])), by=actor.person_id, at=at.received,
        )
    )  # fmt: skip
    case.record("inspection.appealed", {"case_id": row.id, "reason": mask_text(args["reason"])})


def decide(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Decide an appeal; not for those who gave the verdict (A5). Granted, another verdict stands from now on.

    Raises `Problem` `inspection_appeal_own`, `inspection_appeal_none`, `inspection_verdict_same`.
    """
    case = open_case(session, actor, "inspection.decide", args["ticket_id"], at)
    row = _told(case, args["case_id"])
    _independent(case, row)
    found = session.get(InspectionAppeal, row.id)
    if found is None or found.decided_at is not None:
        raise Problem("inspection_appeal_none")
    if any(look.by == actor.person_id for look in looks_at(session, row.id)):
        raise Problem("inspection_appeal_own")
    before = row.verdict
    found.decided_by, found.decided_at, found.granted = actor.person_id, at.received, args["granted"]
    found.note, found.verdict = args["note"], before
    task = session.get(InspectionRectification, row.id)
    if args["granted"]:
        _change(case, row, args)
        found.verdict = row.verdict
        if task is not None and task.ended_at is None and not rules.is_bad(row.verdict):
            task.state, task.ended_at = rules.WAIVED, at.received
    elif task is not None and task.state == rules.ASKED:
        # The unit could not know whether it would have to: its time begins where the appeal interrupted it.
        task.due_at += at.received - found.at
        task.soon_told_at = task.late_told_at = None
    said = {"case_id": row.id, "granted": args["granted"], "before": before, "verdict": row.verdict}
    labels = {"label": VERDICTS[row.verdict or ""], "grounds": ground_labels(case.policy.inspections, row.grounds)}
    case.record("inspection.appeal_decided", said | labels | {"note": mask_text(args["note"])})


def _change(case: Case, row: InspectionCase, args: dict[str, Any]) -> None:
    if args["verdict"] in (None, row.verdict):
        raise Problem("inspection_verdict_same")
    require(rules.judge_verdict(case.policy.inspections, args["verdict"], args["grounds"], args["note"]))
    row.verdict, row.grounds = args["verdict"], list(args["grounds"])


COMMANDS = {
    "inspection.rectify": (schemas.InspectionRectify, rectify),
    "inspection.review": (schemas.InspectionReview, review),
    "inspection.appeal": (schemas.InspectionAppealed, appeal),
    "inspection.decide": (schemas.InspectionDecide, decide),
}
