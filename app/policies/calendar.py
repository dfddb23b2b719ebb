"""Working days: statutory holidays and make-up workdays (调休) as a table. Pure.

A year that is not in the table is not an error: its days count Monday to Friday and every result that touched it is
provisional, to be computed again once the year's arrangement is published.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class DayFound:
    """A day and whether a year that is not in the table had a part in finding it."""

    day: date
    provisional: bool


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """`free` are holidays, `worked` weekend days that are worked, `years` those whose arrangement is known."""

    free: frozenset[date]
    worked: frozenset[date]
    years: frozenset[int]

    @classmethod
    def of(cls, free: Iterable[date], worked: Iterable[date], years: Iterable[int]) -> WorkCalendar:
        """Return the calendar of those days."""
        return cls(frozenset(free), frozenset(worked), frozenset(years))

    def known(self, day: date) -> bool:
        """Return whether the arrangement of the day's year is published."""
        return day.year in self.years

    def is_working(self, day: date) -> bool:
        """Return whether people work on that day, as far as is known."""
        if self.known(day):
            if day in self.free:
                return False
            if day in self.worked:
                return True
        return day.weekday() < _SATURDAY

    def working_day_before(self, end: date, count: int) -> DayFound:
        """Return the `count`-th working day before `end`; `end` itself never counts."""
        return self._found(end, count, -1)

    def working_day_after(self, start: date, count: int) -> DayFound:
        """Return the `count`-th working day after `start`; `start` itself never counts. `count` is at least 1."""
        return self._found(start, count, 1)

    def _found(self, start: date, count: int, step: int) -> DayFound:
        day, left, provisional = start, count, not self.known(start)
        while left:
            day += timedelta(days=step)
            provisional = provisional or not self.known(day)
            left -= self.is_working(day)
        return DayFound(day, provisional)
