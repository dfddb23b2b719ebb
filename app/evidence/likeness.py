"""Finding photos like one photo, among all of a deployment, in milliseconds: reuse, and before like after.

The database is the truth. The likeness file is brought up to it before each search, by whichever process comes first;
what the search finds is asked for in the database, so that what was withdrawn, deleted or belongs to another place is
never told; and what is told was laid over the photo and compared (see `alignment`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy.orm import Session

from app.evidence import lifecycle, queries
from app.evidence.media import PHOTO
from app.evidence.models import Evidence
from app.evidence.prints import VERSION
from app.evidence.storage import THUMB, EvidenceStore, full_disk_told

if TYPE_CHECKING:
    from app.evidence.fingerprints import Light, Query
    from app.evidence.likeness_file import Found, LikenessFile

FILE: Final = "file"
"""The very same bytes."""
COPY: Final = "copy"
"""The same exposure, altered: shrunk, cropped, turned, written over, a screenshot, a mirror image."""
ALIKE: Final = "alike"
"""Looks the same and is not proven to be one exposure: for a person to look at."""

LOOKED_AT: Final = 500
"""Photos at most, the nearest first, that the database is asked about …"""
COMPARED: Final = 24
"""… and, of those that count, that are laid over each other: about ten milliseconds each."""
_TRIES: Final = 3
_BATCH: Final = 4096


@dataclass(frozen=True, slots=True)
class Match:
    """Another photo like the one asked about.

    `distance` is in bits of 256; `agreement` the share of detail, 0 to 1, that is the same when one is laid over the
    other, None where that was not needed.
    """

    evidence_id: str
    ticket_id: str
    kind: str
    distance: int
    agreement: float | None
    mirrored: bool


def like(session: Session, store: EvidenceStore, evidence_id: str, limit: int = 20) -> list[Match]:
    """Return photos like this one on its own ticket and on all others of its jurisdiction, the surest first.

    Empty for what has no print: not rendered yet, withdrawn, no photo. Only reads the database. Raises `Problem`
    `storage_full` when the likeness file cannot grow.
    """
    row = session.get(Evidence, evidence_id)
    if row is None or row.kind != PHOTO or not lifecycle.has_renditions(row.state):
        return []
    same = [
        Match(found.id, found.ticket_id, FILE, 0, None, False) for found in queries.same_photo(session, row)[:limit]
    ]
    if len(same) < limit:
        known = {match.evidence_id for match in same}
        same += [match for match in _altered(session, store, row) if match.evidence_id not in known]
    return same[:limit]


def _altered(session: Session, store: EvidenceStore, row: Evidence) -> list[Match]:
    from app.evidence import fingerprints

    kept = queries.print_of(session, row.id)
    if kept is None or kept.detail < fingerprints.LITTLE:
        return []
    try:
        asked = fingerprints.grey(store.rendition(row.sha256, THUMB).read_bytes())
    except FileNotFoundError:
        return []
    ways = fingerprints.queries(asked)
    found = up_to_date(session, store).search([way.code for way in ways])
    by_position: dict[int, list[Found]] = {}
    for hit in found:
        if hit[1] in by_position or len(by_position) < LOOKED_AT:
            by_position.setdefault(hit[1], []).append(hit)
    counting = [photo for photo in queries.at_positions(session, row, list(by_position)) if photo.id != row.id]
    counting.sort(key=lambda photo: by_position[photo.position][0])
    matches = [
        match
        for photo in counting[:COMPARED]
        if (match := _judged(store, asked, ways, photo, by_position[photo.position])) is not None
    ]
    return sorted(matches, key=lambda match: (match.kind != COPY, -(match.agreement or 0), match.distance))


def _judged(
    store: EvidenceStore, asked: Light, ways: list[Query], photo: queries.Candidate, hits: list[Found]
) -> Match | None:
    """Return the match, None for a photo whose light is alike and whose detail is another."""
    from app.evidence import alignment, fingerprints

    try:
        other = fingerprints.grey(store.rendition(photo.sha256, THUMB).read_bytes())
    except FileNotFoundError:
        return None
    best, mirrored = alignment.Agreement(0.0, 0), False
    for _, _, crop, number in hits[:_TRIES]:
        way = ways[number]
        start = alignment.guess(asked, way.box, way.degrees, way.mirrored, fingerprints.CROPS[crop])
        found = alignment.agreement(asked, other, start)
        if found.share > best.share:
            best, mirrored = found, way.mirrored
        if best.share >= alignment.SAME:
            break
    if best.share < alignment.SIMILAR:
        return None
    sure = best.share >= alignment.SAME and best.squares >= alignment.SQUARES
    return Match(photo.id, photo.ticket_id, COPY if sure else ALIKE, hits[0][0], round(best.share, 3), mirrored)


def up_to_date(session: Session, store: EvidenceStore) -> LikenessFile:
    """Return the likeness file, holding every print that was committed before the session began to read.

    A file that does not belong to the database as it is now (a backup was restored) is begun again.
    """
    from app.evidence.likeness_file import LikenessFile

    shelf = queries.print_shelf(session)
    file = LikenessFile(store.cache(), f"{shelf.stamp}-{VERSION}")
    if file.count() < shelf.next or not _belongs(session, file, shelf.next):
        with full_disk_told(), file.locked():
            if not _belongs(session, file, shelf.next):
                file.drop()
            _extend(session, file, shelf.next)
    return file


def _extend(session: Session, file: LikenessFile, until: int) -> None:
    count = file.count()
    while count < until:
        last = min(until, count + _BATCH)
        kept = queries.prints_between(session, count, last, VERSION)
        file.add(count, [kept.get(position) for position in range(count, last)])
        count = last


def _belongs(session: Session, file: LikenessFile, until: int) -> bool:
    """Return whether the newest photo that both have is the same.

    The file may be ahead of what this session sees: another process has seen more, or a backup was restored and the
    positions after it will be given to other photos, which is noticed when the first of them is.
    """
    newest = queries.newest_print(session, min(file.count(), until), VERSION)
    return newest is None or file.holds(*newest)
