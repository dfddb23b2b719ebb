"""Firing the reminders of one ticket: notices for people, deliveries for their devices, an event on the timeline."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from app import clock
from app.clock import Moment
from app.ids import new_id
from app.journal.record import record
from app.people.masking import mask_about
from app.people.models import Jurisdiction
from app.people.permissions import LEADING, STATION, SUPERVISOR
from app.people.queries import holders_of, members, names, on_duty, people_with_role, unit_names
from app.reminders import wording
from app.reminders.due import BACKUP, ON_DUTY, Planned, surviving
from app.reminders.models import CANCELLED, FIRED, PLANNED, SUPERSEDED, Notice, Reminder
from app.reminders.planning import current_plan, plan_next, settle
from app.reminders.queries import reminders_of
from app.reminders.routing import queue
from app.reminders.windows import DECIDER
from app.requests.queries import deciders
from app.tickets.models import Ticket

SIGNER: Final = "signer"
"""In `to` of a reminder: whoever's signature the reply waits for (H2.2b)."""


def fire(session: Session, ticket: Ticket, at: datetime) -> int:
    """Fire what is due of the ticket at `at` and return how many people-facing reminders that made.

    The caller holds the ticket's lock, so the plan made here is the truth until commit: a ticket signed a moment ago
    cancels its sign reminders, and a second tick finds nothing waiting.
    """
    wanted, stored = current_plan(session, ticket, at), reminders_of(session, ticket.id)
    due = [row for row in stored.values() if row.state == PLANNED and row.fire_at <= at]
    told = [wanted[row.key] for row in stored.values() if row.state == FIRED and row.key in wanted]
    roles = surviving((wanted[row.key] for row in due if row.key in wanted), told)
    fired: list[tuple[Planned, bool]] = []
    for row in sorted(due, key=lambda row: (row.fire_at, row.id)):
        if row.key not in wanted:
            settle(row, CANCELLED, at)
        elif not roles[row.key]:
            settle(row, SUPERSEDED, at)
        else:
            settle(row, FIRED, at)
            item = wanted[row.key]
            fired.append((item, _tell(session, ticket, row, item, roles[row.key], at)))
    plan_next(session, ticket, stored, fired, at)
    return len(fired)


def _tell(session: Session, ticket: Ticket, row: Reminder, item: Planned, roles: Iterable[str], at: datetime) -> bool:
    """Tell the people of those roles; return whether there was anybody."""
    zone = session.get_one(Jurisdiction, ticket.jurisdiction_id).zone
    title = wording.headline(item.rule, ticket.number, item.due_at, at, zone)
    unit = unit_names(session, [item.unit_id]).get(item.unit_id or "")
    about = mask_about(ticket.title, ticket.caller_name, ticket.caller_phone, ticket.caller_address)
    body = wording.body(unit, about, ticket.confidential, row.fire_at, at, zone)
    people = _recipients(session, ticket, item, roles, at)
    notices = [
        Notice(
            id=new_id(),
            person_id=person_id,
            reminder_id=row.id,
            ticket_id=ticket.id,
            kind=row.kind,
            title=title,
            body=body,
            at=at,
            version=1,
        )
        for person_id in people
    ]
    session.add_all(notices)
    session.flush()
    queue(session, notices, at)
    called = names(session, people)
    payload = {
        "reminder_id": row.id,
        "kind": row.kind,
        "title": title,
        "to": [called[person_id] for person_id in people],
        "planned_for": clock.iso(row.fire_at),
        "delayed": at - row.fire_at > wording.LATE_AFTER,
    }
    record(session, ticket, "reminder.fired", payload, Moment.of_server(at))
    ticket.version += 1
    return bool(people)


def _recipients(session: Session, ticket: Ticket, item: Planned, roles: Iterable[str], at: datetime) -> list[str]:
    """Return the persons to tell, A角 before B角, each once.

    When nobody holds the roles the station is told: a reminder that reaches no one would be a lost ticket. On a ladder
    that is the last rung's duty: one on which nobody stands is passed at once. Whoever caused the event knows already.
    """
    found: dict[str, None] = {}
    for role in roles:
        found |= dict.fromkeys(_holders(session, ticket, item.unit_id, role, at))
    if item.rung and not item.last:
        return [person_id for person_id in found if person_id != item.actor_id]
    found = found or dict.fromkeys(_holders(session, ticket, None, STATION, at))
    return [person_id for person_id in found if person_id != item.actor_id]


def _holders(session: Session, ticket: Ticket, unit_id: str | None, role: str, at: datetime) -> list[str]:
    if role == STATION:
        return people_with_role(session, ticket.jurisdiction_id, STATION, at)
    if role == DECIDER:
        told = [_holders(session, ticket, unit_id, waited, at) for waited in deciders(session, ticket.id)]
        return list(dict.fromkeys(person_id for people in told for person_id in people))
    if role == SUPERVISOR:
        return people_with_role(session, ticket.jurisdiction_id, SUPERVISOR, at)
    if unit_id and role == SIGNER:
        return list(holders_of(session, unit_id, (ticket.signer or "").split(","), at))
    if unit_id and role in LEADING:  # a chief often sits above the unit: the nearest is meant
        return list(holders_of(session, unit_id, (role,), at))
    if unit_id and role in (ON_DUTY, BACKUP):
        first, others = on_duty(session, unit_id, at)
        return first if role == ON_DUTY else others
    return [person_id for _, person_id, _ in members(session, [unit_id], role, at)] if unit_id else []
