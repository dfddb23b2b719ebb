"""The only SELECTs on evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, exists, or_, select
from sqlalchemy.orm import Session

from app import clock
from app.evidence import lifecycle, phases, position
from app.evidence.caption import Sealed
from app.evidence.media import AUDIO, PHOTO
from app.evidence.models import Evidence, PhotoPrint, PrintShelf
from app.people.masking import mask_text
from app.people.models import Device, Jurisdiction, Person, Unit
from app.people.permissions import STATION, SUPERVISOR, Actor
from app.problems import Problem, sentence
from app.tickets.basis import IDS, anything_in
from app.tickets.case import visible_ticket
from app.tickets.models import Assist, Ticket

ADDS = anything_in(Evidence)


_HELPER = exists().where(
    Assist.ticket_id == Evidence.ticket_id, Assist.unit_id == Evidence.unit_id, Assist.ended_at.is_(None)
)
_OURS: Any = or_(Ticket.unit_id == Evidence.unit_id, _HELPER)
"""What the unit that has the ticket, or one that helps it, handed in. Others' is not: a unit's that had the ticket
before, the station's that came with an order."""


def usable_evidence(session: Session, ticket_id: str, anybodys: bool = False) -> dict[str, dict[str, Any]]:
    """Return evidence id → kind, phase, sha256, state of what may stand in a reply of the unit that has the ticket.

    Its helpers' evidence is in it, for there is one answer of all (X2.3). Withdrawn and rejected evidence is left
    out, what a supervisor took, and what others handed in, unless `anybodys` is asked for.
    """
    query = (
        select(Evidence.id, Evidence.kind, Evidence.phase, Evidence.sha256, Evidence.state)
        .join(Ticket, Ticket.id == Evidence.ticket_id)
        .where(Evidence.ticket_id == ticket_id, Evidence.phase != phases.CHECK)
        .order_by(Evidence.declared_at, Evidence.id)
    )
    if not anybodys:
        query = query.where(_OURS)
    return {
        row.id: {"kind": row.kind, "phase": row.phase, "sha256": row.sha256, "state": row.state}
        for row in session.execute(query)
        if lifecycle.counts(row.state)
    }


def visible_evidence(session: Session, actor: Actor, evidence_id: str) -> Evidence:
    """Return evidence for reading. Raises `Problem` `evidence_not_found` for what the actor may not see."""
    row = session.get(Evidence, evidence_id)
    if row is None:
        raise Problem("evidence_not_found")
    try:
        visible_ticket(session, actor, row.ticket_id)
    except Problem:
        raise Problem("evidence_not_found") from None
    if phases.is_hidden(row.phase, row.opened_at is not None) and not actor.has(STATION, SUPERVISOR):
        raise Problem("evidence_not_found")
    return row


def checks_of(session: Session, ticket_id: str, person_id: str | None = None) -> list[dict[str, Any]]:
    """Return the supervisors' photos of a ticket as the wire shows evidence, oldest first; one person's when named."""
    query = _EVIDENCE.where(Evidence.ticket_id == ticket_id, Evidence.phase == phases.CHECK)
    if person_id is not None:
        query = query.where(Evidence.declared_by == person_id)
    return [_wire(row) for row in session.execute(query)]


def sealed_photo(session: Session, evidence_id: str) -> Sealed:
    """Return what the strip under a photo is made of."""
    query = (
        select(
            Ticket.number, Unit.name.label("unit"), Evidence.phase, Evidence.source, Evidence.captured_at,
            Evidence.sha256, Jurisdiction.zone, Evidence.latitude, Evidence.longitude, Evidence.accuracy_m,
        )
        .join(Ticket, Ticket.id == Evidence.ticket_id)
        .join(Unit, Unit.id == Evidence.unit_id)
        .join(Jurisdiction, Jurisdiction.id == Ticket.jurisdiction_id)
        .where(Evidence.id == evidence_id)
    )  # fmt: skip
    known = session.execute(query).one()._asdict()
    return Sealed(taken=clock.local_second(known.pop("captured_at"), known.pop("zone")), **known)


