"""Turns of duty that are set, planned and exchanged, and leave: what each command does and what it refuses (D6.1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from world import START, World

from app import clock
from app.db import Database
from app.ids import new_id
from app.people.models import Duty
from app.people.roster.models import DutySwap
from app.people.roster.queries import duty_at, on_duty
from app.people.roster.rules import span_of
from app.people.roster.schemas import PlanDuty, TakeLeave

TODAY = date(2026, 11, 20)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ZONE = "Asia/Shanghai"


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """An office with liaisons `liaison` (A), `deputy`, `both` and `all` (B); `both` and `all` lead it."""
    database = Database(database_url)
    yield World(database)
    database.engine.dispose()


def noon(days: int = 0) -> Any:
    return span_of(TODAY + days * DAY, ZONE)[0] + 12 * HOUR


def first(world: World, days: int = 0, unit: str = "office") -> list[str]:
    with world.database.read() as session:
        people = on_duty(session, world.units[unit], noon(days))[0]
    called = {person: name for name, person in world.people.items()}
    return [called[person] for person in people]


def span(days: int = 0, length: int = 1) -> dict[str, str]:
    start, end = span_of(TODAY + days * DAY, ZONE)[0], span_of(TODAY + (days + length - 1) * DAY, ZONE)[1]
    return {"from": clock.iso(start), "until": clock.iso(end)}


def put(world: World, who: str, days: int = 0, rank: str = "A", length: int = 1) -> dict[str, Any]:
    args = {"duty_id": new_id(), "unit_id": world.units["office"], "person_id": world.people[who], "rank": rank}
    return args | span(days, length)


def swap(world: World, colleague: str, days: int, back: int | None = None) -> dict[str, Any]:
    args = {"swap_id": new_id(), "unit_id": world.units["office"], "colleague": world.people[colleague]}
    args["day"] = (TODAY + days * DAY).isoformat()
    return args | ({} if back is None else {"return_day": (TODAY + back * DAY).isoformat()})


def leave(world: World, who: str, days: int, length: int = 1, **other: Any) -> dict[str, Any]:
    first, last = TODAY + days * DAY, TODAY + (days + length - 1) * DAY
    args = {"leave_id": new_id(), "person_id": world.people[who], "first": first.isoformat(), "last": last.isoformat()}
    return args | {"reason": "年休假"} | other


def code(world: World, who: str, name: str, /, **args: Any) -> str:
    return str(world.refused(who, name, None, **args).code)


# ---------------------------------------------------------------- turns


def test_a_turn_takes_the_place_of_what_stood_there_and_never_of_the_past(world: World) -> None:
    world.play("leader", "duty.set", None, **put(world, "deputy", -2, length=8))
    assert [first(world, days) for days in (0, 3, 5, 6)] == [["deputy"], ["deputy"], ["deputy"], ["liaison"]]
    with world.database.read() as session:
        [row] = session.scalars(select(Duty))
        assert row.starts_at == world.now, "nobody was on duty before it was said"
    world.play("leader", "duty.set", None, **put(world, "both", 3))
    assert [first(world, days) for days in (2, 3, 4)] == [["deputy"], ["both"], ["deputy"]]
    assert code(world, "leader", "duty.set", **put(world, "deputy", -3)) == "duty_past"
    assert code(world, "leader", "duty.set", **put(world, "deputy", 500)) == "duty_far"
    world.play("leader", "duty.clear", None, unit_id=world.units["office"], **span(4, 2))
    assert [first(world, days) for days in (3, 4, 5)] == [["both"], ["liaison"], ["liaison"]]


def test_nobody_is_a_and_b_at_once_and_a_colleague_s_turn_is_asked_for(world: World) -> None:
    world.play("deputy", "duty.set", None, **put(world, "deputy", 1))
    assert code(world, "leader", "duty.set", **put(world, "deputy", 1, "B")) == "duty_double"
    world.play("liaison", "duty.set", None, **put(world, "liaison", 1, "B"))
    refusal = world.refused("liaison", "duty.set", None, **put(world, "liaison", 1))
    assert refusal.code == "duty_needs_swap" and "11 月 21 日" in refusal.message and "deputy" in refusal.message
    assert code(world, "deputy", "duty.set", **put(world, "both", 1)) == "duty_needs_swap", "giving away is asking, too"
    assert code(world, "stranger", "duty.set", **put(world, "deputy", 2)) == "not_permitted"
    for command in ("duty.clear", "duty.plan"):
        args = span(1) if command == "duty.clear" else {"replace": True, "days": [_row(world, 2, "liaison")]}
        assert code(world, "liaison", command, unit_id=world.units["office"], **args) == "not_permitted"


def _row(world: World, days: int, a: str | None, b: str | None = None) -> dict[str, Any]:
    day = (TODAY + days * DAY).isoformat()
    return {"day": day, "a": a and world.people[a], "b": b and world.people[b]}


def test_weeks_are_planned_as_shown_and_keep_what_stands_unless_told(world: World) -> None:
    world.play("leader", "duty.set", None, **put(world, "both", 2))
    args = {"unit_id": world.units["office"], "replace": False}
    people = ["liaison", "deputy"] * 2
    days = [_row(world, n, who, "all") for n, who in enumerate(people, start=-1)]
    world.play("leader", "duty.plan", None, days=days, **args)
    assert [first(world, n) for n in range(4)] == [["deputy"], ["liaison"], ["both"], ["liaison"]], "by role at last"
    world.play("leader", "duty.plan", None, days=days, **args | {"replace": True})
    assert [first(world, n) for n in range(3)] == [["deputy"], ["liaison"], ["deputy"]]
    past = [_row(world, -1, "liaison")]
    assert code(world, "leader", "duty.plan", days=past, **args) == "duty_past"
    strange = [_row(world, 1, "stranger")]
    assert code(world, "leader", "duty.plan", days=strange, **args) == "duty_invalid"
    twice = [_row(world, 1, "deputy", "deputy")]
    assert code(world, "leader", "duty.plan", days=twice, **args | {"replace": True}) == "duty_double"


def test_a_day_planned_alone_lets_the_two_change_places_or_leaves_it_empty(world: World) -> None:
    args = {"unit_id": world.units["office"], "replace": True}
    world.play("leader", "duty.plan", None, days=[_row(world, 1, "liaison", "deputy")], **args)
    world.play("leader", "duty.plan", None, days=[_row(world, 1, "deputy", "liaison")], **args)
    assert first(world, 1) == ["deputy"]
    world.play("leader", "duty.plan", None, days=[_row(world, 1, None)], **args)
    assert first(world, 1) == ["liaison"], "A角 by role"


# ---------------------------------------------------------------- exchanging


def test_a_day_changes_hands_when_the_colleague_agrees_and_only_then(world: World) -> None:
    world.play("leader", "duty.set", None, **put(world, "liaison", 1))
    args = swap(world, "deputy", 1)
    world.play("liaison", "swap.ask", None, **args)
    assert first(world, 1) == ["liaison"]
    assert code(world, "liaison", "swap.ask", **swap(world, "both", 1)) == "swap_asked_already"
    assert code(world, "both", "swap.answer", swap_id=args["swap_id"], accept=True) == "swap_not_asked"
    world.play("deputy", "swap.answer", None, swap_id=args["swap_id"], accept=True)
    assert first(world, 1) == ["deputy"]
    refusal = world.refused("deputy", "swap.answer", None, swap_id=args["swap_id"], accept=False)
    assert refusal.code == "swap_settled" and "deputy" in refusal.message and "已同意" in refusal.message
    assert code(world, "liaison", "swap.withdraw", swap_id=args["swap_id"]) == "swap_settled"


def test_two_days_are_exchanged_and_two_places_of_one_day(world: World) -> None:
    world.play("leader", "duty.set", None, **put(world, "liaison", 1))
    world.play("leader", "duty.set", None, **put(world, "deputy", 3))
    args = swap(world, "deputy", 1, 3)
    world.play("liaison", "swap.ask", None, **args)
    world.play("deputy", "swap.answer", None, swap_id=args["swap_id"], accept=True)
    assert (first(world, 1), first(world, 3)) == (["deputy"], ["liaison"])
    world.play("leader", "duty.set", None, **put(world, "liaison", 1, "B"))
    args = swap(world, "liaison", 1)
    world.play("deputy", "swap.ask", None, **args)
    world.play("liaison", "swap.answer", None, swap_id=args["swap_id"], accept=True)
    with world.database.read() as session:
        now, then = on_duty(session, world.units["office"], noon(1))
    assert (now, then[0]) == ([world.people["liaison"]], world.people["deputy"])


def test_who_is_first_by_role_alone_may_give_that_away(world: World) -> None:
    args = swap(world, "deputy", 2)
    world.play("liaison", "swap.ask", None, **args)
    world.play("deputy", "swap.answer", None, swap_id=args["swap_id"], accept=True)
    assert [first(world, days) for days in (1, 2, 3)] == [["liaison"], ["deputy"], ["liaison"]]


def test_what_is_declined_or_withdrawn_changes_nothing(world: World) -> None:
    declined, withdrawn = swap(world, "deputy", 2), swap(world, "deputy", 2)
    world.play("liaison", "swap.ask", None, **declined)
    world.play("deputy", "swap.answer", None, swap_id=declined["swap_id"], accept=False, note="当天出差")
    world.play("liaison", "swap.ask", None, **withdrawn)
    assert code(world, "deputy", "swap.withdraw", swap_id=withdrawn["swap_id"]) == "swap_not_asked"
    world.play("liaison", "swap.withdraw", None, swap_id=withdrawn["swap_id"])
    refusal = world.refused("deputy", "swap.answer", None, swap_id=withdrawn["swap_id"], accept=True)
    assert refusal.code == "swap_settled" and "liaison" in refusal.message and "已撤回" in refusal.message
    with world.database.read() as session:
        states = {row.id: row.state for row in session.scalars(select(DutySwap))}
    assert states == {declined["swap_id"]: "declined", withdrawn["swap_id"]: "withdrawn"}
    assert first(world, 2) == ["liaison"]


def test_what_cannot_be_exchanged(world: World) -> None:
    world.play("leader", "duty.set", None, **put(world, "deputy", 1))
    ask = "swap.ask"
    assert code(world, "liaison", ask, **swap(world, "deputy", 1)) == "swap_not_yours"
    assert code(world, "liaison", ask, **swap(world, "deputy", 2, 3)) == "swap_not_theirs"
    assert code(world, "liaison", ask, **swap(world, "liaison", 2)) == "swap_invalid"
    assert code(world, "liaison", ask, **swap(world, "deputy", 2, 2)) == "swap_invalid"
    assert code(world, "liaison", ask, **swap(world, "stranger", 2)) == "swap_invalid"
    assert code(world, "liaison", ask, **swap(world, "deputy", -1)) == "swap_past"
    assert code(world, "stranger", ask, **swap(world, "deputy", 2)) == "not_permitted"
    assert code(world, "liaison", "swap.answer", swap_id=new_id(), accept=True) == "swap_not_found"
    world.play("leader", "leave.take", None, **leave(world, "deputy", 4))
    assert code(world, "liaison", ask, **swap(world, "deputy", 4)) == "duty_away"


def test_a_request_that_the_roster_or_the_calendar_has_overtaken_is_refused(world: World) -> None:
    stale, late = swap(world, "deputy", 3), swap(world, "deputy", 1)
    world.play("liaison", "swap.ask", None, **stale)
    world.play("liaison", "swap.ask", None, **late)
    world.play("leader", "duty.set", None, **put(world, "both", 3))
    assert code(world, "deputy", "swap.answer", swap_id=stale["swap_id"], accept=True) == "swap_stale"
    refusal = world.refused("deputy", "swap.answer", None, START + 3 * DAY, swap_id=late["swap_id"], accept=True)
    assert refusal.code == "swap_past"


# ---------------------------------------------------------------- leave


def test_leave_is_covered_by_the_stand_in_and_ends_early(world: World) -> None:
    world.play("leader", "duty.set", None, **put(world, "liaison", 1, length=4))
    world.play("leader", "duty.set", None, **put(world, "deputy", 1, "B", length=4))
    args = leave(world, "liaison", 2, 2, stand_in=world.people["both"])
    world.play("liaison", "leave.take", None, **args)
    assert [first(world, n) for n in range(1, 5)] == [["liaison"], ["both"], ["both"], ["liaison"]]
    assert code(world, "liaison", "leave.take", **leave(world, "liaison", 3)) == "leave_overlaps"
    assert code(world, "leader", "duty.set", **put(world, "liaison", 3)) == "duty_away"
    world.play("liaison", "leave.end", None, noon(2), leave_id=args["leave_id"])
    assert [first(world, n) for n in range(1, 5)] == [["liaison"], ["liaison"], ["liaison"], ["liaison"]]
    assert code(world, "liaison", "leave.end", leave_id=args["leave_id"]) == "leave_not_found"
    with world.database.read() as session:
        before = noon(2) - timedelta(minutes=1)
        assert on_duty(session, world.units["office"], before)[0] == [world.people["both"]], "what was, stays"


def test_without_a_stand_in_b_is_first_and_whoever_is_on_leave_is_not_told(world: World) -> None:
    world.play("leader", "duty.set", None, **put(world, "deputy", 2, "B"))
    world.play("leader", "duty.set", None, **put(world, "liaison", 2))
    world.play("liaison", "leave.take", None, **leave(world, "liaison", 2))
    with world.database.read() as session:
        found = duty_at(session, [world.units["office"], world.units["elsewhere"]], noon(2))
    now, others = found[world.units["office"]]
    assert (now, world.people["liaison"] in others) == ([world.people["deputy"]], False)
    assert found[world.units["elsewhere"]] == ([world.people["stranger"]], [])


def test_the_last_one_left_may_not_go_unless_who_leads_insists(world: World) -> None:
    args = leave(world, "stranger", 1)
    world.play("station", "membership.assign", None, unit_id=world.units["elsewhere"], person_id=world.people["deputy"],
               role="leader")  # fmt: skip
    lone = {"unit_id": world.units["elsewhere"], "person_id": world.people["stranger"], "role": "leader"}
    world.play("station", "membership.end", None, **lone)
    refusal = world.refused("stranger", "leave.take", None, **args)
    assert refusal.code == "leave_uncovered" and "11 月 21 日“展旦召苏木”" in refusal.message
    assert code(world, "stranger", "leave.take", **args | {"uncovered_ok": True}) == "leave_uncovered", "not one's own"
    assert code(world, "liaison", "leave.take", **args) == "not_permitted"
    assert code(world, "deputy", "leave.take", **args) == "leave_uncovered", "seen first"
    world.play("deputy", "leave.take", None, **args | {"uncovered_ok": True})
    with world.database.read() as session:
        assert on_duty(session, world.units["elsewhere"], noon(1)) == ([], [world.people["stranger"]])


def test_what_is_no_leave(world: World) -> None:
    take = "leave.take"
    assert code(world, "leader", take, **leave(world, "leader", 1)) == "leave_not_liaison"
    assert code(world, "liaison", take, **leave(world, "liaison", 2) | {"last": TODAY.isoformat()}) == "leave_invalid"
    assert code(world, "liaison", take, **leave(world, "liaison", -3)) == "leave_invalid"
    assert code(world, "liaison", take, **leave(world, "liaison", 500)) == "duty_far"
    for person in ("liaison", "stranger"):
        args = leave(world, "liaison", 1, stand_in=world.people[person])
        assert code(world, "liaison", take, **args) == "leave_stand_in"
    world.play("deputy", take, None, **leave(world, "deputy", 1))
    args = leave(world, "liaison", 1, stand_in=world.people["deputy"])
    assert code(world, "liaison", take, **args) == "leave_stand_in", "away as well"
    assert code(world, "liaison", "leave.end", leave_id=new_id()) == "leave_not_found"


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "1999-12-31", "2200-01-01", "2026-02-30"])
def test_a_day_outside_of_our_time_is_no_day(day: str) -> None:
    args = {"leave_id": new_id(), "person_id": new_id(), "first": day, "last": day, "reason": "年休假"}
    assert set(TakeLeave().validate(args)) == {"first", "last"}
    plan = {"unit_id": new_id(), "days": [{"day": day, "a": None, "b": None}], "replace": True}
    assert set(PlanDuty().validate(plan)) == {"days"}
