"""The only SELECTs on reminders, notices and deliveries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, literal, or_, select
from sqlalchemy.orm import Session

from app import clock
from app.journal.models import Event
from app.policies.policy import Policy
from app.reminders.due import EVENT_LIFE, ClockFact, EventFact, TicketFacts, ToldFact
from app.reminders.models import FIRED, PENDING, PLANNED, Delivery, Notice, PlanCursor, PlanMark, Reminder
from app.tickets import lifecycle
from app.tickets.models import Assignment, Ticket, TicketClock

INBOX_DAYS: Final = timedelta(days=7)
INBOX_LIMIT: Final = 200
WAITS: Final = "request.waits"
"""Event of a schedule that no journal has: a request has come before somebody, by whichever of `PASSING`."""
PASSING: Final = ("request.asked", "request.decided", "request.answered", "panel.concluded")
CONCLUDING: Final = ("request.decided", "request.withdrawn", "request.answered", "panel.concluded")
"""Events that answer an earlier one about the same request; read beside those that the schedule names."""


def _literal(state: str) -> Any:
    """A value written into the statement: with a parameter no planner can know that the partial index will do."""
    return literal(state, literal_execute=True)


# ---------------------------------------------------------------- what a plan is made from


def facts_of(session: Session, ticket: Ticket, policy: Policy, at: datetime) -> TicketFacts:
    """Return what the plan of a ticket is made from, as it stands in this transaction."""
    rows = session.execute(
        select(
            TicketClock.clock, TicketClock.started_at, TicketClock.due_at, TicketClock.met_at, TicketClock.stopped_at
        ).where(TicketClock.ticket_id == ticket.id)
    )
    guards = {key for key, rule in policy.clocks.items() if rule.kind == "guard"}
    clocks = tuple(
        ClockFact(name, start, due, met is None and stop is None, guard=name in guards)
        for name, start, due, met, stop in rows
    )
    return TicketFacts(
        with_unit=lifecycle.is_with_unit(ticket.state),
        unit_id=ticket.unit_id,
        state_since=ticket.state_since,
        clocks=clocks,
        events=_events(session, ticket.id, {rule.event for rule in policy.reminders if rule.event}, at),
    )


def _events(session: Session, ticket_id: str, names: set[str], at: datetime) -> tuple[EventFact, ...]:
    if not names:
        return ()
    read = names.union(CONCLUDING, PASSING if WAITS in names else ())
    query = (
        select(Event.name, Event.subject_seq, Event.at, Event.actor_id, Event.payload)
        .where(Event.subject_id == ticket_id, Event.name.in_(read), Event.at > at - EVENT_LIFE)
        .order_by(Event.subject_seq)
    )
    found = session.execute(query).all()
    if not found:
        return ()
    turns = session.execute(
        select(Assignment.since, Assignment.unit_id)
        .where(Assignment.ticket_id == ticket_id)
        .order_by(Assignment.since, Assignment.id)
    ).all()
    return tuple(
        EventFact(name, seq, when, actor, _unit_then(turns, when), payload.get("request_id"))
        for row_name, seq, when, actor, payload in found
        for name in (row_name, *([WAITS] if payload.get("waits_for") else ()))
    )


def _unit_then(turns: Sequence[Any], when: datetime) -> str | None:
    """Return the unit that an event concerns: the one that had the ticket, or got it, or gave it back just then."""
    return next((unit for since, unit in reversed(turns) if since <= when), None)


def told_of(session: Session, ticket_id: str) -> dict[str, ToldFact]:
    """Return key → what became of each reminder of the ticket that has fired."""
    query = (
        select(Reminder.key, Reminder.settled_at, Notice.person_id, Notice.acknowledged_at)
        .join(Notice, Notice.reminder_id == Reminder.id, isouter=True)
        .where(Reminder.ticket_id == ticket_id, Reminder.state == FIRED)
    )
    found: dict[str, tuple[Any, list[tuple[str, datetime | None]]]] = {}
    for key, fired, person_id, seen in session.execute(query):
        people = found.setdefault(key, (fired, []))[1]
        if person_id is not None:
            people.append((person_id, seen))
    acted = _last_acts(session, ticket_id, {p for _, people in found.values() for p, seen in people if seen is None})
    return {
        key: ToldFact(
            at=fired,
            reached=bool(people),
            answered=any(seen is not None or acted.get(person, fired) > fired for person, seen in people),
        )
        for key, (fired, people) in found.items()
    }


def _last_acts(session: Session, ticket_id: str, person_ids: set[str]) -> dict[str, datetime]:
    """Return person → when they last did something on the ticket: who works on it has seen what was said of it."""
    if not person_ids:
        return {}
    query = select(Event.actor_id, func.max(Event.at)).where(Event.subject_id == ticket_id)
    rows = session.execute(query.where(Event.actor_id.in_(person_ids)).group_by(Event.actor_id))
    return {person_id: at for person_id, at in rows if person_id is not None}


# ---------------------------------------------------------------- planning and firing


def reminders_of(session: Session, ticket_id: str) -> dict[str, Reminder]:
    """Return a ticket's reminders by key; the caller holds the ticket's lock."""
    return {row.key: row for row in session.scalars(select(Reminder).where(Reminder.ticket_id == ticket_id))}


def changed_since(session: Session, ticket_id: str, seq: int, names: Iterable[str]) -> datetime | None:
    """Return when the first of these events after `seq` of a ticket's journal happened."""
    query = select(func.min(Event.at)).where(Event.subject_id == ticket_id, Event.subject_seq > seq)
    return session.scalar(query.where(Event.name.in_(list(names))))


