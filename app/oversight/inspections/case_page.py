"""What a checker compares on a case: places, times and hashes of the evidence beside each other. Only SELECTs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.evidence import lifecycle
from app.evidence.media import PHOTO
from app.evidence.models import Evidence
from app.fieldwork.models import Visit
from app.oversight.inspections import field
from app.oversight.inspections.distance import between
from app.oversight.inspections.models import InspectionCase
from app.replies.models import Reply
from app.tickets.models import Ticket

Place = tuple[float, float] | None


def facts_of(session: Session, case: InspectionCase) -> dict[str, Any]:
    """Return photos with their distance to the ticket's place and to the visit, pairs of before and after, visits."""
    ticket = session.get_one(Ticket, case.ticket_id)
    reply = session.get(Reply, case.reply_id) if case.reply_id else None
    here = _place(ticket)
    visits = list(
        session.scalars(select(Visit).where(Visit.ticket_id == ticket.id).order_by(Visit.arrived_at, Visit.id))
    )
    photos = [row for row in _evidence(session, ticket.id, reply) if row.kind == PHOTO]
    return {
        "place": None if here is None else {"lat": here[0], "lon": here[1]},
        "reply_id": case.reply_id,
        "photos": [_photo(row, ticket, here, visits) for row in photos],
        "pairs": _pairs(photos),
        "visits": [
            {
                "id": v.id,
                "arrived_at": clock.iso(v.arrived_at),
                "left_at": clock.iso(v.left_at) if v.left_at else None,
                "accuracy_m": v.accuracy_m,
                "to_place": between(here, _place(v)),
            }
            for v in visits
        ],
        "field_checks": field.shown(session, case),
    }


def _evidence(session: Session, ticket_id: str, reply: Reply | None) -> list[Evidence]:
    """Return what the reply under scrutiny refers to; without one, all that counts."""
    rows = session.scalars(
        select(Evidence)
        .where(Evidence.ticket_id == ticket_id, Evidence.case_id.is_(None))
        .order_by(Evidence.captured_at, Evidence.id)
    )
    named = {i for i, _ in reply.evidence} if reply else None
    return [row for row in rows if (row.id in named if named is not None else lifecycle.counts(row.state))]


def _photo(row: Evidence, ticket: Ticket, here: Place, visits: list[Visit]) -> dict[str, Any]:
    nearest = min(visits, key=lambda v: abs(v.arrived_at - row.captured_at), default=None)
    return {
        "evidence_id": row.id,
        "phase": row.phase,
        "accuracy_m": row.accuracy_m,
        "to_place": between(here, _place(row)),
        "to_visit": between(_place(nearest), _place(row)) if nearest else None,
        "after_dispatch_s": _seconds(ticket.dispatched_at, row.captured_at),
        "upload_s": _seconds(row.captured_at, row.received_at),
        "sealed": {"sha256": row.sha256, "whole": lifecycle.has_original(row.state)},
    }


def _pairs(photos: list[Evidence]) -> list[dict[str, Any]]:
    """Return each photo of before with one of after, in the order in which they were taken."""
    before = [p for p in photos if p.phase == "before"]
    after = [p for p in photos if p.phase == "after"]
    wide = range(max(len(before), len(after)) if before and after else 0)
    return [_pair(before[min(n, len(before) - 1)], after[min(n, len(after) - 1)]) for n in wide]


def _pair(before: Evidence, after: Evidence) -> dict[str, Any]:
    return {
        "before_id": before.id,
        "after_id": after.id,
        "apart": between(_place(before), _place(after)),
        "gap_s": _seconds(before.captured_at, after.captured_at),
        "same_bytes": before.sha256 == after.sha256,
    }


def _place(row: Any) -> Place:
    return None if row is None or row.latitude is None else (row.latitude, row.longitude)


def _seconds(begins: datetime | None, ends: datetime | None) -> int | None:
    return None if begins is None or ends is None else round((ends - begins).total_seconds())
