"""What workers do with evidence: load by id, render, note the outcome."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app.clock import Moment
from app.db import Database
from app.evidence import lifecycle, prints
from app.evidence.caption import Caption, caption
from app.evidence.commands import locked, note
from app.evidence.media import AUDIO, DOCUMENT, HEAD, PHOTO, Rejected, require_family
from app.evidence.models import Evidence
from app.evidence.provenance import Made, Signing, signed
from app.evidence.queries import bare_photos, sealed_photo
from app.evidence.storage import AUDIO as AUDIO_FILE
from app.evidence.storage import THUMB, EvidenceStore, display_of
from app.tickets.models import Ticket


@dataclass(frozen=True)
class Received:
    """A file to render: `sha256` finds it, `media_type` and `source` are what was declared.

    `caption` is what its strip will say, and `signing` signs the display rendition where that is configured.
    """

    evidence_id: str
    sha256: str
    media_type: str
    source: str
    caption: Caption | None = None
    signing: Signing | None = None


@dataclass(frozen=True)
class Outcome:
    """What a worker found: columns to fill in and what a photo is recognised by, or why the file is no evidence."""

    columns: dict[str, Any] = field(default_factory=dict)
    reason: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    print: dict[str, Any] | None = None


def render(
    database: Database, store: EvidenceStore, evidence_id: str, at: datetime, signing: Signing | None = None
) -> None:
    """Make the renditions of one received file and note it ready or rejected (A6). Safe to run again.

    With `signing`, a photo's display rendition carries content credentials; where that fails it goes without.
    Raises `Problem` `storage_full` and whatever else a later attempt may cure.
    """
    with database.read() as session:
        row = session.get(Evidence, evidence_id)
        if row is None or not lifecycle.awaits_rendering(row.state, row.reason):
            return
        kind, file = row.kind, _received(session, row, signing)
    try:
        outcome = _RENDERERS[kind](store, file)
    except Rejected as rejected:
        outcome = Outcome(reason=rejected.code, facts=rejected.facts)
    _note(database, evidence_id, outcome, at)


def _received(session: Session, row: Evidence, signing: Signing | None) -> Received:
    words = caption(sealed_photo(session, row.id)) if row.kind == PHOTO else None
    return Received(row.id, row.sha256, row.media_type, row.source, words, signing)


def add_strips(database: Database, store: EvidenceStore, signing: Signing | None = None) -> Iterator[tuple[str, bool]]:
    """Make the display renditions anew that are older than the strip, and yield each evidence id and whether it went.

    The originals and everything recorded of them stay as they are: nothing happened to the evidence. One whose
    original has been damaged or lost since is left as it is; `doorstep verify-files` names it.
    """
    with database.read() as session:
        ids = bare_photos(session)
    for evidence_id in ids:
        with database.read() as session:
            file = _received(session, session.get_one(Evidence, evidence_id), signing)
        try:
            outcome = _photo(store, file)
        except (Rejected, FileNotFoundError):
            yield evidence_id, False
            continue
        with database.unit_of_work() as session:
            row, chain = locked(session, evidence_id)
            for name, value in outcome.columns.items():
                setattr(row, name, value)
            if isinstance(chain, Ticket):
                chain.version += 1
        yield evidence_id, True


def give_up(database: Database, evidence_id: str, at: datetime) -> None:
    """Reject a file on which the worker died again and again, so that nobody waits for it forever."""
    _note(database, evidence_id, Outcome(reason=lifecycle.GIVEN_UP), at)


def _note(database: Database, evidence_id: str, outcome: Outcome, at: datetime) -> None:
    with database.unit_of_work() as session:
        row, chain = locked(session, evidence_id)
        if not lifecycle.awaits_rendering(row.state, row.reason) or (row.reason and row.reason == outcome.reason):
            return
        row.judged_at = at
        if outcome.reason is None:
            row.state, row.reason, row.reason_facts = lifecycle.READY, None, None
            for name, value in outcome.columns.items():
                setattr(row, name, value)
            verb, payload = "rendered", {}
        else:
            row.state, row.reason, row.reason_facts = lifecycle.REJECTED, outcome.reason, outcome.facts
            verb, payload = "rejected", {"reason": outcome.reason, "facts": outcome.facts}
        note(session, row, chain, verb, payload, Moment.of_server(at))
        # What a supervisor repeats from the same spot is to be like the unit's photo: no reuse is to be found there.
        if outcome.print is not None and row.case_id is None:
            prints.keep(session, evidence_id, outcome.print)


def _photo(store: EvidenceStore, file: Received) -> Outcome:
    # The codecs are imported where they are used: the web processes import this module too and must stay small.
    from app.evidence import photos

    photo = photos.render(store.original(file.sha256), file.media_type, file.caption)
    # One original may stand on several tickets: the thumbnail is the same for all, what its strip says is not.
    resized = (photo.width, photo.height) != (photo.display_width, photo.display_height)
    made = Made(file.evidence_id, file.sha256, file.media_type, file.source, resized)
    store.put_rendition(file.sha256, display_of(file.evidence_id), signed(file.signing, photo.display, made))
    store.put_rendition(file.sha256, THUMB, photo.thumb)
    measures = {name: getattr(photo, name) for name in _MEASURES}
    return Outcome({**measures, "claims": photo.facts or None}, print=prints.taken(photo.thumb, photo.recapture))


_MEASURES = ("width", "height", "display_width", "display_height", "strip_px")


def _audio(store: EvidenceStore, file: Received) -> Outcome:
    from app.evidence import audio

    with tempfile.TemporaryDirectory(prefix="doorstep-audio-") as folder:
        target = Path(folder) / AUDIO_FILE
        recording = audio.render(store.original(file.sha256), file.media_type, target)
        store.put_rendition(file.sha256, AUDIO_FILE, target)
    return Outcome({"measured_s": recording.duration_s, "peaks": recording.peaks})


def _document(store: EvidenceStore, file: Received) -> Outcome:
    with store.original(file.sha256).open("rb") as content:
        require_family(DOCUMENT, file.media_type, content.read(HEAD))
    return Outcome()


_RENDERERS: dict[str, Callable[[EvidenceStore, Received], Outcome]] = {
    PHOTO: _photo,
    AUDIO: _audio,
    DOCUMENT: _document,
}
