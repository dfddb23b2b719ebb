"""Clocks that stood still: what was left stays left, in hours, calendar days or worked days; the missed stay missed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.policies.calendar import WorkCalendar
from app.policies.deadlines import Run, TicketFacts, plan, replayed, resumed
from app.policies.parse import parse_profile
from app.policies.publish import PROFILES, library_days

FREE, WORKED = library_days()
CALENDAR = WorkCalendar.of(FREE, WORKED, {day.year for day in FREE})
POLICIES = {file.stem: parse_profile(file.read_text("utf-8"), file.name) for file in PROFILES.glob("*.toml")}
SHANGHAI = ZoneInfo("Asia/Shanghai")


def local(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI).astimezone(UTC)


def rested(profile: str, clock: str, times: tuple[str, str, str, str]) -> datetime:
    """Where the clock falls due that started, was due, stopped and went on then."""
    start, due, stop, on = map(local, times)
    return resumed(POLICIES[profile], CALENDAR, {clock: Run(start, due, stop)}, on)[0].due_at


@pytest.mark.parametrize(
    ("profile", "clock", "times", "due"),
    [
        # Elapsed hours: six were left.
        (
            "hukou",
            "sign",
            ("2026-11-16 10:00", "2026-11-17 10:00", "2026-11-17 04:00", "2026-11-20 09:00"),
            "2026-11-20 15:00",
        ),
        # Calendar days: one and the rest of the day were left, weekends and all.
        (
            "uxin",
            "feedback",
            ("2026-11-18 10:00", "2026-11-21 18:00", "2026-11-20 10:00", "2027-02-20 09:00"),
            "2027-02-21 18:00",
        ),
        # Working days: Tuesday and Wednesday were left when it stopped on Monday.
        (
            "hedong",
            "feedback",
            ("2026-11-12 10:00", "2026-11-18 17:30", "2026-11-16 10:00", "2026-11-19 09:00"),
            "2026-11-23 17:30",
        ),
        # A rest over a weekend takes no working day and gives none.
        (
            "hedong",
            "feedback",
            ("2026-11-19 10:00", "2026-11-25 17:30", "2026-11-20 20:00", "2026-11-22 09:00"),
            "2026-11-25 17:30",
        ),
        # From the eve of National Day to its end: the holidays are not given back.
        (
            "hedong",
            "feedback",
            ("2026-09-29 10:00", "2026-10-10 17:30", "2026-09-30 10:00", "2026-10-08 09:00"),
            "2026-10-12 17:30",
        ),
        # Missed before it stopped: it stays missed by as much.
        (
            "hedong",
            "feedback",
            ("2026-11-12 10:00", "2026-11-18 17:30", "2026-11-18 18:00", "2026-11-19 09:00"),
            "2026-11-18 17:30",
        ),
    ],
)
def test_what_was_left_is_left(profile: str, clock: str, times: tuple[str, str, str, str], due: str) -> None:
    assert rested(profile, clock, times) == local(due)


def test_what_is_counted_back_follows_and_the_words_say_why() -> None:
    started = {c.clock: c for c in plan(POLICIES["hukou"], CALENDAR, "dispatch", local("2026-11-16 10:00"))}
    stop, on = local("2026-11-17 10:00"), local("2026-11-20 09:00")
    runs = {k: Run(started[k].started_at, started[k].due_at, stop) for k in ("ask_extension", "feedback")}
    feedback, guard = resumed(POLICIES["hukou"], CALENDAR, runs, on)
    assert (feedback.clock, guard.clock) == ("feedback", "ask_extension")
    assert started["feedback"].due_at == local("2026-11-25 17:30")
    assert feedback.due_at == local("2026-11-30 17:30")
    assert guard.due_at == feedback.due_at - timedelta(hours=24)
    assert feedback.derivation == "11-17 10:00 至 11-20 09:00 停止计时，顺延至 11-30 17:30"


def test_only_what_the_profile_says_rests() -> None:
    """U4.6: the limits of the work rest, those of signing and stepping in do not."""
    assert {k for k, rule in POLICIES["uxin"].clocks.items() if rule.suspends} == {"feedback", "plan", "feedback_again"}
    assert not any(rule.suspends for rule in POLICIES["xinqiao"].clocks.values())


def test_replaying_gives_what_the_rests_once_gave() -> None:
    at, facts = local("2026-11-16 10:00"), TicketFacts("help", "12345", "normal")
    stop, on = local("2026-11-17 10:00"), local("2026-11-20 09:00")
    first = {c.clock: c for c in plan(POLICIES["hukou"], CALENDAR, "dispatch", at, facts)}
    once = resumed(POLICIES["hukou"], CALENDAR, {"feedback": Run(at, first["feedback"].due_at, stop)}, on)[0]
    again = replayed(POLICIES["hukou"], CALENDAR, "dispatch", at, facts, {"feedback": [(stop, on)]})
    assert again["feedback"] == once
    assert again["sign"] == first["sign"]


INSTANTS = st.datetimes(datetime(2024, 1, 1), datetime(2026, 11, 1), timezones=st.just(UTC))


@given(INSTANTS, st.timedeltas(timedelta(0), timedelta(days=4)), st.timedeltas(timedelta(0), timedelta(days=40)))
def test_a_rest_never_shortens_and_keeps_the_worked_days_left(
    start: datetime, until_stop: timedelta, rest: timedelta
) -> None:
    policy = POLICIES["hedong"]
    clock = next(c for c in plan(policy, CALENDAR, "dispatch", start) if c.clock == "feedback")
    stop, on = start + until_stop, start + until_stop + rest
    after = resumed(policy, CALENDAR, {"feedback": Run(start, clock.due_at, stop)}, on)[0].due_at
    if clock.due_at < stop:
        assert after == clock.due_at
        return
    assert after >= clock.due_at
    assert _worked(on, after) == _worked(stop, clock.due_at)


def _worked(since: datetime, until: datetime) -> int:
    first, last = since.astimezone(SHANGHAI).date(), until.astimezone(SHANGHAI).date()
    return sum(CALENDAR.is_working(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))
