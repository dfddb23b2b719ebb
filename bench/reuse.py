"""Finding a photo again after what people do to it, beside a plain 64-bit pHash on the same pictures.

Every real photo (phones, one town's streets in `gps/`, HEIC) is altered in every way of tests/evidence/altered.py and
looked for among all originals. A photo counts as flagged when its print comes near and, laid over the original, enough
of its detail agrees. The baseline flags below the one distance at which it, too, raises at most 0.1 % false flags over
all unrelated pairs. Unrelated are all photos to each other and, for more of them, their quarters.

Also: second shots of one scene (not copies), and photos of screens, both made up, for there are no real ones at hand.
"""

from __future__ import annotations

import io
import itertools
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from app.evidence import alignment, fingerprints, photos, recapture
from bench.harness import ROOT, Row, row

SHARED = Path(os.environ.get("DOORSTEP_SHARED") or ROOT.parent / "shared") / "data" / "photos"
FALSE: Final = 0.001
Light = fingerprints.Light

from evidence import altered  # noqa: E402 - found only after bench.harness


class Seen:
    """A picture as the worker sees it, with all that is compared of it."""

    def __init__(self, light: Light) -> None:
        self.light, self.kept, self.plain = light, fingerprints.prints(light), _plain(light)
        telling = fingerprints.detail(light) >= fingerprints.LITTLE
        self.ways = fingerprints.queries(light) if telling else []


def run() -> Iterator[Row]:
    """Yield recall per way, false flags, second shots and screens; nothing without the real photos."""
    rng = np.random.default_rng(20261120)
    scenes, book = _originals()
    quarters = _quarters(scenes)
    strangers = list(itertools.permutations(book.values(), 2))
    parts = {name: Seen(_light(part)) for name, part in quarters.items()}
    strangers += [
        (parts[one], parts[other])
        for one, other in itertools.permutations(parts, 2)
        if one.split("#")[0] != other.split("#")[0]
    ]
    limit, false = _limit(strangers)
    flags = float(np.mean([_agreement(one, other) >= alignment.SIMILAR for one, other in strangers]))
    yield row("reuse.false", "false flags over all unrelated pairs", max(flags, 1e-6), "share", false,
              len(strangers), False)  # fmt: skip
    for name, alter in altered.ways(rng).items():
        yield from _recall(name, {key: alter(scene) for key, scene in scenes.items()}, book, limit)
    for parallax in (0.003, 0.006, 0.01, 0.02):
        shots = {key: altered.shot_again(scene, parallax, rng) for key, scene in scenes.items()}
        name = f"second shots by hand, not copies, parallax {parallax:.1%} (made up)"
        yield from _recall(name, shots, book, limit, higher_is_better=False)
    yield from _screens(scenes, quarters, rng)


def _recall(
    name: str, asked: dict[str, Image.Image], book: dict[str, Seen], limit: int, higher_is_better: bool = True
) -> Iterator[Row]:
    """Yield the share that is flagged at all and the share proven to be one exposure, beside the plain hash."""
    seen = {key: Seen(_light(image)) for key, image in asked.items()}
    shares = [_agreement(one, book[key]) for key, one in seen.items()]
    plain = max(float(np.mean([_bits(one.plain, book[key].plain) <= limit for key, one in seen.items()])), 1e-6)
    for bench, least in (("reuse.flagged", alignment.SIMILAR), ("reuse.proven", alignment.SAME)):
        value = float(np.mean([share >= least for share in shares]))
        yield row(bench, name, max(value, 1e-6), "share", plain, len(shares), higher_is_better)


def _originals() -> tuple[dict[str, Image.Image], dict[str, Seen]]:
    """Return the photos as they are shown, and as their thumbnails show them."""
    scenes, lights = {}, {}
    for path in sorted(p for folder in ("phones", "gps", "heic") for p in (SHARED / folder).glob("*")):
        media_type = "image/heic" if path.suffix.lower() in (".heic", ".heif") else "image/jpeg"
        photo = photos.render(path, media_type)
        scenes[path.stem + path.suffix] = Image.open(io.BytesIO(photo.display)).convert("RGB")
        lights[path.stem + path.suffix] = Seen(fingerprints.grey(photo.thumb))
    if not scenes:
        raise RuntimeError(f"no photos in {SHARED}: set DOORSTEP_SHARED")
    return scenes, lights


