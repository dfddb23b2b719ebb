"""The only SELECTs on units working together, and on what the station answered itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from app import clock
from app.people.masking import mask_about, mask_text
from app.people.models import Person, Unit
from app.policies.queries import policy_of
from app.tickets.basis import IDS, Basis, anything_in, asked
from app.tickets.joint_rules import LABELS
from app.tickets.models import Assignment, Assist, Consultation, DirectAnswer, Ticket

ADDS = anything_in(Assignment, Consultation, Assist, DirectAnswer)


def assisted_by(unit_ids: Iterable[str]) -> Select[str]:
    """Return the select of tickets on which one of the units helps, to be used inside another query."""
    return select(Assist.ticket_id).where(Assist.unit_id.in_(list(unit_ids)), Assist.ended_at.is_(None))


def assisting_units(session: Session, ticket_id: str) -> set[str]:
    """Return the units that help on the ticket now."""
    query = select(Assist.unit_id).where(Assist.ticket_id == ticket_id, Assist.ended_at.is_(None))
    return set(session.scalars(query))


def unreported(session: Session, ticket_id: str) -> list[Assist]:
    """Return the letters on the ticket that wait for their report, the oldest first."""
    query = select(Assist).where(Assist.ticket_id == ticket_id, Assist.ended_at.is_(None), Assist.reported_at.is_(None))
    return list(session.scalars(query.order_by(Assist.asked_at, Assist.id)))


def late_assists(session: Session, at: datetime) -> list[str]:
    """Return the letters whose report is due by `at` and of which nobody was told yet."""
    query = select(Assist.id).where(
        Assist.reported_at.is_(None), Assist.due_at < at, Assist.ended_at.is_(None), Assist.late_told_at.is_(None)
    )
    return list(session.scalars(query.order_by(Assist.due_at)))


def open_assists(session: Session, ticket_id: str) -> list[str]:
    """Return the names of the units whose report is still missing: the lead answers for all, and should wait (X2.3)."""
    names = {row.unit_id for row in unreported(session, ticket_id)}
    return list(session.scalars(select(Unit.name).where(Unit.id.in_(names)).order_by(Unit.name))) if names else []


def is_bound(session: Session, ticket_id: str) -> bool:
    """Return whether the present unit was determined jointly or named by a leader: it cannot ask for return (X2.2)."""
    query = select(Assignment.binding).where(Assignment.ticket_id == ticket_id, Assignment.until.is_(None))
    return bool(session.scalar(query.limit(1)))


def wire_for(session: Session, basis: Basis) -> dict[str, dict[str, Any]]:
    """Return ticket id → assignments, consultations, assists and direct_answer, as sent."""
    ids, units = basis.ids, _UnitNames(session)
    found: dict[str, dict[str, Any]] = {
        i: {"assignments": [], "consultations": [], "assists": [], "direct_answer": None} for i in ids
    }
    if asked(Assignment, basis.filled):
        for ticket_id, row in _assignments(session, basis):
            found[ticket_id]["assignments"].append(row)
    if asked(Consultation, basis.filled):
        for ticket_id, row in _consultations(session, ids, units):
            found[ticket_id]["consultations"].append(row)
    if asked(Assist, basis.filled):
        for ticket_id, row in _assists(session, ids, units):
            found[ticket_id]["assists"].append(row)
    if asked(DirectAnswer, basis.filled):
        for ticket_id, row in _direct(session, ids):
            found[ticket_id]["direct_answer"] = row
    return found


class _UnitNames:
    """Units' names, each batch fetched once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, str] = {}

    def learn(self, unit_ids: Iterable[str | None]) -> None:
        wanted = {i for i in unit_ids if i} - self._known.keys()
        if wanted:
            rows = self._session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(wanted)))
            self._known |= dict(rows.tuples().all())

    def __call__(self, unit_id: str | None) -> dict[str, str] | None:
        return None if unit_id is None else {"id": unit_id, "name": self._known.get(unit_id, "")}


Row = tuple[str, dict[str, Any]]


_ASSIGNMENTS = (
    select(
        Assignment.ticket_id, Assignment.unit_id, Assignment.ground, Assignment.grounds, Assignment.instructed_by,
        Assignment.consultation_id, Assignment.binding, Assignment.by, Assignment.since, Assignment.until,
        Unit.name.label("unit"), Person.name.label("person"),
    )
    .join(Unit, Unit.id == Assignment.unit_id)
    .join(Person, Person.id == Assignment.by)
    .where(Assignment.ticket_id.in_(IDS))
    .order_by(Assignment.since, Assignment.id)
)  # fmt: skip


