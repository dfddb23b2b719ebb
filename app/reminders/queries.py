"""The only SELECTs on reminders, notices and deliveries."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import exists, func, literal, or_, select
from sqlalchemy.orm import Session

from app import clock
from app.journal.models import Event
from app.reminders.models import PLANNED, Delivery, Notice, PlanCursor, PlanMark, Reminder
from app.tickets.models import Ticket

INBOX_DAYS: Final = timedelta(days=7)
INBOX_LIMIT: Final = 200


def _literal(state: str) -> Any:
    """A value written into the statement: with a parameter no planner can know that the partial index will do."""
    return literal(state, literal_execute=True)


# ---------------------------------------------------------------- planning and firing


def reminders_of(session: Session, ticket_id: str) -> dict[str, Reminder]:
    """Return a ticket's reminders by key; the caller holds the ticket's lock."""
    return reminders_of_all(session, [ticket_id])[ticket_id]


def reminders_of_all(session: Session, ticket_ids: Sequence[str]) -> dict[str, dict[str, Reminder]]:
    """Return each ticket's reminders by key; the caller holds the tickets' locks."""
    found: dict[str, dict[str, Reminder]] = {ticket_id: {} for ticket_id in ticket_ids}
    for row in session.scalars(select(Reminder).where(Reminder.ticket_id.in_(ticket_ids))):
        found[row.ticket_id][row.key] = row
    return found


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


def locked_tickets(session: Session, ticket_ids: Sequence[str], at: datetime) -> list[Ticket]:
    """Lock and return those of the tickets that still have something due at `at`.

    One that another transaction is changing is left out (it comes back next time), and so is one that another tick
    has dealt with since the list was read: several may run at once and share the work.
    """
    waiting = exists().where(
        Reminder.ticket_id == Ticket.id, Reminder.state == _literal(PLANNED), Reminder.fire_at <= at
    )
    query = select(Ticket).where(Ticket.id.in_(ticket_ids), waiting).order_by(Ticket.id)
    return list(session.scalars(query.with_for_update(skip_locked=True, of=Ticket)))


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


def unread_counts(session: Session, person_ids: Collection[str]) -> dict[str, int]:
    """Return person → how many notices they have not acknowledged (the badge); who has none is not in it."""
    unread = Notice.person_id.in_(person_ids), Notice.acknowledged_at.is_(None)
    query = select(Notice.person_id, func.count()).where(*unread).group_by(Notice.person_id)
    return dict(session.execute(query).tuples().all())


def notice_of(session: Session, person_id: str, notice_id: str) -> Notice | None:
    """Return a person's own notice, or None; another's does not exist for them."""
    return session.scalar(select(Notice).where(Notice.id == notice_id, Notice.person_id == person_id))


# ---------------------------------------------------------------- deliveries


def deliveries_of_notice(session: Session, notice_id: str) -> list[Delivery]:
    """Return every way that was tried for a notice, in the order they were taken."""
    return list(session.scalars(select(Delivery).where(Delivery.notice_id == notice_id).order_by(Delivery.id)))
