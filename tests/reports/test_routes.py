"""Who sees which figures, and that nobody sees those of another jurisdiction (A7)."""

from __future__ import annotations

from typing import Any

import pytest
from scenario import Phone, World

from app import clock
from app.reports.rates import month_of

RATES = "/api/v1/reports/rates"


@pytest.fixture(scope="module")
def both(shared: World) -> tuple[World, World]:
    """Two places, each with a ticket of the town that was signed, and one of the water company that was not."""
    neighbour = World(shared.app, "hukou")
    for world in (shared, neighbour):
        world.handling()
    shared.dispatched(unit="water")
    return shared, neighbour


def asked(phone: Phone, path: str = RATES, **query: Any) -> dict[str, Any]:
    answer = phone.call("GET", path, query_string=query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.get_json()
    return body


def due_month(world: World) -> str:
    """The month in which what is dispatched now has to be signed."""
    return month_of(clock.parse(world.station.clock_of(world.dispatched(), "sign")["due_at"]), "Asia/Shanghai").month


def names(body: dict[str, Any]) -> set[str]:
    return {unit["name"] for unit in body["units"]}


@pytest.mark.clause("H1", partial="the figures; the rest is in the profile's own test")
def test_station_and_supervisors_see_all_units_and_leaders_those_below(both: tuple[World, World]) -> None:
    world, _ = both
    everything = names(asked(world.station))
    assert {"树林召镇人民政府", "旗水务公司", "主管局", "旗接诉即办工作站"} <= everything
    assert names(asked(world.phone("supervisor"))) == everything
    assert names(asked(world.leader)) == names(asked(world.liaison)) == {"树林召镇人民政府"}
    below = {"主管局", "树林召镇人民政府", "旗水务公司"}
    assert names(asked(world.phone("chief"))) == below
    refused = world.phone("admin").call("GET", RATES)
    assert refused.get_json()["code"] == "not_permitted"


def test_a_unit_is_judged_by_its_own_tickets_alone(both: tuple[World, World]) -> None:
    world, _ = both
    body = asked(world.station, month=due_month(world))
    figures = {u["name"]: {f["rate"]: f for f in u["figures"]} for u in body["units"]}
    town, water = figures["树林召镇人民政府"]["response"], figures["旗水务公司"]["response"]
    assert (town["numerator"], town["denominator"], town["percent"]) == (1, 1, 100.0)
    assert (water["denominator"], water["percent"]) == (0, None), "its time has not run out"
    assert [r["key"] for r in body["rates"]] == [f["rate"] for f in body["total"]]


def test_what_is_behind_a_figure_is_seen_by_those_who_see_the_figure(both: tuple[World, World]) -> None:
    world, _ = both
    month, town, water = due_month(world), world.units["town"].id, world.units["water"].id
    path = f"{RATES}/response/tickets"
    body = asked(world.leader, path, month=month, unit_id=town)
    assert (body["total"], body["tickets"][0]["counted"], body["rate"]["label"]) == (1, True, "响应率")
    assert "王小明" not in str(body) and "13812345678" not in str(body)
    assert asked(world.leader, path, month=month, counted=False)["total"] == 0
    hidden = world.leader.call("GET", path, query_string={"unit_id": water})
    assert hidden.status_code == 404
    assert world.leader.call("GET", f"{RATES}/unknown/tickets").status_code == 404


@pytest.mark.clause("A7", partial="the routes of the reports")
def test_nobody_sees_the_figures_of_another_jurisdiction(both: tuple[World, World]) -> None:
    here, there = both
    month, path = due_month(there), f"{RATES}/received/tickets"
    assert asked(there.station, path, month=month)["total"] == 1
    theirs = {unit.id for unit in there.units.values()}
    for who in ("station", "supervisor", "chief", "leader", "liaison"):
        assert not {unit["id"] for unit in asked(here.phone(who))["units"]} & theirs
        answer = here.phone(who).call("GET", path, query_string={"month": month, "unit_id": there.units["town"].id})
        assert answer.status_code == 404 or answer.get_json()["total"] == 0
    assert asked(here.station, f"{RATES}/response/tickets", unit_id=there.units["town"].id)["tickets"] == []


@pytest.mark.parametrize("month", ["2026-13", "now", "2026-11-20T09:14"])
def test_a_month_that_is_none_is_refused_with_how_to_write_it(shared: World, month: str) -> None:
    answer = shared.station.call("GET", RATES, query_string={"month": month})
    assert (answer.status_code, answer.get_json()["code"]) == (422, "request_invalid")
    assert "month" in str(answer.get_json()["errors"])
