"""The only SELECTs on seals, and on the chains they cover."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any, Final, TypeVar

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from app.journal.models import Event
from app.oversight.findings.models import Finding
from app.oversight.inspections.models import InspectionDraw
from app.people.models import Jurisdiction
from app.sealing.documents import Leaf
from app.sealing.models import DayLeaf, DayRoot, RootStamp
from app.tickets.models import Ticket

BATCH: Final = 500
SUBJECTS: Final[tuple[Any, ...]] = (Ticket, Jurisdiction, Finding, InspectionDraw)
"""Whatever has a chain of its own."""
Item = TypeVar("Item")


def latest(session: Session) -> DayRoot | None:
    """Return the newest seal."""
    return session.scalars(select(DayRoot).order_by(DayRoot.day.desc()).limit(1)).first()


def roots(session: Session, before: date | None = None, limit: int | None = None) -> list[tuple[DayRoot, Any]]:
    """Return seals with their stamps (or None), the newest first."""
    query = select(DayRoot, RootStamp).outerjoin(RootStamp, RootStamp.day == DayRoot.day).order_by(DayRoot.day.desc())
    if before is not None:
        query = query.where(DayRoot.day < before)
    return [(row[0], row[1]) for row in session.execute(query if limit is None else query.limit(limit))]


def since(session: Session, day: date) -> list[tuple[DayRoot, Any]]:
    """Return the seals from that day on with their stamps, the oldest first."""
    query = select(DayRoot, RootStamp).outerjoin(RootStamp, RootStamp.day == DayRoot.day).where(DayRoot.day >= day)
    return [(row[0], row[1]) for row in session.execute(query.order_by(DayRoot.day))]


def leaves_of(session: Session, day: date) -> list[Leaf]:
    """Return a day's leaves in the order of its tree."""
    query = select(DayLeaf.subject_id, DayLeaf.length, DayLeaf.head).where(DayLeaf.day == day)
    return [Leaf(*row) for row in session.execute(query.order_by(DayLeaf.position))]


def days_of(session: Session, subject_id: str) -> list[tuple[date, int]]:
    """Return the days on which a chain was sealed and its place in each day's tree, the oldest first."""
    query = select(DayLeaf.day, DayLeaf.position).where(DayLeaf.subject_id == subject_id).order_by(DayLeaf.day)
    return [(row[0], row[1]) for row in session.execute(query)]


def unsealed(session: Session) -> dict[str, int]:
    """Return the chains that are longer than any seal knows: subject id → sealed length.

    Asked of the subjects themselves, not of the newest events: transactions commit out of order, and an event that
    became visible late must not slip between two seals.
    """
    found: dict[str, int] = {}
    for subjects in _batches(_chains(session)):
        lengths = dict(subjects)
        known = select(DayLeaf.subject_id, func.max(DayLeaf.length)).where(DayLeaf.subject_id.in_(lengths))
        sealed = {row[0]: row[1] for row in session.execute(known.group_by(DayLeaf.subject_id))}
        found |= {s: sealed.get(s, 0) for s, length in lengths.items() if length > sealed.get(s, 0)}
    return found


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    source = iter(items)
    while batch := list(islice(source, BATCH)):
        yield batch


def _chains(session: Session) -> Iterator[tuple[str, int]]:
    for model in SUBJECTS:
        query = select(model.id, model.journal_length).where(model.journal_length > 0)
        for row in session.execute(query.execution_options(yield_per=BATCH)):
            yield row[0], row[1]


def heads(session: Session, subject_ids: Sequence[str], until: datetime) -> Iterator[Leaf]:
    """Yield each chain as it stood at `until`: up to its last event recorded before that instant."""
    for batch in _batches(subject_ids):
        ended = (
            select(Event.subject_id, func.max(Event.subject_seq).label("length"))
            .where(Event.subject_id.in_(batch), Event.at < until)
            .group_by(Event.subject_id)
            .subquery()
        )
        last = and_(Event.subject_id == ended.c.subject_id, Event.subject_seq == ended.c.length)
        for row in session.execute(select(Event.subject_id, Event.subject_seq, Event.hash).join(ended, last)):
            yield Leaf(*row)


def first_event(session: Session) -> datetime | None:
    """Return when the oldest event was recorded."""
    return session.scalar(select(Event.at).order_by(Event.seq).limit(1))
