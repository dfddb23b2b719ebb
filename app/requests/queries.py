"""The only SELECTs on requests."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, case, or_, select
from sqlalchemy.orm import Session, aliased

from app import clock
from app.people.holders import Holders
from app.people.models import Person
from app.policies.policy import Policy
from app.problems import Refused, sentence
from app.requests import facts, rules
from app.requests.models import Decision, Evaluator, Request
from app.requests.rules import AskFacts, shown_state
from app.tickets.basis import Basis, anything_in, asked
from app.tickets.models import Ticket

ADDS = anything_in(Request)


def _current(ticket: Any = Ticket) -> Any:
    """A request speaks for the unit that has the ticket, while the ticket is open; afterwards it has lapsed.

    What no unit asked for goes on when the ticket moves, and what is about a closed ticket when it closes.
    """
    return and_(
        or_(ticket.unit_id == Request.unit_id, Request.outlives_unit),
        or_(ticket.closed_at.is_(None), Request.outlives_closing),
    )


def is_current(request: Request, ticket: Ticket) -> bool:
    """Return the same for rows in hand."""
    return (request.unit_id == ticket.unit_id or request.outlives_unit) and (
        ticket.closed_at is None or request.outlives_closing
    )


def undecided(session: Session, *ticket_ids: str) -> list[Request]:
    """Return the requests on the tickets that wait for somebody."""
    query = (
        select(Request)
        .join(Ticket, Ticket.id == Request.ticket_id)
        .where(Request.ticket_id.in_(ticket_ids), Request.ended_at.is_(None), _current())
    )
    return list(session.scalars(query))


def deciders(session: Session, ticket_id: str) -> list[str]:
    """Return the roles for which requests on the ticket wait now, each once."""
    waiting = undecided(session, ticket_id)
    return list(dict.fromkeys(role for request in waiting for role in rules.named(request.waits_for)))


def evaluators(session: Session, request_id: str) -> list[Evaluator]:
    """Return the members of a panel in the order in which they were named."""
    query = select(Evaluator).where(Evaluator.request_id == request_id).order_by(Evaluator.position)
    return list(session.scalars(query))


def supporting_panel(session: Session, ticket_id: str) -> str | None:
    """Return the panel that last found the ticket's demand unreasonable (K3.11)."""
    query = select(Request.id).where(Request.ticket_id == ticket_id, Request.outcome == rules.UNREASONABLE)
    return session.scalar(query.order_by(Request.ended_at.desc()).limit(1))


def last_decision(session: Session, request_id: str) -> Decision | None:
    """Return what was decided or answered last on a request."""
    query = select(Decision).where(Decision.request_id == request_id).order_by(Decision.at.desc(), Decision.id.desc())
    return session.scalars(query.limit(1)).first()


def waiting_tickets(*roles: str, of_units: Collection[str] | None = None) -> Select[str]:
    """Return the select of tickets with a request that waits for one of the roles (for anybody when none is named).

    `of_units`: only what these units asked or have to answer. To be used inside another query.
    """
    # Of its own: inside a query on tickets the same table would be taken for the outer one.
    ticket = aliased(Ticket)
    query = (
        select(Request.ticket_id)
        .join(ticket, ticket.id == Request.ticket_id)
        .where(Request.ended_at.is_(None), _current(ticket))
    )
    if of_units is not None:
        # The request's unit and not the ticket's: what waits is little, and a planner must not begin with all tickets.
        query = query.where(Request.unit_id.in_(of_units))
    if roles:
        # Requests of before this release do not say for whom they wait: they wait for the station.
        waits = [Request.waits_for.contains(rules.listed([role])) for role in roles]
        query = query.where(or_(*waits, Request.waits_for.is_(None)))
    return query


def open_kinds(session: Session, ticket_ids: Sequence[str]) -> dict[str, list[str]]:
    """Return ticket id → kinds of request that wait for a decision; for lists, where no detail is sent."""
    found: dict[str, list[str]] = {i: [] for i in ticket_ids}
    query = (
        select(Request.ticket_id, Request.kind)
        .join(Ticket, Ticket.id == Request.ticket_id)
        .where(Request.ticket_id.in_(found), Request.ended_at.is_(None), _current())
        .order_by(Request.asked_at, Request.id)
    )
    for ticket_id, kind in session.execute(query):
        found[ticket_id].append(kind)
    return found


