"""The roster: who is on duty day by day, turns that change hands, leave, days without anybody (D6.1, U5.1)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from conformance.towns import town, work
from scenario import Phone, World

from app import clock
from app.ids import new_id
from app.people.roster.rules import day_at

ROSTER = "/api/v1/people/roster"


def coming(days: int) -> str:
    return (day_at(clock.now(), "Asia/Shanghai") + timedelta(days=days)).isoformat()


def month(phone: Phone, unit_id: str, day: str) -> dict[str, Any]:
    answer = phone.call("GET", f"{ROSTER}/units/{unit_id}", query_string={"month": day[:7]})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.get_json()
    return body


def on(phone: Phone, unit_id: str, day: str) -> tuple[list[str], list[str], str]:
    found = next(row for row in month(phone, unit_id, day)["days"] if row["day"] == day)
    return [who["name"] for who in found["first"]], [who["name"] for who in found["second"]], found["how"]


def gaps(phone: Phone, unit_id: str, days: int = 14) -> dict[str, Any]:
    answer = phone.call("GET", f"{ROSTER}/gaps", query_string={"days": days})
    assert answer.status_code == 200, answer.text
    return {row["kind"]: row for row in answer.get_json()["gaps"] if row["unit"]["id"] == unit_id}


def titles(phone: Phone) -> list[str]:
    return [notice["title"] for notice in phone.pull()["inbox"]]


def pair(world: World) -> list[str]:
    return [world.people["liaison"].id, world.people["deputy"].id]


@pytest.mark.clause("D6.1", "U5.1")
def test_a_month_is_dealt_out_seen_before_it_is_written_and_told_to_the_station(world: World) -> None:
    uxin = town(world, "uxin")
    unit, first, last = uxin.units["town"].id, coming(1), coming(28)
    pattern = {"first": first, "last": last, "people": pair(uxin), "every": "week", "backup": "next", "apart": True}
    asked = {"json": pattern | {"replace": False}}
    assert uxin.liaison.call("POST", f"{ROSTER}/units/{unit}/preview", **asked).status_code == 403
    plan = uxin.leader.call("POST", f"{ROSTER}/units/{unit}/preview", **asked).get_json()
    assert on(uxin.liaison, unit, first)[2] == "role", "nothing is written by looking"
    assert len(plan["days"]) == 28 and sum(share["days"] for share in plan["people"]) == 28
    rest = [share["rest_days"] for share in plan["people"]]
    assert max(rest) - min(rest) <= 1, "days off fall to both alike"
    days = [{"day": d["day"], "a": d["a"]["id"], "b": d["b"]["id"]} for d in plan["days"]]
    uxin.leader.do("duty.plan", unit_id=unit, days=days, replace=False)
    again = uxin.leader.call("POST", f"{ROSTER}/units/{unit}/preview", **asked).get_json()
    assert all(day["kept"] for day in again["days"]) and {share["days"] for share in again["people"]} == {0}
    anew = {"json": pattern | {"replace": True}}
    assert uxin.leader.call("POST", f"{ROSTER}/units/{unit}/preview", **anew).get_json()["replaced"] == 28
    shown = plan["days"][9]
    seen = on(uxin.phone("neighbour"), unit, shown["day"])
    assert seen == ([shown["a"]["name"]], [shown["b"]["name"]], "planned")
    own = uxin.phone("deputy").call("GET", f"{ROSTER}/mine").get_json()["days"]
    assert {d["day"] for d in own} >= {d["day"] for d in plan["days"]}, "A角 or B角 on each of them"
    kept = next(u for u in uxin.phone("deputy").pull()["units"] if u["id"] == unit)["duty"]
    assert {row["name"] for row in kept} == {"联络员甲", "联络员乙"}, "readable without a network"
    work(uxin)
    assert titles(uxin.station).count("树林召镇人民政府已排定值班表") == 1
    assert "树林召镇人民政府已排定值班表" in titles(uxin.phone("deputy"))


@pytest.mark.clause("D6.1")
def test_a_turn_that_changes_hands_is_told_to_both_and_to_the_station(world: World) -> None:
    hukou = town(world, "hukou")
    unit, liaison, deputy, day = hukou.units["town"].id, hukou.liaison, hukou.phone("deputy"), coming(3)
    args = {"swap_id": new_id(), "unit_id": unit, "colleague": deputy.person_id, "day": day, "note": "要去开会"}
    liaison.do("swap.ask", **args)
    work(hukou)
    [notice] = [n for n in deputy.pull()["inbox"] if n["title"] == "联络员甲请您换班"]
    assert "要去开会" in notice["body"] and notice["kind"] == "duty"
    assert not [title for title in titles(hukou.station) if "换班" in title], "nothing has changed yet"
    [asked] = deputy.call("GET", f"{ROSTER}/mine").get_json()["swaps"]
    assert (asked["asker"]["name"], asked["day"], asked["state_name"], asked["late"]) == (
        "联络员甲", day, "待答复", False,
    )  # fmt: skip
    two_phones = [deputy.command("swap.answer", swap_id=args["swap_id"], accept=accept) for accept in (True, False)]
    receipts = deputy.send_batch(two_phones)["receipts"]
    assert [receipt["status"] for receipt in receipts] == ["applied", "refused"]
    assert receipts[1]["code"] == "swap_settled" and "联络员乙" in receipts[1]["message"]
    assert on(liaison, unit, day)[0] == ["联络员乙"]
    work(hukou)
    title = "换班已定：联络员甲 → 联络员乙"
    assert titles(liaison).count(title) == titles(hukou.station).count(title) == 1


@pytest.mark.clause("D6.1", "U5.1")
def test_leave_is_covered_and_a_day_without_anybody_stands_before_the_station(world: World) -> None:
    xinqiao = town(world, "xinqiao")
    unit, water, station = xinqiao.units["town"].id, xinqiao.units["water"].id, xinqiao.station
    args = {"leave_id": new_id(), "person_id": xinqiao.people["liaison"].id, "reason": "住院复查", "first": coming(1)}
    xinqiao.liaison.do("leave.take", **args, last=coming(2), stand_in=xinqiao.people["deputy"].id)
    assert on(station, unit, coming(2)) == (["联络员乙"], [], "stand_in")
    assert on(station, unit, coming(3))[0] == ["联络员甲"]
    assert gaps(station, unit) == {}
    told = {"neighbour": None, "deputy": None, "leader": "住院复查", "liaison": "住院复查"}
    for who, reason in told.items():
        [leave] = month(xinqiao.phone(who), unit, coming(1))["leaves"]
        assert (leave["person"]["name"], leave["stand_in"]["name"], leave["reason"]) == ("联络员甲", "联络员乙", reason)

    lone = {"leave_id": new_id(), "person_id": xinqiao.people["neighbour"].id, "reason": "出差", "first": coming(4)}
    lone |= {"last": coming(5)}
    assert xinqiao.phone("neighbour").refused("leave.take", **lone) == "leave_uncovered"
    station.do("leave.take", **lone, uncovered_ok=True)
    gap = gaps(station, water)["nobody"]
    assert (gap["spans"], gap["days"]) == ([{"first": coming(4), "last": coming(5)}], 2)
    assert gap["call"] == [
        {"id": xinqiao.people["chief"].id, "name": "主要领导甲", "phone": xinqiao.people["chief"].phone}
    ]
    assert gaps(xinqiao.phone("neighbour"), water)["nobody"]["days"] == 2, "the unit sees it as well"
    assert gaps(xinqiao.phone("deputy"), water) == {}, "and another unit does not"
    assert on(xinqiao.phone("neighbour"), water, coming(4)) == ([], ["联络员丙"], "nobody")
    work(xinqiao)
    said = titles(station)
    assert "联络员甲请假，由联络员乙顶班" in said and "联络员甲请假，由联络员乙顶班" in titles(xinqiao.phone("deputy"))
    assert "住院" not in str(station.pull()["inbox"]), "why is nobody else's business"
    station.do("leave.end", leave_id=lone["leave_id"])
    assert gaps(station, water) == {}


@pytest.mark.clause("U5.1")
def test_a_roster_with_holes_shows_them_and_one_that_was_never_kept_does_not(world: World) -> None:
    hedong = town(world, "hedong")
    unit, station = hedong.units["town"].id, hedong.station
    assert gaps(station, unit) == {}
    days = [{"day": coming(n), "a": pair(hedong)[n % 2], "b": None} for n in (0, 1, 4)]
    hedong.leader.do("duty.plan", unit_id=unit, days=days, replace=True)
    hole = gaps(station, unit, days=6)["unplanned"]
    assert hole["spans"] == [{"first": coming(2), "last": coming(3)}, {"first": coming(5), "last": coming(5)}]
    assert [who["name"] for who in hole["call"]] == ["联络员甲", "联络员乙"]
    assert on(station, unit, coming(2)) == (["联络员甲"], ["联络员乙"], "role"), "A角 all the same"


def test_holidays_and_made_up_days_are_seen_in_the_month(world: World) -> None:
    seen = {row["day"]: row for row in month(world.liaison, world.units["town"].id, "2026-10-01")["days"]}
    assert len(seen) == 31
    assert seen["2026-10-01"]["rests"] and "国庆" in seen["2026-10-01"]["holiday"]
    saturday = seen["2026-10-10"]
    assert date(2026, 10, 10).weekday() == 5 and (saturday["rests"], saturday["made_up"]) == (False, True)
    assert not seen["2026-10-10"]["provisional"]
    far = {row["day"]: row for row in month(world.liaison, world.units["town"].id, "2101-02-01")["days"]}
    assert len(far) == 28 and far["2101-02-01"]["provisional"]


@pytest.mark.clause("A7", partial="rosters")
def test_nobody_sees_or_changes_the_roster_of_another_jurisdiction(world: World) -> None:
    uxin = town(world, "uxin")
    theirs, stranger = uxin.units["town"].id, world.phone("admin")
    assert stranger.call("GET", f"{ROSTER}/units/{theirs}").status_code == 404
    listed = stranger.call("GET", f"{ROSTER}/gaps").text
    assert not [unit.id for unit in uxin.units.values() if unit.id in listed]
    plan = {"unit_id": theirs, "replace": True, "days": [{"day": coming(1), "a": pair(uxin)[0], "b": None}]}
    assert stranger.refused("duty.plan", **plan) == "unit_not_found"
    leave = {"leave_id": new_id(), "person_id": pair(uxin)[0], "first": coming(1), "last": coming(1), "reason": "无"}
    assert stranger.refused("leave.take", **leave) == "person_not_found"
