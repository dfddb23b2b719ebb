"""湖口县: what a result report says, the unit's own review and the centre's first check (7, 9)."""

from __future__ import annotations

import pytest
from scenario import World, photo

from app.ids import new_id


@pytest.fixture(scope="module")
def world(shared: World) -> World:
    return World(shared.app, "hukou")


@pytest.mark.clause("K2.7")
def test_the_report_has_the_notices_three_parts_and_each_is_asked_for(world: World) -> None:
    ticket_id, liaison = world.handling(), world.liaison
    labels = [part["label"] for part in liaison.policy_wire(ticket_id)["reply"]["parts"]]
    assert labels == ["基本情况及现场检查情况", "处理结果及沟通情况", "拟办意见（拟答复口径）"]
    evidence = liaison.prepared(ticket_id)
    said = liaison.said(ticket_id)
    for key, words in [(key, words) for key in said["parts"] for words in ("", "正在办理中", "已处理")]:
        args = said | {"reply_id": new_id(), "evidence_ids": evidence, "parts": said["parts"] | {key: words}}
        receipt = liaison.try_("reply.submit", ticket_id, **args)
        expected = ("part_missing" if not words else "part_empty_phrase", key)
        assert [(f["code"], f["part"]) for f in receipt["facts"]["findings"]] == [expected]
    liaison.do("reply.submit", ticket_id, **said, reply_id=new_id(), evidence_ids=evidence)
    assert world.leader.detail(ticket_id)["replies"][-1]["parts"] == said["parts"]


@pytest.mark.clause("K3.9")
def test_the_unit_reviews_before_the_centre_sees_it(world: World) -> None:
    ticket_id = world.handling()
    reply_id = world.liaison.reply(ticket_id)
    steps = world.liaison.detail(ticket_id)["chain"]["steps"]
    assert [step["roles"] for step in steps] == [["reviewer"], ["leader"], ["station"]]
    accept = {"reply_id": reply_id, "checklist": ["complete", "reasonable", "format"]}
    assert world.station.refused("review.accept", ticket_id, **accept) == "state_wrong"
    world.sign_off(ticket_id)
    signed = world.station.detail(ticket_id)["replies"][-1]["signatures"]
    assert [(s["role"], s["by"]["name"]) for s in signed] == [("reviewer", "部门负责人甲"), ("leader", "分管领导甲")]


@pytest.mark.clause("K3.9")
def test_the_centre_ticks_completeness_reasonableness_and_format_one_by_one(world: World) -> None:
    ticket_id, liaison = world.handling(), world.liaison
    evidence = liaison.prepared(ticket_id)
    for evidence_id, shade in zip(evidence, (40, 200), strict=True):
        assert liaison.upload(evidence_id, photo(shade)).status_code == 204
    reply_id = new_id()
    liaison.do("reply.submit", ticket_id, **liaison.said(ticket_id, reply_id=reply_id, evidence_ids=evidence))
    world.sign_off(ticket_id)
    labels = [item["label"] for item in liaison.policy_wire(ticket_id)["review"]["checklist"]]
    assert labels == ["内容完整性", "办理结果合理性", "回复格式规范性"]
    receipt = world.station.try_("review.accept", ticket_id, reply_id=reply_id, checklist=["complete", "format"])
    assert (receipt["code"], receipt["facts"]["items"]) == ("review_unchecked", "办理结果合理性")
    everything = ["complete", "reasonable", "format"]
    world.station.do("review.accept", ticket_id, reply_id=reply_id, checklist=everything)
    closed = liaison.ticket(ticket_id)
    assert closed["state"] == "closed"
    assert closed["detail"]["replies"][-1]["signatures"][-1]["ticked"] == everything


@pytest.mark.clause("K3.9")
def test_what_fails_is_sent_back_counted_and_answered(world: World) -> None:
    ticket_id, reply_id = world.reviewing()
    reasons = ["现场检查没有写明时间", "拟答复口径不完整"]
    world.station.do("review.send_back", ticket_id, reply_id=reply_id, reasons=reasons)
    back = world.liaison.ticket(ticket_id)
    assert (back["state"], back["redo_count"], back["detail"]["reasons_open"]) == ("redo", 1, reasons)
    said = world.liaison.said(ticket_id)
    args = {"reply_id": new_id(), "evidence_ids": back["detail"]["replies"][-1]["evidence_ids"], "answers": []}
    receipt = world.liaison.try_("reply.submit", ticket_id, **said | args)
    assert [f["facts"]["reason"] for f in receipt["facts"]["findings"]] == reasons
    parts = said["parts"] | {"situation": said["parts"]["situation"] + "十一月二十日上午九时到现场。"}
    world.liaison.do("reply.submit", ticket_id, **said | args | {"answers": said["answers"], "parts": parts})
    world.sign_off(ticket_id)
    latest = world.station.detail(ticket_id)["replies"][-1]
    assert [answer["reason"] for answer in latest["answers"]] == reasons
    assert (latest["changes"]["since"], latest["changes"]["parts"]) == (1, ["situation"])
