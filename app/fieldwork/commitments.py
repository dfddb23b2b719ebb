"""Commitments to the caller: made with a date, followed until kept (H2.1d)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from app import clock
from app.clock import Moment
from app.fieldwork import rules, schemas
from app.fieldwork.models import Commitment
from app.fieldwork.queries import field_facts, require_proof
from app.fieldwork.seals import seal
from app.people.permissions import Actor
from app.problems import Problem, require
from app.tickets.case import Case, open_case

BY_HAND: Final = "hand"
REPLY: Final = "reply"
PANEL: Final = "panel"


def make_commitment(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Promise the caller a date outside of a reply, e.g. after a conversation (H2.1d)."""
    case = open_case(session, actor, "commitment.make", args["ticket_id"], at)
    if case.policy.commitments is None:
        raise Problem("commitment_unknown")
    make(case, args["commitment_id"], args["text"], args["due_at"])


def make(
    case: Case, commitment_id: str, text: str, due_at: datetime, origin: str = BY_HAND, origin_id: str | None = None
) -> Commitment:
    """Enter a promise into the ledger and return it; `origin_id` names the reply or request it was made in.

    Raises `Problem` `id_taken`, `commitment_date_wrong`, `commitment_text_short`, `commitment_caller_not_told`.
    """
    if case.session.get(Commitment, commitment_id) is not None:
        raise Problem("id_taken")
    if origin != PANEL:  # a panel decides for the unit, and set its date when it was called
        require(rules.judge_promise(case.policy.commitments, text, due_at, case.at.received))
        facts = field_facts(case.session, case.ticket.id)
        require(rules.judge_told(case.policy.commitments, facts, case.ticket.anonymous))
    assert case.ticket.unit_id is not None  # a promise is made by the unit that has the ticket
    row = Commitment(
        id=commitment_id,
        ticket_id=case.ticket.id,
        unit_id=case.ticket.unit_id,
        origin=origin,
        origin_id=origin_id,
        text=text,
        due_at=due_at,
        by=case.actor.person_id,
        made_at=case.at.received,
        evidence_ids=[],
    )
    case.session.add(row)
    payload = {
        "commitment_id": row.id,
        "origin": origin,
        "text": case.masked(text),
        "due_at": clock.iso(due_at),
        "due_text": case.local(due_at),
        "seal": seal(row),
    }
    case.record("commitment.made", payload)
    return row


def settle_commitment(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Say that a promise was kept, or replace it by one with a later date; the ledger keeps both (H2.1d)."""
    case = open_case(session, actor, "commitment.settle", args["ticket_id"], at)
    row = session.get(Commitment, args["commitment_id"], with_for_update=True)
    if row is None or row.ticket_id != case.ticket.id:
        raise Problem("commitment_not_found")
    if row.settled_at is not None:
        raise Problem("commitment_settled", at=case.local(row.settled_at))
    following = args["following"]
    require(rules.judge_settling(args["outcome"], following is not None))
    require_proof(case, args["evidence_ids"])
    row.outcome, row.settled_note = args["outcome"], args["note"]
    row.settled_at, row.settled_by = at.received, actor.person_id
    row.evidence_ids = args["evidence_ids"]
    payload = {"commitment_id": row.id, "outcome": row.outcome, "note": case.masked(args["note"])}
    case.record("commitment.settled", payload | {"evidence_ids": row.evidence_ids})
    if following is not None:
        row.replaced_by = following["commitment_id"]
        make(case, following["commitment_id"], row.text, following["due_at"], row.origin, row.origin_id)


COMMANDS = {
    "commitment.make": (schemas.CommitmentMake, make_commitment),
    "commitment.settle": (schemas.CommitmentSettle, settle_commitment),
}
