"""Datum conversion against published pairs of the GCJ-02 formula."""

from __future__ import annotations

from math import cos, hypot, radians

import pytest

from app.geo import to_gcj02, to_wgs84

PAIRS = [
    # WGS-84 → GCJ-02, as the common open implementations of the formula give them
    ((39.915, 116.404), (39.91640428150164, 116.41024449916938)),
    ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
    ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
    ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),
]


@pytest.mark.parametrize(("wgs", "gcj"), PAIRS)
def test_formula_gives_the_published_pairs(wgs: tuple[float, float], gcj: tuple[float, float]) -> None:
    assert to_gcj02(*wgs) == pytest.approx(gcj, abs=1e-9)


@pytest.mark.parametrize(("wgs", "gcj"), PAIRS)
def test_inverse_is_exact_to_the_centimetre(wgs: tuple[float, float], gcj: tuple[float, float]) -> None:
    latitude, longitude = to_wgs84(*gcj, "gcj02")
    north = (latitude - wgs[0]) * 111_320
    east = (longitude - wgs[1]) * 111_320 * cos(radians(wgs[0]))
    assert hypot(north, east) < 0.02


def test_the_shift_in_dalad_is_hundreds_of_metres() -> None:
    latitude, longitude = to_wgs84(40.4075, 110.0338, "gcj02")
    assert 100 < hypot((latitude - 40.4075) * 111_320, (longitude - 110.0338) * 84_760) < 800


def test_outside_china_and_in_wgs84_nothing_is_shifted() -> None:
    assert to_wgs84(51.5, -0.12, "gcj02") == (51.5, -0.12)
    assert to_wgs84(40.4075, 110.0338, "wgs84") == (40.4075, 110.0338)


def test_an_unknown_datum_is_refused() -> None:
    with pytest.raises(ValueError):
        to_wgs84(40.0, 110.0, "bd09")
