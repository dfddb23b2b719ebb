"""达拉特旗: reachable people, handover, talking with the station (六)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from conformance.background import background, eventually
from scenario import REASON, REPLY_PARTS, Phone, World, later

from app.ids import new_id


@pytest.fixture(scope="module")
def working(shared: World) -> Iterator[World]:
    """The town with relay and worker running, as they do behind `make run`."""
    with background(shared.app.extensions["doorstep.config"], "relay", "worker"):
        yield shared


def unit_in_directory(phone: Phone, name: str) -> dict[str, Any]:
    return next(unit for unit in phone.pull()["units"] if unit["name"] == name)


def told(phone: Phone, title: str) -> dict[str, Any]:
    """The notice with this title, once it is in the person's inbox."""
    return eventually(lambda: next((n for n in phone.pull()["inbox"] if n["title"] == title), None))


@pytest.mark.clause("D6.1")
def test_who_is_on_duty_stands_in_the_roster_of_every_unit(world: World) -> None:
    turn = {"duty_id": new_id(), "rank": "A", "from": later(-1), "until": later(23)}
    liaison, town = world.liaison, world.units["town"].id
    liaison.do("duty.set", unit_id=town, person_id=liaison.person_id, **turn)
    contacts = world.station.call("GET", "/api/v1/people/directory").get_json()["units"]
    listed = next(unit for unit in contacts if unit["id"] == town)
    assert {"person_id": liaison.person_id, "name": "联络员甲", "rank": "A"}.items() <= listed["duty"][0].items()
    assert [person["name"] for person in listed["leaders"]] == ["分管领导甲"]
    kept = unit_in_directory(world.phone("deputy"), "树林召镇人民政府")["duty"]
    assert [row["name"] for row in kept] == ["联络员甲"], "on the phones of the unit also without a network"
    backwards = turn | {"duty_id": new_id(), "until": later(-2)}
    assert liaison.refused("duty.set", unit_id=town, person_id=liaison.person_id, **backwards) == "duty_invalid"
    stranger = {"unit_id": town, "person_id": world.people["neighbour"].id, **turn, "duty_id": new_id()}
    assert liaison.refused("duty.set", **stranger) == "duty_invalid"
    assert world.phone("neighbour").refused("duty.set", **stranger) == "not_permitted"


@pytest.mark.clause("D6.1")
@pytest.mark.parametrize(("who", "phone"), [("liaison", "13911110001"), ("leader", "13911110002")])
def test_a_changed_phone_is_notified_to_the_station(working: World, who: str, phone: str) -> None:
    person = working.phone(who)
    masked = phone[:3] + "****" + phone[-4:]
    person.do("person.change_phone", person_id=person.person_id, phone=phone)
    notice = told(working.station, f"{person.name}的联系电话已变更")
    assert "树林召镇人民政府" in notice["body"] and notice["body"].endswith(masked)
    unit = unit_in_directory(working.station, "树林召镇人民政府")
    shown = {p["name"]: p["phone_masked"] for p in (*unit["liaisons"], *unit["leaders"])}
    assert shown[person.name] == masked
    assert working.phone("neighbour").pull()["inbox"] == [], "only the station is told"


@pytest.mark.clause("D6.1")
def test_a_new_liaison_is_notified_to_the_station(working: World) -> None:
    water, person = working.units["water"].id, working.people["supervisor"]
    working.phone("admin").do("membership.assign", unit_id=water, person_id=person.id, role="liaison", rank="B")
    assert told(working.station, "旗水务公司新任联络员")["body"] == person.name
    working.phone("admin").do("membership.end", unit_id=water, person_id=person.id, role="liaison")
    assert told(working.station, "旗水务公司已卸任联络员")["body"] == person.name


