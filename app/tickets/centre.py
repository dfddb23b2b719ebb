"""What the centre does itself: it signs first, speaks with the caller first, and answers what needs no unit."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.clock import Moment
from app.people.masking import mask_about, mask_address
from app.people.permissions import STATION, Actor
from app.policies import deadlines
from app.policies.policy import DirectWay
from app.problems import Problem, require
from app.tickets import clocks
from app.tickets.case import Case, open_case
from app.tickets.intake import judge as judge_listed
from app.tickets.intake import point_of
from app.tickets.models import DirectAnswer, Ticket

DIRECT = "direct"
"""`Ticket.closed_how` of what the station answered itself."""
_TEXTS = ("title", "content")
_LISTED = ("kind", "source", "priority")


def sign_in_centre(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Sign at the centre after checking the details; what was registered wrongly is corrected (K1.1, U3.1, U4.1).

    Later than the profile's limit still signs, and the miss stays visible on the clock.
    """
    case = open_case(session, actor, "ticket.centre_sign", args["ticket_id"], at)
    if not args["checked"]:
        raise Problem("centre_check_missing")
    if case.ticket.centre_signed_at is not None:
        raise Problem("centre_signed_already", at=case.local(case.ticket.centre_signed_at))
    corrected = _correct(case, args["corrections"])
    case.ticket.centre_signed_at, case.ticket.centre_signed_by = at.counted, actor.person_id
    if corrected.keys() & set(_LISTED):  # other kinds have other limits (K2.5)
        clocks.start(case, deadlines.INTAKE, case.ticket.received_at)
    names = case.policy.clocks_met("centre_signed")
    case.meet(*names)
    due = min((case.clocks[name].due_at for name in names if name in case.clocks), default=None)
    payload = {"corrected": corrected, "note": case.masked(args["note"]), "late": bool(due and at.counted > due)}
    case.record("ticket.centre_signed", payload)


def _correct(case: Case, wanted: dict[str, Any]) -> dict[str, list[Any]]:
    """Change the named fields and return field → [before, after] as the journal may show them."""
    policy, ticket = case.policy, case.ticket
    if wanted.keys() & set(_LISTED):
        listed = {name: wanted.get(name, getattr(ticket, name)) for name in _LISTED}
        require(judge_listed(policy, listed | {"received_at": None}, case.at))
    changed: dict[str, list[Any]] = {}
    for name in ("title", "content", "kind", "source", "category", "priority", "area"):
        if name in wanted and wanted[name] != getattr(ticket, name):
            before = getattr(ticket, name)
            setattr(ticket, name, wanted[name])
            changed[name] = [_shown(ticket, name, before), _shown(ticket, name, wanted[name])]
    if "priority" in changed:
        ticket.urgency = policy.urgency(ticket.priority)
    if "position" in wanted:
        latitude, longitude = point_of(wanted["position"])
        changed["position"] = [[ticket.latitude, ticket.longitude], [latitude, longitude]]
        ticket.latitude, ticket.longitude = latitude, longitude
    return changed


def _shown(ticket: Ticket, name: str, value: str | None) -> str | None:
    if name in _TEXTS and value:
        return mask_about(value, ticket.caller_name, ticket.caller_phone, ticket.caller_address)
    return mask_address(value) if name == "area" else value


def require_centre_done(case: Case) -> None:
    """Refuse to dispatch before the centre has signed and has tried to reach the caller, where that is the rule.

    A caller who left no number cannot be called (X3.1).
    """
    rules, ticket = case.policy.centre, case.ticket
    if rules.signs and ticket.centre_signed_at is None:
        raise Problem("centre_not_signed", cite=rules.cite)
    if rules.contacts_first and ticket.centre_tried_at is None and _can_be_called(ticket):
        raise Problem("centre_contact_missing", cite=rules.cite)


def require_unit_contact(case: Case) -> None:
    """Refuse a unit's signature before it has tried to reach the caller, where that is the rule (X3.1)."""
    rules, ticket = case.policy.accept, case.ticket
    if rules.contact_first and ticket.unit_tried_at is None and _can_be_called(ticket):
        raise Problem("accept_contact_missing", cite=rules.cite)


def _can_be_called(ticket: Ticket) -> bool:
    return bool(ticket.caller_phone) and not ticket.anonymous


def note_contact(case: Case, reached: bool) -> None:
    """Keep on the ticket that the centre, or the unit that has it, tried to speak with the caller."""
    if case.role == STATION:
        case.ticket.centre_tried_at = case.at.received
        if reached:
            case.ticket.centre_reached_at = case.at.received
    elif case.assisting is None:
        case.ticket.unit_tried_at = case.at.received


def answer_directly(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Answer without a unit and close: not ours, answered from a template, or nothing to be done (U3.1, X3.8)."""
    case = open_case(session, actor, "ticket.answer_directly", args["ticket_id"], at)
    way = next((w for w in case.policy.direct if w.key == args["way"]), None)
    if way is None:
        raise Problem("direct_way_unknown")
    if case.policy.centre.signs and case.ticket.centre_signed_at is None:
        raise Problem("centre_not_signed", cite=case.policy.centre.cite)
    _require_needed(case, way, args)
    told = case.ticket.centre_reached_at
    session.add(
        DirectAnswer(
            ticket_id=case.ticket.id,
            way=way.key,
            label=way.label,
            text=args["text"],
            template=args["template"],
            told_at=told,
            by=actor.person_id,
            at=at.received,
        )
    )
    case.ticket.closed_at, case.ticket.closed_how = at.received, DIRECT
    for moment in ("at_station", "accepted"):
        case.meet(*case.policy.clocks_met(moment))
    case.stop()
    case.move()
    case.record("ticket.answered_directly", {"way": way.key, "label": way.label, "template": args["template"]})


def _require_needed(case: Case, way: DirectWay, args: dict[str, Any]) -> None:
    if "text" in way.needs and len(args["text"]) < 10:
        raise Problem("direct_text_missing", label=way.label, min=10, cite=way.cite)
    if "template" in way.needs and not args["template"]:
        raise Problem("direct_template_missing", label=way.label, cite=way.cite)
    if "told" in way.needs and case.ticket.centre_reached_at is None:
        raise Problem("direct_not_told", label=way.label, cite=way.cite)
