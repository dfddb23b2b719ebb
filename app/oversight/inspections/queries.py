"""The SELECTs on what units know of spot checks, and on which tickets a phone holds because of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from app import clock
from app.oversight.inspections.announcing import ground_labels
from app.oversight.inspections.independence import barred
from app.oversight.inspections.models import (
    InspectionAppeal,
    InspectionCase,
    InspectionLook,
    InspectionRectification,
)
from app.oversight.inspections.opening import LABELS
from app.oversight.inspections.rules import RECTIFICATION_LABELS, judge_independent
from app.people.masking import mask_text
from app.people.permissions import SUPERVISOR, Actor
from app.people.queries import names
from app.policies.inspecting import VERDICTS
from app.policies.queries import policy_of
from app.problems import Problem, require
from app.tickets.basis import anything_in
from app.tickets.models import Ticket

ADDS = anything_in(InspectionCase)


def visible_case(session: Session, actor: Actor, case_id: str, at: datetime) -> InspectionCase:
    """Return a case for reading.

    Raises `Problem` `not_permitted` for all but supervisors, `inspection_not_found`, `inspection_not_independent`.
    """
    require_supervisor(actor)
    case = session.get(InspectionCase, case_id)
    if case is None or case.jurisdiction_id != actor.jurisdiction_id:
        raise Problem("inspection_not_found")
    require(judge_independent(barred(session, actor.person_id, [case.ticket_id], at).get(case.ticket_id)))
    return case


def require_supervisor(actor: Actor) -> None:
    """Refuse whoever does not check. Raises `Problem` `not_permitted`."""
    if not actor.has(SUPERVISOR):
        raise Problem("not_permitted", command=LABELS["inspection.judge"])


def claimed_tickets(person_id: str) -> Select[str]:
    """Return the select of tickets that a supervisor has taken on and not judged, for use inside another query."""
    return (
        select(InspectionCase.ticket_id)
        .join(InspectionLook, InspectionLook.case_id == InspectionCase.id)
        .where(InspectionLook.by == person_id, InspectionLook.verdict.is_(None), InspectionCase.told_at.is_(None))
    )


def asked_tickets(unit_ids: Collection[str], at: datetime) -> Select[str]:
    """Return the select of tickets on which a unit has something to put right, or may still appeal."""
    appeal = and_(InspectionCase.appeal_until >= at, InspectionAppeal.case_id.is_(None))
    waiting = InspectionAppeal.case_id.is_not(None) & InspectionAppeal.decided_at.is_(None)
    return (
        select(InspectionCase.ticket_id)
        .join(InspectionRectification, InspectionRectification.case_id == InspectionCase.id)
        .join(InspectionAppeal, InspectionAppeal.case_id == InspectionCase.id, isouter=True)
        .where(InspectionRectification.unit_id.in_(unit_ids), InspectionCase.told_at.is_not(None))
        .where(or_(InspectionRectification.ended_at.is_(None), appeal, waiting))
    )


def wire_for(session: Session, ticket_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return ticket id → the verdicts that its unit knows of, oldest first; what is not told yet is not there (A5)."""
    found: dict[str, dict[str, Any]] = {i: {"inspections": []} for i in ticket_ids}
    query = (
        select(InspectionCase, InspectionRectification, InspectionAppeal, Ticket.policy_id)
        .join(Ticket, Ticket.id == InspectionCase.ticket_id)
        .join(InspectionRectification, InspectionRectification.case_id == InspectionCase.id, isouter=True)
        .join(InspectionAppeal, InspectionAppeal.case_id == InspectionCase.id, isouter=True)
        .where(InspectionCase.ticket_id.in_(ticket_ids), InspectionCase.told_at.is_not(None))
        .order_by(InspectionCase.told_at, InspectionCase.id)
    )
    rows = session.execute(query).all()
    called = names(session, _people(rows))
    for case, task, appeal, policy_id in rows:
        rules = policy_of(session, policy_id).inspections
        found[case.ticket_id]["inspections"].append(
            verdict_wire(case, ground_labels(rules, case.grounds))
            | {"rectification": task and task_wire(task, called), "appeal": appeal and appeal_wire(appeal, called)}
        )
    return found


def _people(rows: Sequence[Any]) -> set[str | None]:
    people: set[str | None] = set()
    for _, task, appeal, _ in rows:
        people |= {r[key] for r in (task.rounds if task else ()) for key in ("by", "reviewed_by")}
        people |= {appeal.by, appeal.decided_by} if appeal else set()
    return people


def verdict_wire(case: InspectionCase, labels: list[str]) -> dict[str, Any]:
    """Return what a told case says; not who judged it."""
    return {
        "id": case.id,
        "verdict": case.verdict,
        "label": VERDICTS[case.verdict or ""],
        "grounds": labels,
        "note": mask_text(case.note) if case.note else None,
        "told_at": _iso(case.told_at),
        "appeal_until": _iso(case.appeal_until),
    }


def task_wire(task: InspectionRectification, called: dict[str, str]) -> dict[str, Any]:
    """Return a rectification and its rounds."""
    return {
        "state": task.state,
        "label": RECTIFICATION_LABELS[task.state],
        "due_at": clock.iso(task.due_at),
        "ended_at": _iso(task.ended_at),
        "rounds": [
            {
                "text": mask_text(r["text"]),
                "evidence_ids": r["evidence_ids"],
                "by": {"id": r["by"], "name": called.get(r["by"], "")},
                "at": r["at"],
                "passed": r["passed"],
                "note": r["note"] and mask_text(r["note"]),
                "reviewed_at": r["reviewed_at"],
            }
            for r in task.rounds
        ],
    }


def appeal_wire(appeal: InspectionAppeal, called: dict[str, str]) -> dict[str, Any]:
    """Return an appeal and what became of it."""
    return {
        "reason": mask_text(appeal.reason),
        "evidence_ids": appeal.evidence_ids,
        "by": {"id": appeal.by, "name": called.get(appeal.by, "")},
        "at": clock.iso(appeal.at),
        "decided_at": _iso(appeal.decided_at),
        "granted": appeal.granted,
        "verdict": appeal.verdict,
        "note": mask_text(appeal.note) if appeal.note else None,
    }


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else clock.iso(instant)
