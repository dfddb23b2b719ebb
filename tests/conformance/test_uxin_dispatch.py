"""乌审旗公安局: the office signs and dispatches or answers, consultation first, complaints about officers (二, 三)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from conformance.towns import town, work
from scenario import World, later, photo

from app import clock
from app.ids import new_id
from app.oversight.escalations.jobs import lift_overdue


@pytest.fixture
def uxin(world: World) -> World:
    """The bureau of Uxin."""
    return town(world, "uxin")


@pytest.mark.clause("U3.1", "U4.1")
def test_the_office_signs_within_a_day_and_dispatches_at_once_to_a_department(uxin: World) -> None:
    ticket_id, give = uxin.registered(), {"unit_id": uxin.units["town"].id} | uxin.basis()
    limit = uxin.station.clock_of(ticket_id, "centre_sign")
    assert clock.parse(limit["due_at"]) - clock.parse(limit["started_at"]) == timedelta(hours=24)
    assert limit["cite"] == "四(一)"
    assert uxin.station.refused("ticket.dispatch", ticket_id, **give) == "centre_not_signed"
    uxin.station.do("ticket.centre_sign", ticket_id, checked=True)
    assert uxin.station.clock_of(ticket_id, "centre_sign")["met_at"]
    assert uxin.station.clock_of(ticket_id, "hand_out")["met_at"] is None
    uxin.station.do("ticket.dispatch", ticket_id, **give)
    handed = uxin.station.clock_of(ticket_id, "hand_out")
    assert handed["met_at"] and "1 个工作日" in handed["derivation"]
    uxin.liaison.do("ticket.sign", ticket_id)
    assert uxin.liaison.ticket(ticket_id)["state"] == "handling"


@pytest.mark.clause("U4.1")
def test_a_late_signature_of_the_office_is_recorded_as_late(uxin: World) -> None:
    ticket_id, at = new_id(), clock.now() - timedelta(hours=24, minutes=1)
    uxin.play("station", "ticket.intake", ticket_id, at, **uxin.intake_args())
    overdue = uxin.station.call("GET", "/api/v1/tickets?due=overdue&page_size=100").get_json()["tickets"]
    assert ticket_id in [t["id"] for t in overdue]
    uxin.station.do("ticket.centre_sign", ticket_id, checked=True)
    assert uxin.station.events(ticket_id)[-1]["late"] is True


@pytest.mark.clause("U3.1")
def test_what_is_not_ours_is_answered_directly_and_the_caller_told(uxin: World) -> None:
    ticket_id = uxin.registered()
    answer = {"way": "not_ours", "text": "您反映的噪声事项由生态环境部门受理，已告知受理电话。"}
    assert uxin.station.refused("ticket.answer_directly", ticket_id, **answer) == "centre_not_signed"
    uxin.station.do("ticket.centre_sign", ticket_id, checked=True)
    assert uxin.station.refused("ticket.answer_directly", ticket_id, **answer) == "direct_not_told"
    told = {"contact_id": new_id(), "purpose": "clarify", "to": "caller", "channel": "phone", "outcome": "reached"}
    uxin.station.do("contact.record", ticket_id, **told, started_at=later(minutes=-0.05))
    for other in ("liaison", "leader", "supervisor"):
        uxin.phone(other).refused("ticket.answer_directly", ticket_id, **answer)
    uxin.station.do("ticket.answer_directly", ticket_id, **answer)
    ticket = uxin.station.ticket(ticket_id)
    shown = ticket["detail"]["direct_answer"]
    assert (ticket["state"], shown["text"], shown["by"]["name"]) == ("closed", answer["text"], "站员甲")
    assert shown["told_at"] and ticket["detail"]["assignments"] == []
    assert uxin.station.events(ticket_id)[-1]["summary"].startswith("直接答复办结")


@pytest.mark.clause("U3.3")
def test_only_the_office_answers_on_the_platform_whatever_the_departments_wrote(uxin: World) -> None:
    ticket_id = uxin.handling()
    reply_id = answered(uxin, ticket_id)
    for who in ("liaison", "reviewer", "leader", "chief", "supervisor"):
        assert uxin.phone(who).refused("review.accept", ticket_id, reply_id=reply_id) == "not_permitted", who
        assert uxin.phone(who).refused("ticket.answer_directly", ticket_id, way="not_ours") == "not_permitted", who
    assert uxin.liaison.ticket(ticket_id)["state"] == "reviewing"
    checked = [item.key for item in uxin.policy.review.checklist]
    uxin.station.do("review.accept", ticket_id, reply_id=reply_id, **({"checklist": checked} if checked else {}))
    ticket = uxin.liaison.ticket(ticket_id)
    assert (ticket["state"], ticket["detail"]["replies"][-1]["state"]) == ("closed", "accepted")


def answered(world: World, ticket_id: str) -> str:
    """Bring a department's reply through its own signatures to the office; return its id."""
    reply_id = new_id()
    world.liaison.contact(ticket_id)
    world.liaison.visit(ticket_id)
    world.liaison.contact(ticket_id, purpose="second")
    parts = {
        part.key: "经现场核实，反映情况属实，已组织人员当天到场处理完毕，并逐户告知。"
        for part in world.policy.reply.parts
    }
    evidence = world.liaison.photographed(ticket_id)
    finish = next((f.key for f in world.policy.reply.finishes if "satisfied" in f.opinions), None)
    answer: dict[str, Any] = {"reply_id": reply_id, "parts": parts, "opinion": "satisfied", "evidence_ids": evidence}
    answer["acknowledge"] = ["photo_before_missing", "photo_after_missing"]
    world.liaison.do("reply.submit", ticket_id, **answer | ({"finish": finish} if finish else {}))
    for shade, evidence_id in zip((40, 200), evidence, strict=True):
        assert world.liaison.upload(evidence_id, photo(shade)).status_code == 204
    for step in world.policy.sign_off[:-1]:
        reply = world.liaison.detail(ticket_id)["replies"][-1]
        signed = {"reply_id": reply_id, "content_hash": reply["content_hash"]}
        world.phone(step.role).do("reply.sign_off", ticket_id, **signed)
    return reply_id


