"""Keeping what photos are recognised by: when one is rendered, and afterwards for those that were rendered before."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.db import Database
from app.evidence import queries
from app.evidence.models import Evidence, PhotoPrint, PrintShelf
from app.evidence.storage import DISPLAY, THUMB, EvidenceStore, display_of
from app.journal import tasks

if TYPE_CHECKING:
    from app.evidence.recapture import Recapture

VERSION: Final = 1
"""Goes up when `fingerprints` makes other prints of one picture: the old ones are then made again."""
TASK: Final = "prints"
OWED: Final = "owed"
"""What the task is about: whatever has no print. There is one such task, asked for again until nothing is owed."""
BATCH: Final = 2000
"""Photos in one run of the task, about two minutes."""


def taken(thumb: bytes, recapture: Recapture) -> dict[str, Any]:
    """Return the columns of a print, from the thumbnail's bytes. Raises `OSError` for what is no picture."""
    # The codecs are imported where they are used: the web processes import this module too and must stay small.
    from app.evidence import fingerprints

    light = fingerprints.grey(thumb)
    return {
        "version": VERSION,
        "prints": fingerprints.packed(fingerprints.prints(light)),
        "detail": round(fingerprints.detail(light), 4),
        "recapture": recapture.score,
        "recapture_reason": recapture.reason,
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
    with database.read() as session:
        owed = queries.without_print(session, VERSION, limit)
    done = 0
    for photo in owed:
        columns = _from_renditions(store, photo)
        with database.unit_of_work() as session:
            row = session.get(Evidence, photo.id, with_for_update=True)
            known = queries.print_of(session, photo.id)
            if row is not None and (known is None or known.version != VERSION):
                keep(session, photo.id, columns)
                done += 1
    return done


def _from_renditions(store: EvidenceStore, photo: queries.Rendered) -> dict[str, Any]:
    from PIL import Image

    from app.evidence.recapture import recaptured

    name = DISPLAY if photo.size is None else display_of(photo.id)
    try:
        with Image.open(store.rendition(photo.sha256, name), formats=("JPEG",)) as display:
            # Without the strip below it.
            seen = recaptured(display if photo.size is None else display.crop((0, 0, *photo.size)))
        return taken(store.rendition(photo.sha256, THUMB).read_bytes(), seen)
    except OSError:
        # A rendition that is gone or damaged. An empty print says that there is nothing to compare, and that it was
        # tried; rendering again replaces it.
        return {"version": VERSION, "prints": b"", "detail": 0.0}


def work(database: Database, store: EvidenceStore, at: datetime) -> None:
    """Fill in one batch, as a task, and ask for the next while anything is owed."""
    fill_in(database, store)
    ask(database, at)


def ask(database: Database, at: datetime) -> None:
    """Ask for the task when a photo has no print, as after an upgrade."""
    with database.read() as session:
        owed = queries.without_print(session, VERSION, 1)
    if owed:
        with database.unit_of_work() as session:
            tasks.ask(session, [(TASK, OWED)], at)
