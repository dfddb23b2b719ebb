"""Pictures and recordings for the tests: real ones where the shared data lies beside the repository, and made ones."""

from __future__ import annotations

import io
import os
import struct
import zlib
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

SHARED = Path(os.environ.get("DOORSTEP_SHARED") or Path(__file__).resolve().parents[3] / "shared")
PHOTOS = SHARED / "data" / "photos"
CORNERS = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0))
"""Red, green, blue, yellow: top left, top right, bottom left, bottom right of the upright picture."""
_TURNED = {
    1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}  # fmt: skip


def real(*folders: str) -> list[Path]:
    """Real photos of those folders; none when the shared data is not there."""
    return sorted(path for folder in folders for path in (PHOTOS / folder).glob("*") if path.is_file())


def corners(width: int = 3000, height: int = 2000) -> Image.Image:
    """An upright picture that shows which way it is turned."""
    image = Image.new("RGB", (width, height), "white")
    for number, colour in enumerate(CORNERS):
        box = (number % 2 * width // 2, number // 2 * height // 2)
        image.paste(colour, (*box, box[0] + width // 2, box[1] + height // 2))
    return image


def turned(orientation: int, form: str = "JPEG") -> bytes:
    """The corners as a camera stores them that was held so that EXIF says `orientation`."""
    image, turn = corners(), _TURNED[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F], exif[0x0110] = "测试厂", "T-1"
    exif.get_ifd(0x8769)[0x9003] = "2026:11:20 09:14:00"
    exif.get_ifd(0x8825).update({1: "N", 2: (40.0, 24.0, 27.0), 3: "E", 4: (110.0, 2.0, 1.68)})
    buffer = io.BytesIO()
    (image if turn is None else image.transpose(turn)).save(buffer, form, exif=exif, quality=92)
    return buffer.getvalue()


def scenery(width: int, height: int, seed: int = 1) -> Image.Image:
    """A picture with the detail of a photo: smooth light, edges and grain."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    light = 110 + 60 * np.sin(x / 310 + seed) + 50 * np.cos(y / 270)
    for _ in range(60):
        left, top = rng.integers(0, width), rng.integers(0, height)
        light[top : top + height // 12, left : left + width // 15] += rng.integers(-60, 60)
    planes = [light * gain + rng.normal(0, 6, light.shape).astype(np.float32) for gain in (1.0, 0.95, 0.85)]
    return Image.fromarray(np.clip(np.stack(planes, -1), 0, 255).astype(np.uint8))


def encoded(image: Image.Image, form: str = "JPEG", **options: object) -> bytes:
    """The picture as a file of that format."""
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def huge_png(width: int = 50_000, height: int = 50_000) -> bytes:
    """A PNG of a few hundred bytes whose header promises 2.5 gigapixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 100_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


RECORDINGS = {
    "audio/mp4": ("ipod", "aac", 44_100, None),
    "audio/mpeg": ("mp3", "libmp3lame", 44_100, None),
    "audio/wav": ("wav", "pcm_s16le", 8_000, None),
    "audio/webm": ("webm", "libopus", 48_000, None),
    "audio/amr": ("amr", "libopencore_amrnb", 8_000, 12_200),
    "audio/3gpp": ("3gp", "libopencore_amrnb", 8_000, 12_200),
}
"""Media type → container, codec, rate and bit rate of what phones record."""


def recording(media_type: str, seconds: float = 4.0) -> bytes:
    """A tone that is loud in its first half and soft in its second."""
    form, codec, rate, bit_rate = RECORDINGS[media_type]
    time = np.arange(int(48_000 * seconds)) / 48_000
    loudness = np.where(time < seconds / 2, 0.8, 0.1)
    tone = (np.sin(2 * np.pi * 440 * time) * loudness).astype(np.float32)[None]
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=form) as sink:
        stream = sink.add_stream(codec, rate=rate, layout="mono")
        if bit_rate:
            stream.bit_rate = bit_rate
        resampler = av.AudioResampler(format=stream.format.name, layout="mono", rate=rate)
        frame = av.AudioFrame.from_ndarray(tone, format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, 0, Fraction(1, 48_000)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            sink.mux(stream.encode(part))
        sink.mux(stream.encode(None))
    return buffer.getvalue()
