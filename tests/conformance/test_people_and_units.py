"""Who is who in five jurisdictions: AB角 and four levels, named people with a phone that is answered, the contact
directory and its changes, training (H3.2, K2.6, U5.1, X2.6, X2.7), and their keeping apart (A7)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from conformance.towns import town, work
from scenario import Phone, World, later

from app import clock
from app.ids import new_id

TODAY = clock.iso(clock.now() - timedelta(days=1))[:10]


def directory(phone: Phone) -> dict[str, Any]:
    answer = phone.call("GET", "/api/v1/people/directory")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.get_json()
    return body


def listed(phone: Phone, unit_id: str) -> dict[str, Any]:
    found: dict[str, Any] = next(unit for unit in directory(phone)["units"] if unit["id"] == unit_id)
    return found


def training(phone: Phone, **query: Any) -> dict[str, Any]:
    body: dict[str, Any] = phone.call("GET", "/api/v1/people/training", query_string=query).get_json()
    return body


def held(attendees: list[str], **other: Any) -> dict[str, Any]:
    args = {
        "training_id": new_id(), "topic": "工单办理流程与答复规范", "held_on": TODAY, "kind": "group",
        "trainer": "城运中心负责人", "attendees": attendees, "result": "现场演练，全部通过",
    }  # fmt: skip
    return args | other


def newcomer(world: World, unit: str, name: str, rank: str = "B") -> str:
    person_id = new_id()
    admin = world.phone("admin")
    admin.do("person.enrol", person_id=person_id, name=name, phone=f"135{new_id()[-8:]}".translate(_DIGITS))
    admin.do("membership.assign", unit_id=world.units[unit].id, person_id=person_id, role="liaison", rank=rank)
    return person_id


_DIGITS = str.maketrans("abcdef", "012345")


@pytest.mark.clause("H3.2")
def test_four_levels_each_with_named_people_in_two_roles(world: World) -> None:
    hedong = town(world, "hedong")
    admin, levels = hedong.phone("admin"), directory(hedong.liaison)["levels"]
    assert len(levels) == 4
    office, grid = new_id(), new_id()
    under = hedong.units["town"].id
    admin.do("unit.open", unit_id=office, name="城管所", level=3, parent_id=under, office="城管所")
    admin.do("unit.open", unit_id=grid, name="平安社区第一网格", level=4, parent_id=office)
    body = directory(hedong.liaison)
    order = [unit["name"] for unit in body["units"]]
    tree = ["主管局", "树林召镇人民政府", "城管所", "平安社区第一网格"]
    assert [order.index(name) for name in tree] == sorted(order.index(name) for name in tree), "parents come first"
    chain = {unit["name"]: unit for unit in body["units"]}
    assert [chain[name]["level_name"] for name in tree] == levels
    assert [chain[name]["depth"] for name in tree] == [0, 1, 2, 3]
    people = chain["树林召镇人民政府"]
    assert [(who["name"], who["rank"]) for who in people["liaisons"]] == [("联络员甲", "A"), ("联络员乙", "B")]
    assert (people["leaders"][0]["name"], people["reviewers"][0]["name"]) == ("分管领导甲", "部门负责人甲")
    assert chain["主管局"]["chiefs"][0]["name"] == "主要领导甲"
    assert "liaison" in chain["平安社区第一网格"]["gaps"] and "liaison_b" in chain["旗水务公司"]["gaps"]
    grid_liaison = newcomer(hedong, "town", "网格员甲", "A")
    admin.do("membership.assign", unit_id=grid, person_id=grid_liaison, role="liaison", rank="A")
    assert "liaison" not in listed(hedong.station, grid)["gaps"]


@pytest.mark.clause("H3.2")
def test_who_is_a_leader_above_sees_and_speaks_on_what_is_below(world: World) -> None:
    hedong = town(world, "hedong")
    ticket_id = hedong.dispatched()
    chief = hedong.phone("chief")
    assert ticket_id in {t["id"] for t in chief.pull()["tickets"]}
    chief.do("thread.post", ticket_id, message_id=new_id(), text="请今天到现场。")
    assert hedong.liaison.detail(ticket_id)["messages"][-1]["role"] == "chief"
    elsewhere = hedong.dispatched(unit="water")
    reviewer = hedong.phone("reviewer")
    message = {"message_id": new_id(), "text": "看看"}
    assert reviewer.refused("thread.post", elsewhere, **message) == "ticket_not_found", "beside, not below"
    chief.do("thread.post", elsewhere, message_id=new_id(), text="请抓紧。")


@pytest.mark.clause("H3.2")
def test_training_is_recorded_with_who_took_part_and_what_came_of_it(world: World) -> None:
    hedong = town(world, "hedong")
    people = [hedong.people["liaison"].id, hedong.people["deputy"].id]
    hedong.station.do("training.record", **held(people))
    row = training(hedong.station)["trainings"][0]
    assert {who["id"] for who in row["attendees"]} == set(people)
    assert (row["topic"], row["result"], row["held_on"]) == ("工单办理流程与答复规范", "现场演练，全部通过", TODAY)
    assert hedong.liaison.refused("training.record", **held(people)) == "not_permitted"
    future = held(people, held_on=later(48)[:10])
    assert hedong.station.refused("training.record", **future) == "training_invalid"
    assert hedong.station.refused("training.record", **held(people, kind="one_to_one")) == "training_invalid"
    assert hedong.station.refused("training.record", **held([new_id()])) == "person_not_found"


@pytest.mark.clause("K2.6")
def test_a_unit_without_leader_office_or_named_person_is_shown_until_it_has_them(world: World) -> None:
    hukou = town(world, "hukou")
    empty, admin = hukou.units["empty"].id, hukou.phone("admin")
    assert {"leader", "office", "liaison"} <= set(listed(hukou.station, empty)["gaps"])
    before = {gap["key"]: gap["units"] for gap in directory(hukou.station)["gaps"]}
    admin.do("unit.reach", unit_id=empty, office="公用事业股", phone=None)
    person = newcomer(hukou, "empty", "工单办理员甲", "A")
    admin.do("membership.assign", unit_id=empty, person_id=hukou.people["reviewer"].id, role="leader")
    unit = listed(hukou.station, empty)
    assert not {"leader", "office", "liaison"} & set(unit["gaps"])
    assert (unit["office"], unit["liaisons"][0]["id"]) == ("公用事业股", person)
    after = {gap["key"]: gap["units"] for gap in directory(hukou.station)["gaps"]}
    assert [before[key] - after[key] for key in ("leader", "office", "liaison")] == [1, 1, 1]
    centre = listed(hukou.station, hukou.units["station"].id)
    assert centre["gaps"] == [], "the centre handles no requests itself"


@pytest.mark.clause("U5.1")
def test_each_department_has_a_named_officer_whose_phone_is_answered_day_and_night(world: World) -> None:
    uxin = town(world, "uxin")
    department = uxin.units["town"].id
    unit = listed(uxin.station, department)
    assert [who["name"] for who in unit["liaisons"]] == ["联络员甲", "联络员乙"] and "phone" in unit["gaps"]
    turn = {"duty_id": new_id(), "unit_id": department, "person_id": uxin.people["deputy"].id, "rank": "B"}
    uxin.liaison.do("duty.set", **turn, **{"from": later(-1), "until": later(23)})
    uxin.liaison.do(
        "duty.set",
        **turn | {"duty_id": new_id(), "person_id": uxin.liaison.person_id, "rank": "A"},
        **{"from": later(23), "until": later(47)},
    )
    unit = listed(uxin.phone("neighbour"), department)
    assert [(t["name"], t["now"]) for t in unit["duty"]] == [("联络员乙", True), ("联络员甲", False)]
    assert unit["duty"][0]["phone"] == uxin.people["deputy"].phone, "a number that can be dialled"
    assert "phone" not in unit["gaps"]
    water = uxin.units["water"].id
    assert "phone" in listed(uxin.station, water)["gaps"]
    uxin.phone("neighbour").do("unit.reach", unit_id=water, office=None, phone="0477-6212345")
    unit = listed(uxin.liaison, water)
    assert (unit["phone"], "phone" in unit["gaps"]) == ("0477-6212345", False)


@pytest.mark.clause("X2.6")
def test_the_centre_keeps_a_directory_and_is_told_of_every_change(world: World) -> None:
    xinqiao = town(world, "xinqiao")
    station, admin = xinqiao.station, xinqiao.phone("admin")
    unit = listed(xinqiao.liaison, xinqiao.units["water"].id)
    assert (unit["liaisons"][0]["name"], unit["liaisons"][0]["phone"]) == (
        "联络员丙",
        xinqiao.people["neighbour"].phone,
    )
    role = xinqiao.policy.roles.get("liaison", "联络员")

    xinqiao.phone("neighbour").do("person.change_phone", person_id=xinqiao.people["neighbour"].id, phone="13944440001")
    person = newcomer(xinqiao, "water", "联络员丁")
    pair = {"from_person_id": xinqiao.people["neighbour"].id, "to_person_id": person, "note": "岗位调整"}
    xinqiao.phone("neighbour").do("handover.execute", handover_id=new_id(), **pair)
    admin.do("membership.end", unit_id=unit["id"], person_id=xinqiao.people["neighbour"].id, role="liaison")
    xinqiao.leader.do(
        "deputation.appoint", deputation_id=new_id(), principal=xinqiao.leader.person_id,
        deputy=xinqiao.people["reviewer"].id, since=later(), until=later(24), reason="出差",
    )  # fmt: skip
    xinqiao.leader.do("unit.reach", unit_id=xinqiao.units["town"].id, office="城运分中心", phone="021-57640000")
    work(xinqiao)
    titles = [notice["title"] for notice in station.pull()["inbox"]]
    for title in (
        "联络员丙的联系电话已变更", f"旗水务公司新任{role}", f"旗水务公司已卸任{role}", "工作交接：联络员丙 → 联络员丁",
        "部门负责人甲将代行分管领导甲的审签工作", "树林召镇人民政府的联系方式已变更",
    ):  # fmt: skip
        assert titles.count(title) == 1, title
    assert any("审签" in n["title"] for n in xinqiao.phone("reviewer").pull()["inbox"]), "who stands in knows, too"
    now = listed(station, unit["id"])
    assert [who["name"] for who in now["liaisons"]] == ["联络员丁"]
    leader = listed(station, xinqiao.units["town"].id)["leaders"][0]
    assert (leader["name"], leader["deputy"]["name"]) == ("分管领导甲", "部门负责人甲")
    admin.do("membership.assign", unit_id=unit["id"], person_id=xinqiao.people["neighbour"].id, role="liaison")


@pytest.mark.clause("X2.7")
def test_every_liaison_is_trained_once_a_year_and_new_ones_one_to_one(world: World) -> None:
    xinqiao = town(world, "xinqiao")
    station, people = xinqiao.station, xinqiao.people
    person = newcomer(xinqiao, "town", "新联络员")
    lacking = training(station)
    assert {"联络员甲", "联络员乙", "新联络员"} <= {who["name"] for who in lacking["due"]}
    assert all((who["attended"], who["wanted"]) == (0, 1) for who in lacking["due"])
    assert "新联络员" in {who["name"] for who in lacking["new"]}
    assert "联络员甲" not in {who["name"] for who in lacking["new"]}, "was there before"

    station.do("training.record", **held([people["liaison"].id, people["deputy"].id, person]))
    after = training(station)
    assert not {"联络员甲", "联络员乙", "新联络员"} & {who["name"] for who in after["due"]}
    assert "新联络员" in {who["name"] for who in after["new"]}, "a group does not stand for one to one"
    station.do("training.record", **held([person], kind="one_to_one", topic="系统操作一对一"))
    assert "新联络员" not in {who["name"] for who in training(station)["new"]}
    next_year = training(station, year=int(TODAY[:4]) + 1)
    assert next_year["trainings"] == [] and "联络员甲" in {who["name"] for who in next_year["due"]}, "each year anew"
    mine = training(xinqiao.liaison)
    assert {who["unit"] for who in mine["due"] + mine["new"]} <= {"树林召镇人民政府"}


@pytest.mark.clause("D6.1")
def test_a_new_leader_and_one_who_stands_in_are_notified_to_the_station(world: World) -> None:
    admin, water = world.phone("admin"), world.units["water"].id
    reviewer = world.people["reviewer"].id
    admin.do("membership.assign", unit_id=water, person_id=reviewer, role="leader")
    args = {"principal": reviewer, "deputy": world.people["neighbour"].id, "reason": "学习"}
    admin.do("deputation.appoint", deputation_id=new_id(), since=later(), until=later(1), **args)
    work(world)
    titles = {notice["title"] for notice in world.station.pull()["inbox"]}
    role = world.policy.roles.get("leader", "分管领导")
    assert {f"旗水务公司新任{role}", "联络员丙将代行部门负责人甲的审签工作"} <= titles


@pytest.mark.clause("D6.2")
def test_photos_in_flight_drafts_and_requests_are_named_in_the_handover(world: World) -> None:
    liaison, deputy = world.liaison, world.phone("deputy")
    ticket_id = world.handling()
    evidence = liaison.photographed(ticket_id)
    liaison.do("draft.save", ticket_id, parts={}, opinion=None, evidence_ids=evidence)
    reason = "该路段由交通运输局负责管养，不在本单位职责范围之内，建议由其办理。"
    liaison.do("request.return", ticket_id, request_id=new_id(), reason=reason)
    pair = {"from_person_id": liaison.person_id, "to_person_id": deputy.person_id, "note": "休假"}
    liaison.do("handover.execute", handover_id=new_id(), **pair)
    work(world)
    for phone in (world.station, deputy):
        body = next(n["body"] for n in phone.pull()["inbox"] if n["title"] == "工作交接：联络员甲 → 联络员乙")
        assert "1 份草稿" in body and "1 项申请" in body and "2 个佐证待上传" in body, body
    seen = deputy.detail(ticket_id)
    assert [e["id"] for e in seen["evidence"]] == evidence
    back = {"from_person_id": deputy.person_id, "to_person_id": liaison.person_id, "note": "休假结束"}
    deputy.do("handover.execute", handover_id=new_id(), **back)


@pytest.mark.clause("D6.2", "X2.6")
def test_help_that_was_signed_for_and_promises_change_hands_too(world: World) -> None:
    uxin = town(world, "uxin")
    helper, water = uxin.phone("neighbour"), uxin.units["water"].id
    ticket_id, assist_id = uxin.handling(), new_id()
    uxin.liaison.do("assist.ask", ticket_id, assist_id=assist_id, unit_id=water, what="请配合查明渗漏点并抢修")
    helper.do("assist.sign", ticket_id, assist_id=assist_id)
    heir = newcomer(uxin, "water", "接任的联络员")
    end = {"unit_id": water, "person_id": helper.person_id, "role": "liaison"}
    assert uxin.phone("admin").refused("membership.end", **end) == "handover_needed"
    assert uxin.phone("admin").refused("unit.close", unit_id=water, reason="撤并") == "unit_has_work"
    pair = {"from_person_id": helper.person_id, "to_person_id": heir, "note": "岗位调整"}
    helper.do("handover.execute", handover_id=new_id(), **pair)
    [assist] = uxin.liaison.detail(ticket_id)["assists"]
    assert assist["signed_by"] == {"id": heir, "name": "接任的联络员"}
    assert uxin.liaison.events(ticket_id)[-1]["summary"] == "工作交接：联络员丙 → 接任的联络员"
    uxin.phone("admin").do("membership.end", **end)
    work(uxin)
    body = next(n["body"] for n in uxin.station.pull()["inbox"] if n["title"] == "工作交接：联络员丙 → 接任的联络员")
    assert "1 项协办" in body
    uxin.phone("admin").do("membership.assign", unit_id=water, person_id=helper.person_id, role="liaison", rank="A")


@pytest.mark.clause("A7", partial="directory, accounts, deputations, trainings, commands on people")
def test_nobody_sees_or_changes_the_people_of_another_jurisdiction(world: World) -> None:
    hukou, uxin = town(world, "hukou"), town(world, "uxin")
    theirs = {unit.id for unit in uxin.units.values()} | {who.id for who in uxin.people.values()}
    uxin.station.do("training.record", **held([uxin.people["liaison"].id]))
    for who in ("station", "supervisor", "admin", "chief", "liaison"):
        phone = hukou.phone(who)
        for path in ("directory", "training", "deputations", "accounts"):
            text = phone.call("GET", f"/api/v1/people/{path}").text
            assert not [each for each in theirs if each in text], (who, path)
    admin, liaison, unit = hukou.phone("admin"), uxin.people["liaison"].id, uxin.units["town"].id
    for name, args, code in (
        ("unit.rename", {"unit_id": unit, "name": "改名"}, "unit_not_found"),
        ("unit.move", {"unit_id": unit, "level": 1, "parent_id": None}, "unit_not_found"),
        ("unit.reach", {"unit_id": unit, "office": "甲", "phone": None}, "unit_not_found"),
        ("unit.close", {"unit_id": unit, "reason": "撤"}, "unit_not_found"),
        ("unit.open", {"unit_id": new_id(), "name": "新", "level": 4, "parent_id": unit}, "unit_not_found"),
        ("person.disable", {"person_id": liaison, "reason": "停"}, "person_not_found"),
        ("membership.assign", {"unit_id": hukou.units["town"].id, "person_id": liaison, "role": "liaison"},
         "person_not_found"),
        ("training.record", held([liaison]), "person_not_found"),
        ("deputation.appoint", {"deputation_id": new_id(), "principal": hukou.people["leader"].id, "deputy": liaison,
         "since": later(), "until": later(1), "reason": "外出"}, "person_not_found"),
    ):  # fmt: skip
        assert admin.refused(name, **args) == code, name
    answer = admin.call("POST", f"/api/v1/people/accounts/{liaison}/first-password")
    assert answer.get_json()["code"] == "person_not_found"


@pytest.mark.clause("A7", partial="what units have to name only")
def test_a_gap_is_only_what_the_places_own_notice_asks_for(world: World) -> None:
    asked = {
        "dalad": {"leader", "liaison"}, "hedong": {"leader", "liaison", "liaison_b"}, "uxin": {"liaison", "phone"},
        "hukou": {"leader", "office", "liaison"}, "xinqiao": {"liaison"},
    }  # fmt: skip
    for profile, needs in asked.items():
        place = town(world, profile)
        book = directory(place.station)
        assert {gap["key"] for gap in book["gaps"]} == needs, profile
        unit = new_id()
        place.phone("admin").do("unit.open", unit_id=unit, name="新设的科室", level=2, parent_id=None)
        assert set(listed(place.station, unit)["gaps"]) == needs - {"liaison_b"}, profile
        assert listed(place.station, place.units["bureau"].id)["gaps"] == [], "what stands over all handles nothing"
        called = place.policy.roles["liaison"]
        assert f"未明确{called}" in {gap["label"] for gap in book["gaps"]}


@pytest.mark.clause("D2.1", partial="the number to call")
def test_a_number_the_notice_does_not_give_is_not_made_up(world: World) -> None:
    for profile, number in (("dalad", "5296118"), ("hedong", ""), ("uxin", ""), ("hukou", ""), ("xinqiao", "")):
        place = town(world, profile)
        assert place.liaison.pull()["me"]["jurisdiction"]["station_phone"] == number
        if number == "":
            place.station.do("station.reach", phone="0539-8380000")
            assert place.liaison.pull()["me"]["jurisdiction"]["station_phone"] == "0539-8380000"
