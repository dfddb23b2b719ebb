"""One recording in, an AAC rendition with its waveform out. Pure over files; the original is only read.

AAC mono 16 kHz in an m4a plays on iOS and inside WeChat, which neither AMR nor WebM does, and speech needs no more.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import numpy as np

from app.evidence.media import AUDIO, HEAD, Rejected, require_family

RATE: Final = 16_000
BIT_RATE: Final = 32_000
PEAKS: Final = 200
MAX_SECONDS: Final = 8 * 3600
MIN_SECONDS: Final = 0.1
_WINDOW: Final = RATE // 50
_DEMUXERS: Final = {"mp4": "mov", "mp3": "mp3", "amr": "amr", "wav": "wav", "webm": "matroska", "aac": "aac"}


@dataclass(frozen=True, slots=True)
class Recording:
    """A rendition was written; `peaks` are up to 200 steps of loudness from 0 to 1."""

    duration_s: float
    peaks: list[float]


class _Loudness:
    """Collects the loudest sample of every fiftieth of a second, without holding the recording."""

    def __init__(self) -> None:
        self.samples = 0
        self._rest = np.empty(0, np.float32)
        self._tops: list[Any] = []

    def add(self, samples: Any) -> None:
        self.samples += samples.size
        joined = np.abs(np.concatenate((self._rest, samples)))
        whole = joined.size // _WINDOW * _WINDOW
        self._tops.append(joined[:whole].reshape(-1, _WINDOW).max(axis=1))
        self._rest = joined[whole:]

    def peaks(self) -> list[float]:
        tops = np.concatenate([*self._tops, self._rest.max(initial=0.0, keepdims=True)])
        return [round(min(1.0, float(part.max())), 2) for part in np.array_split(tops, min(PEAKS, tops.size))]


def render(path: Path, media_type: str, target: Path) -> Recording:
    """Write the AAC rendition of the recording at `path` to `target` and return its length and waveform.

    Raises `Rejected`: `evidence_mislabelled`, `audio_damaged`, `audio_silent_file`, `audio_too_long`. A rejected
    recording leaves no `target`. Raises `OSError` when `target` cannot be written.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    family = require_family(AUDIO, media_type, head)
    if family == "wav":
        _require_whole_wav(head, path.stat().st_size)
    try:
        # The demuxer is named and only the file protocol allowed: a playlist dressed up as a recording must not make
        # the worker read other files or call other hosts.
        options = {"protocol_whitelist": "file"}
        with av.open(str(path), format=_DEMUXERS[family], options=options) as source:
            recording = _transcode(source, target, exact=family == "mp4")
    except Rejected:
        target.unlink(missing_ok=True)
        raise
    except av.error.FFmpegError as error:
        target.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno in _DISK_ERRORS:
            raise
        raise Rejected("audio_damaged") from error
    with target.open("rb+") as written:
        os.fsync(written.fileno())
    return recording


_DISK_ERRORS: Final = (5, 13, 28, 30, 122)
"""EIO, EACCES, ENOSPC, EROFS, EDQUOT: the disk's fault, not the recording's."""


def _transcode(source: Any, target: Path, exact: bool) -> Recording:
    if not source.streams.audio:
        raise Rejected("audio_silent_file")
    track = source.streams.audio[0]
    loudness = _Loudness()
    with av.open(str(target), "w", format="ipod", options={"movflags": "+faststart"}) as sink:
        out = sink.add_stream("aac", rate=RATE, layout="mono")
        out.bit_rate = BIT_RATE
        for frame in _mono(source, track):
            loudness.add(frame.to_ndarray()[0])
            if loudness.samples > MAX_SECONDS * RATE:
                raise Rejected("audio_too_long", hours=MAX_SECONDS // 3600)
            frame.pts = loudness.samples - frame.samples
            frame.time_base = Fraction(1, RATE)
            sink.mux(out.encode(frame))
        sink.mux(out.encode(None))
    seconds = loudness.samples / RATE
    if seconds < MIN_SECONDS:
        raise Rejected("audio_silent_file")
    _require_whole(track, seconds, exact)
    return Recording(round(seconds, 2), loudness.peaks())


def _mono(source: Any, track: Any) -> Iterator[Any]:
    """Yield the track as mono float frames at 16 kHz.

    Single damaged packets are passed over, as every player does; a recording that is mostly damaged is rejected.
    """
    resampler = av.AudioResampler(format="fltp", layout="mono", rate=RATE)
    good = bad = 0
    for packet in source.demux(track):
        try:
            frames = packet.decode()
            good += len(frames)
        except av.error.InvalidDataError:
            bad += 1
            continue
        for frame in frames:
            yield from resampler.resample(frame)
    if bad > good:
        raise Rejected("audio_damaged")
    yield from resampler.resample(None)


def _require_whole_wav(head: bytes, size: int) -> None:
    """Compare with the RIFF header: the demuxer itself takes a cut file for a shorter one."""
    stated = int.from_bytes(head[4:8], "little")
    # Recorders that stream write 0 or the highest number, for want of knowing.
    if 0 < stated < 0xFFFF_FF00 and stated + 8 > size + 1:
        raise Rejected("audio_cut", have=size, stated=stated + 8)


def _require_whole(track: Any, seconds: float, exact: bool) -> None:
    """Compare with what an mp4's index states; other containers state nothing or guess."""
    if not exact or track.duration is None or track.time_base is None:
        return
    stated = float(track.duration * track.time_base)
    if seconds < stated * 0.95 - 1:
        raise Rejected("audio_cut", have=round(seconds), stated=round(stated))