def wire_for(session: Session, basis: Basis) -> dict[str, dict[str, Any]]:
    """Return ticket id → requests with their decisions, oldest first, and what can be asked for now."""
    now, ids = clock.now(), basis.ids
    found: dict[str, dict[str, Any]] = {
        ticket_id: {"requests": [], "askable": askable(policy, asking, now)}
        for ticket_id, (policy, asking) in facts.of(session, basis).items()
    }
    if not asked(Request, basis.filled):
        return found
    query = (
        select(Request.__table__, Person.name.label("by_name"), case((_current(), True), else_=False).label("current"))
        .join(Ticket, Ticket.id == Request.ticket_id)
        .join(Person, Person.id == Request.by, isouter=True)
        .where(Request.ticket_id.in_(ids))
        .order_by(Request.asked_at, Request.id)
    )
    decisions, panels, holders = _decisions(session, ids), _panels(session, ids), Holders(session, now)
    for row in session.execute(query):
        shown = _request(row, holders) | {"decisions": decisions.get(row.id, []), "panel": panels.get(row.id, [])}
        found[row.ticket_id]["requests"].append(shown)
    return found


def _request(row: Any, holders: Holders) -> dict[str, Any]:
    waiting = row.current and row.ended_at is None
    waits_for = rules.named(row.waits_for) if waiting else []
    return {
        "id": row.id,
        "kind": row.kind,
        "state": shown_state(row.state, row.current),
        "reason": row.reason,
        "grounds": row.grounds or [],
        "fields": row.fields or {},
        "evidence_ids": row.evidence_ids or [],
        "variant": row.variant,
        "proposed_unit": row.proposed_unit_id,
        "new_due_at": _iso(row.new_due_at),
        "until": _iso(row.until),
        "asked_at": clock.iso(row.asked_at),
        "by": {"id": row.by, "name": row.by_name} if row.by else None,
        "role": row.role,
        "outcome": row.outcome,
        "supported_by": row.supported_by,
        "waits_for": waits_for,
        "held_by": holders.names(row.unit_id, waits_for) if waiting else "",
        "waits_since": _iso(row.stage_since or row.asked_at) if waiting else None,
        "decide_by": _iso(row.decide_by) if waiting else None,
        "decide_why": row.decide_why if waiting else None,
    }


def _iso(instant: datetime | None) -> str | None:
    return clock.iso(instant) if instant else None


def askable(policy: Policy, asking: AskFacts, at: datetime) -> list[dict[str, Any]]:
    """Return for each kind of the profile whether it can be asked for at `at`, until when and how often."""
    found = []
    for rule in policy.requests.values():
        entry = {"kind": rule.kind, "used": asking.used.get(rule.kind, 0), "most": rule.most, "variant": None}
        found.append(entry | _verdict(policy, rule, asking, at, None))
        if rule.variant is not None:
            found.append(entry | {"variant": rule.variant.key} | _verdict(policy, rule, asking, at, rule.variant.key))
    return found


def _verdict(policy: Policy, rule: Any, asking: AskFacts, at: datetime, variant: str | None) -> dict[str, Any]:
    verdict = rules.judge_askable(rule, asking, at, variant)
    refused = verdict if isinstance(verdict, Refused) else None
    return {
        "allowed": refused is None,
        "code": refused.code if refused else None,
        "message": sentence(refused.code, refused.facts) if refused else None,
        "until": _iso(rules.until(rule, asking, variant)),
    }


def _decisions(session: Session, ticket_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    principal = aliased(Person)
    query = (
        select(Decision.__table__, Person.name.label("by_name"), principal.name.label("principal_name"))
        .join(Request, Request.id == Decision.request_id)
        .join(Person, Person.id == Decision.by)
        .join(principal, principal.id == Decision.acting_for, isouter=True)
        .where(Request.ticket_id.in_(ticket_ids))
        .order_by(Decision.at, Decision.id)
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for row in session.execute(query):
        principal_of = {"id": row.acting_for, "name": row.principal_name} if row.acting_for else None
        found.setdefault(row.request_id, []).append(
            {
                "stage": row.stage,
                "decision": row.decision,
                "note": row.note,
                "evidence_ids": row.evidence_ids or [],
                "new_due_at": _iso(row.new_due_at),
                "answered_at": _iso(row.answered_at),
                "by": {"id": row.by, "name": row.by_name},
                "acting_for": principal_of,
                "at": clock.iso(row.at),
            }
        )
    return found


def _panels(session: Session, ticket_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    query = (
        select(Evaluator.__table__)
        .join(Request, Request.id == Evaluator.request_id)
        .where(Request.ticket_id.in_(ticket_ids))
        .order_by(Evaluator.position)
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for row in session.execute(query):
        plain = {key: getattr(row, key) for key in ("id", "name", "capacity", "vote", "note")}
        found.setdefault(row.request_id, []).append(plain | {"voted_at": _iso(row.voted_at)})
    return found
