"""Call-backs and reopening through the door: once each, not for another's ticket, nothing forgotten."""

from __future__ import annotations

import pytest
from lasting import shared
from scenario import World, photo

from app.ids import new_id
from app.replies.queries import broken_seals

__all__ = ["shared"]


@pytest.fixture(scope="module")
def world(shared: World) -> World:
    return World(shared.app, "hedong")


def test_a_second_round_may_be_followed_by_a_third_with_time_of_its_own_again(world: World) -> None:
    ticket_id = world.closed()
    dues = []
    for nth in (1, 2):
        world.call_back(ticket_id, satisfaction="dissatisfied", solved=False, reasons=["slow"])
        world.station.do("review.reopen", ticket_id, reasons=[f"第 {nth} 次仍未解决"])
        ticket = world.liaison.ticket(ticket_id)
        assert (ticket["state"], ticket["redo_count"]) == ("redo", nth)
        dues.append(world.liaison.clock_of(ticket_id, "feedback_again")["started_at"])
        reply_id = world.liaison.reply(ticket_id)
        world.sign_off(ticket_id)
        evidence = world.liaison.detail(ticket_id)["replies"][-1]["evidence_ids"]
        for evidence_id, shade in zip(evidence, (40, 200), strict=True):
            assert world.liaison.upload(evidence_id, photo(shade)).status_code == 204
        world.station.do("review.accept", ticket_id, **world.checked(ticket_id))
        assert world.station.ticket(ticket_id)["state"] == "closed", reply_id
    assert dues[1] > dues[0]
    states = [reply["state"] for reply in world.station.detail(ticket_id)["replies"]]
    assert states == ["sent_back", "sent_back", "accepted"]
    with world.database.read() as session:
        assert [broken for broken in broken_seals(session) if broken.ticket_id == ticket_id] == []


def test_a_ticket_is_reopened_once_for_one_call(world: World) -> None:
    ticket_id = world.closed()
    world.call_back(ticket_id, satisfaction="dissatisfied", reasons=["slow"])
    world.station.do("review.reopen", ticket_id, reasons=["仍未解决"])
    assert world.station.refused("review.reopen", ticket_id, reasons=["仍未解决"]) == "state_wrong"
    assert world.station.ticket(ticket_id)["redo_count"] == 1


def test_a_call_is_recorded_once_and_only_about_an_answer(world: World) -> None:
    ticket_id = world.handling()
    said = {"callback_id": new_id(), "reached": True, "satisfaction": "satisfied"}
    assert world.station.refused("callback.record", ticket_id, **said) == "state_wrong"
    closed = world.closed()
    world.station.do("callback.record", closed, **said)
    assert world.station.refused("callback.record", closed, **said) == "id_taken"
    for who in ("liaison", "leader", "supervisor"):
        assert (
            world.phone(who).refused("callback.record", closed, **said | {"callback_id": new_id()}) == "not_permitted"
        )
    nothing_left = {"callback_id": said["callback_id"], "note": "了结"}
    assert world.station.refused("callback.settle", closed, **nothing_left) == "callback_not_found"


def test_dalad_says_nothing_of_call_backs(shared: World) -> None:
    ticket_id = shared.closed()
    said = {"callback_id": new_id(), "reached": True, "satisfaction": "satisfied"}
    assert shared.station.refused("callback.record", ticket_id, **said) == "callback_unknown"
    assert shared.station.refused("review.reopen", ticket_id, reasons=["仍未解决"]) == "reopen_unknown"


def test_numbers_of_the_caller_are_masked_in_what_was_said(world: World) -> None:
    ticket_id = world.closed()
    left = "请再联系 13812345678 约定时间"
    world.call_back(ticket_id, note=left, follow_up=left)
    [called] = world.liaison.detail(ticket_id)["callbacks"]
    assert "13812345678" not in called["note"] + called["follow_up"]["text"]
