"""What the phone is told about a refused reply, and that asking again changes nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from world import PARTS, World

from app import clock
from app.db import Database
from app.ids import new_id
from app.people.queries import actor_of
from app.replies.queries import wire_for
from app.sync.inbox import apply_batch


@pytest.fixture
def world(database_url: str) -> World:
    return World(Database(database_url))


def envelope(name: str, ticket_id: str, args: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": new_id(),
        "name": name,
        "ticket_id": ticket_id,
        "args": args,
        "captured_at": clock.now(),
        "beacon": None,
    }


def send(world: World, *commands: dict[str, Any]) -> list[dict[str, Any]]:
    with world.database.read() as session:
        actor = actor_of(session, world.people["liaison"], world.devices["liaison"], clock.now())
    assert actor is not None
    return apply_batch(world.database, actor, b"key", clock.now(), commands)


def test_a_refused_reply_says_all_that_is_missing_and_is_answered_the_same_again(world: World) -> None:
    ticket_id, photos = world.proven()
    args = {"reply_id": new_id(), "parts": PARTS | {"result": "已办理"}, "evidence_ids": photos[:1]}
    command = envelope("reply.submit", ticket_id, args)
    [first] = send(world, command)
    assert (first["status"], first["code"]) == ("refused", "reply_incomplete")
    assert [f["code"] for f in first["facts"]["findings"]] == [
        "part_empty_phrase",
        "opinion_missing",
        "photo_after_missing",
    ]
    assert first["message"].startswith("回复还缺 3 项：“办理结果”只写了“已办理”")
    json.dumps(first)
    [again] = send(world, command)
    assert again == first | {"replayed": True}


def test_a_reply_sent_three_times_is_one_reply(world: World) -> None:
    ticket_id, photos = world.proven()
    args = {"reply_id": new_id(), "parts": PARTS, "opinion": "satisfied", "evidence_ids": photos}
    command = envelope("reply.submit", ticket_id, args)
    receipts = [send(world, command)[0] for _ in range(3)]
    assert [r["status"] for r in receipts] == ["applied"] * 3
    assert [r["replayed"] for r in receipts] == [False, True, True]
    with world.database.read() as session:
        assert len(wire_for(session, [ticket_id])[ticket_id]["replies"]) == 1
    assert [name for name, _ in world.events(ticket_id)].count("reply.submitted") == 1


def test_declaring_and_replying_in_one_batch_works_before_any_byte_arrived(world: World) -> None:
    ticket_id = world.in_hand()
    world.visit(ticket_id)
    photos = {new_id(): phase for phase in ("before", "after")}
    declared = [
        envelope(
            "evidence.declare", ticket_id,
            {
                "evidence_id": photo, "sha256": "ab" * 32, "size": 9, "media_type": "image/jpeg", "kind": "photo",
                "phase": phase, "captured_at": clock.iso(world.now), "source": "camera",
            },
        )
        for photo, phase in photos.items()
    ]  # fmt: skip
    args = {"reply_id": new_id(), "parts": PARTS, "opinion": "satisfied", "evidence_ids": list(photos)}
    receipts = send(world, *declared, envelope("reply.submit", ticket_id, args))
    assert [r["status"] for r in receipts] == ["applied"] * 3
    assert world.ticket(ticket_id).state == "signing"
