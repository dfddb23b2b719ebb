"""A hint that a photo was taken of a screen: its grid of dots, seen through the camera's own grid, makes moiré. Pure.

The picture is looked at in patches. A grid leaves sharp peaks at the same place of every patch's spectrum; walls,
fences and cloth leave them in some patches, at places that differ with distance. What is found is a hint and no more: a
screen photographed from afar, out of focus or much recompressed shows nothing, and bench/reuse.py says how often.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

HINT: Final = 0.5
"""Score from which it is worth a word; no real photo at hand comes near it."""
MOIRE: Final = "moire"

_SIDE: Final = 256
_ACROSS: Final = 4
_DOWN: Final = 3
_LOWEST: Final = 0.07
"""Cycles per pixel below which every picture has strong waves of its own."""
_AXIS: Final = 1
"""Bins beside the axes that edges of buildings and the squares of JPEG fill."""
_SHARE: Final = 0.6
"""Of the patches, in which the peak must be."""
_FAINT: Final = 2.0
_STRONG: Final = 7.0
"""Height of a peak over what is around it, in natural logarithms of power: nothing, and certain."""

Pixels = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Recapture:
    """`score` from 0 to 1, and the reason for it from `HINT` on."""

    score: float
    reason: str | None


def recaptured(picture: Image.Image) -> Recapture:
    """Return how much a picture of display size looks like one of a screen."""
    height = peak(picture)
    score = round(min(1.0, max(0.0, (height - _FAINT) / (_STRONG - _FAINT))), 3)
    return Recapture(score, MOIRE if score >= HINT else None)


def peak(picture: Image.Image) -> float:
    """Return the height of the sharpest peak that most patches share, 0 for a picture smaller than a patch."""
    patches = _patches(picture)
    if not patches:
        return 0.0
    heights = np.stack([_heights(_spectrum(patch))[_WANTED] for patch in patches])
    without = int(len(patches) * (1 - _SHARE))
    return float(np.partition(heights, without, axis=0)[without].max())


def _patches(picture: Image.Image) -> list[Pixels]:
    wide, high = picture.size
    if wide < _SIDE or high < _SIDE:
        return []
    across = np.linspace(0, wide - _SIDE, min(_ACROSS, wide // _SIDE)).astype(int)
    down = np.linspace(0, high - _SIDE, min(_DOWN, high // _SIDE)).astype(int)
    boxes = [(int(x), int(y), int(x) + _SIDE, int(y) + _SIDE) for y in down for x in across]
    return [np.asarray(picture.crop(box).convert("L"), np.float32) for box in boxes]


def _spectrum(patch: Pixels) -> Pixels:
    waves = np.fft.rfft2((patch - patch.mean()) * _WINDOW)
    power: Pixels = np.log(waves.real**2 + waves.imag**2 + 1.0).astype(np.float32)
    return power


def _heights(power: Pixels) -> Pixels:
    """Return by how much each bin, or one beside it, stands over its neighbourhood."""
    wrapped = np.concatenate((power[-8:], power, power[:8]))
    wrapped = np.concatenate((wrapped[:, 8:0:-1], wrapped, wrapped[:, -2:-10:-1]), axis=1)
    total = np.zeros((wrapped.shape[0] + 1, wrapped.shape[1] + 1))
    total[1:, 1:] = wrapped.cumsum(0).cumsum(1)
    around = (total[17:, 17:] - total[:-17, 17:] - total[17:, :-17] + total[:-17, :-17]) / 289
    over = power - around[: power.shape[0], : power.shape[1]].astype(np.float32)
    best = np.maximum(over, np.maximum(np.roll(over, 1, 0), np.roll(over, -1, 0)))
    widened: Pixels = best.copy()
    widened[:, 1:] = np.maximum(widened[:, 1:], best[:, :-1])
    widened[:, :-1] = np.maximum(widened[:, :-1], best[:, 1:])
    return widened


def _wanted() -> Any:
    down, across = np.fft.fftfreq(_SIDE)[:, None], np.fft.rfftfreq(_SIDE)[None]
    far = np.hypot(down, across) > _LOWEST
    edge = (_AXIS + 1.5) / _SIDE
    return far & (np.abs(down) > edge) & (across > edge) & (np.abs(down) < 0.5 - edge) & (across < 0.5 - edge)


_WINDOW: Final = np.outer(np.hanning(_SIDE), np.hanning(_SIDE)).astype(np.float32)
_WANTED: Final = _wanted()
