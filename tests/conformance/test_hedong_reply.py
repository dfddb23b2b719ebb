"""河东区: two contacts, meeting in person, promises, signatures, who answers, call-back (二(一), 二(二))."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from scenario import Phone, World, photo

from app import clock
from app.ids import new_id

BASIS = "依据《物业管理条例》第二十七条，专有部分的维修由业主自行负责，不属于公共维修资金使用范围。"


@pytest.fixture(scope="module")
def world(shared: World) -> World:
    return World(shared.app, "hedong")


def tried(phone: Phone, ticket_id: str, **other: Any) -> set[str]:
    """Submit a reply and return what it lacks; empty when it was taken."""
    args = {"reply_id": new_id(), "acknowledge": ["photo_before_missing", "photo_after_missing"]}
    receipt = phone.try_("reply.submit", ticket_id, **phone.said(ticket_id, **args | other))
    if receipt["status"] == "applied":
        return set()
    assert receipt["code"] == "reply_incomplete", receipt
    assert all(f["message"].endswith("。") and "—" not in f["message"] for f in receipt["facts"]["findings"]), receipt
    return {f["code"] for f in receipt["facts"]["findings"]}


@pytest.mark.clause("H2.1a")
def test_no_reply_without_a_contact_after_receipt_and_one_after_handling(world: World) -> None:
    ticket_id, liaison = world.handling(), world.liaison
    assert tried(liaison, ticket_id) == {"first_contact_missing", "second_contact_missing"}
    liaison.contact(ticket_id, outcome="no_answer", purpose="first")
    assert tried(liaison, ticket_id) == {"first_contact_missing", "second_contact_missing"}, "an effective contact"
    liaison.contact(ticket_id, purpose="first")
    assert tried(liaison, ticket_id) == {"second_contact_missing"}
    liaison.contact(ticket_id, purpose="second", note="已告知结果，诉求人表示满意")
    assert tried(liaison, ticket_id) == set()
    duty = liaison.policy_wire(ticket_id)["reply"]["contacts"]
    assert (duty["first"], duty["second"], duty["severity"], duty["cite"]) == (True, True, "block", "二(一)")


@pytest.mark.clause("H2.1b")
@pytest.mark.parametrize("source", ["provincial", "instant"])
def test_tickets_of_these_sources_are_met_in_person_or_refused(world: World, source: str) -> None:
    ticket_id, liaison = world.handling(source=source), world.liaison
    for purpose in ("first", "second"):
        liaison.contact(ticket_id, purpose=purpose)
    assert tried(liaison, ticket_id) == {"face_to_face_missing"}
    exception = {"exception_id": new_id(), "ground": "declined", "note": "诉求人称不用上门"}
    liaison.do("visit.except", ticket_id, **exception)
    assert tried(liaison, ticket_id) == {"face_to_face_missing"}, "no exception stands for meeting"
    liaison.visit(ticket_id, met="family")
    assert tried(liaison, ticket_id) == {"face_to_face_missing"}, "the caller in person"
    liaison.visit(ticket_id, met="caller")
    assert tried(liaison, ticket_id) == set()


@pytest.mark.clause("H2.1b")
def test_a_ticket_redone_twice_is_met_in_person(world: World) -> None:
    ticket_id, liaison = world.handling(), world.liaison
    for purpose in ("first", "second"):
        liaison.contact(ticket_id, purpose=purpose)
    for _ in range(2):
        assert tried(liaison, ticket_id) == set()
        world.sign_off(ticket_id)
        reply = world.station.detail(ticket_id)["replies"][-1]
        world.station.do("review.send_back", ticket_id, reply_id=reply["id"], reasons=["未对应诉求中的第二个问题"])
    assert liaison.ticket(ticket_id)["redo_count"] == 2
    assert tried(liaison, ticket_id) == {"face_to_face_missing"}
    liaison.visit(ticket_id)
    assert tried(liaison, ticket_id) == set()


@pytest.mark.clause("H2.1d")
def test_a_promise_has_a_date_stands_in_the_ledger_and_is_followed_until_kept(world: World) -> None:
    ticket_id, liaison = world.handling(), world.liaison
    evidence = liaison.prepared(ticket_id)
    for evidence_id, shade in zip(evidence, (40, 200), strict=True):
        assert liaison.upload(evidence_id, photo(shade)).status_code == 204
    today = (clock.now() + timedelta(hours=8)).date()
    promise = {
        "text": "主管道改造列入明年三月工程，完工后逐户回访",
        "due_on": (today + timedelta(days=120)).isoformat(),
    }
    committed = {"finish": "committed", "evidence_ids": evidence}
    assert tried(liaison, ticket_id, **committed) == {"commitment_missing"}
    yesterday = promise | {"due_on": (today - timedelta(days=1)).isoformat()}
    assert tried(liaison, ticket_id, **committed, commitment=yesterday) == {"commitment_past"}
    assert tried(liaison, ticket_id, **committed, commitment=promise) == set()
    world.sign_off(ticket_id)
    assert liaison.detail(ticket_id)["commitments"] == [], "not before the reply is accepted"
    world.station.do("review.accept", ticket_id, **world.checked(ticket_id))
    [entry] = ledger(world.station, ticket_id)
    assert (entry["text"], entry["origin"], entry["settled_at"]) == (promise["text"], "reply", None)
    assert entry["due_at"][:10] == promise["due_on"], "through the last minute of the day, Shanghai time"
    assert any("承诺" in event["summary"] for event in liaison.events(ticket_id))
    kept = {
        "commitment_id": entry["id"],
        "outcome": "kept",
        "note": "三月十五日改造完工，已回访诉求人",
        "evidence_ids": [],
    }
    liaison.do("commitment.settle", ticket_id, **kept)
    assert ledger(world.station, ticket_id) == []
    [settled] = ledger(world.station, ticket_id, "settled")
    assert settled["outcome"] == "kept"


def ledger(phone: Phone, ticket_id: str, state: str = "open") -> list[dict[str, Any]]:
    answer = phone.call("GET", "/api/v1/commitments", query_string={"state": state})
    assert answer.status_code == 200, answer.text
    return [entry for entry in answer.get_json()["commitments"] if entry["ticket"]["id"] == ticket_id]


@pytest.mark.clause("H2.2b")
@pytest.mark.parametrize("second", ["leader", "chief"])
def test_reviewed_by_the_section_head_then_signed_by_a_leader_before_it_leaves(world: World, second: str) -> None:
    ticket_id = world.handling()
    reply_id = world.liaison.reply(ticket_id)
    seen = {"reply_id": reply_id, "content_hash": world.liaison.detail(ticket_id)["replies"][-1]["content_hash"]}
    chain = world.liaison.detail(ticket_id)["chain"]
    assert [step["state"] for step in chain["steps"]] == ["now", "later", "later"]
    assert chain["steps"][1]["roles"] == ["leader", "chief"]
    assert chain["holder"] == {"role": "reviewer", "name": "部门负责人甲"}
    for early in ("leader", "chief"):
        assert world.phone(early).refused("reply.sign_off", ticket_id, **seen) == "reply_not_your_turn"
    world.phone("reviewer").do("reply.sign_off", ticket_id, **seen, note="内容属实")
    assert world.liaison.ticket(ticket_id)["state"] == "signing", "it has not left the unit"
    held = world.liaison.ticket(ticket_id)
    since = held["detail"]["chain"]["steps"][0]["at"]
    assert (held["holder"]["role"], held["holder"]["since"], held["detail"]["chain"]["since"]) == (
        "leader",
        since,
        since,
    )
    assert world.phone("reviewer").refused("reply.sign_off", ticket_id, **seen) == "reply_not_your_turn"
    stale = seen | {"content_hash": "0" * 64}
    assert world.phone(second).refused("reply.sign_off", ticket_id, **stale) == "reply_changed"
    world.phone(second).do("reply.sign_off", ticket_id, **seen)
    after = world.liaison.ticket(ticket_id)
    assert after["state"] == "reviewing" and after["holder"]["role"] == "station"
    assert after["detail"]["chain"]["holder"] == {"role": "station", "name": "站员甲"}, "the last step too, by name"
    signed = [(step["state"], step["by"] and step["by"]["name"]) for step in after["detail"]["chain"]["steps"]]
    assert signed == [("done", "部门负责人甲"), ("done", world.people[second].name), ("now", None)]


@pytest.mark.clause("H2.2b")
def test_who_sends_it_back_inside_the_unit_gives_reasons_and_each_is_answered(world: World) -> None:
    ticket_id, liaison = world.handling(), world.liaison
    reply_id = liaison.reply(ticket_id)
    reasons = ["没有回答第二个问题", "办理时间写得不清楚"]
    world.phone("reviewer").do("reply.decline", ticket_id, reply_id=reply_id, reasons=reasons)
    back = liaison.ticket(ticket_id)
    assert (back["state"], back["redo_count"]) == ("redo", 0), "no redo: it never left the unit"
    assert back["detail"]["reasons_open"] == reasons and back["detail"]["chain"]["holder"]["role"] == "liaison"
    one = [{"reason": reasons[0], "text": "第二个问题已补充在办理结果中"}]
    assert tried(liaison, ticket_id, answers=[]) == {"reason_unanswered"}
    assert tried(liaison, ticket_id, answers=one) == {"reason_unanswered"}
    both = [*one, {"reason": reasons[1], "text": "已写明十一月二十日上午"}]
    parts = liaison.said(ticket_id)["parts"]
    changed = parts | {"process": parts["process"] + "十一月二十一日逐户回访。"}
    assert tried(liaison, ticket_id, answers=both, parts=changed) == set()
    shown = world.phone("reviewer").detail(ticket_id)["replies"][-1]
    assert shown["answers"] == both
    assert (shown["changes"]["since"], shown["changes"]["parts"]) == (1, ["process"])
    assert liaison.detail(ticket_id)["reasons_open"] == []


@pytest.mark.clause("H2.2c")
def test_the_reply_names_who_handled_it_and_a_number_that_answers(world: World) -> None:
    ticket_id, liaison = world.handling(), world.liaison
    liaison.prepared(ticket_id)
    assert tried(liaison, ticket_id, fields={}) == {"field_missing"}
    nobody = {"answerer": "工作人员", "answer_phone": "办公室电话"}
    assert tried(liaison, ticket_id, fields=nobody) == {"field_wrong"}
    said = {"answerer": "张三", "answer_phone": "0539-8081234"}
    assert tried(liaison, ticket_id, fields=said) == set()
    assert world.leader.detail(ticket_id)["replies"][-1]["fields"] == said
    labels = [field["label"] for field in liaison.policy_wire(ticket_id)["reply"]["fields"]]
    assert labels == ["答复人", "答复电话"]


@pytest.mark.clause("H2.2c")
def test_what_cannot_be_solved_needs_its_policy_basis(world: World) -> None:
    ticket_id, liaison = world.handling(), world.liaison
    liaison.prepared(ticket_id)
    unsolvable = {"finish": "unsolvable", "opinion": "dissatisfied"}
    assert tried(liaison, ticket_id, finish=None) == {"finish_missing"}
    assert tried(liaison, ticket_id, **unsolvable) == {"basis_missing"}
    assert tried(liaison, ticket_id, **unsolvable, basis="没有依据") == {"basis_missing"}
    assert tried(liaison, ticket_id, **unsolvable, basis=BASIS) == set()
    assert world.leader.detail(ticket_id)["replies"][-1]["basis"] == BASIS


@pytest.mark.clause("H2.2e")
def test_the_centre_calls_back_records_why_and_sends_it_back_to_be_done_again(world: World) -> None:
    ticket_id = world.closed()
    answers = {"callback_id": new_id(), "reached": True, "contacted": True, "visited": False, "solved": False}
    station = world.station
    assert station.refused("callback.record", ticket_id, **answers) == "callback_satisfaction_missing"
    unhappy = answers | {"satisfaction": "dissatisfied"}
    assert station.refused("callback.record", ticket_id, **unhappy) == "callback_reasons_missing"
    assert station.refused("callback.record", ticket_id, **unhappy, reasons=["bad_mood"]) == "callback_answer_unknown"
    assert station.refused("review.reopen", ticket_id, reasons=["仍有两层不亮"]) == "reopen_without_callback"
    station.do("callback.record", ticket_id, **unhappy, reasons=["not_solved", "off_point"], note="五层六层仍不亮")
    [called] = world.liaison.detail(ticket_id)["callbacks"]
    assert (called["satisfaction"], called["reasons"], called["solved"]) == (
        "dissatisfied", ["not_solved", "off_point"], False
    )  # fmt: skip
    station.do("review.reopen", ticket_id, reasons=["五层六层感应灯仍不亮"])
    again = world.liaison.ticket(ticket_id)
    assert (again["state"], again["redo_count"]) == ("redo", 1)
    assert again["detail"]["reasons_open"] == ["五层六层感应灯仍不亮"]
    running = [c for c in again["clocks"] if c["kind"] == "deadline" and not (c["met_at"] or c["stopped_at"])]
    assert [c["clock"] for c in running] == ["feedback_again"]
    assert running[0]["due_at"] > clock.iso(clock.now()), "not overdue the moment it comes back"
    world.liaison.reply(ticket_id)
    world.sign_off(ticket_id)
    assert world.liaison.clock_of(ticket_id, "feedback_again")["met_at"] is not None
    assert world.liaison.refused("review.reopen", ticket_id, reasons=["再办"]) == "not_permitted"


@pytest.mark.clause("H2.2e")
def test_what_was_kept_before_stays_kept_when_the_second_round_goes_back(world: World) -> None:
    ticket_id = world.closed()
    first = world.station.clock_of(ticket_id, "feedback")["met_at"]
    world.call_back(ticket_id, solved=False, satisfaction="dissatisfied", reasons=["slow"])
    world.station.do("review.reopen", ticket_id, reasons=["尚未解决"])
    reply_id = world.liaison.reply(ticket_id)
    world.sign_off(ticket_id)
    world.station.do("review.send_back", ticket_id, reply_id=reply_id, reasons=["仍未写明时间"])
    assert world.station.clock_of(ticket_id, "feedback")["met_at"] == first
    assert world.station.clock_of(ticket_id, "feedback_again")["met_at"] is None
