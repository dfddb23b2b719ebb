"""The unit's signatures on a reply, in the order of the profile's chain (H2.2b, U4.5, X3.4)."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.clock import Moment
from app.ids import new_id
from app.people.permissions import Actor, grants_for
from app.problems import Problem, Refused, require
from app.replies import chain, rules
from app.replies.chain import Signed, Step
from app.replies.models import Reply, Signature
from app.replies.queries import signatures_of
from app.tickets.case import Case, open_case


def sign_off(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Sign a reply inside the unit. The last signature brings it to the station.

    That is the moment 四(一) speaks of, 将结果反馈至工作站, so it meets the feedback deadline and the upload target.
    The station's acceptance was rejected as the moment: a unit cannot answer for how long the station takes.
    """
    case = open_case(session, actor, "reply.sign_off", args["ticket_id"], at)
    reply = open_reply(case, args["reply_id"], rules.SIGNING)
    steps, given = _chain(case, reply)
    step = chain.next_step(steps, [item.role for item in given])
    _take_turn(case, reply, step, given)
    require(chain.judge_seen(args["content_hash"], reply.content_hash))
    sign(case, reply, args["note"])
    following = chain.next_step(steps, [*(item.role for item in given), case.role])
    payload = payload_of(reply, args["note"]) | {"label": step.label if step else ""}
    if not chain.at_station(following):
        pass_to(case, following)
        case.record("reply.passed_on", payload)
        return
    reply.state = rules.REVIEWING
    leave_signing(case)
    case.meet(*case.policy.clocks_met("at_station"))
    case.move()
    case.record("reply.signed_off", payload | {"at_station": True})


def decline_reply(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Send a reply back inside the unit before it leaves it; this is no redo (六(一)). Only whose turn it is may."""
    case = open_case(session, actor, "reply.decline", args["ticket_id"], at)
    reply = open_reply(case, args["reply_id"], rules.SIGNING)
    steps, given = _chain(case, reply)
    _take_turn(case, reply, chain.next_step(steps, [item.role for item in given]), given)
    return_reply(case, reply, rules.DECLINED, args["reasons"])
    leave_signing(case)
    case.move()
    case.record("reply.declined", payload_of(reply) | {"reasons": args["reasons"]})


def _chain(case: Case, reply: Reply) -> tuple[tuple[Step, ...], list[Signed]]:
    return chain.steps_of(case.policy, (reply.extra or {}).get("finish")), signatures_of(case.session, reply.id)


def _take_turn(case: Case, reply: Reply, step: Step | None, given: list[Signed]) -> None:
    """Let the case go on in a role whose turn it is: an own one before one held as deputy, but never one's own work.

    Raises `Problem` `reply_not_your_turn`, `reply_own`, `reply_signed_already`.
    """
    ticket, actor = case.ticket, case.actor
    grants = grants_for(actor, case.command, ticket.jurisdiction_id, ticket.unit_id)
    fitting = [grant for grant in grants if step is not None and grant.role in step.roles]
    verdict: Any = Refused("reply_not_your_turn", {"label": step.label if step else ""})
    for grant in fitting:
        verdict = chain.judge_signer(reply.submitted_by, given, actor.person_id, grant.acting_for)
        if not isinstance(verdict, Refused):
            case.role, case.acting_for = grant.role, grant.acting_for
            return
    require(verdict)


def pass_to(case: Case, step: Step | None) -> None:
    """Note on the ticket whose signature it waits for, and since when, for lists and for the liaison."""
    case.ticket.signer = ",".join(step.roles) if step else None
    case.ticket.signer_since = case.at.received


def leave_signing(case: Case) -> None:
    """Nobody's signature is waited for any more."""
    case.ticket.signer = case.ticket.signer_since = None


def open_reply(case: Case, reply_id: str, state: str) -> Reply:
    """Return a reply of this ticket that is in `state`. Raises `Problem` `reply_not_found` or `reply_not_open`."""
    reply = case.session.get(Reply, reply_id)
    if reply is None or reply.ticket_id != case.ticket.id:
        raise Problem("reply_not_found")
    if reply.state != state:
        raise Problem("reply_not_open", number=reply.number)
    return reply


def sign(case: Case, reply: Reply, note: str | None, ticked: list[str] | None = None) -> None:
    """Put the actor's signature under what lies here."""
    case.session.add(
        Signature(
            id=new_id(),
            reply_id=reply.id,
            role=case.role,
            by=case.actor.person_id,
            acting_for=case.acting_for,
            at=case.at.received,
            note=note or None,
            ticked=ticked or None,
            content_hash=reply.content_hash,
        )
    )


def return_reply(case: Case, reply: Reply, state: str, reasons: list[str]) -> None:
    """End this version with reasons, each of which the next one has to answer."""
    reply.state, reply.reasons = state, reasons
    reply.returned_at, reply.returned_by = case.at.received, case.actor.person_id


def payload_of(reply: Reply, note: str | None = None) -> dict[str, Any]:
    """Return what the journal says of a reply: its texts stay out, its hash stands for them."""
    said = {"note": note} if note else {}
    return {"reply_id": reply.id, "number": reply.number, "content_hash": reply.content_hash, **said}
