"""Commands on replies: draft, submit, the unit's signatures, the station's review."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.clock import Moment
from app.evidence.queries import usable_evidence
from app.fieldwork.queries import field_facts
from app.ids import new_id
from app.people.models import Person
from app.people.permissions import Actor
from app.problems import Problem, require
from app.replies import rules, schemas
from app.replies.gate import check
from app.replies.models import Draft, Reply, Signature
from app.replies.queries import next_number, signed_roles
from app.tickets.case import Case, open_case


def save_draft(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Keep what has been written so far. No journal event: a draft is saved many times and proves nothing.

    Raises `Problem` `draft_older` when another device saved a later one: overwriting it would lose work in silence.
    """
    case = open_case(session, actor, "draft.save", args["ticket_id"], at)
    require(rules.judge_parts(case.policy.reply, args["parts"]))
    draft = session.get(Draft, case.ticket.id)
    if draft is None:
        draft = Draft(ticket_id=case.ticket.id)
        session.add(draft)
    elif draft.unit_id == case.ticket.unit_id:
        _require_newer(case, draft)
    assert case.ticket.unit_id is not None  # a ticket in work stands with a unit
    draft.unit_id = case.ticket.unit_id
    draft.parts, draft.opinion = args["parts"], args["opinion"]
    draft.evidence_ids = _once(args["evidence_ids"])
    draft.saved_at, draft.by, draft.device_id = at.claimed, actor.person_id, actor.device_id
    case.touch()


def _require_newer(case: Case, draft: Draft) -> None:
    # The same phone sends its saves in order, so there its clock need not be asked.
    other_device = draft.device_id != case.actor.device_id
    if other_device and draft.saved_at > case.at.claimed:
        author = case.session.get_one(Person, draft.by)
        raise Problem("draft_older", by=author.name, at=case.local(draft.saved_at))


def _once(ids: list[str]) -> list[str]:
    return list(dict.fromkeys(ids))


