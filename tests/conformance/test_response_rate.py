"""响应率：每张工单都须在 20 小时内签收, per unit and for the whole banner, at the very instants (三(一))."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from conformance.towns import town
from scenario import REASON, Phone, World

from app import clock
from app.ids import new_id

HOURS_20, SECOND = timedelta(hours=20), timedelta(seconds=1)
LONG_AGO = timedelta(hours=30)
Sums = tuple[int, int, int]


def period() -> dict[str, str]:
    """Days around now in which everything falls due that these tests dispatch."""
    today = clock.now().astimezone(ZoneInfo("Asia/Shanghai")).date()
    return {"first": str(today - timedelta(days=3)), "last": str(today + timedelta(days=3))}


def read(phone: Phone, **query: Any) -> dict[str, Any]:
    answer = phone.call("GET", "/api/v1/reports/rates", query_string=query or period())
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.get_json()
    return body


def sums(figures: list[dict[str, Any]], rate: str = "response") -> Sums:
    """Numerator, denominator, and how many are still undecided."""
    figure = next(f for f in figures if f["rate"] == rate)
    return figure["numerator"], figure["denominator"], figure["undecided"]


def of_unit(phone: Phone, unit: str, rate: str = "response") -> Sums:
    return sums(next(u for u in read(phone)["units"] if u["id"] == unit)["figures"], rate)


def grown(before: Sums, after: Sums) -> Sums:
    return after[0] - before[0], after[1] - before[1], after[2] - before[2]


def signed_after(world: World, span: timedelta, **options: Any) -> str:
    """A ticket of the town that its liaison signed `span` after it was dispatched."""
    ticket_id = world.dispatched(ago=LONG_AGO, **options)
    begun = clock.parse(world.station.clock_of(ticket_id, "sign")["started_at"])
    world.play("liaison", "ticket.sign", ticket_id, begun + span)
    return ticket_id


def return_asked(world: World, ticket_id: str, at: datetime) -> str:
    request_id = new_id()
    world.play("liaison", "request.return", ticket_id, at, request_id=request_id, reason=REASON)
    return request_id


@pytest.mark.clause("D3.1")
def test_a_ticket_counts_as_answered_when_it_is_signed_within_twenty_hours_to_the_second(world: World) -> None:
    unit = world.units["town"].id
    before, banner = of_unit(world.station, unit), sums(read(world.station)["place"])
    signed_after(world, timedelta(minutes=5))
    signed_after(world, HOURS_20)
    signed_after(world, HOURS_20 + SECOND)
    overdue, running = world.dispatched(ago=HOURS_20 + SECOND), world.dispatched(ago=HOURS_20 - timedelta(minutes=5))
    assert grown(before, of_unit(world.station, unit)) == (2, 4, 1), "what can still be signed in time is not a miss"
    assert grown(banner, sums(read(world.station)["place"])) == (2, 4, 1)

    # Live: the figure is another one as soon as somebody signs.
    world.liaison.do("ticket.sign", running)
    assert grown(before, of_unit(world.station, unit)) == (3, 5, 0)
    world.liaison.do("ticket.sign", overdue)
    assert grown(before, of_unit(world.station, unit)) == (3, 5, 0), "late is late"


@pytest.mark.clause("D3.1")
def test_a_miss_stays_with_the_unit_that_missed_it(world: World) -> None:
    town_id, water = world.units["town"].id, world.units["water"].id
    before = {unit: of_unit(world.station, unit) for unit in (town_id, water)}
    banner = sums(read(world.station)["place"])

    missed = world.dispatched(ago=HOURS_20 + SECOND)
    world.station.do("ticket.reassign", missed, unit_id=water, reason="原单位逾期未签收，改派处理")
    assert grown(before[town_id], of_unit(world.station, town_id)) == (0, 1, 0)
    assert grown(before[water], of_unit(world.station, water)) == (0, 0, 1), "its own twenty hours have just begun"
    world.phone("neighbour").do("ticket.sign", missed)
    assert grown(before[water], of_unit(world.station, water)) == (1, 1, 0)
    assert grown(banner, sums(read(world.station)["place"])) == (1, 2, 0), "每派一次计一次"

    moved_in_time = world.dispatched(ago=timedelta(hours=1))
    world.station.do("ticket.reassign", moved_in_time, unit_id=water, reason="派错单位，改派处理")
    assert grown(before[town_id], of_unit(world.station, town_id)) == (0, 1, 0), "nothing was missed"
    behind = world.station.call(
        "GET", "/api/v1/reports/rates/response/tickets", query_string=period() | {"unit_id": town_id, "counted": False}
    ).get_json()
    assert missed in {row["id"] for row in behind["tickets"]}
    assert moved_in_time not in {row["id"] for row in behind["tickets"]}


@pytest.mark.clause("D3.1")
def test_a_return_asked_in_time_is_no_miss_and_one_refused_is(world: World) -> None:
    unit = world.units["town"].id
    before = of_unit(world.station, unit)
    asked = {}
    for outcome in ("approve", "refuse"):
        ticket_id = world.dispatched(ago=LONG_AGO)
        begun = clock.parse(world.station.clock_of(ticket_id, "sign")["started_at"])
        asked[outcome] = (ticket_id, return_asked(world, ticket_id, begun + HOURS_20 - SECOND))
    assert grown(before, of_unit(world.station, unit)) == (0, 2, 0), "asking alone signs nothing"
    for outcome, (ticket_id, request_id) in asked.items():
        world.station.do("request.decide", ticket_id, request_id=request_id, decision=outcome, note="已核实职责")
    assert grown(before, of_unit(world.station, unit)) == (0, 1, 0), "asked within twenty hours and not theirs"

    signed = signed_after(world, timedelta(hours=1))
    begun = clock.parse(world.station.clock_of(signed, "sign")["started_at"])
    request_id = return_asked(world, signed, begun + timedelta(hours=2))
    world.station.do("request.decide", signed, request_id=request_id, decision="approve", note="同意退回")
    assert world.station.ticket(signed)["unit"] is None
    assert grown(before, of_unit(world.station, unit)) == (1, 2, 0), "it was signed in time, whoever gets it next"


@pytest.mark.clause("D3.1")
def test_units_see_their_own_figure_beside_the_banners_and_what_is_counted(world: World) -> None:
    world.dispatched(unit="water", ago=HOURS_20 + SECOND)
    body = read(world.leader)
    assert [u["name"] for u in body["units"]] == ["树林召镇人民政府"]
    assert body["place"] == read(world.station)["place"] == read(world.station)["total"]
    assert sums(body["place"])[1] > sums(body["total"])[1], "the banner's is made of every unit's tickets"
    response = next(rate for rate in body["rates"] if rate["key"] == "response")
    assert response["label"] == "响应率"
    for words in (
        "恰在时限届满时签收",
        "时限未到且未签收的暂不计入",
        "已超过时限的，仍计入原单位",
        "退单未获批准的照计",
    ):
        assert words in response["definition"]
    assert (body["month"], body["first"], body["last"]) == (None, *period().values())


@pytest.mark.clause("D3.1")
def test_the_period_is_whole_days_of_the_place_and_a_wrong_one_is_refused(world: World) -> None:
    unit = world.units["town"].id
    due = clock.parse(world.station.clock_of(signed_after(world, HOURS_20), "sign")["due_at"])
    day = due.astimezone(ZoneInfo("Asia/Shanghai")).date()

    def counted(first: date, last: date) -> int:
        body = read(world.station, first=str(first), last=str(last))
        return sums(next(u for u in body["units"] if u["id"] == unit)["figures"])[1]

    one = timedelta(days=1)
    assert counted(day, day) >= 1
    assert counted(day - one, day) == counted(day - one, day - one) + counted(day, day)
    for wrong in (
        {"first": str(day)}, {"first": str(day), "last": str(day - one)}, {"first": "2026-02-30", "last": "2026-03-01"},
        {"first": str(day), "last": str(day + 400 * one)}, {"month": "2026-10", "first": str(day), "last": str(day)},
    ):  # fmt: skip
        answer = world.station.call("GET", "/api/v1/reports/rates", query_string=wrong)
        assert (answer.status_code, answer.get_json()["code"]) == (422, "request_invalid"), wrong


@pytest.mark.clause("D3.1")
@pytest.mark.parametrize(("span", "good"), [(timedelta(hours=24), 1), (timedelta(hours=24, seconds=1), 0)])
def test_another_place_is_measured_by_its_own_hours(world: World, span: timedelta, good: int) -> None:
    hukou = town(world, "hukou")
    unit = hukou.units["town"].id
    before = of_unit(hukou.station, unit, "received")
    signed_after(hukou, span)
    assert grown(before, of_unit(hukou.station, unit, "received")) == (good, 1, 0)
    # The same figure, asked for alone: whoever looks at it all day need not have the others counted as well.
    alone = read(hukou.station, **period(), rate="response")
    assert [rate["key"] for rate in alone["rates"]] == ["received"]
    assert sums(alone["place"], "received") == sums(read(hukou.station)["place"], "received")
