"""The hash chain over the events of one subject. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Link:
    """What one event contributes to the chain; `at` is the wire form of its instant."""

    subject_id: str
    subject_seq: int
    name: str
    at: str
    actor_id: str | None
    role: str | None
    device_id: str | None
    command_id: str | None
    payload: dict[str, Any]
    prev_hash: str


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain does not hold: `reason` is changed, missing, reordered, tail_missing or head_differs."""

    subject_id: str
    subject_seq: int
    reason: str


def digest(link: Link) -> str:
    """Return the SHA-256 of the link's canonical JSON (sorted keys, no spaces, UTF-8)."""
    body = {name: getattr(link, name) for name in Link.__slots__}
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def verify(subject_id: str, length: int, head: str, events: Iterable[tuple[Link, str]]) -> Break | None:
    """Return the first break of a chain read in `subject_seq` order, or None when it holds (A3).

    `length` and `head` are what the subject's own row says; `events` are pairs of link and stored hash.
    """
    expected, previous = 1, GENESIS
    for link, stored in events:
        if link.subject_seq != expected:
            return Break(subject_id, expected, "missing" if link.subject_seq > expected else "reordered")
        if link.prev_hash != previous:
            return Break(subject_id, expected, "reordered")
        if digest(link) != stored:
            return Break(subject_id, expected, "changed")
        previous, expected = stored, expected + 1
    if expected - 1 != length:
        return Break(subject_id, expected, "tail_missing")
    if length and previous != head:
        return Break(subject_id, length, "head_differs")
    return None