def tickets_due(session: Session, at: datetime, limit: int) -> list[str]:
    """Return the tickets of the `limit` reminders that have been due the longest at `at`.

    Each ticket once, but not by GROUP BY: for that SQLite reads the index by ticket, all of it, at every tick.
    """
    query = (
        select(Reminder.ticket_id)
        .where(Reminder.state == _literal(PLANNED), Reminder.fire_at <= at)
        .order_by(Reminder.fire_at)
        .limit(limit)
    )
    return list(dict.fromkeys(session.scalars(query)))


def locked_tickets(session: Session, ticket_ids: Sequence[str]) -> list[Ticket]:
    """Lock and return the tickets; one that another transaction is changing is left out (it comes back next time)."""
    query = select(Ticket).where(Ticket.id.in_(ticket_ids)).order_by(Ticket.id).with_for_update(skip_locked=True)
    return list(session.scalars(query))


def unplanned(session: Session, names: Iterable[str], limit: int) -> list[tuple[int, str]]:
    """Return (event seq, ticket) of events beyond the cursor that no plan of their ticket has seen, in order."""
    query = (
        select(Event.seq, Event.subject_id)
        .join(PlanMark, PlanMark.subject_id == Event.subject_id, isouter=True)
        .where(Event.seq > cursor_of(session), Event.name.in_(list(names)))
        .where(or_(PlanMark.through.is_(None), PlanMark.through < Event.subject_seq))
        .order_by(Event.seq)
        .limit(limit)
    )
    return [(seq, ticket_id) for seq, ticket_id in session.execute(query)]


def cursor_of(session: Session) -> int:
    """Return the event seq up to which every ticket has surely been planned."""
    return session.scalar(select(PlanCursor.seq)) or 0


def last_event_before(session: Session, through: int | None, horizon: datetime) -> int | None:
    """Return the greatest seq beyond the cursor, at most `through`, of an event older than `horizon`."""
    query = select(func.max(Event.seq)).where(Event.seq > cursor_of(session), Event.at <= horizon)
    return session.scalar(query if through is None else query.where(Event.seq <= through))


# ---------------------------------------------------------------- inbox


def _inbox(person_id: str, at: datetime | None) -> tuple[Any, ...]:
    # The pull passes no instant of its own for this; a week more or less of read notices decides nothing.
    since = (at or clock.now()) - INBOX_DAYS
    return Notice.person_id == person_id, or_(Notice.acknowledged_at.is_(None), Notice.at > since)


def notice_versions(
    session: Session, person_id: str, at: datetime | None = None, limit: int = INBOX_LIMIT
) -> dict[str, int]:
    """Return notice id → version of what the person's phone should hold: the unread, and all of the last 7 days."""
    query = select(Notice.id, Notice.version).where(*_inbox(person_id, at)).order_by(Notice.at.desc(), Notice.id.desc())
    return {row.id: row.version for row in session.execute(query.limit(limit))}


def notices_for(
    session: Session, person_id: str, limit: int = INBOX_LIMIT, at: datetime | None = None
) -> list[dict[str, Any]]:
    """Return the same notices as the wire's `Notice`, the newest first."""
    query = (
        select(Notice.id, Notice.kind, Notice.ticket_id, Notice.title, Notice.body, Notice.at, Notice.acknowledged_at)
        .where(*_inbox(person_id, at))
        .order_by(Notice.at.desc(), Notice.id.desc())
        .limit(limit)
    )
    return [
        {
            "id": notice_id,
            "kind": kind,
            "ticket_id": ticket_id,
            "title": title,
            "body": body,
            "at": clock.iso(fired),
            "acknowledged_at": clock.iso(seen) if seen else None,
        }
        for notice_id, kind, ticket_id, title, body, fired, seen in session.execute(query)
    ]


def unread_count(session: Session, person_id: str) -> int:
    """Return how many notices the person has not acknowledged: the badge."""
    query = select(func.count()).select_from(Notice)
    return session.scalar(query.where(Notice.person_id == person_id, Notice.acknowledged_at.is_(None))) or 0


def notice_of(session: Session, person_id: str, notice_id: str) -> Notice | None:
    """Return a person's own notice, or None; another's does not exist for them."""
    return session.scalar(select(Notice).where(Notice.id == notice_id, Notice.person_id == person_id))


# ---------------------------------------------------------------- deliveries


def deliveries_of_notice(session: Session, notice_id: str) -> list[Delivery]:
    """Return every way that was tried for a notice, in the order they were taken."""
    return list(session.scalars(select(Delivery).where(Delivery.notice_id == notice_id).order_by(Delivery.id)))


def waiting_beside(session: Session, row: Delivery, urgencies: Sequence[str], at: datetime) -> list[Delivery]:
    """Return, locked, what is due for the same contact point beside `row`; what another worker holds is left to it."""
    query = (
        select(Delivery)
        .where(Delivery.contact_id == row.contact_id, Delivery.channel == row.channel, Delivery.id != row.id)
        .where(Delivery.state == _literal(PENDING), Delivery.next_attempt_at <= at, Delivery.urgency.in_(urgencies))
        .order_by(Delivery.id)
        .with_for_update(skip_locked=True)
    )
    return list(session.scalars(query))


def due_deliveries(session: Session, at: datetime, limit: int = 1000) -> list[str]:
    """Return deliveries to be sent (again) at `at`, the longest due first."""
    query = select(Delivery.id).where(Delivery.state == _literal(PENDING), Delivery.next_attempt_at <= at)
    return list(session.scalars(query.order_by(Delivery.next_attempt_at).limit(limit)))