@pytest.mark.clause("D6.2")
def test_a_handover_moves_tickets_drafts_and_requests_and_strands_nothing(working: World) -> None:
    liaison, deputy, town = working.liaison, working.phone("deputy"), working.units["town"].id
    ticket_id = working.handling()
    liaison.visit(ticket_id)
    evidence = liaison.photographed(ticket_id)
    request_id = new_id()
    liaison.do("request.return", ticket_id, request_id=request_id, reason=REASON)
    liaison.do("draft.save", ticket_id, parts=REPLY_PARTS, opinion="satisfied", evidence_ids=evidence)
    end = {"unit_id": town, "person_id": liaison.person_id, "role": "liaison"}
    receipt = working.phone("admin").try_("membership.end", **end)
    assert receipt["code"] == "handover_needed" and receipt["facts"]["count"] >= 1

    handover = {"from_person_id": liaison.person_id, "to_person_id": deputy.person_id, "note": "岗位调整"}
    outsider = handover | {"to_person_id": working.people["neighbour"].id, "handover_id": new_id()}
    assert liaison.refused("handover.execute", **outsider) == "handover_other_unit"
    liaison.do("handover.execute", handover_id=new_id(), **handover)
    seen = deputy.ticket(ticket_id)
    assert seen["handler"]["name"] == "联络员乙"
    assert seen["detail"]["draft"]["parts"] == REPLY_PARTS
    assert seen["open_requests"] == ["return"]
    listed = liaison.call("GET", "/api/v1/tickets", query_string={"page_size": 100}).get_json()["tickets"]
    left = [t["number"] for t in listed if t["handler"] and t["handler"]["id"] == liaison.person_id]
    assert left == [], "nothing stays with the one who goes"
    working.phone("admin").do("membership.end", **end)
    assert told(working.station, "工作交接：联络员甲 → 联络员乙")

    deputy.do("request.withdraw", ticket_id, request_id=request_id)
    args = {"reply_id": new_id(), "parts": REPLY_PARTS, "opinion": "satisfied", "evidence_ids": evidence}
    deputy.do("reply.submit", ticket_id, **args)
    late = liaison.try_("thread.post", ticket_id, message_id=new_id(), text="补充一句")
    assert late["status"] == "refused"
    working.phone("admin").do("membership.assign", unit_id=town, person_id=liaison.person_id, role="liaison", rank="A")


@pytest.mark.clause("D6.3")
def test_unit_and_station_talk_on_the_ticket(world: World) -> None:
    ticket_id = world.handling()
    for phone, text in (
        (world.liaison, "诉求人要求单独架设专线，短期内无法解决。"),
        (world.station, "请附现场照片和政策依据。"),
        (world.leader, "已请示，情况属实。"),
    ):
        phone.do("thread.post", ticket_id, message_id=new_id(), text=text)
    said = [(m["by"]["name"], m["role"]) for m in world.station.detail(ticket_id)["messages"]]
    assert said == [("联络员甲", "liaison"), ("站员甲", "station"), ("分管领导甲", "leader")]
    assert world.station.detail(ticket_id)["messages"] == world.liaison.detail(ticket_id)["messages"]
    message = {"message_id": new_id(), "text": "路过"}
    assert world.phone("neighbour").refused("thread.post", ticket_id, **message) == "ticket_not_found"


@pytest.mark.clause("D6.3")
def test_the_station_marks_a_ticket_to_be_reported_to_the_city_centre(world: World) -> None:
    ticket_id = world.handling()
    note = {"note": "诉求短期内无法解决，报市指挥调度中心备案"}
    assert world.liaison.refused("ticket.report_to_centre", ticket_id, **note) == "not_permitted"
    world.station.do("ticket.report_to_centre", ticket_id, **note)
    for phone in (world.liaison, world.leader, world.station):
        marked = phone.detail(ticket_id)["reported_to_centre"]
        assert (marked["by"]["name"], marked["note"]) == ("站员甲", note["note"])
    assert world.station.events(ticket_id)[-1]["summary"].startswith("标记报市中心")
