"""Golden tables: what every profile's limits come to around 春节, 国庆, New Year and make-up days. Counted by hand.

2026: free 1–3 January, 15–23 February, 25–27 September, 1–7 October; worked on the Sundays 4 January and 20 September
and on the Saturdays 14 and 28 February and 10 October. 2027 is not announced.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.policies.calendar import WorkCalendar
from app.policies.deadlines import ClockPlan, TicketFacts, plan
from app.policies.parse import parse_profile
from app.policies.publish import PROFILES, library_days

FREE, WORKED = library_days()
CALENDAR = WorkCalendar.of(FREE, WORKED, {day.year for day in FREE})
POLICIES = {file.stem: parse_profile(file.read_text("utf-8"), file.name) for file in PROFILES.glob("*.toml")}
SHANGHAI = ZoneInfo("Asia/Shanghai")
PLAIN = TicketFacts("complaint", "12345", "normal")
CONSULT, HELP = TicketFacts("consult", "12345", "normal"), TicketFacts("help", "12345", "normal")

THURSDAY_BEFORE_SPRING_FESTIVAL = "2026-02-12 10:00"
EVE_OF_NATIONAL_DAY = "2026-09-30 10:00"
IN_NATIONAL_DAY_WEEK = "2026-10-02 10:00"
FRIDAY_BEFORE_A_WORKED_SUNDAY = "2026-09-18 16:00"
LAST_TUESDAY_OF_THE_YEAR = "2026-12-29 10:00"


def local(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI).astimezone(UTC)


def started(profile: str, at: str, facts: TicketFacts = PLAIN, event: str = "dispatch") -> dict[str, ClockPlan]:
    return {c.clock: c for c in plan(POLICIES[profile], CALENDAR, event, local(at), facts)}


GOLDEN = [
    # Feb 13, make-up 14, 24, 25, 26, 27, make-up 28, Mar 2, 3, 4 are the ten working days after the 12th.
    ("dalad", THURSDAY_BEFORE_SPRING_FESTIVAL, PLAIN, "sign", "2026-02-13 06:00", False),
    ("dalad", THURSDAY_BEFORE_SPRING_FESTIVAL, PLAIN, "feedback", "2026-02-26 17:30", False),
    ("dalad", THURSDAY_BEFORE_SPRING_FESTIVAL, PLAIN, "upload_target", "2026-02-26 16:30", False),
    ("hedong", THURSDAY_BEFORE_SPRING_FESTIVAL, PLAIN, "return", "2026-02-13 17:30", False),
    ("hedong", THURSDAY_BEFORE_SPRING_FESTIVAL, PLAIN, "feedback", "2026-02-25 17:30", False),
    ("uxin", THURSDAY_BEFORE_SPRING_FESTIVAL, PLAIN, "first_feedback", "2026-02-13 18:00", False),
    ("uxin", THURSDAY_BEFORE_SPRING_FESTIVAL, PLAIN, "feedback", "2026-02-15 18:00", False),
    ("uxin", THURSDAY_BEFORE_SPRING_FESTIVAL, PLAIN, "plan", "2026-02-19 18:00", False),
    ("uxin", THURSDAY_BEFORE_SPRING_FESTIVAL, PLAIN, "ask_suspension", "2026-02-15 18:00", False),
    ("hukou", THURSDAY_BEFORE_SPRING_FESTIVAL, CONSULT, "feedback", "2026-02-13 17:30", False),
    ("hukou", THURSDAY_BEFORE_SPRING_FESTIVAL, HELP, "feedback", "2026-02-26 17:30", False),
    ("hukou", THURSDAY_BEFORE_SPRING_FESTIVAL, PLAIN, "feedback", "2026-02-28 17:30", False),
    ("hukou", THURSDAY_BEFORE_SPRING_FESTIVAL, PLAIN, "ask_extension", "2026-02-27 17:30", False),
    ("xinqiao", THURSDAY_BEFORE_SPRING_FESTIVAL, PLAIN, "return", "2026-02-13 17:30", False),
    ("xinqiao", THURSDAY_BEFORE_SPRING_FESTIVAL, PLAIN, "return_on_site", "2026-02-24 17:30", False),
    ("xinqiao", THURSDAY_BEFORE_SPRING_FESTIVAL, PLAIN, "eighth_day", "2026-03-02 17:30", False),
    ("xinqiao", THURSDAY_BEFORE_SPRING_FESTIVAL, PLAIN, "feedback", "2026-03-04 17:30", False),
    # Oct 8, 9, make-up 10, 12, 13, 14, 15, 16, 19, 20.
    ("dalad", EVE_OF_NATIONAL_DAY, PLAIN, "feedback", "2026-10-13 17:30", False),
    ("hedong", EVE_OF_NATIONAL_DAY, PLAIN, "return", "2026-10-08 17:30", False),
    ("hedong", EVE_OF_NATIONAL_DAY, PLAIN, "feedback", "2026-10-12 17:30", False),
    ("uxin", EVE_OF_NATIONAL_DAY, PLAIN, "first_feedback", "2026-10-08 18:00", False),
    ("uxin", EVE_OF_NATIONAL_DAY, PLAIN, "feedback", "2026-10-03 18:00", False),
    ("uxin", EVE_OF_NATIONAL_DAY, PLAIN, "plan", "2026-10-07 18:00", False),
    ("hukou", EVE_OF_NATIONAL_DAY, CONSULT, "feedback", "2026-10-08 17:30", False),
    ("hukou", EVE_OF_NATIONAL_DAY, HELP, "feedback", "2026-10-13 17:30", False),
    ("hukou", EVE_OF_NATIONAL_DAY, PLAIN, "feedback", "2026-10-15 17:30", False),
    ("xinqiao", EVE_OF_NATIONAL_DAY, PLAIN, "eighth_day", "2026-10-16 17:30", False),
    ("xinqiao", EVE_OF_NATIONAL_DAY, PLAIN, "feedback", "2026-10-20 17:30", False),
    # Received on a holiday: the 8th is day 1 for those that count the day of receipt, and the first for the others.
    ("hukou", IN_NATIONAL_DAY_WEEK, CONSULT, "feedback", "2026-10-09 17:30", False),
    ("hedong", IN_NATIONAL_DAY_WEEK, PLAIN, "return", "2026-10-08 17:30", False),
    # The Sunday after is worked: it is the one working day to return in, and day 3 of four is the 22nd.
    ("hedong", FRIDAY_BEFORE_A_WORKED_SUNDAY, PLAIN, "return", "2026-09-20 17:30", False),
    ("hedong", FRIDAY_BEFORE_A_WORKED_SUNDAY, PLAIN, "feedback", "2026-09-23 17:30", False),
    ("xinqiao", FRIDAY_BEFORE_A_WORKED_SUNDAY, PLAIN, "return_on_site", "2026-09-22 17:30", False),
    # Dec 30, 31, then days of a year nobody has announced: Jan 1 counts as the Friday it is, until it is known.
    ("dalad", LAST_TUESDAY_OF_THE_YEAR, PLAIN, "feedback", "2027-01-05 17:30", True),
    ("hedong", LAST_TUESDAY_OF_THE_YEAR, PLAIN, "return", "2026-12-30 17:30", False),
    ("hedong", LAST_TUESDAY_OF_THE_YEAR, PLAIN, "feedback", "2027-01-04 17:30", True),
    ("uxin", LAST_TUESDAY_OF_THE_YEAR, PLAIN, "plan", "2027-01-05 18:00", False),
    ("hukou", LAST_TUESDAY_OF_THE_YEAR, CONSULT, "feedback", "2026-12-30 17:30", False),
    ("hukou", LAST_TUESDAY_OF_THE_YEAR, HELP, "feedback", "2027-01-05 17:30", True),
    ("hukou", LAST_TUESDAY_OF_THE_YEAR, HELP, "ask_extension", "2027-01-04 17:30", True),
    ("xinqiao", LAST_TUESDAY_OF_THE_YEAR, PLAIN, "feedback", "2027-01-12 17:30", True),
]


@pytest.mark.parametrize(("profile", "at", "facts", "clock", "due", "provisional"), GOLDEN)
def test_golden(profile: str, at: str, facts: TicketFacts, clock: str, due: str, provisional: bool) -> None:
    found = started(profile, at, facts)[clock]
    assert (found.due_at, found.provisional) == (local(due), provisional)


@pytest.mark.parametrize(
    ("profile", "event", "clock", "due"),
    [
        ("uxin", "intake", "centre_sign", "2026-10-01 10:00"),
        ("uxin", "intake", "hand_out", "2026-10-08 18:00"),
        ("uxin", "sign", "step_in", "2026-09-30 12:00"),
        ("uxin", "reopen", "feedback_again", "2026-10-03 18:00"),
        ("hukou", "intake", "centre_sign", "2026-10-01 10:00"),
        ("hukou", "sign", "return", "2026-10-01 10:00"),
        ("hukou", "reopen", "feedback_again", "2026-10-12 17:30"),
        ("xinqiao", "intake", "hand_out", "2026-10-08 17:30"),
        ("xinqiao", "reopen", "feedback_again", "2026-10-13 17:30"),
        ("hedong", "sign", "first_contact", "2026-09-30 12:00"),
        ("hedong", "reopen", "feedback_again", "2026-10-12 17:30"),
    ],
)
def test_limits_of_the_centre_of_signing_and_of_reopening(profile: str, event: str, clock: str, due: str) -> None:
    assert started(profile, EVE_OF_NATIONAL_DAY, event=event)[clock].due_at == local(due)


def test_no_clock_of_one_event_starts_with_another() -> None:
    for profile, policy in POLICIES.items():
        each = [set(started(profile, EVE_OF_NATIONAL_DAY, event=e)) for e in ("intake", "dispatch", "sign", "reopen")]
        assert sum(map(len, each)) == len(set.union(*each)) <= len(policy.clocks)


@pytest.mark.parametrize(
    ("facts", "due", "marks"),
    [
        (PLAIN, "2026-10-20 17:30", {"eighth_day": "2026-10-16 17:30"}),
        (TicketFacts("help", "recheck", "normal"), "2026-10-13 17:30", {"two_days_before": "2026-10-11 17:30"}),
        (TicketFacts("help", "snapshot", "normal"), "2026-10-13 17:30", {"two_days_before": "2026-10-11 17:30"}),
        (TicketFacts("help", "snapshot", "urgent"), "2026-10-10 17:30", {"two_days_before": "2026-10-08 17:30"}),
        (
            TicketFacts("help", "12345", "normal", local("2026-10-12 09:00")),
            "2026-10-12 09:00",
            {"two_days_before": "2026-10-10 09:00"},
        ),
    ],
)
def test_the_eighth_day_for_ordinary_limits_and_two_days_before_for_others(
    facts: TicketFacts, due: str, marks: dict[str, str]
) -> None:
    """X2.5, X3.3."""
    found = started("xinqiao", EVE_OF_NATIONAL_DAY, facts)
    assert found["feedback"].due_at == local(due)
    assert {k: c.due_at for k, c in found.items() if c.kind == "mark"} == {k: local(at) for k, at in marks.items()}


def test_words_say_whether_the_day_of_receipt_counts() -> None:
    words = started("hukou", EVE_OF_NATIONAL_DAY, HELP)["feedback"].derivation
    assert words == "6 个工作日，自 09-30 10:00 派单起（当日计为第 1 日），至 10-13 17:30"
    assert "当日不计" in started("hedong", EVE_OF_NATIONAL_DAY)["feedback"].derivation
    assert started("uxin", EVE_OF_NATIONAL_DAY)["ask_suspension"].derivation == "办结反馈时限 10-03 18:00 前"


def test_a_limit_includes_its_last_millisecond_and_the_day_turns_at_midnight_here() -> None:
    before, after = started("hukou", "2026-11-19 23:59", CONSULT), started("hukou", "2026-11-20 00:00", CONSULT)
    assert before["feedback"].due_at == local("2026-11-20 17:30")
    assert after["feedback"].due_at == local("2026-11-23 17:30")
    assert before["sign"].due_at - local("2026-11-19 23:59") == timedelta(hours=24)
