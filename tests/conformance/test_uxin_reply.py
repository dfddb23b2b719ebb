"""乌审旗公安局: ways to finish, 三上门, recordings, four parts and their signatures (三(二), 四(三)–四(五))."""

from __future__ import annotations

from typing import Any

import pytest
from scenario import Phone, World, later

from app.ids import new_id

STATEMENT = "反映人要求公安机关直接认定民事债务，不属于公安机关职责，已三次上门说明并告知诉讼途径。"


@pytest.fixture(scope="module")
def world(shared: World) -> World:
    return World(shared.app, "uxin")


def tried(phone: Phone, ticket_id: str, **other: Any) -> set[str]:
    """Submit a reply and return what it lacks; empty when it was taken."""
    receipt = phone.try_("reply.submit", ticket_id, **phone.said(ticket_id, **{"reply_id": new_id()} | other))
    if receipt["status"] == "applied":
        return set()
    assert receipt["code"] == "reply_incomplete", receipt
    return {f["code"] for f in receipt["facts"]["findings"]}


def sign(world: World, who: str, ticket_id: str) -> None:
    reply = world.phone(who).detail(ticket_id)["replies"][-1]
    seen = {"reply_id": reply["id"], "content_hash": reply["content_hash"]}
    world.phone(who).do("reply.sign_off", ticket_id, **seen)


def recorded(phone: Phone, ticket_id: str, content: bytes = b"call") -> str:
    """Declare the recording of a call."""
    kind = {"kind": "audio", "media_type": "audio/mp4", "source": "recorder", "duration_s": 95}
    return phone.declare(ticket_id, content + new_id().encode(), "call", **kind)


@pytest.mark.clause("U3.2", partial="two of the four ways")
@pytest.mark.parametrize(
    ("opinion", "finish"), [("satisfied", "satisfied"), ("dissatisfied", "dissatisfied_reasonable")]
)
def test_two_ways_are_signed_by_department_head_and_leader_in_charge(world: World, opinion: str, finish: str) -> None:
    ticket_id = world.handling()
    world.liaison.reply(ticket_id, opinion=opinion, finish=finish)
    steps = world.liaison.detail(ticket_id)["chain"]["steps"]
    assert [step["roles"] for step in steps] == [["reviewer"], ["leader"], ["station"]]
    sign(world, "reviewer", ticket_id)
    assert world.liaison.ticket(ticket_id)["state"] == "signing"
    sign(world, "leader", ticket_id)
    assert world.liaison.ticket(ticket_id)["state"] == "reviewing", "with the office"
    assert world.station.detail(ticket_id)["replies"][-1]["finish"] == finish


@pytest.mark.clause("U3.2")
def test_dissatisfied_and_unreasonable_needs_a_statement_and_the_main_leaders_signature(world: World) -> None:
    ticket_id, liaison = world.handling(), world.liaison
    evidence = liaison.prepared(ticket_id)
    final = {"opinion": "dissatisfied", "finish": "dissatisfied_unreasonable", "evidence_ids": evidence}
    assert tried(liaison, ticket_id, **final | {"opinion": "satisfied"}, statement=STATEMENT) == {"finish_unfit"}
    assert tried(liaison, ticket_id, **final) == {"statement_missing"}
    assert tried(liaison, ticket_id, **final, statement=STATEMENT) == set()
    form = next(f for f in liaison.policy_wire(ticket_id)["reply"]["finishes"] if f["key"] == final["finish"])
    assert form["form"] == "三级结案终审表"
    for who in ("reviewer", "leader"):
        sign(world, who, ticket_id)
    held = liaison.ticket(ticket_id)
    assert held["state"] == "signing" and held["holder"]["role"] == "chief"
    assert held["detail"]["chain"]["holder"] == {"role": "chief", "name": "主要领导甲"}
    sign(world, "chief", ticket_id)
    after = liaison.ticket(ticket_id)
    assert after["state"] == "reviewing"
    done = [step["roles"] for step in after["detail"]["chain"]["steps"] if step["state"] == "done"]
    assert done == [["reviewer"], ["leader"], ["chief"]]
    assert after["detail"]["replies"][-1]["statement"] == STATEMENT


