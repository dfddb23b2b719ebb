"""Perceptual prints: 256 bits of a picture's coarse light and shade, which survive what people do to a photo. Pure.

A bit is the sign of one low frequency of the cosine transform (pHash); the first 64 bits are the lowest frequencies.
Signs, not comparisons with a median: brightness and contrast leave them alone, and a mirrored picture has the same bits
with every odd horizontal frequency turned over, so that it costs no transform of its own.

A photo is kept with the prints of itself and of seven crops, and asked for as it is, mirrored, turned a little, and cut
to what lies inside a flat frame (a screenshot, a strip with time and place). How far prints of one and of different
pictures lie apart is measured in bench/reuse.py; the limits here come from there.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Light = Image.Image
"""A grey picture, its tones as floats from 0 to 255."""
Pixels = NDArray[np.float32]
Codes = NDArray[np.uint64]
Tones = NDArray[np.intp]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom as shares of width and height."""

BITS: Final = 256
EDGE: Final = 320
"""Long edge in pixels of the grey picture that prints are taken from: the thumbnail's."""
WHOLE: Final[Box] = (0.0, 0.0, 1.0, 1.0)
CROPS: Final[tuple[Box, ...]] = (
    WHOLE,
    *((m, m, 1 - m, 1 - m) for m in (0.025, 0.05, 0.09)),
    (0.0, 0.0, 0.94, 0.94), (0.06, 0.0, 1.0, 0.94), (0.0, 0.06, 0.94, 1.0), (0.06, 0.06, 1.0, 1.0),
)  # fmt: skip
TURN: Final = 3.5
"""Degrees by which a photo is also turned before it is asked for."""
NEAR_LOW: Final = 14
"""Of the 64 lowest frequencies at most so many may differ, of all 256 at most `NEAR`, for two photos to be compared."""
NEAR: Final = 88
LITTLE: Final = 0.05
"""Detail below which a picture is not asked for: a black night or a bare wall is like every other one."""

_SIDE: Final = 18
_SAMPLES: Final = 64
_FREQUENCIES: Final = sorted(
    ((u, v) for u in range(_SIDE) for v in range(_SIDE) if u + v), key=lambda f: (f[0] ** 2 + f[1] ** 2, f)
)[:BITS]
_U: Final = np.array([u for u, _ in _FREQUENCIES])
_V: Final = np.array([v for _, v in _FREQUENCIES])


@dataclass(frozen=True, slots=True)
class Query:
    """One way of asking for a picture: the print of `box` of it, turned by `degrees` and mirrored or not."""

    code: Codes
    box: Box = WHOLE
    degrees: float = 0.0
    mirrored: bool = False


def grey(picture: bytes) -> Light:
    """Return the grey picture of a thumbnail's JPEG. Raises `OSError` for what is no picture."""
    with Image.open(io.BytesIO(picture), formats=("JPEG",)) as image:
        image.draft("L", None)
        light = image.convert("L")
    light.thumbnail((EDGE, EDGE), Image.Resampling.BICUBIC)
    return light.convert("F")


def prints(light: Light) -> Codes:
    """Return the prints to be kept, one row of four words for each of `CROPS`."""
    return np.stack([_code(light, box) for box in CROPS])


def queries(light: Light) -> list[Query]:
    """Return the ways to ask for a picture, the plain one first."""
    plain = _code(light, WHOLE)
    ways = [Query(plain), Query(plain ^ _MIRROR, mirrored=True)]
    for degrees in (TURN, -TURN):
        turned, box = turn(light, degrees)
        ways.append(Query(_code(turned, box), box, degrees))
    return ways + [Query(_code(light, box), box) for box in framed(light)]


def distance(one: Codes, other: Codes) -> int:
    """Return how many of 256 bits differ."""
    return int(np.bitwise_count(one ^ other).sum())


