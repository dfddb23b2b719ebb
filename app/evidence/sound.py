"""What a recording sounds like: how much of it is silent, whether it repeats, and a print to find it again. Pure.

The print is one 32-bit word for every 32 ms, after Haitsma and Kalker: whether the energy of neighbouring bands of the
voice rises or falls against the frame before. It survives another codec, another loudness and a cut beginning; two
different conversations agree in half their bits, as chance has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from numpy.typing import NDArray

RATE: Final = 8_000
FRAME: Final = 2_048
HOP: Final = 256
"""Samples: 256 ms in a frame, one frame every 32 ms, so that two recordings never lie more than 16 ms apart."""
BANDS: Final = 33
SECONDS: Final = HOP / RATE
MAX_SECONDS: Final = 900
"""Of a longer recording the first quarter of an hour is measured."""
QUIET: Final = 0.004
"""RMS below which a frame is silent: -48 dBFS; a phone's microphone in a quiet room gives more."""
LEAST_LAG: Final = int(2.0 / SECONDS)
ALIKE: Final = 0.78
"""Share of agreeing bits from which two stretches are one sound; chance gives 0.5, another codec 0.85 and more."""
_STRETCH: Final = 96
"""Frames that are compared at a time: three seconds."""
_TONAL: Final = 0.55
Floats = NDArray[np.float64]
Words = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Sound:
    """Measures of one recording, shares from 0 to 1.

    `silent` is the share of silent frames, `repeated` the share of sounding frames that were heard before in the same
    recording, `tonal` the share of sounding frames that are a plain tone (a ringing or busy line). `words` is the
    print, with `voiced` saying for each word whether there was anything to hear.
    """

    seconds: float
    silent: float
    repeated: float
    tonal: float
    words: Words
    voiced: NDArray[np.bool_]


def measure(path: Path) -> Sound:
    """Return the measures of the recording at `path`. Raises `OSError` or PyAV's errors for what cannot be decoded."""
    samples = _samples(path)
    if samples.size < FRAME + HOP:
        return Sound(samples.size / RATE, 1.0, 0.0, 0.0, np.empty(0, np.uint32), np.empty(0, bool))
    spectra, loud = _spectra(samples)
    words = _words(spectra)
    voiced = (loud >= QUIET)[1:]
    tonal = _tonal(spectra)[1:] & voiced
    sounding = max(1, int(voiced.sum()))
    return Sound(
        seconds=round(samples.size / RATE, 2),
        silent=round(1 - float((loud >= QUIET).mean()), 4),
        repeated=round(_repeated(words, voiced & ~tonal) / sounding, 4),
        tonal=round(int(tonal.sum()) / sounding, 4),
        words=words,
        voiced=voiced & ~tonal,
    )


def pack(sound: Sound) -> bytes:
    """Return the print as bytes to keep: what is not voiced is written as zero."""
    return np.where(sound.voiced, sound.words | 1, 0).astype("<u4").tobytes()


def same_seconds(first: bytes, second: bytes) -> float:
    """Return how many seconds of two prints sound alike at the offset at which they agree best."""
    a, b = (np.frombuffer(p, "<u4").astype(np.uint32) for p in (first, second))
    if min(a.size, b.size) < _STRETCH:
        return 0.0
    best = max(_offsets(a, b, 8), key=lambda lag: _agreeing(a, b, lag), default=None)
    return 0.0 if best is None else round(_agreeing(a, b, best) * SECONDS, 1)


def _samples(path: Path) -> Floats:
    parts: list[Any] = []
    total = 0
    with av.open(str(path), options={"protocol_whitelist": "file"}) as source:
        resampler = av.AudioResampler(format="fltp", layout="mono", rate=RATE)
        for frame in source.decode(audio=0):
            for out in resampler.resample(frame):
                parts.append(out.to_ndarray()[0])
                total += parts[-1].size
            if total > MAX_SECONDS * RATE:
                break
    return np.concatenate(parts).astype(np.float64) if parts else np.empty(0)


