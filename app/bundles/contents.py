"""The only SELECTs on what goes into a bundle, all of one instant."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.bundles.models import Bundle
from app.evidence import lifecycle as evidence_states
from app.evidence import position
from app.evidence.media import AUDIO, PHOTO, extension
from app.evidence.models import Evidence
from app.evidence.storage import AUDIO as AUDIO_FILE
from app.evidence.storage import DISPLAY, THUMB
from app.fieldwork import queries as fieldwork
from app.journal import merkle
from app.journal.chain import Link
from app.journal.models import Event
from app.people.masking import mask_about, mask_address, mask_name, mask_phone
from app.people.models import Jurisdiction, Person, Unit
from app.replies import queries as replies
from app.sealing import queries as sealing
from app.sealing.models import DayRoot, RootStamp
from app.tickets import queries as tickets
from app.tickets.lifecycle import LABELS
from app.tickets.models import Ticket

_RENDITIONS: Final = {PHOTO: (DISPLAY, THUMB), AUDIO: (AUDIO_FILE,)}
_MACHINE: Final = re.compile(r"[0-9a-f-]{32,}|[\d.:TZ+-]+")
"""Hashes, ids and instants: nothing to mask, and nothing that may be altered."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """How the ticket's chain stands in the days' trees: proofs, documents from the first such day on, stamps."""

    proofs: list[dict[str, Any]] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    stamps: dict[str, bytes] = field(default_factory=dict)
    days: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything that is written besides the files themselves."""

    ticket: dict[str, Any]
    place: dict[str, Any]
    links: list[Link]
    head: str
    evidence: list[dict[str, Any]]
    records: dict[str, Any]
    timeline: list[dict[str, Any]]
    sealed: Sealed
    made_by: dict[str, Any]


def gather(session: Session, bundle: Bundle) -> Contents:
    """Return what the bundle of a ticket holds. The caller's data is masked unless the bundle says otherwise."""
    ticket = session.get_one(Ticket, bundle.ticket_id)
    place = session.get_one(Jurisdiction, ticket.jurisdiction_id)
    events = list(session.scalars(select(Event).where(Event.subject_id == ticket.id).order_by(Event.subject_seq)))
    links = [_link(event) for event in events]
    timeline = tickets.timelines(session, [ticket.id], None)[ticket.id]
    evidence = _evidence(session, ticket.id)
    records = _records(session, ticket)
    caller = {"name": ticket.caller_name, "phone": ticket.caller_phone, "address": ticket.caller_address}
    head = {
        "id": ticket.id, "number": ticket.number, "title": ticket.title, "content": ticket.content,
        "state": LABELS[ticket.state], "received_at": clock.iso(ticket.received_at),
        "closed_at": clock.iso(ticket.closed_at) if ticket.closed_at else None, "area": ticket.area,
        "unit": session.get_one(Unit, ticket.unit_id).name if ticket.unit_id else None,
    }  # fmt: skip
    if not bundle.unmasked:
        shown = (ticket.caller_name, ticket.caller_phone, ticket.caller_address)
        head, records = masked(head, shown), masked(records, shown)
        timeline, evidence = masked(timeline, shown), masked(evidence, shown)
        caller = {
            "name": mask_name(caller["name"]),
            "phone": mask_phone(caller["phone"]),
            "address": mask_address(caller["address"]),
        }
    asker = session.get_one(Person, bundle.asked_by)
    return Contents(
        ticket=head | {"caller": caller},
        place={"id": place.id, "name": place.name, "zone": place.zone},
        links=links,
        head=events[-1].hash if events else "",
        evidence=evidence,
        records=records,
        timeline=timeline,
        sealed=_sealed(session, ticket.id),
        made_by={"id": asker.id, "name": asker.name},
    )


def masked(value: Any, caller: tuple[str | None, str | None, str | None]) -> Any:
    """Return nested values with the caller's name, number and address hidden in every text."""
    if isinstance(value, dict):
        return {key: masked(inner, caller) for key, inner in value.items()}
    if isinstance(value, list):
        return [masked(inner, caller) for inner in value]
    if isinstance(value, str) and not _MACHINE.fullmatch(value):
        return mask_about(value, *caller)
    return value


