"""催办, the daily reminder, the weekly trial, the station's calls, and what the station sees of it all."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from reminders.conftest import START, Town
from sqlalchemy import select

from app.ids import new_id
from app.journal.models import Event
from app.people.queries import actor_of
from app.problems import Problem
from app.reminders.daily import remind_daily
from app.reminders.reach import check_reach
from app.reminders.watching import about_to_be_late, ladder, reachability

HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)
MORNING = START + timedelta(hours=22, minutes=46)
"""08:00 of the next day, a Saturday."""
MONDAY = datetime.fromisoformat("2026-11-23T10:00:00+08:00")


def titles(town: Town, who: str, kind: str) -> list[str]:
    return [notice.title for notice in town.inbox(who) if notice.kind == kind]


def seen_by(town: Town, who: str, at: datetime, hours: int = 24) -> list[dict[str, Any]]:
    with town.database.read() as session:
        actor = actor_of(session, town.people[who], None, at)
        assert actor is not None
        return about_to_be_late(session, actor, at, timedelta(hours=hours))


# ---------------------------------------------------------------- 催办


@pytest.mark.clause("A4", partial="催办；逐级上报另测")
def test_a_nudge_reaches_the_liaisons_at_once_and_is_on_the_record(town: Town) -> None:
    ticket = town.ticket()
    town.play("station", "reminder.nudge", ticket, START + HOUR, note="诉求人又来电，电话 13900001111")
    assert titles(town, "a", "nudge") == titles(town, "b", "nudge")
    assert titles(town, "a", "nudge") == ["催办：工单 DL-2026-0001 请尽快办理，最近时限 11-21 05:14"]
    assert town.inbox("a")[-1].body == "城建局 · 诉求人又来电，电话 139****1111"
    with town.database.read() as session:
        event = session.scalars(select(Event).where(Event.name == "reminder.nudged")).one()
    assert event.payload == {"to": ["人员a", "人员b"], "note": "诉求人又来电，电话 139****1111"}


def test_pressing_harder_does_not_ring_louder(town: Town) -> None:
    ticket = town.ticket()
    town.play("station", "reminder.nudge", ticket, START, note=None)
    with pytest.raises(Problem) as refused:
        town.play("leader", "reminder.nudge", ticket, START + 9 * MINUTE + timedelta(seconds=1), note=None)
    assert (refused.value.code, refused.value.facts) == ("nudged_already", {"minutes": 1})
    town.play("leader", "reminder.nudge", ticket, START + 10 * MINUTE, note=None)
    assert len(titles(town, "a", "nudge")) == 2


@pytest.mark.parametrize("who", ["a", "c"])
def test_a_liaison_nudges_nobody(town: Town, who: str) -> None:
    ticket = town.ticket()
    with pytest.raises(Problem) as refused:
        town.play(who, "reminder.nudge", ticket, START, note=None)
    assert refused.value.code in ("not_permitted", "ticket_not_found")


# ---------------------------------------------------------------- 日提醒


@pytest.mark.clause("U2.1", partial="日提醒；会商与通报另测")
def test_the_morning_says_what_stands_with_each(town: Town) -> None:
    signed = town.ticket(START - DAY)
    town.sign(signed, START - DAY + HOUR)
    town.ticket(START - DAY)
    town.ticket(START + 12 * HOUR)
    assert remind_daily(town.database, MORNING - MINUTE) == 0
    remind_daily(town.database, MORNING)
    assert titles(town, "a", "daily") == titles(town, "b", "daily") == titles(town, "leader", "daily")
    assert titles(town, "a", "daily") == ["今日工单：已超时 1，今日到期 1，待签收 2"]
    assert titles(town, "station", "daily") == ["今日工单：全部已超时 1，全部今日到期 1"]
    assert titles(town, "c", "daily") == [], "nothing stands with them"


def test_the_daily_reminder_comes_once_and_not_in_the_evening(town: Town) -> None:
    town.ticket()
    for at in (MORNING + 3 * HOUR, MORNING + 3 * HOUR, MORNING + 9 * HOUR):
        remind_daily(town.database, at)
    assert len(titles(town, "a", "daily")) == 1, "late is better than never, once is enough"
    assert remind_daily(town.database, MORNING + DAY + 11 * HOUR) == 0
    remind_daily(town.database, MORNING + 2 * DAY)
    assert len(titles(town, "a", "daily")) == 2


# ---------------------------------------------------------------- 联络测试


@pytest.mark.clause("D6.1", "U5.1", partial="联络测试；值班与电话变更另测")
def test_who_does_not_answer_the_weekly_trial_is_told_to_the_station(town: Town) -> None:
    check_reach(town.database, MONDAY - MINUTE)
    assert titles(town, "a", "reach_check") == []
    check_reach(town.database, MONDAY)
    check_reach(town.database, MONDAY + MINUTE)
    for who in ("a", "b", "c", "leader"):
        assert titles(town, who, "reach_check") == ["联络测试：请在 11-24 10:00 前点“知道了”"]
    for who, at in (("a", MONDAY + HOUR), ("leader", MONDAY + 2 * HOUR), ("c", MONDAY + DAY + MINUTE)):
        town.acknowledge(who, town.inbox(who)[0].id, at)
    check_reach(town.database, MONDAY + DAY - MINUTE)
    assert titles(town, "station", "reach_missed") == []
    check_reach(town.database, MONDAY + DAY + 2 * MINUTE)
    check_reach(town.database, MONDAY + DAY + 3 * MINUTE)
    assert titles(town, "station", "reach_missed") == ["联络测试有 2 人未确认，请电话联系"]
    assert town.inbox("station")[0].body == "人员b、人员c"


def test_a_trial_missed_by_hours_waits_for_next_week(town: Town) -> None:
    check_reach(town.database, MONDAY + 6 * HOUR)
    assert titles(town, "a", "reach_check") == []
    check_reach(town.database, MONDAY + 7 * DAY)
    assert len(titles(town, "a", "reach_check")) == 1


def people(town: Town, at: datetime) -> dict[str, dict[str, Any]]:
    with town.database.read() as session:
        rows = reachability(session, "dalad", at)
    return {row["name"].removeprefix("人员"): row for row in rows}


def test_who_keeps_being_silent_stands_first(town: Town) -> None:
    for number in range(3):
        town.ticket(START + number * MINUTE)
    town.tick(START + 3 * MINUTE)
    assert not people(town, START + HOUR)["a"]["unreachable"], "an hour of silence is no silence"
    rows = people(town, START + 3 * HOUR)
    assert next(iter(rows)) == "a"
    assert (rows["a"]["asked"], rows["a"]["answered"], rows["a"]["unanswered"]) == (3, 0, 3)
    assert rows["a"]["unreachable"] and not rows["b"]["unreachable"]
    town.acknowledge("a", town.inbox("a")[-1].id, START + 3 * HOUR)
    assert people(town, START + 3 * HOUR)["a"]["unanswered"] == 0, "an answer to the last one is an answer"


def test_a_missed_trial_makes_unreachable_until_the_next(town: Town) -> None:
    check_reach(town.database, MONDAY)
    assert not people(town, MONDAY + 23 * HOUR)["b"]["missed_check"], "still open"
    assert people(town, MONDAY + DAY)["b"]["missed_check"]
    check_reach(town.database, MONDAY + 7 * DAY)
    assert not people(town, MONDAY + 7 * DAY)["b"]["missed_check"]


def test_trial_calls_are_kept_with_who_made_them(town: Town) -> None:
    for outcome, at in (("no_answer", START), ("answered", START + HOUR)):
        town.play(
            "station",
            "reach.log_call",
            None,
            at,
            call_id=new_id(),
            person_id=town.people["b"],
            outcome=outcome,
            note="已换号",
        )
    assert people(town, START + 2 * HOUR)["b"]["calls"][0] == {
        "outcome": "answered", "note": "已换号", "at": "2026-11-20T02:14:00.000Z", "by": "人员station",
    }  # fmt: skip
    with pytest.raises(Problem) as refused:
        town.play(
            "a", "reach.log_call", None, START, call_id=new_id(), person_id=town.people["b"], outcome="off", note=None
        )
    assert refused.value.code == "not_permitted"


# ---------------------------------------------------------------- 即将超时


def test_the_board_shows_the_nearest_deadline_first_and_whom_to_call(town: Town) -> None:
    early, late = town.ticket(START), town.ticket(START + 2 * HOUR, unit="环卫局")
    town.tick(START + 2 * HOUR)
    at = START + 3 * HOUR
    rows = seen_by(town, "station", at)
    assert [(row["ticket"]["id"], row["clock"]) for row in rows] == [(early, "sign"), (late, "sign")]
    assert rows[0]["due_at"] == "2026-11-20T21:14:00.000Z"
    assert [person["name"] for person in rows[0]["on_duty"]] == ["人员a", "人员b"]
    assert rows[0]["on_duty"][0]["phone"] == "13800000001"
    assert [(p["name"], p["acknowledged_at"]) for p in rows[0]["told"]] == [("人员a", None)]
    assert [row["ticket"]["id"] for row in seen_by(town, "leader", at)] == [early], "a leader sees their own"
    assert seen_by(town, "station", at, hours=2) == []
    town.sign(early, at)
    assert [row["ticket"]["id"] for row in seen_by(town, "station", at)] == [late]


def test_a_ticket_shows_how_its_reminders_climb(town: Town) -> None:
    ticket = town.ticket()
    town.tick(START)
    with town.database.read() as session:
        rows = ladder(session, ticket, START)
    (sent,) = [row for row in rows if row["state"] == "fired"]
    assert (sent["kind"], sent["rung"], [p["name"] for p in sent["told"]]) == ("new_ticket", 0, ["人员a"])
    waiting = [(row["at"], row["rung"], row["roles"]) for row in rows if row["state"] == "planned"]
    assert waiting[0] == ("2026-11-20T03:14:00.000Z", 1, ["其他联络员"])
    town.acknowledge("a", town.inbox("a")[0].id, START + HOUR)
    with town.database.read() as session:
        rows = ladder(session, ticket, START + HOUR)
    assert rows[0]["told"][0]["acknowledged_at"] == "2026-11-20T02:14:00.000Z"
    assert 1 not in {row["rung"] for row in rows}, "nobody else is waited for"