def bare_photos(session: Session) -> Sequence[str]:
    """Return the ids of photos whose rendition is older than the strip, the newest first."""
    query = select(Evidence.id).where(Evidence.kind == PHOTO, Evidence.strip_px.is_(None))
    ready = query.where(Evidence.state == lifecycle.READY).order_by(Evidence.declared_at.desc(), Evidence.id)
    return session.scalars(ready).all()


def uploadable_evidence(session: Session, actor: Actor, evidence_id: str) -> Evidence:
    """Return evidence whose bytes the actor may bring: declared by the actor or by the actor's unit.

    The unit stays the one at the time of declaring: a ticket may be reassigned while its photos wait for a network.
    What was withdrawn still brings its original. Raises `Problem` `evidence_not_declared`.
    """
    row = session.get(Evidence, evidence_id)
    if row is None or not (row.declared_by == actor.person_id or row.unit_id in actor.units()):
        raise Problem("evidence_not_declared")
    return row


_COLUMNS = (
    "id", "ticket_id", "kind", "phase", "sha256", "size", "media_type", "captured_at", "source", "latitude",
    "longitude", "accuracy_m", "datum", "position_at", "duration_s", "measured_s", "note", "state", "received_bytes",
    "reason", "reason_facts", "peaks", "declared_by", "declared_at", "received_at", "width", "height",
    "display_width", "display_height", "strip_px", "samples", "spread_m", "span_s", "issued_at", "device_id",
)  # fmt: skip
_AS_IT_IS = ("display_width", "display_height", "strip_px")
_EVIDENCE = (
    select(
        *(getattr(Evidence, name) for name in _COLUMNS),
        Person.name.label("person"),
        Device.name.label("device"),
        case((_OURS, True), else_=False).label("ours"),
    )
    .join(Person, Person.id == Evidence.declared_by)
    .join(Ticket, Ticket.id == Evidence.ticket_id)
    .outerjoin(Device, Device.id == Evidence.device_id)
    .order_by(Evidence.declared_at, Evidence.id)
)  # fmt: skip
_SHOWN = _EVIDENCE.where(
    Evidence.ticket_id.in_(IDS), or_(Evidence.phase != phases.CHECK, Evidence.opened_at.is_not(None))
)


