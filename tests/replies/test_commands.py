"""Replies through commands: what is refused, what a signature binds to, what the clocks say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from world import PARTS, World, reply_of, seen, shown, submit

from app.db import Database
from app.evidence import lifecycle as evidence_states
from app.ids import new_id
from app.replies.models import Reply
from app.replies.queries import broken_seals

DUE = datetime(2026, 11, 27, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
MS = timedelta(milliseconds=1)


@pytest.fixture
def world(database_url: str) -> World:
    return World(Database(database_url))


# --- submitting


def test_a_complete_reply_waits_for_the_leader(world: World) -> None:
    ticket_id, photos = world.proven()
    reply_id = submit(world, ticket_id, photos)
    reply = reply_of(world, ticket_id)
    assert (reply["id"], reply["number"], reply["state"]) == (reply_id, 1, "signing")
    assert (reply["parts"], reply["opinion"], reply["evidence_ids"]) == (PARTS, "satisfied", photos)
    assert reply["by"] == {"id": world.people["liaison"], "name": "liaison"}
    assert reply["signatures"] == [] and reply["sent_back"] is None
    assert world.ticket(ticket_id).state == "signing"
    name, payload = world.events(ticket_id)[-1]
    assert name == "reply.submitted"
    assert payload["content_hash"] == reply["content_hash"]
    assert "路灯" not in str(payload)


@pytest.mark.parametrize("text", ["协调处理中", "已办理。", "已 答 复！", "目前正在办理中，请耐心等待"])
def test_empty_phrases_are_refused_and_the_reason_is_named(world: World, text: str) -> None:
    ticket_id, photos = world.proven()
    refusal = world.refused(
        "liaison", "reply.submit", ticket_id,
        reply_id=new_id(), parts=PARTS | {"result": text}, opinion="satisfied", evidence_ids=photos,
    )  # fmt: skip
    assert refusal.code == "reply_incomplete"
    [finding] = refusal.facts["findings"]
    assert (finding["code"], finding["part"]) == ("part_empty_phrase", "result")
    assert "办理结果" in finding["message"] and finding["message"] in refusal.message
    assert shown(world, ticket_id)["replies"] == []
    assert world.ticket(ticket_id).state == "handling"


def test_everything_that_is_missing_is_named_at_once(world: World) -> None:
    ticket_id = world.in_hand()
    refusal = world.refused("liaison", "reply.submit", ticket_id, reply_id=new_id(), parts={})
    assert [f["code"] for f in refusal.facts["findings"]] == [
        *["part_missing"] * 4,
        "opinion_missing",
        "photo_before_missing",
        "photo_after_missing",
        "visit_missing",
    ]
    assert refusal.facts["count"] == 8
    assert all("{" not in f["message"] and "—" not in f["message"] for f in refusal.facts["findings"])


def test_only_photos_attached_to_the_reply_count(world: World) -> None:
    ticket_id, (before, _) = world.proven()
    call = world.photo(ticket_id, "call", kind="audio", media_type="audio/mp4", source="recorder")
    after_audio = world.photo(ticket_id, "after", kind="audio", media_type="audio/mp4", source="recorder")
    refusal = world.refused(
        "liaison", "reply.submit", ticket_id,
        reply_id=new_id(), parts=PARTS, opinion="satisfied", evidence_ids=[before, call, after_audio],
    )  # fmt: skip
    assert [f["code"] for f in refusal.facts["findings"]] == ["photo_after_missing"]


def test_a_recorded_exception_stands_for_the_visit(world: World) -> None:
    ticket_id = world.in_hand()
    photos = [world.photo(ticket_id, "before"), world.photo(ticket_id, "after")]
    content = {"parts": PARTS, "opinion": "satisfied", "evidence_ids": photos}
    refusal = world.refused("liaison", "reply.submit", ticket_id, reply_id=new_id(), **content)
    assert [f["code"] for f in refusal.facts["findings"]] == ["visit_missing"]
    exception = {"exception_id": new_id(), "ground": "declined", "note": "诉求人在外地，电话中谢绝上门"}
    started = {"started_at": world.now.isoformat(), "purpose": "first", "to": "caller", "channel": "phone"}
    world.play("liaison", "contact.record", ticket_id, contact_id=new_id(), outcome="reached", **started)
    world.play("liaison", "visit.except", ticket_id, **exception)
    submit(world, ticket_id, photos)
    assert world.ticket(ticket_id).state == "signing"


def test_evidence_of_another_ticket_or_withdrawn_or_rejected_is_refused(world: World) -> None:
    other, _ = world.proven()
    foreign = world.photo(other, "before")
    ticket_id, (before, after) = world.proven()
    withdrawn, rejected = world.photo(ticket_id, "before"), world.photo(ticket_id, "before")
    world.play("liaison", "evidence.withdraw", ticket_id, evidence_id=withdrawn, reason="拍错了")
    world.arrive(rejected, state=evidence_states.REJECTED)
    ids = [foreign, new_id(), withdrawn, rejected]
    for bad in ids:
        content = {"parts": PARTS, "opinion": "satisfied", "evidence_ids": [before, after, bad]}
        refusal = world.refused("liaison", "reply.submit", ticket_id, reply_id=new_id(), **content)
        assert (refusal.code, refusal.facts["evidence_ids"]) == ("reply_evidence_unknown", [bad])


def test_unknown_parts_and_opinions_are_refused(world: World) -> None:
    ticket_id, photos = world.proven()
    content: dict[str, Any] = {"reply_id": new_id(), "opinion": "satisfied", "evidence_ids": photos}
    refusal = world.refused("liaison", "reply.submit", ticket_id, **content, parts=PARTS | {"poem": "春眠不觉晓"})
    assert refusal.code == "reply_part_unknown" and "poem" in refusal.message
    refusal = world.refused("liaison", "reply.submit", ticket_id, **content | {"opinion": "delighted"}, parts=PARTS)
    assert [f["code"] for f in refusal.facts["findings"]] == ["opinion_missing"]


def test_a_reply_id_is_used_once_and_an_attachment_counts_once(world: World) -> None:
    ticket_id, (before, after) = world.proven()
    reply_id = submit(world, ticket_id, [before, after, before])
    assert reply_of(world, ticket_id)["evidence_ids"] == [before, after]
    other, photos = world.proven()
    content = {"parts": PARTS, "opinion": "satisfied", "evidence_ids": photos}
    assert world.refused("liaison", "reply.submit", other, reply_id=reply_id, **content).code == "id_taken"


# --- signing


def test_the_leader_signs_what_was_seen_and_the_clocks_are_met(world: World) -> None:
    ticket_id, photos = world.proven(DUE)
    submit(world, ticket_id, photos)
    assert world.clocks(ticket_id)["feedback"].met_at is None
    at = world.play("leader", "reply.sign_off", ticket_id, **seen(world, ticket_id), note="同意上报")
    reply = reply_of(world, ticket_id)
    assert reply["state"] == "reviewing"
    [signature] = reply["signatures"]
    assert (signature["role"], signature["by"]["name"], signature["note"]) == ("leader", "leader", "同意上报")
    assert world.ticket(ticket_id).state == "reviewing"
    clocks = world.clocks(ticket_id)
    assert clocks["feedback"].met_at == clocks["upload_target"].met_at == at
    assert world.ticket(ticket_id).next_due_at is None


@pytest.mark.parametrize(("late", "target_kept"), [(-MS, True), (timedelta(0), True), (MS, False)])
def test_the_target_is_kept_one_hour_before_the_deadline_exactly(
    world: World, late: timedelta, target_kept: bool
) -> None:
    """四(一)."""
    ticket_id, photos = world.proven(DUE)
    submit(world, ticket_id, photos)
    world.play("leader", "reply.sign_off", ticket_id, DUE - HOUR + late, **seen(world, ticket_id))
    clocks = world.clocks(ticket_id)
    target, feedback = clocks["upload_target"], clocks["feedback"]
    assert target.met_at is not None and feedback.met_at is not None
    assert (target.met_at <= target.due_at) is target_kept
    assert feedback.met_at <= feedback.due_at


def test_a_late_reply_is_taken_and_the_miss_stays_on_record(world: World) -> None:
    ticket_id, photos = world.proven(DUE)
    submit(world, ticket_id, photos)
    world.play("leader", "reply.sign_off", ticket_id, DUE + MS, **seen(world, ticket_id))
    feedback = world.clocks(ticket_id)["feedback"]
    assert feedback.met_at == DUE + MS > feedback.due_at


def test_signing_other_content_than_what_lies_here_is_refused(world: World) -> None:
    ticket_id, photos = world.proven()
    submit(world, ticket_id, photos)
    old = seen(world, ticket_id)
    world.play("leader", "reply.decline", ticket_id, reply_id=old["reply_id"], reasons=["办理结果写得不具体"])
    submit(world, ticket_id, photos, parts=PARTS | {"result": "两盏路灯当晚恢复照明，另加装一盏，每周巡查。"})
    new = seen(world, ticket_id)
    refusal = world.refused("leader", "reply.sign_off", ticket_id, **new | {"content_hash": old["content_hash"]})
    assert refusal.code == "reply_changed"
    assert world.refused("leader", "reply.sign_off", ticket_id, **old).code == "reply_not_open"
    world.play("leader", "reply.sign_off", ticket_id, **new)
    assert [r["state"] for r in shown(world, ticket_id)["replies"]] == ["declined", "reviewing"]
    assert [r["number"] for r in shown(world, ticket_id)["replies"]] == [1, 2]


def test_nobody_signs_or_accepts_their_own_reply(world: World) -> None:
    ticket_id, photos = world.proven()
    submit(world, ticket_id, photos, who="all")
    world.arrive(*photos)
    assert world.refused("all", "reply.sign_off", ticket_id, **seen(world, ticket_id)).code == "reply_own"
    world.play("both", "reply.sign_off", ticket_id, **seen(world, ticket_id))
    reply_id = seen(world, ticket_id)["reply_id"]
    assert world.refused("all", "review.accept", ticket_id, reply_id=reply_id).code == "reply_own"
    world.play("station", "review.accept", ticket_id, reply_id=reply_id)


@pytest.mark.parametrize(
    ("who", "code"), [("liaison", "not_permitted"), ("station", "not_permitted"), ("stranger", "ticket_not_found")]
)
def test_only_the_units_leader_signs(world: World, who: str, code: str) -> None:
    ticket_id, photos = world.proven()
    submit(world, ticket_id, photos)
    assert world.refused(who, "reply.sign_off", ticket_id, **seen(world, ticket_id)).code == code


def test_declining_is_no_redo_and_says_why(world: World) -> None:
    ticket_id, photos = world.proven()
    reply_id = submit(world, ticket_id, photos)
    world.play("leader", "reply.decline", ticket_id, reply_id=reply_id, reasons=["缺少办理时间", "照片看不清"])
    reply = reply_of(world, ticket_id)
    assert reply["state"] == "declined"
    assert reply["sent_back"]["reasons"] == ["缺少办理时间", "照片看不清"]
    assert reply["sent_back"]["by"]["name"] == "leader"
    ticket = world.ticket(ticket_id)
    assert (ticket.state, ticket.redo_count) == ("redo", 0)


def test_a_reply_of_another_ticket_is_not_found(world: World) -> None:
    first, photos = world.proven()
    submit(world, first, photos)
    second, more = world.proven()
    submit(world, second, more)
    assert world.refused("leader", "reply.sign_off", first, **seen(world, second)).code == "reply_not_found"


# --- proof


def test_changing_a_submitted_reply_behind_the_journal_is_found(world: World) -> None:
    ticket_id, photos = world.proven()
    reply_id = submit(world, ticket_id, photos)
    with world.database.read() as session:
        assert list(broken_seals(session)) == []
    with world.database.unit_of_work() as session:
        session.execute(update(Reply).where(Reply.id == reply_id).values(parts=PARTS | {"result": "改成别的话了。"}))
    with world.database.read() as session:
        [broken] = broken_seals(session)
    assert (broken.ticket_id, broken.record_id, broken.reason) == (ticket_id, reply_id, "changed")
