"""The file that all prints of a deployment are searched in: a cache of the table `photo_prints`, mapped, not read.

Every print of every photo is compared, 64 bits first and the other 192 of the few that come near. That is exact, needs
no index that could be out of step, and runs at the speed of memory: bench/likeness.py measures it at a million photos.

The file grows at its end, a block at a time. Readers take what the header counts, and the header is written after what
it counts has reached the disk, so that neither another process nor a power cut can show half a photo. Photos that were
deleted or withdrawn keep their place: whoever searches asks the database about what was found.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np

from app.evidence.fingerprints import CROPS, NEAR, NEAR_LOW, Codes, unpacked

PRINTS: Final = len(CROPS)
BLOCK: Final = 4096
"""Photos in a block: its first words, one behind the other, just fit a processor's cache."""
_WORDS: Final = PRINTS * 4
_HEADER: Final = 4096
_FILLER: Final = 0x5EED
_LOW: Final = BLOCK * PRINTS
_BLOCK_BYTES: Final = BLOCK * _WORDS * 8

Found = tuple[int, int, int, int]
"""Distance in bits, position, which crop of the kept photo, which way of asking."""


class LikenessFile:
    """The prints of one database and version, which `name` stands for; opened for one search, cheap to open again."""

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder / f"likeness-{name}.prints"
        self._lock = folder / "likeness.lock"

    def count(self) -> int:
        """Return how many photos are in the file."""
        try:
            with self._path.open("rb") as file:
                return int.from_bytes(file.read(8), "little")
        except FileNotFoundError:
            return 0

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from adding; searching goes on."""
        with self._lock.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def add(self, first: int, kept: Sequence[bytes | None]) -> None:
        """Put the prints of photos at positions `first`, `first` + 1 … behind what is there; None for a gap.

        The caller holds the lock and has found `first` to be the count.
        """
        if not self._path.exists():
            self._begin()
        with self._path.open("r+b") as file:
            handle, done = file.fileno(), 0
            while done < len(kept):
                block, place = divmod(first + done, BLOCK)
                part = kept[done : done + BLOCK - place]
                _write_part(handle, _HEADER + block * _BLOCK_BYTES, place, _rows(first + done, part))
                done += len(part)
            os.fdatasync(handle)
            os.pwrite(handle, (first + done).to_bytes(8, "little"), 0)

    def drop(self) -> None:
        """Begin again; the caller holds the lock. Searches under way keep the file they have."""
        self._begin()

    def holds(self, position: int, kept: bytes | None) -> bool:
        """Return whether these are the prints of the photo at that place, which is counted."""
        low, rest = self._blocks(position // BLOCK + 1)[-1]
        place = position % BLOCK
        row = np.concatenate((low.reshape(BLOCK, PRINTS, 1)[place], rest.reshape(BLOCK, PRINTS, 3)[place]), axis=1)
        return bool((row == _rows(position, [kept])[0]).all())

    def search(self, codes: Sequence[Codes], low: int = NEAR_LOW, near: int = NEAR) -> list[Found]:
        """Return every kept print that differs from one of `codes` in at most `low` of the first 64 bits and at most
        `near` of all 256, the nearest first."""
        count = self.count()
        found: list[Found] = []
        room = np.empty(_LOW, np.uint64), np.empty(_LOW, np.uint8), np.empty(_LOW, np.bool_)
        for block, (firsts, rest) in enumerate(self._blocks(-(-count // BLOCK))):
            length = min(BLOCK, count - block * BLOCK) * PRINTS
            for way, code in enumerate(codes):
                hits = _near(firsts[:length], code[0], low, room)
                if hits.size:
                    found += _whole(firsts, rest, hits, code, near, block * BLOCK, way)
        return sorted(found)

    def _blocks(self, number: int) -> list[tuple[Any, Any]]:
        """Return the first words and the other words of so many blocks, mapped."""
        if number == 0:
            return []
        words = np.asarray(np.memmap(self._path, "<u8", "r", _HEADER, (number, BLOCK * _WORDS)))
        return [(block[:_LOW], block[_LOW:].reshape(_LOW, 3)) for block in words]

    def _begin(self) -> None:
        handle, temporary = tempfile.mkstemp(dir=self._path.parent, prefix=".likeness.")
        with os.fdopen(handle, "wb") as file:
            file.truncate(_HEADER)
        os.replace(temporary, self._path)
        for old in self._path.parent.glob("likeness-*.prints"):
            if old != self._path:
                old.unlink(missing_ok=True)


def _near(words: Any, code: Any, low: int, room: tuple[Any, Any, Any]) -> Any:
    """Return which of the words differ from `code` in at most `low` bits, without asking for memory."""
    xor, bits, near = (part[: words.size] for part in room)
    np.bitwise_xor(words, code, out=xor)
    np.bitwise_count(xor, out=bits)
    np.less_equal(bits, low, out=near)
    return np.flatnonzero(near)


def _whole(firsts: Any, rest: Any, hits: Any, code: Codes, near: int, base: int, way: int) -> list[Found]:
    bits = np.bitwise_count(firsts[hits] ^ code[0]).astype(np.intp)
    bits += np.bitwise_count(rest[hits] ^ code[1:]).sum(axis=1, dtype=np.intp)
    return [
        (int(b), base + int(hit) // PRINTS, int(hit) % PRINTS, way)
        for b, hit in zip(bits, hits, strict=True)
        if b <= near
    ]


def _rows(first: int, kept: Sequence[bytes | None]) -> Any:
    """Return the words of these photos. Where there is nothing to compare stand words that resemble nothing."""
    rows = np.empty((len(kept), PRINTS, 4), "<u8")
    for place, prints in enumerate(kept):
        if prints:
            rows[place] = unpacked(prints)
        else:
            rows[place] = np.random.default_rng((_FILLER, first + place)).integers(0, 2**64, (PRINTS, 4), np.uint64)
    return rows


def _write_part(handle: int, start: int, place: int, rows: Any) -> None:
    os.truncate(handle, max(os.fstat(handle).st_size, start + _BLOCK_BYTES))
    os.pwrite(handle, rows[:, :, 0].tobytes(), start + place * PRINTS * 8)
    os.pwrite(handle, rows[:, :, 1:].tobytes(), start + (_LOW + place * PRINTS * 3) * 8)