def wire_for(session: Session, ticket_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return ticket id → evidence as the wire shows it, oldest first. Notes hide phone and identity numbers."""
    found: dict[str, dict[str, Any]] = {i: {"evidence": []} for i in ticket_ids}
    for row in session.execute(_SHOWN, {"ids": ticket_ids}):
        found[row.ticket_id]["evidence"].append(_wire(row))
    return found


def _wire(row: Any) -> dict[str, Any]:
    rendered = lifecycle.has_renditions(row.state)
    return {
        "id": row.id,
        "kind": row.kind,
        "phase": row.phase,
        "sha256": row.sha256,
        "size": row.size,
        "media_type": row.media_type,
        "captured_at": clock.iso(row.captured_at),
        "source": row.source,
        "position": _position(row),
        "duration_s": row.duration_s if row.measured_s is None else row.measured_s,
        "note": mask_text(row.note),
        "state": lifecycle.shown(row.state, row.received_bytes),
        "received_bytes": row.received_bytes,
        "reason": sentence(row.reason, row.reason_facts or {}) if row.reason else None,
        "has_display": rendered and row.kind == PHOTO,
        "has_thumb": rendered and row.kind == PHOTO,
        "has_audio": rendered and row.kind == AUDIO,
        "peaks": row.peaks,
        "by": {"id": row.declared_by, "name": row.person},
        "declared_at": clock.iso(row.declared_at),
        "received_at": clock.iso(row.received_at) if row.received_at else None,
        "width": row.width,
        "height": row.height,
        "ours": bool(row.ours),
        "issued_at": clock.iso(row.issued_at) if row.issued_at else None,
        "device": {"id": row.device_id, "name": row.device} if row.device_id else None,
        **{name: getattr(row, name) for name in _AS_IT_IS},
    }


def _position(row: Any) -> dict[str, Any] | None:
    place = position.wire(row)
    fixes = {name: getattr(row, name) for name in position.SAMPLED}
    return place and place | {"reported_datum": row.datum, **fixes}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A photo that may be told to be like another one."""

    id: str
    ticket_id: str
    sha256: str
    position: int


def same_photo(session: Session, row: Evidence) -> list[Evidence]:
    """Return other evidence of the jurisdiction with the very same bytes, oldest first."""
    query = (
        select(Evidence)
        .join(Ticket, Ticket.id == Evidence.ticket_id)
        .where(
            Evidence.sha256 == row.sha256,
            Evidence.id != row.id,
            Evidence.case_id.is_(None),
            Ticket.jurisdiction_id == _place_of(row),
        )
        .order_by(Evidence.declared_at, Evidence.id)
    )
    return [found for found in session.scalars(query) if lifecycle.counts(found.state)]


def at_positions(session: Session, row: Evidence, positions: Sequence[int]) -> list[Candidate]:
    """Return the photos of the jurisdiction that have these positions and count."""
    query = (
        select(Evidence.id, Evidence.ticket_id, Evidence.sha256, Evidence.state, PhotoPrint.position)
        .join(PhotoPrint, PhotoPrint.evidence_id == Evidence.id)
        .join(Ticket, Ticket.id == Evidence.ticket_id)
        .where(PhotoPrint.position.in_(positions), Ticket.jurisdiction_id == _place_of(row))
    )
    return [
        Candidate(found.id, found.ticket_id, found.sha256, found.position)
        for found in session.execute(query)
        if lifecycle.has_renditions(found.state)
    ]


def _place_of(row: Evidence) -> Any:
    return select(Ticket.jurisdiction_id).where(Ticket.id == row.ticket_id).scalar_subquery()


def print_of(session: Session, evidence_id: str) -> PhotoPrint | None:
    """Return what a photo is recognised by, None before it was rendered."""
    return session.get(PhotoPrint, evidence_id)


def print_shelf(session: Session) -> PrintShelf:
    """Return the next position and the stamp of the likeness file."""
    return session.scalars(select(PrintShelf).execution_options(populate_existing=True)).one()


def prints_between(session: Session, first: int, last: int, version: int) -> dict[int, bytes]:
    """Return position → prints of that version, from `first` to before `last`."""
    query = select(PhotoPrint.position, PhotoPrint.prints).where(
        PhotoPrint.position >= first, PhotoPrint.position < last, PhotoPrint.version == version
    )
    return {position: bytes(kept) for position, kept in session.execute(query)}


def newest_print(session: Session, before: int, version: int) -> tuple[int, bytes] | None:
    """Return position and prints of the newest photo of that version before a position, None when there is none."""
    query = (
        select(PhotoPrint.position, PhotoPrint.prints)
        .where(PhotoPrint.position < before, PhotoPrint.version == version)
        .order_by(PhotoPrint.position.desc())
        .limit(1)
    )
    row = session.execute(query).first()
    return (row.position, bytes(row.prints)) if row else None


@dataclass(frozen=True, slots=True)
class Rendered:
    """A rendered photo; `size` of the picture above the strip, None for one that was rendered without a strip."""

    id: str
    sha256: str
    size: tuple[int, int] | None


def without_print(session: Session, version: int, limit: int) -> list[Rendered]:
    """Return rendered photos that have no print of that version, at most `limit`."""
    query = (
        select(Evidence.id, Evidence.sha256, Evidence.strip_px, Evidence.display_width, Evidence.display_height)
        .outerjoin(PhotoPrint, PhotoPrint.evidence_id == Evidence.id)
        .where(
            Evidence.kind == PHOTO,
            Evidence.state == lifecycle.READY,
            Evidence.case_id.is_(None),
            or_(PhotoPrint.evidence_id.is_(None), PhotoPrint.version != version),
        )
        .order_by(Evidence.id)
        .limit(limit)
    )
    return [
        Rendered(row.id, row.sha256, None if row.strip_px is None else (row.display_width, row.display_height))
        for row in session.execute(query)
    ]
