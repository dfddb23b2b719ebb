"""Renditions of photos: upright, small, without metadata; broken and hostile files are told, not survived by luck."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
from pathlib import Path

import pytest
from evidence import corpus
from PIL import Image

from app.evidence import photos
from app.evidence.media import Rejected

HEIC = corpus.real("heic")


def rendered(tmp_path: Path, content: bytes, media_type: str = "image/jpeg") -> photos.Photo:
    path = tmp_path / "original"
    path.write_bytes(content)
    photo = photos.render(path, media_type)
    assert path.read_bytes() == content
    return photo


def rejected(tmp_path: Path, content: bytes, media_type: str = "image/jpeg") -> Rejected:
    with pytest.raises(Rejected) as rejection:
        rendered(tmp_path, content, media_type)
    return rejection.value


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def assert_upright(content: bytes) -> None:
    image = opened(content).convert("RGB")
    width, height = image.size
    assert width > height
    for number, colour in enumerate(corpus.CORNERS):
        point = (width // 4 + number % 2 * width // 2, height // 4 + number // 2 * height // 2)
        assert image.getpixel(point) == pytest.approx(colour, abs=12), f"corner {number}"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_comes_out_upright(tmp_path: Path, orientation: int) -> None:
    photo = rendered(tmp_path, corpus.turned(orientation))
    assert (photo.width, photo.height) == (3000, 2000)
    assert_upright(photo.display)
    assert_upright(photo.thumb)


def test_renditions_carry_no_metadata_and_the_facts_are_kept(tmp_path: Path) -> None:
    photo = rendered(tmp_path, corpus.turned(6))
    for content in (photo.display, photo.thumb):
        image = opened(content)
        assert image.format == "JPEG"
        assert not image.getexif()
        assert not {"exif", "xmp", "comment", "photoshop", "progressive"} & set(image.info)
    assert photo.facts["make"] == "测试厂" or photo.facts["model"] == "T-1"
    assert photo.facts["taken_at"] == "2026:11:20 09:14:00"
    assert photo.facts["gps"] == pytest.approx({"lat": 40.4075, "lon": 110.0338}, abs=1e-6)


@pytest.mark.parametrize(
    ("size", "display"),
    [
        ((800, 600), (800, 600)),
        ((2304, 1728), (2304, 1728)),
        ((2305, 1729), (2017, 1513)),
        ((3264, 2448), (2040, 1530)),
        ((3700, 2000), (1920, 1038)),
        ((4032, 3024), (2016, 1512)),
        ((4608, 3456), (2304, 1728)),
        ((4000, 100), (2000, 50)),
        ((1, 1), (1, 1)),
        ((1, 5000), (1, 1920)),
    ],
)
def test_the_long_edge_lies_within_the_bounds(tmp_path: Path, size: tuple[int, int], display: tuple[int, int]) -> None:
    photo = rendered(tmp_path, corpus.encoded(Image.new("RGB", size, "teal"), quality=60))
    assert opened(photo.display).size == pytest.approx(display, abs=1)
    assert max(opened(photo.thumb).size) == min(320, max(size))
    assert (photo.width, photo.height) == size


@pytest.mark.parametrize(
    ("mode", "form", "media_type"),
    [
        ("L", "JPEG", "image/jpeg"), ("CMYK", "JPEG", "image/jpeg"), ("RGBA", "PNG", "image/png"),
        ("P", "PNG", "image/png"), ("1", "PNG", "image/png"), ("LA", "PNG", "image/png"), ("I;16", "PNG", "image/png"),
        ("RGBA", "WEBP", "image/webp"), ("RGB", "WEBP", "image/webp"),
    ],
)  # fmt: skip
def test_every_colour_mode_becomes_a_plain_jpeg(tmp_path: Path, mode: str, form: str, media_type: str) -> None:
    image = (
        Image.new("I", (2600, 1300), 200 * 257).convert("I;16") if mode == "I;16" else Image.new("L", (2600, 1300), 200)
    )
    photo = rendered(tmp_path, corpus.encoded(image.convert(mode) if mode != "I;16" else image, form), media_type)
    shown = opened(photo.display)
    assert shown.mode in ("RGB", "L") and shown.size == (1920, 960)
    expected = 255 if mode == "1" else 200
    assert shown.convert("L").getpixel((900, 400)) == pytest.approx(expected, abs=3)


def test_what_is_transparent_becomes_white(tmp_path: Path) -> None:
    photo = rendered(tmp_path, corpus.encoded(Image.new("RGBA", (400, 300), (0, 0, 0, 0)), "PNG"), "image/png")
    assert opened(photo.display).convert("L").getpixel((200, 150)) >= 253


def test_a_wide_gamut_profile_stays_and_a_text_in_it_is_bounded(tmp_path: Path) -> None:
    profile = b"\0" * 16 + b"RGB " + b"\0" * 100
    kept = rendered(tmp_path, corpus.encoded(corpus.corners(400, 300), icc_profile=profile))
    assert opened(kept.display).info["icc_profile"] == profile
    dropped = rendered(tmp_path, corpus.encoded(corpus.corners(400, 300), icc_profile=profile + b"x" * 5000))
    assert "icc_profile" not in opened(dropped.display).info


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9, 0.99])
@pytest.mark.parametrize(("form", "media_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")])
def test_a_truncated_photo_is_rejected(tmp_path: Path, form: str, media_type: str, share: float) -> None:
    content = corpus.encoded(corpus.scenery(900, 700), form)
    assert rejected(tmp_path, content[: int(len(content) * share)], media_type).code == "photo_damaged"


@pytest.mark.parametrize(
    "content",
    [b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", b"<html><body>", b"MZ" + b"\0" * 99,
     b"%PDF-1.7", b"\0" * 5000],
)  # fmt: skip
def test_what_only_calls_itself_a_photo_is_rejected(tmp_path: Path, content: bytes) -> None:
    assert rejected(tmp_path, content).code == "evidence_mislabelled"


def test_a_photo_of_another_format_than_declared_is_rejected_by_name(tmp_path: Path) -> None:
    rejection = rejected(tmp_path, corpus.encoded(corpus.corners(40, 30), "PNG"))
    assert rejection.code == "evidence_mislabelled" and rejection.facts == {"declared": "JPEG", "found": "PNG"}


@pytest.mark.parametrize("size", [(50_000, 50_000), (65_535, 65_535), (8_000, 7_000)])
def test_a_bomb_is_rejected_before_it_is_decoded(tmp_path: Path, size: tuple[int, int]) -> None:
    assert rejected(tmp_path, corpus.huge_png(*size), "image/png").code == "photo_too_many_pixels"


def test_a_200_megapixel_photo_of_a_new_phone_is_shown_within_bounds(tmp_path: Path) -> None:
    path = tmp_path / "big.jpg"
    Image.new("RGB", (16_320, 12_240), "olive").save(path, quality=50)
    # VmHWM and not ru_maxrss: that one is inherited from the process that started this one.
    program = (
        "import re, sys; from pathlib import Path; from app.evidence import photos;"
        "peak = lambda: int(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]);"
        "before = peak(); p = photos.render(Path(sys.argv[1]), 'image/jpeg'); print(p.width, peak() - before)"
    )
    done = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True)
    width, added_kb = map(int, done.stdout.split())
    assert width == 16_320 and added_kb < 60 * 1024


@pytest.mark.parametrize("path", corpus.real("broken"), ids=lambda p: p.name)
def test_files_that_broke_other_readers_have_a_clear_outcome(path: Path) -> None:
    # Odd as they are, every one of them can be opened; none may take the worker down or come out too large.
    assert max(opened(photos.render(path, "image/jpeg").display).size) <= photos.MAX_EDGE


def test_broken_exif_costs_the_facts_and_not_the_photo(tmp_path: Path) -> None:
    plain = corpus.encoded(corpus.corners(400, 300))
    for exif in (
        b"Exif\0\0MM\0\x2a\xff\xff\xff\xff",
        b"Exif\0\0II\x2a\0\x08\0\0\0\xff\xff" + b"\xff" * 400,
        b"Exif\0\0",
    ):
        segment = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
        photo = rendered(tmp_path, plain[:2] + segment + plain[2:])
        assert "gps" not in photo.facts
        assert_upright(photo.display)


@pytest.mark.parametrize("path", corpus.real("orientation"), ids=lambda p: p.stem)
def test_real_orientation_samples_look_like_their_upright_twin(path: Path) -> None:
    def grey(sample: Path) -> list[int]:
        shown = opened(photos.render(sample, "image/jpeg").display)
        return list(shown.convert("L").resize((16, 16)).get_flattened_data())

    twin = path.with_name(path.stem.split("_")[0] + "_1.jpg")
    assert max(abs(a - b) for a, b in zip(grey(path), grey(twin), strict=True)) < 40


@pytest.mark.parametrize("path", corpus.real("phones", "gps", "heic"), ids=lambda p: p.stem)
def test_real_photos_are_shown_without_their_metadata(path: Path) -> None:
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    photo = photos.render(path, "image/heic" if path in HEIC else "image/jpeg")
    shown, thumb = opened(photo.display), opened(photo.thumb)
    assert not shown.getexif() and not {"exif", "xmp", "photoshop", "mp", "comment"} & set(shown.info)
    assert b"Exif\0" not in photo.display and b"ns.adobe.com" not in photo.display
    edge = max(photo.width, photo.height)
    assert min(edge, photos.MIN_EDGE) <= max(shown.size) <= photos.MAX_EDGE
    assert max(thumb.size) == min(edge, 320)
    assert photo.width / photo.height == pytest.approx(shown.width / shown.height, rel=0.01)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before


@pytest.mark.parametrize("path", HEIC, ids=lambda p: p.stem)
def test_a_cut_heic_is_rejected(tmp_path: Path, path: Path) -> None:
    content = path.read_bytes()
    for share in (0.02, 0.5, 0.999):
        assert rejected(tmp_path, content[: int(len(content) * share)], "image/heic").code == "photo_damaged"
