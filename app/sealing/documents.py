"""What a day's seal says, to the letter: its leaves, its document, its root. Pure.

The root of a day is the plain SHA-256 of its document, so that `sha256sum` and `openssl ts` can check it without us.
A document names the Merkle root over the day's leaves and the root of the day before, and so stands for all days.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from app.journal import merkle

VERSION: Final = 1
FIRST: Final = "0" * 64
"""What the first document names as the root before it."""
_FIELDS: Final = {"v", "day", "zone", "until", "previous", "leaves", "tree", "key"}
_HASH: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A chain that grew: at the day's end it had `length` events, the last of them with the hash `head`."""

    subject_id: str
    length: int
    head: str

    def hash(self) -> bytes:
        """Return the leaf's hash in the day's tree."""
        return merkle.leaf_hash(canonical({"subject": self.subject_id, "length": self.length, "head": self.head}))


@dataclass(frozen=True, slots=True)
class Document:
    """A day's document, read: `text` is what was hashed, `key` the public key that signs evidence bundles."""

    text: str
    day: date
    zone: str
    until: str
    previous: str
    leaves: int
    tree: str
    key: str

    @property
    def root(self) -> str:
        """The day's root."""
        return root_of(self.text)


def canonical(value: Any) -> bytes:
    """Return JSON as it is hashed: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def root_of(text: str) -> str:
    """Return the root that a document stands for."""
    return hashlib.sha256(text.encode()).hexdigest()


def ends(day: date, zone: str) -> datetime:
    """Return the instant at which a day of that zone ends."""
    return datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(zone))


def ordered(leaves: Iterable[Leaf]) -> list[Leaf]:
    """Return the leaves in the order they have in the tree."""
    return sorted(leaves, key=lambda leaf: leaf.subject_id)


def tree_of(leaves: Sequence[Leaf]) -> str:
    """Return the Merkle root over leaves in their order."""
    return merkle.root([leaf.hash() for leaf in leaves]).hex()


def write(day: date, zone: str, until: str, previous: str, leaves: Sequence[Leaf], key: str) -> str:
    """Return the text of a day's document; `until` is the day's end as the wire writes it."""
    fields = {
        "v": VERSION, "day": day.isoformat(), "zone": zone, "until": until, "previous": previous,
        "leaves": len(leaves), "tree": tree_of(leaves), "key": key,
    }  # fmt: skip
    return canonical(fields).decode()


def read(text: str) -> Document:
    """Return a document that was written by `write`. Raises `ValueError` for anything else."""
    fields = json.loads(text)
    if not isinstance(fields, dict) or set(fields) != _FIELDS or fields["v"] != VERSION:
        raise ValueError("not a document of a day")
    if canonical(fields).decode() != text:
        raise ValueError("not written canonically")
    hashes = (fields["previous"], fields["tree"], fields["key"])
    if not all(isinstance(h, str) and _HASH.fullmatch(h) for h in hashes) or type(fields["leaves"]) is not int:
        raise ValueError("not a document of a day")
    if not all(isinstance(fields[name], str) for name in ("day", "zone", "until")):
        raise ValueError("not a document of a day")
    rest = {name: fields[name] for name in ("zone", "until", "previous", "leaves", "tree", "key")}
    return Document(text=text, day=date.fromisoformat(fields["day"]), **rest)


def broken_link(before: Document | None, document: Document) -> str | None:
    """Return what is wrong between a document and the one before it: `previous`, `gap`, or None."""
    if before is None:
        return None
    if document.previous != before.root:
        return "previous"
    return None if document.day == before.day + timedelta(days=1) else "gap"
