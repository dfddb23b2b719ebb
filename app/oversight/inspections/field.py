"""A supervisor repeats the unit's photo on the spot and says whether the place agrees with it (U4.8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from marshmallow import fields, validate
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import clock
from app.clock import Moment
from app.evidence import checks, phases, position
from app.evidence.models import Evidence
from app.evidence.queries import checks_of
from app.evidence.schemas import SampledPosition
from app.oversight.inspections.distance import between
from app.oversight.inspections.models import InspectionCase, InspectionDraw, InspectionFieldCheck
from app.oversight.inspections.opening import Opened, open_inspection
from app.people.masking import mask_text
from app.people.permissions import SUPERVISOR, Actor
from app.people.queries import names
from app.problems import Problem
from app.tickets.models import Ticket
from app.wire import Uid, Wire, Words

FINDINGS: Final = {"agrees": "现场相符", "differs": "现场不符", "unclear": "无法判断"}
MOST_PHOTOS: Final = 12
_COMMAND: Final = "inspection.field_check"


class FieldChecked(Wire):
    """inspection.field_check"""

    check_id = Uid(required=True)
    case_id = Uid(required=True)
    finding = fields.String(required=True, validate=validate.OneOf(list(FINDINGS)))
    note = Words(2000, minimum=0, load_default="")
    evidence_ids = fields.List(Uid(), required=True, validate=validate.Length(min=1, max=MOST_PHOTOS))
    against_id = Uid(load_default=None, allow_none=True)
    position = fields.Nested(SampledPosition, load_default=None, allow_none=True)


@dataclass
class _Open:
    """A case as the evidence floor wants it."""

    opened: Opened

    @property
    def ticket(self) -> Ticket:
        return self.opened.ticket

    @property
    def unit_id(self) -> str:
        """The supervisor's own unit: what is taken here is never the checked unit's."""
        return next(grant.unit_id for grant in self.opened.actor.grants if grant.role == SUPERVISOR)

    def record(self, name: str, payload: dict[str, Any]) -> None:
        self.opened.record(name, payload)


def _open(session: Session, actor: Actor, case_id: str, at: Moment) -> _Open:
    opened = open_inspection(session, actor, _COMMAND, case_id, at)
    if opened.case.told_at is not None:
        raise Problem("inspection_told")
    return _Open(opened)


def _chain(session: Session, case_id: str) -> InspectionDraw:
    draw_id = session.scalar(select(InspectionCase.draw_id).where(InspectionCase.id == case_id))
    return session.get_one(InspectionDraw, draw_id, with_for_update=True)


checks.furnish(checks.Room(_open, _chain))


def field_check(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Let what was found on the spot join the case; the same again changes nothing.

    Raises `Problem` `inspection_told` once the unit knows the verdict, `inspection_photo_unknown` for photos that
    were not taken by the actor for this case, `id_taken`.
    """
    opened = _open(session, actor, args["case_id"], at).opened
    known = session.get(InspectionFieldCheck, args["check_id"])
    if known is not None:
        if (known.case_id, known.by) != (opened.case.id, actor.person_id):
            raise Problem("id_taken")
        return
    _require_own(session, actor, opened, args["evidence_ids"])
    against = session.get(Evidence, args["against_id"]) if args["against_id"] else None
    if args["against_id"] and (against is None or against.ticket_id != opened.ticket.id or against.case_id is not None):
        raise Problem("evidence_not_found")
    place = _place(args["position"])
    row = InspectionFieldCheck(
        id=args["check_id"], case_id=opened.case.id, by=actor.person_id, at=at.received, claimed_at=at.claimed,
        finding=args["finding"], note=args["note"], evidence_ids=args["evidence_ids"], against_id=args["against_id"],
        place=place,
    )  # fmt: skip
    session.add(row)
    said = {"check_id": row.id, "finding": row.finding, "note": row.note, "evidence_ids": row.evidence_ids}
    opened.record("inspection.field_checked", said | {"against_id": row.against_id, "place": place})


def _require_own(session: Session, actor: Actor, opened: Opened, evidence_ids: list[str]) -> None:
    query = select(Evidence.id).where(
        Evidence.id.in_(evidence_ids), Evidence.case_id == opened.case.id, Evidence.declared_by == actor.person_id
    )
    missing = set(evidence_ids) - set(session.scalars(query))
    if missing:
        raise Problem("inspection_photo_unknown", count=len(missing))


def _place(claim: dict[str, Any] | None) -> dict[str, Any] | None:
    if claim is None:
        return None
    kept = position.columns(claim)
    at = clock.iso(kept["position_at"]) if kept["position_at"] else None
    where = {"lat": kept["latitude"], "lon": kept["longitude"], "accuracy_m": kept["accuracy_m"], "at": at}
    return where | position.sampled(claim)


def open_to_unit(session: Session, case: InspectionCase, at: Moment) -> None:
    """Let the unit see the photos of a case whose verdict it has just been told."""
    theirs = (Evidence.case_id == case.id, Evidence.phase == phases.CHECK, Evidence.opened_at.is_(None))
    session.execute(update(Evidence).where(*theirs).values(opened_at=at.received))


def shown(session: Session, case: InspectionCase) -> list[dict[str, Any]]:
    """Return a case's field checks, oldest first, with their photos and how far they were from where they had to be."""
    query = (
        select(InspectionFieldCheck)
        .where(InspectionFieldCheck.case_id == case.id)
        .order_by(InspectionFieldCheck.at, InspectionFieldCheck.id)
    )
    rows = list(session.scalars(query))
    photos = {photo["id"]: photo for photo in checks_of(session, case.ticket_id)} if rows else {}
    called = names(session, [row.by for row in rows])
    ticket = session.get_one(Ticket, case.ticket_id)
    place = None if ticket.latitude is None or ticket.longitude is None else (ticket.latitude, ticket.longitude)
    return [
        {
            "id": row.id,
            "by": {"id": row.by, "name": called.get(row.by, "")},
            "at": clock.iso(row.at),
            "claimed_at": clock.iso(row.claimed_at),
            "finding": row.finding,
            "label": FINDINGS[row.finding],
            "note": mask_text(row.note),
            "position": row.place,
            "to_place": between(place, _pair(row.place)),
            "to_photo": between(_photo_place(session, row.against_id), _pair(row.place)),
            "against_id": row.against_id,
            "photos": [photos[i] for i in row.evidence_ids if i in photos],
        }
        for row in rows
    ]


def _pair(place: dict[str, Any] | None) -> tuple[float, float] | None:
    return (place["lat"], place["lon"]) if place else None


def _photo_place(session: Session, evidence_id: str | None) -> tuple[float, float] | None:
    row = session.get(Evidence, evidence_id) if evidence_id else None
    return None if row is None or row.latitude is None or row.longitude is None else (row.latitude, row.longitude)


COMMANDS = {_COMMAND: (FieldChecked, field_check)}
