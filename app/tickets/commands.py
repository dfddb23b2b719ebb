"""Commands on tickets: one function per verb."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app import clock
from app.clock import Moment
from app.people.permissions import Actor
from app.policies import deadlines
from app.problems import Problem
from app.tickets import clocks, schemas
from app.tickets import schemas_joint as joint
from app.tickets.case import open_case
from app.tickets.centre import answer_directly, require_unit_contact, sign_in_centre
from app.tickets.giving import dispatch, reassign
from app.tickets.intake import take_in
from app.tickets.joint import ask_assist, record_consultation, report_assist, sign_assist
from app.tickets.models import Message


def sign(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Sign for a ticket; later than 20 hours after receipt still signs, and the miss is recorded (D2.1, D3.1)."""
    case = open_case(session, actor, "ticket.sign", args["ticket_id"], at)
    require_unit_contact(case)
    case.ticket.signed_at = at.counted
    case.ticket.handler_id = actor.person_id
    names = case.policy.clocks_met("signed")
    case.meet(*names)
    clocks.start(case, deadlines.SIGN, at.counted)
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
    "ticket.centre_sign": (joint.CentreSign, sign_in_centre),
    "ticket.answer_directly": (joint.AnswerDirectly, answer_directly),
    "consultation.record": (joint.ConsultationRecord, record_consultation),
    "assist.ask": (joint.AssistAsk, ask_assist),
    "assist.sign": (joint.AssistSign, sign_assist),
    "assist.report": (joint.AssistReport, report_assist),
    "ticket.sign": (schemas.Nothing, sign),
    "ticket.report_to_centre": (schemas.ReportToCentre, report_to_centre),
    "thread.post": (schemas.Post, post),
}
