"""One photo in, a display rendition and a thumbnail out. Pure over files; the original is only read.

The order of steps is what makes it fast (measured in bench/photos.py): let the JPEG decoder itself scale down by
eighths while it decodes, keep the size that comes out when it is good enough, and turn upright only after shrinking.
Resampling every photo to exactly 1920 pixels was rejected: it costs as much as decoding and nobody sees it.
"""

from __future__ import annotations

import io
import mmap
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import simplejpeg
from PIL import ExifTags, Image, UnidentifiedImageError

from app.evidence import strip
from app.evidence.caption import Caption
from app.evidence.media import HEAD, PHOTO, Rejected, require_family
from app.evidence.recapture import Recapture, recaptured

MIN_EDGE: Final = 1920
MAX_EDGE: Final = 2304
"""Long edge in pixels of the display rendition; a smaller original keeps its size."""
THUMB_EDGE: Final = 320
QUALITY: Final = 80
MAX_PIXELS: Final = 220_000_000
"""Bound for JPEG, which is decoded at reduced size: phones of 2026 take 200 megapixels."""
MAX_PIXELS_FULL: Final = 50_000_000
"""Bound for what can only be decoded whole (PNG, WebP, HEIC, progressive JPEG): 200 MB of memory."""
_FORMATS: Final = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP", "heif": "HEIF"}
_TURN: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

Image.MAX_IMAGE_PIXELS = MAX_PIXELS


@dataclass(frozen=True, slots=True)
class Photo:
    """Renditions of one photo: upright JPEG bytes without metadata; `width` and `height` of the upright original.

    Of the display rendition the upper `display_width` × `display_height` pixels are the picture and `strip_px` rows
    below it the strip; the thumbnail is of the picture alone. `recapture` is how much it
    looks like a photo of a screen.
    """

    display: bytes
    thumb: bytes
    width: int
    height: int
    facts: dict[str, Any]
    display_width: int
    display_height: int
    strip_px: int
    recapture: Recapture


