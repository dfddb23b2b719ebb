"""Gathering what the detectors look at: one ticket's evidence, and what it touches elsewhere. SELECTs only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app import clock
from app.evidence import lifecycle, likeness
from app.evidence.media import PHOTO
from app.evidence.models import Evidence, Measure, PhotoPrint, SoundMatch
from app.evidence.storage import EvidenceStore
from app.fieldwork.models import Contact, Visit
from app.oversight.findings import facts as f
from app.policies.policy import Policy
from app.problems import sentence
from app.tickets.models import Assignment, Ticket

_AROUND: Final = timedelta(days=7)
"""How far around a ticket's own evidence the way of its people is looked at."""
_MISLABELLED: Final = "evidence_mislabelled"
_MOST: Final = 100
_TAKEN_HERE: Final = ("camera", "recorder")
_OF_UNITS: Final = Evidence.case_id.is_(None)
"""What supervisors photograph in a field check is proof against the evidence, not evidence itself."""
_MANY, _ENOUGH, _NEARLY_ALL = 40, 3, 0.8


Likes = Mapping[str, Sequence[likeness.Match]]
"""Evidence id → photos that look like it."""


def likes_of(session: Session, store: EvidenceStore, ticket_id: str) -> Likes:
    """Return what each photo of a ticket looks like: the slow part of the facts, and therefore asked for by itself."""
    photos = select(Evidence.id).where(Evidence.ticket_id == ticket_id, Evidence.kind == PHOTO, _OF_UNITS)
    return {photo: likeness.like(session, store, photo) for photo in session.scalars(photos)}


def facts_of(session: Session, ticket: Ticket, policy: Policy, likes: Likes) -> f.Facts:
    """Return everything the detectors look at for one ticket; withdrawn evidence is as if it had never been."""
    rows = _evidence(session, ticket.id)
    items = tuple(_item(row, policy.zone) for row in rows)
    return f.Facts(
        ticket_id=ticket.id,
        number=ticket.number,
        zone=policy.zone,
        area=ticket.area,
        received_at=ticket.received_at,
        dispatched_at=session.scalar(select(func.min(Assignment.since)).where(Assignment.ticket_id == ticket.id)),
        place=_place(ticket),
        items=items,
        stays=_stays(session, ticket.id),
        calls=_calls(session, ticket.id),
        matches=(*_matches(session, ticket, items), *_lookalikes(session, ticket, items, likes)),
        pairs=_pairs(ticket.id, items, likes),
        steps=_steps(session, ticket, items),
        models=_models(session, items),
    )


def _place(ticket: Ticket) -> f.Fix | None:
    known = ticket.latitude is not None and ticket.longitude is not None
    return f.Fix(ticket.latitude, ticket.longitude, None) if known else None  # type: ignore[arg-type]


def _fix(row: Any) -> f.Fix | None:
    known = row.latitude is not None and row.longitude is not None
    return f.Fix(row.latitude, row.longitude, row.accuracy_m, row.position_at) if known else None


_MEASURED: Final = (Measure.software, Measure.silent, Measure.repeated, PhotoPrint.recapture_reason)


def _evidence(session: Session, ticket_id: str) -> list[Any]:
    query = (
        select(Evidence, *_MEASURED)
        .outerjoin(Measure, Measure.sha256 == Evidence.sha256)
        .outerjoin(PhotoPrint, PhotoPrint.evidence_id == Evidence.id)
        .where(Evidence.ticket_id == ticket_id, _OF_UNITS)
        .order_by(Evidence.declared_at, Evidence.id)
    )
    return [row for row in session.execute(query) if not lifecycle.is_withdrawn(row[0].state)]


def _item(row: Any, zone: str) -> f.Item:
    evidence: Evidence = row[0]
    claims: Mapping[str, Any] = evidence.claims or {}
    gps = claims.get("gps")
    reason = evidence.reason if not lifecycle.counts(evidence.state) else None
    return f.Item(
        id=evidence.id,
        kind=evidence.kind,
        phase=evidence.phase,
        source=evidence.source,
        sha256=evidence.sha256,
        person_id=evidence.declared_by,
        unit_id=evidence.unit_id,
        captured_at=evidence.captured_at,
        declared_at=evidence.declared_at,
        received_at=evidence.received_at,
        fix=_fix(evidence),
        unreadable=sentence(reason, evidence.reason_facts or {}) if reason else None,
        mislabelled=reason == _MISLABELLED,
        taken_at=exif_instant(claims.get("taken_at"), zone),
        gps=f.Fix(gps["lat"], gps["lon"], None) if gps else None,
        held_at=evidence.issued_at,
        device_id=evidence.device_id,
        model=_model(claims),
        software=tuple(row.software or ()),
        declared_s=evidence.duration_s,
        measured_s=evidence.measured_s,
        silent=row.silent,
        repeated=row.repeated,
        recapture=row.recapture_reason,
    )