def _quarters(scenes: dict[str, Image.Image]) -> dict[str, Image.Image]:
    found = {}
    for name, scene in scenes.items():
        wide, high = scene.width // 2, scene.height // 2
        for x, y in itertools.product((0, 1), repeat=2):
            found[f"{name}#{x}{y}"] = scene.crop((x * wide, y * high, (x + 1) * wide, (y + 1) * high))
    return found


def _light(image: Image.Image) -> Light:
    """Return what prints are taken from, through the worker's own pipeline."""
    with tempfile.NamedTemporaryFile(suffix=".jpg") as file:
        image.save(file, "JPEG", quality=92)
        file.flush()
        return fingerprints.grey(photos.render(Path(file.name), "image/jpeg").thumb)


def _agreement(asked: Seen, other: Seen) -> float:
    """Return the best agreement as `likeness.like` finds it, 0 when no print comes near."""
    near = []
    for way in asked.ways:
        bits = np.bitwise_count(way.code ^ other.kept).astype(int)
        close = (bits[:, 0] <= fingerprints.NEAR_LOW) & (bits.sum(axis=1) <= fingerprints.NEAR)
        near += [(int(bits[crop].sum()), int(crop), way) for crop in np.flatnonzero(close)]
    best = 0.0
    for _, crop, way in sorted(near, key=lambda hit: hit[0])[:3]:
        start = alignment.guess(asked.light, way.box, way.degrees, way.mirrored, fingerprints.CROPS[crop])
        best = max(best, alignment.agreement(asked.light, other.light, start).share)
    return best


def _plain(light: Light) -> int:
    """Return the 64-bit pHash: 32 × 32, cosine transform, 8 × 8 lowest frequencies against their median."""
    small = np.asarray(light.resize((32, 32), Image.Resampling.LANCZOS))
    waves = np.cos(np.pi * np.arange(8)[:, None] * (np.arange(32) + 0.5)[None] / 32)
    low = (waves @ small @ waves.T).ravel()
    return int("".join("1" if value > np.median(low[1:]) else "0" for value in low), 2)


def _bits(one: int, other: int) -> int:
    return (one ^ other).bit_count()


def _limit(strangers: list[tuple[Seen, Seen]]) -> tuple[int, float]:
    """Return the widest distance of the plain hash with at most 0.1 % false flags, and those."""
    found = np.array([_bits(one.plain, other.plain) for one, other in strangers])
    limit = max(d for d in range(64) if (found <= d).mean() <= FALSE)
    return limit, max(float((found <= limit).mean()), 1e-6)


def _screens(scenes: dict[str, Image.Image], quarters: dict[str, Image.Image], rng: Any) -> Iterator[Row]:
    """Yield how many photos of screens are hinted at, beside how many photos of the world are."""
    world = [recapture.recaptured(image).score for image in (*scenes.values(), *quarters.values())]
    wrong = float(np.mean([score >= recapture.HINT for score in world]))
    screens = [
        altered.photographed_from_screen(scene, float(rng.uniform(1, 3)), float(rng.uniform(-4, 4)))
        for scene in scenes.values()
    ]
    ways = {"as taken": lambda i: i, "JPEG 60": lambda i: altered.recompressed(i, 60),
            "halved, JPEG 85": lambda i: altered.recompressed(altered.resized(i, 0.65), 85)}  # fmt: skip
    for name, alter in ways.items():
        scores = [recapture.recaptured(alter(screen)).score for screen in screens]
        hinted = float(np.mean([score >= recapture.HINT for score in scores]))
        case = f"photos of screens hinted at (made up), {name}; baseline: photos of the world"
        yield row("reuse.screens", case, hinted, "share", max(wrong, 1e-6), len(screens))
    yield row("reuse.screen_score", "highest score of a photo of the world; baseline: the hint", max(world), "",
              recapture.HINT, len(world), False)  # fmt: skip
