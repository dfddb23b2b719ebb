"""Measuring files once they can be read, once for each content: what findings look at, beside the renditions."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, or_

from app.db import Database
from app.evidence.measure_queries import Unmeasured, prints_of_unit, unmeasured
from app.evidence.media import AUDIO, PHOTO
from app.evidence.models import Measure, SoundMatch
from app.evidence.storage import AUDIO as AUDIO_FILE
from app.evidence.storage import EvidenceStore

VERSION: Final = 1
"""Grows when a file would be measured otherwise."""
LEAST_SECONDS: Final = 8.0
"""Shorter stretches that sound alike are not kept: a greeting, a ringing tone."""
COMPARED: Final = 200
"""With how many of the unit's latest recordings a new one is compared: whoever cheats uses what is at hand."""


def measure_ticket(database: Database, store: EvidenceStore, ticket_id: str, at: datetime) -> None:
    """Measure what is here of the ticket's files and has not been measured. Safe to run again."""
    with database.read() as session:
        waiting = unmeasured(session, ticket_id, VERSION, list(_MEASURES))
    for file in waiting:
        columns = _MEASURES[file.kind](store, file.sha256)
        alike = _alike(database, file, columns.get("print")) if file.kind == AUDIO else {}
        with database.unit_of_work() as session:
            session.merge(Measure(sha256=file.sha256, version=VERSION, measured_at=at, **columns))
            session.execute(
                delete(SoundMatch).where(or_(SoundMatch.first == file.sha256, SoundMatch.second == file.sha256))
            )
            session.add_all(SoundMatch(first=file.sha256, second=other, alike_s=s) for other, s in alike.items())


def _photo(store: EvidenceStore, sha256: str) -> dict[str, Any]:
    # The codecs are imported where they are used, as in `app.evidence.jobs`.
    from app.evidence.marks import read_marks

    return {"software": list(read_marks(store.original(sha256)).software)}


def _audio(store: EvidenceStore, sha256: str) -> dict[str, Any]:
    import av

    from app.evidence import sound

    try:
        # The rendition, not the original: it has been decoded before, and its container is known.
        found = sound.measure(store.rendition(sha256, AUDIO_FILE))
    except (av.error.FFmpegError, FileNotFoundError):
        return {}
    shares = {"silent": found.silent, "repeated": found.repeated, "tonal": found.tonal}
    return {"seconds": found.seconds, "print": sound.pack(found), **shares}


_MEASURES: Final = {PHOTO: _photo, AUDIO: _audio}


def _alike(database: Database, file: Unmeasured, own: bytes | None) -> dict[str, float]:
    """Return which of the unit's recordings sound alike, with for how many seconds."""
    if not own:
        return {}
    from app.evidence import sound

    with database.read() as session:
        others = prints_of_unit(session, file, COMPARED)
    alike = {other: sound.same_seconds(own, known) for other, known in others.items()}
    return {other: seconds for other, seconds in alike.items() if seconds >= LEAST_SECONDS}
