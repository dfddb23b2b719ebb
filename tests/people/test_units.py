"""Units in four levels: opened, renamed, moved, closed; nothing is stranded in one that closes (H3.2)."""

from __future__ import annotations

from typing import Any

import pytest
from scenario import Phone, World, later

from app.ids import new_id
from app.setup import add_unit, found_jurisdiction


def opened(world: World, name: str, level: int = 3, under: str | None = None, **other: Any) -> str:
    unit_id = new_id()
    args = {"unit_id": unit_id, "name": name, "level": level, "parent_id": under}
    world.phone("admin").do("unit.open", **args | other)
    return unit_id


def listed(phone: Phone) -> dict[str, dict[str, Any]]:
    return {unit["id"]: unit for unit in phone.pull()["units"]}


def test_every_level_can_be_called_something_where_the_town_names_none(shared: World) -> None:
    book = shared.phone("admin").call("GET", "/api/v1/people/directory").get_json()
    assert book["levels"] == ["第一级", "第二级", "第三级", "第四级"]
    assert all(unit["level_name"] == book["levels"][unit["level"] - 1] for unit in book["units"])


def test_a_tree_of_four_levels_goes_from_higher_to_lower(shared: World) -> None:
    admin = shared.phone("admin")
    top = opened(shared, "甲旗", 1)
    second = opened(shared, "甲镇", 2, top)
    third = opened(shared, "甲社区", 3, second)
    grid = opened(shared, "甲网格", 4, third)
    units = listed(shared.station)
    assert [units[u]["parent_id"] for u in (top, second, third, grid)] == [None, top, second, third]
    args = {"unit_id": new_id(), "name": "乙网格", "level": 3, "parent_id": third}
    assert admin.refused("unit.open", **args) == "unit_level_wrong", "not beside its parent"
    assert admin.refused("unit.open", **args | {"level": 5}) == "command_invalid"
    assert admin.refused("unit.open", **args | {"level": 4, "parent_id": new_id()}) == "unit_not_found"
    assert admin.refused("unit.open", **args | {"level": 4, "name": "甲网格"}) == "unit_exists"
    assert admin.refused("unit.open", **args | {"level": 4, "unit_id": grid}) == "id_taken"
    for who in ("liaison", "leader", "chief", "supervisor"):
        assert shared.phone(who).refused("unit.open", **args | {"level": 4}) == "not_permitted"


def test_a_moved_unit_takes_what_is_below_along_and_never_stands_under_itself(shared: World) -> None:
    admin = shared.phone("admin")
    first, other = opened(shared, "丙局", 1), opened(shared, "丁局", 1)
    town = opened(shared, "丙镇", 2, first)
    village = opened(shared, "丙村", 3, town)
    admin.do("unit.move", unit_id=town, level=2, parent_id=other)
    units = listed(shared.station)
    assert (units[town]["parent_id"], units[village]["parent_id"]) == (other, town)
    move = {"unit_id": town, "level": 4, "parent_id": village}
    assert admin.refused("unit.move", **move) == "unit_level_wrong"
    assert admin.refused("unit.move", **move | {"parent_id": town}) == "unit_level_wrong"
    assert admin.refused("unit.move", **move | {"level": 3, "parent_id": other}) == "unit_level_wrong", "its child is 3"
    admin.do("unit.move", unit_id=town, level=1, parent_id=None)
    assert listed(shared.station)[town]["parent_id"] is None


def test_no_unit_ends_up_under_itself_even_where_a_roster_mixed_the_levels_up(shared: World) -> None:
    with shared.database.unit_of_work() as session:
        place = found_jurisdiction(session, "dalad")
        upper = add_unit(session, place, "混乱甲", 3)
        middle = add_unit(session, place, "混乱乙", 4, upper.id)
        lower = add_unit(session, place, "混乱丙", 1, middle.id)
        ids = upper.id, lower.id
    move = {"unit_id": ids[0], "level": 2, "parent_id": ids[1]}
    assert shared.phone("admin").refused("unit.move", **move) == "unit_level_wrong"
    assert listed(shared.station)[ids[0]]["parent_id"] is None


def test_a_new_name_stands_on_the_tickets_too(shared: World) -> None:
    ticket_id = shared.dispatched(unit="water")
    water = shared.units["water"].id
    shared.station.do("unit.rename", unit_id=water, name="旗供水公司")
    assert shared.station.ticket(ticket_id)["unit"] == {"id": water, "name": "旗供水公司"}
    assert shared.station.refused("unit.rename", unit_id=water, name="树林召镇人民政府") == "unit_exists"
    shared.station.do("unit.rename", unit_id=water, name="旗水务公司")


