"""The station's review of a reply: accept and close, or send back for redo (H2.2e, K3.9, X3.5)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.clock import Moment
from app.evidence.queries import usable_evidence
from app.fieldwork import commitments
from app.ids import new_id
from app.oversight.callback.queries import called_back_since
from app.people.permissions import Actor
from app.problems import Problem, require
from app.replies import chain, rules, schemas
from app.replies.models import Reply
from app.replies.queries import signatures_of
from app.replies.signing import open_reply, payload_of, return_reply, sign
from app.tickets.case import Case, open_case

BY_REPLY = "accepted"
"""`Ticket.closed_how` of a ticket whose reply the station accepted."""


def accept_reply(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Accept a reply at the station and close the ticket, once the proof it refers to lies here whole (A3).

    Every item of the profile's checklist is ticked (K3.9); where it says so the caller has been called back (X3.5).
    A promise that the reply makes is entered into the ledger (H2.1d).
    """
    case = open_case(session, actor, "review.accept", args["ticket_id"], at)
    reply = open_reply(case, args["reply_id"], rules.REVIEWING)
    given = signatures_of(session, reply.id)
    require(chain.judge_signer(reply.submitted_by, given, actor.person_id, case.acting_for))
    require(rules.judge_arrived([i for i, _ in reply.evidence], usable_evidence(session, case.ticket.id)))
    review = case.policy.review
    require(rules.judge_checklist(review.checklist, args["checklist"]))
    if review.callback_before_close and not called_back_since(session, case.ticket.id, reply.submitted_at):
        raise Problem("callback_missing")
    sign(case, reply, args["note"], args["checklist"])
    reply.state = rules.ACCEPTED
    case.ticket.closed_at, case.ticket.closed_how = at.received, BY_REPLY
    case.meet(*case.policy.clocks_met("accepted"))
    case.stop()
    _promise(case, reply)
    case.move()
    case.record("review.accepted", payload_of(reply, args["note"]) | {"ticked": args["checklist"]})


def _promise(case: Case, reply: Reply) -> None:
    promise = (reply.extra or {}).get("commitment")
    if promise is None:
        return
    # The day itself still counts: whoever promises something by Friday may keep it on Friday evening.
    last = datetime.combine(date.fromisoformat(promise["due_on"]), time(23, 59, 59), ZoneInfo(case.policy.zone))
    due_at = last.astimezone(UTC)
    commitments.make(case, new_id(), promise["text"], due_at, commitments.REPLY, reply.id)


def send_back(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Send a reply back for redo, with reasons (四(一), 五(二)).

    A ticket marked as to be reported to the city centre is not to circulate any more: it goes back only when the
    operator says so again (六(三)), else `ticket_reported`.

    What the arrival at the station had met runs again towards the same instants: the platform's deadline does not
    wait for a better reply.
    """
    case = open_case(session, actor, "review.send_back", args["ticket_id"], at)
    if case.ticket.reported_at is not None and schemas.REPORTED not in args["acknowledge"]:
        raise Problem("ticket_reported")
    reply = open_reply(case, args["reply_id"], rules.REVIEWING)
    return_reply(case, reply, rules.SENT_BACK, args["reasons"])
    case.ticket.redo_count += 1
    case.reopen(*(key for key in case.policy.clocks_met("at_station") if _runs_again(case, key)))
    case.move()
    case.record("review.sent_back", payload_of(reply) | {"reasons": args["reasons"], "nth": case.ticket.redo_count})


def _runs_again(case: Case, key: str) -> bool:
    """Return whether the clock belongs to this round: what was met before the ticket was reopened stays met."""
    row, reopened = case.clocks.get(key), case.ticket.reopened_at
    return row is not None and (reopened is None or row.started_at >= reopened)


COMMANDS = {
    "review.accept": (schemas.ReviewAccept, accept_reply),
    "review.send_back": (schemas.ReviewSendBack, send_back),
}
