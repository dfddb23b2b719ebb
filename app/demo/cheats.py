"""What somebody hands in who was not there: the cheats of the demonstration, for its supervisors to find."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from PIL import Image

from app import clock
from app.demo.pictures import scene

_RATE: Final = 16_000
_SILENT_SECONDS: Final = 41
_AWAY: Final = 0.054
"""Degrees of latitude: six kilometres."""


@dataclass(frozen=True, slots=True)
class Case:
    """What is known of the ticket when its evidence is made up; `model` is the ticket whose picture is borrowed."""

    key: str
    model: str | None
    before: bytes | None
    place: dict[str, float]
    visited: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class Fake:
    """A file, and what is declared otherwise than for an honest photo."""

    content: bytes
    args: dict[str, Any] = field(default_factory=dict)


def evidence(how: str, case: Case) -> Fake:
    """Return the evidence of somebody who cheats that way: copied, same, old, away, edited or silent."""
    return _WAYS[how](case)


def _copied(case: Case) -> Fake:
    """Another ticket's picture, its edges cut off and saved again."""
    assert case.model is not None
    picture = Image.open(io.BytesIO(scene(case.model, after=True)))
    width, height = picture.size
    box = (width // 40, height // 50, width - width // 60, height - height // 40)
    return Fake(_saved(picture.crop(box), 70), {"source": "gallery", "position": None})


def _same(case: Case) -> Fake:
    """The picture from before, handed in once more as the one from after."""
    assert case.before is not None
    return Fake(case.before, {"source": "gallery", "position": None})


def _old(case: Case) -> Fake:
    """A picture from last year, with its own date still in the file."""
    taken = case.at - timedelta(days=390)
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "HUAWEI", "ELS-AN00"
    exif.get_ifd(0x8769)[0x9003] = taken.strftime("%Y:%m:%d %H:%M:%S")
    picture = Image.open(io.BytesIO(scene(case.key, after=True)))
    return Fake(_saved(picture, 88, exif), {"source": "gallery", "position": None, "captured_at": clock.iso(taken)})


def _away(case: Case) -> Fake:
    """A picture taken elsewhere, while the visit is said to have been."""
    position = case.place | {"lat": case.place["lat"] + _AWAY, "accuracy_m": 9.0, "datum": "wgs84"}
    moment = clock.iso(case.visited)
    return Fake(
        scene(f"{case.key} elsewhere", after=True), {"captured_at": moment, "position": position | {"at": moment}}
    )


def _edited(case: Case) -> Fake:
    """A picture from the album that a program has been at."""
    exif = Image.Exif()
    exif[0x0131] = "Adobe Photoshop 25.0 (Windows)"
    picture = Image.open(io.BytesIO(scene(case.key, after=True)))
    return Fake(_saved(picture, 90, exif), {"source": "gallery", "position": None})


def _silent(case: Case) -> Fake:
    """A recording of a call on which nobody speaks."""
    declared = {
        "kind": "audio", "phase": "call", "source": "recorder", "media_type": "audio/mp4", "position": None,
        "duration_s": float(_SILENT_SECONDS),
    }  # fmt: skip
    return Fake(_silence(), declared)


def _silence() -> bytes:
    # Only the demonstration's seeding pays for the codecs.
    import av
    import numpy as np

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "call.m4a"
        with av.open(str(path), "w", format="ipod") as sink:
            track = sink.add_stream("aac", rate=_RATE, layout="mono")
            still = np.zeros((1, 1024), np.float32)
            for number in range(_SILENT_SECONDS * _RATE // 1024):
                frame = av.AudioFrame.from_ndarray(still, format="fltp", layout="mono")
                frame.sample_rate, frame.pts, frame.time_base = _RATE, number * 1024, Fraction(1, _RATE)
                sink.mux(track.encode(frame))
            sink.mux(track.encode(None))
        return path.read_bytes()


def _saved(picture: Image.Image, quality: int, exif: Image.Exif | None = None) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality, exif=exif or Image.Exif())
    return file.getvalue()


_WAYS: Final[dict[str, Callable[[Case], Fake]]] = {
    "copied": _copied, "same": _same, "old": _old, "away": _away, "edited": _edited, "silent": _silent,
}  # fmt: skip
