"""How far and in which direction one place lies from another, without a map. Pure."""

from __future__ import annotations

from math import asin, atan2, cos, degrees, radians, sin, sqrt
from typing import Any, Final

_RADIUS_M: Final = 6371008.8
"""Mean radius of the Earth: over some kilometres a sphere is right to within half a percent."""
_WINDS: Final = ("北", "东北", "东", "东南", "南", "西南", "西", "西北")


def between(start: tuple[float, float] | None, end: tuple[float, float] | None) -> dict[str, Any] | None:
    """Return metres, bearing in degrees from north and its name in Chinese; None when a place is unknown (WGS-84)."""
    if start is None or end is None:
        return None
    (lat1, lon1), (lat2, lon2) = ((radians(a), radians(b)) for a, b in (start, end))
    step = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    metres = 2 * _RADIUS_M * asin(min(1.0, sqrt(step)))
    ahead = cos(lat1) * sin(lat2) - sin(lat1) * cos(lat2) * cos(lon2 - lon1)
    bearing = degrees(atan2(sin(lon2 - lon1) * cos(lat2), ahead)) % 360
    return {"metres": round(metres, 1), "bearing": round(bearing) % 360, "wind": _WINDS[round(bearing / 45) % 8]}
