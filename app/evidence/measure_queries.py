"""The only SELECTs on measures of files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from app.evidence import lifecycle
from app.evidence.media import AUDIO
from app.evidence.models import Evidence, Measure


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """One file to look at."""

    sha256: str
    kind: str
    unit_id: str


def unmeasured(session: Session, ticket_id: str, version: int, kinds: Sequence[str]) -> list[Unmeasured]:
    """Return the ticket's readable files of those kinds without measures of that version, each content once."""
    known = and_(Measure.sha256 == Evidence.sha256, Measure.version == version)
    query = (
        select(Evidence.sha256, Evidence.kind, Evidence.unit_id)
        .outerjoin(Measure, known)
        .where(Evidence.ticket_id == ticket_id, Evidence.state == lifecycle.READY, Measure.sha256.is_(None))
        .where(Evidence.kind.in_(kinds))
        .order_by(Evidence.declared_at)
    )
    found = {row.sha256: Unmeasured(row.sha256, row.kind, row.unit_id) for row in session.execute(query)}
    return list(found.values())


def prints_of_unit(session: Session, file: Unmeasured, most: int) -> dict[str, bytes]:
    """Return hash → print of the latest recordings that the file's unit handed in."""
    query = (
        select(Measure.sha256, Measure.print)
        .join(Evidence, Evidence.sha256 == Measure.sha256)
        .where(Evidence.unit_id == file.unit_id, Evidence.kind == AUDIO, Evidence.sha256 != file.sha256)
        .where(Measure.print.is_not(None))
        .order_by(Evidence.declared_at.desc())
        .limit(most)
    )
    return {sha256: known for sha256, known in session.execute(query) if known}
