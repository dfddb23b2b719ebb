"""What plans are made from, read for many tickets at once: a storm has hundreds due in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.journal.models import Event
from app.policies.policy import Policy
from app.reminders.due import EVENT_LIFE, ClockFact, EventFact, TicketFacts, ToldFact
from app.reminders.models import FIRED, Notice, Reminder
from app.tickets import lifecycle
from app.tickets.models import Assignment, Ticket, TicketClock

WAITS: Final = "request.waits"
"""Event of a schedule that no journal has: a request has come before somebody, by whichever of `PASSING`."""
PASSING: Final = ("request.asked", "request.decided", "request.answered", "panel.concluded")
CONCLUDING: Final = ("request.decided", "request.withdrawn", "request.answered", "panel.concluded")
"""Events that answer an earlier one about the same request; read beside those that the schedule names."""


def facts_of(
    session: Session, tickets: Sequence[Ticket], policies: Mapping[str, Policy], at: datetime
) -> dict[str, TicketFacts]:
    """Return ticket id → what its plan is made from, as it stands in this transaction; `policies` by tickets."""
    clocks = _clocks(session, policies)
    events = _events(session, policies, at)
    laddered = [ticket.id for ticket in tickets if policies[ticket.id].ladders]
    told = told_of(session, laddered) if laddered else {}
    return {
        ticket.id: TicketFacts(
            with_unit=lifecycle.is_with_unit(ticket.state),
            unit_id=ticket.unit_id,
            state_since=ticket.state_since,
            clocks=tuple(clocks.get(ticket.id, ())),
            events=events.get(ticket.id, ()),
            told=told.get(ticket.id, {}),
        )
        for ticket in tickets
    }


def _each(policies: Mapping[str, Policy]) -> dict[int, Policy]:
    """Return the policies, each once: hundreds of tickets have one."""
    return {id(policy): policy for policy in policies.values()}


def _clocks(session: Session, policies: Mapping[str, Policy]) -> dict[str, list[ClockFact]]:
    guards = {
        one: {key for key, rule in policy.clocks.items() if rule.kind == "guard"}
        for one, policy in _each(policies).items()
    }
    guarded = {ticket_id: guards[id(policy)] for ticket_id, policy in policies.items()}
    columns = (TicketClock.ticket_id, TicketClock.clock, TicketClock.started_at, TicketClock.due_at)
    query = select(*columns, TicketClock.met_at, TicketClock.stopped_at).where(TicketClock.ticket_id.in_(guarded))
    found: dict[str, list[ClockFact]] = {}
    for ticket_id, name, start, due, met, stop in session.execute(query):
        fact = ClockFact(name, start, due, met is None and stop is None, guard=name in guarded[ticket_id])
        found.setdefault(ticket_id, []).append(fact)
    return found


def _events(session: Session, policies: Mapping[str, Policy], at: datetime) -> dict[str, tuple[EventFact, ...]]:
    names: dict[int, set[str]] = {}
    for one, policy in _each(policies).items():
        named = {rule.event for rule in policy.reminders if rule.event}
        names[one] = named.union(CONCLUDING, PASSING if WAITS in named else ()) if named else set()
    read = {ticket_id: names[id(policy)] for ticket_id, policy in policies.items() if names[id(policy)]}
    if not read:
        return {}
    query = (
        select(Event.subject_id, Event.name, Event.subject_seq, Event.at, Event.actor_id, Event.payload)
        .where(Event.subject_id.in_(read), Event.name.in_(set[str]().union(*names.values())))
        .where(Event.at > at - EVENT_LIFE)
        .order_by(Event.subject_id, Event.subject_seq)
    )
    rows: dict[str, list[Any]] = {}
    for ticket_id, *row in session.execute(query):
        if row[0] in read[ticket_id]:
            rows.setdefault(ticket_id, []).append(row)
    turns = _turns(session, rows)
    return {
        ticket_id: tuple(
            EventFact(name, seq, when, actor, _unit_then(turns.get(ticket_id, ()), when), payload.get("request_id"))
            for row_name, seq, when, actor, payload in happened
            for name in (row_name, *([WAITS] if payload.get("waits_for") else ()))
        )
        for ticket_id, happened in rows.items()
    }


def _turns(session: Session, ticket_ids: Collection[str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    if not ticket_ids:
        return found
    columns = (Assignment.ticket_id, Assignment.since, Assignment.unit_id)
    query = select(*columns).where(Assignment.ticket_id.in_(ticket_ids)).order_by(Assignment.since, Assignment.id)
    for ticket_id, since, unit_id in session.execute(query):
        found.setdefault(ticket_id, []).append((since, unit_id))
    return found


def _unit_then(turns: Sequence[Any], when: datetime) -> str | None:
    """Return the unit that an event concerns: the one that had the ticket, or got it, or gave it back just then."""
    return next((unit for since, unit in reversed(turns) if since <= when), None)


def told_of(session: Session, ticket_ids: Collection[str]) -> dict[str, dict[str, ToldFact]]:
    """Return ticket id → key → what became of each reminder of the ticket that has fired."""
    query = (
        select(Reminder.ticket_id, Reminder.key, Reminder.settled_at, Notice.person_id, Notice.acknowledged_at)
        .join(Notice, Notice.reminder_id == Reminder.id, isouter=True)
        .where(Reminder.ticket_id.in_(ticket_ids), Reminder.state == FIRED)
    )
    found: dict[str, dict[str, tuple[Any, list[tuple[str, datetime | None]]]]] = {}
    silent: dict[str, set[str]] = {}
    for ticket_id, key, fired, person_id, seen in session.execute(query):
        people = found.setdefault(ticket_id, {}).setdefault(key, (fired, []))[1]
        if person_id is not None:
            people.append((person_id, seen))
            if seen is None:
                silent.setdefault(ticket_id, set()).add(person_id)
    acted = _last_acts(session, silent)
    return {
        ticket_id: {
            key: ToldFact(
                at=fired,
                reached=bool(people),
                answered=any(
                    seen is not None or acted.get((ticket_id, person), fired) > fired for person, seen in people
                ),
            )
            for key, (fired, people) in told.items()
        }
        for ticket_id, told in found.items()
    }


def _last_acts(session: Session, silent: Mapping[str, set[str]]) -> dict[tuple[str, str], datetime]:
    """Return (ticket, person) → when they last did something on it: who works on it has seen what was said of it."""
    if not silent:
        return {}
    query = select(Event.subject_id, Event.actor_id, func.max(Event.at)).where(Event.subject_id.in_(silent))
    people = set[str]().union(*silent.values())
    rows = session.execute(query.where(Event.actor_id.in_(people)).group_by(Event.subject_id, Event.actor_id))
    return {(ticket_id, person_id): at for ticket_id, person_id, at in rows if person_id is not None}
