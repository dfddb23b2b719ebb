"""What holds for every kind of request: whose turn, own work, deputies, two devices, reminders, wire and refusal."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from lasting import shared
from scenario import Phone, World, later, photo

from app import clock
from app.ids import new_id
from app.people.models import Unit
from app.people.permissions import CHIEF
from app.reminders.jobs import catch_up, tick
from app.setup import add_member

__all__ = ["shared"]
WHY = "诉求人要求违规办理产权登记，无法律政策依据，已当面解释并书面答复，仍不满意。"


@pytest.fixture(scope="module")
def world(shared: World) -> World:
    return World(shared.app, "hukou")


def appeal(world: World, ticket_id: str, **other: Any) -> dict[str, Any]:
    piece = world.liaison.declare(ticket_id, photo(77), "other")
    args = {"request_id": new_id(), "kind": "appeal", "grounds": ["no_room"], "reason": WHY, "evidence_ids": [piece]}
    return args | other


def yes(request_id: str, **other: Any) -> dict[str, Any]:
    return {"request_id": request_id, "decision": "approve", "note": "同意"} | other


def test_what_the_wire_says_is_what_a_command_meets(world: World) -> None:
    for ticket_id in (world.dispatched(), world.handling(), world.closed()):
        for entry in world.liaison.detail(ticket_id)["askable"]:
            args = {"request_id": new_id(), "kind": entry["kind"], "variant": entry["variant"], "reason": "短"}
            receipt = world.liaison.try_("request.ask", ticket_id, **args)
            if entry["allowed"]:
                assert receipt["code"] in ("request_reason_short", "request_not_yours"), entry
            elif receipt["code"] != "request_not_yours":
                assert (receipt["code"], receipt["message"]) == (entry["code"], entry["message"])


def test_a_kind_the_profile_does_not_know_is_refused(world: World) -> None:
    args = {"request_id": new_id(), "kind": "holiday", "reason": WHY}
    assert world.liaison.refused("request.ask", world.handling(), **args) == "request_kind_unknown"


def test_an_old_phones_extension_and_the_new_commands_are_one(world: World) -> None:
    ticket_id = world.handling(feedback_in=timedelta(days=5))
    due = clock.iso(clock.now() + timedelta(days=6))
    why = "管材须从外地调运，已下单，预计到货后两日内安装完毕。"
    args = {"request_id": new_id(), "kind": "extension", "reason": why, "until": due}
    world.liaison.do("request.ask", ticket_id, **args)
    shown = world.liaison.detail(ticket_id)["requests"][0]
    assert (shown["kind"], shown["new_due_at"], shown["until"]) == ("extension", due, None)
    again = {"request_id": new_id(), "reason": why, "new_due_at": due}
    assert world.liaison.refused("request.extend", ticket_id, **again) == "request_already_open"


def test_two_devices_asking_at_once_make_one_request(world: World) -> None:
    ticket_id = world.closed()
    phones = [world.liaison, Phone(world.app.test_client(), world.people["deputy"])]
    wanted = [appeal(world, ticket_id), appeal(world, ticket_id)]
    receipts: list[dict[str, Any]] = []
    threads = [
        threading.Thread(target=lambda p=phone, a=args: receipts.append(p.try_("request.ask", ticket_id, **a)))
        for phone, args in zip(phones, wanted, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(r["code"] or "applied" for r in receipts) == ["applied", "request_already_open"]
    assert len(world.liaison.detail(ticket_id)["requests"]) == 1


def test_a_deputy_decides_in_the_chiefs_stead_and_the_record_says_so(world: World) -> None:
    ticket_id = world.closed()
    asked = appeal(world, ticket_id)
    world.liaison.do("request.ask", ticket_id, **asked)
    assert world.leader.refused("request.decide", ticket_id, **yes(asked["request_id"])) == "request_not_your_turn"
    term = {"principal": world.people["chief"].id, "deputy": world.people["leader"].id, "reason": "外出开会"}
    term |= {"deputation_id": new_id(), "since": later(-1), "until": later(24)}
    world.phone("chief").do("deputation.appoint", None, **term)
    world.leader.do("request.decide", ticket_id, **yes(asked["request_id"]))
    decision = world.liaison.detail(ticket_id)["requests"][0]["decisions"][0]
    assert (decision["by"]["name"], decision["acting_for"]["name"]) == ("分管领导甲", "主要领导甲")


def test_nobody_decides_what_they_asked_themselves(world: World) -> None:
    ticket_id = world.closed()
    asked = appeal(world, ticket_id)
    world.liaison.do("request.ask", ticket_id, **asked)
    with world.database.unit_of_work() as session:
        unit = session.get_one(Unit, world.units["bureau"].id)
        add_member(session, world.people["liaison"], unit, CHIEF, None)
    assert world.liaison.refused("request.decide", ticket_id, **yes(asked["request_id"])) == "request_own"


def test_whoever_has_to_act_is_told_stage_by_stage(world: World) -> None:
    ticket_id = world.closed()
    asked = appeal(world, ticket_id)

    def told(who: str) -> list[str]:
        catch_up(world.database, clock.now())
        tick(world.database, clock.now())
        inbox = world.phone(who).pull()["inbox"]
        return [n["title"] for n in inbox if n["ticket_id"] == ticket_id and n["kind"] == "request_waiting"]

    world.liaison.do("request.ask", ticket_id, **asked)
    assert len(told("chief")) == 1 and told("station") == []
    world.phone("chief").do("request.decide", ticket_id, **yes(asked["request_id"]))
    assert len(told("station")) == 1 and len(told("chief")) == 1
    world.station.do("request.record_answer", ticket_id, **yes(asked["request_id"]))
    assert len(told("station")) == 1, "decided for good: nobody has to act"


def test_what_was_answered_or_voted_cannot_be_done_in_another_stage(world: World) -> None:
    ticket_id = world.closed()
    asked = appeal(world, ticket_id)
    world.liaison.do("request.ask", ticket_id, **asked)
    answer = {"request_id": asked["request_id"], "text": "已经答复过诉求人"}
    assert world.liaison.refused("request.answer", ticket_id, **answer) == "request_not_open"
    vote = {"request_id": asked["request_id"], "evaluator_id": new_id(), "vote": "reasonable"}
    assert world.station.refused("request.vote", ticket_id, **vote) == "request_not_open"
    assert world.station.refused("request.withdraw", ticket_id, request_id=asked["request_id"]) == "request_not_yours"
    world.liaison.do("request.withdraw", ticket_id, request_id=asked["request_id"])
    assert world.station.refused("request.withdraw", ticket_id, request_id=asked["request_id"]) == "request_not_yours"
    assert world.liaison.refused("request.withdraw", ticket_id, request_id=asked["request_id"]) == "request_not_open"


def test_a_verification_lapses_when_the_ticket_goes_to_another_unit(world: World) -> None:
    ticket_id = world.handling()
    args = {
        "request_id": new_id(), "kind": "verification", "grounds": ["redone"], "until": later(48),
        "reason": "同一诉求多次发回重办，请说明历次办理情况。",
    }  # fmt: skip
    world.phone("supervisor").do("request.ask", ticket_id, **args)
    moved = {"unit_id": world.units["water"].id, "reason": "供水职责", "ground": world.basis()["ground"]}
    world.station.do("ticket.reassign", ticket_id, **moved)
    answer = {"request_id": args["request_id"], "text": "本单位未办理过此件"}
    assert world.phone("neighbour").refused("request.answer", ticket_id, **answer) == "request_lapsed"
    assert world.station.detail(ticket_id)["requests"][0]["state"] == "lapsed"


def test_a_window_that_closes_reminds_whoever_has_to_act_and_then_who_asked(world: World) -> None:
    ticket_id = world.handling()
    args = {
        "request_id": new_id(), "kind": "verification", "grounds": ["redone"], "until": later(48),
        "reason": "同一诉求多次发回重办，请说明历次办理情况。",
    }  # fmt: skip
    world.phone("supervisor").do("request.ask", ticket_id, **args)
    due = clock.parse(args["until"])

    def told(who: str, at: datetime) -> int:
        catch_up(world.database, at)
        tick(world.database, at)
        inbox = world.phone(who).pull()["inbox"]
        return len([n for n in inbox if n["ticket_id"] == ticket_id and n["kind"] == "request_due"])

    assert told("liaison", due - timedelta(hours=2, minutes=1)) == 0
    assert told("liaison", due - timedelta(hours=2)) == 1
    assert told("supervisor", due - timedelta(minutes=1)) == 0
    assert (told("liaison", due), told("supervisor", due)) == (2, 1)
    world.liaison.do("request.answer", ticket_id, request_id=args["request_id"], text="三次重办均因配件缺货")
    assert told("liaison", due + timedelta(hours=9)) == 2
