"""Limits as the notices give them, read off the phone: hedong, uxin, hukou, xinqiao around the National Day of 2026.

1–7 October are free, Saturday the 10th is worked; the day of dispatch is Wednesday the 30th of September.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from conformance.towns import town
from scenario import World, later

from app import clock
from app.ids import new_id
from app.reminders.jobs import tick

WEDNESDAY = datetime(2026, 9, 30, 2, tzinfo=UTC)  # 10:00 in Shanghai
CLOSING = "T09:30:00.000Z"  # 17:30


def dispatched(world: World, at: datetime = WEDNESDAY, after: timedelta = timedelta(0), **other: Any) -> str:
    """A ticket taken in at `at`, signed or called about by the centre, and given to the town `after` that."""
    ticket_id = new_id()
    feedback_by = other.pop("feedback_by", None)
    world.play("station", "ticket.intake", ticket_id, at, **world.intake_args(**other))
    world.centre_done(ticket_id, at)
    give = {"unit_id": world.units["town"].id} | world.basis()
    world.play("station", "ticket.dispatch", ticket_id, at + after, **give, feedback_by=feedback_by)
    return ticket_id


def signed(world: World, ticket_id: str, at: datetime) -> None:
    if world.policy.accept.contact_first:
        call = {"contact_id": new_id(), "purpose": "first", "to": "caller", "channel": "phone", "outcome": "reached"}
        world.play("liaison", "contact.record", ticket_id, at, **call, started_at=clock.iso(at))
    world.play("liaison", "ticket.sign", ticket_id, at)


def due(world: World, ticket_id: str, name: str) -> str:
    found: str = world.liaison.clock_of(ticket_id, name)["due_at"]
    return found


def titles(world: World, who: str, ticket_id: str) -> list[str]:
    return [n["title"] for n in world.phone(who).pull()["inbox"] if n["ticket_id"] == ticket_id]


@pytest.mark.clause("H2.1c")
def test_four_working_days_for_the_result_and_one_to_return(world: World) -> None:
    hedong = town(world, "hedong")
    ticket_id = dispatched(hedong)
    assert due(hedong, ticket_id, "feedback") == f"2026-10-12{CLOSING}"
    assert due(hedong, ticket_id, "return") == f"2026-10-08{CLOSING}"
    assert hedong.liaison.clock_of(ticket_id, "feedback")["cite"] == "二(一)"
    ask = {"request_id": new_id(), "reason": "该路段由交通运输局负责管养，不在本单位职责范围之内，建议由其办理。"}
    assert hedong.liaison.refused("request.return", ticket_id, **ask) == "request_too_late"
    fresh = hedong.dispatched()
    hedong.liaison.do("request.return", fresh, **ask | {"request_id": new_id()})


@pytest.mark.clause("K2.5")
@pytest.mark.parametrize(
    ("kind", "day"), [("consult", "2026-10-08"), ("help", "2026-10-13"), ("complaint", "2026-10-15")]
)
def test_two_six_and_eight_working_days_the_day_of_receipt_among_them(world: World, kind: str, day: str) -> None:
    hukou = town(world, "hukou")
    found = hukou.liaison.clock_of(dispatched(hukou, kind=kind), "feedback")
    assert found["due_at"] == f"{day}{CLOSING}"
    assert "当日计为第 1 日" in found["derivation"] and found["cite"] == "二(二)5、二(二)7"


@pytest.mark.clause("K2.5")
def test_an_extension_is_asked_until_twenty_four_hours_before(world: World) -> None:
    hukou = town(world, "hukou")
    ticket_id = dispatched(hukou, kind="help")
    assert due(hukou, ticket_id, "ask_extension") == "2026-10-12T09:30:00.000Z"


@pytest.mark.clause("U4.1")
def test_the_office_has_twenty_four_hours_to_sign_and_one_working_day_to_hand_out(world: World) -> None:
    uxin = town(world, "uxin")
    ticket_id = new_id()
    uxin.play("station", "ticket.intake", ticket_id, WEDNESDAY, **uxin.intake_args())
    clocks = {c["clock"]: c for c in uxin.station.ticket(ticket_id)["clocks"]}
    assert clocks["centre_sign"]["due_at"] == "2026-10-01T02:00:00.000Z"
    assert clocks["hand_out"]["due_at"] == "2026-10-08T10:00:00.000Z"
    uxin.play("station", "ticket.centre_sign", ticket_id, WEDNESDAY + timedelta(hours=1), checked=True)
    give = {"unit_id": uxin.units["town"].id} | uxin.basis()
    uxin.play("station", "ticket.dispatch", ticket_id, WEDNESDAY + timedelta(hours=2), **give)
    clocks = {c["clock"]: c for c in uxin.station.ticket(ticket_id)["clocks"]}
    assert clocks["centre_sign"]["met_at"] == "2026-09-30T03:00:00.000Z"
    assert clocks["hand_out"]["met_at"] == "2026-09-30T04:00:00.000Z"


@pytest.mark.clause("U4.2")
def test_the_department_steps_in_within_two_hours_of_taking_the_ticket(world: World) -> None:
    uxin = town(world, "uxin")
    kept, missed = dispatched(uxin), dispatched(uxin)
    for ticket_id in (kept, missed):
        assert "step_in" not in {c["clock"] for c in uxin.liaison.ticket(ticket_id)["clocks"]}
        signed(uxin, ticket_id, WEDNESDAY + timedelta(hours=1))
        assert due(uxin, ticket_id, "step_in") == "2026-09-30T05:00:00.000Z"
    call = {"contact_id": new_id(), "purpose": "first", "to": "caller", "channel": "phone", "outcome": "reached"}
    at = WEDNESDAY + timedelta(hours=3)
    uxin.play("liaison", "contact.record", kept, at, **call, started_at=clock.iso(at))
    found = uxin.liaison.clock_of(kept, "step_in")
    assert found["met_at"] == found["due_at"], "two hours to the millisecond are in time"
    uxin.liaison.visit(missed)
    found = uxin.liaison.clock_of(missed, "step_in")
    assert clock.parse(found["met_at"]) > clock.parse(found["due_at"])


@pytest.mark.clause("U5.2")
def test_one_three_seven(world: World) -> None:
    """Given out and first told within one working day, answered within three days, a plan within seven."""
    uxin = town(world, "uxin")
    ticket_id = dispatched(uxin)
    assert due(uxin, ticket_id, "hand_out") == "2026-10-08T10:00:00.000Z"
    assert due(uxin, ticket_id, "first_feedback") == "2026-10-08T10:00:00.000Z"
    assert due(uxin, ticket_id, "feedback") == "2026-10-03T10:00:00.000Z"
    assert due(uxin, ticket_id, "plan") == "2026-10-07T10:00:00.000Z"
    assert uxin.liaison.clock_of(ticket_id, "feedback")["assumed"] is True, "days taken as calendar days"

    fresh = uxin.handling()
    uxin.liaison.contact(fresh, purpose="told", note="已向反映人说明初步核查情况和下一步安排。")
    assert uxin.liaison.clock_of(fresh, "first_feedback")["met_at"]
    assert uxin.liaison.clock_of(fresh, "plan")["met_at"] is None
    steps = [{"text": "走访周边住户，调取监控", "due_at": later(48)}]
    text = "分两步办理：先走访核实、调取监控，再会同社区现场处置。"
    uxin.liaison.do("plan.file", fresh, plan_id=new_id(), text=text, steps=steps)
    assert uxin.liaison.clock_of(fresh, "plan")["met_at"]
    assert uxin.liaison.clock_of(fresh, "feedback")["met_at"] is None


@pytest.mark.clause("X3.3")
def test_ten_working_days_and_limits_of_their_own_for_urgent_kinds(world: World) -> None:
    xinqiao = town(world, "xinqiao")
    for other, day in (
        ({}, "2026-10-20"),
        ({"source": "recheck"}, "2026-10-13"),
        ({"source": "snapshot"}, "2026-10-13"),
        ({"priority": "urgent"}, "2026-10-10"),
    ):
        assert due(xinqiao, dispatched(xinqiao, **other), "feedback") == f"{day}{CLOSING}", other
    given = dispatched(xinqiao, source="snapshot", feedback_by="2026-10-09T04:00:00.000Z")
    assert due(xinqiao, given, "feedback") == "2026-10-09T04:00:00.000Z"


@pytest.mark.clause("X2.5")
def test_urged_once_eight_working_days_have_passed(world: World) -> None:
    xinqiao = town(world, "xinqiao")
    ticket_id = dispatched(xinqiao)
    signed(xinqiao, ticket_id, WEDNESDAY)
    mark = xinqiao.liaison.clock_of(ticket_id, "eighth_day")
    assert (mark["kind"], mark["due_at"]) == ("mark", f"2026-10-16{CLOSING}")
    urged = "催单：工单 {} 已满8个工作日仍未回复"
    number = xinqiao.liaison.ticket(ticket_id)["number"]
    eighth = clock.parse(mark["due_at"])
    tick(xinqiao.database, eighth - timedelta(minutes=1))
    assert not [t for t in titles(xinqiao, "liaison", ticket_id) if urged.format(number) in t]
    tick(xinqiao.database, eighth)
    for who in ("liaison", "leader", "station"):
        assert [t for t in titles(xinqiao, who, ticket_id) if urged.format(number) in t], who


@pytest.mark.clause("X2.5")
def test_urged_two_days_before_a_limit_of_its_own(world: World) -> None:
    xinqiao = town(world, "xinqiao")
    ticket_id = dispatched(xinqiao, source="snapshot")
    names = {c["clock"] for c in xinqiao.liaison.ticket(ticket_id)["clocks"]}
    assert "two_days_before" in names and "eighth_day" not in names
    assert due(xinqiao, ticket_id, "two_days_before") == f"2026-10-11{CLOSING}"
    number = xinqiao.liaison.ticket(ticket_id)["number"]
    tick(xinqiao.database, clock.parse(f"2026-10-11{CLOSING}"))
    assert [t for t in titles(xinqiao, "liaison", ticket_id) if f"工单 {number} 有特殊回复时限，还有2天到期" in t]


@pytest.mark.clause("X3.1", partial="the centre's own window")
def test_the_centre_gives_out_within_one_working_day(world: World) -> None:
    xinqiao = town(world, "xinqiao")
    ticket_id = dispatched(xinqiao, after=timedelta(hours=3))
    handed = xinqiao.station.clock_of(ticket_id, "hand_out")
    assert (handed["due_at"], handed["met_at"]) == (f"2026-10-08{CLOSING}", "2026-09-30T05:00:00.000Z")
