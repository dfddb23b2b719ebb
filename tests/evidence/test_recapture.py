"""A photo of a screen gives itself away by its moiré; a photo of the world is never called one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from evidence import altered, corpus
from PIL import Image

from app.evidence import photos, recapture

SCENE = corpus.scenery(1600, 1200, 3)


@pytest.mark.parametrize("pitch", [1.2, 1.6, 2.1, 2.6])
def test_a_photo_of_a_screen_is_hinted_at_with_a_reason(pitch: float) -> None:
    seen = recapture.recaptured(altered.photographed_from_screen(SCENE, pitch, degrees=2.5))
    assert seen.score >= recapture.HINT and seen.reason == recapture.MOIRE
    assert 0 <= seen.score <= 1


def test_the_scene_itself_is_not(tmp_path: Path) -> None:
    assert recapture.recaptured(SCENE).reason is None
    assert recapture.recaptured(altered.recompressed(SCENE, 30)).reason is None, "squares of JPEG are no grid"
    assert recapture.recaptured(altered.shown_in_window(SCENE, dark=True)).reason is None, "nor are edges of windows"


@pytest.mark.parametrize("path", corpus.real("phones", "gps", "heic", "orientation"), ids=lambda p: p.stem)
def test_no_real_photo_is_called_one(path: Path) -> None:
    media_type = "image/heic" if path in corpus.real("heic") else "image/jpeg"
    seen = photos.render(path, media_type).recapture
    assert seen.score < recapture.HINT - 0.1 and seen.reason is None


@pytest.mark.parametrize("size", [(1, 1), (255, 900), (256, 256), (3000, 40)])
def test_small_and_flat_pictures_have_a_score_too(size: tuple[int, int]) -> None:
    assert recapture.recaptured(Image.new("RGB", size, "teal")) == recapture.Recapture(0.0, None)


def test_a_bright_wall_with_grain_is_not(tmp_path: Path) -> None:
    grain = np.random.default_rng(1).normal(170, 6, (900, 1200)).clip(0, 255).astype(np.uint8)
    assert recapture.recaptured(Image.fromarray(grain)).reason is None
