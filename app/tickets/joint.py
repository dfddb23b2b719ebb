"""Units working together: consultation (会商), 办理联系单 between 主办 and 协办, 吹哨 and 报到."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

from app import clock
from app.clock import Moment
from app.ids import new_id
from app.people.models import Unit
from app.people.permissions import LIAISON, STATION, Actor
from app.problems import Problem, require
from app.tickets.case import Case, open_case, unit_of
from app.tickets.dispatch import require_liaison
from app.tickets.joint_queries import unreported
from app.tickets.joint_rules import LABELS, WHISTLE, Outcome, answering, judge_outcome
from app.tickets.models import Assist, Consultation


def record_consultation(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Record who consulted, what was said, and who handles the ticket (U2.1, K1.2, K1.4, X2.2)."""
    case = open_case(session, actor, "consultation.record", args["ticket_id"], at)
    if session.get(Consultation, args["consultation_id"]) is not None:
        raise Problem("id_taken")
    held_at = args["held_at"] or at.received
    if held_at > at.received:
        raise Problem("not_valid_time", field="会商时间", reason="不能晚于现在")
    outcome = Outcome(
        participants=tuple(dict.fromkeys(args["participants"])),
        agreed=args["agreed"],
        lead=args["lead_unit_id"],
        co_units=tuple(dict.fromkeys(args["co_unit_ids"])),
        convened_by=args["convened_by"],
        named_by=args["named_by"],
    )
    require(judge_outcome(outcome))
    helping = answering(outcome)
    units = _units(case, [*outcome.participants, outcome.lead, *helping, *filter(None, [outcome.convened_by])])
    row = Consultation(
        id=args["consultation_id"],
        ticket_id=case.ticket.id,
        kind=args["kind"],
        on_site=args["on_site"],
        held_at=held_at,
        participants=list(outcome.participants),
        convened_by=outcome.convened_by,
        minutes=args["minutes"],
        agreed=outcome.agreed,
        lead_unit_id=outcome.lead,
        co_unit_ids=list(helping),
        named_by=outcome.named_by,
        by=actor.person_id,
        at=at.received,
    )
    session.add(row)
    payload = {
        "consultation_id": row.id,
        "kind": row.kind,
        "label": LABELS[row.kind],
        "on_site": row.on_site,
        "held_at": clock.iso(held_at),
        "participants": [units[i].name for i in outcome.participants],
        "agreed": row.agreed,
        "lead": units[row.lead_unit_id].name,
        "co_units": [units[i].name for i in helping],
        "named_by": row.named_by,
        "minutes": case.masked(row.minutes),
    }
    case.record("consultation.recorded", payload)


def _units(case: Case, unit_ids: Iterable[str]) -> dict[str, Unit]:
    return {unit_id: unit_of(case.session, case.actor, unit_id) for unit_id in dict.fromkeys(unit_ids)}


def ask_assist(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Ask another unit to help: 办理联系单 of the lead or the station, or 吹哨 of a grassroots unit (X2.3, X2.4)."""
    case = open_case(session, actor, "assist.ask", args["ticket_id"], at)
    if session.get(Assist, args["assist_id"]) is not None:
        raise Problem("id_taken")
    unit = unit_of(session, actor, args["unit_id"])
    require_liaison(session, unit, at.received, args["acknowledge"])
    due_at = args["due_at"]
    if due_at is not None and due_at <= at.received:
        raise Problem("not_valid_time", field="要求办结时间", reason="须晚于现在")
    if args["kind"] == WHISTLE and due_at is None:
        raise Problem("assist_due_missing")
    call_in(case, unit, args["kind"], args["what"], due_at, args["assist_id"])


def call_in(case: Case, unit: Unit, kind: str, what: str, due_at: Any, assist_id: str | None = None) -> None:
    """Give `unit` a 办理联系单 on the ticket: from now on it sees the ticket and owes a report."""
    if unit.id == case.ticket.unit_id:
        raise Problem("same_unit", unit=unit.name)
    if any(row.unit_id == unit.id for row in unreported(case.session, case.ticket.id)):
        raise Problem("assist_open", unit=unit.name)
    row = Assist(
        id=assist_id or new_id(),
        ticket_id=case.ticket.id,
        unit_id=unit.id,
        kind=kind,
        asking_unit_id=None if case.role == STATION else case.ticket.unit_id,
        asked_by=case.actor.person_id,
        asked_at=case.at.received,
        what=what,
        due_at=due_at,
    )
    case.session.add(row)
    payload = {"assist_id": row.id, "kind": kind, "label": LABELS[kind], "unit_id": unit.id, "unit": unit.name}
    due = {"due_at": clock.iso(due_at) if due_at else None, "due_text": case.local(due_at) if due_at else None}
    case.record("assist.asked", payload | due | {"what": case.masked(what)})


def sign_assist(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """The helping unit signs for the letter: it has reported for duty (报到)."""
    case = open_case(session, actor, "assist.sign", args["ticket_id"], at)
    row, unit = _own_assist(case, args["assist_id"])
    if row.signed_at is not None:
        raise Problem("assist_not_open", state="已签收")
    _sign(case, row)
    case.record("assist.signed", {"assist_id": row.id, "label": LABELS[row.kind], "unit": unit.name})


def _sign(case: Case, row: Assist) -> None:
    row.signed_at, row.signed_by = case.at.received, case.actor.person_id


def report_assist(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """The helping unit reports what it did; the one answer to the caller stays the lead's (X2.3)."""
    case = open_case(session, actor, "assist.report", args["ticket_id"], at)
    row, unit = _own_assist(case, args["assist_id"])
    if row.signed_at is None:
        _sign(case, row)
    row.report, row.reported_at, row.reported_by = args["text"], at.received, actor.person_id
    late = row.due_at is not None and at.received > row.due_at
    said = {"assist_id": row.id, "label": LABELS[row.kind], "unit": unit.name, "late": late}
    case.record("assist.reported", said | {"text": case.masked(args["text"])})


def _own_assist(case: Case, assist_id: str) -> tuple[Assist, Unit]:
    """Return an unreported letter to a unit of the actor. Raises `Problem` `assist_not_found`, `assist_not_open`."""
    row = case.session.get(Assist, assist_id)
    if row is None or row.ticket_id != case.ticket.id or row.unit_id not in case.actor.units(LIAISON):
        raise Problem("assist_not_found")
    if row.ended_at is not None:
        raise Problem("assist_not_open", state="已终止")
    if row.reported_at is not None:
        raise Problem("assist_not_open", state="已反馈")
    return row, case.session.get_one(Unit, row.unit_id)