def _link(event: Event) -> Link:
    values = {name: getattr(event, name) for name in Link.__slots__}
    return Link(**values | {"at": clock.iso(event.at)})


def _records(session: Session, ticket: Ticket) -> dict[str, Any]:
    field_work = fieldwork.wire_for(session, [ticket.id])[ticket.id]
    return field_work | {"replies": replies.wire_for(session, [ticket.id])[ticket.id]["replies"]}


def _evidence(session: Session, ticket_id: str) -> list[dict[str, Any]]:
    query = (
        select(Evidence, Person.name, Unit.name)
        .join(Person, Person.id == Evidence.declared_by)
        .join(Unit, Unit.id == Evidence.unit_id)
        # A checker's own photos stand in the chain of the draw, and are not for the unit's leaders to find here.
        .where(Evidence.ticket_id == ticket_id, Evidence.case_id.is_(None))
        .order_by(Evidence.declared_at, Evidence.id)
    )
    return [_piece(number, *row) for number, row in enumerate(session.execute(query), 1)]


def _piece(number: int, row: Evidence, person: str, unit: str) -> dict[str, Any]:
    stem = f"{number:03d}-{row.phase}-{row.sha256[:12]}"
    received = row.received_at is not None
    names = _RENDITIONS.get(row.kind, ()) if evidence_states.has_renditions(row.state) else ()
    place = position.wire(row)
    return {
        "id": row.id, "kind": row.kind, "phase": row.phase, "sha256": row.sha256, "size": row.size,
        "media_type": row.media_type, "source": row.source, "captured_at": clock.iso(row.captured_at),
        "declared_at": clock.iso(row.declared_at), "declared_by": person, "unit": unit,
        "received_at": clock.iso(row.received_at) if row.received_at else None,
        "position": place and place | {"reported_datum": row.datum},
        "samples": row.samples, "spread_m": row.spread_m, "span_s": row.span_s, "device_id": row.device_id,
        "issued_at": clock.iso(row.issued_at) if row.issued_at else None,
        "duration_s": row.duration_s, "measured_s": row.measured_s, "note": row.note, "state": row.state,
        "withdrawn_reason": row.withdrawn_reason, "claims": row.claims,
        "original": f"originals/{stem}.{extension(row.media_type)}" if received else None,
        "absent": None if received else "not_uploaded",
        "renditions": [f"renditions/{stem}-{name}" for name in names],
    }  # fmt: skip


def _sealed(session: Session, ticket_id: str) -> Sealed:
    """Return a proof for each day on which the chain grew, and what leads from the first of them to the newest root."""
    found = sealing.days_of(session, ticket_id)
    if not found:
        return Sealed()
    rows = sealing.since(session, found[0][0])
    proofs = [_proof(session, day, place) for day, place in found]
    chosen = {day.isoformat(): stamp.answer or b"" for day, stamp in _stamps([day for day, _ in found], rows)}
    days = [{"day": row.day.isoformat(), "root": row.root} for row, _ in rows]
    return Sealed(proofs, [row.document for row, _ in rows], chosen, days)


def _proof(session: Session, day: date, place: int) -> dict[str, Any]:
    leaves = sealing.leaves_of(session, day)
    hashes, leaf = [each.hash() for each in leaves], leaves[place]
    return {
        "day": day.isoformat(),
        "index": place,
        "size": len(leaves),
        "length": leaf.length,
        "head": leaf.head,
        "path": [beside.hex() for beside in merkle.proof(hashes, place)],
    }


def _stamps(days: list[date], rows: list[tuple[DayRoot, Any]]) -> list[tuple[date, RootStamp]]:
    """Return for each day the first stamp of its root or of a later one, and the newest stamp of all."""
    stamped = [(row.day, stamp) for row, stamp in rows if stamp is not None and stamp.answer is not None]
    first = {day: next((s for s in stamped if s[0] >= day), None) for day in days}
    chosen = {pair[0]: pair[1] for pair in (*first.values(), stamped[-1] if stamped else None) if pair}
    return sorted(chosen.items())
