"""Unfinished uploads as files: the length of the file is the offset, so a killed server loses nothing it acknowledged.

Two requests may write the same upload, because a phone that changes networks leaves a dead connection behind that
the server cannot tell from a slow one. The lock is therefore held for one write only: whoever finds the file longer
than expected stops with `upload_offset_wrong`. A lock for the whole request would shut the phone out until the dead
connection times out.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from io import FileIO
from pathlib import Path
from typing import Any, Final, Literal

from app import clock
from app.evidence.storage import EvidenceStore, full_disk_told, make_directories
from app.problems import Problem

LIFETIME: Final = timedelta(days=7)
RESERVE: Final = 64 * 1024 * 1024
"""Bytes that stay free: the database must be able to write when uploads no longer are."""


class Uploads:
    """The folder of unfinished uploads, one file per evidence id."""

    def __init__(self, folder: Path, store: EvidenceStore) -> None:
        self._folder = folder
        self._store = store

    def _path(self, evidence_id: str) -> Path:
        return self._folder / f"{evidence_id}.part"

    def create(self, evidence_id: str, size: int) -> int:
        """Begin the upload, or find the one begun before; return its offset. Raises `Problem` `storage_full`."""
        with full_disk_told():
            make_directories(self._folder)
            path = self._path(evidence_id)
            if not path.exists() and shutil.disk_usage(self._folder).free < size + RESERVE:
                raise Problem("storage_full")
            with path.open("ab") as file:
                return os.fstat(file.fileno()).st_size

    def offset(self, evidence_id: str) -> int | None:
        """Return how many bytes are here, None when no upload is under way."""
        try:
            return self._path(evidence_id).stat().st_size
        except FileNotFoundError:
            return None

    def expires_at(self, evidence_id: str) -> datetime:
        """Return when the upload is forgotten unless more arrives."""
        return _touched(self._path(evidence_id)) + LIFETIME

    def append(
        self, evidence_id: str, offset: int, chunks: Iterable[bytes], declared: int, checksum: Checksum | None = None
    ) -> int:
        """Write the chunks from `offset` on and return the new offset; on return an unfinished file is on the disk.

        What arrived before a broken connection stays, unless a checksum was announced that can then not be checked.
        Raises `Problem`: `upload_not_found`, `upload_offset_wrong`, `upload_too_long`, `upload_checksum_mismatch`,
        `storage_full`.
        """
        with full_disk_told(), self._opened(evidence_id) as file:
            _require_offset(file, offset)
            at = offset
            try:
                for chunk in chunks:
                    if at + len(chunk) > declared:
                        raise Problem("upload_too_long", declared=declared)
                    if checksum is not None:
                        checksum.update(chunk)
                    _write_at(file, at, chunk)
                    at += len(chunk)
                if checksum is not None and not checksum.holds():
                    _cut_back(file, offset)
                    raise Problem("upload_checksum_mismatch")
            finally:
                # A whole file is synced by the store that takes it over, before anything is acknowledged.
                if at < declared:
                    os.fsync(file.fileno())
            return at

    def complete(self, evidence_id: str, sha256: str) -> None:
        """Compare the whole file with the declared hash and hand it to the store.

        A file with another hash is removed. Raises `Problem` `evidence_hash_mismatch`, `upload_not_found`,
        `storage_full`. Safe to call again: until `discard` the file stays here too.
        """
        path = self._path(evidence_id)
        with full_disk_told(), self._opened(evidence_id, "rb") as file, _locked(file):
            file.seek(0)
            if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                path.unlink(missing_ok=True)
                raise Problem("evidence_hash_mismatch")
            self._store.adopt(path, sha256)

    def discard(self, evidence_id: str) -> None:
        """Forget the upload."""
        self._path(evidence_id).unlink(missing_ok=True)

    def expire(self, at: datetime) -> int:
        """Remove the uploads nothing was added to for `LIFETIME`; return how many."""
        old = [p for p in self._folder.glob("*.part") if _touched(p) + LIFETIME <= at]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    @contextmanager
    def _opened(self, evidence_id: str, mode: Literal["r+b", "rb"] = "r+b") -> Iterator[FileIO]:
        try:
            file = self._path(evidence_id).open(mode, buffering=0)
        except FileNotFoundError:
            raise Problem("upload_not_found") from None
        with file:
            yield file


class Checksum:
    """The announced checksum of one request's bytes (tus checksum extension).

    Raises `ValueError` for an unknown algorithm or a checksum of another length than it gives.
    """

    def __init__(self, algorithm: str, expected: bytes) -> None:
        if algorithm not in _ALGORITHMS:
            raise ValueError(algorithm)
        self._hash: Any = _ALGORITHMS[algorithm]()
        if len(expected) != self._hash.digest_size:
            raise ValueError("length of checksum")
        self._expected = expected

    def update(self, chunk: bytes) -> None:
        """Take in the next bytes."""
        self._hash.update(chunk)

    def holds(self) -> bool:
        """Return whether all bytes together have the announced checksum."""
        return bool(self._hash.digest() == self._expected)


_ALGORITHMS: Final[dict[str, Callable[[], Any]]] = {
    # SHA-1 guards against damage in transit only, as tus asks; what is kept is judged by SHA-256.
    "sha1": lambda: hashlib.sha1(usedforsecurity=False),
    "sha256": hashlib.sha256,
}
CHECKSUMS: Final = tuple(_ALGORITHMS)


@contextmanager
def _locked(file: FileIO) -> Iterator[None]:
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


def _require_offset(file: FileIO, at: int) -> None:
    status = os.fstat(file.fileno())
    if status.st_nlink == 0:
        raise Problem("upload_not_found")
    if status.st_size != at:
        raise Problem("upload_offset_wrong", offset=status.st_size)


def _write_at(file: FileIO, at: int, chunk: bytes) -> None:
    with _locked(file):
        _require_offset(file, at)
        rest = memoryview(chunk)
        while rest:
            written = os.pwrite(file.fileno(), rest, at)
            at, rest = at + written, rest[written:]


def _cut_back(file: FileIO, offset: int) -> None:
    """Take back this request's bytes, and with them whatever another request put after them."""
    with _locked(file):
        # A second link means that the whole file has meanwhile been verified and handed to the store: the announced
        # checksum was wrong, not the bytes.
        if os.fstat(file.fileno()).st_nlink == 1:
            os.ftruncate(file.fileno(), offset)


def _touched(path: Path) -> datetime:
    return clock.from_epoch_ms(int(path.stat().st_mtime * 1000))
