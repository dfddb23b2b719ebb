"""Coordinates between GCJ-02 (what Chinese map kits and some phones report) and WGS-84 (what is stored). Pure.

The published GCJ-02 formula has no closed inverse; it is inverted by fixed-point iteration, which converges to well
under a centimetre in a few rounds. The one-step approximation common in snippets is metres off, and a site visit is
judged by metres.
"""

from __future__ import annotations

from math import cos, pi, radians, sin, sqrt

_AXIS = 6378245.0
_ECCENTRICITY = 0.00669342162296594323
_CHINA = (0.8293, 55.8271, 72.004, 137.8347)
"""South, north, west, east: outside this box both data are the same."""


def to_wgs84(latitude: float, longitude: float, datum: str) -> tuple[float, float]:
    """Return the position in WGS-84 degrees, rounded to 1e-7 (about a centimetre).

    `datum` is `wgs84` or `gcj02`. Raises `ValueError` for any other.
    """
    if datum == "wgs84":
        return latitude, longitude
    if datum != "gcj02":
        raise ValueError(f"unknown datum {datum!r}")
    guess = latitude, longitude
    for _ in range(8):
        there = to_gcj02(*guess)
        guess = guess[0] + latitude - there[0], guess[1] + longitude - there[1]
    return round(guess[0], 7), round(guess[1], 7)


def to_gcj02(latitude: float, longitude: float) -> tuple[float, float]:
    """Return a WGS-84 position in GCJ-02 degrees."""
    south, north, west, east = _CHINA
    if not (south <= latitude <= north and west <= longitude <= east):
        return latitude, longitude
    x, y = longitude - 105.0, latitude - 35.0
    angle = radians(latitude)
    magic = 1 - _ECCENTRICITY * sin(angle) ** 2
    north_metres, east_metres = _shift(x, y)
    shift_lat = north_metres * 180.0 / ((_AXIS * (1 - _ECCENTRICITY)) / (magic * sqrt(magic)) * pi)
    shift_lon = east_metres * 180.0 / (_AXIS / sqrt(magic) * cos(angle) * pi)
    return latitude + shift_lat, longitude + shift_lon


def _shift(x: float, y: float) -> tuple[float, float]:
    """Return the northward and eastward shift in metres of the published polynomial."""
    root = 0.2 * sqrt(abs(x))
    common = (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    northward = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + root + common
    northward += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    northward += (160.0 * sin(y / 12.0 * pi) + 320 * sin(y * pi / 30.0)) * 2.0 / 3.0
    eastward = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + root / 2.0 + common
    eastward += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    eastward += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    return northward, eastward
