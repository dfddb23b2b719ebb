"""How a recording is measured: silence, loops, and the same sound under another codec; what is honest is none of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from evidence.spoken import RATE, Samples, recorded, ringing, speech

from app.evidence import sound
from app.evidence.sound import Sound, pack, same_seconds

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def call() -> Samples:
    return speech(40, seed=1)


@pytest.fixture
def measured(tmp_path: Path):
    def measure(samples: Samples, media_type: str = "audio/mp4") -> Sound:
        path = tmp_path / "recording"
        path.write_bytes(recorded(samples, media_type))
        return sound.measure(path)

    return measure


def test_a_conversation_is_neither_silent_nor_looped(measured, call: Samples) -> None:
    found = measured(call)
    assert found.seconds == pytest.approx(40, abs=0.3)
    assert found.silent < 0.2 and found.repeated == 0 and found.tonal < 0.2


@pytest.mark.parametrize(("level", "silent"), [(0.0, True), (0.0015, True), (0.02, False)])
def test_silence_is_what_no_quiet_room_gives(measured, level: float, silent: bool) -> None:
    noise = np.random.default_rng(2).normal(0, level, 12 * RATE).astype(np.float32)
    assert (measured(noise).silent > 0.97) is silent


@pytest.mark.parametrize("seconds", [3.3, 7.777])
def test_a_loop_is_found_whatever_its_length(measured, call: Samples, seconds: float) -> None:
    part = call[: int(seconds * RATE)]
    assert measured(np.tile(part, int(40 / seconds)), "audio/amr").repeated > 0.6


def test_a_ringing_line_and_a_fan_are_no_loops(measured) -> None:
    rings = measured(ringing(40), "audio/amr")
    assert rings.repeated == 0 and rings.tonal > 0.8
    fan = np.random.default_rng(3).normal(0, 0.05, 30 * RATE).astype(np.float32)
    assert measured(fan).repeated == 0


@pytest.mark.parametrize("media_type", ["audio/amr", "audio/mpeg", "audio/webm"])
def test_the_same_call_is_known_again_under_another_codec_softer_and_cut(
    measured, call: Samples, media_type: str
) -> None:
    original = pack(measured(call))
    again = pack(measured(call[int(6.013 * RATE) : 34 * RATE] * 0.5, media_type))
    assert same_seconds(original, again) > 20 and same_seconds(again, original) > 20


def test_other_calls_have_nothing_in_common(measured, call: Samples) -> None:
    prints = [pack(measured(speech(30, seed), "audio/amr")) for seed in range(10, 15)] + [pack(measured(call))]
    pairs = [(a, b) for number, a in enumerate(prints) for b in prints[:number]]
    assert max(same_seconds(a, b) for a, b in pairs) == 0


def test_what_is_too_short_has_no_print(measured) -> None:
    found = measured(np.zeros(RATE // 5, np.float32))
    assert found.silent == 1 and pack(found) == b"" and same_seconds(b"", b"") == 0
