"""What the phone sees: real photos where the shared data lies beside the repository, drawn streets otherwise."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from evidence.corpus import PHOTOS
from PIL import Image, ImageOps

from app.demo.pictures import scene

_BEFORE, _AFTER = PHOTOS / "gps" / "DSCN0010.jpg", PHOTOS / "orientation" / "portrait_6.jpg"


def gallery_photo(after: bool) -> tuple[str, bytes]:
    """Name and bytes of a photo in the phone's gallery; the real "after" one lies on its side (EXIF orientation 6)."""
    path = _AFTER if after else _BEFORE
    if path.is_file():
        return path.name, path.read_bytes()
    return ("IMG_0002.jpg" if after else "IMG_0001.jpg"), scene("journey", after)


def viewfinder(path: Path) -> Path:
    """A film for Chromium's fake camera that shows the place before the repair."""
    _, content = gallery_photo(after=False)
    picture = ImageOps.exif_transpose(Image.open(io.BytesIO(content))).convert("RGB")
    frame = io.BytesIO()
    ImageOps.fit(picture, (1280, 960)).save(frame, "JPEG", quality=85)
    # The file is played in a loop; the format is nothing but one JPEG after the other.
    path.write_bytes(frame.getvalue() * 2)
    return path


def large_photo(side: int = 3200) -> bytes:
    """A photo of about 10 MB whose bytes nothing can shorten."""
    noise = np.random.default_rng(12345).integers(0, 255, (side, side, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "JPEG", quality=90)
    return file.getvalue()
