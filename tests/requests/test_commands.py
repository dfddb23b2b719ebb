"""Return and extension through the public API: asked in time, decided in turn, carried out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from scenario import REASON, World, later
from sqlalchemy import select

from app import clock
from app.ids import new_id
from app.journal.models import Event

IN_FIVE_DAYS = timedelta(days=5)
WHY_LATER = "材料须从外地调运，已下单，预计三日后到货即安装。"


@pytest.fixture
def world(app: Flask) -> World:
    return World(app)


def ask_return(world: World, ticket_id: str, **other: Any) -> str:
    request_id = new_id()
    world.liaison.do("request.return", ticket_id, **{"request_id": request_id, "reason": REASON} | other)
    return request_id


def extension(days: float = 8, **other: Any) -> dict[str, Any]:
    args = {"request_id": new_id(), "reason": WHY_LATER, "new_due_at": later(24 * days)}
    return args | other


def ask_extension(world: World, ticket_id: str, **other: Any) -> str:
    args = extension(**other)
    world.liaison.do("request.extend", ticket_id, **args)
    return str(args["request_id"])


def decide(world: World, ticket_id: str, request_id: str, decision: str = "approve") -> None:
    world.station.do("request.decide", ticket_id, request_id=request_id, decision=decision, note="经核实，意见如上")


def answer(world: World, ticket_id: str, request_id: str, decision: str = "approve", **other: Any) -> None:
    args = {"request_id": request_id, "decision": decision, "note": "市平台已答复"}
    world.station.do("request.record_answer", ticket_id, **args | other)


def test_a_return_approved_gives_the_ticket_back_to_the_station(world: World) -> None:
    ticket_id = world.handling()
    due = world.liaison.clock_of(ticket_id, "feedback")["due_at"]
    request_id = ask_return(world, ticket_id, proposed_unit=world.units["water"].id)
    asked = world.station.ticket(ticket_id)
    assert (asked["state"], asked["open_requests"]) == ("handling", ["return"])
    shown = asked["detail"]["requests"][0]
    assert (shown["kind"], shown["state"], shown["reason"]) == ("return", "station", REASON)
    assert shown["proposed_unit"] == world.units["water"].id
    assert ticket_id in {t["id"] for t in world.station.pull()["tickets"]}, "the station is shown what waits for it"

    decide(world, ticket_id, request_id)
    back = world.station.ticket(ticket_id)
    assert (back["state"], back["unit"], back["open_requests"]) == ("registered", None, [])
    assert all(c["met_at"] or c["stopped_at"] for c in back["clocks"]), "no clock runs against nobody"
    assert back["detail"]["requests"][0]["decisions"][0]["by"]["name"] == "站员甲"
    assert world.liaison.call("GET", f"/api/v1/tickets/{ticket_id}").status_code == 404
    names = [event["name"] for event in world.station.events(ticket_id)]
    assert names[-3:] == ["request.asked", "request.decided", "ticket.returned"]
    # The clocks of the first unit are gone with the next dispatch; the journal keeps them.
    world.station.do("ticket.dispatch", ticket_id, unit_id=world.units["water"].id, grounds="供水职责")
    with world.database.read() as session:
        query = select(Event.payload).where(Event.subject_id == ticket_id, Event.name == "request.decided")
        kept = session.scalars(query).one()
    assert kept["clocks"]["feedback"]["due_at"] == due
    assert kept["clocks"]["sign"]["met_at"] is not None


def test_a_return_refused_leaves_the_unit_to_carry_on(world: World) -> None:
    ticket_id = world.dispatched()
    request_id = ask_return(world, ticket_id)
    decide(world, ticket_id, request_id, "refuse")
    ticket = world.liaison.ticket(ticket_id)
    assert (ticket["state"], ticket["unit"]["name"], ticket["open_requests"]) == ("dispatched", "树林召镇人民政府", [])
    assert ticket["detail"]["requests"][0]["state"] == "refused"
    world.liaison.do("ticket.sign", ticket_id)
    ask_return(world, ticket_id, reason=REASON + "补充：附管养协议。")


def test_signing_stays_possible_while_a_return_is_pending(world: World) -> None:
    ticket_id = world.dispatched()
    ask_return(world, ticket_id)
    world.liaison.do("ticket.sign", ticket_id)
    assert world.liaison.ticket(ticket_id)["open_requests"] == ["return"]


@pytest.mark.parametrize("signed", [False, True])
def test_a_return_is_asked_within_twenty_hours_of_receipt_signed_or_not(world: World, signed: bool) -> None:
    make = world.handling if signed else world.dispatched
    in_time = make(ago=timedelta(hours=20) - timedelta(minutes=1))
    ask_return(world, in_time)
    late = make(ago=timedelta(hours=20, seconds=1))
    receipt = world.liaison.try_("request.return", late, request_id=new_id(), reason=REASON)
    assert receipt["code"] == "request_too_late"
    assert "三(二)" in receipt["message"]
    assert world.liaison.detail(late)["requests"] == []


def test_a_return_names_another_open_unit_or_none(world: World) -> None:
    ticket_id = world.handling()
    args = {"request_id": new_id(), "reason": REASON}
    own = world.units["town"].id
    assert world.liaison.refused("request.return", ticket_id, **args, proposed_unit=own) == "same_unit"
    assert world.liaison.refused("request.return", ticket_id, **args, proposed_unit=new_id()) == "unit_not_found"
    ask_return(world, ticket_id)


def test_reasons_are_detailed(world: World) -> None:
    ticket_id, liaison = world.handling(feedback_in=IN_FIVE_DAYS), world.liaison
    short = liaison.try_("request.return", ticket_id, request_id=new_id(), reason="不归我管")
    assert (short["code"], short["facts"]["have"]) == ("request_reason_short", 4)
    assert liaison.refused("request.extend", ticket_id, **extension(reason="来不及")) == "request_reason_short"


def test_an_extension_goes_through_the_station_to_the_city_and_moves_the_clocks(world: World) -> None:
    ticket_id = world.handling(feedback_in=IN_FIVE_DAYS)
    before = world.liaison.clock_of(ticket_id, "feedback")
    new_due = clock.parse(later(24 * 9))
    request_id = ask_extension(world, ticket_id, new_due_at=clock.iso(new_due))
    decide(world, ticket_id, request_id)
    pending = world.liaison.ticket(ticket_id)
    assert pending["detail"]["requests"][0]["state"] == "city"
    assert pending["open_requests"] == ["extension"]
    assert world.liaison.clock_of(ticket_id, "feedback")["due_at"] == before["due_at"], "not before the city answered"

    answer(world, ticket_id, request_id, answered_at=later())
    request = world.liaison.detail(ticket_id)["requests"][0]
    assert request["state"] == "approved"
    assert [d["stage"] for d in request["decisions"]] == ["station", "city"]
    moved = world.liaison.clock_of(ticket_id, "feedback")
    assert (moved["due_at"], moved["started_at"]) == (clock.iso(new_due), before["started_at"])
    assert "延期" in moved["derivation"] and "原 " in moved["derivation"]
    for name, hours in (("upload_target", 1), ("ask_extension", 24)):
        due = clock.parse(world.liaison.clock_of(ticket_id, name)["due_at"])
        assert new_due - due == timedelta(hours=hours)
    assert world.liaison.clock_of(ticket_id, "sign")["due_at"] != clock.iso(new_due)
    ask_extension(world, ticket_id, days=12)


def test_the_city_may_grant_another_date(world: World) -> None:
    ticket_id = world.handling(feedback_in=IN_FIVE_DAYS)
    request_id = ask_extension(world, ticket_id, days=9)
    decide(world, ticket_id, request_id)
    args = {"request_id": request_id, "decision": "approve", "note": "同意延至次日"}
    sooner = args | {"new_due_at": later(24)}
    assert world.station.refused("request.record_answer", ticket_id, **sooner) == "extension_date_not_later"
    early = args | {"answered_at": later(2)}
    assert world.station.refused("request.record_answer", ticket_id, **early) == "not_valid_time"
    granted = later(24 * 6)
    answer(world, ticket_id, request_id, new_due_at=granted)
    assert world.liaison.clock_of(ticket_id, "feedback")["due_at"] == granted
    assert world.liaison.detail(ticket_id)["requests"][0]["decisions"][1]["new_due_at"] == granted


def test_a_granted_date_ranks_the_ticket_anew_and_binds_the_next_unit(world: World) -> None:
    ticket_id = world.handling(feedback_in=IN_FIVE_DAYS)
    other = world.handling(feedback_in=timedelta(days=6))

    def ranked() -> list[str]:
        answer = world.liaison.call("GET", "/api/v1/tickets", query_string={"sort": "due"})
        return [ticket["id"] for ticket in answer.get_json()["tickets"]]

    assert ranked() == [ticket_id, other]
    granted = later(24 * 9)
    request_id = ask_extension(world, ticket_id, new_due_at=granted)
    decide(world, ticket_id, request_id)
    answer(world, ticket_id, request_id)
    assert ranked() == [other, ticket_id]
    world.station.do("ticket.reassign", ticket_id, unit_id=world.units["water"].id, reason="供水职责")
    assert world.station.clock_of(ticket_id, "feedback")["due_at"] == granted


@pytest.mark.parametrize("stage", ["station", "city"])
def test_an_extension_refused_at_either_stage_leaves_the_deadline(world: World, stage: str) -> None:
    ticket_id = world.handling(feedback_in=IN_FIVE_DAYS)
    due = world.liaison.clock_of(ticket_id, "feedback")["due_at"]
    request_id = ask_extension(world, ticket_id)
    decide(world, ticket_id, request_id, "refuse" if stage == "station" else "approve")
    if stage == "city":
        answer(world, ticket_id, request_id, "refuse")
    assert world.liaison.detail(ticket_id)["requests"][0]["state"] == "refused"
    assert world.liaison.clock_of(ticket_id, "feedback")["due_at"] == due


def test_an_extension_is_asked_a_day_before_the_deadline(world: World) -> None:
    ask_extension(world, world.handling(feedback_in=timedelta(hours=24, minutes=1)))
    late = world.handling(feedback_in=timedelta(hours=24))
    assert world.liaison.refused("request.extend", late, **extension()) == "request_too_late"


def test_an_overdue_ticket_gets_no_extension(world: World) -> None:
    ticket_id = world.handling(ago=timedelta(hours=10), feedback_in=timedelta(seconds=-1))
    receipt = world.liaison.try_("request.extend", ticket_id, **extension())
    assert receipt["code"] == "extension_overdue"
    assert "二(五)" in receipt["message"] and "超期工单不予延期" in receipt["message"]


def test_one_open_request_of_a_kind_and_withdrawing_makes_room(world: World) -> None:
    ticket_id = world.handling(feedback_in=IN_FIVE_DAYS)
    request_id = ask_return(world, ticket_id)
    again = {"request_id": new_id(), "reason": REASON}
    assert world.liaison.refused("request.return", ticket_id, **again) == "request_already_open"
    ask_extension(world, ticket_id)
    assert world.liaison.ticket(ticket_id)["open_requests"] == ["return", "extension"]
    world.phone("deputy").do("request.withdraw", ticket_id, request_id=request_id)
    assert world.liaison.ticket(ticket_id)["open_requests"] == ["extension"]
    args = {"request_id": request_id, "decision": "approve", "note": "同意"}
    assert world.station.refused("request.decide", ticket_id, **args) == "request_not_open"
    assert world.liaison.refused("request.withdraw", ticket_id, request_id=request_id) == "request_not_open"
    world.liaison.do("request.return", ticket_id, **again)


def test_only_the_stage_whose_turn_it_is_and_only_the_station_decides(world: World) -> None:
    ticket_id = world.handling(feedback_in=IN_FIVE_DAYS)
    request_id = ask_extension(world, ticket_id)
    args = {"request_id": request_id, "decision": "approve", "note": "同意"}
    assert world.station.refused("request.record_answer", ticket_id, **args) == "request_not_open"
    assert world.liaison.refused("request.decide", ticket_id, **args) == "not_permitted"
    assert world.leader.refused("request.decide", ticket_id, **args) == "request_not_your_turn"
    assert world.station.refused("request.decide", world.handling(), **args) == "request_not_found"
    decide(world, ticket_id, request_id)
    assert world.station.refused("request.decide", ticket_id, **args) == "request_not_open"


def test_the_citys_answer_may_come_while_the_reply_is_under_way(world: World) -> None:
    ticket_id = world.handling(feedback_in=IN_FIVE_DAYS)
    request_id = ask_extension(world, ticket_id)
    decide(world, ticket_id, request_id)
    world.liaison.reply(ticket_id)
    answer(world, ticket_id, request_id)
    assert world.liaison.detail(ticket_id)["requests"][0]["state"] == "approved"


def test_a_ticket_already_answered_cannot_be_returned(world: World) -> None:
    ticket_id = world.handling()
    request_id = ask_return(world, ticket_id)
    world.liaison.reply(ticket_id)
    args = {"request_id": request_id, "decision": "approve", "note": "同意退单"}
    assert world.station.refused("request.decide", ticket_id, **args) == "state_wrong"
    decide(world, ticket_id, request_id, "refuse")


def test_a_request_of_the_former_unit_has_lapsed(world: World) -> None:
    ticket_id = world.handling()
    request_id = ask_return(world, ticket_id)
    world.station.do("ticket.reassign", ticket_id, unit_id=world.units["water"].id, reason="供水职责")
    ticket = world.station.ticket(ticket_id)
    assert (ticket["open_requests"], ticket["detail"]["requests"][0]["state"]) == ([], "lapsed")
    assert ticket_id not in {t["id"] for t in world.station.pull()["tickets"]}
    args = {"request_id": request_id, "decision": "approve", "note": "同意"}
    assert world.station.refused("request.decide", ticket_id, **args) == "request_lapsed"
    world.phone("neighbour").do("request.return", ticket_id, request_id=new_id(), reason=REASON)


def test_a_date_beyond_reason_is_refused_in_words(world: World) -> None:
    ticket_id = world.handling(feedback_in=IN_FIVE_DAYS)
    for date in ("2090-12-31T23:59:59.000Z", "2036-01-01T00:00:00.000+08:00"):
        args = extension(new_due_at=date)
        assert world.liaison.refused("request.extend", ticket_id, **args) == "extension_date_too_far"
    receipt = world.liaison.try_("request.extend", ticket_id, **extension(new_due_at="9999-12-31T23:59:59.000Z"))
    assert (receipt["code"], list(receipt["facts"]["errors"])) == ("command_invalid", ["new_due_at"])
