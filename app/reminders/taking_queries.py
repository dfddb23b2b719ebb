"""What the sending of a batch reads: the deliveries that are due, and all that their messages are made from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, literal, or_, select
from sqlalchemy.orm import Session

from app.people.models import Jurisdiction, Person
from app.reach.kinds import GROUPS, PER_MINUTE, PERSONAL, WEBPUSH
from app.reach.models import ContactPoint
from app.reminders.models import DELIVERED, PENDING, Delivery, Notice, Reminder
from app.reminders.queries import unread_counts
from app.tickets.models import Ticket

CHANNELS: Final = (*PERSONAL, *GROUPS)
_PENDING: Final = literal(PENDING, literal_execute=True)
"""Written into the statement: with a parameter no planner can know that the partial index will do."""
_MINUTE: Final = timedelta(minutes=1)


def due_channels(session: Session, at: datetime) -> dict[str, datetime]:
    """Return the channels that have a delivery to be sent (again) at `at`, each with since when."""
    first = func.min(Delivery.next_attempt_at)
    oldest = [select(first).where(*_due(channel, at)).scalar_subquery().label(channel) for channel in CHANNELS]
    found = session.execute(select(*oldest)).one()
    return {channel: since for channel, since in zip(CHANNELS, found, strict=True) if since is not None}


def due_rows(session: Session, channel: str, at: datetime, limit: int, only: str | None = None) -> list[Delivery]:
    """Lock and return deliveries of a channel that are due, the longest due first; what is locked is left out."""
    query = select(Delivery).where(*_due(channel, at))
    if only is not None:
        query = query.where(Delivery.id == only)
    query = query.order_by(Delivery.next_attempt_at).limit(limit).with_for_update(skip_locked=True)
    return list(session.scalars(query))


def first_due(session: Session, channel: str, at: datetime) -> str | None:
    """Return the delivery of a channel that has been due the longest."""
    query = select(Delivery.id).where(*_due(channel, at)).order_by(Delivery.next_attempt_at)
    return session.scalar(query.limit(1))


def _due(channel: str, at: datetime) -> tuple[Any, ...]:
    return Delivery.state == _PENDING, Delivery.channel == channel, Delivery.next_attempt_at <= at


def over_limit(session: Session, channel: str, rows: Sequence[Delivery], at: datetime) -> list[Delivery]:
    """Return those of the rows that their group's robot would refuse, because it has said enough in this minute.

    The robots' own rows are locked for it: two workers must not both count the same minute as free.
    """
    limit = PER_MINUTE.get(channel)
    robots = {row.contact_id for row in rows if row.contact_id}
    if limit is None or not robots:
        return []
    locked = select(ContactPoint.id).where(ContactPoint.id.in_(robots)).order_by(ContactPoint.id).with_for_update()
    session.execute(locked).all()
    under_way = (Delivery.state == _PENDING) & (Delivery.attempts > 0) & (Delivery.next_attempt_at > at)
    said = (
        select(Delivery.contact_id, func.count())
        .where(Delivery.contact_id.in_(robots), or_(Delivery.delivered_at > at - _MINUTE, under_way))
        .group_by(Delivery.contact_id)
    )
    spoken = Counter[str | None](dict(session.execute(said).tuples().all()))
    over = []
    for row in rows:
        spoken[row.contact_id] += 1
        if row.contact_id and spoken[row.contact_id] > limit:
            over.append(row)
    return over


def piles(
    session: Session, rows: Sequence[Delivery], urgencies: Sequence[str], at: datetime
) -> dict[str, list[Delivery]]:
    """Return, locked, contact point → all that is due for it of those urgencies; what another worker holds is not."""
    contacts = {row.contact_id: row.channel for row in rows if row.contact_id and row.urgency in urgencies}
    found: dict[str, list[Delivery]] = {}
    if not contacts:
        return found
    query = (
        select(Delivery)
        .where(Delivery.contact_id.in_(contacts), Delivery.channel.in_(set(contacts.values())))
        .where(Delivery.state == _PENDING, Delivery.next_attempt_at <= at, Delivery.urgency.in_(urgencies))
        .order_by(Delivery.id)
        .with_for_update(skip_locked=True)
    )
    for row in session.scalars(query):
        found.setdefault(row.contact_id or "", []).append(row)
    return found


def told_by(session: Session, notice_ids: Collection[str]) -> dict[str, list[tuple[str, str]]]:
    """Return notice id → (delivery id, part) of the ways by which its person has been told."""
    found: dict[str, list[tuple[str, str]]] = {}
    query = select(Delivery.notice_id, Delivery.id, Delivery.part).where(
        Delivery.notice_id.in_(notice_ids), Delivery.state == DELIVERED, Delivery.to_group.is_(False)
    )
    for notice_id, delivery_id, part in session.execute(query):
        found.setdefault(notice_id, []).append((delivery_id, part))
    return found


@dataclass(frozen=True, slots=True)
class About:
    """What the messages of a batch are made from, by ids; `keys` are those of reminders, `unread` the badges."""

    notices: Mapping[str, Notice]
    people: Mapping[str, Any]
    contacts: Mapping[str, ContactPoint]
    tickets: Mapping[str, Ticket]
    keys: Mapping[str, str]
    zones: Mapping[str, str]
    unread: Mapping[str, int]


def about(session: Session, rows: Sequence[Delivery]) -> About:
    """Return all that is known about the deliveries, whose notices and tickets are read and not locked."""
    notices = _by_id(session, Notice, {row.notice_id for row in rows})
    people_ids = {notice.person_id for notice in notices.values()}
    columns = (Person.id, Person.jurisdiction_id, Person.phone)
    people = {row.id: row for row in session.execute(select(*columns).where(Person.id.in_(people_ids)))}
    reminders = {notice.reminder_id for notice in notices.values() if notice.reminder_id and notice.ticket_id}
    tickets = _by_id(session, Ticket, {n.ticket_id for n in notices.values() if n.reminder_id and n.ticket_id})
    zones = select(Jurisdiction.id, Jurisdiction.zone)
    keys = select(Reminder.id, Reminder.key).where(Reminder.id.in_(reminders))
    shows_badge = any(row.channel == WEBPUSH for row in rows)
    return About(
        notices=notices,
        people=people,
        contacts=_by_id(session, ContactPoint, {row.contact_id for row in rows if row.contact_id}),
        tickets=tickets,
        keys=dict(session.execute(keys).tuples().all()) if reminders else {},
        zones=dict(session.execute(zones).tuples().all()),
        unread=unread_counts(session, people_ids) if shows_badge else {},
    )


def _by_id(session: Session, table: Any, ids: Collection[str | None]) -> dict[str, Any]:
    return {row.id: row for row in session.scalars(select(table).where(table.id.in_(ids)))} if ids else {}
