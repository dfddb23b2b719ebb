"""The life of one piece of evidence. Pure; the only module that compares its states."""

from __future__ import annotations

from typing import Final

DECLARED: Final = "declared"
UPLOADING: Final = "uploading"
"""Only on the wire: declared, and some bytes have arrived. Offsets are facts on the disk, not in the database."""
RECEIVED: Final = "received"
READY: Final = "ready"
REJECTED: Final = "rejected"
WITHDRAWN: Final = "withdrawn"
GIVEN_UP: Final = "evidence_unprocessable"
"""Reason of a rejection for which the file may not be to blame: an operator can have it tried again."""


def shown(state: str, received_bytes: int) -> str:
    """Return the state as people see it."""
    return UPLOADING if state == DECLARED and received_bytes > 0 else state


def awaits_bytes(state: str, arrived: bool) -> bool:
    """Return whether an upload may still bring the file; also of what was withdrawn, for nothing sealed is lost."""
    return state == DECLARED or (state == WITHDRAWN and not arrived)


def when_arrived(state: str) -> str:
    """Return the state once the whole file is here: what was withdrawn stays so."""
    return RECEIVED if state == DECLARED else state


def awaits_rendering(state: str, reason: str | None) -> bool:
    """Return whether a worker has yet to look at the file, or may again: giving up says nothing about the file."""
    return state == RECEIVED or (state == REJECTED and reason == GIVEN_UP)


def has_original(state: str, arrived: bool = False) -> bool:
    """Return whether the file is here; also one that was rejected or withdrawn can be fetched, to see what it is."""
    return state in (RECEIVED, READY, REJECTED) or (state == WITHDRAWN and arrived)


def has_renditions(state: str) -> bool:
    """Return whether the worker has made the renditions."""
    return state == READY


def is_withdrawn(state: str) -> bool:
    """Return whether the unit took it back; the row and the journal keep it."""
    return state == WITHDRAWN


def counts(state: str) -> bool:
    """Return whether it may stand in a reply: the hash pins content that is still in flight too."""
    return state in (DECLARED, RECEIVED, READY)
