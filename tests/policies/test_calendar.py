"""Working days: holidays, make-up Saturdays, and years nobody has announced yet."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.policies.calendar import WorkCalendar
from app.policies.publish import library_days

FREE, WORKED = library_days()
CALENDAR = WorkCalendar.of(FREE, WORKED, {day.year for day in FREE})


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 11, 20), True),
        (date(2026, 11, 21), False),
        (date(2026, 10, 1), False),
        (date(2026, 10, 8), True),
        (date(2026, 10, 10), True),  # a Saturday worked to make up for the National Day week
        (date(2026, 9, 20), True),  # a Sunday worked for the same
        (date(2026, 2, 17), False),
        (date(2027, 1, 1), True),  # not announced: a Friday like any other
        (date(2027, 1, 2), False),
    ],
)
def test_is_working(day: date, working: bool) -> None:
    assert CALENDAR.is_working(day) is working


@pytest.mark.parametrize(
    ("start", "count", "found", "provisional"),
    [
        (date(2026, 11, 20), 1, date(2026, 11, 23), False),
        (date(2026, 11, 20), 5, date(2026, 11, 27), False),
        (date(2026, 11, 21), 1, date(2026, 11, 23), False),
        (date(2026, 9, 30), 1, date(2026, 10, 8), False),
        (date(2026, 9, 30), 3, date(2026, 10, 10), False),
        (date(2026, 9, 30), 4, date(2026, 10, 12), False),
        (date(2026, 12, 29), 2, date(2026, 12, 31), False),
        (date(2026, 12, 29), 3, date(2027, 1, 1), True),
        (date(2026, 12, 29), 5, date(2027, 1, 5), True),
        (date(2030, 1, 1), 1, date(2030, 1, 2), True),
    ],
)
def test_working_day_after(start: date, count: int, found: date, provisional: bool) -> None:
    result = CALENDAR.working_day_after(start, count)
    assert (result.day, result.provisional) == (found, provisional)


def test_announcing_a_year_settles_it() -> None:
    announced = WorkCalendar.of(FREE | {date(2027, 1, 1)}, WORKED | {date(2027, 1, 2)}, CALENDAR.years | {2027})
    result = announced.working_day_after(date(2026, 12, 29), 3)
    assert (result.day, result.provisional) == (date(2027, 1, 2), False)


DAYS = st.dates(date(2004, 1, 1), date(2200, 1, 1))


@given(DAYS, st.integers(1, 60))
def test_found_day_is_working_and_counts_right(start: date, count: int) -> None:
    found = CALENDAR.working_day_after(start, count).day
    between = [start + timedelta(days=n) for n in range(1, (found - start).days + 1)]
    assert CALENDAR.is_working(found)
    assert sum(map(CALENDAR.is_working, between)) == count


@given(DAYS, st.integers(1, 30), st.integers(1, 30))
def test_counting_in_two_goes_is_counting_once(start: date, first: int, second: int) -> None:
    half = CALENDAR.working_day_after(start, first).day
    assert CALENDAR.working_day_after(half, second).day == CALENDAR.working_day_after(start, first + second).day


@given(DAYS, st.integers(1, 30))
def test_provisional_exactly_when_an_unknown_year_was_touched(start: date, count: int) -> None:
    found = CALENDAR.working_day_after(start, count)
    assert found.provisional == (start.year not in CALENDAR.years or found.day.year not in CALENDAR.years)
