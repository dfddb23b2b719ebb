"""Dispatch and reassignment: on what ground, after which consultation, with whose help."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.clock import Moment
from app.people.models import Jurisdiction
from app.people.permissions import Actor
from app.problems import Problem, require
from app.tickets.case import Case, open_case, unit_of
from app.tickets.centre import require_centre_done
from app.tickets.dispatch import Basis, assign, require_liaison
from app.tickets.joint import call_in
from app.tickets.joint_rules import ASSIST, binds, judge_ground
from app.tickets.models import Consultation


def dispatch(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Give a registered ticket to a unit and start its clocks (D1, D2.1, K1.2)."""
    case = open_case(session, actor, "ticket.dispatch", args["ticket_id"], at)
    unit = unit_of(session, actor, args["unit_id"])
    require_centre_done(case)
    require_liaison(session, unit, at.received, args["acknowledge"])
    feedback_by = args["feedback_by"] or case.ticket.feedback_by
    _require_future(feedback_by, at)
    basis = _basis(case, args, args["grounds"])
    assign(case, unit, basis, feedback_by)
    case.move()
    case.record("ticket.dispatched", {"unit_id": unit.id, "unit": unit.name} | _said(case, basis))
    _call_in_helpers(case, args)


def reassign(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Move a ticket from one unit to another; the former unit's late commands are refused, with their content kept."""
    case = open_case(session, actor, "ticket.reassign", args["ticket_id"], at)
    unit = unit_of(session, actor, args["unit_id"])
    if unit.id == case.ticket.unit_id:
        raise Problem("same_unit", unit=unit.name)
    require_liaison(session, unit, at.received, args["acknowledge"])
    former, due = case.ticket.unit_id, case.ticket.feedback_by
    basis = _basis(case, args, args["reason"])
    # The platform's deadline binds whichever unit has the ticket; one already past would make no sense on arrival.
    assign(case, unit, basis, due if due and due > at.received else None)
    case.move()
    payload = {"from_unit_id": former, "unit_id": unit.id, "unit": unit.name, "reason": args["reason"]}
    case.record("ticket.reassigned", payload | _said(case, basis))
    _call_in_helpers(case, args)


def _require_future(instant: datetime | None, at: Moment) -> None:
    if instant is not None and instant <= at.received:
        raise Problem("not_valid_time", field="要求反馈时间", reason="须晚于现在")


def _basis(case: Case, args: dict[str, Any], text: str) -> Basis:
    """Return why the ticket goes to this unit, judged by the profile it will run under; fills in the helpers agreed on.

    Raises `Problem` `dispatch_ground_missing`, `dispatch_leader_missing`, `consultation_other_unit` and their like.
    """
    case.pin(case.session.get_one(Jurisdiction, case.ticket.jurisdiction_id).policy_id)
    consultation = _consultation(case, args)
    if consultation is not None:
        args["co_units"] = list(dict.fromkeys([*args["co_units"], *consultation.co_unit_ids]))
    rules = case.policy.dispatch
    leader = args["instructed_by"] or (consultation.named_by if consultation else None)
    require(judge_ground(rules, args["ground"], text, leader, args["co_units"]))
    ground = rules.ground(args["ground"]) if args["ground"] else None
    return Basis(
        text=text or (ground.label if ground else ""),
        ground=ground.key if ground else None,
        ground_label=ground.label if ground else None,
        instructed_by=leader,
        consultation_id=consultation.id if consultation else None,
        binding=binds(consultation.kind if consultation else None, leader, ground),
    )


def _consultation(case: Case, args: dict[str, Any]) -> Consultation | None:
    if args["consultation_id"] is None:
        return None
    row = case.session.get(Consultation, args["consultation_id"])
    if row is None or row.ticket_id != case.ticket.id:
        raise Problem("consultation_not_found")
    if row.lead_unit_id != args["unit_id"]:
        raise Problem("consultation_other_unit", unit=unit_of(case.session, case.actor, row.lead_unit_id).name)
    return row


def _said(case: Case, basis: Basis) -> dict[str, Any]:
    said: dict[str, Any] = {"grounds": basis.text, "nth": case.ticket.assigned_count}
    more = {
        "ground": basis.ground,
        "ground_label": basis.ground_label,
        "instructed_by": basis.instructed_by,
        "consultation_id": basis.consultation_id,
        "binding": basis.binding,
    }
    return said | {name: value for name, value in more.items() if value}


def _call_in_helpers(case: Case, args: dict[str, Any]) -> None:
    letter = args["letter"]
    for unit_id in dict.fromkeys(args["co_units"]):
        unit = unit_of(case.session, case.actor, unit_id)
        require_liaison(case.session, unit, case.at.received, args["acknowledge"])
        call_in(case, unit, ASSIST, letter.get("what") or "配合主办单位联合办理", letter.get("due_at"))
