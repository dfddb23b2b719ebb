"""湖口县: the centre signs and checks, grounds of dispatch, disputed duty, 提级核查 (二(一)1、2、4, 二(三)10)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from conformance.towns import town, work
from scenario import REASON, World, later

from app import clock
from app.ids import new_id
from app.oversight.escalations.jobs import look

MINUTES = "各单位现场查看后认为道路由镇里管养、管网由水务管理，由镇里牵头办理，水务配合。"


@pytest.fixture
def hukou(world: World) -> World:
    """The county town of Hukou."""
    return town(world, "hukou")


def consulted(world: World, ticket_id: str, **other: Any) -> str:
    """Record a consultation of town and water; return its id."""
    town_id, water = world.units["town"].id, world.units["water"].id
    args = {
        "consultation_id": new_id(), "kind": "joint_duty", "participants": [town_id, water], "on_site": True,
        "convened_by": town_id, "minutes": MINUTES, "agreed": True, "lead_unit_id": town_id, "co_unit_ids": [water],
    } | other  # fmt: skip
    world.station.do("consultation.record", ticket_id, **args)
    return str(args["consultation_id"])


@pytest.mark.clause("K1.1")
def test_the_centre_signs_within_a_day_after_checking_the_details(hukou: World) -> None:
    ticket_id = hukou.registered(title="路灯不亮", kind="help")
    limit = hukou.station.clock_of(ticket_id, "centre_sign")
    assert clock.parse(limit["due_at"]) - clock.parse(limit["started_at"]) == timedelta(hours=24)
    give = {"unit_id": hukou.units["town"].id} | hukou.basis()
    assert hukou.station.refused("ticket.dispatch", ticket_id, **give) == "centre_not_signed"
    assert hukou.station.refused("ticket.centre_sign", ticket_id, checked=False) == "centre_check_missing"
    for other in ("liaison", "leader", "supervisor"):
        hukou.phone(other).refused("ticket.centre_sign", ticket_id, checked=True)
    right = {"kind": "complaint", "category": "城市管理/照明", "area": "双钟镇大岭社区"}
    assert hukou.station.refused("ticket.centre_sign", ticket_id, checked=True, corrections={"kind": "?"})
    hukou.station.do("ticket.centre_sign", ticket_id, checked=True, corrections=right, note="已电话核对地址")
    ticket = hukou.station.ticket(ticket_id)
    assert (ticket["kind"], ticket["area"], ticket["detail"]["category"]) == tuple(
        right[k] for k in ("kind", "area", "category")
    )
    assert ticket["detail"]["centre_signed_at"] and hukou.station.clock_of(ticket_id, "centre_sign")["met_at"]
    event = hukou.station.events(ticket_id)[-1]
    assert (event["name"], event["summary"]) == ("ticket.centre_signed", "中心签收，信息已核实，已更正登记内容")
    assert hukou.station.refused("ticket.centre_sign", ticket_id, checked=True) == "centre_signed_already"
    hukou.station.do("ticket.dispatch", ticket_id, **give)
    hukou.liaison.do("ticket.sign", ticket_id)


@pytest.mark.clause("K1.1")
def test_units_sign_within_a_day_and_a_late_signature_of_either_stays_visible(hukou: World) -> None:
    ticket_id = hukou.dispatched()
    limit = hukou.liaison.clock_of(ticket_id, "sign")
    assert clock.parse(limit["due_at"]) - clock.parse(limit["started_at"]) == timedelta(hours=24)
    late = hukou.dispatched(ago=timedelta(hours=25))
    hukou.liaison.do("ticket.sign", late)
    assert hukou.liaison.clock_of(late, "sign")["met_at"] > hukou.liaison.clock_of(late, "sign")["due_at"]
    old = new_id()
    hukou.play("station", "ticket.intake", old, clock.now() - timedelta(hours=25), **hukou.intake_args())
    hukou.station.do("ticket.centre_sign", old, checked=True)
    assert hukou.station.events(old)[-1]["late"] is True


@pytest.mark.clause("K1.2")
def test_a_dispatch_records_its_ground_and_shows_it(hukou: World) -> None:
    town_id = hukou.units["town"].id
    for ground, label in (("duty", "依据工作职能分派"), ("nearness", "坚持职能相近有利工作分派")):
        ticket_id = hukou.registered()
        hukou.centre_done(ticket_id)
        for missing in ({}, {"grounds": "应当由镇里办"}, {"ground": "because"}):
            assert (
                hukou.station.refused("ticket.dispatch", ticket_id, unit_id=town_id, **missing)
                == "dispatch_ground_missing"
            )
        hukou.station.do("ticket.dispatch", ticket_id, unit_id=town_id, ground=ground)
        [given] = hukou.liaison.detail(ticket_id)["assignments"]
        assert (given["ground"], given["ground_label"], given["binding"]) == (ground, label, False)
        assert label in hukou.liaison.events(ticket_id)[-1]["summary"]


@pytest.mark.clause("K1.2")
def test_jointly_means_a_lead_and_units_that_help_it(hukou: World) -> None:
    town_id, water = hukou.units["town"].id, hukou.units["water"].id
    ticket_id = hukou.registered()
    hukou.centre_done(ticket_id)
    give = {"unit_id": town_id, "ground": "joint"}
    assert hukou.station.refused("ticket.dispatch", ticket_id, **give) == "dispatch_co_units_missing"
    agreed = consulted(hukou, ticket_id, kind="pre_dispatch")
    hukou.station.do(
        "ticket.dispatch", ticket_id, **give, consultation_id=agreed, letter={"what": "配合查明管网渗漏点"}
    )
    detail = hukou.phone("neighbour").detail(ticket_id)
    [letter] = detail["assists"]
    assert (letter["unit"]["id"], letter["what"], letter["asking_unit"]) == (water, "配合查明管网渗漏点", None)
    assert detail["assignments"][0]["consultation_id"] == agreed


@pytest.mark.clause("K1.2")
def test_a_county_leaders_instruction_names_the_leader_and_binds(hukou: World) -> None:
    ticket_id = hukou.registered()
    hukou.centre_done(ticket_id)
    give = {"unit_id": hukou.units["town"].id, "ground": "leader"}
    assert hukou.station.refused("ticket.dispatch", ticket_id, **give) == "dispatch_leader_missing"
    hukou.station.do("ticket.dispatch", ticket_id, **give, instructed_by="县领导甲")
    [given] = hukou.liaison.detail(ticket_id)["assignments"]
    assert (given["instructed_by"], given["binding"]) == ("县领导甲", True)


@pytest.mark.clause("K1.4")
def test_disputed_duty_without_outcome_falls_to_the_sectors_department_and_the_others_answer_too(hukou: World) -> None:
    town_id, water = hukou.units["town"].id, hukou.units["water"].id
    ticket_id = hukou.registered()
    hukou.centre_done(ticket_id)
    nothing = {"consultation_id": new_id(), "kind": "joint_duty", "participants": [town_id, water], "minutes": MINUTES,
               "agreed": False, "convened_by": town_id}  # fmt: skip
    assert (
        hukou.station.refused("consultation.record", ticket_id, **nothing, lead_unit_id=water)
        == "consultation_no_outcome"
    )
    assert (
        hukou.liaison.refused("consultation.record", ticket_id, **nothing, lead_unit_id=town_id) == "ticket_not_found"
    )
    held = consulted(hukou, ticket_id, agreed=False, co_unit_ids=[])
    [shown] = hukou.station.detail(ticket_id)["consultations"]
    assert [u["id"] for u in shown["co_units"]] == [water] and shown["on_site"] and shown["minutes"] == MINUTES
    other = {"unit_id": water, "ground": "disputed", "consultation_id": held}
    assert hukou.station.refused("ticket.dispatch", ticket_id, **other) == "consultation_other_unit"
    hukou.station.do("ticket.dispatch", ticket_id, unit_id=town_id, ground="disputed", consultation_id=held)
    assert hukou.phone("neighbour").detail(ticket_id)["assists"][0]["unit"]["id"] == water
    hukou.liaison.do("ticket.sign", ticket_id)
    asked = {"request_id": new_id(), "reason": REASON, "proposed_unit": water}
    assert hukou.liaison.refused("request.return", ticket_id, **asked) == "return_unit_named"
    listed = hukou.phone("supervisor").call("GET", "/api/v1/oversight/consultations?kind=joint_duty").get_json()
    assert ticket_id in [row["ticket"]["id"] for row in listed["consultations"]]


@pytest.mark.clause("K3.10")
@pytest.mark.parametrize("why", ["repeated", "shirking", "leader", "hot"])
def test_what_the_rules_name_is_raised_by_the_system_once_and_worked_by_supervisors(hukou: World, why: str) -> None:
    ticket_id = {"repeated": repeated, "shirking": shirked, "leader": instructed, "hot": hot}[why](hukou)
    work(hukou)
    supervisor = hukou.phone("supervisor")
    found = [e for e in supervisor.detail(ticket_id)["escalations"] if e["rule"] == why]
    assert [(e["to"], e["raised_by"], e["closed_at"]) for e in found] == [("supervisor", None, None)]
    assert supervisor.ticket(ticket_id)["escalated"] is True
    inbox = [n for n in supervisor.pull()["inbox"] if n["ticket_id"] == ticket_id and n["kind"] == "escalated"]
    assert any(found[0]["label"] in n["title"] for n in inbox)
    with_id = {"escalation_id": found[0]["id"]}
    concluded = with_id | {"conclusion": "经核查，承办单位已约定办结时间并落实。"}
    for who in ("station", "leader"):
        if why == "hot" and who == "leader":
            continue
        assert hukou.phone(who).refused("escalation.close", ticket_id, **concluded) == "escalation_not_yours"
    supervisor.do("escalation.follow", ticket_id, **with_id, note_id=new_id(), text="已约谈承办单位联络员")
    supervisor.do("escalation.close", ticket_id, **concluded)
    assert supervisor.refused("escalation.close", ticket_id, **concluded) == "escalation_closed"
    for _ in range(2):
        look(hukou.database, ticket_id, clock.now())
    again = [e for e in supervisor.detail(ticket_id)["escalations"] if e["rule"] == why]
    assert [(e["conclusion"], len(e["notes"])) for e in again] == [(concluded["conclusion"], 1)]


@pytest.mark.clause("K3.10", partial="a check by hand and what the system raised are one matter")
def test_a_check_by_hand_is_the_matter_that_the_system_raised(hukou: World) -> None:
    ticket_id, supervisor = instructed(hukou), hukou.phone("supervisor")
    work(hukou)
    [raised] = matters(hukou, ticket_id, "leader")
    check = {
        "request_id": new_id(), "kind": "verification", "grounds": ["leader", "shirking"], "until": later(48),
        "reason": "县领导签字交办，请说明办理情况和完成时间。",
    }  # fmt: skip
    supervisor.do("request.ask", ticket_id, **check)
    for _ in range(2):
        work(hukou)
        look(hukou.database, ticket_id, clock.now())
    assert [row["id"] for row in matters(hukou, ticket_id, "leader")] == [raised["id"]], "carried on, not raised again"
    [by_hand] = matters(hukou, ticket_id, "shirking")
    assert (by_hand["reason"], by_hand["raised_by"]["name"]) == (check["reason"], "督查员甲")
    listed = supervisor.call("GET", "/api/v1/oversight/escalations?state=open").get_json()["escalations"]
    assert {raised["id"], by_hand["id"]} <= {row["id"] for row in listed}
    assert {"verification"} == {
        k for row in listed if row["id"] == raised["id"] for k in row["ticket"]["open_requests"]
    }
    early = {"escalation_id": raised["id"], "conclusion": "经核查，承办单位已按要求落实。"}
    assert supervisor.refused("escalation.close", ticket_id, **early) == "escalation_in_check"
    hukou.liaison.do("ticket.sign", ticket_id)
    answer = {"request_id": check["request_id"], "text": "本周内完成，已明确责任人，附进度安排。"}
    hukou.liaison.do("request.answer", ticket_id, **answer)
    concluded = {"request_id": check["request_id"], "decision": "approve", "note": "情况属实，按期办结后归档。"}
    supervisor.do("request.decide", ticket_id, **concluded)
    work(hukou)
    ended = matters(hukou, ticket_id, "leader") + matters(hukou, ticket_id, "shirking")
    assert [(row["conclusion"], row["closed_by"]["name"]) for row in ended] == [(concluded["note"], "督查员甲")] * 2
    work(hukou)
    look(hukou.database, ticket_id, clock.now())
    assert len(matters(hukou, ticket_id, "leader")) == 1


def matters(hukou: World, ticket_id: str, why: str) -> list[dict[str, Any]]:
    return [row for row in hukou.phone("supervisor").detail(ticket_id)["escalations"] if row["rule"] == why]


def stranger() -> dict[str, Any]:
    """A caller who has not called before."""
    return {"name": "张三", "phone": f"137{new_id()[-8:]}", "anonymous": False, "confidential": False}


def repeated(world: World) -> str:
    caller = stranger()
    return [world.dispatched(caller=caller, category=new_id()) for _ in range(3)][-1]


def shirked(world: World) -> str:
    ticket_id = world.dispatched()
    for unit in ("water", "town"):
        args = world.basis() | {"unit_id": world.units[unit].id, "reason": "职责交叉，改派"}
        args.pop("grounds")
        world.station.do("ticket.reassign", ticket_id, **args)
    return ticket_id


def instructed(world: World) -> str:
    ticket_id = world.registered()
    world.centre_done(ticket_id)
    args = {"unit_id": world.units["town"].id, "ground": "leader", "instructed_by": "县领导甲"}
    world.station.do("ticket.dispatch", ticket_id, **args)
    return ticket_id


def hot(world: World) -> str:
    category = f"供水/{new_id()}"
    tickets = [world.dispatched(category=category, caller={"anonymous": True, "confidential": False}) for _ in range(5)]
    work(world)
    raised = [t for t in tickets if world.station.detail(t)["escalations"]]
    assert len(raised) == 1, "one matter for the whole group"
    return raised[0]


@pytest.mark.clause("K3.10")
def test_by_hand_too_a_ticket_is_brought_before_its_leader_who_concludes(hukou: World) -> None:
    ticket_id, supervisor = hukou.dispatched(caller=stranger()), hukou.phone("supervisor")
    args = {"escalation_id": new_id(), "to": "leader", "reason": "群众多次来电催办，请领导包案"}
    hukou.liaison.refused("escalation.raise", ticket_id, **args)
    supervisor.do("escalation.raise", ticket_id, **args)
    again = args | {"escalation_id": new_id()}
    assert hukou.station.refused("escalation.raise", ticket_id, **again) == "escalation_open"
    work(hukou)
    assert any(n["ticket_id"] == ticket_id and n["kind"] == "escalated" for n in hukou.leader.pull()["inbox"])
    concluded = {"escalation_id": args["escalation_id"], "conclusion": "已由分管领导包案，本周内办结。"}
    hukou.leader.do("escalation.close", ticket_id, **concluded)
    assert supervisor.ticket(ticket_id)["escalated"] is False
