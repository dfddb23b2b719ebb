"""What a photo's file says of how it was made: programs that wrote it, further times. Pure; nothing is decoded.

Claims, not proof: whoever edits a picture can edit these too. Honest files say the truth here, careless fakes often do.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from PIL import ExifTags, Image

_XMP_SPAN: Final = 256 * 1024
_LONGEST: Final = 80
_MOST: Final = 6
_NAMES: Final = rb"(?:xmp:CreatorTool|stEvt:softwareAgent|exif:Software|tiff:Software)"
_XMP: Final = re.compile(_NAMES + rb"\s*=\s*[\"']([^\"'<]{1,200})|<" + _NAMES + rb">\s*([^<]{1,200})<")
_TEXTS: Final = ("Software", "software", "Comment", "comment", "parameters", "prompt")
"""Text chunks of a PNG in which programs name themselves; drawing machines write their prompt there."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Programs in the order found, without repeats; times as written, in the local time of whoever wrote them."""

    software: tuple[str, ...] = ()
    taken_at: str | None = None
    changed_at: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the marks as plain JSON."""
        return asdict(self) | {"software": list(self.software)}


def read_marks(path: Path) -> Marks:
    """Return the marks of the photo at `path`; what cannot be read yields fewer, never an error."""
    software: list[Any] = []
    taken = changed = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=("JPEG", "PNG", "WEBP")) as image:
                exif = image.getexif()
                detail = exif.get_ifd(ExifTags.IFD.Exif)
                software += [exif.get(ExifTags.Base.Software), exif.get(ExifTags.Base.ProcessingSoftware)]
                software += [image.info.get(key) for key in _TEXTS]
                software += ["Photoshop"] if _from_photoshop(image) else []
                taken = _text(detail.get(ExifTags.Base.DateTimeOriginal))
                changed = _text(exif.get(ExifTags.Base.DateTime))
        software += _in_xmp(path)
    except Exception:
        # A stranger's file: whatever its headers do to the reader, what was read until then is what there is.
        return Marks(_distinct(software), taken, changed)
    return Marks(_distinct(software), taken, changed)


def _from_photoshop(image: Image.Image) -> bool:
    """Return whether the program left its own settings behind, not only the captions that agencies write there too."""
    blocks = image.info.get("photoshop")
    return isinstance(blocks, dict) and any(key not in (0x0404, 0x03ED, 0x0425) for key in blocks)


def _in_xmp(path: Path) -> list[str]:
    with path.open("rb") as file:
        head = file.read(_XMP_SPAN)
    return [(a or b).decode("utf-8", "replace") for a, b in _XMP.findall(head)]


def _text(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    return "".join(c for c in value if c.isprintable()).strip()[:_LONGEST] or None


def _distinct(found: list[Any]) -> tuple[str, ...]:
    texts = (text for value in found if (text := _text(value)))
    return tuple(dict.fromkeys(texts))[:_MOST]
