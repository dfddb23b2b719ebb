"""提级核查 asked for by hand and what the system raised are one matter: joined by the ground they share (K3.10).

A profile names the same causes twice: as rules by which a ticket goes up by itself, and as grounds of a request that
supervisors put to the unit. A request on such a ground opens its matter where none is open, carries it on where one is,
and ends it with the conclusion that the supervisors write. Safe to run again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from app.clock import Moment
from app.journal.record import record
from app.oversight.escalations.models import Escalation
from app.oversight.escalations.queries import any_open, checks_on, open_of_rule
from app.people.masking import mask_about
from app.policies.policy import Policy
from app.requests.models import Request
from app.requests.queries import is_current, last_decision, undecided
from app.requests.rules import APPROVED
from app.tickets.models import Ticket

WITHDRAWN: Final = "提级核查已撤回，未作结论。"
_SPACE: Final = UUID("5b7a5d0e-6a0c-4d6f-8b0e-3f6a1c2d9e47")


def kinds_of(policy: Policy) -> dict[str, frozenset[str]]:
    """Return kind of request → those of its grounds that are also causes by which a ticket goes up."""
    causes = {rule.key for rule in policy.escalations}
    shared = {kind: frozenset(g.key for g in rule.grounds) & causes for kind, rule in policy.requests.items()}
    return {kind: grounds for kind, grounds in shared.items() if grounds}


def running(session: Session, policy: Policy, ticket_id: str, rule: str | None) -> bool:
    """Return whether a check on this cause is under way: then its conclusion ends the matter, nothing else."""
    kinds = kinds_of(policy)
    return rule is not None and any(
        request.kind in kinds and rule in (request.grounds or []) for request in undecided(session, ticket_id)
    )


def join(session: Session, policy: Policy, ticket: Ticket, at: datetime) -> None:
    """Bring the ticket's matters and the checks on it together; the caller has locked the ticket."""
    kinds = kinds_of(policy)
    for request in checks_on(session, ticket.id, kinds) if kinds else ():
        for ground in kinds[request.kind].intersection(request.grounds or ()):
            if request.ended_at is not None or not is_current(request, ticket):
                _end(session, ticket, request, ground, at)
            else:
                _open(session, policy, ticket, request, ground, at)
    session.flush()
    ticket.escalated = any_open(session, ticket.id)


def _id(request: Request, ground: str) -> str:
    return str(uuid5(_SPACE, f"{request.id}/{ground}"))


def _open(session: Session, policy: Policy, ticket: Ticket, request: Request, ground: str, at: datetime) -> None:
    known = session.get(Escalation, _id(request, ground))
    if known is not None or open_of_rule(session, ticket.id, ground):
        return
    rule = next(rule for rule in policy.escalations if rule.key == ground)
    row = Escalation(
        id=_id(request, ground),
        jurisdiction_id=ticket.jurisdiction_id,
        ticket_id=ticket.id,
        rule=rule.key,
        label=rule.label,
        fact=0,
        related=[],
        to_role=rule.to,
        reason=request.reason,
        raised_by=request.by,
        raised_at=request.asked_at,
    )
    session.add(row)
    reason = mask_about(row.reason, ticket.caller_name, ticket.caller_phone, ticket.caller_address)
    to = policy.roles.get(row.to_role, row.to_role)
    _note(session, ticket, "escalation.raised", at, row, to_role=row.to_role, to=to, reason=reason)


def _end(session: Session, ticket: Ticket, request: Request, ground: str, at: datetime) -> None:
    for row in _ended_by(session, ticket, request, ground):
        said = last_decision(session, request.id) if request.state == APPROVED else None
        row.conclusion = said.note if said is not None and said.note else WITHDRAWN
        row.closed_at, row.closed_by = request.ended_at or at, said.by if said is not None else request.by
        words = mask_about(row.conclusion, ticket.caller_name, ticket.caller_phone, ticket.caller_address)
        _note(session, ticket, "escalation.closed", at, row, conclusion=words)


def _ended_by(session: Session, ticket: Ticket, request: Request, ground: str) -> Iterator[Escalation]:
    """Yield the open matters that a check has ended: with a conclusion those it was about, without one only its own."""
    for row in open_of_rule(session, ticket.id, ground):
        concluded = request.state == APPROVED and request.ended_at is not None and row.raised_at <= request.ended_at
        if concluded or row.id == _id(request, ground):
            yield row


def _note(session: Session, ticket: Ticket, name: str, at: datetime, row: Escalation, **said: str) -> None:
    payload = {"escalation_id": row.id, "label": row.label, "related": 0} | said
    record(session, ticket, name, payload, Moment.of_server(at))
    ticket.version += 1
