"""Comparing the seals with themselves, with the journal as it is now, and with copies kept elsewhere (A3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from cryptography import x509
from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from app.journal.models import Event
from app.sealing import authority, documents, queries
from app.sealing.models import DayLeaf, DayRoot, RootStamp


@dataclass(frozen=True, slots=True)
class Flaw:
    """What a seal proves wrong: `reason` names it, `said` adds words of its own, `subject_id` is the chain."""

    day: date
    reason: str
    subject_id: str | None = None
    said: str = ""


def seals(session: Session) -> Iterator[Flaw]:
    """Yield every seal that does not hold by itself: its document, its place in the row of days, its leaves."""
    before: documents.Document | None = None
    for row, _ in reversed(queries.roots(session)):
        try:
            document = documents.read(row.document)
        except (ValueError, TypeError):
            yield Flaw(row.day, "document")
            continue
        if document.root != row.root or document.day != row.day:
            yield Flaw(row.day, "document")
        if before is None and document.previous != documents.FIRST:
            yield Flaw(row.day, "first")
        broken = documents.broken_link(before, document)
        if broken:
            yield Flaw(row.day, broken)
        leaves = queries.leaves_of(session, row.day)
        if len(leaves) != document.leaves or documents.tree_of(leaves) != document.tree:
            yield Flaw(row.day, "leaves")
        before = document


def chains(session: Session, subject_id: str | None = None) -> Iterator[Flaw]:
    """Yield every chain that no longer leads through what was sealed of it, once, with the first such day.

    That the events in between are sound is for `journal.chain.verify` to say; here it is that they are the same ones.
    """
    here = and_(Event.subject_id == DayLeaf.subject_id, Event.subject_seq == DayLeaf.length)
    query = (
        select(DayLeaf.day, DayLeaf.subject_id, DayLeaf.length, Event.hash)
        .outerjoin(Event, here)
        .where(or_(Event.hash.is_(None), Event.hash != DayLeaf.head))
        .order_by(DayLeaf.day, DayLeaf.position)
    )
    if subject_id is not None:
        query = query.where(DayLeaf.subject_id == subject_id)
    told = set()
    for day, subject, length, found in session.execute(query).all():
        if subject not in told:
            told.add(subject)
            yield Flaw(day, "rewritten" if found else _lost(session, subject, length), subject)


def _lost(session: Session, subject_id: str, length: int) -> str:
    left = session.scalar(select(func.max(Event.subject_seq)).where(Event.subject_id == subject_id))
    if left is None:
        return "gone"
    return "shortened" if left < length else "rewritten"


def stamps(session: Session, authorities: Sequence[x509.Certificate]) -> Iterator[Flaw]:
    """Yield every stamp that does not hold for its day's document."""
    query = select(DayRoot.day, DayRoot.document, RootStamp.answer).join(RootStamp, RootStamp.day == DayRoot.day)
    for day, text, answer in session.execute(query.where(RootStamp.answer.is_not(None)).order_by(DayRoot.day)):
        try:
            authority.check(answer or b"", text, authorities)
        except authority.StampInvalid as error:
            yield Flaw(day, "stamp", said=str(error))


def against(session: Session, published: Mapping[date, str]) -> Iterator[Flaw]:
    """Yield every day of a copy kept elsewhere that the database has no more, or with another root."""
    ours = {row.day: row.root for row, _ in queries.roots(session)}
    for day, root in sorted(published.items()):
        if ours.get(day) != root:
            yield Flaw(day, "published" if day in ours else "unpublished")


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the seals reach: days, the first and last of them, and how many have a stamp of their own."""

    days: int
    first: date | None
    last: date | None
    stamped: int


def standing(session: Session) -> Standing:
    """Return how far the seals reach."""
    days, first, last = session.execute(select(func.count(), func.min(DayRoot.day), func.max(DayRoot.day))).one()
    stamped = session.scalar(select(func.count()).where(RootStamp.answer.is_not(None))) or 0
    return Standing(days, first, last, stamped)


def sealed_of(session: Session, subject_id: str) -> tuple[int, date] | None:
    """Return how many events of a chain are sealed and since which day; None when none are."""
    query = select(DayLeaf.length, DayLeaf.day).where(DayLeaf.subject_id == subject_id)
    row = session.execute(query.order_by(DayLeaf.length.desc()).limit(1)).first()
    return (row[0], row[1]) if row else None
