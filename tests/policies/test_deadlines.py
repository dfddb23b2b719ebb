"""When clocks fall due, boundary instants included, and the words that say why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.policies.calendar import WorkCalendar
from app.policies.deadlines import ClockPlan, TicketFacts, in_time, moved, plan
from app.policies.parse import parse_profile
from app.policies.publish import PROFILES, library_days

FREE, WORKED = library_days()
CALENDAR = WorkCalendar.of(FREE, WORKED, {day.year for day in FREE})
DALAD = parse_profile((PROFILES / "dalad.toml").read_text("utf-8"), "dalad.toml")
MS = timedelta(milliseconds=1)
HOUR = timedelta(hours=1)
AT = datetime(2026, 11, 20, 1, 14, tzinfo=UTC)


def clocks(at: datetime = AT, feedback_by: datetime | None = None) -> dict[str, ClockPlan]:
    return {c.clock: c for c in plan(DALAD, CALENDAR, "dispatch", at, TicketFacts(feedback_by=feedback_by))}


def test_dispatch_starts_every_clock_of_the_notice_in_its_order() -> None:
    assert list(clocks()) == ["sign", "return", "feedback", "upload_target", "ask_extension"]
    assert all(c.started_at == AT for c in clocks().values())
    assert [c.kind for c in clocks().values()] == ["deadline", "guard", "deadline", "target", "guard"]
    assert plan(DALAD, CALENDAR, "sign", AT) == []


@pytest.mark.parametrize("clock", ["sign", "return"])
@pytest.mark.parametrize(("late", "kept"), [(-MS, True), (timedelta(0), True), (MS, False)])
def test_twenty_hours_exactly_is_in_time(clock: str, late: timedelta, kept: bool) -> None:
    """二(一), 三(二): 20 小时内 includes the twentieth hour's last millisecond."""
    assert in_time(AT + 20 * HOUR + late, clocks()[clock].due_at) is kept


@pytest.mark.parametrize(("late", "kept"), [(-MS, True), (timedelta(0), True), (MS, False)])
def test_one_day_before_exactly_is_in_time_for_an_extension(late: timedelta, kept: bool) -> None:
    """四(三): 至少提前一天 is met 24 hours before, to the millisecond."""
    due = datetime(2026, 11, 27, 10, tzinfo=UTC)
    assert in_time(due - 24 * HOUR + late, clocks(feedback_by=due)["ask_extension"].due_at) is kept


def test_twenty_hours_run_over_nights_weekends_and_new_year() -> None:
    at = datetime(2026, 12, 31, 15, 59, 59, 999000, tzinfo=UTC)  # a millisecond before 2027 in Shanghai
    assert clocks(at)["sign"].due_at == at + 20 * HOUR
    assert clocks(at)["sign"].provisional is False


def test_feedback_as_the_city_platform_gave_it() -> None:
    due = datetime(2026, 11, 25, 3, tzinfo=UTC)
    found = clocks(feedback_by=due)
    assert found["feedback"].due_at == due
    assert found["upload_target"].due_at == due - HOUR
    assert found["ask_extension"].due_at == due - 24 * HOUR
    assert found["feedback"].assumed is False
    assert found["upload_target"].assumed is False
    assert found["ask_extension"].assumed is True


@pytest.mark.parametrize(
    ("at", "due", "provisional"),
    [
        # Friday: the day itself does not count, five working days end the next Friday at closing time.
        (datetime(2026, 11, 20, 1, 14, tzinfo=UTC), datetime(2026, 11, 27, 9, 30, tzinfo=UTC), False),
        # 23:59 and 00:00 in Shanghai stand on two days although both are the 20th in UTC.
        (datetime(2026, 11, 20, 15, 59, tzinfo=UTC), datetime(2026, 11, 27, 9, 30, tzinfo=UTC), False),
        (datetime(2026, 11, 22, 16, 0, tzinfo=UTC), datetime(2026, 11, 30, 9, 30, tzinfo=UTC), False),
        # Across the National Day week: 8, 9, make-up Saturday 10, 12, 13 October.
        (datetime(2026, 9, 30, 2, 0, tzinfo=UTC), datetime(2026, 10, 13, 9, 30, tzinfo=UTC), False),
        # 24 December: the fifth working day is the 31st, all of it in a known year.
        (datetime(2026, 12, 24, 2, 0, tzinfo=UTC), datetime(2026, 12, 31, 9, 30, tzinfo=UTC), False),
        # 25 December: the fifth is 1 January 2027, whose arrangement nobody has announced.
        (datetime(2026, 12, 25, 2, 0, tzinfo=UTC), datetime(2027, 1, 1, 9, 30, tzinfo=UTC), True),
    ],
)
def test_feedback_when_the_platform_gave_none(at: datetime, due: datetime, provisional: bool) -> None:
    found = clocks(at)
    assert (found["feedback"].due_at, found["feedback"].provisional) == (due, provisional)
    assert found["upload_target"].due_at == due - HOUR
    assert found["ask_extension"].provisional is provisional
    assert found["feedback"].assumed and found["upload_target"].assumed


def test_words_say_how_long_from_when_and_where_it_is_written() -> None:
    found = clocks()
    assert found["sign"].derivation == "20 小时，自 11-20 09:14 派单起"
    assert found["sign"].cite == "二(一)、三(一)"
    assert found["feedback"].derivation == "5 个工作日，自 11-20 09:14 派单起（当日不计），至 11-27 17:30"
    assert found["upload_target"].derivation == "反馈时限 11-27 17:30 前 1 小时"
    assert found["ask_extension"].derivation == "反馈时限 11-27 17:30 前 24 小时"
    given = clocks(feedback_by=datetime(2026, 11, 25, 3, tzinfo=UTC))
    assert given["feedback"].derivation == "市平台随工单给出：11-25 11:00 前"


def test_words_write_the_year_where_it_turns_and_say_what_is_provisional() -> None:
    derivation = clocks(datetime(2026, 12, 25, 2, tzinfo=UTC))["feedback"].derivation
    assert "至 2027-01-01 17:30" in derivation
    assert derivation.endswith("（节假日安排尚未公布，暂按周一至周五计算）")


def test_extension_moves_the_deadline_and_what_is_counted_back_from_it() -> None:
    due = datetime(2026, 12, 4, 9, 30, tzinfo=UTC)
    base, target, guard = moved(DALAD, CALENDAR, "feedback", AT, due)
    assert (base.clock, base.started_at, base.due_at) == ("feedback", AT, due)
    assert base.derivation == "延期获准，新的反馈时限 12-04 17:30"
    assert (target.clock, target.due_at) == ("upload_target", due - HOUR)
    assert (guard.clock, guard.due_at) == ("ask_extension", due - 24 * HOUR)


INSTANTS = st.datetimes(datetime(2024, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))


@given(INSTANTS)
def test_no_clock_of_a_fresh_dispatch_is_already_over(at: datetime) -> None:
    found = clocks(at)
    assert all(c.due_at > at for c in found.values())
    assert found["ask_extension"].due_at < found["upload_target"].due_at < found["feedback"].due_at
    assert all(len(c.derivation) <= 200 and len(c.cite) <= 40 and len(c.label) <= 40 for c in found.values())


@given(INSTANTS, st.timedeltas(timedelta(0), timedelta(days=3)))
def test_a_later_dispatch_is_never_due_earlier(at: datetime, later: timedelta) -> None:
    first, second = clocks(at), clocks(at + later)
    assert all(second[key].due_at >= first[key].due_at for key in first)
