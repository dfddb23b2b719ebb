"""The ladder asks the roster at the instant it fires: exchanged turns, stand-ins, and nobody left (D6.1, U5.1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from reminders.conftest import START, Town

from app.ids import new_id
from app.reminders.reach import check_reach
from app.reminders.watching import reachability

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TODAY = START.date()


def kinds(town: Town, who: str) -> list[str]:
    return [notice.kind for notice in town.inbox(who)]


def on_leave(town: Town, who: str, by: str, **other: Any) -> str:
    args = {"leave_id": new_id(), "person_id": town.people[who], "reason": "病假"}
    args |= {"first": TODAY.isoformat(), "last": (TODAY + DAY).isoformat()}
    town.play(by, "leave.take", None, START - HOUR, **args | other)
    return str(args["leave_id"])


@pytest.mark.clause("D6.1", "U5.1")
def test_whoever_took_the_turn_is_told_first_also_of_what_was_planned_before(town: Town) -> None:
    ticket = town.ticket()
    town.tick(START)
    swap = {"swap_id": new_id(), "unit_id": town.units["城建局"], "colleague": town.people["b"]}
    town.play("a", "swap.ask", None, START + HOUR, **swap, day=TODAY.isoformat())
    town.play("b", "swap.answer", None, START + HOUR, swap_id=swap["swap_id"], accept=True)
    town.play("a", "reminder.acknowledge", None, START + HOUR, reminder_id=town.inbox("a")[0].id)
    town.tick(START + 10 * HOUR)
    assert (kinds(town, "a"), kinds(town, "b")) == (["new_ticket"], ["sign_due"]), ticket


@pytest.mark.clause("D6.1", "U5.1")
def test_while_somebody_is_on_leave_the_stand_in_is_told_and_that_person_is_not(town: Town) -> None:
    on_leave(town, "a", "a", stand_in=town.people["b"])
    town.ticket()
    at = START
    while at <= START + 9 * HOUR:
        town.tick(at)
        at += 15 * timedelta(minutes=1)
    assert kinds(town, "a") == []
    assert kinds(town, "b")[0] == "new_ticket"
    assert "new_ticket" in kinds(town, "leader"), "the rung of the others is empty, and passed"


def test_back_early_means_first_again(town: Town) -> None:
    leave = on_leave(town, "a", "a")
    town.play("a", "leave.end", None, START - timedelta(minutes=1), leave_id=leave)
    town.ticket()
    town.tick(START)
    assert (kinds(town, "a"), kinds(town, "b")) == (["new_ticket"], [])


@pytest.mark.clause("D6.1")
def test_the_weekly_trial_leaves_those_on_leave_alone_and_says_so(town: Town) -> None:
    monday = START + 3 * DAY + HOUR
    span = {"first": monday.date().isoformat(), "last": monday.date().isoformat()}
    on_leave(town, "a", "a", **span)
    check_reach(town.database, monday)
    assert (kinds(town, "a"), kinds(town, "b")) == ([], ["reach_check"])
    for number, outcome in enumerate(("off", "answered")):
        at = monday + number * HOUR
        town.play("station", "reach.log_call", None, at, call_id=new_id(), person_id=town.people["b"], outcome=outcome)
    with town.database.read() as session:
        rows = {row["name"]: row for row in reachability(session, "dalad", monday + DAY)}
        assert [row["on_leave"] for row in reachability(session, "dalad", monday) if row["name"] == "人员a"] == [True]
    assert (rows["人员a"]["missed_check"], rows["人员a"]["on_leave"]) == (False, False)
    assert [call["outcome"] for call in rows["人员b"]["calls"]] == ["answered", "off"], "the latest first"


def test_where_nobody_is_left_the_station_is_told_at_once(town: Town) -> None:
    on_leave(town, "c", "station", uncovered_ok=True)
    town.ticket(unit="环卫局")
    town.tick(START)
    assert kinds(town, "station")[0] == "new_ticket"
