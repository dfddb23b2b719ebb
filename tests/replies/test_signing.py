"""Signatures through the door: whose turn, in whose stead, never twice, never of what one has not seen."""

from __future__ import annotations

from typing import Any

import pytest
from lasting import shared
from scenario import Phone, World, later

from app.ids import new_id

__all__ = ["shared"]


@pytest.fixture(scope="module")
def world(shared: World) -> World:
    return World(shared.app, "hedong")


def seen(phone: Phone, ticket_id: str) -> dict[str, Any]:
    reply = phone.detail(ticket_id)["replies"][-1]
    return {"reply_id": reply["id"], "content_hash": reply["content_hash"]}


def test_one_person_signs_once_though_standing_in_for_another(world: World) -> None:
    people, term = world.people, new_id()
    args = {"principal": people["reviewer"].id, "deputy": people["leader"].id, "since": later(), "until": later(8)}
    world.phone("reviewer").do("deputation.appoint", None, deputation_id=term, reason="培训", **args)
    ticket_id = world.handling()
    world.liaison.reply(ticket_id)
    world.leader.do("reply.sign_off", ticket_id, **seen(world.leader, ticket_id))
    [signature] = world.liaison.detail(ticket_id)["replies"][-1]["signatures"]
    assert (signature["role"], signature["by"]["name"]) == ("reviewer", people["leader"].name)
    assert signature["acting_for"]["name"] == people["reviewer"].name
    step = world.liaison.detail(ticket_id)["chain"]["steps"][0]
    assert (step["by"]["name"], step["acting_for"]["name"]) == (people["leader"].name, people["reviewer"].name)
    said = seen(world.leader, ticket_id)
    assert world.leader.refused("reply.sign_off", ticket_id, **said) == "reply_signed_already"
    decline = {"reply_id": said["reply_id"], "reasons": ["再想想"]}
    assert world.leader.refused("reply.decline", ticket_id, **decline) == "reply_signed_already"
    world.phone("chief").do("reply.sign_off", ticket_id, **said)
    assert world.liaison.ticket(ticket_id)["state"] == "reviewing"
    world.phone("reviewer").do("deputation.end", None, deputation_id=term)


def test_a_later_version_needs_every_signature_again(world: World) -> None:
    ticket_id = world.handling()
    world.liaison.reply(ticket_id)
    first = seen(world.leader, ticket_id)
    world.phone("reviewer").do("reply.sign_off", ticket_id, **first)
    world.leader.do("reply.decline", ticket_id, reply_id=first["reply_id"], reasons=["结果写得不具体"])
    world.liaison.reply(ticket_id)
    now = seen(world.leader, ticket_id)
    assert now["content_hash"] != first["content_hash"], "the answer to the reason is signed too"
    assert world.leader.refused("reply.sign_off", ticket_id, **now) == "reply_not_your_turn"
    old = now | {"content_hash": first["content_hash"]}
    assert world.phone("reviewer").refused("reply.sign_off", ticket_id, **old) == "reply_changed"
    assert world.phone("reviewer").refused("reply.sign_off", ticket_id, **first) == "reply_not_open"
    world.sign_off(ticket_id)
    assert [len(r["signatures"]) for r in world.liaison.detail(ticket_id)["replies"]] == [1, 2]


def test_only_whose_turn_it_is_sends_it_back(world: World) -> None:
    ticket_id = world.handling()
    reply_id = world.liaison.reply(ticket_id)
    args = {"reply_id": reply_id, "reasons": ["请补充时间"]}
    assert world.leader.refused("reply.decline", ticket_id, **args) == "reply_not_your_turn"
    world.phone("reviewer").do("reply.decline", ticket_id, **args)
    row = world.liaison.ticket(ticket_id)
    assert (row["state"], row["holder"]["role"], row["detail"]["chain"]["holder"]["role"]) == (
        "redo", "liaison", "liaison"
    )  # fmt: skip
    assert {step["state"] for step in row["detail"]["chain"]["steps"]} == {"later"}


def test_the_chain_stands_on_the_ticket_before_anything_is_written(world: World) -> None:
    registered = world.registered()
    assert world.station.detail(registered)["chain"] is None
    ticket_id = world.handling()
    chain = world.liaison.detail(ticket_id)["chain"]
    assert [step["state"] for step in chain["steps"]] == ["later", "later", "later"]
    assert chain["holder"] == {"role": "liaison", "name": "联络员甲"}


def test_what_no_profile_asks_for_is_not_taken(world: World) -> None:
    ticket_id = world.handling()
    said = world.liaison.said(ticket_id)
    args = said | {"reply_id": new_id(), "fields": said["fields"] | {"horoscope": "狮子座"}}
    assert world.liaison.refused("reply.submit", ticket_id, **args) == "reply_part_unknown"
    wrong = said | {"reply_id": new_id(), "commitment": {"text": "修好", "due_on": "十二月一日"}}
    assert world.liaison.refused("reply.submit", ticket_id, **wrong) == "command_invalid"


def test_a_draft_keeps_all_that_is_being_written(world: World) -> None:
    ticket_id = world.handling()
    more = {
        "fields": {"answerer": "张"}, "finish": "committed", "basis": "依据", "statement": "说明",
        "commitment": {"text": "修", "due_on": "2027-03-15"}, "answers": [{"reason": "太短", "text": "已"}],
    }  # fmt: skip
    world.liaison.do("draft.save", ticket_id, parts={}, **more)
    draft = world.phone("deputy").detail(ticket_id)["draft"]
    assert {key: draft[key] for key in more} == more
