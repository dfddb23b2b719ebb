"""Whether two pictures are one exposure: one is laid over the other, then compared square by square. Pure.

Prints only say that two photos are worth comparing. Two photos of one place have the same coarse light and shade, but
no turning and stretching makes their details coincide; a copy's do, however it was cropped, shrunk or written over.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.evidence.fingerprints import Box, Light

Pixels = NDArray[np.float32]
Matrix = NDArray[np.float64]
"""Three by three; takes places in the one picture to places in the other, both in pixels of the `EDGE` sizes."""

SAME: Final = 0.8
"""Agreement from which two pictures are one exposure."""
SIMILAR: Final = 0.4
"""Agreement from which they are worth a look; the most that different pictures reached was 0.06."""
SQUARES: Final = 24
"""With fewer squares that show something there is no saying."""

_EDGES: Final = (56, 160)
"""Long edge in pixels at which pictures are laid over each other, coarse and fine."""
_ROUNDS: Final = (14, 10)
_SQUARE: Final = 8
_TEXTURE: Final = 3.0
"""Standard deviation in grey steps from which a square shows something."""
_ALIKE: Final = 0.75
"""Correlation from which a square shows the same in both."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """`share` of the squares with detail that show the same, 0 to 1; `squares` is how many there were."""

    share: float
    squares: int


def agreement(asked: Light, kept: Light, guess: Matrix) -> Agreement:
    """Return how much of two grey pictures is the same; `guess` takes shares of `asked` to shares of `kept`."""
    matrix = guess
    for edge, rounds in zip(_EDGES, _ROUNDS, strict=True):
        one, other = _shrunk(asked, edge), _shrunk(kept, edge)
        matrix = _refined(one, other, matrix, rounds)
    return _compared(one, other, matrix)


def guess(asked: Light, box: Box, degrees: float, mirrored: bool, crop: Box) -> Matrix:
    """Return where shares of the picture asked for lie in the kept one, whose `crop` its `box` was found like.

    `box` lies in the picture after it was turned and, if so, mirrored.
    """
    wide, high = asked.size
    slope = math.radians(degrees)
    pixels = np.diag([wide, high, 1.0])
    # A picture's y runs downward: turning it counter-clockwise takes places by this matrix.
    turned = np.array([[math.cos(slope), math.sin(slope), 0], [-math.sin(slope), math.cos(slope), 0], [0, 0, 1]])
    about = _moved(wide / 2, high / 2) @ turned @ _moved(-wide / 2, -high / 2)
    flipped = np.array([[-1.0, 0, 1], [0, 1, 0], [0, 0, 1]]) if mirrored else np.eye(3)
    made: Matrix = _onto(crop) @ np.linalg.inv(_onto(box)) @ flipped @ np.linalg.inv(pixels) @ about @ pixels
    return made


def _onto(box: Box) -> Matrix:
    """Return what takes shares of a box to shares of the picture it lies in."""
    return np.array([[box[2] - box[0], 0, box[0]], [0, box[3] - box[1], box[1]], [0, 0, 1.0]])


def _moved(x: float, y: float) -> Matrix:
    return np.array([[1.0, 0, x], [0, 1.0, y], [0, 0, 1.0]])


def _shrunk(light: Light, edge: int) -> Light:
    share = min(1.0, edge / max(light.size))
    size = max(8, round(light.width * share)), max(8, round(light.height * share))
    return light.resize(size, Image.Resampling.BOX if share < 1 else Image.Resampling.BILINEAR)


def _levelled(light: Light) -> Pixels:
    """Return the picture with light and contrast evened out, so that only what it shows is left."""
    pixels = np.asarray(light, np.float32)
    radius = max(2, max(pixels.shape) // 12)
    mean = _blurred(pixels, radius)
    spread = np.sqrt(np.maximum(_blurred(pixels * pixels, radius) - mean * mean, 0)) + 4
    level: Pixels = np.clip((pixels - mean) / spread, -2.5, 2.5)
    return level


def _blurred(pixels: Pixels, radius: int) -> Pixels:
    """Return the mean over squares of that radius; at the edges over what there is of them."""
    for axis in (0, 1):
        total = np.cumsum(pixels, axis=axis, dtype=np.float64)
        total = np.concatenate((np.zeros_like(np.take(total, [0], axis)), total), axis)
        at = np.arange(pixels.shape[axis])
        last, first = np.minimum(at + radius + 1, at.size), np.maximum(at - radius, 0)
        sums = np.take(total, last, axis) - np.take(total, first, axis)
        shape = (-1, 1) if axis == 0 else (1, -1)
        pixels = (sums / (last - first).reshape(shape)).astype(np.float32)
    return pixels


def _refined(one: Light, other: Light, start: Matrix, rounds: int) -> Matrix:
    """Return the affine matrix near `start` that lays `one` best over `other` (Gauss-Newton on evened-out light)."""
    target = _levelled(one)
    source = Image.fromarray(_levelled(other))
    high, wide = target.shape
    y, x = np.mgrid[0:high, 0:wide].astype(np.float32)
    across, down = (x + 0.5) / wide - 0.5, (y + 0.5) / high - 0.5
    best, best_error, matrix = start, math.inf, start
    for _ in range(rounds):
        laid, inside = _laid(source, matrix, target.shape)
        count = int(inside.sum())
        if count < target.size // 5:
            break
        rest = (target - laid) * inside
        # What does not coincide at all is a watermark or another picture: it must not pull.
        rest *= 1 / (1 + rest * rest)
        error = 1 - float((target * laid * inside).sum()) / max(
            1e-6, math.sqrt(float((target**2 * inside).sum()) * float((laid**2 * inside).sum()))
        )
        if error < best_error:
            best, best_error = matrix, error
        change = _step(laid, inside, across, down, rest)
        if change is None:
            break
        matrix = matrix @ change
        if np.abs(change - np.eye(3)).max() < 0.0005:
            break
    return best


def _step(laid: Pixels, inside: Any, across: Pixels, down: Pixels, rest: Pixels) -> Matrix | None:
    """Return the small affine change of places, in shares, that brings the laid picture nearest."""
    gy, gx = np.gradient(laid)
    gx, gy = gx * inside * laid.shape[1], gy * inside * laid.shape[0]
    slopes = np.stack([gx * across, gx * down, gx, gy * across, gy * down, gy]).reshape(6, -1)
    square = (slopes @ slopes.T).astype(np.float64)
    try:
        a = np.linalg.solve(square + np.eye(6) * (1e-4 * np.trace(square) / 6 + 1e-9), slopes @ rest.ravel())
    except np.linalg.LinAlgError:
        return None
    a = np.clip(a, -0.08, 0.08)
    centred = np.array([[1 + a[0], a[1], a[2]], [a[3], 1 + a[4], a[5]], [0, 0, 1.0]])
    made: Matrix = _moved(0.5, 0.5) @ centred @ _moved(-0.5, -0.5)
    return made


def _laid(source: Light, matrix: Matrix, shape: tuple[int, ...]) -> tuple[Pixels, NDArray[np.bool_]]:
    """Return `source` as seen through the matrix in a picture of that shape, and where it covers it."""
    high, wide = shape
    through = np.diag([source.width, source.height, 1.0]) @ matrix @ np.diag([1 / wide, 1 / high, 1.0])
    laid = source.transform((wide, high), Image.Transform.AFFINE, tuple(through[:2].ravel()), Image.Resampling.BILINEAR)
    y, x = np.mgrid[0:high, 0:wide] + 0.5
    at_x = through[0, 0] * x + through[0, 1] * y + through[0, 2]
    at_y = through[1, 0] * x + through[1, 1] * y + through[1, 2]
    inside = (at_x > 1) & (at_x < source.width - 1) & (at_y > 1) & (at_y < source.height - 1)
    return np.asarray(laid, np.float32), inside


def _compared(one: Light, other: Light, matrix: Matrix) -> Agreement:
    """Compare square by square, where both pictures are and either shows something."""
    target = np.asarray(one, np.float32)
    laid, inside = _laid(other, matrix, target.shape)
    mine, theirs, whole = _squares(target), _squares(laid), _squares(inside.astype(np.float32)).min(axis=1) > 0
    # Slopes of light go: two clear skies would otherwise be the same.
    mine -= mine @ _PLANE.T @ _PLANE
    theirs -= theirs @ _PLANE.T @ _PLANE
    spread, spread_too = mine.std(axis=1), theirs.std(axis=1)
    telling = whole & (np.maximum(spread, spread_too) > _TEXTURE)
    alike = (mine * theirs).mean(axis=1) > _ALIKE * np.maximum(spread * spread_too, 1e-6)
    count = int(telling.sum())
    return Agreement(float((alike & telling).sum()) / count if count else 0.0, count)


def _squares(pixels: Pixels) -> Pixels:
    high, wide = (length // _SQUARE for length in pixels.shape)
    cut = pixels[: high * _SQUARE, : wide * _SQUARE].reshape(high, _SQUARE, wide, _SQUARE)
    made: Pixels = cut.transpose(0, 2, 1, 3).reshape(high * wide, -1).copy()
    return made


def _plane() -> Pixels:
    """Return the level and the two slopes of a square, as vectors at right angles."""
    steps = np.arange(_SQUARE) - (_SQUARE - 1) / 2
    flat = np.ones((_SQUARE, _SQUARE))
    parts = np.stack([flat, flat * steps, flat * steps[:, None]]).reshape(3, -1)
    made: Pixels = (parts / np.linalg.norm(parts, axis=1, keepdims=True)).astype(np.float32)
    return made


_PLANE: Final = _plane()