@pytest.mark.clause("U2.1", partial="the consultation; reminders, feedback and bulletins are other tests")
def test_a_complex_request_is_consulted_on_before_dispatch_and_the_consultation_is_recorded(uxin: World) -> None:
    town_id, water = uxin.units["town"].id, uxin.units["water"].id
    ticket_id = uxin.registered()
    uxin.station.do("ticket.centre_sign", ticket_id, checked=True)
    args = {
        "consultation_id": new_id(), "kind": "pre_dispatch", "participants": [town_id, water], "agreed": True,
        "minutes": "涉及两个部门，商定由派出所主办，交管大队提供监控资料。", "lead_unit_id": town_id,
        "co_unit_ids": [water],
    }  # fmt: skip
    future = args | {"held_at": later(1)}
    assert uxin.station.refused("consultation.record", ticket_id, **future) == "not_valid_time"
    assert (
        uxin.station.refused("consultation.record", ticket_id, **args | {"co_unit_ids": [town_id]})
        == "consultation_lead_twice"
    )
    uxin.station.do("consultation.record", ticket_id, **args)
    held = args["consultation_id"]
    uxin.station.do("ticket.dispatch", ticket_id, unit_id=town_id, ground="consulted", consultation_id=held)
    detail = uxin.liaison.detail(ticket_id)
    [shown] = detail["consultations"]
    assert (shown["label"], [u["id"] for u in shown["participants"]], shown["lead"]["id"]) == (
        "派单前会商",
        [town_id, water],
        town_id,
    )
    assert detail["assignments"][0]["consultation_id"] == held
    assert detail["assignments"][0]["binding"] is False, "a department may still say that it is not its business"
    assert [a["unit"]["id"] for a in detail["assists"]] == [water]


