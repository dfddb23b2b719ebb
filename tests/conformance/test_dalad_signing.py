"""达拉特旗: named liaisons, signing within 20 hours, urgent lines first (一, 二(一), 二(二))."""

from __future__ import annotations

from datetime import timedelta

import pytest
from scenario import CALLER, World

from app import clock
from app.ids import new_id

HOURS_20 = timedelta(hours=20)


@pytest.mark.clause("D1")
def test_every_unit_names_its_liaisons_and_the_station_sees_who_has_none(world: World) -> None:
    units = {unit["name"]: unit for unit in world.station.pull()["units"]}
    town = units["树林召镇人民政府"]
    assert [(p["name"], p["rank"]) for p in town["liaisons"]] == [("联络员甲", "A"), ("联络员乙", "B")]
    assert town["has_liaison"] is True
    assert units["旗园林服务中心"]["has_liaison"] is False and units["旗园林服务中心"]["liaisons"] == []


@pytest.mark.clause("D1")
def test_a_unit_without_a_liaison_is_dispatched_to_only_after_a_visible_warning(world: World) -> None:
    empty = world.units["empty"].id
    first, second = world.registered(), world.registered()
    warning = world.station.try_("ticket.dispatch", first, unit_id=empty, grounds="职责范围")
    assert (warning["status"], warning["code"]) == ("refused", "unit_without_liaison")
    assert "旗园林服务中心" in warning["message"] and "联络员" in warning["message"]
    assert world.station.ticket(first)["state"] == "registered"
    seen = {"unit_id": empty, "grounds": "职责范围", "acknowledge": ["unit_without_liaison"]}
    world.station.do("ticket.dispatch", first, **seen)
    assert world.station.ticket(first)["unit"]["name"] == "旗园林服务中心"

    world.station.do(
        "membership.assign", unit_id=empty, person_id=world.people["supervisor"].id, role="liaison", rank="A"
    )
    world.station.do("ticket.dispatch", second, unit_id=empty, grounds="职责范围")
    world.station.do("membership.end", unit_id=empty, person_id=world.people["supervisor"].id, role="liaison")


@pytest.mark.clause("D2.1")
def test_the_sign_deadline_is_twenty_hours_from_receipt_and_says_why(world: World) -> None:
    ticket_id = world.dispatched()
    sign = world.liaison.clock_of(ticket_id, "sign")
    assert clock.parse(sign["due_at"]) - clock.parse(sign["started_at"]) == HOURS_20
    assert sign["started_at"] == world.liaison.ticket(ticket_id)["dispatched_at"]
    assert (sign["kind"], sign["assumed"]) == ("deadline", False)
    assert sign["derivation"].startswith("20 小时，自 ") and "二(一)" in sign["cite"]


@pytest.mark.clause("D2.1")
@pytest.mark.parametrize(("ago", "late"), [(HOURS_20 - timedelta(minutes=1), False), (HOURS_20, True)])
def test_signing_meets_the_deadline_and_a_late_one_is_recorded_as_late(
    world: World, ago: timedelta, late: bool
) -> None:
    ticket_id = world.dispatched(ago=ago)
    world.liaison.do("ticket.sign", ticket_id)
    sign = world.liaison.clock_of(ticket_id, "sign")
    assert (sign["met_at"] > sign["due_at"]) is late
    event = next(e for e in world.station.events(ticket_id) if e["name"] == "ticket.signed")
    assert event["late"] is late
    assert ("超过签收时限" in event["summary"]) is late
    ticket = world.liaison.ticket(ticket_id)
    assert (ticket["state"], ticket["handler"]["name"]) == ("handling", "联络员甲")


@pytest.mark.clause("D2.1")
def test_in_doubt_the_caller_or_the_station_is_called_before_signing_and_the_call_is_logged(world: World) -> None:
    ticket_id, liaison = world.dispatched(), world.liaison
    pulled = liaison.pull()
    assert pulled["me"]["jurisdiction"]["station_phone"] == "5296118"
    assert pulled["policies"][0]["station"]["phone"] == "5296118"
    assert liaison.detail(ticket_id)["caller"]["phone"] == "138****5678"
    shown = liaison.call("POST", f"/api/v1/tickets/{ticket_id}/caller", json={"reason": "核实反映的楼栋"})
    assert shown.get_json()["phone"] == CALLER["phone"]
    liaison.contact(ticket_id, purpose="clarify", duration_s=80)
    liaison.contact(ticket_id, purpose="clarify", to="station", outcome="no_answer")
    assert liaison.ticket(ticket_id)["state"] == "dispatched"
    log = [(c["to"], c["outcome"], c["by"]["name"]) for c in liaison.detail(ticket_id)["contacts"]]
    assert log == [("caller", "reached", "联络员甲"), ("station", "no_answer", "联络员甲")]
    said = [e["summary"] for e in world.station.events(ticket_id)][-3:]
    assert said == ["查看诉求人信息：核实反映的楼栋", "核实情况诉求人：已接通", "核实情况工作站：无人接听"]


@pytest.mark.clause("D2.2")
def test_urgent_then_the_mayors_then_the_bureaus_line_come_first_in_every_list(world: World) -> None:
    order = ["urgent", "mayor_line", "bureau_line", "normal"]
    # The less urgent the sooner due: what counts first is the line, not the hour.
    days = {"normal": 2, "bureau_line": 4, "mayor_line": 6, "urgent": 8}
    made = {
        world.dispatched(priority=priority, feedback_in=timedelta(days=due), number=f"L{new_id()[-10:]}"): priority
        for priority, due in days.items()
    }

    def lines(tickets: list[dict[str, object]]) -> list[str]:
        return [made[str(t["id"])] for t in tickets if t["id"] in made]

    for who in (world.liaison, world.leader, world.station, world.phone("supervisor")):
        listed = who.call("GET", "/api/v1/tickets", query_string={"page_size": 100, "state": "dispatched"})
        assert lines(listed.get_json()["tickets"]) == order, who.name
    assert lines(world.liaison.pull()["tickets"]) == order
    assert lines(world.leader.pull()["tickets"]) == order


@pytest.mark.clause("D2.2")
def test_the_stations_own_list_puts_the_urgent_lines_first_too(world: World) -> None:
    waiting = {world.registered(priority=p): p for p in ("normal", "bureau_line", "mayor_line", "urgent")}
    query = {"state": "registered", "page_size": 100}
    listed = world.station.call("GET", "/api/v1/tickets", query_string=query).get_json()["tickets"]
    for tickets in (listed, world.station.pull()["tickets"]):
        order = [waiting[t["id"]] for t in tickets if t["id"] in waiting]
        assert order == ["urgent", "mayor_line", "bureau_line", "normal"]
    receipt = world.station.try_("ticket.intake", new_id(), **world.intake_args(priority="whenever"))
    assert (receipt["status"], receipt["code"]) == ("refused", "command_invalid")
