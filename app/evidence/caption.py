"""What the strip under a photo says, in words. Pure.

Only what the record says: a position that was not taken is named as missing, and a picture from the album is never
called anything else.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

from app.evidence.phases import LABELS

GALLERY: Final = "相册导入·未验证"
HASH_SHOWN: Final = 12
"""Hex digits of the hash: enough to find the file, short enough to read out."""
_LONGEST: Final = 60


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is known of a photo when its rendition is made.

    `taken` is the phone's time of the shutter as text in the jurisdiction's zone; the place is in WGS-84 degrees.
    """

    number: str
    unit: str
    phase: str
    source: str
    taken: str
    sha256: str
    latitude: float | None = None
    longitude: float | None = None
    accuracy_m: float | None = None


@dataclass(frozen=True, slots=True)
class Caption:
    """The strip's words: `warning` stands out, the others follow in order and may be broken between each other."""

    warning: str | None
    words: tuple[str, ...]


def caption(photo: Sealed) -> Caption:
    """Return what the strip says: ticket, phase, time, place, unit, and that the original is as it was sealed."""
    album = photo.source == "gallery"
    sealed = photo.sha256[:HASH_SHOWN]
    return Caption(
        GALLERY if album else None,
        (
            f"工单 {_plain(photo.number)}",
            LABELS.get(photo.phase, ""),
            f"文件时间 {photo.taken}" if album else f"拍摄 {photo.taken}",
            _place(photo),
            _plain(photo.unit),
            f"导入后未改动 {sealed}" if album else f"未改动 {sealed}",
        ),
    )


def _place(photo: Sealed) -> str:
    if photo.latitude is None or photo.longitude is None:
        return "无定位"
    around = f" ±{photo.accuracy_m:.0f} 米" if photo.accuracy_m is not None else ""
    return f"{photo.latitude:.5f}, {photo.longitude:.5f}{around}"


def _plain(text: str) -> str:
    """Return the text on one line, without what would turn, hide or break it, and no longer than can be read."""
    shown = "".join(" " if unicodedata.category(c) in _UNSEEN else c for c in text)
    shown = " ".join(shown.split())
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"


_UNSEEN: Final = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs")