def render(path: Path, media_type: str, caption: Caption | None = None) -> Photo:
    """Return the renditions of the photo at `path` and what its EXIF claims; `caption` is what the strip says.

    Raises `Rejected`: `evidence_mislabelled`, `photo_too_many_pixels`, `photo_damaged`.
    """
    with path.open("rb") as file, warnings.catch_warnings():
        # Pillow only warns of a decompression bomb; and of broken EXIF, which is expected here and costs the facts.
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        family = require_family(PHOTO, media_type, file.read(HEAD))
        file.seek(0)
        try:
            return _render(_opened(file, family), file, caption)
        except Rejected:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise Rejected("photo_too_many_pixels", limit=MAX_PIXELS // 1_000_000) from error
        except MemoryError as error:
            raise Rejected("photo_too_many_pixels", limit=MAX_PIXELS_FULL // 1_000_000) from error
        except (OSError, ValueError, SyntaxError, UnidentifiedImageError, EOFError, IndexError, KeyError) as error:
            # Pillow's decoders raise any of these for broken data; each means the same to a liaison.
            raise Rejected("photo_damaged") from error


def _opened(file: BinaryIO, family: str) -> Image.Image:
    if family == "heif":
        # Loaded for the few photos that need it: the library costs 20 MB and 60 ms.
        import pi_heif

        pi_heif.register_heif_opener(thumbnails=False)
        _require_whole_boxes(file)
    image = Image.open(file, formats=(_FORMATS[family],))
    whole = family != "jpeg" or bool(image.info.get("progressive"))
    limit = MAX_PIXELS_FULL if whole else MAX_PIXELS
    if image.width * image.height > limit:
        raise Rejected("photo_too_many_pixels", limit=limit // 1_000_000, width=image.width, height=image.height)
    return image


def _require_whole_boxes(file: BinaryIO) -> None:
    """Walk the outermost boxes of a HEIC: its decoder paints missing tiles black instead of complaining."""
    end, at = file.seek(0, 2), 0
    while at < end:
        file.seek(at)
        head = file.read(16)
        size = int.from_bytes(head[:4], "big")
        if size == 1:
            size = int.from_bytes(head[8:16], "big")
        if head[4:8] in (b"ftyp", b"meta", b"mdat") and at + size > end:
            raise Rejected("photo_damaged")
        if size < 8:
            # 0 means "to the end"; anything else is what some phones put behind the last box.
            break
        at += size
    file.seek(0)


def _render(image: Image.Image, file: BinaryIO, caption: Caption | None) -> Photo:
    width, height = image.size
    facts = read_facts(image)
    orientation = facts.pop("orientation", 1)
    profile = _colour_profile(image)
    small = _bounded(_scaled_jpeg(image, file) or _loaded(image))
    if orientation in _TURN:
        small = small.transpose(_TURN[orientation])
        if orientation >= 5:
            width, height = height, width
    thumb = _jpeg(_thumb(small), profile)
    shown = strip.below(small, caption) if caption else small
    added = shown.height - small.height
    return Photo(
        _jpeg(shown, profile), thumb, width, height, facts, small.width, small.height, added, recaptured(small)
    )


def _scaled_jpeg(image: Image.Image, file: BinaryIO) -> Image.Image | None:
    """Return a colour JPEG decoded at the smallest of the eight scales that is large enough.

    None for any other image, and for a JPEG the decoder complains about: then Pillow decodes it, and its judgement
    counts. (Pillow knows the scales 1/2, 1/4 and 1/8 only.)
    """
    if image.format != "JPEG" or image.mode != "RGB":
        return None
    long = max(image.size)
    edge = long if long <= MAX_EDGE else MIN_EDGE
    wide = image.width >= image.height
    least = {"min_width": edge if wide else 1, "min_height": 1 if wide else edge}
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        try:
            pixels = simplejpeg.decode_jpeg(content, "RGB", fastdct=False, min_factor=1, strict=True, **least)
        except ValueError:
            return None
    return Image.fromarray(pixels)


def _loaded(image: Image.Image) -> Image.Image:
    """Return the image decoded by Pillow, JPEG at a reduced scale where that is large enough."""
    step = next((s for s in (8, 4, 2) if max(image.size) // s >= MIN_EDGE), 1)
    image.draft(None, (max(1, image.width // step), max(1, image.height // step)))
    image.load()
    return _flat_small(image) if image.mode == "RGBA" else _flat(image)


def _bounded(image: Image.Image) -> Image.Image:
    """Return the image with its long edge within the bounds, by the cheapest way there."""
    step = max(image.size) // MIN_EDGE
    if step > 1:
        image = image.reduce((min(step, image.width), min(step, image.height)))
    long = max(image.size)
    if long <= MAX_EDGE:
        return image
    size = max(1, round(image.width * MIN_EDGE / long)), max(1, round(image.height * MIN_EDGE / long))
    # HAMMING looks like BICUBIC when shrinking and costs half of LANCZOS; SSIM beside both stands in the bench.
    return image.resize(size, Image.Resampling.HAMMING)


def _thumb(image: Image.Image) -> Image.Image:
    long = max(image.size)
    if long <= THUMB_EDGE:
        return image
    size = max(1, round(image.width * THUMB_EDGE / long)), max(1, round(image.height * THUMB_EDGE / long))
    return image.resize(size, Image.Resampling.BICUBIC, reducing_gap=1.5)


def _truecolour(image: Image.Image) -> Image.Image:
    """Return the image as RGB, RGBA or grey, with 8 bits a channel."""
    if image.mode in ("RGB", "L", "RGBA"):
        return image
    if image.mode.startswith("I"):
        # 16-bit grey: converting straight to L would clip instead of scaling.
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    see_through = "transparency" in image.info or image.mode in ("LA", "PA", "La", "RGBa")
    return image.convert("RGBA" if see_through else "RGB")


def _flat(image: Image.Image) -> Image.Image:
    """Return the image as RGB or grey; what is transparent becomes white, as every viewer shows it."""
    image = _truecolour(image)
    if image.mode != "RGBA":
        return image
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def _flat_small(image: Image.Image) -> Image.Image:
    """Return a see-through image flattened and shrunk by a whole number, in strips: two pictures of 36 megapixels
    at once would be 300 MB."""
    step = max(1, max(image.size) // MIN_EDGE)
    step_across, step_down = min(step, image.width), min(step, image.height)
    size = -(-image.width // step_across), -(-image.height // step_down)
    ground = Image.new("RGB", size, "white")
    for top in range(0, image.height, step_down * 128):
        strip = image.crop((0, top, image.width, min(image.height, top + step_down * 128)))
        ground.paste(_flat(strip).reduce((step_across, step_down)), (0, top // step_down))
    return ground


def _jpeg(image: Image.Image, profile: bytes | None) -> bytes:
    """Return a baseline JPEG. It carries no EXIF, XMP or comment; only the colour profile, without which a wide-gamut
    photo would be shown in other colours than it was taken in."""
    target = io.BytesIO()
    image.save(target, "JPEG", quality=QUALITY, subsampling="4:2:0", icc_profile=profile, exif=b"", comment=b"")
    return target.getvalue()


def _colour_profile(image: Image.Image) -> bytes | None:
    profile = image.info.get("icc_profile")
    usable = isinstance(profile, bytes) and len(profile) <= 4096 and profile[16:20] == b"RGB "
    return profile if usable and image.mode == "RGB" else None


def read_facts(image: Image.Image) -> dict[str, Any]:
    """Return what the photo's EXIF claims: orientation, taken_at (local text as written), make, model, gps (WGS-84).

    Claims, not proof: EXIF is edited easily and phones strip it. Broken EXIF yields fewer facts, never an error.
    """
    facts: dict[str, Any] = {}
    try:
        exif = image.getexif()
        orientation = exif.get(ExifTags.Base.Orientation)
        if isinstance(orientation, int) and 1 <= orientation <= 8:
            facts["orientation"] = orientation
        for name, tag in (("make", ExifTags.Base.Make), ("model", ExifTags.Base.Model)):
            if text := _text(exif.get(tag)):
                facts[name] = text
        detail = exif.get_ifd(ExifTags.IFD.Exif)
        if taken := _text(detail.get(ExifTags.Base.DateTimeOriginal)):
            facts["taken_at"] = taken + (_text(detail.get(ExifTags.Base.OffsetTimeOriginal)) or "")
        if gps := _gps(exif.get_ifd(ExifTags.IFD.GPSInfo)):
            facts["gps"] = gps
    except Exception:
        return facts
    return facts


def _text(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    text = "".join(c for c in value if c.isprintable()).strip()
    return text[:64] or None


def _gps(ifd: dict[int, Any]) -> dict[str, float] | None:
    tags = ExifTags.GPS
    latitude = _degrees(ifd.get(tags.GPSLatitude), ifd.get(tags.GPSLatitudeRef) == "S")
    longitude = _degrees(ifd.get(tags.GPSLongitude), ifd.get(tags.GPSLongitudeRef) == "W")
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        return None
    return {"lat": latitude, "lon": longitude}


def _degrees(parts: Any, negative: bool) -> float | None:
    if not isinstance(parts, tuple) or len(parts) != 3:
        return None
    value = float(parts[0]) + float(parts[1]) / 60 + float(parts[2]) / 3600
    if value != value or value in (float("inf"), float("-inf")):
        return None
    return round(-value if negative else value, 7)
