"""新桥镇: the closing report in six elements, the chief signs; review, call-back, what is left (三(四), 三(五))."""

from __future__ import annotations

import pytest
from scenario import World, photo

from app import clock
from app.ids import new_id


@pytest.fixture(scope="module")
def world(shared: World) -> World:
    return World(shared.app, "xinqiao")


def at_centre(world: World) -> tuple[str, str]:
    """A ticket whose report the chief has signed, its photos uploaded."""
    ticket_id, liaison = world.handling(), world.liaison
    evidence = liaison.prepared(ticket_id)
    for evidence_id, shade in zip(evidence, (40, 200), strict=True):
        assert liaison.upload(evidence_id, photo(shade)).status_code == 204
    reply_id = new_id()
    liaison.do("reply.submit", ticket_id, **liaison.said(ticket_id, reply_id=reply_id, evidence_ids=evidence))
    world.sign_off(ticket_id)
    return ticket_id, reply_id


def everything(world: World) -> list[str]:
    return [option.key for option in world.policy.review.checklist]


@pytest.mark.clause("X3.4")
def test_the_closing_report_has_six_elements_and_no_empty_words(world: World) -> None:
    ticket_id, liaison = world.handling(), world.liaison
    parts = liaison.policy_wire(ticket_id)["reply"]["parts"]
    assert [part["label"] for part in parts] == [
        "联系情况", "诉求核实", "办理过程", "办理结果", "群众意见", "后续安排"
    ]  # fmt: skip
    assert all(part["assumed"] for part in parts), "the notice counts six and does not name them"
    evidence, said = liaison.prepared(ticket_id), liaison.said(ticket_id)
    for part in parts:
        args = said | {"reply_id": new_id(), "evidence_ids": evidence, "parts": said["parts"] | {part["key"]: " "}}
        receipt = liaison.try_("reply.submit", ticket_id, **args)
        assert [(f["code"], f["part"]) for f in receipt["facts"]["findings"]] == [("part_missing", part["key"])]


@pytest.mark.clause("X3.4")
def test_the_chief_checks_and_signs_before_the_case_closes(world: World) -> None:
    ticket_id = world.handling()
    reply_id = world.liaison.reply(ticket_id)
    chain = world.liaison.detail(ticket_id)["chain"]
    assert [(step["roles"], step["label"]) for step in chain["steps"]] == [
        (["chief"], "主要负责人审核，结案签批表签字确认"), (["station"], "镇城运中心审核")
    ]  # fmt: skip
    assert chain["holder"] == {"role": "chief", "name": "主要领导甲"}
    seen = {"reply_id": reply_id, "content_hash": world.liaison.detail(ticket_id)["replies"][-1]["content_hash"]}
    assert world.leader.refused("reply.sign_off", ticket_id, **seen) == "reply_not_your_turn"
    chief = world.phone("chief")
    assert ticket_id in {ticket["id"] for ticket in chief.pull()["tickets"]}
    chief.do("reply.sign_off", ticket_id, **seen, note="同意结案")
    after = world.station.ticket(ticket_id)
    assert after["state"] == "reviewing"
    assert after["detail"]["replies"][-1]["signatures"][0]["note"] == "同意结案"


@pytest.mark.clause("X3.5")
def test_the_centre_checks_the_report_and_calls_the_caller_before_it_closes(world: World) -> None:
    ticket_id, reply_id = at_centre(world)
    station, whole = world.station, {"reply_id": reply_id, "checklist": everything(world)}
    vague = whole | {"checklist": everything(world)[1:]}
    assert station.refused("review.accept", ticket_id, **vague) == "review_unchecked"
    assert station.refused("review.accept", ticket_id, **whole) == "callback_missing"
    said = {"contacted": True, "solved": True, "satisfaction": "satisfied"}
    world.call_back(ticket_id, **said, visited=True)
    station.do("review.accept", ticket_id, **whole)
    closed = world.liaison.ticket(ticket_id)
    assert closed["state"] == "closed"
    [called] = closed["detail"]["callbacks"]
    assert {key: called[key] for key in said} == said and called["follow_up"] is None


@pytest.mark.clause("X3.5")
def test_vague_reports_go_back_and_a_call_about_the_old_one_does_not_close_the_new(world: World) -> None:
    ticket_id, reply_id = at_centre(world)
    world.call_back(ticket_id)
    world.station.do("review.send_back", ticket_id, reply_id=reply_id, reasons=["表述模棱两可：是否已修好？"])
    assert world.liaison.ticket(ticket_id)["redo_count"] == 1
    said = world.liaison.said(ticket_id)
    evidence = world.liaison.detail(ticket_id)["replies"][-1]["evidence_ids"]
    args = {"reply_id": new_id(), "evidence_ids": evidence}
    world.liaison.do("reply.submit", ticket_id, **said | args)
    world.sign_off(ticket_id)
    whole = {"reply_id": args["reply_id"], "checklist": everything(world)}
    assert world.station.refused("review.accept", ticket_id, **whole) == "callback_missing"
    world.station.do("callback.record", ticket_id, callback_id=new_id(), reached=False, note="两次无人接听")
    world.station.do("review.accept", ticket_id, **whole)


@pytest.mark.clause("X3.5")
def test_what_is_left_is_written_down_and_followed_until_it_is_done(world: World) -> None:
    ticket_id, reply_id = at_centre(world)
    left = "楼道扶手还未油漆，居委会承诺下周完成"
    callback_id = world.call_back(ticket_id, follow_up=left)
    world.station.do("review.accept", ticket_id, reply_id=reply_id, checklist=everything(world))
    [called] = world.liaison.detail(ticket_id)["callbacks"]
    assert called["follow_up"] == {"text": left, "state": "open", "settled": None}, "the unit sees what is left"
    done = {"callback_id": callback_id, "note": "已回访，扶手油漆完毕"}
    assert world.liaison.refused("callback.settle", ticket_id, **done) == "not_permitted"
    world.station.do("callback.settle", ticket_id, **done)
    [called] = world.liaison.detail(ticket_id)["callbacks"]
    assert called["follow_up"]["state"] == "closed"
    assert called["follow_up"]["settled"]["note"] == done["note"]
    assert world.station.refused("callback.settle", ticket_id, **done) == "callback_settled"


@pytest.mark.clause("X3.5")
def test_a_caller_who_is_not_satisfied_gets_the_case_opened_again_with_time_of_its_own(world: World) -> None:
    ticket_id = world.closed()
    world.call_back(ticket_id, contacted=False, solved=False, satisfaction="dissatisfied", reasons=["not_solved"])
    world.station.do("review.reopen", ticket_id, reasons=["灯仍不亮"])
    again = world.liaison.ticket(ticket_id)
    assert (again["state"], again["redo_count"]) == ("redo", 1)
    deadline = world.liaison.clock_of(ticket_id, "feedback_again")
    assert deadline["due_at"] > clock.iso(clock.now()) and deadline["met_at"] is None
    assert ticket_id in {t["id"] for t in world.liaison.pull()["tickets"]}