def _spectra(samples: Floats) -> tuple[Floats, Floats]:
    """Return the power of every frame by frequency, and its RMS; block by block, so that memory stays small."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, FRAME)[::HOP]
    window = np.hanning(FRAME)
    edges = _edges()
    energies, tops, loud = [], [], []
    for block in np.array_split(frames, max(1, len(frames) // 256)):
        loud.append(np.sqrt((block**2).mean(axis=1)))
        power = np.abs(np.fft.rfft(block * window, axis=1)) ** 2
        energies.append(np.add.reduceat(power, edges[:-1], axis=1)[:, :BANDS])
        tops.append(_peak_share(power))
    return np.hstack((np.concatenate(energies), np.concatenate(tops)[:, None])), np.concatenate(loud)


def _edges() -> NDArray[np.int64]:
    """Bins of the bands, evenly in pitch from 300 to 2000 Hz: what every telephone codec keeps."""
    return np.unique(np.round(np.geomspace(300, 2000, BANDS + 1) * FRAME / RATE).astype(int))


def _peak_share(power: Floats) -> Floats:
    """Return how much of a frame's power lies within a few bins of its loudest: nearly all of it for a plain tone."""
    top = power.argmax(axis=1)
    columns = np.clip(top[:, None] + np.arange(-3, 4), 0, power.shape[1] - 1)
    near = np.take_along_axis(power, columns, axis=1).sum(axis=1)
    return np.asarray(near / np.maximum(power.sum(axis=1), 1e-12))


def _words(spectra: Floats) -> Words:
    bands = np.log(spectra[:, :BANDS] + 1e-9)
    slope = bands[:, :-1] - bands[:, 1:]
    bits = (slope[1:] - slope[:-1]) > 0
    return np.asarray((bits * (1 << np.arange(BANDS - 1, dtype=np.uint64))).sum(axis=1), dtype=np.uint32)


def _tonal(spectra: Floats) -> NDArray[np.bool_]:
    return np.asarray(spectra[:, -1] > _TONAL)


def _repeated(words: Words, voiced: NDArray[np.bool_]) -> int:
    """Return how many voiced frames belong to a stretch that was heard before, two seconds or more earlier."""
    heard = np.zeros(words.size, bool)
    packed = np.where(voiced, words | 1, 0).astype(np.uint32)
    for lag in _offsets(packed, packed, 24):
        alike = _alike(words[lag:], words[:-lag], voiced[lag:] & voiced[:-lag])
        if alike.any():
            heard[lag:] |= alike
    return int((heard & voiced).sum())


def _alike(a: Words, b: Words, voiced: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return for every frame whether it lies in a stretch of three seconds that sounds the same in both."""
    same = np.where(voiced, 32 - np.bitwise_count(a ^ b).astype(np.int32), 0)
    sums = _running(same)
    counts = _running(voiced.astype(np.int32))
    hit = (counts >= _STRETCH // 2) & (sums >= ALIKE * 32 * counts)
    marked = np.zeros(a.size + 1, np.int32)
    starts = np.flatnonzero(hit)
    np.add.at(marked, starts, 1)
    np.add.at(marked, np.minimum(starts + _STRETCH, a.size), -1)
    return np.asarray((np.cumsum(marked[:-1]) > 0) & voiced)


def _running(values: NDArray[np.int32]) -> NDArray[np.int32]:
    if values.size < _STRETCH:
        return np.empty(0, np.int32)
    total = np.concatenate(([0], np.cumsum(values)))
    return np.asarray(total[_STRETCH:] - total[:-_STRETCH])


def _offsets(a: Words, b: Words, most: int) -> list[int]:
    """Return the offsets worth comparing: those at which the most words with at most one wrong bit meet.

    A recording compared with itself meets at no offset less than `LEAST_LAG` later: neighbouring frames overlap.
    """
    same = a is b
    votes: dict[int, int] = {}
    known: dict[int, list[int]] = {}
    for place, word in enumerate(a):
        if word:
            known.setdefault(int(word) | 1, []).append(place)
    for place, word in enumerate(b):
        for other in _near(int(word)) if word else ():
            for at in known.get(other, ())[:8]:
                if not same or at - place >= LEAST_LAG:
                    votes[at - place] = votes.get(at - place, 0) + 1
    return sorted(votes, key=lambda lag: -votes[lag])[:most]


def _near(word: int) -> list[int]:
    """Return the word and those with one other bit; the lowest bit only says that there is a word."""
    return [word | 1, *((word ^ (1 << bit)) | 1 for bit in range(1, 32))]


def _agreeing(a: Words, b: Words, lag: int) -> int:
    """Return how many voiced frames of `b` sound like those of `a` that lie `lag` frames further on."""
    start_a, start_b = max(0, lag), max(0, -lag)
    length = min(a.size - start_a, b.size - start_b)
    if length < _STRETCH:
        return 0
    first, second = a[start_a : start_a + length], b[start_b : start_b + length]
    return int(_alike(first, second, (first != 0) & (second != 0)).sum())
