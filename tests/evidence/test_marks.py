"""What a photo's file says of the programs it went through; hostile headers cost the answer and never the worker."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from evidence import corpus
from PIL import Image, PngImagePlugin

from app.evidence.marks import Marks, read_marks


def marks(folder: Path, content: bytes) -> Marks:
    path = folder / "photo"
    path.write_bytes(content)
    return read_marks(path)


def test_exif_names_the_program_and_the_times(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0131], exif[0x0132] = "Snapseed 2.21", "2026:11:21 10:00:00"
    exif.get_ifd(0x8769)[0x9003] = "2026:11:20 09:14:00"
    found = marks(tmp_path, corpus.encoded(corpus.scenery(64, 48), exif=exif))
    assert found == Marks(("Snapseed 2.21",), "2026:11:20 09:14:00", "2026:11:21 10:00:00")
    assert found.as_json()["software"] == ["Snapseed 2.21"]


def test_xmp_names_it_too_once(tmp_path: Path) -> None:
    xmp = (
        b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta><rdf:Description xmp:CreatorTool='Adobe Photoshop 25.0'>"
        b"<stEvt:softwareAgent>Adobe Photoshop 25.0</stEvt:softwareAgent>"
        b"<stEvt:softwareAgent>Meitu</stEvt:softwareAgent>"
    )
    plain = corpus.encoded(corpus.scenery(64, 48))
    segment = b"\xff\xe1" + (len(xmp) + 2).to_bytes(2, "big") + xmp
    assert marks(tmp_path, plain[:2] + segment + plain[2:]).software == ("Adobe Photoshop 25.0", "Meitu")


def test_a_png_says_it_in_a_text_chunk(tmp_path: Path) -> None:
    info, buffer = PngImagePlugin.PngInfo(), io.BytesIO()
    info.add_text("Software", "GIMP 2.10")
    corpus.scenery(64, 48).save(buffer, "PNG", pnginfo=info)
    assert marks(tmp_path, buffer.getvalue()).software == ("GIMP 2.10",)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\xff\xd8\xff", b"<svg/>", corpus.huge_png(), corpus.encoded(corpus.scenery(64, 48))[:300],
        b"\xff\xd8\xff\xe1\xff\xffExif\0\0MM\0*\xff\xff\xff\xff" + b"\0" * 200,
    ],
)  # fmt: skip
def test_what_cannot_be_read_has_no_marks(tmp_path: Path, content: bytes) -> None:
    assert marks(tmp_path, content).software == ()


def test_markup_and_length_are_bounded(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0131] = "<script>alert(1)</script>\0\n" + "x" * 5000
    (name,) = marks(tmp_path, corpus.encoded(corpus.scenery(64, 48), exif=exif)).software
    assert len(name) <= 80 and "\n" not in name and "\0" not in name
