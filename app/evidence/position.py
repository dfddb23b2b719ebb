"""A place as columns and as the wire shows it; one shape for photos and visits. Pure."""

from __future__ import annotations

from typing import Any, Final

from app import clock
from app.geo import to_wgs84

COLUMNS: Final = ("latitude", "longitude", "accuracy_m", "position_at")
SAMPLED: Final = ("samples", "spread_m", "span_s")


def columns(claim: dict[str, Any] | None) -> dict[str, Any]:
    """Return the columns of a position a phone claims: WGS-84, converted here, at the edge; None for no position."""
    if claim is None:
        return dict.fromkeys(COLUMNS)
    latitude, longitude = to_wgs84(claim["lat"], claim["lon"], claim["datum"])
    values = (latitude, longitude, claim["accuracy_m"], claim["at"])
    return dict(zip(COLUMNS, values, strict=True))


def sampled(claim: dict[str, Any] | None) -> dict[str, Any]:
    """Return the columns that say how the fix came about: how many, how far apart (metres), over how many seconds."""
    return {name: claim.get(name) if claim else None for name in SAMPLED}


def wire(row: Any) -> dict[str, Any] | None:
    """Return the wire's `Position` of a row with these columns, None where nothing was claimed."""
    if row.latitude is None:
        return None
    return {
        "lat": row.latitude,
        "lon": row.longitude,
        "accuracy_m": row.accuracy_m,
        "datum": "wgs84",
        "at": clock.iso(row.position_at) if row.position_at else None,
    }
