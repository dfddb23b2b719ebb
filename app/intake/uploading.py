"""A file that has just arrived: known already, or the beginning of an import."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import Moment
from app.intake import lifecycle
from app.intake.models import IntakeFile
from app.people.permissions import Actor
from app.people.subjects import note
from app.wire import storable

_NAME: Final = 200


def begin(
    session: Session, actor: Actor, file_id: str, name: str, sha256: str, size: int, at: Moment
) -> tuple[IntakeFile, bool]:
    """Return the import of a file and whether it was there already: the same bytes, not confirmed yet."""
    same = select(IntakeFile).where(
        IntakeFile.jurisdiction_id == actor.jurisdiction_id,
        IntakeFile.sha256 == sha256,
        IntakeFile.state.in_(lifecycle.OPEN),
    )
    known = session.scalar(same.order_by(IntakeFile.uploaded_at.desc()).limit(1))
    if known is not None:
        return known, True
    shown = name.replace("\\", "/").rpartition("/")[2].strip()[-_NAME:]
    file = IntakeFile(
        id=file_id, jurisdiction_id=actor.jurisdiction_id, name=shown if storable(shown) and shown else "未命名",
        sha256=sha256, size=size, state=lifecycle.UPLOADED, message=None, sheet=None, other_sheets=[], date1904=False,
        header_row=None, header=[], columns={}, defaults={}, meanings={}, remembered=False,
        uploaded_by=actor.person_id, uploaded_at=at.received,
    )  # fmt: skip
    session.add(file)
    session.flush()
    note(session, actor, "intake.uploaded", {"file_id": file.id, "sha256": sha256, "size": size}, at)
    return file, False
