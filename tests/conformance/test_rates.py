"""The rates of 河东区 and 湖口县 as their notices name them, from tickets that went the whole way (H1, K0)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from conformance.towns import town
from scenario import Phone, World

from app import clock
from app.ids import new_id
from app.reports.rates import month_of

ZONE = "Asia/Shanghai"


def months(*instants: Any) -> set[str]:
    return {month_of(clock.parse(instant) if isinstance(instant, str) else instant, ZONE).month for instant in instants}


def figures(phone: Phone, unit: str, *of_months: str) -> dict[str, tuple[int, int]]:
    """Rate → numerator and denominator of a unit, over several months."""
    sums: dict[str, tuple[int, int]] = {}
    for month in of_months:
        body = phone.call("GET", "/api/v1/reports/rates", query_string={"month": month}).get_json()
        for figure in next(u for u in body["units"] if u["id"] == unit)["figures"]:
            good, all_ = sums.get(figure["rate"], (0, 0))
            sums[figure["rate"]] = (good + figure["numerator"], all_ + figure["denominator"])
    return sums


def span() -> list[str]:
    """The months in which what is done today may fall due."""
    now = clock.now()
    return sorted(months(now - timedelta(days=4), now, now + timedelta(days=15), now + timedelta(days=30)))


def grown(before: dict[str, tuple[int, int]], after: dict[str, tuple[int, int]], rate: str) -> tuple[int, int]:
    (good, all_), (good_then, all_then) = after[rate], before[rate]
    return good - good_then, all_ - all_then


def labels(phone: Phone) -> list[str]:
    return [rate["label"] for rate in phone.call("GET", "/api/v1/reports/rates").get_json()["rates"]]


@pytest.mark.clause("H1")
def test_once_response_and_satisfaction_are_computed_and_shown(world: World) -> None:
    hedong = town(world, "hedong")
    unit = hedong.units["town"].id
    assert labels(hedong.leader) == ["一次办结率", "响应率", "满意率"]
    before = figures(hedong.leader, unit, *span())
    content, unhappy = hedong.closed(), hedong.closed()
    hedong.call_back(content)
    hedong.call_back(unhappy, satisfaction="dissatisfied", solved=False, reasons=["not_solved"])
    hedong.dispatched(ago=timedelta(days=4))  # nobody has signed it, and its time has run out
    after = figures(hedong.leader, unit, *span())
    assert grown(before, after, "once") == (2, 2)
    assert grown(before, after, "response") == (2, 3)
    assert grown(before, after, "satisfaction") == (1, 2)

    hedong.station.do("review.reopen", unhappy, reasons=["诉求人反映问题没有解决"])
    assert grown(before, figures(hedong.leader, unit, *span()), "once") == (1, 1), "open again: not closed"
    # Every request has an owner and an answer: who holds each one, and what was said, stands on the ticket.
    holder, reply = hedong.station.ticket(unhappy)["holder"], hedong.station.detail(content)["replies"][-1]
    assert holder["name"] == "联络员甲" and reply["state"] == "accepted"


@pytest.mark.clause("H1")
def test_who_sees_a_figure_can_open_the_tickets_behind_it(world: World) -> None:
    hedong = town(world, "hedong")
    ticket_id = hedong.dispatched(ago=timedelta(days=4))
    month = month_of(clock.parse(hedong.station.clock_of(ticket_id, "sign")["due_at"]), ZONE).month
    query = {"month": month, "counted": False, "unit_id": hedong.units["town"].id, "page_size": 200}
    answer = hedong.leader.call("GET", "/api/v1/reports/rates/response/tickets", query_string=query)
    late = {row["id"]: row for row in answer.get_json()["tickets"]}
    assert late[ticket_id]["counted"] is False
    assert "签收时限" in answer.get_json()["rate"]["definition"]
    number = late[ticket_id]["number"]
    assert hedong.leader.ticket(ticket_id)["number"] == number


@pytest.mark.clause("K0")
def test_received_closed_and_satisfied_are_computed_and_shown(world: World) -> None:
    hukou = town(world, "hukou")
    unit = hukou.units["town"].id
    assert labels(hukou.station) == ["按时接收率", "按时办结率", "满意率"]
    before = figures(hukou.station, unit, *span())
    for said in ("satisfied", "basically_satisfied", "dissatisfied"):
        reasons = ["not_solved"] if said == "dissatisfied" else []
        hukou.call_back(hukou.closed(), satisfaction=said, reasons=reasons)
    missed = hukou.dispatched(ago=timedelta(days=4))
    after = figures(hukou.station, unit, *span())
    assert grown(before, after, "received") == (3, 4)
    assert grown(before, after, "closed") == (3, 3), "the missed one is not due yet"
    assert grown(before, after, "satisfaction") == (2, 3)
    hukou.liaison.do("ticket.sign", missed)
    assert grown(before, figures(hukou.station, unit, *span()), "received") == (3, 4), "late is late"


@pytest.mark.clause("K0")
def test_nobody_to_ask_is_no_opinion(world: World) -> None:
    hukou = town(world, "hukou")
    unit = hukou.units["town"].id
    ticket_id = hukou.closed()
    before = figures(hukou.station, unit, *span())
    args = {"reached": False, "contacted": None, "solved": None, "satisfaction": None, "callback_id": new_id()}
    hukou.station.do("callback.record", ticket_id, **args)
    assert grown(before, figures(hukou.station, unit, *span()), "satisfaction") == (0, 0)
