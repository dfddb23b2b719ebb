"""Speech that nobody spoke: syllables of changing pitch and vowel, as different from each other as two calls are."""

from __future__ import annotations

import io
from fractions import Fraction

import av
import numpy as np
from evidence.corpus import RECORDINGS
from numpy.typing import NDArray

RATE = 16_000
Samples = NDArray[np.float32]


def speech(seconds: float, seed: int) -> Samples:
    """A conversation of that length, another for another seed."""
    rng = np.random.default_rng(seed)
    total = int(seconds * RATE)
    out, at = np.zeros(total), 0
    while at < total:
        length = min(int(rng.uniform(0.08, 0.35) * RATE), total - at)
        out[at : at + length] += _syllable(rng, length)
        at += length + int(rng.choice([0.02, 0.05, 0.3], p=[0.6, 0.3, 0.1]) * RATE)
    return np.asarray(out / (np.abs(out).max() * 1.3) + rng.normal(0, 0.006, total), np.float32)


def _syllable(rng: np.random.Generator, length: int) -> NDArray[np.float64]:
    pitch = rng.uniform(90, 220) * (1 + rng.uniform(-0.2, 0.2) * np.linspace(0, 1, length))
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    vowel = rng.uniform([250, 700, 1800], [900, 2300, 3200])
    voice = np.zeros(length)
    for harmonic in range(1, 30):
        tone = harmonic * pitch.mean()
        loud = sum(np.exp(-(((tone - centre) / 180) ** 2)) / (n + 1) for n, centre in enumerate(vowel))
        voice += loud * np.sin(harmonic * phase + rng.uniform(0, 6))
    if rng.random() < 0.25:
        voice += rng.normal(0, 0.5, length)
    return np.asarray(voice * np.hanning(length) * rng.uniform(0.4, 1))


def ringing(seconds: float) -> Samples:
    """A line that rings: one second of 450 Hz, four of quiet."""
    time = np.arange(int(seconds * RATE)) / RATE
    tone = np.sin(2 * np.pi * 450 * time) * 0.3 * ((time % 5) < 1)
    return np.asarray(tone + np.random.default_rng(5).normal(0, 0.0015, time.size), np.float32)


def recorded(samples: Samples, media_type: str = "audio/mp4") -> bytes:
    """The samples as a phone of that kind records them."""
    form, codec, rate, bit_rate = RECORDINGS[media_type]
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=form) as sink:
        stream = sink.add_stream(codec, rate=rate, layout="mono")
        if bit_rate:
            stream.bit_rate = bit_rate
        resampler = av.AudioResampler(format=stream.format.name, layout="mono", rate=rate)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[None]), format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            sink.mux(stream.encode(part))
        sink.mux(stream.encode(None))
    return buffer.getvalue()
