"""Quiet hours: what waits until the morning, what is sent before the night, what is sent all the same."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reminders.hours import Hours

ZONE = ZoneInfo("Asia/Shanghai")
NIGHT = Hours(time(22), time(7), ZONE)
NOON = Hours(time(12), time(14), ZONE)


def at(day: int, clock: str) -> datetime:
    """That time of that day of December 2026, which goes on into January."""
    return datetime.combine(datetime(2026, 12, 1).date(), time.fromisoformat(clock), ZONE).astimezone(UTC) + timedelta(
        days=day - 1
    )


@pytest.mark.parametrize(
    ("fire", "due", "since", "sent"),
    [
        (at(20, "21:59"), None, at(20, "09:00"), at(20, "21:59")),
        (at(20, "22:00"), None, at(20, "09:00"), at(21, "07:00")),
        (at(21, "06:59"), None, at(20, "09:00"), at(21, "07:00")),
        (at(21, "07:00"), None, at(20, "09:00"), at(21, "07:00")),
        (at(31, "23:30"), None, at(31, "09:00"), at(32, "07:00")),
        # The morning is early enough.
        (at(21, "03:00"), at(21, "08:00"), at(20, "09:00"), at(21, "07:00")),
        # It is not: the evening before, or at once where the matter came up in the night.
        (at(21, "03:00"), at(21, "07:00"), at(20, "09:00"), at(20, "21:59")),
        (at(21, "03:00"), at(21, "05:00"), at(20, "23:30"), at(21, "03:00")),
        # Past its time already: it can wait.
        (at(21, "03:00"), at(21, "02:00"), at(20, "09:00"), at(21, "07:00")),
    ],
)
def test_a_night_from_ten_to_seven(fire: datetime, due: datetime | None, since: datetime, sent: datetime) -> None:
    assert NIGHT.move(fire, due, since) == sent


def test_hours_within_one_day() -> None:
    assert NOON.move(at(20, "13:00"), None, at(20, "09:00")) == at(20, "14:00")
    assert NOON.move(at(20, "14:00"), None, at(20, "09:00")) == at(20, "14:00")


@given(
    fire=st.integers(0, 60 * 24 * 9), lead=st.integers(-600, 600), age=st.integers(0, 3000),
    since=st.integers(0, 23), length=st.integers(1, 23),
)  # fmt: skip
def test_nothing_useful_comes_too_late_and_nothing_before_its_cause(
    fire: int, lead: int, age: int, since: int, length: int
) -> None:
    hours = Hours(time(since), time((since + length) % 24), ZONE)
    instant = datetime(2026, 2, 10, tzinfo=UTC) + timedelta(minutes=fire)
    due, earliest = instant + timedelta(minutes=lead), instant - timedelta(minutes=age)
    sent = hours.move(instant, due, earliest)
    assert sent >= earliest
    if lead > 0:
        assert sent < due
    if sent > instant:
        assert hours.move(sent, None, sent) == sent, "what was moved does not fall into the night again"
