"""新桥镇: verification before a return, the return itself, filing (二(一), 三(二), 三(七))."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from scenario import REASON, World, photo

from app import clock
from app.ids import new_id


@pytest.fixture(scope="module")
def world(shared: World) -> World:
    return World(shared.app, "xinqiao")


def give_back(world: World, **other: Any) -> dict[str, Any]:
    return {"request_id": new_id(), "reason": REASON, "proposed_unit": world.units["water"].id} | other


def decide(world: World, who: str, ticket_id: str, request_id: str, decision: str = "approve") -> None:
    args = {"request_id": request_id, "decision": decision, "note": "经核实，意见如上"}
    world.phone(who).do("request.decide", ticket_id, **args)


def askable(world: World, ticket_id: str, kind: str, variant: str | None = None) -> dict[str, Any]:
    entries = world.liaison.detail(ticket_id)["askable"]
    return next(a for a in entries if (a["kind"], a["variant"]) == (kind, variant))


@pytest.mark.clause("X2.1")
def test_the_first_handler_verifies_before_a_return(world: World) -> None:
    ticket_id = world.dispatched()
    assert askable(world, ticket_id, "return")["code"] == "request_not_verified"
    receipt = world.liaison.try_("request.return", ticket_id, **give_back(world))
    assert receipt["code"] == "request_not_verified"
    assert "联系诉求人或到现场查看" in receipt["message"] and "二(一)" in receipt["message"]
    world.liaison.contact(ticket_id, outcome="no_answer")
    assert world.liaison.refused("request.return", ticket_id, **give_back(world)) == "request_not_verified"
    world.liaison.contact(ticket_id)
    assert askable(world, ticket_id, "return")["allowed"] is True
    world.liaison.do("request.return", ticket_id, **give_back(world))


@pytest.mark.clause("X2.1")
def test_what_another_unit_or_the_centre_verified_does_not_count(world: World) -> None:
    ticket_id = world.dispatched()
    world.station.contact(ticket_id)
    assert world.liaison.refused("request.return", ticket_id, **give_back(world)) == "request_not_verified"
    world.liaison.contact(ticket_id)
    moved = {"unit_id": world.units["water"].id, "reason": "供水管道问题", "ground": world.basis()["ground"]}
    world.station.do("ticket.reassign", ticket_id, **moved)
    args = give_back(world, proposed_unit=world.units["town"].id)
    assert world.phone("neighbour").refused("request.return", ticket_id, **args) == "request_not_verified"


def verified(world: World, ago: timedelta | None = None) -> str:
    ticket_id = world.dispatched(ago=ago)
    world.liaison.contact(ticket_id)
    return ticket_id


@pytest.mark.clause("X3.2")
def test_a_return_states_reason_and_proposed_unit_and_the_chief_confirms(world: World) -> None:
    ticket_id, liaison = verified(world), world.liaison
    assert liaison.refused("request.return", ticket_id, **give_back(world, reason="不归我管")) == "request_reason_short"
    assert (
        liaison.refused("request.return", ticket_id, **give_back(world, proposed_unit=None)) == "request_unit_missing"
    )
    asked = give_back(world)
    liaison.do("request.return", ticket_id, **asked)
    yes = {"request_id": asked["request_id"], "decision": "approve", "note": "同意"}
    assert world.station.refused("request.decide", ticket_id, **yes) == "request_not_your_turn"
    assert world.leader.refused("request.decide", ticket_id, **yes) == "request_not_your_turn"
    decide(world, "chief", ticket_id, asked["request_id"])
    decide(world, "station", ticket_id, asked["request_id"])
    ticket = world.station.ticket(ticket_id)
    assert (ticket["state"], ticket["unit"]) == ("registered", None)
    assert [d["by"]["name"] for d in ticket["detail"]["requests"][0]["decisions"]] == ["主要领导甲", "站员甲"]


@pytest.mark.clause("X3.2")
def test_within_one_working_day_or_three_when_the_site_must_be_inspected(world: World) -> None:
    ticket_id = verified(world)
    plain, on_site = (askable(world, ticket_id, "return", variant) for variant in (None, "on_site"))
    assert plain["until"] == world.liaison.clock_of(ticket_id, "return")["due_at"]
    assert on_site["until"] == world.liaison.clock_of(ticket_id, "return_on_site")["due_at"]
    assert plain["until"] < on_site["until"]
    # Two working days are never over within a day and never begin before: find an age between the two limits.
    age = clock.parse(plain["until"]) - clock.now() + timedelta(minutes=1)
    late = verified(world, ago=age)
    if clock.parse(askable(world, late, "return")["until"]) > clock.now():  # a holiday lies between
        late = verified(world, ago=age + timedelta(days=10))
    assert world.liaison.refused("request.return", late, **give_back(world)) == "request_too_late"
    unknown = give_back(world, variant="by_moonlight")
    assert world.liaison.refused("request.return", ticket_id, **unknown) == "request_variant_unknown"
    asked = give_back(world, variant="on_site")
    world.liaison.do("request.return", ticket_id, **asked)
    assert world.station.detail(ticket_id)["requests"][0]["variant"] == "on_site"


@pytest.mark.clause("X3.2")
def test_the_chief_may_refuse_and_the_unit_carries_on(world: World) -> None:
    ticket_id, asked = verified(world), give_back(world)
    world.liaison.do("request.return", ticket_id, **asked)
    decide(world, "chief", ticket_id, asked["request_id"], "refuse")
    ticket = world.liaison.ticket(ticket_id)
    assert (ticket["state"], ticket["open_requests"]) == ("dispatched", [])
    assert ticket["detail"]["requests"][0]["state"] == "refused"
    world.liaison.do("ticket.sign", ticket_id)


def filing(evidence_ids: list[str], **other: Any) -> dict[str, Any]:
    args = {
        "request_id": new_id(), "kind": "filing", "grounds": ["litigation"], "evidence_ids": evidence_ids,
        "reason": "该房屋权属纠纷已由区人民法院受理，案件正在审理，无法继续办理。",
    }  # fmt: skip
    return args | other


@pytest.mark.clause("X3.7")
def test_a_filing_names_its_ground_and_brings_explaining_materials(world: World) -> None:
    ticket_id, liaison = world.handling(), world.liaison
    rule = next(r for r in liaison.policy_wire(ticket_id)["requests"] if r["kind"] == "filing")
    assert [g["key"] for g in rule["grounds"]] == ["litigation", "petition", "mediation", "arbitration", "history"]
    paper = liaison.declare(ticket_id, photo(50), "other")
    assert liaison.refused("request.ask", ticket_id, **filing([paper], grounds=[])) == "request_ground_missing"
    receipt = liaison.try_("request.ask", ticket_id, **filing([]))
    assert receipt["code"] == "request_materials_missing" and "判决书" in receipt["message"]
    liaison.do("request.ask", ticket_id, **filing([paper]))
    assert ticket_id in {t["id"] for t in world.station.pull()["tickets"]}


@pytest.mark.clause("X3.7")
def test_the_centre_approves_and_the_demand_is_on_file(world: World) -> None:
    ticket_id, liaison = world.handling(), world.liaison
    asked = filing([liaison.declare(ticket_id, photo(51), "other")])
    liaison.do("request.ask", ticket_id, **asked)
    assert liaison.ticket(ticket_id)["state"] == "handling"
    decide(world, "station", ticket_id, asked["request_id"])
    ticket = liaison.ticket(ticket_id)
    assert (ticket["state"], ticket["closed_how"]) == ("closed", "filed")
    answered = world.handling()
    asked = filing([liaison.declare(answered, photo(52), "other")])
    liaison.do("request.ask", answered, **asked)
    liaison.reply(answered)
    yes = {"request_id": asked["request_id"], "decision": "approve", "note": "同意备案"}
    assert world.station.refused("request.decide", answered, **yes) == "state_wrong", "there is an answer to judge"
    decide(world, "station", answered, asked["request_id"], "refuse")