def _assignments(session: Session, basis: Basis) -> list[Row]:
    shown = []
    for row in session.execute(_ASSIGNMENTS, {"ids": basis.ids}):
        policy = policy_of(session, basis.rows[row.ticket_id].policy_id)
        ground = policy.dispatch.ground(row.ground) if row.ground else None
        entry = {
            "unit": {"id": row.unit_id, "name": row.unit},
            "ground": row.ground,
            "ground_label": ground.label if ground else row.ground,
            "grounds": row.grounds,
            "instructed_by": row.instructed_by,
            "consultation_id": row.consultation_id,
            "binding": row.binding,
            "by": {"id": row.by, "name": row.person},
            "since": clock.iso(row.since),
            "until": _iso(row.until),
        }
        shown.append((row.ticket_id, entry))
    return shown


def _consultations(session: Session, ticket_ids: Sequence[str], units: _UnitNames) -> list[Row]:
    query = (
        select(Consultation, Person.name)
        .join(Person, Person.id == Consultation.by)
        .where(Consultation.ticket_id.in_(ticket_ids))
        .order_by(Consultation.at, Consultation.id)
    )
    rows = session.execute(query).all()
    for row, _ in rows:
        units.learn([*row.participants, *row.co_unit_ids, row.lead_unit_id, row.convened_by])
    return [(row.ticket_id, consultation_wire(row, name, units)) for row, name in rows]


def consultation_wire(row: Consultation, by: str, units: Any) -> dict[str, Any]:
    """Return one consultation as the wire shows it; `units` turns an id into {id, name}."""
    return {
        "id": row.id,
        "kind": row.kind,
        "label": LABELS[row.kind],
        "on_site": row.on_site,
        "held_at": clock.iso(row.held_at),
        "participants": [units(i) for i in row.participants],
        "convened_by": units(row.convened_by),
        "minutes": mask_text(row.minutes),
        "agreed": row.agreed,
        "lead": units(row.lead_unit_id),
        "co_units": [units(i) for i in row.co_unit_ids],
        "named_by": row.named_by,
        "by": {"id": row.by, "name": by},
        "at": clock.iso(row.at),
    }


def _assists(session: Session, ticket_ids: Sequence[str], units: _UnitNames) -> list[Row]:
    asker, signer, reporter = aliased(Person), aliased(Person), aliased(Person)
    query = (
        select(Assist, asker.name, signer.name, reporter.name)
        .join(asker, asker.id == Assist.asked_by)
        .outerjoin(signer, signer.id == Assist.signed_by)
        .outerjoin(reporter, reporter.id == Assist.reported_by)
        .where(Assist.ticket_id.in_(ticket_ids))
        .order_by(Assist.asked_at, Assist.id)
    )
    rows = session.execute(query).all()
    units.learn(i for row, *_ in rows for i in (row.unit_id, row.asking_unit_id))
    return [(row.ticket_id, assist_wire(row, names, units)) for row, *names in rows]


def assist_wire(row: Assist, names: Sequence[str | None], units: Any) -> dict[str, Any]:
    """Return one 办理联系单 as the wire shows it; `names` are those of asker, signer and reporter."""
    asker, signer, reporter = names
    return {
        "id": row.id,
        "kind": row.kind,
        "label": LABELS[row.kind],
        "unit": units(row.unit_id),
        "asking_unit": units(row.asking_unit_id),
        "asked_by": {"id": row.asked_by, "name": asker or ""},
        "asked_at": clock.iso(row.asked_at),
        "what": mask_text(row.what),
        "due_at": _iso(row.due_at),
        "signed_at": _iso(row.signed_at),
        "signed_by": row.signed_by and {"id": row.signed_by, "name": signer or ""},
        "report": mask_text(row.report) if row.report else None,
        "reported_at": _iso(row.reported_at),
        "reported_by": row.reported_by and {"id": row.reported_by, "name": reporter or ""},
        "ended_at": _iso(row.ended_at),
    }


def _direct(session: Session, ticket_ids: Sequence[str]) -> list[Row]:
    query = (
        select(DirectAnswer, Person.name, Ticket.caller_name, Ticket.caller_phone, Ticket.caller_address)
        .join(Person, Person.id == DirectAnswer.by)
        .join(Ticket, Ticket.id == DirectAnswer.ticket_id)
        .where(DirectAnswer.ticket_id.in_(ticket_ids))
    )
    return [
        (
            row.ticket_id,
            {
                "way": row.way,
                "label": row.label,
                "text": mask_about(row.text, *caller),
                "template": row.template,
                "told_at": _iso(row.told_at),
                "by": {"id": row.by, "name": name},
                "at": clock.iso(row.at),
            },
        )
        for row, name, *caller in session.execute(query)
    ]


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else clock.iso(instant)
