"""Keeping what photos are recognised by: when one is rendered, and afterwards for those that were rendered before."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.db import Database
from app.evidence import queries
from app.evidence.models import Evidence, PhotoPrint, PrintShelf
from app.evidence.storage import THUMB, EvidenceStore

BATCH = 200


def taken(thumb: bytes) -> dict[str, Any]:
    """Return the columns of a print, from the thumbnail's bytes."""
    # The codecs are imported where they are used: the web processes import this module too and must stay small.
    from app.evidence import fingerprints

    light = fingerprints.grey(thumb)
    return {
        "version": fingerprints.VERSION,
        "prints": fingerprints.packed(fingerprints.prints(light)),
        "detail": round(fingerprints.detail(light), 4),
    }


def keep(session: Session, evidence_id: str, columns: dict[str, Any]) -> None:
    """Keep the print of a photo at the next position, in place of an earlier one.

    The shelf's row is the last lock of a unit: it makes positions follow each other in the order of commit, without
    gaps, so that the likeness file can be brought up to date by asking for what comes after its end.
    """
    session.flush()
    session.execute(delete(PhotoPrint).where(PhotoPrint.evidence_id == evidence_id))
    taken_place = update(PrintShelf).values(next=PrintShelf.next + 1).returning(PrintShelf.next - 1)
    position = session.execute(taken_place).scalar_one()
    session.add(PhotoPrint(evidence_id=evidence_id, position=position, **columns))


def fill_in(database: Database, store: EvidenceStore, limit: int = BATCH) -> int:
    """Make the prints that rendered photos lack, or that an older version made; return how many. Idempotent."""
    from app.evidence import fingerprints

    with database.read() as session:
        owed = queries.without_print(session, fingerprints.VERSION, limit)
    done = 0
    for evidence_id, sha256 in owed:
        try:
            columns = taken(store.rendition(sha256, THUMB).read_bytes())
        except OSError:
            # A thumbnail that is gone or damaged: `doorstep verify-files` tells of originals, renditions can be made
            # again. An empty print says that there is nothing to compare, and that it was tried.
            columns = {"version": fingerprints.VERSION, "prints": b"", "detail": 0.0}
        with database.unit_of_work() as session:
            row = session.get(Evidence, evidence_id, with_for_update=True)
            known = queries.print_of(session, evidence_id)
            if row is not None and (known is None or known.version != fingerprints.VERSION):
                keep(session, evidence_id, columns)
                done += 1
    return done
