"""What may be declared, and what the first bytes say."""

from __future__ import annotations

import pytest
from evidence import corpus

from app.evidence import media
from app.problems import ALLOWED, Refused


@pytest.mark.parametrize("media_type", corpus.RECORDINGS)
def test_recordings_are_recognised(media_type: str) -> None:
    content = corpus.recording(media_type, 0.5)
    assert media.sniff(content[: media.HEAD]) == media.FAMILIES["audio"][media_type]


@pytest.mark.parametrize(("form", "family"), [("JPEG", "jpeg"), ("PNG", "png"), ("WEBP", "webp")])
def test_pictures_are_recognised(form: str, family: str) -> None:
    assert media.sniff(corpus.encoded(corpus.corners(40, 30), form)) == family


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<!doctype html><script>", b"MZ\x90", b"GIF89a",
     b"#EXTM3U\n", b"RIFF\0\0\0\0AVI "],
)  # fmt: skip
def test_anything_else_is_nothing(content: bytes) -> None:
    assert media.sniff(content) is None


def test_bounds_are_inclusive_and_per_kind() -> None:
    limit = media.MAX_SIZE["photo"]
    assert media.judge_declaration("photo", "image/jpeg", 1) == ALLOWED
    assert media.judge_declaration("photo", "image/jpeg", limit) == ALLOWED
    assert media.judge_declaration("photo", "image/jpeg", limit + 1) == Refused(
        "evidence_too_big", {"limit_mb": limit // media.MEGABYTE}
    )
    assert media.judge_declaration("audio", "audio/wav", limit + 1) == ALLOWED
    assert media.judge_declaration("photo", "image/jpeg", 0) == Refused("evidence_empty")


@pytest.mark.parametrize(
    ("kind", "media_type"), [("photo", "image/svg+xml"), ("photo", "audio/wav"), ("audio", "text/html")]
)
def test_types_outside_the_list_are_refused(kind: str, media_type: str) -> None:
    assert media.judge_declaration(kind, media_type, 10) == Refused("evidence_type_wrong", {"media_type": media_type})


def test_every_type_has_an_extension() -> None:
    for types in media.FAMILIES.values():
        for media_type in types:
            assert media.extension(media_type).isalnum()
