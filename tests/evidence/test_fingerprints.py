"""Prints find a photo again whatever was done to it, and tell different ones apart; alignment proves one exposure."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from evidence import altered, corpus
from PIL import Image

from app.evidence import alignment, fingerprints, photos

pytestmark = pytest.mark.slow

EXPOSURES = [corpus.scenery(1200, 900, seed) for seed in (2, 3, 4)]
WAYS = altered.ways(np.random.default_rng(7))


def light_of(image: Image.Image) -> fingerprints.Light:
    """As the worker sees it: through a JPEG and the thumbnail."""
    small = image.convert("RGB")
    small.thumbnail((photos.THUMB_EDGE, photos.THUMB_EDGE))
    return fingerprints.grey(corpus.encoded(small, quality=photos.QUALITY))


def compared(asked: fingerprints.Light, kept: fingerprints.Light) -> alignment.Agreement | None:
    """The best agreement over every way of asking that comes near enough, None where none does."""
    prints, best = fingerprints.prints(kept), None
    for way in fingerprints.queries(asked):
        bits = np.bitwise_count(way.code ^ prints).astype(int)
        for crop in np.flatnonzero((bits[:, 0] <= fingerprints.NEAR_LOW) & (bits.sum(axis=1) <= fingerprints.NEAR)):
            start = alignment.guess(asked, way.box, way.degrees, way.mirrored, fingerprints.CROPS[crop])
            found = alignment.agreement(asked, kept, start)
            best = found if best is None or found.share > best.share else best
    return best


@pytest.mark.parametrize("way", WAYS)
def test_an_altered_photo_is_found_and_proven(way: str) -> None:
    for image in EXPOSURES:
        found = compared(light_of(WAYS[way](image)), light_of(image))
        assert found is not None, "its print is too far away"
        assert found.share >= alignment.SIMILAR and found.squares >= alignment.SQUARES, found


@pytest.mark.slow
def test_what_was_only_sent_on_is_the_same_exposure_beyond_doubt() -> None:
    for image in EXPOSURES:
        for way in (n for n in WAYS if n.startswith(("JPEG", "resized", "cropped by 5%", "mirrored"))):
            found = compared(light_of(WAYS[way](image)), light_of(image))
            assert found is not None and found.share >= alignment.SAME, way


def test_the_original_is_found_from_its_crop_and_the_crop_from_its_original() -> None:
    whole, part = light_of(EXPOSURES[0]), light_of(altered.trimmed(EXPOSURES[0], 0.025))
    for asked, kept in ((whole, part), (part, whole)):
        found = compared(asked, kept)
        assert found is not None and found.share >= alignment.SAME


@pytest.mark.slow
def test_different_pictures_are_not_compared_and_would_not_agree() -> None:
    lights = [light_of(corpus.scenery(1200, 900, seed)) for seed in range(2, 12)]
    for one in lights:
        for other in lights:
            if one is not other:
                assert compared(one, other) is None
                start = alignment.guess(one, fingerprints.WHOLE, 0, False, fingerprints.WHOLE)
                assert alignment.agreement(one, other, start).share < alignment.SIMILAR


@pytest.mark.parametrize("path", corpus.real("gps"), ids=lambda p: p.stem)
def test_real_photos_of_one_town_are_not_taken_for_each_other(path: Path) -> None:
    mine = fingerprints.grey(photos.render(path, "image/jpeg").thumb)
    for other in corpus.real("gps"):
        if other != path:
            found = compared(mine, fingerprints.grey(photos.render(other, "image/jpeg").thumb))
            assert found is None or found.share < alignment.SIMILAR, other.name


def test_another_shot_of_the_same_scene_is_no_proven_copy() -> None:
    """Near and far move against each other when the phone does, and nothing lays that over the first shot."""
    for image in EXPOSURES:
        for parallax, limit in ((0.01, alignment.SAME), (0.02, alignment.SIMILAR)):
            found = compared(light_of(altered.shot_again(image, parallax, np.random.default_rng(2))), light_of(image))
            assert found is not None, "its coarse light is the same"
            assert found.share < limit


@pytest.mark.parametrize(
    "image",
    [Image.new("RGB", (800, 600), "black"), Image.new("RGB", (800, 600), (180, 175, 170)),
     Image.linear_gradient("L").resize((800, 600))],
    ids=["night", "wall", "sky"],
)  # fmt: skip
def test_a_picture_of_nothing_has_no_detail(image: Image.Image) -> None:
    rng = np.random.default_rng(1)
    grain = np.asarray(image.convert("L"), np.float32) + rng.normal(0, 1.5, image.size[::-1])
    noisy = Image.fromarray(grain.clip(0, 255).astype(np.uint8))
    assert fingerprints.detail(light_of(image)) < fingerprints.LITTLE
    assert fingerprints.detail(light_of(noisy)) < fingerprints.LITTLE


def test_a_photo_of_something_has_detail() -> None:
    assert all(fingerprints.detail(light_of(image)) > 0.1 for image in EXPOSURES)
    for path in corpus.real("gps", "phones"):
        assert fingerprints.detail(fingerprints.grey(photos.render(path, "image/jpeg").thumb)) > fingerprints.LITTLE


@pytest.mark.parametrize("size", [(1, 1), (1, 320), (320, 1), (2, 3), (15, 17), (320, 4)])
def test_the_smallest_pictures_have_prints_too(size: tuple[int, int]) -> None:
    light = fingerprints.grey(corpus.encoded(Image.new("L", size, 90)))
    assert fingerprints.prints(light).shape == (len(fingerprints.CROPS), 4)
    assert len(fingerprints.queries(light)) >= 4
    assert fingerprints.detail(light) == 0
    start = alignment.guess(light, fingerprints.WHOLE, 3.5, True, fingerprints.CROPS[3])
    assert alignment.agreement(light, light, start).squares == 0


def test_prints_are_kept_to_the_bit() -> None:
    codes = fingerprints.prints(light_of(EXPOSURES[0]))
    kept = fingerprints.packed(codes)
    assert len(kept) == len(fingerprints.CROPS) * fingerprints.BITS // 8
    assert (fingerprints.unpacked(kept) == codes).all()
    assert fingerprints.distance(codes[0], codes[0]) == 0
    assert fingerprints.distance(codes[0], codes[0] ^ np.uint64(5)) == 8


def test_a_damaged_thumbnail_is_told() -> None:
    with pytest.raises(OSError):
        fingerprints.grey(b"\xff\xd8\xff\xe0 no picture")
    with pytest.raises(OSError):
        fingerprints.grey(io.BytesIO(corpus.encoded(EXPOSURES[0])).getvalue()[:3000])