def detail(light: Light) -> float:
    """Return the share, 0 to 1, of small squares of the picture in which there is something to see."""
    pixels = np.asarray(light)
    side = max(4, max(pixels.shape) // 40)
    high, wide = pixels.shape[0] // side, pixels.shape[1] // side
    if not high or not wide:
        return 0.0
    squares = pixels[: high * side, : wide * side].reshape(high, side, wide, side)
    return float((squares.std(axis=(1, 3)) > 3.0).mean())


def turn(light: Light, degrees: float) -> tuple[Light, Box]:
    """Return the picture turned counter-clockwise, and the box of it that holds no corner from outside."""
    wide, high = light.size
    slope = math.radians(abs(degrees))
    share = min(
        wide / (wide * math.cos(slope) + high * math.sin(slope)),
        high / (wide * math.sin(slope) + high * math.cos(slope)),
    )
    margin = (1 - share) / 2
    return light.rotate(degrees, Image.Resampling.BILINEAR), (margin, margin, 1 - margin, 1 - margin)


def framed(light: Light) -> list[Box]:
    """Return boxes inside what was put around or under a picture: flat, with little on it.

    A strip below it with time and place; a frame of one tone, as screenshots have; and, so that a window's title goes
    too, all flat lines, be they sky. These are more ways of asking, never the only one.
    """
    pixels = np.asarray(light)
    found = (_above_strip(pixels), _inside(pixels, _one_tone), _inside(pixels, _longest_run))
    return [box for number, box in enumerate(found) if box is not None and box not in found[:number]]


def _above_strip(pixels: Pixels) -> Box | None:
    tones = _tones(pixels)
    strip = _framing(tones[::-1], int(tones[-1]), 1 / 3)
    return (0.0, 0.0, 1.0, 1 - strip / tones.size) if 0.02 < strip / tones.size < 0.4 else None


def _inside(pixels: Pixels, cut: Callable[[Tones, int], tuple[int, int]]) -> Box | None:
    high, wide = pixels.shape
    tones = _tones(pixels)
    tone = int(tones[-1])
    top, bottom = cut(tones, tone)
    left, right = cut(_tones(pixels[top:bottom].T), tone)
    if bottom - top < 16 or right - left < 16 or (bottom - top) * (right - left) > 0.97 * high * wide:
        return None
    return left / wide, top / high, right / wide, bottom / high


def _tones(lines: Pixels) -> Tones:
    """Return for each line the tone (in steps of 8) that fills three quarters of it, -1 where none does."""
    count, length = lines.shape
    if not count or not length:
        return np.empty(0, np.intp)
    steps = (lines / 8).astype(np.intp).clip(0, 31) + np.arange(count)[:, None] * 33
    counts = np.bincount(steps.ravel(), minlength=count * 33).reshape(count, 33)
    # Two neighbouring steps, because a tone may lie on the edge between them.
    pairs = counts[:, :-1] + counts[:, 1:]
    return np.where(pairs.max(axis=1) >= 0.75 * length, pairs.argmax(axis=1), -1)


def _one_tone(tones: Tones, tone: int) -> tuple[int, int]:
    """Return begin and end of the lines between those of that tone at both ends."""
    return _framing(tones, tone, 0.6), tones.size - _framing(tones[::-1], tone, 0.6)


def _framing(tones: Tones, tone: int, share: float) -> int:
    """Return how many of the first lines are frame: up to the last one of that tone before which that share have it.

    The others are what is written on it.
    """
    alike = (tone >= 0) & (tones >= 0) & (np.abs(tones - tone) <= 1)
    mostly = np.cumsum(alike) >= np.arange(1, tones.size + 1) * share
    last = np.flatnonzero(alike & mostly)
    return int(last[-1]) + 1 if last.size else 0


def _longest_run(tones: Tones, _tone: int) -> tuple[int, int]:
    """Return begin and end of the longest run of lines without a tone; two in a row may have one."""
    places = np.flatnonzero(tones < 0)
    if not places.size:
        return 0, 0
    longest = max(np.split(places, np.flatnonzero(np.diff(places) > 3) + 1), key=len)
    return int(longest[0]), int(longest[-1]) + 1


def _code(light: Light, box: Box) -> Codes:
    """Return four words: the signs of 256 low frequencies of that box of the picture."""
    wide, high = light.size
    place = (box[0] * wide, box[1] * high, box[2] * wide, box[3] * high)
    small = np.asarray(light.resize((_SAMPLES, _SAMPLES), Image.Resampling.BOX, box=place))
    found = (_WAVES @ small @ _WAVES.T)[_V, _U]
    return np.packbits(found > 0, bitorder="little").view("<u8").astype(np.uint64)


_WAVES: Final = np.cos(np.pi * np.arange(_SIDE)[:, None] * (np.arange(_SAMPLES) + 0.5)[None] / _SAMPLES).astype(
    np.float32
)
_MIRROR: Final = np.packbits(_U % 2 == 1, bitorder="little").view("<u8").astype(np.uint64)


def packed(codes: Codes) -> bytes:
    """Return prints as they are kept."""
    return codes.astype("<u8").tobytes()


def unpacked(kept: bytes) -> Any:
    """Return kept prints as rows of four words."""
    return np.frombuffer(kept, "<u8").reshape(-1, BITS // 64)
