"""Commands on replies: draft and submit. Signatures stand in `signing`, the review in `app.oversight.review`."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.clock import Moment
from app.evidence.queries import usable_evidence
from app.fieldwork.queries import field_facts
from app.fieldwork.rules import UNREACHABLE
from app.people.models import Person
from app.people.permissions import Actor
from app.problems import Problem, require
from app.replies import rules, schemas, signing
from app.replies.chain import next_step, steps_of
from app.replies.gate import WARN, Finding, ReplyFacts, check
from app.replies.models import Draft, Reply
from app.replies.queries import next_number, reasons_to_answer
from app.tickets.case import Case, open_case
from app.tickets.joint_queries import open_assists


def save_draft(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Keep what has been written so far. No journal event: a draft is saved many times and proves nothing.

    Raises `Problem` `draft_older` when another device saved a later one: overwriting it would lose work in silence.
    """
    case = open_case(session, actor, "draft.save", args["ticket_id"], at)
    require(rules.judge_parts(case.policy.reply, args["parts"], args["fields"]))
    draft = session.get(Draft, case.ticket.id)
    if draft is None:
        draft = Draft(ticket_id=case.ticket.id)
        session.add(draft)
    elif draft.unit_id == case.ticket.unit_id:
        _require_newer(case, draft)
    assert case.ticket.unit_id is not None  # a ticket in work stands with a unit
    draft.unit_id = case.ticket.unit_id
    draft.parts, draft.opinion = args["parts"], args["opinion"]
    draft.evidence_ids, draft.extra = _once(args["evidence_ids"]), rules.extra_of(args) or None
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
    require(rules.judge_parts(case.policy.reply, args["parts"], args["fields"]))
    require(rules.judge_attached(evidence_ids, usable))
    facts = _gate_facts(case, args, [usable[i] for i in evidence_ids])
    template = case.policy.reply
    findings = check(template, facts) + _unreported(case)
    require(rules.judge_findings(template, findings, args["acknowledge"]))
    reply = _new_reply(case, args, [[i, usable[i]["sha256"]] for i in evidence_ids])
    session.add(reply)
    draft = session.get(Draft, case.ticket.id)
    if draft is not None:
        session.delete(draft)
    signing.pass_to(case, next_step(steps_of(case.policy, args["finish"]), ()))
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


def _unreported(case: Case) -> list[Finding]:
    """Warn the lead, who answers for all, of helpers who have not reported (X2.3). The server alone knows of them."""
    units = open_assists(case.session, case.ticket.id)
    return [Finding("assist_unreported", WARN, facts={"units": "、".join(units)})] if units else []


def _gate_facts(case: Case, args: dict[str, Any], attached: list[dict[str, Any]]) -> ReplyFacts:
    field, ticket = field_facts(case.session, case.ticket.id), case.ticket
    before, after, recordings = rules.proof_of(attached)
    return ReplyFacts(
        parts=args["parts"],
        opinion=args["opinion"],
        photos_before=before,
        photos_after=after,
        recordings=recordings,
        visits=field.visits,
        visit_exceptions=len(field.exceptions),
        first_contacts=field.first,
        second_contacts=field.told,
        met_caller=field.met,
        calls=field.phoned,
        anonymous=ticket.anonymous,
        out_of_reach=ticket.anonymous or UNREACHABLE in field.exceptions,
        source=ticket.source,
        priority=ticket.priority,
        redo_count=ticket.redo_count,
        reasons=reasons_to_answer(case.session, ticket),
        today=case.at.received.astimezone(ZoneInfo(case.policy.zone)).date().isoformat(),
        **{key: args[key] for key in rules.EXTRA},
    )


def _new_reply(case: Case, args: dict[str, Any], evidence: list[list[str]]) -> Reply:
    assert case.ticket.unit_id is not None  # a ticket in work stands with a unit
    pairs, extra = [(i, sha256) for i, sha256 in evidence], rules.extra_of(args)
    return Reply(
        id=args["reply_id"],
        ticket_id=case.ticket.id,
        unit_id=case.ticket.unit_id,
        number=next_number(case.session, case.ticket.id),
        parts=args["parts"],
        opinion=args["opinion"],
        evidence=evidence,
        extra=extra or None,
        content_hash=rules.content_hash(args["parts"], args["opinion"], pairs, extra),
        state=rules.SIGNING,
        submitted_at=case.at.received,
        submitted_by=case.actor.person_id,
    )


COMMANDS = {
    "draft.save": (schemas.DraftSave, save_draft),
    "reply.submit": (schemas.ReplySubmit, submit_reply),
    "reply.sign_off": (schemas.ReplySignOff, signing.sign_off),
    "reply.decline": (schemas.ReplyReturn, signing.decline_reply),
}
