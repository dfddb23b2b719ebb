"""What may be handed in as evidence, and telling from the first bytes what a file really is. Pure."""

from __future__ import annotations

from typing import Any, Final

from app.problems import ALLOWED, CATALOGUE, Refused, Verdict

PHOTO: Final = "photo"
AUDIO: Final = "audio"
DOCUMENT: Final = "document"

MEGABYTE: Final = 1024 * 1024
MAX_SIZE: Final = {PHOTO: 40 * MEGABYTE, AUDIO: 200 * MEGABYTE, DOCUMENT: 40 * MEGABYTE}
"""Bytes, unless the deployment sets others. A 200-megapixel photo of 2026 stays under 40 MB."""

FAMILIES: Final[dict[str, dict[str, str]]] = {
    PHOTO: {
        "image/jpeg": "jpeg",
        "image/png": "png",
        "image/webp": "webp",
        "image/heic": "heif",
        "image/heif": "heif",
    },
    AUDIO: {
        "audio/mp4": "mp4",
        "audio/x-m4a": "mp4",
        "audio/m4a": "mp4",
        "audio/3gpp": "mp4",
        "audio/mpeg": "mp3",
        "audio/mp3": "mp3",
        "audio/amr": "amr",
        "audio/amr-wb": "amr",
        "audio/wav": "wav",
        "audio/x-wav": "wav",
        "audio/wave": "wav",
        "audio/webm": "webm",
        "audio/aac": "aac",
    },
    DOCUMENT: {
        "application/pdf": "pdf",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "zip",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "zip",
    },
}
"""Kind → media type → family of containers. Phones name one container in several ways."""

EXTENSIONS: Final = {
    "jpeg": "jpg", "png": "png", "webp": "webp", "heif": "heic", "mp4": "m4a", "mp3": "mp3", "amr": "amr",
    "wav": "wav", "webm": "webm", "aac": "aac", "pdf": "pdf",
}  # fmt: skip
HEAD: Final = 32
"""How many first bytes `sniff` wants."""

_HEIF_BRANDS: Final = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")


def set_limits(photo: int, audio: int, document: int) -> None:
    """Set the deployment's bounds in bytes; called once when the application is made."""
    MAX_SIZE.update({PHOTO: photo, AUDIO: audio, DOCUMENT: document})


class Rejected(Exception):
    """A file that was received whole and yet is no usable evidence; `code` is in `problems.CATALOGUE`."""

    def __init__(self, code: str, /, **facts: Any) -> None:
        super().__init__(code)
        if code not in CATALOGUE:
            raise KeyError(f"problem code {code!r} is not in the catalogue")
        self.code = code
        self.facts = facts


def judge_declaration(kind: str, media_type: str, size: int) -> Verdict:
    """Return whether a file of that kind, type and size (bytes) may be declared."""
    if media_type not in FAMILIES[kind]:
        return Refused("evidence_type_wrong", {"media_type": media_type})
    if size < 1:
        return Refused("evidence_empty")
    if size > MAX_SIZE[kind]:
        return Refused("evidence_too_big", {"limit_mb": MAX_SIZE[kind] // MEGABYTE})
    return ALLOWED


def sniff(head: bytes) -> str | None:
    """Return the family the first bytes belong to, None for anything that is not accepted (SVG, HTML, programs…)."""
    for magic, family in _MAGIC:
        if head.startswith(magic):
            return family
    if head[:4] == b"RIFF":
        return {b"WEBP": "webp", b"WAVE": "wav"}.get(head[8:12])
    if head[4:8] == b"ftyp":
        return "heif" if head[8:12] in _HEIF_BRANDS else "mp4"
    if len(head) > 2 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        # MPEG audio frame: layer bits 00 are AAC in ADTS, anything else is one of the MPEG layers.
        return "aac" if head[1] & 0x06 == 0 else "mp3"
    return None


_MAGIC: Final = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"#!AMR", "amr"),
    (b"\x1a\x45\xdf\xa3", "webm"),
    (b"ID3", "mp3"),
    (b"%PDF-", "pdf"),
    (b"PK\x03\x04", "zip"),
)


def require_family(kind: str, media_type: str, head: bytes) -> str:
    """Return the family of a received file.

    Raises `Rejected` `evidence_mislabelled` when the bytes are not what was declared: what the phone sealed as one
    thing must not become another on the server, however harmless.
    """
    found, declared = sniff(head), FAMILIES[kind][media_type]
    if found != declared:
        raise Rejected("evidence_mislabelled", declared=declared.upper(), found=(found or "其他内容").upper())
    return found


def extension(media_type: str) -> str:
    """Return the file name extension for a download."""
    if media_type.endswith("wordprocessingml.document"):
        return "docx"
    if media_type.endswith("spreadsheetml.sheet"):
        return "xlsx"
    families = {t: f for types in FAMILIES.values() for t, f in types.items()}
    return EXTENSIONS[families[media_type]]
