"""The days and weeks for which samples are drawn, in the jurisdiction's zone. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

DAILY: Final = "daily"
WEEKLY: Final = "weekly"
KINDS: Final = (DAILY, WEEKLY)


@dataclass(frozen=True, slots=True)
class Period:
    """One day or week: `begins` inclusive, `ends` exclusive, UTC; `name` is `2026-11-28` or `2026-W48`."""

    kind: str
    name: str
    begins: datetime
    ends: datetime


def period_at(kind: str, at: datetime, zone: str) -> Period:
    """Return the period that `at` lies in; weeks begin on Monday, days at local midnight."""
    local = ZoneInfo(zone)
    day = at.astimezone(local).date()
    if kind == WEEKLY:
        year, week, weekday = day.isocalendar()
        first, length, name = day - timedelta(days=weekday - 1), 7, f"{year}-W{week:02}"
    else:
        first, length, name = day, 1, day.isoformat()
    begins, ends = (datetime.combine(first + timedelta(days=n), time(), local) for n in (0, length))
    return Period(kind, name, begins.astimezone(UTC), ends.astimezone(UTC))


def after(period: Period, zone: str) -> Period:
    """Return the period that follows."""
    return period_at(period.kind, period.ends, zone)
