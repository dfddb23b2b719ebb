"""The list of tickets: filters, orders and pages that stay quick with a hundred thousand tickets.

Pages go on from the keys of the last row, never by offset: the list moves while a person reads it. The order by
deadline is read group by group (urgency, then with a deadline, then without): each is one short walk along an index.
One sorted statement was rejected: no single index of both databases puts what has no deadline last.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, literal_column, or_, select
from sqlalchemy.orm import Session

from app.people.permissions import Actor
from app.tickets.models import Ticket
from app.tickets.queries import visible_to

DUE: Final = "due"
NEW: Final = "new"
SORTS: Final = (DUE, NEW)
OVERDUE: Final = "overdue"
TODAY: Final = "today"
SOON: Final = "soon"
DUES: Final = (OVERDUE, TODAY, SOON)
SEARCHED: Final = 500
"""So many hits of a search, the newest, are put in order; who finds more looks for something longer."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What a person asks the list for; None or empty asks for anything.

    `urgency` is a priority's rank; `due_before` keeps what is due by then; `assigned_from` what was dispatched at
    least so often.
    """

    state: str | None = None
    unit_id: str | None = None
    urgency: int | None = None
    text: str | None = None
    due_before: datetime | None = None
    assigned_from: int | None = None
    escalated: bool = False


def due_before(due: str, at: datetime, zone: str) -> datetime:
    """Return until when a ticket must be due to be overdue, due today (local), or due soon (within 24 hours)."""
    if due == TODAY:
        local = at.astimezone(ZoneInfo(zone))
        return datetime.combine(local.date() + timedelta(days=1), time(), local.tzinfo).astimezone(UTC)
    return at if due == OVERDUE else at + timedelta(hours=24)


def page(session: Session, actor: Actor, filters: Filters, sort: str, cursor: list[Any] | None, size: int) -> list[Any]:
    """Return up to `size` rows after `cursor`: (id, received_at) for `new`, (id, urgency, next_due_at) for `due`."""
    where = _conditions(actor, filters)
    if filters.text:
        return _searched(session, where, filters.text, sort, cursor)[:size]
    if sort == NEW:
        return _newest(session, where, cursor, size)
    if filters.unit_id or filters.escalated or filters.assigned_from is not None:
        return _few(session, where, cursor, size)
    found: list[Any] = []
    for condition in _groups(session, actor, filters, cursor):
        query = (
            select(Ticket.id, Ticket.urgency, Ticket.next_due_at)
            .where(*where, *condition)
            .order_by(Ticket.next_due_at, Ticket.id)
            .limit(size - len(found))
        )
        found += session.execute(query).all()
        if len(found) == size:
            break
    return found


def _newest(session: Session, where: list[ColumnElement[bool]], cursor: list[Any] | None, size: int) -> list[Any]:
    query = select(Ticket.id, Ticket.received_at).where(*where)
    if cursor is not None:
        last, at = cursor
        query = query.where(Ticket.received_at <= at, or_(Ticket.received_at < at, Ticket.id < last))
    return list(session.execute(query.order_by(Ticket.received_at.desc(), Ticket.id.desc()).limit(size)).all())


def _few(session: Session, where: list[ColumnElement[bool]], cursor: list[Any] | None, size: int) -> list[Any]:
    """Put in order what an index has narrowed down to some hundreds or thousands: one sort is less than eight walks."""
    undated = Ticket.next_due_at.is_(None)
    query = select(Ticket.id, Ticket.urgency, Ticket.next_due_at).where(*where)
    if cursor is not None:
        last, urgency, due = cursor
        later = and_(undated, Ticket.id > last) if due is None else undated
        if due is not None:
            later = or_(undated, Ticket.next_due_at > due, and_(Ticket.next_due_at == due, Ticket.id > last))
        query = query.where(or_(Ticket.urgency > urgency, and_(Ticket.urgency == urgency, later)))
    # Plus nothing: or SQLite walks all tickets in the order of urgency instead of the few.
    ordered = query.order_by(Ticket.urgency + 0, undated, Ticket.next_due_at, Ticket.id).limit(size)
    return list(session.execute(ordered).all())


def _groups(
    session: Session, actor: Actor, filters: Filters, cursor: list[Any] | None
) -> Iterator[list[ColumnElement[bool]]]:
    """Yield the condition of each group in the order of the list, from the cursor's own on."""
    last, reached, due = cursor or (None, 0, None)
    for urgency in _urgencies(session, actor, filters):
        if urgency < reached:
            continue
        mine = cursor is not None and urgency == reached
        if not (mine and due is None):
            dated = [Ticket.urgency == urgency, Ticket.next_due_at.is_not(None)]
            if mine:
                dated += [Ticket.next_due_at >= due, or_(Ticket.next_due_at > due, Ticket.id > last)]
            yield dated
        if filters.due_before is None:
            undated = [Ticket.urgency == urgency, Ticket.next_due_at.is_(None)]
            yield [*undated, Ticket.id > last] if mine and due is None else undated


def _urgencies(session: Session, actor: Actor, filters: Filters) -> range:
    if filters.urgency is not None:
        return range(filters.urgency, filters.urgency + 1)
    highest = session.scalar(select(func.max(Ticket.urgency)).where(Ticket.jurisdiction_id == actor.jurisdiction_id))
    return range((highest or 0) + 1)


def _conditions(actor: Actor, filters: Filters) -> list[ColumnElement[bool]]:
    where = [visible_to(actor)]
    if filters.state is not None:
        where.append(Ticket.state == filters.state)
    if filters.unit_id is not None:
        where.append(Ticket.unit_id == filters.unit_id)
    if filters.urgency is not None:
        where.append(Ticket.urgency == filters.urgency)
    if filters.due_before is not None:
        where.append(Ticket.next_due_at < filters.due_before)
    if filters.assigned_from is not None:
        # The literal part is how SQLite sees that the index of what was given out again will do.
        where += [Ticket.assigned_count > literal_column("1"), Ticket.assigned_count >= filters.assigned_from]
    if filters.escalated:
        where.append(Ticket.escalated.is_(True))
    return where


def _searched(
    session: Session, where: list[ColumnElement[bool]], text: str, sort: str, cursor: list[Any] | None
) -> list[Any]:
    """Return the tickets whose number or title holds the text, in order, from after the cursor."""
    pattern = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    matches = or_(Ticket.number.like(pattern, escape="\\"), Ticket.title.like(pattern, escape="\\"))
    # First the ids alone: number and title stand in the index by which the newest are found.
    hits = select(Ticket.id).where(*where, matches)
    ids = session.scalars(hits.order_by(Ticket.received_at.desc(), Ticket.id.desc()).limit(SEARCHED)).all()
    if sort == NEW:
        newest = session.execute(select(Ticket.id, Ticket.received_at).where(Ticket.id.in_(ids))).all()
        found = sorted(newest, key=lambda row: (row.received_at, row.id), reverse=True)
        return [row for row in found if cursor is None or (row.received_at, row.id) < (cursor[1], cursor[0])]
    dated = session.execute(select(Ticket.id, Ticket.urgency, Ticket.next_due_at).where(Ticket.id.in_(ids))).all()
    in_order = sorted(dated, key=lambda row: _place(row.id, row.urgency, row.next_due_at))
    return [row for row in in_order if cursor is None or _place(*row) > _place(*cursor)]


def _place(identity: str, urgency: int, due: datetime | None) -> tuple[int, bool, datetime, str]:
    return urgency, due is None, due or datetime.max.replace(tzinfo=UTC), identity
