"""Recordings: one AAC rendition that plays everywhere, with its waveform."""

from __future__ import annotations

from pathlib import Path

import av
import pytest
from evidence import corpus

from app.evidence import audio
from app.evidence.media import Rejected


def rendered(tmp_path: Path, content: bytes, media_type: str) -> tuple[audio.Recording, Path]:
    source, target = tmp_path / "original", tmp_path / "audio.m4a"
    source.write_bytes(content)
    found = audio.render(source, media_type, target)
    assert source.read_bytes() == content
    return found, target


def rejected(tmp_path: Path, content: bytes, media_type: str) -> str:
    with pytest.raises(Rejected) as rejection:
        rendered(tmp_path, content, media_type)
    assert not (tmp_path / "audio.m4a").exists()
    return rejection.value.code


@pytest.mark.parametrize("media_type", corpus.RECORDINGS)
def test_what_phones_record_becomes_aac_with_its_waveform(tmp_path: Path, media_type: str) -> None:
    recording, target = rendered(tmp_path, corpus.recording(media_type), media_type)
    assert recording.duration_s == pytest.approx(4.0, abs=0.15)
    assert len(recording.peaks) == 200 and all(0 <= p <= 1 for p in recording.peaks)
    loud, soft = recording.peaks[10:80], recording.peaks[120:190]
    assert min(loud) > 0.6 and max(soft) < 0.3
    with av.open(str(target)) as shown:
        track = shown.streams.audio[0]
        assert (track.codec_context.name, track.rate, track.codec_context.layout.name) == ("aac", 16_000, "mono")
        assert sum(f.samples for f in shown.decode(track)) / 16_000 == pytest.approx(4.0, abs=0.2)
    content = target.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat"), "must play before it is loaded whole"


def test_a_short_memo_has_fewer_steps(tmp_path: Path) -> None:
    recording, _ = rendered(tmp_path, corpus.recording("audio/wav", 0.5), "audio/wav")
    assert 20 <= len(recording.peaks) <= 30


@pytest.mark.parametrize("media_type", ["audio/mp4", "audio/wav"])
def test_a_cut_recording_is_told(tmp_path: Path, media_type: str) -> None:
    content = corpus.recording(media_type)
    assert rejected(tmp_path, content[: len(content) // 2], media_type) in ("audio_cut", "audio_damaged")


def test_an_m4a_with_its_index_in_front_and_its_end_missing_is_told(tmp_path: Path) -> None:
    _, target = rendered(tmp_path, corpus.recording("audio/wav"), "audio/wav")
    content = target.read_bytes()
    assert rejected(tmp_path, content[: len(content) // 2], "audio/mp4") == "audio_cut"


@pytest.mark.parametrize("media_type", corpus.RECORDINGS)
def test_noise_after_a_good_head_ends_clearly(tmp_path: Path, media_type: str) -> None:
    head = corpus.recording(media_type, 0.3)[:64]
    assert rejected(tmp_path, head + bytes(range(256)) * 40, media_type).startswith("audio_")


@pytest.mark.parametrize(
    "content", [b"#EXTM3U\nfile:///etc/passwd\n", b"<html>", b"", b"ffconcat version 1.0\nfile x\n"]
)
def test_a_playlist_dressed_up_as_a_recording_is_not_opened(tmp_path: Path, content: bytes) -> None:
    assert rejected(tmp_path, content, "audio/mpeg") == "evidence_mislabelled"


def test_a_film_without_sound_is_told(tmp_path: Path) -> None:
    silent = tmp_path / "film.mp4"
    with av.open(str(silent), "w", format="mp4") as sink:
        stream = sink.add_stream("mpeg4", rate=5)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(5):
            sink.mux(stream.encode(av.VideoFrame(64, 48, "yuv420p")))
        sink.mux(stream.encode(None))
    assert rejected(tmp_path, silent.read_bytes(), "audio/mp4") == "audio_silent_file"
