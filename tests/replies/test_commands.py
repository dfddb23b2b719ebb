"""Replies through commands: what is refused, what a signature binds to, what the clocks say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from world import PARTS, World

from app.db import Database
from app.evidence import lifecycle as evidence_states
from app.ids import new_id
from app.replies.models import Reply
from app.replies.queries import broken_seals, wire_for

DUE = datetime(2026, 11, 27, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
MS = timedelta(milliseconds=1)


@pytest.fixture
def world(database_url: str) -> World:
    return World(Database(database_url))


def submit(world: World, ticket_id: str, evidence_ids: list[str], who: str = "liaison", **over: Any) -> str:
    reply_id = new_id()
    content = {"reply_id": reply_id, "parts": PARTS, "opinion": "satisfied", "evidence_ids": evidence_ids}
    world.play(who, "reply.submit", ticket_id, **content | over)
    return reply_id


def shown(world: World, ticket_id: str) -> dict[str, Any]:
    with world.database.read() as session:
        return wire_for(session, [ticket_id])[ticket_id]


def reply_of(world: World, ticket_id: str) -> dict[str, Any]:
    return shown(world, ticket_id)["replies"][-1]


def seen(world: World, ticket_id: str) -> dict[str, str]:
    """What a signer has on the screen: the reply and the hash of its content."""
    reply = reply_of(world, ticket_id)
    return {"reply_id": reply["id"], "content_hash": reply["content_hash"]}


def at_station(world: World, feedback_by: datetime | None = None) -> tuple[str, list[str]]:
    ticket_id, photos = world.proven(feedback_by)
    submit(world, ticket_id, photos)
    world.play("leader", "reply.sign_off", ticket_id, **seen(world, ticket_id))
    return ticket_id, photos


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


# --- the station's review


def test_accepting_closes_the_ticket(world: World) -> None:
    ticket_id, photos = at_station(world, DUE)
    world.arrive(*photos)
    at = world.play("station", "review.accept", ticket_id, reply_id=seen(world, ticket_id)["reply_id"], note="详实")
    ticket = world.ticket(ticket_id)
    assert (ticket.state, ticket.closed_at) == ("closed", at)
    reply = reply_of(world, ticket_id)
    assert reply["state"] == "accepted"
    assert [s["role"] for s in reply["signatures"]] == ["leader", "station"]
    assert all(c.met_at or c.stopped_at for c in world.clocks(ticket_id).values())
    assert [name for name, _ in world.events(ticket_id)][-3:] == [
        "reply.submitted",
        "reply.signed_off",
        "review.accepted",
    ]


def test_the_station_waits_for_proof_that_is_on_its_way(world: World) -> None:
    ticket_id, (before, after) = at_station(world)
    reply_id = seen(world, ticket_id)["reply_id"]
    world.arrive(before)
    refusal = world.refused("station", "review.accept", ticket_id, reply_id=reply_id)
    assert (refusal.code, refusal.facts["evidence_ids"]) == ("evidence_in_flight", [after])
    world.arrive(after, state=evidence_states.READY)
    world.play("station", "review.accept", ticket_id, reply_id=reply_id)


def test_proof_that_turned_out_damaged_cannot_be_accepted_but_sent_back(world: World) -> None:
    ticket_id, (before, after) = at_station(world)
    reply_id = seen(world, ticket_id)["reply_id"]
    world.arrive(before)
    world.arrive(after, state=evidence_states.REJECTED)
    refusal = world.refused("station", "review.accept", ticket_id, reply_id=reply_id)
    assert (refusal.code, refusal.facts["evidence_ids"]) == ("evidence_lost", [after])
    world.play("station", "review.send_back", ticket_id, reply_id=reply_id, reasons=["办理后照片损坏，请补拍"])


def test_sending_back_counts_a_redo_and_the_deadline_runs_again(world: World) -> None:
    ticket_id, photos = at_station(world, DUE)
    due = world.clocks(ticket_id)["feedback"].due_at
    reply_id = seen(world, ticket_id)["reply_id"]
    world.play("station", "review.send_back", ticket_id, reply_id=reply_id, reasons=["未写明来电人意见"])
    ticket = world.ticket(ticket_id)
    assert (ticket.state, ticket.redo_count, ticket.next_due_at) == ("redo", 1, DUE)
    clocks = world.clocks(ticket_id)
    assert clocks["feedback"].met_at is None and clocks["upload_target"].met_at is None
    assert clocks["feedback"].due_at == due == DUE
    assert clocks["sign"].met_at is not None
    assert reply_of(world, ticket_id)["sent_back"]["reasons"] == ["未写明来电人意见"]
    submit(world, ticket_id, photos)
    at = world.play("leader", "reply.sign_off", ticket_id, **seen(world, ticket_id))
    assert world.clocks(ticket_id)["feedback"].met_at == at
    world.play("station", "review.send_back", ticket_id, reply_id=seen(world, ticket_id)["reply_id"], reasons=["重写"])
    assert world.ticket(ticket_id).redo_count == 2
    assert [r["state"] for r in shown(world, ticket_id)["replies"]] == ["sent_back", "sent_back"]


def test_reasons_are_required(world: World) -> None:
    from marshmallow import ValidationError

    ticket_id, _ = at_station(world)
    reply_id = seen(world, ticket_id)["reply_id"]
    for reasons in ([], [" "], ["短" * 1001]):
        with pytest.raises(ValidationError):
            world.play("station", "review.send_back", ticket_id, reply_id=reply_id, reasons=reasons)


# --- drafts


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