@pytest.mark.clause("U4.3")
def test_the_caller_is_met_and_the_way_of_meeting_recorded(world: World) -> None:
    ticket_id, liaison = world.handling(), world.liaison
    evidence = liaison.photographed(ticket_id)
    assert tried(liaison, ticket_id, evidence_ids=evidence) == {"visit_missing"}
    modes = {m["key"]: m["label"] for m in liaison.policy_wire(ticket_id)["visit"]["modes"]}
    assert modes == {"solve": "上门办", "persuade": "上门劝", "discuss": "上门谈"}
    liaison.visit(ticket_id, mode="persuade")
    assert world.leader.detail(ticket_id)["visits"][-1]["mode"] == "persuade"
    assert tried(liaison, ticket_id, evidence_ids=evidence) == set()


@pytest.mark.clause("U4.4")
def test_photos_from_before_and_after_are_kept_and_a_call_keeps_its_recording(world: World) -> None:
    ticket_id, liaison = world.handling(), world.liaison
    liaison.contact(ticket_id, purpose="second")
    excused = {"exception_id": new_id(), "ground": "declined", "note": "反映人在外地，电话中谢绝上门"}
    liaison.do("visit.except", ticket_id, **excused)
    photos = liaison.photographed(ticket_id)
    assert tried(liaison, ticket_id, evidence_ids=[]) >= {"photo_before_missing", "photo_after_missing"}
    assert tried(liaison, ticket_id, evidence_ids=photos) == {"recording_missing"}
    call = recorded(liaison, ticket_id)
    assert tried(liaison, ticket_id, evidence_ids=[*photos, call]) == set()
    assert call in world.leader.detail(ticket_id)["replies"][-1]["evidence_ids"]


@pytest.mark.clause("U4.5")
def test_four_parts_signed_twice_and_sent_with_photos_or_the_recording(world: World) -> None:
    ticket_id, liaison = world.handling(), world.liaison
    parts = [part["label"] for part in liaison.policy_wire(ticket_id)["reply"]["parts"]]
    assert parts == ["是否属实", "调查情况", "处置结果", "反映人意见"]
    liaison.contact(ticket_id, purpose="first")
    liaison.visit(ticket_id)
    said = liaison.said(ticket_id)["parts"]
    call = recorded(liaison, ticket_id)
    for key in said:
        assert tried(liaison, ticket_id, evidence_ids=[call], parts=said | {key: ""}) == {"part_missing"}
    assert tried(liaison, ticket_id, evidence_ids=[call]) == set(), "the recording stands for the photos"
    for who in ("reviewer", "leader"):
        sign(world, who, ticket_id)
    reply = world.station.detail(ticket_id)["replies"][-1]
    assert [s["role"] for s in reply["signatures"]] == ["reviewer", "leader"]
    assert reply["evidence_ids"] == [call]


def stands_in(world: World, deputy: str, principal: str) -> str:
    """Let one stand in for the other from now on; return the id of the term."""
    term, people = new_id(), world.people
    args = {"principal": people[principal].id, "deputy": people[deputy].id, "since": later(), "until": later(8)}
    world.phone(principal).do("deputation.appoint", None, deputation_id=term, reason="出差", **args)
    return term


@pytest.mark.clause("U4.5")
def test_nobody_signs_their_own_reply_neither_as_self_nor_as_deputy(world: World) -> None:
    ticket_id = world.handling()
    term = stands_in(world, "liaison", "reviewer")
    world.liaison.reply(ticket_id)
    reply = world.liaison.detail(ticket_id)["replies"][-1]
    seen = {"reply_id": reply["id"], "content_hash": reply["content_hash"]}
    assert world.liaison.refused("reply.sign_off", ticket_id, **seen) == "reply_own"
    world.phone("reviewer").do("deputation.end", None, deputation_id=term)
    assert world.liaison.refused("reply.sign_off", ticket_id, **seen) == "not_permitted"
    sign(world, "reviewer", ticket_id)


@pytest.mark.clause("U4.5")
def test_a_deputy_signs_in_the_leaders_stead_and_both_are_named(world: World) -> None:
    ticket_id = world.handling()
    stands_in(world, "deputy", "leader")
    world.liaison.reply(ticket_id)
    sign(world, "reviewer", ticket_id)
    sign(world, "deputy", ticket_id)
    signature = world.liaison.detail(ticket_id)["replies"][-1]["signatures"][-1]
    assert (signature["role"], signature["by"]["name"]) == ("leader", world.people["deputy"].name)
    assert signature["acting_for"]["name"] == world.people["leader"].name
    assert world.liaison.ticket(ticket_id)["state"] == "reviewing"
