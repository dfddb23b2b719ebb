"""Where originals and renditions lie. Originals are named by their SHA-256, stored once and never altered (A3)."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

from app.problems import Problem

DISPLAY: Final = "display.jpg"
"""The bare picture, of before there were strips; one for all evidence with that original."""
THUMB: Final = "thumb.jpg"
AUDIO: Final = "audio.m4a"

_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def display_of(evidence_id: str) -> str:
    """Return the name of the display rendition with the strip of that evidence."""
    return f"display-{evidence_id}.jpg"


class EvidenceStore(Protocol):
    """A content-addressed store; one on S3 keeps a local copy of what it hands out."""

    def adopt(self, source: Path, sha256: str) -> None:
        """Keep the file at `source`, whose content was found to have that hash; on return it is durable.

        The caller removes `source` afterwards. Raises `Problem` `storage_full`.
        """

    def original(self, sha256: str) -> Path:
        """Return a local, read-only path of an original. Raises `FileNotFoundError`."""

    def put_rendition(self, sha256: str, name: str, content: bytes | Path) -> None:
        """Keep a rendition of that original, replacing an earlier one. Raises `Problem` `storage_full`."""

    def rendition(self, sha256: str, name: str) -> Path:
        """Return a local path of a rendition. Raises `FileNotFoundError`."""

    def cache(self) -> Path:
        """Return a local folder for what can be made again from the database; all processes of a machine share it."""


class DiskStore:
    """`originals/ab/cd/<sha256>` and, in a tree of its own that can be made again, `renditions/ab/cd/<sha256>/…`."""

    def __init__(self, root: Path) -> None:
        self._originals = root / "originals"
        self._renditions = root / "renditions"
        self._cache = root / "cache"

    def adopt(self, source: Path, sha256: str) -> None:
        target = self._place(self._originals, sha256)
        with full_disk_told():
            made = make_directories(target.parent)
            _sync_file(source)
            try:
                # A hard link, not a rename: until the database knows of the file the upload keeps it too, so that a
                # crash in between loses nothing and the next request simply finishes.
                os.link(source, target)
            except FileExistsError:
                if target.stat().st_size != source.stat().st_size:
                    # Only a damaged disk can do this; the bytes just verified are the right ones.
                    os.replace(_linked_beside(source, target), target)
            os.chmod(target, 0o444)
            for folder in (target.parent, *made):
                sync_directory(folder)

    def original(self, sha256: str) -> Path:
        return _existing(self._place(self._originals, sha256))

    def put_rendition(self, sha256: str, name: str, content: bytes | Path) -> None:
        folder = self._place(self._renditions, sha256)
        with full_disk_told():
            made = make_directories(folder)
            handle, temporary = tempfile.mkstemp(dir=folder, prefix=f".{name}.")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content if isinstance(content, bytes) else content.read_bytes())
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(temporary, folder / name)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise
            for changed in (folder, *made):
                sync_directory(changed)

    def rendition(self, sha256: str, name: str) -> Path:
        return _existing(self._place(self._renditions, sha256) / name)

    def cache(self) -> Path:
        make_directories(self._cache)
        return self._cache

    @staticmethod
    def _place(tree: Path, sha256: str) -> Path:
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise ValueError("not a SHA-256 in lower-case hex")
        return tree / sha256[:2] / sha256[2:4] / sha256


@contextmanager
def full_disk_told() -> Iterator[None]:
    """Turn the system's ways of saying "no room" into `Problem` `storage_full`."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise Problem("storage_full") from error
        raise


def make_directories(path: Path) -> list[Path]:
    """Create the directory and its parents; return those that must be synced for the new names to be durable."""
    if path.is_dir():
        return []
    changed = make_directories(path.parent)
    path.mkdir(exist_ok=True)
    return [*changed, path.parent]


def sync_directory(path: Path) -> None:
    """Make the names in a directory durable."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync_file(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _linked_beside(source: Path, target: Path) -> Path:
    beside = target.with_suffix(".new")
    beside.unlink(missing_ok=True)
    os.link(source, beside)
    return beside


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise FileNotFoundError(path)
    return path
