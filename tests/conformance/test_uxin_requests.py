"""乌审旗公安局: suspension, termination, stage report, supervision order (二(二), 三(二), 四(六), 四(七), 四(九))."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from scenario import World, later, photo

from app import clock
from app.ids import new_id
from app.requests.suspension import resume_due

EIGHT = (
    "no_law", "major_project", "long_ago", "contract", "several_places", "facts_differ", "circumstances", "other",
)  # fmt: skip
NINE = (
    "other_bodies", "discipline", "concluded", "secrets", "policy_question", "answered_jointly", "not_municipal",
    "nothing_new", "other",
)  # fmt: skip
WHY = "涉事合同须由第三方机构检测鉴定，检测周期约四个月，现已委托并向反映人说明。"
SAID = {
    "measures": "十二月完成取样，次年三月出具检测报告后继续办理。",
    "explained": "已当面说明检测周期，反映人表示理解。",
}
HUNDRED_DAYS = 24 * 100


@pytest.fixture(scope="module")
def world(shared: World) -> World:
    return World(shared.app, "uxin")


def suspension(**other: Any) -> dict[str, Any]:
    args = {
        "request_id": new_id(), "kind": "suspension", "reason": WHY, "grounds": ["contract"], "fields": SAID,
        "until": later(HUNDRED_DAYS),
    }  # fmt: skip
    return args | other


def told(world: World, **options: Any) -> str:
    """A ticket in hand whose caller has been told how it stands."""
    ticket_id = world.handling(**options)
    world.liaison.contact(ticket_id, purpose="told")
    return ticket_id


def decide(world: World, who: str, ticket_id: str, request_id: str, decision: str = "approve") -> None:
    args = {"request_id": request_id, "decision": decision, "note": "情况属实"}
    world.phone(who).do("request.decide", ticket_id, **args)


def suspended(world: World) -> str:
    ticket_id, asked = told(world, feedback_in=timedelta(days=3)), suspension()
    world.liaison.do("request.ask", ticket_id, **asked)
    for who in ("chief", "station"):
        decide(world, who, ticket_id, asked["request_id"])
    answer = {"request_id": asked["request_id"], "decision": "approve", "note": "同意挂单"}
    world.station.do("request.record_answer", ticket_id, **answer)
    return ticket_id


def askable(world: World, ticket_id: str, kind: str) -> dict[str, Any]:
    return next(a for a in world.liaison.detail(ticket_id)["askable"] if a["kind"] == kind)


@pytest.mark.clause("U4.6")
def test_eight_grounds_one_of_them_ticked_and_the_form_filled_in(world: World) -> None:
    ticket_id = told(world)
    rule = next(r for r in world.liaison.policy_wire(ticket_id)["requests"] if r["kind"] == "suspension")
    assert tuple(g["key"] for g in rule["grounds"]) == EIGHT
    assert rule["form"] == "鄂尔多斯市接诉即办指挥调度中心延期处理挂单表"
    refused = world.liaison.refused
    assert refused("request.ask", ticket_id, **suspension(grounds=[])) == "request_ground_missing"
    assert refused("request.ask", ticket_id, **suspension(grounds=["bored"])) == "request_ground_unknown"
    assert refused("request.ask", ticket_id, **suspension(fields={"measures": "取样检测"})) == "request_field_missing"
    assert refused("request.ask", ticket_id, **suspension(fields=SAID | {"mood": "好"})) == "request_field_unknown"
    asked = suspension(grounds=["contract", "other"])
    world.liaison.do("request.ask", ticket_id, **asked)
    shown = world.phone("chief").detail(ticket_id)["requests"][0]
    assert (shown["grounds"], shown["fields"], shown["until"]) == (asked["grounds"], SAID, asked["until"])


@pytest.mark.clause("U4.6")
def test_the_caller_is_told_before_a_suspension_is_asked(world: World) -> None:
    ticket_id = world.handling()
    world.liaison.contact(ticket_id, purpose="told", outcome="no_answer")
    assert askable(world, ticket_id, "suspension")["code"] == "request_caller_not_told"
    receipt = world.liaison.try_("request.ask", ticket_id, **suspension())
    assert receipt["code"] == "request_caller_not_told" and "四(六)" in receipt["message"]
    world.liaison.contact(ticket_id, purpose="told")
    assert askable(world, ticket_id, "suspension")["allowed"] is True
    world.liaison.do("request.ask", ticket_id, **suspension())


@pytest.mark.clause("U4.6")
def test_the_main_leader_signs_the_form_before_it_leaves(world: World) -> None:
    ticket_id, asked = told(world), suspension()
    world.liaison.do("request.ask", ticket_id, **asked)
    no = {"request_id": asked["request_id"], "decision": "approve", "note": "同意"}
    assert world.station.refused("request.decide", ticket_id, **no) == "request_not_your_turn"
    assert world.leader.refused("request.decide", ticket_id, **no) == "request_not_your_turn"
    assert world.liaison.refused("request.decide", ticket_id, **no) == "not_permitted"
    waiting = world.liaison.detail(ticket_id)["requests"][0]
    assert (waiting["state"], waiting["waits_for"], bool(waiting["waits_since"])) == ("chief", ["chief"], True)
    assert ticket_id in {t["id"] for t in world.phone("chief").pull()["tickets"]}
    decide(world, "chief", ticket_id, asked["request_id"])
    signed = world.liaison.detail(ticket_id)["requests"][0]
    assert (signed["state"], signed["decisions"][0]["by"]["name"]) == ("station", "主要领导甲")
    decide(world, "station", ticket_id, asked["request_id"])
    assert world.liaison.detail(ticket_id)["requests"][0]["state"] == "city"
    assert world.liaison.ticket(ticket_id)["state"] == "handling"


@pytest.mark.clause("U4.6")
def test_a_suspension_rests_the_clocks_that_rest_and_goes_on_where_it_was(world: World) -> None:
    ticket_id = suspended(world)
    ticket = world.liaison.ticket(ticket_id)
    assert (ticket["state"], ticket["suspended_until"] is not None) == ("suspended", True)
    stopped = {c["clock"] for c in ticket["clocks"] if c["stopped_at"]}
    assert {"feedback", "plan"} <= stopped and "sign" not in stopped
    visit = {"visit_id": new_id(), "mode": "solve", "arrived_at": later(), "met": "caller"}
    assert world.liaison.refused("visit.record", ticket_id, **visit) == "state_wrong"
    assert world.liaison.refused("ticket.resume", ticket_id, note="检测提前完成") == "not_permitted"
    world.station.do("ticket.resume", ticket_id, note="检测提前完成")
    again = world.liaison.ticket(ticket_id)
    assert (again["state"], again["suspended_until"]) == ("handling", None)
    feedback = next(c for c in again["clocks"] if c["clock"] == "feedback")
    before = next(c for c in ticket["clocks"] if c["clock"] == "feedback")
    assert feedback["stopped_at"] is None and feedback["due_at"] >= before["due_at"]
    world.liaison.visit(ticket_id)


@pytest.mark.clause("U4.6")
def test_a_suspension_ends_by_itself_when_its_date_comes(world: World) -> None:
    ticket_id = suspended(world)
    before = world.liaison.clock_of(ticket_id, "feedback")["due_at"]
    at = clock.now() + timedelta(days=100, minutes=1)
    resume_due(world.database, at - timedelta(minutes=3))
    assert world.liaison.ticket(ticket_id)["state"] == "suspended"
    resume_due(world.database, at)
    resume_due(world.database, at)
    assert world.liaison.ticket(ticket_id)["state"] == "handling"
    names = [e["name"] for e in world.liaison.events(ticket_id)]
    assert names.count("ticket.resumed") == 1
    due = clock.parse(world.liaison.clock_of(ticket_id, "feedback")["due_at"])
    assert due - clock.parse(before) >= timedelta(days=99), "time at rest does not count"


@pytest.mark.clause("U3.2", partial="the fourth way to finish: long delay (挂单)")
def test_over_three_months_and_asked_before_the_deadline(world: World) -> None:
    ticket_id = told(world)
    short = world.liaison.try_("request.ask", ticket_id, **suspension(until=later(24 * 80)))
    assert (short["code"], short["facts"]["days"]) == ("suspension_too_short", 90)
    without = suspension()
    del without["until"]
    assert world.liaison.refused("request.ask", ticket_id, **without) == "request_until_missing"
    late = told(world, ago=timedelta(hours=10), feedback_in=timedelta(seconds=-1))
    assert world.liaison.refused("request.ask", late, **suspension()) == "request_too_late"
    until = askable(world, ticket_id, "suspension")["until"]
    assert until == world.liaison.clock_of(ticket_id, "feedback")["due_at"]
    world.liaison.do("request.ask", ticket_id, **suspension())
    assert world.liaison.clock_of(ticket_id, "feedback")["stopped_at"], "nobody is late while the leader thinks"


@pytest.mark.clause("U4.6")
def test_a_suspension_refused_lets_the_clock_run_on(world: World) -> None:
    ticket_id, asked = told(world), suspension()
    world.liaison.do("request.ask", ticket_id, **asked)
    decide(world, "chief", ticket_id, asked["request_id"], "refuse")
    ticket = world.liaison.ticket(ticket_id)
    assert (ticket["state"], ticket["open_requests"]) == ("handling", [])
    assert world.liaison.clock_of(ticket_id, "feedback")["stopped_at"] is None
    world.liaison.do("request.ask", ticket_id, **suspension())


def termination(evidence_ids: list[str], **other: Any) -> dict[str, Any]:
    args = {
        "request_id": new_id(), "kind": "termination", "grounds": ["nothing_new"], "evidence_ids": evidence_ids,
        "reason": "同一事项已依法办结并两次书面答复，反映人无新情况新证据仍反复来电。",
        "fields": {"answer_given": "已依据治安管理处罚法作出处理并书面告知。", "persuasion": "所长带队上门说明两次。"},
    }  # fmt: skip
    return args | other


def proof(world: World, ticket_id: str) -> list[str]:
    paper = world.liaison.declare(ticket_id, photo(90), "other")
    return [*world.liaison.photographed(ticket_id), paper]


@pytest.mark.clause("U4.7")
def test_termination_needs_persuasion_at_the_door_and_proof(world: World) -> None:
    ticket_id = told(world)
    rule = next(r for r in world.liaison.policy_wire(ticket_id)["requests"] if r["kind"] == "termination")
    assert tuple(g["key"] for g in rule["grounds"]) == NINE
    pieces = proof(world, ticket_id)
    world.liaison.visit(ticket_id, mode="solve")
    assert world.liaison.refused("request.ask", ticket_id, **termination(pieces)) == "request_not_visited"
    world.liaison.visit(ticket_id, mode="persuade")
    refused = world.liaison.refused
    assert refused("request.ask", ticket_id, **termination([])) == "request_materials_missing"
    assert refused("request.ask", ticket_id, **termination(pieces[:2])) == "request_materials_missing"
    no_after = [pieces[0], pieces[2], world.liaison.declare(ticket_id, photo(91), "other")]
    assert refused("request.ask", ticket_id, **termination(no_after)) == "request_materials_missing"
    assert refused("request.ask", ticket_id, **termination([new_id()])) == "proof_unknown"
    world.liaison.do("request.ask", ticket_id, **termination(pieces))
    assert world.phone("chief").detail(ticket_id)["requests"][0]["evidence_ids"] == pieces


@pytest.mark.clause("U4.7")
def test_a_termination_approved_all_the_way_closes_the_ticket(world: World) -> None:
    ticket_id = told(world)
    world.liaison.visit(ticket_id, mode="persuade")
    asked = termination(proof(world, ticket_id))
    world.liaison.do("request.ask", ticket_id, **asked)
    for who in ("chief", "station"):
        decide(world, who, ticket_id, asked["request_id"])
        assert world.liaison.ticket(ticket_id)["state"] == "handling"
    answer = {"request_id": asked["request_id"], "decision": "approve", "note": "同意终结"}
    world.station.do("request.record_answer", ticket_id, **answer)
    ticket = world.liaison.ticket(ticket_id)
    assert (ticket["state"], ticket["closed_how"]) == ("closed", "terminated")
    assert all(c["met_at"] or c["stopped_at"] for c in ticket["clocks"] if c["kind"] == "deadline")
    assert world.liaison.refused("request.ask", ticket_id, **termination([])) == "state_wrong"


@pytest.mark.clause("U2.2")
def test_not_finished_in_time_gives_the_reason_and_a_stage_report(world: World) -> None:
    report = {
        "progress_id": new_id(), "caller_told": True,
        "text": "已调取现场监控并询问三名证人，尚待鉴定意见，预计两日内出具处理结果。",
    }  # fmt: skip
    in_time = world.handling()
    world.liaison.contact(in_time, purpose="told")
    world.liaison.do("progress.report", in_time, **report)
    overdue = world.handling(ago=timedelta(hours=10), feedback_in=timedelta(seconds=-1))
    world.liaison.contact(overdue, purpose="told")
    args = report | {"progress_id": new_id()}
    receipt = world.liaison.try_("progress.report", overdue, **args)
    assert receipt["code"] == "progress_reason_missing" and "未按期办结的原因" in receipt["message"]
    assert world.liaison.refused("progress.report", overdue, **args, reason="忙") == "progress_reason_missing"
    empty = args | {"text": "正在办理中", "reason": "鉴定机构排期较长，非本部门所能控制"}
    assert world.liaison.refused("progress.report", overdue, **empty) == "progress_empty"
    world.liaison.do("progress.report", overdue, **args, reason="鉴定机构排期较长，非本部门所能控制")
    shown = world.station.detail(overdue)["progress"][0]
    assert shown["reason"] == "鉴定机构排期较长，非本部门所能控制"


def order(**other: Any) -> dict[str, Any]:
    args = {
        "request_id": new_id(), "kind": "supervision", "grounds": ["late_response"], "until": later(24),
        "reason": "接单后两日未联系反映人，请说明原因并立即整改。",
    }  # fmt: skip
    return args | other


@pytest.mark.clause("U4.9")
def test_a_supervision_order_names_a_listed_failing_and_is_followed_until_it_satisfies(world: World) -> None:
    ticket_id, asked = world.handling(), order()
    supervisor, liaison = world.phone("supervisor"), world.liaison
    assert supervisor.refused("request.ask", ticket_id, **order(grounds=[])) == "request_ground_missing"
    assert supervisor.refused("request.ask", ticket_id, **order(grounds=["lazy"])) == "request_ground_unknown"
    assert liaison.refused("request.ask", ticket_id, **order()) == "request_not_yours"
    supervisor.do("request.ask", ticket_id, **asked)
    shown = liaison.detail(ticket_id)["requests"][0]
    assert (shown["waits_for"], shown["decide_by"]) == (["liaison"], asked["until"])
    reply = {"request_id": asked["request_id"], "text": "当日已联系反映人并约定上门，责任人已提醒。"}
    assert world.station.refused("request.answer", ticket_id, **reply) == "request_not_your_turn"
    liaison.do("request.answer", ticket_id, **reply)
    assert ticket_id in {t["id"] for t in supervisor.pull()["tickets"]}
    decide(world, "supervisor", ticket_id, asked["request_id"], "refuse")
    assert liaison.detail(ticket_id)["requests"][0]["waits_for"] == ["liaison"], "sent back to be answered anew"
    piece = liaison.declare(ticket_id, photo(70), "other")
    liaison.do("request.answer", ticket_id, **reply, evidence_ids=[piece])
    decide(world, "supervisor", ticket_id, asked["request_id"])
    done = liaison.detail(ticket_id)["requests"][0]
    assert (done["state"], done["waits_for"]) == ("approved", [])
    assert [d["decision"] for d in done["decisions"]] == ["answer", "refuse", "answer", "approve"]
    assert done["decisions"][2]["evidence_ids"] == [piece]


@pytest.mark.clause("U4.9", partial="an order with the proof it rests on")
def test_an_order_comes_with_the_stations_proof_which_is_not_the_units(world: World) -> None:
    ticket_id = world.handling()
    supervisor, liaison = world.phone("supervisor"), world.liaison
    own, theirs = supervisor.declare(ticket_id, photo(90), "other"), liaison.declare(ticket_id, photo(70), "before")
    assert supervisor.upload(own, photo(90)).status_code == 204
    asked = order(evidence_ids=[own, theirs])
    supervisor.do("request.ask", ticket_id, **asked)
    shown = liaison.detail(ticket_id)
    assert shown["requests"][0]["evidence_ids"] == [own, theirs]
    assert {piece["id"]: piece["ours"] for piece in shown["evidence"]} == {own: False, theirs: True}
    said = liaison.said(ticket_id, reply_id=new_id(), evidence_ids=[own])
    refused = liaison.refused("reply.submit", ticket_id, **said)
    assert refused == "reply_evidence_unknown", "no part of the unit's own answer"
    taken = {"evidence_id": own, "reason": "传错了"}
    assert liaison.refused("evidence.withdraw", ticket_id, **taken) == "evidence_not_found"


@pytest.mark.clause("U4.6", partial="who holds it now, by name, and since when")
def test_whoever_holds_a_request_is_named(world: World) -> None:
    ticket_id, asked = world.handling(), order()
    world.phone("supervisor").do("request.ask", ticket_id, **asked)
    shown = world.liaison.detail(ticket_id)["requests"][0]
    assert (shown["held_by"], bool(shown["waits_since"])) == ("联络员甲、联络员乙", True), "A角 before B角"
    answer = {"request_id": asked["request_id"], "text": "当日已联系反映人并约定上门，责任人已提醒。"}
    world.liaison.do("request.answer", ticket_id, **answer)
    assert world.liaison.detail(ticket_id)["requests"][0]["held_by"] == "督查员甲"
    decide(world, "supervisor", ticket_id, asked["request_id"])
    assert world.liaison.detail(ticket_id)["requests"][0]["held_by"] == ""


@pytest.mark.clause("U4.9")
def test_an_order_is_answered_after_the_ticket_has_closed_too(world: World) -> None:
    ticket_id = world.closed()
    asked = order(grounds=["poor_quality"])
    world.phone("supervisor").do("request.ask", ticket_id, **asked)
    reply = {"request_id": asked["request_id"], "text": "已复查现场并补充回访，反映人确认问题解决。"}
    world.liaison.do("request.answer", ticket_id, **reply)
    decide(world, "supervisor", ticket_id, asked["request_id"])
    assert world.liaison.detail(ticket_id)["requests"][0]["state"] == "approved"
    assert world.liaison.ticket(ticket_id)["state"] == "closed"
