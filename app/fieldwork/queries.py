"""The only SELECTs on field work."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from app import clock
from app.evidence import position
from app.evidence.queries import usable_evidence
from app.fieldwork.models import Commitment, Contact, ProgressReport, Visit, VisitException, WorkPlan
from app.fieldwork.rules import CALLER, FIRST, PHONE, REACHED, TELLING, FieldFacts, failed_attempts
from app.fieldwork.seals import Sealed, seal
from app.journal.models import Event
from app.people.masking import mask_name, mask_text
from app.people.models import Person
from app.people.permissions import STATION, SUPERVISOR
from app.problems import Problem
from app.tickets.basis import anything_in, asked
from app.tickets.case import Case
from app.tickets.models import Ticket

ADDS = anything_in(Contact, Visit, VisitException, ProgressReport, WorkPlan, Commitment)


def field_facts(session: Session, ticket_id: str) -> FieldFacts:
    """Return what the unit that now has the ticket has done in the field; other units' work does not count."""
    columns = (Contact.started_at, Contact.outcome, Contact.purpose, Contact.channel)
    calls = session.execute(_own(Contact, *columns, ticket_id=ticket_id, to=CALLER)).all()
    visits = session.execute(_own(Visit, Visit.met, Visit.mode, ticket_id=ticket_id)).all()
    grounds = session.scalars(_own(VisitException, VisitException.ground, ticket_id=ticket_id))
    reached = [call for call in calls if call.outcome == REACHED]
    met = sum(visit.met == CALLER for visit in visits)
    return FieldFacts(
        visits=len(visits),
        exceptions=frozenset(grounds),
        reached_contacts=len(reached),
        attempts=failed_attempts((call.started_at, call.outcome) for call in calls),
        conversations=len(reached) + met,
        first=sum(call.purpose == FIRST for call in reached),
        told=sum(call.purpose in TELLING for call in reached),
        met=met,
        modes=frozenset(visit.mode for visit in visits),
        phoned=sum(call.channel == PHONE for call in reached),
    )


def conversations_told(session: Session, ticket_id: str) -> int:
    """Return how many conversations there had been at the unit's last progress report, 0 before the first."""
    latest = _own(ProgressReport, func.max(ProgressReport.conversations), ticket_id=ticket_id)
    return session.scalar(latest) or 0


def next_plan_number(session: Session, ticket_id: str) -> int:
    """Return the number of the ticket's next plan; the caller holds the ticket's lock."""
    return (session.scalar(select(func.max(WorkPlan.number)).where(WorkPlan.ticket_id == ticket_id)) or 0) + 1