@pytest.mark.clause("U2.3")
@pytest.mark.parametrize("by", ["kind", "category"])
def test_a_complaint_about_officers_goes_to_the_supervisors_who_track_it(uxin: World, by: str) -> None:
    ticket_id = uxin.registered(**{by: "officer" if by == "kind" else "officer/服务态度"})
    work(uxin)
    supervisor = uxin.phone("supervisor")
    [raised] = supervisor.detail(ticket_id)["escalations"]
    assert (raised["rule"], raised["to"], raised["raised_by"]) == ("officer", "supervisor", None)
    assert any(n["ticket_id"] == ticket_id and n["kind"] == "escalated" for n in supervisor.pull()["inbox"])
    listed = supervisor.call("GET", "/api/v1/oversight/escalations?to=supervisor").get_json()["escalations"]
    assert ticket_id in [e["ticket"]["id"] for e in listed]
    board = supervisor.call("GET", "/api/v1/tickets?escalated=true&page_size=100").get_json()["tickets"]
    assert ticket_id in [t["id"] for t in board]
    note = {"escalation_id": raised["id"], "note_id": new_id(), "text": "已调取执法记录仪录像，约当事民警谈话"}
    supervisor.do("escalation.follow", ticket_id, **note)
    ended = {"escalation_id": raised["id"], "conclusion": "经核查，服务态度问题属实，已批评教育并向来电人致歉。"}
    assert uxin.station.refused("escalation.close", ticket_id, **ended) == "escalation_not_yours"
    assert uxin.liaison.refused("escalation.close", ticket_id, **ended) in ("not_permitted", "ticket_not_found")
    supervisor.do("escalation.close", ticket_id, **ended)
    assert supervisor.ticket(ticket_id)["escalated"] is False
    listed = supervisor.call("GET", "/api/v1/oversight/escalations?state=closed").get_json()["escalations"]
    assert ticket_id in [e["ticket"]["id"] for e in listed]


@pytest.mark.clause("U2.3")
def test_what_the_supervisors_did_not_handle_goes_to_the_leader_in_charge(uxin: World) -> None:
    ticket_id = uxin.dispatched(category="officer")
    work(uxin)
    [raised] = uxin.phone("supervisor").detail(ticket_id)["escalations"]
    lift_overdue(uxin.database, clock.now() + timedelta(days=2, hours=23))
    assert uxin.station.detail(ticket_id)["escalations"][0]["to"] == "supervisor"
    for _ in range(2):
        lift_overdue(uxin.database, clock.now() + timedelta(days=3, hours=1))
    work(uxin)
    [lifted] = uxin.leader.detail(ticket_id)["escalations"]
    assert (lifted["id"], lifted["to"]) == (raised["id"], "leader")
    assert any(n["ticket_id"] == ticket_id and n["kind"] == "escalated" for n in uxin.leader.pull()["inbox"])
    assert [e["name"] for e in uxin.station.events(ticket_id)].count("escalation.lifted") == 1


@pytest.mark.clause("U2.3")
def test_the_supervisor_reports_to_the_leader_by_hand_and_the_leader_concludes(uxin: World) -> None:
    ticket_id = uxin.dispatched(category="officer")
    work(uxin)
    supervisor = uxin.phone("supervisor")
    [raised] = supervisor.detail(ticket_id)["escalations"]
    note = {
        "escalation_id": raised["id"],
        "note_id": new_id(),
        "text": "督办后仍未办理，报分管局领导",
        "lift_to": "leader",
    }
    supervisor.do("escalation.follow", ticket_id, **note)
    assert uxin.leader.detail(ticket_id)["escalations"][0]["to"] == "leader"
    ended = {"escalation_id": raised["id"], "conclusion": "分管局领导约谈部门负责人，当日办结。"}
    uxin.leader.do("escalation.close", ticket_id, **ended)
    assert uxin.leader.detail(ticket_id)["escalations"][0]["closed_by"]["name"] == "分管领导甲"