def submit_reply(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Submit a reply for signature (二(三), 五(二)). Evidence may still be on its way: its hash already pins it."""
    case = open_case(session, actor, "reply.submit", args["ticket_id"], at)
    if session.get(Reply, args["reply_id"]) is not None:
        raise Problem("id_taken")
    evidence_ids = _once(args["evidence_ids"])
    usable = usable_evidence(session, case.ticket.id)
    require(rules.judge_parts(case.policy.reply, args["parts"]))
    require(rules.judge_attached(evidence_ids, usable))
    _require_complete(case, args, [usable[i] for i in evidence_ids])
    reply = _new_reply(case, args, [[i, usable[i]["sha256"]] for i in evidence_ids])
    session.add(reply)
    draft = session.get(Draft, case.ticket.id)
    if draft is not None:
        session.delete(draft)
    case.move()
    payload = {
        "reply_id": reply.id,
        "number": reply.number,
        "opinion": reply.opinion,
        "evidence_ids": evidence_ids,
        "content_hash": reply.content_hash,
        "acknowledged": args["acknowledge"],
    }
    case.record("reply.submitted", payload)


def _require_complete(case: Case, args: dict[str, Any], attached: list[dict[str, Any]]) -> None:
    field = field_facts(case.session, case.ticket.id)
    facts = rules.gate_facts(args["parts"], args["opinion"], attached, field.visits, len(field.exceptions))
    template = case.policy.reply
    require(rules.judge_findings(template, check(template, facts), args["acknowledge"]))


def _new_reply(case: Case, args: dict[str, Any], evidence: list[list[str]]) -> Reply:
    assert case.ticket.unit_id is not None  # a ticket in work stands with a unit
    pairs = [(i, sha256) for i, sha256 in evidence]
    return Reply(
        id=args["reply_id"],
        ticket_id=case.ticket.id,
        unit_id=case.ticket.unit_id,
        number=next_number(case.session, case.ticket.id),
        parts=args["parts"],
        opinion=args["opinion"],
        evidence=evidence,
        content_hash=rules.content_hash(args["parts"], args["opinion"], pairs),
        state=rules.SIGNING,
        submitted_at=case.at.received,
        submitted_by=case.actor.person_id,
    )


def sign_off(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Sign a reply inside the unit. The last signature brings it to the station.

    That is the moment 四(一) speaks of, 将结果反馈至工作站, so it meets the feedback deadline and the upload target.
    The station's acceptance was rejected as the moment: a unit cannot answer for how long the station takes.
    """
    case = open_case(session, actor, "reply.sign_off", args["ticket_id"], at)
    reply = _reply(case, args["reply_id"], rules.SIGNING)
    require(rules.judge_own(reply.submitted_by, actor.person_id))
    signers, signed = case.policy.unit_signers(), signed_roles(session, reply.id)
    expected = rules.next_signer(signers, signed)
    require(rules.judge_signature(expected, case.role, args["content_hash"], reply.content_hash))
    _sign(case, reply, args["note"])
    last = rules.next_signer(signers, signed | {case.role}) is None
    if last:
        reply.state = rules.REVIEWING
        case.meet(*case.policy.clocks_met("at_station"))
        case.move()
    case.record("reply.signed_off", _payload(reply, args["note"]) | {"at_station": last})


def decline_reply(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Send a reply back inside the unit before it leaves it; this is no redo (六(一))."""
    case = open_case(session, actor, "reply.decline", args["ticket_id"], at)
    reply = _reply(case, args["reply_id"], rules.SIGNING)
    _return(case, reply, rules.DECLINED, args["reasons"])
    case.move()
    case.record("reply.declined", _payload(reply) | {"reasons": args["reasons"]})


def accept_reply(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Accept a reply at the station and close the ticket, once the proof it refers to lies here whole (A3)."""
    case = open_case(session, actor, "review.accept", args["ticket_id"], at)
    reply = _reply(case, args["reply_id"], rules.REVIEWING)
    require(rules.judge_own(reply.submitted_by, actor.person_id))
    require(rules.judge_arrived([i for i, _ in reply.evidence], usable_evidence(session, case.ticket.id)))
    _sign(case, reply, args["note"])
    reply.state = rules.ACCEPTED
    case.ticket.closed_at = at.received
    case.meet(*case.policy.clocks_met("accepted"))
    case.stop()
    case.move()
    case.record("review.accepted", _payload(reply, args["note"]))


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
    reply = _reply(case, args["reply_id"], rules.REVIEWING)
    _return(case, reply, rules.SENT_BACK, args["reasons"])
    case.ticket.redo_count += 1
    case.reopen(*case.policy.clocks_met("at_station"))
    case.move()
    case.record("review.sent_back", _payload(reply) | {"reasons": args["reasons"], "nth": case.ticket.redo_count})


def _reply(case: Case, reply_id: str, state: str) -> Reply:
    reply = case.session.get(Reply, reply_id)
    if reply is None or reply.ticket_id != case.ticket.id:
        raise Problem("reply_not_found")
    if reply.state != state:
        raise Problem("reply_not_open", number=reply.number)
    return reply


def _sign(case: Case, reply: Reply, note: str | None) -> None:
    case.session.add(
        Signature(
            id=new_id(),
            reply_id=reply.id,
            role=case.role,
            by=case.actor.person_id,
            at=case.at.received,
            note=note or None,
            content_hash=reply.content_hash,
        )
    )


def _return(case: Case, reply: Reply, state: str, reasons: list[str]) -> None:
    reply.state, reply.reasons = state, reasons
    reply.returned_at, reply.returned_by = case.at.received, case.actor.person_id


def _payload(reply: Reply, note: str | None = None) -> dict[str, Any]:
    said = {"note": note} if note else {}
    return {"reply_id": reply.id, "number": reply.number, "content_hash": reply.content_hash, **said}


COMMANDS = {
    "draft.save": (schemas.DraftSave, save_draft),
    "reply.submit": (schemas.ReplySubmit, submit_reply),
    "reply.sign_off": (schemas.ReplySignOff, sign_off),
    "reply.decline": (schemas.ReplyReturn, decline_reply),
    "review.accept": (schemas.ReviewAccept, accept_reply),
    "review.send_back": (schemas.ReviewSendBack, send_back),
}
