"""Commands on escalations: raised by hand, followed, concluded (K3.10, X3.6, U2.3, X2.8)."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.clock import Moment
from app.oversight.escalations import schemas
from app.oversight.escalations.checks import running
from app.oversight.escalations.models import Escalation, EscalationNote
from app.oversight.escalations.queries import any_open, open_by_hand
from app.oversight.escalations.rules import judge_conclude
from app.people.permissions import Actor
from app.problems import Problem, require
from app.tickets.case import Case, open_case

BY_HAND = "提级核查"


def raise_by_hand(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Bring a ticket before a supervisor or leader."""
    case = open_case(session, actor, "escalation.raise", args["ticket_id"], at)
    if session.get(Escalation, args["escalation_id"]) is not None:
        raise Problem("id_taken")
    if open_by_hand(session, case.ticket.id, args["to"]):
        raise Problem("escalation_open", label=BY_HAND)
    row = Escalation(
        id=args["escalation_id"],
        jurisdiction_id=case.ticket.jurisdiction_id,
        ticket_id=case.ticket.id,
        rule=None,
        label=BY_HAND,
        fact=0,
        related=[],
        to_role=args["to"],
        reason=args["reason"],
        raised_by=actor.person_id,
        raised_at=at.received,
    )
    session.add(row)
    case.ticket.escalated = True
    payload = {"escalation_id": row.id, "label": row.label, "to_role": row.to_role, "to": _called(case, row.to_role)}
    case.record("escalation.raised", payload | {"reason": case.masked(row.reason)})


def follow(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Note a step; with `lift_to` the matter goes before somebody higher, with `reported_to` it was told outside."""
    case = open_case(session, actor, "escalation.follow", args["ticket_id"], at)
    row = _open(case, args["escalation_id"])
    session.add(
        EscalationNote(
            id=args["note_id"],
            escalation_id=row.id,
            text=args["text"],
            reported_to=args["reported_to"],
            lifted_to=args["lift_to"],
            by=actor.person_id,
            role=case.role,
            at=at.received,
        )
    )
    said = {"escalation_id": row.id, "label": row.label, "text": case.masked(args["text"])}
    case.record("escalation.followed", said | {"reported_to": args["reported_to"]})
    if args["lift_to"]:
        row.to_role, row.lifted_at = args["lift_to"], at.received
        lifted = {"escalation_id": row.id, "label": row.label, "to_role": row.to_role}
        case.record("escalation.lifted", lifted | {"to": _called(case, row.to_role)})


def close(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """End an escalation with its conclusion."""
    case = open_case(session, actor, "escalation.close", args["ticket_id"], at)
    row = _open(case, args["escalation_id"])
    if running(session, case.policy, case.ticket.id, row.rule):
        raise Problem("escalation_in_check", label=row.label)
    require(judge_conclude(row.to_role, case.role, _called(case, row.to_role)))
    row.conclusion, row.closed_at, row.closed_by = args["conclusion"], at.received, actor.person_id
    session.flush()
    case.ticket.escalated = any_open(session, case.ticket.id)
    said = {"escalation_id": row.id, "label": row.label, "conclusion": case.masked(row.conclusion)}
    case.record("escalation.closed", said)


def _open(case: Case, escalation_id: str) -> Escalation:
    row = case.session.get(Escalation, escalation_id)
    if row is None or row.ticket_id != case.ticket.id:
        raise Problem("escalation_not_found")
    if row.closed_at is not None:
        raise Problem("escalation_closed", at=case.local(row.closed_at))
    return row


def _called(case: Case, role: str) -> str:
    return case.policy.roles.get(role, role)


COMMANDS = {
    "escalation.raise": (schemas.EscalationRaise, raise_by_hand),
    "escalation.follow": (schemas.EscalationFollow, follow),
    "escalation.close": (schemas.EscalationClose, close),
}