def require_proof(case: Case, evidence_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Return kind and phase of the evidence named; raise `Problem` `proof_unknown` when one cannot be used.

    Units speak with their own evidence; station and supervisors with whatever is on the ticket.
    """
    anybodys = case.role in (STATION, SUPERVISOR)
    usable = usable_evidence(case.session, case.ticket.id, anybodys) if evidence_ids else {}
    unknown = [i for i in evidence_ids if i not in usable]
    if unknown:
        raise Problem("proof_unknown", count=len(unknown), evidence_ids=unknown)
    return [usable[i] for i in dict.fromkeys(evidence_ids)]


def promised_tickets(unit_ids: Collection[str]) -> Select[str]:
    """Return the select of tickets on which one of the units has a promise to keep, for use inside another query."""
    return select(Commitment.ticket_id).where(Commitment.unit_id.in_(unit_ids), Commitment.settled_at.is_(None))


def _own(model: type[Sealed], *columns: Any, ticket_id: str, **equal: str) -> Any:
    """Select `columns` of the rows that the ticket's present unit recorded."""
    present = and_(Ticket.id == model.ticket_id, Ticket.unit_id == model.unit_id)
    conditions = [getattr(model, name) == value for name, value in equal.items()]
    return select(*columns).select_from(model).join(Ticket, present).where(model.ticket_id == ticket_id, *conditions)


def wire_for(
    session: Session, ticket_ids: Sequence[str], filled: Collection[str] | None = None
) -> dict[str, dict[str, Any]]:
    """Return ticket id → contacts, visits, progress, plans and commitments as the wire shows them, oldest first.

    Only the tables named in `filled` are asked, when it is given.
    Names of those met are masked, and so are phone and identity numbers inside notes: both may be the caller's.
    """
    found: dict[str, dict[str, Any]] = {
        i: {"contacts": [], "visits": [], "visit_exceptions": [], "progress": [], "plans": [], "commitments": []}
        for i in ticket_ids
    }
    shapes: tuple[tuple[str, type[Sealed], Callable[[Row[Any]], dict[str, Any]]], ...] = (
        ("contacts", Contact, _contact),
        ("visits", Visit, _visit),
        ("visit_exceptions", VisitException, _exception),
        ("progress", ProgressReport, _progress),
        ("plans", WorkPlan, _plan),
        ("commitments", Commitment, commitment_wire),
    )
    for key, model, shape in shapes:
        if not asked(model, filled):
            continue
        query = (
            select(model.__table__, Person.name.label("by_name"))
            .join(Person, Person.id == model.by)
            .where(model.ticket_id.in_(found))
            .order_by(Commitment.made_at if model is Commitment else model.__table__.c.recorded_at, model.id)
        )
        for row in session.execute(query):
            found[row.ticket_id][key].append(shape(row) | {"by": {"id": row.by, "name": row.by_name}})
    return found


def _contact(row: Row[Any]) -> dict[str, Any]:
    plain = {key: getattr(row, key) for key in ("id", "purpose", "to", "channel", "outcome", "duration_s")}
    return plain | {
        "started_at": clock.iso(row.started_at),
        "note": _shown(row.note),
        "recorded_at": clock.iso(row.recorded_at),
        "evidence_ids": row.evidence_ids,
    }


def _visit(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "mode": row.mode,
        "arrived_at": clock.iso(row.arrived_at),
        "left_at": clock.iso(row.left_at) if row.left_at else None,
        "met": row.met,
        "met_name": mask_name(row.met_name) or None,
        "position": position.wire(row),
        "note": _shown(row.note),
        "recorded_at": clock.iso(row.recorded_at),
    }


def _exception(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id, "ground": row.ground, "note": _shown(row.note), "recorded_at": clock.iso(row.recorded_at)
    }  # fmt: skip


def _progress(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id, "text": _shown(row.text), "reason": _shown(row.reason), "caller_told": row.caller_told,
        "at": clock.iso(row.recorded_at),
    }  # fmt: skip


def _plan(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id, "number": row.number, "text": _shown(row.text), "steps": row.steps,
        "at": clock.iso(row.recorded_at),
    }  # fmt: skip


def commitment_wire(row: Row[Any]) -> dict[str, Any]:
    """Return a commitment as the wire shows it, without who made it."""
    return {
        "id": row.id,
        "origin": row.origin,
        "text": _shown(row.text),
        "due_at": clock.iso(row.due_at),
        "made_at": clock.iso(row.made_at),
        "outcome": row.outcome,
        "settled_at": clock.iso(row.settled_at) if row.settled_at else None,
        "settled_note": _shown(row.settled_note),
        "evidence_ids": row.evidence_ids,
        "replaced_by": row.replaced_by,
    }


def _shown(text: str | None) -> str | None:
    return mask_text(text) if text else None


@dataclass(frozen=True, slots=True)
class BrokenSeal:
    """A record of field work that is not what the journal sealed: `reason` is changed, missing or unrecorded."""

    ticket_id: str
    table: str
    record_id: str
    reason: str


_SEALED_BY: tuple[tuple[str, str, type[Sealed]], ...] = (
    ("contact.recorded", "contact_id", Contact),
    ("visit.recorded", "visit_id", Visit),
    ("visit.excepted", "exception_id", VisitException),
    ("progress.reported", "progress_id", ProgressReport),
    ("plan.filed", "plan_id", WorkPlan),
    ("commitment.made", "commitment_id", Commitment),
)


def broken_seals(session: Session) -> Iterator[BrokenSeal]:
    """Yield every contact, visit, exception and progress report that differs from its seal in the journal (A3)."""
    for name, key, model in _SEALED_BY:
        # A payload without its keys was tampered with; the chain says so, this goes on.
        events = session.execute(select(Event.subject_id, Event.payload).where(Event.name == name))
        sealed = {payload.get(key): (ticket_id, payload.get("seal")) for ticket_id, payload in events}
        rows: Any = session.scalars(select(model).execution_options(yield_per=500))
        for row in rows:
            ticket_id, expected = sealed.pop(row.id, (row.ticket_id, None))
            if expected != seal(row) or ticket_id != row.ticket_id:
                reason = "changed" if expected else "unrecorded"
                yield BrokenSeal(ticket_id, model.__tablename__, row.id, reason)
        for record_id, (ticket_id, _) in sealed.items():
            yield BrokenSeal(ticket_id, model.__tablename__, record_id, "missing")
