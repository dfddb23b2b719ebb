"""Firing the reminders that are due: notices for people, deliveries for their devices, events on the timelines.

Many tickets at once: what a reminder costs is its share of a dozen statements, not a dozen of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app import clock
from app.clock import Moment
from app.ids import new_id
from app.journal.record import record_many
from app.people.masking import mask_about
from app.reminders import wording
from app.reminders.due import Planned, surviving
from app.reminders.models import CANCELLED, FIRED, PLANNED, SUPERSEDED, Notice, Reminder
from app.reminders.planning import current_plans, plan_next, settle
from app.reminders.queries import reminders_of_all
from app.reminders.rota import Rota
from app.reminders.routing import queue
from app.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class _Telling:
    """A reminder that is being told, and to whom."""

    ticket: Ticket
    row: Reminder
    item: Planned
    people: list[str]


def fire(session: Session, tickets: Sequence[Ticket], at: datetime, rota: Rota) -> int:
    """Fire what is due of the tickets at `at` and return how many people-facing reminders that made.

    The caller holds the tickets' locks, so the plans made here are the truth until commit: a ticket signed a moment
    ago cancels its sign reminders, and a second tick finds nothing waiting. `rota` is the tick's.
    """
    plans = current_plans(session, tickets, at)
    stored = reminders_of_all(session, [ticket.id for ticket in tickets])
    tellings: list[_Telling] = []
    for ticket in tickets:
        mine = [
            _Telling(ticket, row, item, rota.recipients(session, ticket, item, roles))
            for row, item, roles in _settle(plans[ticket.id], stored[ticket.id], at)
        ]
        reached = [(telling.item, bool(telling.people)) for telling in mine]
        plan_next(session, ticket, stored[ticket.id], reached, at)
        tellings += mine
    _tell(session, tellings, at, rota)
    return len(tellings)


def _settle(
    wanted: Mapping[str, Planned], stored: Mapping[str, Reminder], at: datetime
) -> list[tuple[Reminder, Planned, Sequence[str]]]:
    """Settle what is due of one ticket; return what is told, in order, with the roles it is told to."""
    due = [row for row in stored.values() if row.state == PLANNED and row.fire_at <= at]
    told = [wanted[row.key] for row in stored.values() if row.state == FIRED and row.key in wanted]
    roles = surviving((wanted[row.key] for row in due if row.key in wanted), told)
    fired: list[tuple[Reminder, Planned, Sequence[str]]] = []
    for row in sorted(due, key=lambda row: (row.fire_at, row.id)):
        if row.key not in wanted:
            settle(row, CANCELLED, at)
        elif not roles[row.key]:
            settle(row, SUPERSEDED, at)
        else:
            settle(row, FIRED, at)
            fired.append((row, wanted[row.key], roles[row.key]))
    return fired


def _tell(session: Session, tellings: Sequence[_Telling], at: datetime, rota: Rota) -> None:
    """Put the reminders into people's inboxes, on their ways out and on the tickets' timelines."""
    notices: list[Notice] = []
    events: list[tuple[Ticket, dict[str, Any]]] = []
    called = rota.names(session, {person_id for telling in tellings for person_id in telling.people})
    for telling in tellings:
        ticket, row, item = telling.ticket, telling.row, telling.item
        zone = rota.zone(session, ticket.jurisdiction_id)
        title = wording.headline(item.rule, ticket.number, item.due_at, at, zone)
        about = mask_about(ticket.title, ticket.caller_name, ticket.caller_phone, ticket.caller_address)
        unit = rota.unit_name(session, item.unit_id)
        body = wording.body(unit, about, ticket.confidential, row.fire_at, at, zone)
        notices += [
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
            for person_id in telling.people
        ]
        payload = {
            "reminder_id": row.id,
            "kind": row.kind,
            "title": title,
            "to": [called[person_id] for person_id in telling.people],
            "planned_for": clock.iso(row.fire_at),
            "delayed": at - row.fire_at > wording.LATE_AFTER,
        }
        events.append((ticket, payload))
        ticket.version += 1
    session.add_all(notices)
    session.flush()
    queue(session, notices, at)
    record_many(session, events, "reminder.fired", Moment.of_server(at))
