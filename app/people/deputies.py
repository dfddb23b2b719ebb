"""Deputies: someone stands in for a leader for a term; no chains, never for oneself (H3.2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app import clock
from app.clock import Moment
from app.people import permissions
from app.people.models import Deputation, Membership, Person
from app.people.permissions import ADMIN, LEADING, STATION, Actor
from app.people.subjects import employed, note
from app.problems import Problem, require


def appoint(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Let the deputy do what the principal's leading roles allow, from `since` until `until`.

    The principal appoints, or the station or an administrator for them. Raises `Problem` `not_permitted`,
    `person_not_found`, `person_disabled`, `id_taken`, `deputation_invalid` (a person for themself, a term that ends
    before it begins or has passed, a principal who leads nothing), `deputation_chain` when either already stands in,
    or has someone standing in, during the term.
    """
    require(permissions.judge(actor, "deputation.appoint", actor.jurisdiction_id, None, "委托代行"))
    principal, deputy = (employed(session, actor, args[key]) for key in ("principal", "deputy"))
    _require_own(actor, principal.id, "委托代行")
    if session.get(Deputation, args["deputation_id"]) is not None:
        raise Problem("id_taken")
    # Nobody stood in before it was said: a term written as from this morning runs from now.
    since, until = max(args["since"], at.received), args["until"]
    if principal.id == deputy.id or since >= until:
        raise Problem("deputation_invalid")
    leads = select(Membership.id).where(
        Membership.person_id == principal.id, Membership.role.in_(LEADING), Membership.until.is_(None)
    )
    if session.scalar(leads.limit(1)) is None:
        raise Problem("deputation_invalid")
    _require_no_chain(session, principal, deputy, since, until)
    session.add(
        Deputation(
            id=args["deputation_id"],
            principal_id=principal.id,
            deputy_id=deputy.id,
            since=since,
            until=until,
            reason=args["reason"],
            appointed_by=actor.person_id,
        )
    )
    payload = {"deputation_id": args["deputation_id"], "principal_id": principal.id, "principal": principal.name}
    payload |= {"deputy_id": deputy.id, "deputy": deputy.name, "reason": args["reason"]}
    term = {"from": clock.iso(since), "until": clock.iso(until)}
    note(session, actor, "deputation.appointed", payload | term, at)


def _require_own(actor: Actor, principal_id: str, label: str) -> None:
    # Not by a deputed role: who stands in may not pass it on.
    if principal_id != actor.person_id and not actor.has(STATION, ADMIN):
        require(permissions.not_permitted(label, STATION, ADMIN))


def _require_no_chain(session: Session, principal: Person, deputy: Person, since: datetime, until: datetime) -> None:
    """Refuse a deputy who is away, a principal who stands in for another, and two deputies of one principal at once."""
    query = select(Deputation.id).where(
        or_(
            Deputation.principal_id.in_((principal.id, deputy.id)),
            Deputation.deputy_id == principal.id,
        ),
        Deputation.since < until,
        Deputation.until > since,
        Deputation.until > Deputation.since,
    )
    if session.scalar(query.limit(1)) is not None:
        raise Problem("deputation_chain", principal=principal.name, deputy=deputy.name)


def end(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """End a deputation before its term, or call off one that has not begun.

    Raises `Problem` `deputation_not_found` (also when it has run out), `not_permitted`.
    """
    require(permissions.judge(actor, "deputation.end", actor.jurisdiction_id, None, "结束代行"))
    row = session.get(Deputation, args["deputation_id"], with_for_update=True)
    principal = session.get(Person, row.principal_id) if row is not None else None
    if row is None or principal is None or principal.jurisdiction_id != actor.jurisdiction_id:
        raise Problem("deputation_not_found")
    _require_own(actor, principal.id, "结束代行")
    if row.until <= max(at.received, row.since):
        raise Problem("deputation_not_found")
    row.until = max(row.since, at.received)
    deputy = session.get_one(Person, row.deputy_id)
    payload = {"deputation_id": row.id, "principal_id": principal.id, "principal": principal.name}
    note(session, actor, "deputation.ended", payload | {"deputy_id": deputy.id, "deputy": deputy.name}, at)
