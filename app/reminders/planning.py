"""What plans are made of, and what follows a step that has fired; see `replanning` for what is stored of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from app.ids import new_id
from app.reminders import promises, windows
from app.reminders.due import Planned, awake, following, plan
from app.reminders.fact_queries import facts_of
from app.reminders.hours import hours_of
from app.reminders.in_force import rules_for
from app.reminders.models import PLANNED, Reminder
from app.tickets.models import Ticket

REPLAN_ON: Final = (
    "ticket.taken_in",
    "ticket.centre_signed",
    "clock.recomputed",
    "ticket.dispatched",
    "ticket.reassigned",
    "ticket.signed",
    "ticket.reported_to_centre",
    "contact.recorded",
    "visit.recorded",
    "visit.excepted",
    "reply.submitted",
    "reply.passed_on",
    "reply.signed_off",
    "reply.declined",
    "review.accepted",
    "review.sent_back",
    "review.reopened",
    "callback.recorded",
    "request.asked",
    "request.decided",
    "request.answered",
    "request.withdrawn",
    "panel.concluded",
    "ticket.suspended",
    "ticket.resumed",
    "ticket.closed",
    "ticket.reopened",
    "plan.filed",
    "commitment.made",
    "commitment.settled",
    "progress.reported",
    "thread.posted",
)
"""Events after which a plan may differ: whatever can start, meet, move or stop a clock, or is news itself."""


def current_plans(session: Session, tickets: Sequence[Ticket], at: datetime) -> dict[str, dict[str, Planned]]:
    """Return ticket id → key → reminder of the tickets' plans as things stand in this transaction."""
    if not tickets:
        return {}
    policies = {ticket.id: rules_for(session, ticket) for ticket in tickets}
    facts, ids = facts_of(session, tickets, policies, at), [ticket.id for ticket in tickets]
    promised, waiting = promises.open_promises(session, ids), windows.open_windows(session, ids)
    found: dict[str, dict[str, Planned]] = {}
    for ticket in tickets:
        policy, mine, theirs = policies[ticket.id], promised.get(ticket.id, ()), waiting.get(ticket.id, ())
        known = facts[ticket.id]
        known = replace(known, clocks=(*known.clocks, *promises.clocks(mine), *windows.clocks(theirs)))
        schedule = (*policy.reminders, *promises.steps(policy, mine), *windows.steps(policy, theirs))
        ladders = {ladder.key: ladder for ladder in policy.ladders}
        found[ticket.id] = {item.key: item for item in plan(schedule, known, at, ladders, hours_of(policy))}
    return found


def current_plan(session: Session, ticket: Ticket, at: datetime) -> dict[str, Planned]:
    """Return key → reminder of one ticket's plan as things stand in this transaction."""
    return current_plans(session, [ticket], at)[ticket.id]


def plan_next(
    session: Session, ticket: Ticket, stored: Mapping[str, Reminder], told: Iterable[tuple[Planned, bool]], at: datetime
) -> None:
    """Store what waits after reminders (each with whether it reached anybody) that have just fired.

    Not `replan_ticket`: nothing on the ticket has changed, and in a storm every statement counts.
    """
    policy = rules_for(session, ticket)
    ladders, hours = {ladder.key: ladder for ladder in policy.ladders}, hours_of(policy)
    for item, reached in told:
        for coming in following(item, at, reached, ladders):
            if coming.key not in stored:
                session.add(_row(ticket.id, coming, awake(coming, hours).fire_at, at))


def settle(row: Reminder, state: str, at: datetime) -> None:
    """End the waiting of a reminder; one that does not wait is left as it is."""
    if row.state == PLANNED:
        row.state, row.settled_at = state, at


def _row(ticket_id: str, item: Planned, fire_at: datetime, at: datetime) -> Reminder:
    return Reminder(
        id=new_id(),
        ticket_id=ticket_id,
        key=item.key,
        kind=item.rule.kind,
        fire_at=fire_at,
        state=PLANNED,
        planned_at=at,
    )
