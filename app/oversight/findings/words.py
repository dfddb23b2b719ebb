"""Measures in words, as reasons of findings write them. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

PHASES: Final = {"before": "办理前", "after": "办理后", "call": "通话", "visit": "上门", "other": "其他"}
_KILOMETRE: Final = 1000


def span(length: timedelta) -> str:
    """Return a length of time: 25 分钟, 6 小时, 12 天."""
    minutes = abs(length) // timedelta(minutes=1)
    if minutes < 120:
        return f"{minutes} 分钟"
    return f"{minutes // 60} 小时" if minutes < 48 * 60 else f"{minutes // (24 * 60)} 天"


def distance(metres: float) -> str:
    """Return a distance: 640 米, 6.2 公里."""
    return f"{round(metres, -1):.0f} 米" if metres < _KILOMETRE else f"{metres / _KILOMETRE:.1f} 公里"


def seconds(length: float) -> str:
    """Return a length of sound: 45 秒, 2 分 10 秒."""
    whole = round(length)
    return f"{whole} 秒" if whole < 60 else f"{whole // 60} 分 {whole % 60} 秒"


def moment(at: datetime, zone: str) -> str:
    """Return an instant with its year: findings speak of photos that are years old."""
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def phase(key: str) -> str:
    """Return the name of a phase."""
    return PHASES.get(key, "其他")
