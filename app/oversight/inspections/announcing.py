"""Telling a unit of a verdict: from this moment on the case stands on its ticket, and not before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.clock import Moment
from app.db import Database
from app.journal.record import record
from app.oversight.inspections import field
from app.oversight.inspections.models import InspectionCase, InspectionDraw, InspectionRectification
from app.oversight.inspections.rules import ASKED, HELD, TOLD, is_bad
from app.people.masking import mask_text
from app.people.permissions import SYSTEM
from app.policies.deadlines import span_end
from app.policies.inspecting import VERDICTS, InspectionRules
from app.policies.policy import Policy
from app.policies.queries import calendar_of, policy_of
from app.tickets.models import Ticket


def tell_when_due(database: Database, case_id: str, at: datetime) -> bool:
    """Tell a decided case whose time has come; return whether this call did it."""
    with database.unit_of_work() as session:
        draw_id = session.scalar(select(InspectionCase.draw_id).where(InspectionCase.id == case_id))
        draw = session.get_one(InspectionDraw, draw_id, with_for_update=True)
        case = session.get_one(InspectionCase, case_id)
        if case.state != HELD or case.told_from is None or case.told_from > at:
            return False
        tell(session, draw, case, Moment.of_server(at))
    return True


def tell(session: Session, draw: InspectionDraw, case: InspectionCase, at: Moment) -> None:
    """Put the verdict on the ticket, ask for rectification where it is bad; the caller holds the draw's lock.

    The event names no checker: who judged stands on the draw's chain.
    """
    ticket = session.get_one(Ticket, case.ticket_id, with_for_update=True)
    policy = policy_of(session, ticket.policy_id)
    rules = policy.inspections
    case.state, case.told_at = TOLD, at.received
    payload: dict[str, Any] = {
        "case_id": case.id,
        "verdict": case.verdict,
        "label": VERDICTS[case.verdict or ""],
        "grounds": ground_labels(rules, case.grounds),
        "note": mask_text(case.note) if case.note else None,
    }
    if is_bad(case.verdict):
        due_at = _end(session, policy, rules.rectify, at.received)
        case.appeal_until = _end(session, policy, rules.appeal, at.received)
        session.add(
            InspectionRectification(
                case_id=case.id, ticket_id=ticket.id, unit_id=case.unit_id, state=ASKED, asked_at=at.received,
                due_at=due_at, rounds=[],
            )
        )  # fmt: skip
        payload |= {"due_at": clock.iso(due_at), "due_text": clock.local_text(due_at, policy.zone)}
        payload |= {"appeal_until": clock.iso(case.appeal_until)}
    field.open_to_unit(session, case, at)
    record(session, ticket, "inspection.told", payload, at, role=SYSTEM)
    ticket.version += 1
    record(session, draw, "inspection.case_told", {"case_id": case.id, "verdict": case.verdict}, at)
    session.flush()
    _finish(session, draw, at)


def _finish(session: Session, draw: InspectionDraw, at: Moment) -> None:
    """Reveal the seed once nothing can be learnt from it that is still to be kept from a unit."""
    untold = select(InspectionCase.id).where(InspectionCase.draw_id == draw.id, InspectionCase.told_at.is_(None))
    if session.scalar(untold.limit(1)) is None:
        draw.finished_at = at.received
        record(session, draw, "inspection.finished", {"seed": draw.seed}, at)


def _end(session: Session, policy: Policy, span: Any, at: datetime) -> datetime:
    return span_end(policy, calendar_of(session), span, at).due_at


def ground_labels(rules: InspectionRules, keys: list[str]) -> list[str]:
    """Return the Chinese names of grounds; a key that a later profile no longer knows stays as it is."""
    known = {g.key: g.label for g in rules.grounds}
    return [known.get(key, key) for key in keys]