def test_a_unit_says_itself_how_it_is_reached(shared: World) -> None:
    args = {"unit_id": shared.units["town"].id, "office": "党政综合办", "phone": "0477-5201111"}
    shared.liaison.do("unit.reach", **args)
    assert shared.phone("neighbour").refused("unit.reach", **args) == "not_permitted"
    shared.phone("chief").do("unit.reach", **args | {"office": "热线办"})
    assert shared.liaison.refused("unit.reach", **args | {"phone": "找小王"}) == "command_invalid"


@pytest.mark.clause("H3.2")
def test_a_unit_closes_only_when_nothing_is_left_in_it(shared: World) -> None:
    admin = shared.phone("admin")
    unit = opened(shared, "将撤的镇", 2)
    village = opened(shared, "将撤的村", 3, unit)
    someone = shared.people["neighbour"]
    admin.do("membership.assign", unit_id=unit, person_id=someone.id, role="liaison", rank="A")
    ticket_id = shared.registered()
    shared.station.do("ticket.dispatch", ticket_id, unit_id=unit, grounds="属地管理")
    close = {"unit_id": unit, "reason": "并入树林召镇"}
    refusal = admin.try_("unit.close", **close)
    assert (refusal["code"], refusal["facts"]["count"]) == ("unit_has_work", 1)
    shared.station.do("ticket.reassign", ticket_id, unit_id=shared.units["town"].id, reason="机构合并")
    assert admin.refused("unit.close", **close) == "unit_has_units"
    admin.do("unit.close", unit_id=village, reason="并村")
    duty = {"duty_id": new_id(), "rank": "A", "from": later(1), "until": later(9)}
    admin.do("duty.set", unit_id=unit, person_id=someone.id, **duty)
    assert shared.liaison.refused("unit.close", **close) == "not_permitted"
    admin.do("unit.close", **close)
    assert unit not in listed(shared.station)
    assert unit not in {role["unit_id"] for role in shared.phone("neighbour").pull()["me"]["roles"]}
    assert admin.refused("unit.close", **close) == "unit_not_found"
    assert shared.station.refused("ticket.reassign", ticket_id, unit_id=unit, reason="退回去") == "unit_not_found"
    # Its name is free again.
    opened(shared, "将撤的镇", 2)


def test_the_office_of_the_station_cannot_be_closed_under_its_own_feet(shared: World) -> None:
    station = shared.units["station"].id
    assert shared.phone("admin").refused("unit.close", unit_id=station, reason="误操作") in (
        "unit_is_office", "unit_has_work"
    )  # fmt: skip
    empty = opened(shared, "督查室", 2)
    who = shared.people["supervisor"].id
    shared.phone("admin").do("membership.assign", unit_id=empty, person_id=who, role="supervisor")
    assert shared.phone("admin").refused("unit.close", unit_id=empty, reason="误操作") == "unit_is_office"


def test_two_who_look_after_units_at_once_do_not_overwrite_each_other(shared: World) -> None:
    admin, station = shared.phone("admin"), shared.station
    unit, above = opened(shared, "同改镇", 2), opened(shared, "同改旗", 1)
    seen = {"office": None, "phone": None}
    admin.do("unit.reach", unit_id=unit, office="热线办", phone="0477-5200001", was=seen)
    for name, args in (
        ("unit.reach", {"office": None, "phone": "0477-5200002", "was": seen}),
        ("unit.rename", {"name": "同改新镇", "was": "同改老镇"}),
        ("unit.move", {"level": 3, "parent_id": above, "was": {"level": 2, "parent_id": above}}),
    ):
        receipt = station.try_(name, unit_id=unit, **args)
        assert receipt["code"] == "unit_changed" and "“同改镇”刚由他人修改过" in receipt["message"]
    station.do("unit.reach", unit_id=unit, office="热线办", phone="0477-5200002", was=seen | {
        "office": "热线办", "phone": "0477-5200001",
    })  # fmt: skip
    station.do("unit.move", unit_id=unit, level=2, parent_id=above, was={"level": 2, "parent_id": None})
    book = station.call("GET", "/api/v1/people/directory").get_json()["units"]
    assert next((row["office"], row["phone"]) for row in book if row["id"] == unit) == ("热线办", "0477-5200002")


def test_the_stations_number_is_its_own_to_keep(shared: World) -> None:
    admin, station = shared.phone("admin"), shared.station
    for who in ("liaison", "leader", "supervisor"):
        assert shared.phone(who).refused("station.reach", phone="0477-5296000") == "not_permitted"
    station.do("station.reach", phone="0477-5296000", was="5296118")
    assert shared.liaison.pull()["me"]["jurisdiction"]["station_phone"] == "0477-5296000"
    assert admin.refused("station.reach", phone="12345", was="5296118") == "unit_changed", "somebody was here first"
    assert admin.refused("station.reach", phone="请查号", was="0477-5296000") == "command_invalid"
    admin.do("station.reach", phone=None)
    assert shared.liaison.pull()["me"]["jurisdiction"]["station_phone"] == "", "nobody dials a number that is none"
    assert station.call("GET", "/api/v1/people/directory").get_json()["station_phone"] == ""
