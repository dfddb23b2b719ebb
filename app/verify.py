"""Checking every hash chain of a database against its journal (A3)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from app import clock
from app.fieldwork import queries as fieldwork
from app.fieldwork.queries import BrokenSeal
from app.journal.chain import Break, Link, verify
from app.journal.models import Event
from app.oversight.findings.models import Finding
from app.oversight.inspections.models import InspectionDraw
from app.people.models import Jurisdiction
from app.replies import queries as replies
from app.tickets.models import Ticket

_BATCH = 200


def subjects(session: Session, number: str | None = None) -> Iterator[tuple[str, str, int, str]]:
    """Yield (name for people, subject id, length, head) of every chain, or of one ticket's by its number."""
    tickets = select(Ticket.number, Ticket.id, Ticket.journal_length, Ticket.journal_head).order_by(Ticket.id)
    if number is not None:
        tickets = tickets.where(Ticket.number == number)
    for row in session.execute(tickets.execution_options(yield_per=_BATCH)):
        yield row[0], row[1], row[2], row[3]
    if number is None:
        places = select(Jurisdiction.name, Jurisdiction.id, Jurisdiction.journal_length, Jurisdiction.journal_head)
        draws = select(
            literal("抽查 ") + InspectionDraw.name, InspectionDraw.id, InspectionDraw.journal_length,
            InspectionDraw.journal_head,
        )  # fmt: skip
        for query in (places, draws):
            for row in session.execute(query):
                yield row[0], row[1], row[2], row[3]
        found = select(Finding.id, Finding.journal_length, Finding.journal_head).order_by(Finding.id)
        for identity, length, head in session.execute(found.execution_options(yield_per=_BATCH)):
            yield f"疑点 {identity}", identity, length, head


def check(session: Session, subject_id: str, length: int, head: str) -> Break | None:
    """Return the first break of one chain, None when it holds."""
    events = session.scalars(select(Event).where(Event.subject_id == subject_id).order_by(Event.subject_seq))
    return verify(subject_id, length, head, ((_link(event), event.hash) for event in events))


def strays(session: Session) -> list[str]:
    """Return subjects that have events but no row of their own: a whole ticket was removed."""
    known = {subject_id for _, subject_id, _, _ in subjects(session)}
    return sorted(s for s in session.scalars(select(Event.subject_id).distinct()) if s not in known)


def seals(session: Session) -> Iterator[BrokenSeal]:
    """Yield what was recorded on tickets and is not, or no longer, what the journal sealed (A3)."""
    yield from fieldwork.broken_seals(session)
    yield from replies.broken_seals(session)


def _link(event: Event) -> Link:
    values = {name: getattr(event, name) for name in Link.__slots__}
    return Link(**values | {"at": clock.iso(event.at)})
