"""湖口县: return, extension, plan, appeal, verification from above, third-party panel (3, 5, 7, 8, 10, 11)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from scenario import REASON, World, later, photo

from app import clock
from app.ids import new_id

WHY_LATER = "管材须从外地调运，已下单，预计到货后两日内安装完毕。"
WHY_APPEAL = "诉求人要求违规办理产权登记，无法律政策依据，已当面解释并书面答复，仍不满意。"


@pytest.fixture(scope="module")
def world(shared: World) -> World:
    return World(shared.app, "hukou")


def give_back(world: World, **other: Any) -> dict[str, Any]:
    args = {
        "request_id": new_id(), "reason": REASON, "proposed_unit": world.units["water"].id,
        "fields": {"reassign": "建议改派供水单位，属其管网维护职责。"},
    }  # fmt: skip
    return args | other


def decide(world: World, who: str, ticket_id: str, request_id: str, decision: str = "approve") -> None:
    args = {"request_id": request_id, "decision": decision, "note": "经研判，意见如上"}
    world.phone(who).do("request.decide", ticket_id, **args)


def city(world: World, ticket_id: str, request_id: str, decision: str = "approve", **other: Any) -> None:
    args = {"request_id": request_id, "decision": decision, "note": "市中心已答复"}
    world.station.do("request.record_answer", ticket_id, **args | other)


def signed(world: World, ago: timedelta) -> str:
    """A ticket that the liaison signed that long ago."""
    ticket_id = world.dispatched(ago=ago)
    world.play("liaison", "ticket.sign", ticket_id, clock.now() - ago)
    return ticket_id


def request(world: World, ticket_id: str) -> dict[str, Any]:
    found: dict[str, Any] = world.station.detail(ticket_id)["requests"][-1]
    return found


def askable(world: World, ticket_id: str, kind: str) -> dict[str, Any]:
    return next(a for a in world.liaison.detail(ticket_id)["askable"] if a["kind"] == kind)


@pytest.mark.clause("K1.3")
def test_return_is_asked_within_24_hours_of_signing(world: World) -> None:
    in_time = signed(world, timedelta(hours=23, minutes=59))
    guard = world.liaison.clock_of(in_time, "return")
    assert clock.parse(guard["due_at"]) - clock.parse(guard["started_at"]) == timedelta(hours=24)
    assert guard["started_at"] == world.liaison.ticket(in_time)["signed_at"]
    world.liaison.do("request.return", in_time, **give_back(world))
    late = signed(world, timedelta(hours=24))
    receipt = world.liaison.try_("request.return", late, **give_back(world))
    assert receipt["code"] == "request_too_late" and "二(一)3" in receipt["message"]
    entry = askable(world, late, "return")
    assert (entry["allowed"], entry["code"]) == (False, "request_too_late")
    unsigned = world.dispatched()
    assert world.liaison.refused("request.return", unsigned, **give_back(world)) == "state_wrong"


@pytest.mark.clause("K1.3")
def test_the_form_has_reason_and_proposed_unit_and_the_chiefs_signature(world: World) -> None:
    ticket_id, liaison = world.handling(), world.liaison
    assert liaison.refused("request.return", ticket_id, **give_back(world, reason="不归我管")) == "request_reason_short"
    assert (
        liaison.refused("request.return", ticket_id, **give_back(world, proposed_unit=None)) == "request_unit_missing"
    )
    assert liaison.refused("request.return", ticket_id, **give_back(world, fields={})) == "request_field_missing"
    asked = give_back(world)
    liaison.do("request.return", ticket_id, **asked)
    yes = {"request_id": asked["request_id"], "decision": "approve", "note": "同意退回"}
    assert world.station.refused("request.decide", ticket_id, **yes) == "request_not_your_turn"
    assert request(world, ticket_id)["waits_for"] == ["chief"]
    decide(world, "chief", ticket_id, asked["request_id"])
    shown = request(world, ticket_id)
    assert (shown["state"], shown["decisions"][0]["stage"]) == ("station", "chief")


@pytest.mark.clause("K1.3")
def test_the_centre_decides_within_one_working_day(world: World) -> None:
    ticket_id, asked = world.handling(), give_back(world)
    world.liaison.do("request.return", ticket_id, **asked)
    assert request(world, ticket_id)["decide_by"] is None, "the chief has no limit, the centre has"
    decide(world, "chief", ticket_id, asked["request_id"])
    shown = request(world, ticket_id)
    wait = clock.parse(shown["decide_by"]) - clock.now()
    assert timedelta(0) < wait < timedelta(days=12), "one working day, however long the holidays"
    assert shown["decide_why"].startswith("1 个工作日，自 ")
    decide(world, "station", ticket_id, asked["request_id"])
    ticket = world.station.ticket(ticket_id)
    assert (ticket["state"], ticket["unit"]) == ("registered", None)


@pytest.mark.clause("K1.3")
def test_refused_the_same_unit_carries_on(world: World) -> None:
    ticket_id, asked = world.handling(), give_back(world)
    before = world.liaison.ticket(ticket_id)["clocks"]
    world.liaison.do("request.return", ticket_id, **asked)
    decide(world, "chief", ticket_id, asked["request_id"])
    decide(world, "station", ticket_id, asked["request_id"], "refuse")
    ticket = world.liaison.ticket(ticket_id)
    assert (ticket["state"], ticket["unit"]["name"], ticket["clocks"]) == ("handling", "树林召镇人民政府", before)
    assert ticket["detail"]["requests"][0]["state"] == "refused"
    world.liaison.visit(ticket_id)


def extension(world: World, ticket_id: str, hours: float = 1) -> dict[str, Any]:
    due = clock.parse(world.liaison.clock_of(ticket_id, "feedback")["due_at"])
    new = due + timedelta(hours=hours)
    return {"request_id": new_id(), "reason": WHY_LATER, "new_due_at": clock.iso(new)}


@pytest.mark.clause("K2.5", partial="the extension; the limits themselves stand beside the clocks")
def test_an_extension_is_asked_24_hours_ahead_with_reason_and_expected_date(world: World) -> None:
    ticket_id = world.handling(feedback_in=timedelta(hours=24, minutes=1))
    args = extension(world, ticket_id)
    assert world.liaison.refused("request.extend", ticket_id, **args | {"reason": "忙"}) == "request_reason_short"
    entry = askable(world, ticket_id, "extension")
    due = clock.parse(world.liaison.clock_of(ticket_id, "feedback")["due_at"])
    assert (entry["allowed"], entry["most"], entry["used"]) == (True, 2, 0)
    assert due - clock.parse(entry["until"]) == timedelta(hours=24)
    world.liaison.do("request.extend", ticket_id, **args)
    late = world.handling(feedback_in=timedelta(hours=24))
    assert world.liaison.refused("request.extend", late, **extension(world, late)) == "request_too_late"


@pytest.mark.clause("K2.5", partial="the extension; the limits themselves stand beside the clocks")
def test_at_most_two_extensions_and_the_city_centre_approves(world: World) -> None:
    ticket_id = world.handling()
    for nth in (1, 2):
        args = extension(world, ticket_id)
        world.liaison.do("request.extend", ticket_id, **args)
        assert request(world, ticket_id)["state"] == "city"
        no = {"request_id": args["request_id"], "decision": "approve", "note": "同意"}
        assert world.station.refused("request.decide", ticket_id, **no) == "request_not_open"
        assert world.liaison.clock_of(ticket_id, "feedback")["due_at"] != args["new_due_at"]
        city(world, ticket_id, args["request_id"])
        assert world.liaison.clock_of(ticket_id, "feedback")["due_at"] == args["new_due_at"]
        assert askable(world, ticket_id, "extension")["used"] == nth
    receipt = world.liaison.try_("request.extend", ticket_id, **extension(world, ticket_id))
    assert (receipt["code"], receipt["facts"]["most"]) == ("request_used_up", 2)
    assert askable(world, ticket_id, "extension")["code"] == "request_used_up"


@pytest.mark.clause("K2.5", partial="the extension; the limits themselves stand beside the clocks")
def test_a_refused_extension_does_not_count(world: World) -> None:
    ticket_id = world.handling()
    for _ in range(2):
        args = extension(world, ticket_id)
        world.liaison.do("request.extend", ticket_id, **args)
        city(world, ticket_id, args["request_id"], "refuse")
    assert askable(world, ticket_id, "extension")["used"] == 0


@pytest.mark.clause("K2.5", partial="the extension; the limits themselves stand beside the clocks")
def test_each_extension_is_at_most_the_original_limit_in_its_own_days(world: World) -> None:
    ticket_id = world.handling(kind="consult")
    # Two working days once more can never reach past twelve days, nor fall short of one.
    assert world.liaison.refused("request.extend", ticket_id, **extension(world, ticket_id, 24 * 13)) == (
        "extension_longer_than_original"
    )
    args = extension(world, ticket_id, 24)
    world.liaison.do("request.extend", ticket_id, **args)
    longer = clock.iso(clock.parse(args["new_due_at"]) + timedelta(days=13))
    answer = {"request_id": args["request_id"], "decision": "approve", "note": "同意", "new_due_at": longer}
    assert world.station.refused("request.record_answer", ticket_id, **answer) == "extension_longer_than_original"
    given = world.handling(feedback_in=timedelta(days=3))
    assert world.liaison.refused("request.extend", given, **extension(world, given, 24 * 3 + 1)) == (
        "extension_longer_than_original"
    )
    world.liaison.do("request.extend", given, **extension(world, given, 24 * 3 - 1))


@pytest.mark.clause("K2.7", partial="the plan of a complex case; the parts of a reply stand beside the replies")
def test_a_complex_case_has_a_plan_with_a_schedule_that_is_kept_up_to_date(world: World) -> None:
    ticket_id = world.handling()
    steps = [
        {"text": "委托第三方检测楼体沉降", "due_at": later(48), "done": False},
        {"text": "出具加固方案并公示", "due_at": later(24 * 10), "done": False},
    ]
    plan = {"plan_id": new_id(), "text": "沉降原因不明，先检测再加固，期间设置警示并安排值守。", "steps": steps}
    refused = world.liaison.refused
    assert refused("plan.file", ticket_id, **plan | {"text": "正在办理中"}) == "progress_empty"
    assert refused("plan.file", ticket_id, **plan | {"steps": []}) == "command_invalid"
    past = [step | {"due_at": later(-1)} for step in steps]
    assert refused("plan.file", ticket_id, **plan | {"steps": past}) == "plan_dates_missing"
    assert world.station.refused("plan.file", ticket_id, **plan) == "not_permitted"
    world.liaison.do("plan.file", ticket_id, **plan)
    done = [steps[0] | {"done": True}, steps[1]]
    world.liaison.do("plan.file", ticket_id, **plan | {"plan_id": new_id(), "steps": done})
    shown = world.station.detail(ticket_id)["plans"]
    assert [(p["number"], [s["done"] for s in p["steps"]]) for p in shown] == [(1, [False, False]), (2, [True, False])]
    assert shown[1]["steps"][1]["due_at"] == steps[1]["due_at"]
    assert [e["name"] for e in world.station.events(ticket_id)].count("plan.filed") == 2


def appeal(evidence_ids: list[str], **other: Any) -> dict[str, Any]:
    args = {
        "request_id": new_id(), "kind": "appeal", "grounds": ["no_room"], "reason": WHY_APPEAL,
        "evidence_ids": evidence_ids,
    }  # fmt: skip
    return args | other


@pytest.mark.clause("K2.8")
def test_an_appeal_names_grounds_and_brings_materials_the_chief_has_reviewed(world: World) -> None:
    ticket_id, liaison = world.closed(), world.liaison
    piece = liaison.declare(ticket_id, photo(66), "other")
    assert liaison.refused("request.ask", ticket_id, **appeal([piece], grounds=[])) == "request_ground_missing"
    receipt = liaison.try_("request.ask", ticket_id, **appeal([]))
    assert receipt["code"] == "request_materials_missing" and "法律依据" in receipt["message"]
    asked = appeal([piece])
    liaison.do("request.ask", ticket_id, **asked)
    answer = {"request_id": asked["request_id"], "decision": "approve", "note": "同意"}
    assert world.station.refused("request.record_answer", ticket_id, **answer) == "request_not_open"
    decide(world, "chief", ticket_id, asked["request_id"])
    assert request(world, ticket_id)["state"] == "city"
    assert ticket_id in {t["id"] for t in world.station.pull()["tickets"]}
    assert world.liaison.ticket(ticket_id)["exempt"] is False


@pytest.mark.clause("K2.8")
def test_an_approved_appeal_keeps_the_ticket_out_of_the_rate_of_satisfaction(world: World) -> None:
    ticket_id, liaison = world.closed(), world.liaison
    asked = appeal([liaison.declare(ticket_id, photo(67), "other")])
    liaison.do("request.ask", ticket_id, **asked)
    decide(world, "chief", ticket_id, asked["request_id"])
    city(world, ticket_id, asked["request_id"])
    ticket = liaison.ticket(ticket_id)
    assert (ticket["state"], ticket["exempt"]) == ("closed", True)
    assert liaison.refused("request.ask", ticket_id, **appeal([])) == "request_used_up"
    refused = world.closed()
    again = appeal([liaison.declare(refused, photo(68), "other")])
    liaison.do("request.ask", refused, **again)
    decide(world, "chief", refused, again["request_id"], "refuse")
    assert liaison.ticket(refused)["exempt"] is False


@pytest.mark.clause("K3.10", partial="the work of the supervisors; what the system raises stands beside escalations")
def test_supervisors_verify_from_above_and_conclude(world: World) -> None:
    ticket_id, supervisor = world.handling(), world.phone("supervisor")
    args = {
        "request_id": new_id(), "kind": "verification", "grounds": ["redone", "shirking"], "until": later(48),
        "reason": "同一诉求多次发回重办，请说明历次办理情况。",
    }  # fmt: skip
    assert world.liaison.refused("request.ask", ticket_id, **args) == "request_not_yours"
    supervisor.do("request.ask", ticket_id, **args)
    reply = {"request_id": args["request_id"], "text": "三次重办均因配件缺货，现已到货，附采购单。"}
    world.liaison.do("request.answer", ticket_id, **reply)
    assert world.station.refused("request.decide", ticket_id, request_id=args["request_id"], decision="approve",
                                 note="属实") == "request_not_your_turn"  # fmt: skip
    decide(world, "supervisor", ticket_id, args["request_id"])
    done = world.liaison.detail(ticket_id)["requests"][0]
    assert (done["state"], done["decisions"][1]["note"]) == ("approved", "经研判，意见如上")


def panel(size: int = 3) -> list[dict[str, str]]:
    named = [("李代表", "人大代表"), ("王律师", "专业律师"), ("赵老师", "教师"), ("钱委员", "政协委员")]
    return [{"evaluator_id": new_id(), "name": name, "capacity": capacity} for name, capacity in named[:size]]


def evaluation(members: list[dict[str, str]], **other: Any) -> dict[str, Any]:
    args = {
        "request_id": new_id(), "kind": "evaluation", "panel": members, "until": later(24 * 10),
        "reason": "诉求人对答复不满意，承办单位认为办理合规，提请评议。",
    }  # fmt: skip
    return args | other


def cast(world: World, ticket_id: str, asked: dict[str, Any], votes: list[str]) -> None:
    for member, vote in zip(asked["panel"], votes, strict=True):
        args = {"request_id": asked["request_id"], "evaluator_id": member["evaluator_id"], "vote": vote}
        world.station.do("request.vote", ticket_id, **args)


@pytest.mark.clause("K3.11")
def test_a_panel_is_named_and_each_member_votes_once(world: World) -> None:
    ticket_id, station = world.closed(), world.station
    assert station.refused("request.ask", ticket_id, **evaluation(panel(2))) == "request_panel_small"
    assert station.refused("request.ask", ticket_id, **evaluation(panel(4))) == "request_panel_small", "no draw"
    assert world.liaison.refused("request.ask", ticket_id, **evaluation(panel())) == "request_not_yours"
    asked = evaluation(panel())
    station.do("request.ask", ticket_id, **asked)
    first = {"request_id": asked["request_id"], "evaluator_id": asked["panel"][0]["evaluator_id"], "vote": "reasonable"}
    assert world.liaison.refused("request.vote", ticket_id, **first) == "not_permitted"
    assert station.refused("request.vote", ticket_id, **first | {"evaluator_id": new_id()}) == "evaluator_not_found"
    station.do("request.vote", ticket_id, **first)
    assert station.refused("request.vote", ticket_id, **first) == "evaluator_voted"
    shown = request(world, ticket_id)
    assert [(m["name"], m["capacity"], m["vote"]) for m in shown["panel"]] == [
        ("李代表", "人大代表", "reasonable"), ("王律师", "专业律师", None), ("赵老师", "教师", None)
    ]  # fmt: skip
    assert (shown["outcome"], shown["state"]) == (None, "panel")


@pytest.mark.clause("K3.11")
def test_found_reasonable_it_must_be_solved_by_a_date(world: World) -> None:
    ticket_id, asked = world.closed(), evaluation(panel())
    without = evaluation(panel())
    del without["until"]
    assert world.station.refused("request.ask", ticket_id, **without) == "request_until_missing"
    world.station.do("request.ask", ticket_id, **asked)
    cast(world, ticket_id, asked, ["reasonable", "unreasonable", "reasonable"])
    assert request(world, ticket_id)["outcome"] == "reasonable"
    ticket = world.liaison.ticket(ticket_id)
    assert (ticket["state"], ticket["closed_at"]) == ("redo", None)
    promise = ticket["detail"]["commitments"][0]
    assert (promise["due_at"], promise["origin"], promise["outcome"]) == (asked["until"], "panel", None)
    ledger = world.station.call("GET", "/api/v1/commitments").get_json()["commitments"]
    assert ticket_id in {entry["ticket"]["id"] for entry in ledger}
    kept = {"commitment_id": promise["id"], "outcome": "kept", "note": "已完成维修并经诉求人确认"}
    world.liaison.do("commitment.settle", ticket_id, **kept)
    assert world.liaison.detail(ticket_id)["commitments"][0]["outcome"] == "kept"


@pytest.mark.clause("K3.11")
def test_found_unreasonable_the_appeal_is_supported(world: World) -> None:
    ticket_id, asked = world.closed(), evaluation(panel())
    # An appeal granted nothing before; the verdict opens another one, whatever the count says.
    earlier = appeal([world.liaison.declare(ticket_id, photo(69), "other")])
    world.liaison.do("request.ask", ticket_id, **earlier)
    decide(world, "chief", ticket_id, earlier["request_id"], "refuse")
    world.station.do("request.ask", ticket_id, **asked)
    cast(world, ticket_id, asked, ["unreasonable", "reasonable", "unreasonable"])
    assert (request(world, ticket_id)["outcome"], world.liaison.ticket(ticket_id)["state"]) == (
        "unreasonable",
        "closed",
    )
    again = appeal([world.liaison.declare(ticket_id, photo(71), "other")])
    world.liaison.do("request.ask", ticket_id, **again)
    assert request(world, ticket_id)["supported_by"] == asked["request_id"]
    decide(world, "chief", ticket_id, again["request_id"])
    city(world, ticket_id, again["request_id"])
    assert world.liaison.ticket(ticket_id)["exempt"] is True
