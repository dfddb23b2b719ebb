"""达拉特旗: what a reply says and proves, when it is uploaded, progress meanwhile (二(三), 四(一), 四(二), 五)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from scenario import REPLY_PARTS, Phone, World, photo

from app import clock
from app.ids import new_id

PROGRESS = "已联系供热公司现场排查，确认二楼主管道堵塞，预计后天上午更换完毕。"


def submission(evidence_ids: list[str], **other: Any) -> dict[str, Any]:
    args = {"reply_id": new_id(), "parts": REPLY_PARTS, "opinion": "satisfied", "evidence_ids": evidence_ids}
    return args | other


def lacking(phone: Phone, ticket_id: str, args: dict[str, Any]) -> set[tuple[str, str | None]]:
    """What the refused submission lacks: (finding, part); every finding is a sentence."""
    receipt = phone.try_("reply.submit", ticket_id, **args | {"reply_id": new_id()})
    assert (receipt["status"], receipt["code"]) == ("refused", "reply_incomplete"), receipt
    assert all(f["message"].endswith("。") for f in receipt["facts"]["findings"])
    return {(f["code"], f["part"]) for f in receipt["facts"]["findings"]}


@pytest.mark.clause("D2.3")
@pytest.mark.parametrize(
    "words",
    ["协调处理中", "已办理", "已答复", "已办理。", "目前正在协调处理中！", "您好，您的诉求已办理完毕，感谢您的支持。"],
)
def test_words_that_say_nothing_are_refused_as_a_reply(world: World, words: str) -> None:
    ticket_id = world.handling()
    world.liaison.visit(ticket_id)
    evidence = world.liaison.photographed(ticket_id)
    for part in ("process", "result"):
        args = submission(evidence, parts=REPLY_PARTS | {part: words})
        assert lacking(world.liaison, ticket_id, args) == {("part_empty_phrase", part)}
    world.liaison.do("reply.submit", ticket_id, **submission(evidence))


@pytest.mark.clause("D2.3")
def test_a_reply_states_process_result_and_whether_the_caller_is_satisfied(world: World) -> None:
    ticket_id = world.handling()
    world.liaison.visit(ticket_id)
    evidence = world.liaison.photographed(ticket_id)
    without = {key: text for key, text in REPLY_PARTS.items() if key not in ("process", "result")}
    args = submission(evidence, parts=without, opinion=None)
    assert lacking(world.liaison, ticket_id, args) == {
        ("part_missing", "process"), ("part_missing", "result"), ("opinion_missing", None)
    }  # fmt: skip
    world.liaison.do("reply.submit", ticket_id, **submission(evidence, opinion="dissatisfied"))
    world.sign_off(ticket_id)
    reply = world.station.detail(ticket_id)["replies"][0]
    assert reply["parts"] == REPLY_PARTS and reply["opinion"] == "dissatisfied"


@pytest.mark.clause("D4.1")
def test_the_result_is_aimed_at_an_hour_before_the_feedback_deadline(world: World) -> None:
    ticket_id = world.handling(feedback_in=timedelta(days=2))
    feedback, target = (world.liaison.clock_of(ticket_id, name) for name in ("feedback", "upload_target"))
    assert clock.parse(feedback["due_at"]) - clock.parse(target["due_at"]) == timedelta(hours=1)
    assert (target["kind"], target["cite"]) == ("target", "四(一)")
    world.liaison.reply(ticket_id)
    assert world.liaison.clock_of(ticket_id, "upload_target")["met_at"] is None, "not at the station yet"
    world.sign_off(ticket_id)
    met = [world.station.clock_of(ticket_id, name)["met_at"] for name in ("upload_target", "feedback")]
    assert met[0] == met[1] is not None
    assert met[0] < target["due_at"]
    assert ticket_id in {t["id"] for t in world.station.pull()["tickets"] if t["state"] == "reviewing"}


@pytest.mark.clause("D4.1")
def test_within_the_last_hour_the_target_is_missed_but_the_deadline_kept(world: World) -> None:
    ticket_id, _ = world.reviewing(ago=timedelta(hours=5), feedback_in=timedelta(minutes=30))
    target, feedback = (world.station.clock_of(ticket_id, name) for name in ("upload_target", "feedback"))
    assert target["met_at"] > target["due_at"]
    assert feedback["met_at"] < feedback["due_at"]


@pytest.mark.clause("D4.2")
@pytest.mark.parametrize("words", ["正在办理中", "正在办理中。", "工单目前正在办理中", "已联系，正在处理"])
def test_a_progress_report_without_substance_is_refused(world: World, words: str) -> None:
    ticket_id = world.handling()
    world.liaison.contact(ticket_id)
    args = {"progress_id": new_id(), "text": words, "caller_told": True}
    assert world.liaison.refused("progress.report", ticket_id, **args) == "progress_empty"


@pytest.mark.clause("D4.2")
def test_the_caller_is_contacted_and_told_before_progress_is_reported(world: World) -> None:
    ticket_id, liaison = world.handling(), world.liaison

    def report(told: bool = True) -> dict[str, Any]:
        return {"progress_id": new_id(), "text": PROGRESS, "caller_told": told}

    liaison.contact(ticket_id, outcome="no_answer")
    receipt = liaison.try_("progress.report", ticket_id, **report())
    assert receipt["code"] == "progress_contact_missing" and "联系来电人" in receipt["message"]
    liaison.contact(ticket_id, purpose="second")
    assert liaison.refused("progress.report", ticket_id, **report(told=False)) == "progress_caller_not_told"
    liaison.do("progress.report", ticket_id, **report())
    shown = world.station.detail(ticket_id)["progress"][0]
    assert (shown["text"], shown["caller_told"], shown["by"]["name"]) == (PROGRESS, True, "联络员甲")
    assert liaison.ticket(ticket_id)["state"] == "handling", "a report is not a reply"


@pytest.mark.clause("D5.1")
@pytest.mark.parametrize(("mode", "said"), [("solve", "上门办"), ("persuade", "上门劝"), ("discuss", "上门谈")])
def test_the_caller_is_met_in_person(world: World, mode: str, said: str) -> None:
    ticket_id = world.handling()
    args = submission(world.liaison.photographed(ticket_id))
    assert lacking(world.liaison, ticket_id, args) == {("visit_missing", None)}
    labels = {m["key"]: m["label"] for m in world.liaison.pull()["policies"][0]["visit"]["modes"]}
    assert labels[mode] == said
    world.liaison.visit(ticket_id, mode=mode)
    world.liaison.do("reply.submit", ticket_id, **args)
    assert any(said in event["summary"] for event in world.station.events(ticket_id))


@pytest.mark.clause("D5.1")
def test_a_reply_without_a_visit_needs_a_recorded_exception(world: World) -> None:
    liaison = world.liaison

    def excused(ticket_id: str, ground: str) -> str | None:
        receipt = liaison.try_("visit.except", ticket_id, exception_id=new_id(), ground=ground, note="详见联系记录")
        return receipt["code"]

    declined = world.handling()
    assert excused(declined, "declined") is None
    nameless = world.handling(caller={"anonymous": True, "confidential": False})
    assert excused(nameless, "anonymous") is None
    unreachable = world.handling(ago=timedelta(hours=3))
    assert excused(unreachable, "anonymous") == "visit_not_anonymous"
    for minutes in (90, 60, 30):
        assert excused(unreachable, "unreachable") == "visit_attempts_missing"
        liaison.contact(unreachable, outcome="no_answer", ago=minutes)
    assert excused(unreachable, "unreachable") is None
    for ticket_id in (declined, nameless, unreachable):
        liaison.do("reply.submit", ticket_id, **submission(liaison.photographed(ticket_id)))
    grounds = liaison.pull()["policies"][0]["visit"]["exceptions"]
    assert [(g["key"], g["attempts"], g["assumed"]) for g in grounds][-1] == ("unreachable", 3, True)


@pytest.mark.clause("D5.2")
def test_the_reply_has_the_notices_parts_and_each_is_asked_for(world: World) -> None:
    reply = world.liaison.pull()["policies"][0]["reply"]
    labels = {part["key"]: part["label"] for part in reply["parts"]}
    assert list(labels.values()) == ["是否属实", "了解到的情况", "办理过程", "办理结果"]
    assert reply["opinion"]["label"] == "来电人是否满意"
    ticket_id = world.handling()
    world.liaison.visit(ticket_id)
    evidence = world.liaison.photographed(ticket_id)
    for part in labels:
        args = submission(evidence, parts=REPLY_PARTS | {part: "  。 "})
        assert lacking(world.liaison, ticket_id, args) == {("part_missing", part)}
    assert lacking(world.liaison, ticket_id, submission(evidence, opinion=None)) == {("opinion_missing", None)}


@pytest.mark.clause("D5.2")
def test_photos_from_before_and_after_belong_to_the_reply(world: World) -> None:
    ticket_id, liaison = world.handling(), world.liaison
    liaison.visit(ticket_id)
    shots = {"before": photo(41), "after": photo(42), "visit": photo(43)}
    ids = {phase: liaison.declare(ticket_id, content, phase) for phase, content in shots.items()}
    only_visit = submission([ids["visit"]])
    assert lacking(liaison, ticket_id, only_visit) == {("photo_before_missing", None), ("photo_after_missing", None)}
    assert lacking(liaison, ticket_id, submission([ids["before"]])) == {("photo_after_missing", None)}
    assert lacking(liaison, ticket_id, submission([ids["after"]])) == {("photo_before_missing", None)}
    chosen = [ids["before"], ids["after"]]
    args = submission(chosen)
    liaison.do("reply.submit", ticket_id, **args)
    world.sign_off(ticket_id)
    accept = {"reply_id": args["reply_id"]}
    assert world.station.refused("review.accept", ticket_id, **accept) == "evidence_in_flight"
    for phase in ("before", "after"):
        assert liaison.upload(ids[phase], shots[phase]).status_code == 204
    world.station.do("review.accept", ticket_id, **accept)
    closed = world.station.ticket(ticket_id)
    assert closed["state"] == "closed"
    assert closed["detail"]["replies"][0]["evidence_ids"] == chosen
    for phase in ("before", "after"):
        original = world.station.call("GET", f"/api/v1/evidence/{ids[phase]}/original")
        assert original.data == shots[phase]
