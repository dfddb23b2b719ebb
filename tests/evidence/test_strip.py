"""The strip under a photo: what it says, that the picture above it is untouched, and that no name can break it."""

from __future__ import annotations

import io
import unicodedata

import pytest
from evidence import corpus
from PIL import Image, ImageChops

from app.evidence import photos, strip
from app.evidence.caption import GALLERY, Sealed, caption

SHA = "a1b2c3d4e5f6" + "0" * 52
PLAIN = {
    "number": "DL-20261128-0042", "unit": "树林召镇人民政府", "phase": "after", "source": "camera",
    "taken": "2026-11-28 09:12:33", "sha256": SHA, "latitude": 40.40879, "longitude": 110.04011, "accuracy_m": 8.4,
}  # fmt: skip
UNKIND = (
    "", "一" * 4000, "x" * 4000, "\n\r\t\x0b", "\U0001f600\u200d\U0001f467", "\u202eabc\u2066", "\U00020bb7野镇㐀",
    "\ufffd\ue000\U0010ffff", "a\u0301" * 300,
)  # fmt: skip


def sealed(**other: object) -> Sealed:
    return Sealed(**PLAIN | other)  # type: ignore[arg-type]


def test_it_says_ticket_phase_time_place_unit_and_that_nothing_was_changed() -> None:
    said = caption(sealed())
    assert said.warning is None
    assert said.words == (
        "工单 DL-20261128-0042", "办理后", "拍摄 2026-11-28 09:12:33", "40.40879, 110.04011 ±8 米",
        "树林召镇人民政府", "未改动 a1b2c3d4e5f6",
    )  # fmt: skip


def test_a_picture_from_the_album_is_never_called_anything_else() -> None:
    said = caption(sealed(source="gallery", latitude=None, longitude=None, accuracy_m=None))
    assert said.warning == GALLERY == "相册导入·未验证"
    assert "文件时间 2026-11-28 09:12:33" in said.words and "无定位" in said.words
    assert "导入后未改动 a1b2c3d4e5f6" in said.words and not any(word.startswith("拍摄") for word in said.words)


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_it_stands_below_the_picture_and_every_pixel_of_the_picture_stays(mode: str) -> None:
    picture = corpus.scenery(1200, 900).convert(mode)
    whole = strip.below(picture, caption(sealed()))
    assert whole.mode == mode and whole.width == 1200 and whole.height > 900
    assert ImageChops.difference(whole.crop((0, 0, 1200, 900)), picture).getbbox() is None
    added = whole.crop((0, 900, 1200, whole.height)).convert("L")
    assert added.getextrema()[1] > 200, "words are drawn"
    assert added.height < 900 / 3


@pytest.mark.parametrize("name", UNKIND)
@pytest.mark.parametrize("size", [(160, 90), (2304, 12), (640, 480)])
def test_no_name_and_no_shape_breaks_it(name: str, size: tuple[int, int]) -> None:
    said = caption(sealed(unit=name, number=name, source="gallery"))
    assert all(len(word) <= 80 for word in said.words)
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Co", "Cn") for word in said.words for c in word)
    whole = strip.below(Image.new("RGB", size), said)
    assert whole.width == size[0] and size[1] < whole.height < 40_000


def test_where_no_word_would_fit_the_picture_stands_alone() -> None:
    picture = Image.new("RGB", (strip.MIN_WIDTH - 1, 400))
    assert strip.below(picture, caption(sealed())) is picture


def test_only_the_display_has_it_and_its_measures_are_told(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "original"
    path.write_bytes(corpus.turned(6))
    bare, told = photos.render(path, "image/jpeg"), photos.render(path, "image/jpeg", caption(sealed()))
    assert path.read_bytes() == corpus.turned(6)
    assert (bare.strip_px, bare.thumb, bare.facts) == (0, told.thumb, told.facts)
    shown = Image.open(io.BytesIO(told.display))
    assert shown.size == (told.display_width, told.display_height + told.strip_px) and told.strip_px > 40
    assert Image.open(io.BytesIO(bare.display)).size == (told.display_width, told.display_height)
