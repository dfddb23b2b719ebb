"""Making a bundle: one unit that reads, then file after file into the container, never one of them whole in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app import clock
from app.bundles import archive, manifest, page
from app.bundles.contents import Contents
from app.bundles.manifest import File
from app.evidence.storage import DISPLAY, EvidenceStore, display_of
from app.sealing.documents import canonical
from app.version import VERSION

_THUMB_BYTES: Final = 200 * 1024


class OriginalBroken(Exception):
    """An original that is gone or has other bytes than were sealed: no bundle can be made of it."""

    def __init__(self, evidence_id: str, missing: bool) -> None:
        super().__init__(evidence_id)
        self.evidence_id, self.missing = evidence_id, missing


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for: by whom stands in the contents, here is why, when and how."""

    bundle_id: str
    reason: str
    unmasked: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Made:
    """A finished bundle: its size and SHA-256, and that of the list in it, which the journal keeps."""

    size: int
    sha256: str
    manifest_sha256: str


def total_bytes(contents: Contents) -> int:
    """Return how many bytes of originals will be copied: what progress is counted in."""
    return sum(piece["size"] for piece in contents.evidence if piece["original"])


def make(
    out: BinaryIO,
    contents: Contents,
    store: EvidenceStore,
    order: Order,
    key: Ed25519PrivateKey,
    ca: bytes | None,
    progress: Callable[[int], None],
) -> Made:
    """Write the bundle to `out`, a new file. Raises `OriginalBroken`; `progress` is told of bytes copied so far."""
    writer = _Writer(out)
    done, thumbs = 0, {}
    for piece in contents.evidence:
        if piece["original"]:
            _original(writer, store, piece)
            done += piece["size"]
            progress(done)
        thumb = _renditions(writer, store, piece)
        if thumb is not None:
            thumbs[piece["id"]] = thumb
    writer.add(manifest.JOURNAL, b"".join(manifest.link_bytes(link) + b"\n" for link in contents.links), "journal")
    writer.add(manifest.RECORDS, manifest.pretty({"ticket": contents.ticket} | contents.records), "records")
    _seals(writer, contents, ca)
    files = {file.name: file for file in writer.files}
    writer.add(manifest.INDEX, page.render(contents, order, files, thumbs).encode(), "index")
    text = canonical(_list(contents, order, writer.files, key.public_key().public_bytes_raw().hex()))
    writer.add(manifest.MANIFEST, text, "manifest")
    writer.add(manifest.SIGNATURE, manifest.sign(key, text), "signature")
    archive.write_directory(out, writer.members)
    size = out.tell()
    out.seek(0)
    return Made(size, _digest(out), hashlib.sha256(text).hexdigest())


def _digest(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(archive.CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


class _Writer:
    """The container, and the list of what has been written to it."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self.members: list[archive.Member] = []
        self.files: list[File] = []

    def add(self, name: str, content: bytes | Iterator[bytes], role: str, evidence_id: str | None = None) -> File:
        chunks = [content] if isinstance(content, bytes) else content
        member = archive.write_member(self._out, name, chunks)
        self.members.append(member)
        self.files.append(File(name, member.size, member.sha256, role, evidence_id))
        return self.files[-1]


def _original(writer: _Writer, store: EvidenceStore, piece: dict[str, Any]) -> None:
    try:
        path = store.original(piece["sha256"])
    except FileNotFoundError:
        raise OriginalBroken(piece["id"], missing=True) from None
    file = writer.add(piece["original"], _chunks(path), "original", piece["id"])
    if file.sha256 != piece["sha256"] or file.size != piece["size"]:
        raise OriginalBroken(piece["id"], missing=False)


def _renditions(writer: _Writer, store: EvidenceStore, piece: dict[str, Any]) -> bytes | None:
    """Add the renditions that are there (they can be made again any time); return the thumbnail for the page."""
    thumb, kept = None, []
    for name in piece["renditions"]:
        plain = name.rpartition("-")[2]
        path = _rendition(store, piece, plain)
        if path is None:
            continue
        writer.add(name, _chunks(path), "rendition", piece["id"])
        kept.append(name)
        if plain.startswith("thumb") and path.stat().st_size <= _THUMB_BYTES:
            thumb = path.read_bytes()
    piece["renditions"] = kept
    return thumb


def _rendition(store: EvidenceStore, piece: dict[str, Any], plain: str) -> Path | None:
    # A display photo says below the picture whose it is, so the same original may have several; older ones have none.
    for name in (display_of(piece["id"]), plain) if plain == DISPLAY else (plain,):
        try:
            return store.rendition(piece["sha256"], name)
        except FileNotFoundError:
            continue
    return None


def _seals(writer: _Writer, contents: Contents, ca: bytes | None) -> None:
    sealed = contents.sealed
    if not sealed.proofs:
        return
    writer.add(manifest.PROOF, canonical({"v": manifest.VERSION, "seals": sealed.proofs}), "proof")
    writer.add(manifest.ROOTS, "".join(text + "\n" for text in sealed.documents).encode(), "roots")
    for day, answer in sealed.stamps.items():
        writer.add(manifest.stamp_name(day), answer, "stamp")
    if sealed.stamps and ca is not None:
        writer.add(manifest.CA, ca, "stamp")


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(archive.CHUNK):
            yield chunk


def _list(contents: Contents, order: Order, files: list[File], key: str) -> dict[str, Any]:
    return {
        "kind": manifest.KIND,
        "v": manifest.VERSION,
        "product": VERSION,
        "bundle_id": order.bundle_id,
        "made_at": clock.iso(order.at),
        "made_by": contents.made_by,
        "reason": order.reason,
        "unmasked": order.unmasked,
        "place": contents.place,
        "ticket": {"id": contents.ticket["id"], "number": contents.ticket["number"]},
        "journal": {"length": len(contents.links), "head": contents.head},
        "evidence": contents.evidence,
        "files": [file.wire() for file in files],
        "key": key,
    }
