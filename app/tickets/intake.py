"""Taking a request in: by the station's hand, from a file, or from an upstream platform. One command for all three."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import Moment
from app.geo import to_wgs84
from app.journal.record import record
from app.people import permissions
from app.people.masking import mask_address
from app.people.models import Jurisdiction
from app.people.permissions import Actor
from app.policies.policy import Policy
from app.policies.queries import policy_of
from app.problems import ALLOWED, Problem, Refused, Verdict, require
from app.tickets import lifecycle
from app.tickets.clocks import start_intake
from app.tickets.models import Ticket
from app.tickets.schemas import KINDS

AHEAD: Final = timedelta(minutes=5)
"""How far another system's clock may run before ours."""


def take_in(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Register a request under the number the city platform gave it; a known number is refused.

    `args["via"]`, which no client can set, says how it came when nobody typed it in.
    """
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
    require(judge(policy, args, at))
    ticket = _ticket(place, policy, args, at)
    session.add(ticket)
    start_intake(session, ticket, policy)
    payload = {"number": ticket.number, "kind": ticket.kind, "source": ticket.source, "priority": ticket.priority}
    if args.get("via"):
        payload["via"] = args["via"]
    record(session, ticket, "ticket.taken_in", payload, at, by=actor, role=permissions.STATION)


def judge(policy: Policy, args: Mapping[str, Any], at: Moment) -> Verdict:
    """Return whether the place knows this kind, source and priority, and the request does not come from the future."""
    for key, name, known in (
        ("kind", "诉求类型", [option.key for option in policy.kinds] or KINDS),
        # A profile that lists no sources takes any.
        ("source", "来源", [option.key for option in policy.sources] or [args["source"]]),
        ("priority", "优先级", [priority.key for priority in policy.priorities]),
    ):
        if args[key] not in known:
            return Refused("command_invalid", {"reason": f"{name} {args[key]} 不在本地规定之中", "field": key})
    received = args["received_at"]
    if received is not None and received > at.received + AHEAD:
        return Refused("not_valid_time", {"field": "受理时间", "reason": "不能晚于现在"})
    return ALLOWED


def point_of(position: Mapping[str, Any] | None) -> tuple[float | None, float | None]:
    """Return the WGS-84 point of a position as a platform or an operator gives it; map kits here mean GCJ-02."""
    return to_wgs84(position["lat"], position["lon"], position["datum"]) if position else (None, None)


def _ticket(place: Jurisdiction, policy: Policy, args: dict[str, Any], at: Moment) -> Ticket:
    caller, (latitude, longitude) = args["caller"], point_of(args["position"])
    return Ticket(
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
        urgency=policy.urgency(args["priority"]),
        area=args["area"] or mask_address(caller["address"]),
        caller_name=caller["name"],
        caller_phone=caller["phone"],
        caller_address=caller["address"],
        anonymous=caller["anonymous"],
        confidential=caller["confidential"],
        latitude=latitude,
        longitude=longitude,
        state=lifecycle.REGISTERED,
        state_since=at.received,
        received_at=args["received_at"] or at.received,
        feedback_by=args["feedback_by"],
        version=1,
        redo_count=0,
        journal_length=0,
        journal_head="",
    )
