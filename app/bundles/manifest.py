"""What a bundle says of itself: names of its members, its list of files, its proof, its signature. Pure.

The list of files is signed with the deployment's key; the key stands in every day's document, and so in every root.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from app.journal.chain import Link
from app.sealing.documents import canonical

KIND: Final = "doorstep-evidence-bundle"
VERSION: Final = 1
MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.sig"
JOURNAL: Final = "journal.jsonl"
PROOF: Final = "proof.json"
ROOTS: Final = "roots.jsonl"
RECORDS: Final = "records.json"
INDEX: Final = "index.html"
CA: Final = "stamps/tsa-ca.pem"
_CONTEXT: Final = b"doorstep evidence bundle v1\n"
"""Signed in front of the list, so that the key's signature can mean nothing else."""
LINK_FIELDS: Final = frozenset(Link.__slots__)


@dataclass(frozen=True, slots=True)
class File:
    """One member as the list names it. `role`: original, rendition, journal, proof, roots, stamp, records, index."""

    name: str
    size: int
    sha256: str
    role: str
    evidence_id: str | None = None

    def wire(self) -> dict[str, Any]:
        """Return the entry as it is written."""
        plain = {"name": self.name, "size": self.size, "sha256": self.sha256, "role": self.role}
        return plain | ({"evidence_id": self.evidence_id} if self.evidence_id else {})


def stamp_name(day: str) -> str:
    """Return the member that holds the stamp of a day's root."""
    return f"stamps/{day}.tsr"


def sign(key: Ed25519PrivateKey, manifest: bytes) -> bytes:
    """Return the signature over the list, in hex."""
    return key.sign(_CONTEXT + manifest).hex().encode()


def signed_by(public_hex: str, manifest: bytes, signature: bytes) -> bool:
    """Return whether the list was signed with that key."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_hex))
        if signature.decode("ascii") != bytes.fromhex(signature.decode("ascii")).hex():
            return False  # one way of writing it only: every byte counts
        key.verify(bytes.fromhex(signature.decode("ascii")), _CONTEXT + manifest)
    except (ValueError, InvalidSignature):
        return False
    return True


def lines(values: Sequence[Any]) -> bytes:
    """Return values as JSON lines, each as it is hashed."""
    return b"".join(canonical(value) + b"\n" for value in values)


def link_bytes(link: Link) -> bytes:
    """Return an event exactly as its hash covers it."""
    return canonical({name: getattr(link, name) for name in Link.__slots__})


def pretty(value: Any) -> bytes:
    """Return JSON for people to read."""
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode()
