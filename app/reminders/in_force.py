"""By which rules people are reminded of a ticket: the deadlines are its own, the steps those in force (A4, D3.3)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.people.models import Jurisdiction
from app.policies.policy import Policy
from app.policies.queries import policy_of
from app.tickets.models import Ticket

# Per engine, as the policies themselves: versions never change, so neither does what two of them make together.
_made: WeakKeyDictionary[Any, dict[tuple[str, str], Policy]] = WeakKeyDictionary()


def rules_for(session: Session, ticket: Ticket) -> Policy:
    """Return the rules of the ticket's dispatch, with reminders, ladders and quiet hours of the version in force.

    What a deadline is stays as it was on dispatch; how people are told of it may be put right at any time. A ticket
    under another profile, as the demonstration's that run faster are, keeps all of its own: the steps fit its clocks.
    """
    now = _in_force(session, ticket.jurisdiction_id)
    own = policy_of(session, ticket.policy_id)
    if own.id == now or own.profile != policy_of(session, now).profile:
        return own
    made = _made.setdefault(session.get_bind(), {})
    if (own.id, now) not in made:
        made[own.id, now] = together(own, policy_of(session, now))
    return made[own.id, now]


def _in_force(session: Session, jurisdiction_id: str) -> str:
    # Kept for the transaction: a session forgets what nobody holds, and would ask again for every ticket of a batch.
    known: dict[str, str] = session.info.setdefault("in_force", {})
    if jurisdiction_id not in known:
        query = select(Jurisdiction.policy_id).where(Jurisdiction.id == jurisdiction_id)
        known[jurisdiction_id] = session.execute(query).scalar_one()
    return known[jurisdiction_id]


def together(own: Policy, now: Policy) -> Policy:
    """Return `own` as it reminds by `now`; a clock that `now` knows no more keeps its own steps and ladders."""
    kept = tuple(rule for rule in own.reminders if rule.clock is not None and rule.clock not in now.clocks)
    known = {ladder.key for ladder in now.ladders}
    needed = {rule.ladder for rule in kept} - known
    ladders = (*now.ladders, *(ladder for ladder in own.ladders if ladder.key in needed))
    return replace(own, reminders=(*now.reminders, *kept), ladders=ladders, quiet=now.quiet)
