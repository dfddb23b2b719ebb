"""Raising what the rules of a profile find, and lifting what nobody concluded in time. Safe to run again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import Moment
from app.db import Database
from app.journal.record import record
from app.journal.relay import Happened
from app.oversight.escalations.checks import join
from app.oversight.escalations.models import Escalation
from app.oversight.escalations.queries import (
    facts_of,
    group_of,
    known,
    open_group,
    open_ids,
    scope_of,
    told_of,
)
from app.oversight.escalations.rules import GROUP, Finding, findings, is_new, overdue
from app.people.models import Jurisdiction
from app.policies.policy import Policy
from app.policies.queries import policy_of
from app.tickets.models import Ticket

TASK: Final = "escalate"
LOOK_AT: Final = (
    "ticket.taken_in",
    "ticket.centre_signed",
    "ticket.dispatched",
    "ticket.reassigned",
    "review.sent_back",
    "review.reopened",
    "request.asked",
    "request.answered",
    "request.decided",
    "request.withdrawn",
)
"""Events after which a rule may be met that was not before, or a check by hand opens or ends a matter."""
_SPACE: Final = UUID("c7a1d2f4-98b3-4c1e-8f60-2b9b0d7f4e55")


def plan(session: Session, happened: Sequence[Happened], _at: datetime) -> list[tuple[str, str]]:
    """Return the looks that events ask for, at tickets whose profile has a rule by which they could go up."""
    wanted = dict.fromkeys(event.subject_id for event in happened if event.name in LOOK_AT)
    if not wanted:
        return []
    pinned = session.execute(select(Ticket.id, Ticket.policy_id).where(Ticket.id.in_(wanted)))
    return [(TASK, ticket_id) for ticket_id, policy_id in pinned if _has_rules(policy_of(session, policy_id))]


def _has_rules(policy: Policy) -> bool:
    return bool(policy.escalations) or policy.dispatch.repeat_limit is not None


def look(database: Database, ticket_id: str, at: datetime) -> None:
    """Raise what the rules find on a ticket now."""
    with database.unit_of_work() as session:
        ticket = session.get(Ticket, ticket_id, with_for_update=True)
        if ticket is None:
            return
        policy = policy_of(session, ticket.policy_id)
        raised = known(session, ticket.id)
        for finding in findings(policy, facts_of(session, policy, ticket, at)):
            if finding.when == GROUP:
                _raise_group(session, policy, ticket, finding, at)
            elif is_new(finding, raised):
                _raise(session, policy, ticket, finding, at, f"{ticket.id}/{finding.rule}/{finding.fact}")
        session.flush()
        join(session, policy, ticket, at)


def _raise(
    session: Session, policy: Policy, ticket: Ticket, finding: Finding, at: datetime, occasion: str, **group: Any
) -> None:
    row = Escalation(
        id=str(uuid5(_SPACE, occasion)),
        jurisdiction_id=ticket.jurisdiction_id,
        ticket_id=ticket.id,
        rule=finding.rule,
        label=finding.label,
        fact=finding.fact,
        scope=group.get("scope"),
        related=group.get("related", []),
        to_role=finding.to,
        reason=finding.reason,
        raised_by=None,
        raised_at=at,
    )
    session.add(row)
    ticket.escalated = True
    payload = {"label": row.label, "reason": row.reason, "related": len(row.related)}
    _note(session, policy, ticket, row, "escalation.raised", payload, at)


def _note(
    session: Session, policy: Policy, ticket: Ticket, row: Escalation, name: str, payload: dict[str, Any], at: datetime
) -> None:
    """Write the event, by which those before whom it was brought are told, and let phones fetch the ticket again."""
    to = policy.roles.get(row.to_role, row.to_role)
    said = {"escalation_id": row.id, "to_role": row.to_role, "to": to} | payload
    record(session, ticket, name, said, Moment.of_server(at))
    ticket.version += 1


def _raise_group(session: Session, policy: Policy, ticket: Ticket, finding: Finding, at: datetime) -> None:
    """Raise one matter for the whole group; a ticket that comes later joins the open one (X2.8)."""
    scope = scope_of(ticket)
    if scope is None or finding.days is None:
        return
    # One look at a time in a place: two tickets of one group that arrive together must not both raise it.
    session.get_one(Jurisdiction, ticket.jurisdiction_id, with_for_update=True)
    group = group_of(session, ticket, at - timedelta(days=finding.days))
    existing = open_group(session, ticket.jurisdiction_id, finding.rule, scope)
    if existing is not None:
        if ticket.id not in existing.related:
            existing.related = [*existing.related, *(i for i in group if i not in existing.related)]
        return
    fresh = set(group) - told_of(session, ticket.jurisdiction_id, finding.rule, scope)
    rule = next(r for r in policy.escalations if r.key == finding.rule)
    if len(fresh) >= rule.count:
        related = [i for i in group if i in fresh]
        found = replace(finding, fact=len(related), reason=f"{finding.reason}（{scope}）")
        occasion = f"{ticket.jurisdiction_id}/{finding.rule}/{related[0]}"
        _raise(session, policy, ticket, found, at, occasion, scope=scope, related=related)


def lift_overdue(database: Database, at: datetime) -> int:
    """Bring what nobody concluded within its rule's days before somebody higher; return how many (U2.3)."""
    with database.read() as session:
        waiting = open_ids(session)
    return sum(_lift(database, escalation_id, at) for escalation_id in waiting)


def _lift(database: Database, escalation_id: str, at: datetime) -> bool:
    with database.read() as session:
        row = session.get(Escalation, escalation_id)
        if row is None or _next(session, row, at) is None:
            return False
        ticket_id = row.ticket_id
    with database.unit_of_work() as session:
        ticket = session.get_one(Ticket, ticket_id, with_for_update=True)
        row = session.get_one(Escalation, escalation_id)
        higher = _next(session, row, at)
        if higher is None:
            return False
        row.to_role, row.lifted_at = higher, at
        policy = policy_of(session, ticket.policy_id)
        _note(session, policy, ticket, row, "escalation.lifted", {"label": row.label}, at)
    return True


def _next(session: Session, row: Escalation, at: datetime) -> str | None:
    if row.closed_at is not None or row.rule is None:
        return None
    policy = policy_of(session, session.get_one(Ticket, row.ticket_id).policy_id)
    rule = next((r for r in policy.escalations if r.key == row.rule), None)
    waits = rule.handle_days if rule else None
    return overdue(waits, row.to_role, at - (row.lifted_at or row.raised_at))
