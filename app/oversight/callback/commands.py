"""Commands of call-backs: record one, settle what it left to follow, put a closed ticket back to work."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.clock import Moment
from app.oversight.callback import rules, schemas
from app.oversight.callback.models import Callback
from app.oversight.callback.queries import heard_on
from app.people.permissions import Actor
from app.problems import Problem, require
from app.replies.queries import latest_reply
from app.replies.rules import SENT_BACK
from app.replies.signing import payload_of, return_reply
from app.tickets.case import open_case
from app.tickets.reopening import reopen


def record_callback(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Record a call to the caller about the answer: contacted, solved, how satisfied, why not, what is left (X3.5)."""
    case = open_case(session, actor, "callback.record", args["ticket_id"], at)
    if session.get(Callback, args["callback_id"]) is not None:
        raise Problem("id_taken")
    said = rules.Said(args["reached"], args["satisfaction"], args["solved"], tuple(args["reasons"]), args["note"] or "")
    require(rules.judge_record(case.policy.callback, said))
    reply = latest_reply(session, case.ticket.id)
    answers = ("reached", "contacted", "visited", "solved", "satisfaction", "reasons")
    row = Callback(
        id=args["callback_id"],
        ticket_id=case.ticket.id,
        unit_id=case.ticket.unit_id,
        reply_id=reply.id if reply else None,
        note=args["note"] or None,
        follow_up=args["follow_up"] or None,
        by=actor.person_id,
        at=at.received,
        **{key: args[key] for key in answers},
    )
    session.add(row)
    labels = {option.key: option.label for option in case.policy.callback.satisfaction}
    payload = {
        "callback_id": row.id,
        **{key: args[key] for key in answers},
        "label": labels.get(row.satisfaction or "", ""),
        "follow_up": case.masked(row.follow_up) if row.follow_up else None,
        "exempt": case.ticket.exempt,
    }
    case.record("callback.recorded", payload)


def settle_callback(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Say what came of what a call-back had left open; until then it is followed (X3.5)."""
    case = open_case(session, actor, "callback.settle", args["ticket_id"], at)
    row = session.get(Callback, args["callback_id"], with_for_update=True)
    if row is None or row.ticket_id != case.ticket.id or row.follow_up is None:
        raise Problem("callback_not_found")
    if row.followed_at is not None:
        raise Problem("callback_settled", at=case.local(row.followed_at))
    row.followed_at, row.followed_by, row.followed_note = at.received, actor.person_id, args["note"]
    case.record("callback.settled", {"callback_id": row.id, "note": case.masked(args["note"])})


def reopen_ticket(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Put a closed ticket back to its unit because the caller is not satisfied (H2.2e); it counts as a redo."""
    case = open_case(session, actor, "review.reopen", args["ticket_id"], at)
    reply = latest_reply(session, case.ticket.id)
    heard = heard_on(session, reply.id) if reply else []
    require(rules.judge_reopen(case.policy.callback, case.ticket.closed_how, heard))
    assert reply is not None  # without one nothing has been heard on it
    return_reply(case, reply, SENT_BACK, args["reasons"])
    reopen(case)
    case.move()
    clocks = [row.clock for row in case.clocks.values() if row.started_at == at.received]
    payload = {"reasons": args["reasons"], "nth": case.ticket.redo_count, "clocks": clocks}
    case.record("review.reopened", payload_of(reply) | payload)


COMMANDS = {
    "callback.record": (schemas.CallbackRecord, record_callback),
    "callback.settle": (schemas.CallbackSettle, settle_callback),
    "review.reopen": (schemas.ReviewReopen, reopen_ticket),
}
