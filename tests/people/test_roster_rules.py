"""Who answers for a unit when, from roster and leave; what becomes of turns that change (D6.1, H3.2, U5.1). Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import groupby

import pytest

from app.people.roster.changes import (
    DAY,
    NEXT,
    NONE,
    WEEK,
    Pattern,
    doubled,
    handed,
    joined,
    laid,
    rotation,
    without,
)
from app.people.roster.rules import (
    BY_ROLE,
    NOBODY,
    PLANNED,
    STAND_IN,
    Away,
    Member,
    Staff,
    Turn,
    answer,
    bare,
    day_at,
    day_of,
    days_from,
    said,
    span_of,
    stretches,
)
from app.policies.calendar import WorkCalendar

ZONE = "Asia/Shanghai"
NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)
MEMBERS = (Member("a", "A"), Member("b", "B"), Member("c", "B"))


def turn(person: str, rank: str = "A", start: datetime = NOON - HOUR, end: datetime = NOON + HOUR) -> Turn:
    return Turn(person, rank, start, end)


def away(person: str, stand_in: str | None = None) -> Away:
    return Away(person, stand_in, NOON - HOUR, NOON + HOUR)


CASES = {
    "no roster: A角 by role": ((), (), ("a",), ("b", "c"), BY_ROLE),
    "the roster's A角": ((turn("b"),), (), ("b",), ("a", "c"), PLANNED),
    "its B角 is next, before A角 by role": ((turn("b"), turn("c", "B")), (), ("b",), ("c", "a"), PLANNED),
    "a B角 alone is first": ((turn("c", "B"),), (), ("c",), ("a", "b"), PLANNED),
    "who is no liaison any more is passed over": ((turn("gone"),), (), ("a",), ("b", "c"), BY_ROLE),
    "on leave: the stand-in": ((turn("a"), turn("b", "B")), (away("a", "c"),), ("c",), ("b",), STAND_IN),
    "on leave without one: B角": ((turn("a"), turn("c", "B")), (away("a"),), ("c",), ("b",), STAND_IN),
    "on leave, nobody second: whoever is left": ((turn("a"),), (away("a"),), ("b", "c"), (), STAND_IN),
    "leave without a roster": ((), (away("a"),), ("b", "c"), (), STAND_IN),
    "leave without a roster, with a stand-in": ((), (away("a", "c"),), ("c",), ("b",), STAND_IN),
    "a stand-in who is away names another": ((turn("a"),), (away("a", "b"), away("b", "c")), ("c",), (), STAND_IN),
    "two who stand in for each other": ((turn("a"),), (away("a", "b"), away("b", "a")), ("c",), (), STAND_IN),
    "a stand-in from elsewhere does not count": ((turn("a"),), (away("a", "stranger"),), ("b", "c"), (), STAND_IN),
    "B角 on leave changes nothing for A角": ((turn("b"),), (away("c"),), ("b",), ("a",), PLANNED),
    "everybody away: nobody first, they are told next": (
        (turn("a"),), (away("a", "b"), away("b"), away("c")), (), ("a", "b", "c"), NOBODY,
    ),
}  # fmt: skip


@pytest.mark.clause("D6.1", "H3.2")
@pytest.mark.parametrize(("turns", "leaves", "first", "others", "how"), CASES.values(), ids=list(CASES))
def test_who_is_first_and_who_next(
    turns: tuple[Turn, ...], leaves: tuple[Away, ...], first: tuple[str, ...], others: tuple[str, ...], how: str
) -> None:
    found = answer(Staff(MEMBERS, turns, leaves), NOON)
    assert (found.first, found.others, found.how) == (first, others, how)


def test_where_nobody_has_a_rank_everybody_is_first_and_without_liaisons_nobody() -> None:
    found = answer(Staff((Member("x", None), Member("y", None))), NOON)
    assert (found.first, found.how) == (("x", "y"), BY_ROLE)
    assert (answer(Staff(), NOON).first, answer(Staff(), NOON).how) == ((), NOBODY)


def test_a_turn_holds_from_its_first_instant_until_before_its_last() -> None:
    staff = Staff(MEMBERS, (turn("b", "A", NOON, NOON + HOUR),))
    moments = [NOON - timedelta(milliseconds=1), NOON, NOON + HOUR - timedelta(milliseconds=1), NOON + HOUR]
    assert [answer(staff, at).first for at in moments] == [("a",), ("b",), ("b",), ("a",)]


def test_a_day_is_that_of_the_place_and_has_no_hole_at_the_ends_of_months() -> None:
    first, last = span_of(date(2026, 12, 31), ZONE)
    assert (first, last) == (datetime(2026, 12, 30, 16, tzinfo=UTC), datetime(2026, 12, 31, 16, tzinfo=UTC))
    assert span_of(date(2027, 1, 1), ZONE)[0] == last
    assert day_at(first, ZONE) == date(2026, 12, 31) and day_at(first - HOUR, ZONE) == date(2026, 12, 30)
    february = days_from(date(2028, 2, 1), date(2028, 3, 1))
    assert (len(february), february[28]) == (30, date(2028, 2, 29))


def test_a_span_is_said_in_days_and_in_hours_only_where_it_ends_within_one() -> None:
    start, end = span_of(date(2026, 12, 30), ZONE)
    assert said(start, end, ZONE) == said(start + HOUR, end, ZONE) == "12 月 30 日"
    assert said(start, end + timedelta(days=1), ZONE) == "12 月 30 日至 31 日"
    assert said(start, end + timedelta(days=3), ZONE) == "12 月 30 日至 1 月 2 日"
    assert said(start, start + 9 * HOUR, ZONE) == "12-30 00:00 至 12-30 09:00"


def test_a_day_says_its_worst_hour_and_whether_it_is_shared() -> None:
    day = date(2026, 11, 20)
    start, end = span_of(day, ZONE)
    whole = Staff(MEMBERS, (Turn("b", "A", start, end),))
    found = day_of(whole, day, ZONE, start - HOUR)
    assert (found.first, found.how, found.part) == (("b",), PLANNED, False)
    half = Staff(MEMBERS, (Turn("b", "A", start, NOON),), (Away("c", None, NOON, end),))
    found = day_of(half, day, ZONE, start - HOUR)
    assert (found.first, found.how, found.part, found.away) == (("b", "a"), BY_ROLE, True, ("c",))
    assert day_of(half, day, ZONE, NOON + HOUR).first == ("a",), "of today only what is left of it"
    both = Staff(MEMBERS[:1], (), (Away("a", None, NOON, end),))
    assert day_of(both, day, ZONE, start).how == NOBODY
    assert bare(both, start, end) == [(NOON, end)]


def test_stretches_cover_the_span_without_a_hole() -> None:
    staff = Staff(
        MEMBERS, (turn("b"), turn("c", "B", NOON, NOON + 3 * HOUR)), (Away("b", None, NOON, NOON + 2 * HOUR),)
    )
    found = stretches(staff, NOON - 2 * HOUR, NOON + 4 * HOUR)
    assert [b for b, _, _ in found[1:]] == [e for _, e, _ in found[:-1]]
    assert (found[0][0], found[-1][1]) == (NOON - 2 * HOUR, NOON + 4 * HOUR)
    assert [first for first, _ in groupby(part.first for *_, part in found)] == [("a",), ("b",), ("c",), ("a",)]


# ---------------------------------------------------------------- turns that change


def test_laying_a_turn_over_others_cuts_them_and_leaves_the_other_rank() -> None:
    week = turn("a", "A", NOON - 48 * HOUR, NOON + 48 * HOUR)
    second = turn("b", "B", NOON - 48 * HOUR, NOON + 48 * HOUR)
    after = laid([week, second], turn("c"))
    assert sorted((t.person_id, t.rank, t.starts_at - NOON, t.ends_at - NOON) for t in after) == [
        ("a", "A", -48 * HOUR, -HOUR), ("a", "A", HOUR, 48 * HOUR), ("b", "B", -48 * HOUR, 48 * HOUR),
        ("c", "A", -HOUR, HOUR),
    ]  # fmt: skip
    assert without([week], NOON - 48 * HOUR, NOON + 48 * HOUR) == []


def test_two_who_share_a_day_change_places() -> None:
    after = handed([turn("a"), turn("b", "B")], "a", "b", NOON - HOUR, NOON + HOUR)
    assert after == [turn("b"), turn("a", "B")]
    assert handed([turn("a")], "b", "a", NOON - HOUR, NOON + HOUR) is None, "nothing to give"


def test_only_the_giver_s_hours_change_hands() -> None:
    half = [turn("a", "A", NOON - HOUR, NOON), turn("c", "A", NOON, NOON + HOUR), turn("b", "B")]
    after = handed(half, "a", "b", NOON - HOUR, NOON + HOUR)
    assert after == [
        turn("b", "A", NOON - HOUR, NOON), turn("c", "A", NOON, NOON + HOUR),
        turn("a", "B", NOON - HOUR, NOON), turn("b", "B", NOON, NOON + HOUR),
    ]  # fmt: skip
    assert doubled(after, NOON - HOUR, NOON + HOUR) is None
    assert joined([turn("a", "A", NOON - HOUR, NOON), turn("a", "A", NOON, NOON + HOUR)]) == [turn("a")]
    assert doubled([turn("a"), turn("a", "B", NOON, NOON + 2 * HOUR)], NOON - HOUR, NOON + HOUR) == "a"


# ---------------------------------------------------------------- weeks planned ahead

# National day 2026: off from Thursday 1 to Wednesday 7 October, made up on Saturday 10 October.
CALENDAR = WorkCalendar.of([date(2026, 10, day) for day in range(1, 8)], [date(2026, 10, 10)], [2026])


def dealt(pattern: Pattern, first: date, last: date, gone: dict[date, frozenset[str]] | None = None) -> list[str]:
    plan = rotation(pattern, days_from(first, last), CALENDAR, gone or {})
    return [f"{each.a or '-'}{each.b or '-'}{'*' if each.rests else ''}" for each in plan]


def test_weeks_change_on_mondays_whatever_day_they_begin_and_across_the_year() -> None:
    weekly = Pattern(("a", "b", "c"), WEEK)
    assert dealt(weekly, date(2026, 11, 20), date(2026, 11, 24)) == ["ab", "ab*", "ab*", "bc", "bc"]
    assert dealt(weekly, date(2026, 12, 27), date(2027, 1, 4))[:2] == ["ab*", "bc"]
    assert dealt(weekly, date(2027, 1, 1), date(2027, 1, 4)) == ["ab", "ab*", "ab*", "bc"], "1 January is week 53"


def test_days_change_daily_and_rest_days_of_their_own() -> None:
    daily = Pattern(("a", "b"), DAY)
    assert dealt(daily, date(2026, 11, 20), date(2026, 11, 23)) == ["ab", "ba*", "ab*", "ba"]
    apart = Pattern(("a", "b", "c"), WEEK, NONE, apart=True)
    october = dealt(apart, date(2026, 9, 28), date(2026, 10, 12))
    assert october == ["a-", "a-", "a-", "c-*", "b-*", "a-*", "c-*", "b-*", "a-*", "c-*", "b-", "b-", "b-", "b-*", "c-"]


def test_a_made_up_saturday_is_a_working_day_and_an_unknown_year_goes_by_weekdays() -> None:
    weekly = Pattern(("a", "b"), WEEK, NONE, apart=True)
    assert dealt(weekly, date(2026, 10, 9), date(2026, 10, 11)) == ["a-", "a-", "b-*"]
    assert dealt(weekly, date(2029, 10, 1), date(2029, 10, 7)) == ["a-"] * 5 + ["b-*", "a-*"]


def test_who_is_on_leave_is_passed_over_without_losing_the_place_and_nobody_is_a_gap() -> None:
    daily, friday = Pattern(("a", "b", "c"), DAY), date(2026, 11, 20)
    gone = {date(2026, 11, 21): frozenset("b"), date(2026, 11, 22): frozenset("abc")}
    assert dealt(daily, friday, date(2026, 11, 23), gone) == ["ab", "ca*", "--*", "ab"]
    [_, passed, *_] = rotation(daily, days_from(friday, date(2026, 11, 23)), CALENDAR, gone)
    assert passed.skipped == ("b",)


def test_b_may_be_one_person_and_is_never_the_same_as_a() -> None:
    fixed = Pattern(("a", "b"), DAY, "b")
    assert dealt(fixed, date(2026, 11, 23), date(2026, 11, 24)) == ["ab", "b-"]
    assert dealt(Pattern(("a",), DAY, NEXT), date(2026, 11, 23), date(2026, 11, 23)) == ["a-"]
