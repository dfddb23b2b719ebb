"""Drafts: kept, shown, never lost to an older one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from world import World, shown, submit

from app.db import Database

HOUR = timedelta(hours=1)


@pytest.fixture
def world(database_url: str) -> World:
    return World(Database(database_url))


def test_a_draft_is_kept_shown_and_gone_once_submitted(world: World) -> None:
    ticket_id, photos = world.proven()
    version, length = world.ticket(ticket_id).version, len(world.events(ticket_id))
    at = world.play("liaison", "draft.save", ticket_id, parts={"result": "写到一半"}, evidence_ids=photos)
    draft = shown(world, ticket_id)["draft"]
    assert draft["parts"] == {"result": "写到一半"} and draft["opinion"] is None
    assert draft["evidence_ids"] == photos and draft["by"]["name"] == "liaison"
    assert draft["saved_at"].startswith(at.strftime("%Y-%m-%dT%H:%M:%S"))
    assert world.ticket(ticket_id).version == version + 1
    assert len(world.events(ticket_id)) == length
    submit(world, ticket_id, photos)
    assert shown(world, ticket_id)["draft"] is None


def test_an_older_draft_of_another_phone_does_not_overwrite_a_newer_one(world: World) -> None:
    ticket_id, _ = world.proven()
    newer = world.play("liaison", "draft.save", ticket_id, parts={"result": "下午写的"})
    refusal = world.refused("deputy", "draft.save", ticket_id, newer - HOUR, parts={"result": "上午写的"})
    assert refusal.code == "draft_older" and "liaison" in refusal.message
    assert shown(world, ticket_id)["draft"]["parts"] == {"result": "下午写的"}
    world.play("liaison", "draft.save", ticket_id, newer - HOUR, parts={"result": "手机时钟拨回后写的"})
    assert shown(world, ticket_id)["draft"]["parts"] == {"result": "手机时钟拨回后写的"}
    world.play("deputy", "draft.save", ticket_id, newer + HOUR, parts={"result": "B角接着写"})
    assert shown(world, ticket_id)["draft"]["by"]["name"] == "deputy"


def test_a_draft_stays_with_the_unit_that_wrote_it(world: World) -> None:
    ticket_id, _ = world.proven()
    world.play("liaison", "draft.save", ticket_id, parts={"result": "本单位的草稿"})
    world.play("station", "ticket.reassign", ticket_id, unit_id=world.units["elsewhere"], reason="属地有误")
    assert shown(world, ticket_id)["draft"] is None
    world.play("stranger", "ticket.sign", ticket_id)
    world.play("stranger", "draft.save", ticket_id, parts={"result": "另一单位的草稿"})
    assert shown(world, ticket_id)["draft"]["parts"] == {"result": "另一单位的草稿"}
