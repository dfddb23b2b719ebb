"""Commands on findings: dismissed with a reason, and taken back. Both are journaled on the finding's own chain."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.clock import Moment
from app.journal.record import record
from app.oversight.findings import rules, schemas
from app.oversight.findings.models import Finding
from app.oversight.findings.queries import watched
from app.people.permissions import Actor
from app.problems import Problem
from app.tickets.case import Case, open_case

_WORDS = {rules.OPEN: "待核对", rules.DISMISSED: "已忽略", rules.LAPSED: "已失效"}


def dismiss(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Say why a finding is none; remembered as long as it rests on the same facts (U4.8)."""
    case, row = _opened(session, actor, "finding.dismiss", args, at, rules.OPEN)
    row.dismissed_at, row.dismissed_by, row.dismissed_reason = at.received, actor.person_id, args["reason"]
    _record(case, row, "finding.dismissed", {"kind": row.kind, "severity": row.severity, "reason": args["reason"]})


def restore(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Take a dismissal back."""
    case, row = _opened(session, actor, "finding.restore", args, at, rules.DISMISSED)
    said = {"kind": row.kind, "severity": row.severity, "dismissed_by": row.dismissed_by}
    row.dismissed_at = row.dismissed_by = row.dismissed_reason = None
    _record(case, row, "finding.restored", said)


def _opened(
    session: Session, actor: Actor, command: str, args: dict[str, Any], at: Moment, state: str
) -> tuple[Case, Finding]:
    case = open_case(session, actor, command, args["ticket_id"], at)
    row = watched(session, actor, args["finding_id"], case.ticket.id)
    present = rules.state_of(row.dismissed_at is not None, row.lapsed_at is not None)
    if present != state:
        raise Problem("finding_state_wrong", state=_WORDS[present])
    return case, row


def _record(case: Case, row: Finding, name: str, payload: dict[str, Any]) -> None:
    """Write the event on the finding: the ticket's own chain is read by the unit that is checked."""
    record(case.session, row, name, payload, case.at, by=case.actor, role=case.role)


COMMANDS = {
    "finding.dismiss": (schemas.FindingDismiss, dismiss),
    "finding.restore": (schemas.FindingRestore, restore),
}
