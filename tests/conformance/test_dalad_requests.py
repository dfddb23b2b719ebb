"""达拉特旗: return and extension (二(四), 二(五), 三(二), 四(三))."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from scenario import REASON, World, later

from app import clock
from app.ids import new_id

FIVE_DAYS = timedelta(days=5)
WHY_LATER = "管材须从外地调运，已下单，预计三日后到货即安装。"


def extension(**other: Any) -> dict[str, Any]:
    return {"request_id": new_id(), "reason": WHY_LATER, "new_due_at": later(24 * 9)} | other


@pytest.mark.clause("D2.4")
def test_not_ours_is_returned_with_a_detailed_written_reason(world: World) -> None:
    ticket_id = world.handling()
    receipt = world.liaison.try_("request.return", ticket_id, request_id=new_id(), reason="不归我管。")
    assert (receipt["code"], receipt["facts"]["label"]) == ("request_reason_short", "退单原因")
    request_id = new_id()
    water = world.units["water"].id
    world.liaison.do("request.return", ticket_id, request_id=request_id, reason=REASON, proposed_unit=water)
    waiting = next(t for t in world.station.pull()["tickets"] if t["id"] == ticket_id)
    assert waiting["open_requests"] == ["return"]
    assert waiting["detail"]["requests"][0]["reason"] == REASON
    world.station.do("request.decide", ticket_id, request_id=request_id, decision="approve", note="同意，改派水务")
    assert world.station.ticket(ticket_id)["state"] == "registered"
    assert world.liaison.call("GET", f"/api/v1/tickets/{ticket_id}").status_code == 404
    world.station.do("ticket.dispatch", ticket_id, unit_id=water, grounds="退单改派")
    assert world.phone("neighbour").ticket(ticket_id)["state"] == "dispatched"


@pytest.mark.clause("D2.4")
def test_a_return_refused_leaves_the_same_unit_with_the_same_clocks(world: World) -> None:
    ticket_id, request_id = world.handling(), new_id()
    before = world.liaison.ticket(ticket_id)["clocks"]
    world.liaison.do("request.return", ticket_id, request_id=request_id, reason=REASON)
    world.station.do("request.decide", ticket_id, request_id=request_id, decision="refuse", note="属本单位职责")
    ticket = world.liaison.ticket(ticket_id)
    assert (ticket["state"], ticket["clocks"]) == ("handling", before)
    decision = ticket["detail"]["requests"][0]["decisions"][0]
    assert (decision["decision"], decision["note"]) == ("refuse", "属本单位职责")


@pytest.mark.clause("D3.2")
@pytest.mark.parametrize("signed", [False, True])
def test_return_is_asked_within_twenty_hours_of_receipt(world: World, signed: bool) -> None:
    make = world.handling if signed else world.dispatched
    guard = world.liaison.clock_of(make(), "return")
    assert clock.parse(guard["due_at"]) - clock.parse(guard["started_at"]) == timedelta(hours=20)
    assert (guard["kind"], guard["cite"]) == ("guard", "三(二)")
    in_time, late = make(ago=timedelta(hours=19, minutes=59)), make(ago=timedelta(hours=20))
    world.liaison.do("request.return", in_time, request_id=new_id(), reason=REASON)
    receipt = world.liaison.try_("request.return", late, request_id=new_id(), reason=REASON)
    assert (receipt["status"], receipt["code"]) == ("refused", "request_too_late")
    assert "工作站" in receipt["message"] and "三(二)" in receipt["message"]
    assert world.liaison.ticket(late)["open_requests"] == []


@pytest.mark.clause("D2.5")
def test_an_extension_states_its_reason_in_detail_and_a_new_date(world: World) -> None:
    ticket_id, liaison = world.handling(feedback_in=FIVE_DAYS), world.liaison
    due = liaison.clock_of(ticket_id, "feedback")["due_at"]
    assert liaison.refused("request.extend", ticket_id, **extension(reason="来不及办")) == "request_reason_short"
    assert liaison.refused("request.extend", ticket_id, **extension(new_due_at=due)) == "extension_date_not_later"
    without_date = extension()
    del without_date["new_due_at"]
    assert liaison.refused("request.extend", ticket_id, **without_date) == "command_invalid"
    asked = extension()
    liaison.do("request.extend", ticket_id, **asked)
    shown = world.station.detail(ticket_id)["requests"][0]
    assert (shown["reason"], shown["new_due_at"]) == (WHY_LATER, asked["new_due_at"])


@pytest.mark.clause("D2.5")
def test_an_overdue_ticket_gets_no_extension_even_if_its_reply_was_sent_back(world: World) -> None:
    overdue = world.handling(ago=timedelta(hours=10), feedback_in=timedelta(seconds=-1))
    receipt = world.liaison.try_("request.extend", overdue, **extension())
    assert (receipt["status"], receipt["code"]) == ("refused", "extension_overdue")
    assert "超期工单不予延期" in receipt["message"] and "二(五)" in receipt["message"]
    ticket_id, reply_id = world.reviewing(ago=timedelta(hours=10), feedback_in=timedelta(seconds=-1))
    world.station.do("review.send_back", ticket_id, reply_id=reply_id, reasons=["照片不清"])
    assert world.liaison.refused("request.extend", ticket_id, **extension()) == "extension_overdue"


@pytest.mark.clause("D4.3")
def test_an_extension_is_asked_at_least_a_day_before_the_deadline(world: World) -> None:
    in_time = world.handling(feedback_in=timedelta(hours=24, minutes=1))
    guard, due = (world.liaison.clock_of(in_time, name) for name in ("ask_extension", "feedback"))
    assert clock.parse(due["due_at"]) - clock.parse(guard["due_at"]) == timedelta(hours=24)
    assert (guard["kind"], guard["cite"], guard["assumed"]) == ("guard", "四(三)", True)
    world.liaison.do("request.extend", in_time, **extension())
    late = world.handling(feedback_in=timedelta(hours=24))
    receipt = world.liaison.try_("request.extend", late, **extension())
    assert receipt["code"] == "request_too_late" and "四(三)" in receipt["message"]


@pytest.mark.clause("D4.3")
def test_the_station_reviews_and_the_city_platforms_answer_is_recorded(world: World) -> None:
    ticket_id, asked = world.handling(feedback_in=FIVE_DAYS), extension()
    request_id = asked["request_id"]
    world.liaison.do("request.extend", ticket_id, **asked)
    before = world.liaison.clock_of(ticket_id, "feedback")["due_at"]
    decision = {"request_id": request_id, "decision": "approve", "note": "情况属实，报市平台"}
    assert world.station.refused("request.record_answer", ticket_id, **decision) == "request_not_open"
    assert world.liaison.refused("request.decide", ticket_id, **decision) == "not_permitted"
    world.station.do("request.decide", ticket_id, **decision)
    assert world.liaison.detail(ticket_id)["requests"][0]["state"] == "city"
    assert world.liaison.clock_of(ticket_id, "feedback")["due_at"] == before
    answer = {"request_id": request_id, "decision": "approve", "note": "市平台同意", "answered_at": later()}
    world.station.do("request.record_answer", ticket_id, **answer)
    request = world.liaison.detail(ticket_id)["requests"][0]
    assert request["state"] == "approved"
    assert [(d["stage"], d["decision"]) for d in request["decisions"]] == [("station", "approve"), ("city", "approve")]
    feedback = world.liaison.clock_of(ticket_id, "feedback")
    assert feedback["due_at"] == asked["new_due_at"]
    assert "延期" in feedback["derivation"]
    upload = world.liaison.clock_of(ticket_id, "upload_target")["due_at"]
    assert clock.parse(feedback["due_at"]) - clock.parse(upload) == timedelta(hours=1)


@pytest.mark.clause("D4.3")
@pytest.mark.parametrize("stage", ["station", "city"])
def test_a_refusal_at_either_stage_leaves_the_deadline(world: World, stage: str) -> None:
    ticket_id, asked = world.handling(feedback_in=FIVE_DAYS), extension()
    before = world.liaison.clock_of(ticket_id, "feedback")["due_at"]
    world.liaison.do("request.extend", ticket_id, **asked)
    no = {"request_id": asked["request_id"], "decision": "refuse", "note": "不属疑难复杂问题"}
    if stage == "city":
        world.station.do("request.decide", ticket_id, **no | {"decision": "approve"})
        world.station.do("request.record_answer", ticket_id, **no)
    else:
        world.station.do("request.decide", ticket_id, **no)
    assert world.liaison.detail(ticket_id)["requests"][0]["state"] == "refused"
    assert world.liaison.clock_of(ticket_id, "feedback")["due_at"] == before