def _model(claims: Mapping[str, Any]) -> str | None:
    return " ".join(dict.fromkeys(claims[key] for key in ("make", "model") if claims.get(key))) or None


def _models(session: Session, items: Iterable[f.Item]) -> dict[str, str]:
    """Return device → the camera that nearly all of its other photos name, where there are enough to say so."""
    known = [item.id for item in items]
    found: dict[str, str] = {}
    for device in {item.device_id for item in items if item.device_id and item.model}:
        query = select(Evidence.claims).where(Evidence.device_id == device, Evidence.source == "camera")
        query = query.where(Evidence.id.not_in(known), Evidence.claims.is_not(None))
        latest = session.scalars(query.order_by(Evidence.declared_at.desc()).limit(_MANY))
        models = Counter(model for claims in latest if claims and (model := _model(claims)))
        for model, count in models.most_common(1):
            if count >= _ENOUGH and count >= _NEARLY_ALL * models.total():
                found[device] = model
    return found


def exif_instant(text: str | None, zone: str) -> datetime | None:
    """Return the instant of an EXIF time, in the place's zone unless it names its offset; None for what is no time."""
    if not text:
        return None
    try:
        written = datetime.strptime(text[:19], "%Y:%m:%d %H:%M:%S").replace(tzinfo=ZoneInfo(zone))
        if len(text) > 19:
            written = datetime.strptime(text[:19] + text[19:].strip(), "%Y:%m:%d %H:%M:%S%z")
        return clock.to_millisecond(written.astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def _stays(session: Session, ticket_id: str) -> tuple[f.Stay, ...]:
    query = select(Visit).where(Visit.ticket_id == ticket_id).order_by(Visit.arrived_at, Visit.id)
    return tuple(f.Stay(v.id, v.by, v.arrived_at, v.left_at, _fix(v)) for v in session.scalars(query))


def _calls(session: Session, ticket_id: str) -> tuple[f.Call, ...]:
    query = select(Contact).where(Contact.ticket_id == ticket_id).order_by(Contact.started_at, Contact.id)
    return tuple(f.Call(c.started_at, c.duration_s, tuple(c.evidence_ids or ())) for c in session.scalars(query))


def _matches(session: Session, ticket: Ticket, items: Iterable[f.Item]) -> tuple[f.Match, ...]:
    """Return the same files, and the same sounds, on other tickets of the place."""
    by_hash: dict[str, list[f.Item]] = {}
    for item in items:
        by_hash.setdefault(item.sha256, []).append(item)
    found = [(item, f.FILE, 0.0, row) for row in _elsewhere(session, ticket, by_hash) for item in by_hash[row.sha256]]
    sounds = _sounds(session, by_hash)
    for row in _elsewhere(session, ticket, {other for _, other, _ in sounds}):
        for own, other, seconds in sounds:
            if other == row.sha256:
                found += [(item, f.SOUND, seconds, row) for item in by_hash[own]]
    return tuple(_match(ticket, item, how, seconds, row) for item, how, seconds, row in found)


def _lookalikes(session: Session, ticket: Ticket, items: Sequence[f.Item], likes: Likes) -> list[f.Match]:
    """Return the photos of other tickets that look like one of this one's; the same files are matched by their hash."""
    like = {m.evidence_id for found in likes.values() for m in found if _looks(m) and m.ticket_id != ticket.id}
    rows = {row.id: row for row in _others(session, ticket, Evidence.id.in_(like))} if like else {}
    return [
        _match(ticket, item, match.kind, 0.0, rows[match.evidence_id])
        for item in items
        for match in likes.get(item.id, ())
        if _looks(match) and match.evidence_id in rows
    ]


def _looks(match: likeness.Match) -> bool:
    return match.kind in (likeness.COPY, likeness.ALIKE)


def _pairs(ticket_id: str, items: Sequence[f.Item], likes: Likes) -> tuple[f.Pair, ...]:
    own = {item.id for item in items}
    return tuple(
        f.Pair(item.id, match.evidence_id, match.kind)
        for item in items
        for match in sorted(likes.get(item.id, ()), key=lambda m: m.kind != likeness.COPY)
        if match.ticket_id == ticket_id and match.evidence_id in own and _looks(match)
    )


def _elsewhere(session: Session, ticket: Ticket, hashes: Iterable[str]) -> list[Any]:
    wanted = list(hashes)
    return _others(session, ticket, Evidence.sha256.in_(wanted)) if wanted else []


def _others(session: Session, ticket: Ticket, which: ColumnElement[bool]) -> list[Any]:
    query = (
        select(
            Evidence.id, Evidence.sha256, Evidence.phase, Evidence.source, Evidence.declared_at, Evidence.state,
            Ticket.id.label("ticket_id"), Ticket.number, Ticket.area, Ticket.caller_phone,
        )
        .join(Ticket, Ticket.id == Evidence.ticket_id)
        .where(which, _OF_UNITS, Ticket.jurisdiction_id == ticket.jurisdiction_id, Ticket.id != ticket.id)
        .order_by(Evidence.declared_at, Evidence.id)
        .limit(_MOST)
    )  # fmt: skip
    return [row for row in session.execute(query) if not lifecycle.is_withdrawn(row.state)]


def _sounds(session: Session, hashes: Iterable[str]) -> list[tuple[str, str, float]]:
    """Return (own hash, other's hash, seconds) of what sounds alike."""
    own = list(hashes)
    if not own:
        return []
    one, two = SoundMatch.first, SoundMatch.second
    there = select(one, two, SoundMatch.alike_s).where(one.in_(own))
    back = select(two, one, SoundMatch.alike_s).where(two.in_(own))
    return [(a, b, seconds) for query in (there, back) for a, b, seconds in session.execute(query)]


def _match(ticket: Ticket, item: f.Item, how: str, seconds: float, row: Any) -> f.Match:
    first = (row.source not in _TAKEN_HERE, row.declared_at, row.id)
    relation = _relation(ticket, row.caller_phone, row.area)
    return f.Match(item.id, how, row.id, row.ticket_id, row.number, row.phase, relation, first, seconds)


def _relation(ticket: Ticket, caller_phone: str | None, area: str) -> str:
    if caller_phone and caller_phone == ticket.caller_phone:
        return f.SAME_CALLER
    return f.SAME_AREA if area and area == ticket.area else f.ELSEWHERE


def _steps(session: Session, ticket: Ticket, items: Iterable[f.Item]) -> tuple[f.Step, ...]:
    """Return where the ticket's people were around the time of its evidence, by photos and check-ins."""
    placed = [item for item in items if item.fix is not None]
    if not placed:
        return ()
    people = {item.person_id for item in placed}
    since = min(item.captured_at for item in placed) - _AROUND
    until = max(item.captured_at for item in placed) + _AROUND
    return (*_photo_steps(session, people, since, until), *_visit_steps(session, people, since, until))


def _photo_steps(session: Session, people: set[str], since: datetime, until: datetime) -> list[f.Step]:
    query = (
        select(Evidence, Ticket.number, Ticket.area)
        .join(Ticket, Ticket.id == Evidence.ticket_id)
        .where(Evidence.declared_by.in_(people), Evidence.captured_at.between(since, until))
        .where(_OF_UNITS, Evidence.latitude.is_not(None), Evidence.source.in_(_TAKEN_HERE))
    )
    return [
        _step(row[0].declared_by, row[0].captured_at, row, row[0].id)
        for row in session.execute(query)
        if not lifecycle.is_withdrawn(row[0].state)
    ]


def _visit_steps(session: Session, people: set[str], since: datetime, until: datetime) -> list[f.Step]:
    query = (
        select(Visit, Ticket.number, Ticket.area)
        .join(Ticket, Ticket.id == Visit.ticket_id)
        .where(Visit.by.in_(people), Visit.arrived_at.between(since, until), Visit.latitude.is_not(None))
    )
    return [_step(row[0].by, row[0].arrived_at, row, None) for row in session.execute(query)]


def _step(person_id: str, at: datetime, row: Any, evidence_id: str | None) -> f.Step:
    fix = _fix(row[0])
    assert fix is not None
    return f.Step(person_id, fix.at or at, fix, row[0].ticket_id, row.number, row.area, evidence_id)
