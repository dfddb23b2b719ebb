"""What workers do with evidence: load by id, render, note the outcome."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from app.clock import Moment
from app.db import Database
from app.evidence import lifecycle, prints
from app.evidence.commands import locked, what
from app.evidence.media import AUDIO, DOCUMENT, HEAD, PHOTO, Rejected, require_family
from app.evidence.models import Evidence
from app.evidence.storage import AUDIO as AUDIO_FILE
from app.evidence.storage import DISPLAY, THUMB, EvidenceStore
from app.journal.record import record


@dataclass(frozen=True)
class Outcome:
    """What a worker found: columns to fill in and what a photo is recognised by, or why the file is no evidence."""

    columns: dict[str, Any] = field(default_factory=dict)
    reason: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    print: dict[str, Any] | None = None


def render(database: Database, store: EvidenceStore, evidence_id: str, at: datetime) -> None:
    """Make the renditions of one received file and note it ready or rejected (A6). Safe to run again.

    Raises `Problem` `storage_full` and whatever else a later attempt may cure.
    """
    with database.read() as session:
        row = session.get(Evidence, evidence_id)
        if row is None or not lifecycle.awaits_rendering(row.state, row.reason):
            return
        kind, sha256, media_type = row.kind, row.sha256, row.media_type
    try:
        outcome = _RENDERERS[kind](store, sha256, media_type)
    except Rejected as rejected:
        outcome = Outcome(reason=rejected.code, facts=rejected.facts)
    _note(database, evidence_id, outcome, at)


def give_up(database: Database, evidence_id: str, at: datetime) -> None:
    """Reject a file on which the worker died again and again, so that nobody waits for it forever."""
    _note(database, evidence_id, Outcome(reason=lifecycle.GIVEN_UP), at)


def _note(database: Database, evidence_id: str, outcome: Outcome, at: datetime) -> None:
    with database.unit_of_work() as session:
        row, ticket = locked(session, evidence_id)
        if not lifecycle.awaits_rendering(row.state, row.reason) or (row.reason and row.reason == outcome.reason):
            return
        row.judged_at = at
        if outcome.reason is None:
            row.state, row.reason, row.reason_facts = lifecycle.READY, None, None
            for name, value in outcome.columns.items():
                setattr(row, name, value)
            name, payload = "evidence.rendered", {}
        else:
            row.state, row.reason, row.reason_facts = lifecycle.REJECTED, outcome.reason, outcome.facts
            name, payload = "evidence.rejected", {"reason": outcome.reason, "facts": outcome.facts}
        payload = {"evidence_id": row.id, "sha256": row.sha256, **what(row), **payload}
        record(session, ticket, name, payload, Moment.of_server(at))
        ticket.version += 1
        if outcome.print is not None:
            prints.keep(session, evidence_id, outcome.print)


def _photo(store: EvidenceStore, sha256: str, media_type: str) -> Outcome:
    # The codecs are imported where they are used: the web processes import this module too and must stay small.
    from app.evidence import photos

    photo = photos.render(store.original(sha256), media_type)
    store.put_rendition(sha256, DISPLAY, photo.display)
    store.put_rendition(sha256, THUMB, photo.thumb)
    columns = {"width": photo.width, "height": photo.height, "claims": photo.facts or None}
    return Outcome(columns, print=prints.taken(photo.thumb))


def _audio(store: EvidenceStore, sha256: str, media_type: str) -> Outcome:
    from app.evidence import audio

    with tempfile.TemporaryDirectory(prefix="doorstep-audio-") as folder:
        target = Path(folder) / AUDIO_FILE
        recording = audio.render(store.original(sha256), media_type, target)
        store.put_rendition(sha256, AUDIO_FILE, target)
    return Outcome({"measured_s": recording.duration_s, "peaks": recording.peaks})


def _document(store: EvidenceStore, sha256: str, media_type: str) -> Outcome:
    with store.original(sha256).open("rb") as file:
        require_family(DOCUMENT, media_type, file.read(HEAD))
    return Outcome()


_RENDERERS: dict[str, Callable[[EvidenceStore, str, str], Outcome]] = {
    PHOTO: _photo,
    AUDIO: _audio,
    DOCUMENT: _document,
}
