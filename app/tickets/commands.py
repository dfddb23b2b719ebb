"""Commands on tickets: one function per verb."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.clock import Moment
from app.journal.record import record
from app.people import permissions
from app.people.masking import mask_address
from app.people.models import Jurisdiction
from app.people.permissions import Actor
from app.people.schemas import End
from app.policies.queries import policy_of
from app.problems import Problem, require
from app.tickets import lifecycle, schemas
from app.tickets.case import open_case, unit_of
from app.tickets.dispatch import assign, assignment_count, require_liaison
from app.tickets.handover import end_role, execute_handover
from app.tickets.models import Message, Ticket


def take_in(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Register a request under the number the city platform gave it; a known number is refused."""
    require(permissions.judge(actor, "ticket.intake", actor.jurisdiction_id, None, lifecycle.label("ticket.intake")))
    place = session.get_one(Jurisdiction, actor.jurisdiction_id)
    if args["ticket_id"] is None:
        raise Problem("command_invalid", reason="缺少工单标识")
    known = select(Ticket.id).where(Ticket.jurisdiction_id == place.id, Ticket.number == args["number"])
    if session.scalar(known) is not None:
        raise Problem("ticket_exists", number=args["number"])
    if session.get(Ticket, args["ticket_id"]) is not None:
        raise Problem("id_taken")
    policy = policy_of(session, place.policy_id)
    priorities = [priority.key for priority in policy.priorities]
    if args["priority"] not in priorities:
        raise Problem("command_invalid", reason=f"优先级 {args['priority']} 不在本地规定之中")
    _require_past(args["received_at"], at, "received_at")
    caller, position = args["caller"], args["position"] or {}
    ticket = Ticket(
        id=args["ticket_id"],
        jurisdiction_id=place.id,
        policy_id=place.policy_id,
        number=args["number"],
        title=args["title"],
        content=args["content"],
        kind=args["kind"],
        source=args["source"],
        category=args["category"],
        priority=args["priority"],
        urgency=priorities.index(args["priority"]),
        area=args["area"] or mask_address(caller["address"]),
        caller_name=caller["name"],
        caller_phone=caller["phone"],
        caller_address=caller["address"],
        anonymous=caller["anonymous"],
        confidential=caller["confidential"],
        latitude=position.get("lat"),
        longitude=position.get("lon"),
        state=lifecycle.REGISTERED,
        state_since=at.received,
        received_at=args["received_at"] or at.received,
        feedback_by=args["feedback_by"],
        version=1,
        redo_count=0,
        journal_length=0,
        journal_head="",
    )
    session.add(ticket)
    payload = {"number": ticket.number, "kind": ticket.kind, "source": ticket.source, "priority": ticket.priority}
    record(session, ticket, "ticket.taken_in", payload, at, by=actor, role=permissions.STATION)


def _require_past(instant: datetime | None, at: Moment, field: str) -> None:
    if instant is not None and instant > at.received + timedelta(minutes=5):
        raise Problem("not_valid_time", field=field, reason="不能晚于现在")


def dispatch(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Give a registered ticket to a unit and start its clocks (D1, D2.1)."""
    case = open_case(session, actor, "ticket.dispatch", args["ticket_id"], at)
    unit = unit_of(session, actor, args["unit_id"])
    require_liaison(session, unit, at.received, args["acknowledge"])
    feedback_by = args["feedback_by"] or case.ticket.feedback_by
    _require_future(feedback_by, at)
    assign(case, unit, args["grounds"], feedback_by)
    case.move()
    times = assignment_count(session, case.ticket.id)
    case.record("ticket.dispatched", {"unit_id": unit.id, "unit": unit.name, "grounds": args["grounds"], "nth": times})


def _require_future(instant: datetime | None, at: Moment) -> None:
    if instant is not None and instant <= at.received:
        raise Problem("not_valid_time", field="要求反馈时间", reason="须晚于现在")


def reassign(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Move a ticket from one unit to another; the former unit's late commands are refused, with their content kept."""
    case = open_case(session, actor, "ticket.reassign", args["ticket_id"], at)
    unit = unit_of(session, actor, args["unit_id"])
    if unit.id == case.ticket.unit_id:
        raise Problem("same_unit", unit=unit.name)
    require_liaison(session, unit, at.received, args["acknowledge"])
    former, due = case.ticket.unit_id, case.ticket.feedback_by
    # The platform's deadline binds whichever unit has the ticket; one already past would make no sense on arrival.
    assign(case, unit, args["reason"], due if due and due > at.received else None)
    case.move()
    payload = {"from_unit_id": former, "unit_id": unit.id, "unit": unit.name, "reason": args["reason"]}
    case.record("ticket.reassigned", payload)


def sign(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Sign for a ticket; later than 20 hours after receipt still signs, and the miss is recorded (D2.1, D3.1)."""
    case = open_case(session, actor, "ticket.sign", args["ticket_id"], at)
    case.ticket.signed_at = at.counted
    case.ticket.handler_id = actor.person_id
    names = case.policy.clocks_met("signed")
    case.meet(*names)
    case.move()
    due = min((case.clocks[name].due_at for name in names if name in case.clocks), default=None)
    case.record(
        "ticket.signed",
        {
            "counted_at": clock.iso(at.counted),
            "due_at": clock.iso(due) if due else None,
            "late": bool(due and at.counted > due),
        },
    )


def report_to_centre(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Mark a ticket as to be reported to the city centre, so that it stops circulating (D6.3)."""
    case = open_case(session, actor, "ticket.report_to_centre", args["ticket_id"], at)
    case.ticket.reported_by = actor.person_id
    case.ticket.reported_at = at.received
    case.ticket.reported_note = args["note"]
    case.record("ticket.reported_to_centre", {"note": args["note"]})


def post(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Write into the thread between unit and station (D6.3)."""
    case = open_case(session, actor, "thread.post", args["ticket_id"], at)
    if session.get(Message, args["message_id"]) is not None:
        raise Problem("id_taken")
    session.add(
        Message(
            id=args["message_id"],
            ticket_id=case.ticket.id,
            text=args["text"],
            by=actor.person_id,
            role=case.role,
            at=at.received,
        )
    )
    case.record("thread.posted", {"message_id": args["message_id"]})


COMMANDS = {
    "ticket.intake": (schemas.Intake, take_in),
    "ticket.dispatch": (schemas.Dispatch, dispatch),
    "ticket.reassign": (schemas.Reassign, reassign),
    "ticket.sign": (schemas.Nothing, sign),
    "ticket.report_to_centre": (schemas.ReportToCentre, report_to_centre),
    "thread.post": (schemas.Post, post),
    "handover.execute": (schemas.HandoverArgs, execute_handover),
    "membership.end": (End, end_role),
}
