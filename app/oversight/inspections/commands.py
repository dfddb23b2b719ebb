"""Looking at a case: taking it on, judging it, correcting a verdict before it is told, telling it at once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import Moment
from app.ids import new_id
from app.oversight.inspections import announcing, rules, schemas
from app.oversight.inspections.independence import barred
from app.oversight.inspections.models import InspectionLook, InspectionPlan
from app.oversight.inspections.opening import LABELS, Opened, open_inspection
from app.people.permissions import SUPERVISOR, Actor
from app.people.queries import names, people_with_role
from app.problems import Problem, require


def looks_at(session: Session, case_id: str) -> list[InspectionLook]:
    """Return everybody's look at a case, in order."""
    query = select(InspectionLook).where(InspectionLook.case_id == case_id).order_by(InspectionLook.nth)
    return list(session.scalars(query))


def claim(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Take a case on, so that nobody else works on it in vain. Raises `Problem` `inspection_claimed`."""
    opened = open_inspection(session, actor, "inspection.claim", args["case_id"], at)
    _take(opened, actor.person_id, new_id(), "inspection.claim")


def release(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Give back a case that was taken on and not judged."""
    opened = open_inspection(session, actor, "inspection.release", args["case_id"], at)
    mine = _of(looks_at(session, opened.case.id), actor.person_id)
    if mine is None or mine.verdict is not None:
        raise Problem("inspection_not_yours")
    session.delete(mine)
    opened.record("inspection.released", {"nth": mine.nth})


def assign(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Give a case to a supervisor who may look at it; what somebody had taken on and not judged passes over."""
    opened = open_inspection(session, actor, "inspection.assign", args["case_id"], at)
    person = args["person_id"]
    if person not in people_with_role(session, actor.jurisdiction_id, SUPERVISOR, at.received):
        raise Problem("person_not_found")
    barred_for = barred(session, person, [opened.case.ticket_id], at.received)
    require(rules.judge_independent(barred_for.get(opened.case.ticket_id)))
    looks = looks_at(session, opened.case.id)
    if _free(opened, looks) is None:
        idle = next((look for look in looks if look.verdict is None and look.by != person), None)
        if idle is not None:
            session.delete(idle)
            session.flush()
    _take(opened, person, new_id(), "inspection.assign")


def _of(looks: list[InspectionLook], person_id: str) -> InspectionLook | None:
    return next((look for look in looks if look.by == person_id), None)


def _free(opened: Opened, looks: list[InspectionLook]) -> int | None:
    """Return which look nobody has taken on yet, None when there is none (for now)."""
    wanted = {rules.OPEN: (1, 2) if opened.case.second else (1,), rules.SETTLING: (3,)}.get(opened.case.state, ())
    taken = {look.nth for look in looks}
    return next((nth for nth in wanted if nth not in taken), None)


def _take(opened: Opened, person_id: str, look_id: str, command: str) -> InspectionLook:
    """Return the person's look that is still to be judged, made now unless it is there already."""
    looks = looks_at(opened.session, opened.case.id)
    mine = _of(looks, person_id)
    if mine is not None:
        if mine.verdict is not None:
            raise Problem("inspection_judged")
        return mine
    nth = _free(opened, looks)
    if nth is None:
        if opened.case.state in (rules.OPEN, rules.SETTLING):
            idle = next((look.by for look in looks if look.verdict is None), None)
            raise Problem("inspection_claimed", name=names(opened.session, [idle]).get(idle or "", "他人"))
        raise Problem("inspection_not_open", state=rules.STATE_LABELS[opened.case.state], command=LABELS[command])
    look = InspectionLook(
        id=look_id, case_id=opened.case.id, nth=nth, by=person_id, claimed_at=opened.at.received, verdict=None,
        grounds=[], note="", former=[],
    )  # fmt: skip
    opened.session.add(look)
    opened.session.flush()
    opened.record("inspection.claimed", {"nth": nth, "person_id": person_id})
    return look


def judge(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Give a verdict: 属实, 存疑 or 弄虚作假 (A5, U4.8). A case nobody has taken on is taken on by it.

    Raises `Problem` `inspection_not_independent`, `inspection_claimed`, `inspection_judged` for a second verdict of
    the same person, and what is missing in the verdict.
    """
    opened = open_inspection(session, actor, "inspection.judge", args["case_id"], at)
    require(rules.judge_verdict(opened.policy.inspections, args["verdict"], args["grounds"], args["note"]))
    if session.get(InspectionLook, args["look_id"]) is not None:
        raise Problem("id_taken")
    look = _take(opened, actor.person_id, args["look_id"], "inspection.judge")
    _write(look, args, at)
    session.flush()
    said = {"nth": look.nth, "verdict": look.verdict, "grounds": look.grounds, "note": look.note}
    opened.record("inspection.judged", said)
    _settle(opened)


def correct(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Correct one's own verdict while it has not been told; what it was stays on record.

    Raises `Problem` `inspection_not_yours`, `inspection_told` and, once somebody settles a disagreement,
    `inspection_not_open`.
    """
    opened = open_inspection(session, actor, "inspection.correct", args["case_id"], at)
    require(rules.judge_verdict(opened.policy.inspections, args["verdict"], args["grounds"], args["note"]))
    looks = looks_at(session, opened.case.id)
    mine = _of(looks, actor.person_id)
    if mine is None or mine.verdict is None:
        raise Problem("inspection_not_yours")
    if opened.case.told_at is not None:
        raise Problem("inspection_told")
    if mine.nth < 3 and any(look.nth == 3 for look in looks):
        raise Problem("inspection_not_open", state="已交他人裁定", command=LABELS["inspection.correct"])
    former = {"verdict": mine.verdict, "grounds": mine.grounds, "note": mine.note, "reason": args["reason"]}
    mine.former = [*mine.former, former]
    _write(mine, args, at)
    session.flush()
    opened.record("inspection.corrected", {"nth": mine.nth, "verdict": mine.verdict, "former": former})
    _settle(opened)


def announce(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Tell the unit now what would be told after the plan's pause; for those who judged the case."""
    opened = open_inspection(session, actor, "inspection.announce", args["case_id"], at)
    if opened.case.told_at is not None:
        raise Problem("inspection_told")
    mine = _of(looks_at(session, opened.case.id), actor.person_id)
    if mine is None or mine.verdict is None:
        raise Problem("inspection_not_yours")
    if opened.case.state != rules.HELD:
        # In the words of a case that waits: whoever judged must not learn here what the other one said.
        raise Problem("inspection_not_open", state="还有判定未完成", command=LABELS["inspection.announce"])
    announcing.tell(session, opened.draw, opened.case, at)


def _write(look: InspectionLook, args: dict[str, Any], at: Moment) -> None:
    look.verdict, look.grounds, look.note = args["verdict"], list(args["grounds"]), args["note"]
    look.judged_at = at.received


def _settle(opened: Opened) -> None:
    """Let the case go where its verdicts put it, and be told at once where the plan holds nothing back."""
    case = opened.case
    given = [look for look in looks_at(opened.session, case.id) if look.verdict is not None]
    case.state, case.verdict = rules.outcome_of([look.verdict or "" for look in given], case.second)
    if case.verdict is None:
        case.grounds, case.note, case.told_from = [], None, None
        return
    agreed = [look for look in given if look.verdict == case.verdict]
    case.grounds = list(dict.fromkeys(key for look in agreed for key in look.grounds))
    case.note = "；".join(dict.fromkeys(look.note for look in agreed if look.note)) or None
    plan = opened.session.get_one(InspectionPlan, opened.draw.plan_id)
    case.told_from = rules.told_from(opened.at.received, plan.hold_minutes)
    if plan.hold_minutes == 0:
        announcing.tell(opened.session, opened.draw, case, opened.at)


COMMANDS = {
    "inspection.claim": (schemas.CaseNamed, claim),
    "inspection.release": (schemas.CaseNamed, release),
    "inspection.assign": (schemas.InspectionAssign, assign),
    "inspection.judge": (schemas.InspectionJudge, judge),
    "inspection.correct": (schemas.InspectionCorrect, correct),
    "inspection.announce": (schemas.CaseNamed, announce),
}
