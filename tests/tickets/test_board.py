"""The list of tickets: every filter and order, page by page, holds each ticket once and in its place."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from scenario import World

from app import clock
from app.ids import new_id


@pytest.fixture(scope="module")
def mark(shared: World) -> str:
    """A word in the titles of tickets of every urgency, dated and undated, at the station and with two units."""
    word = f"灯{new_id()[-10:]}"
    for priority in ("normal", "urgent", "mayor_line"):
        for days in (3, 1, 2):
            shared.dispatched(priority=priority, feedback_in=timedelta(days=days), title=f"{word} 不亮")
        shared.registered(priority=priority, title=f"{word} 待派")
    shared.dispatched(unit="water", title=f"{word} 漏水")
    shared.dispatched(ago=timedelta(hours=30), title=f"{word} 超期")
    passed_on = shared.dispatched(title=f"{word} 推诿")
    args = {"unit_id": shared.units["water"].id, "reason": "属供水职责"}
    for unit in ("water", "town", "water"):
        shared.station.do("ticket.reassign", passed_on, **args | {"unit_id": shared.units[unit].id})
    raised = {"escalation_id": new_id(), "to": "supervisor", "reason": "反复改派，请核查"}
    shared.station.do("escalation.raise", passed_on, **raised)
    return word


def listed(world: World, size: int = 100, who: str = "station", **query: Any) -> list[dict[str, Any]]:
    """Read the whole list page by page."""
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        asked = query | {"page_size": size} | ({"cursor": cursor} if cursor else {})
        answer = world.phone(who).call("GET", "/api/v1/tickets", query_string=asked)
        assert answer.status_code == 200, answer.text
        found += answer.get_json()["tickets"]
        cursor = answer.get_json()["next_cursor"]
        if cursor is None:
            return found


def due_of(ticket: dict[str, Any]) -> str:
    running = [
        c["due_at"] for c in ticket["clocks"] if c["kind"] == "deadline" and not (c["met_at"] or c["stopped_at"])
    ]
    return min(running, default="9999")


@pytest.mark.clause("D2.2")
@pytest.mark.parametrize("who", ["station", "supervisor", "liaison"])
@pytest.mark.parametrize("query", [{}, {"q": "mark"}, {"sort": "new"}, {"sort": "new", "q": "mark"}])
def test_pages_of_any_size_make_the_same_list_in_order(
    shared: World, mark: str, who: str, query: dict[str, str]
) -> None:
    asked = {key: mark if value == "mark" else value for key, value in query.items()}
    whole, pages = listed(shared, who=who, **asked), listed(shared, size=3, who=who, **asked)
    assert [t["id"] for t in pages] == [t["id"] for t in whole]
    assert len({t["id"] for t in whole}) == len(whole)
    ranks = ["urgent", "mayor_line", "bureau_line", "normal"]
    if "sort" in query:
        assert whole == sorted(whole, key=lambda t: (t["received_at"], t["id"]), reverse=True)
    else:
        assert whole == sorted(whole, key=lambda t: (ranks.index(t["priority"]), due_of(t), t["id"]))
    if query.get("q"):
        assert len(whole) == {"station": 15, "supervisor": 15, "liaison": 10}[who]


@pytest.mark.parametrize("sort", ["due", "new"])
def test_each_filter_keeps_what_it_says_and_nothing_else(shared: World, mark: str, sort: str) -> None:
    everything = {t["id"]: t for t in listed(shared, q=mark)}
    now = clock.iso(clock.now())
    water = shared.units["water"].id
    for query, keeps in (
        ({"state": "registered"}, lambda t: t["state"] == "registered"),
        ({"unit": water}, lambda t: (t["unit"] or {}).get("id") == water),
        ({"priority": "urgent"}, lambda t: t["priority"] == "urgent"),
        ({"due": "overdue"}, lambda t: due_of(t) < now),
        ({"due": "soon"}, lambda t: due_of(t) < clock.iso(clock.now() + timedelta(hours=24))),
        ({"repeated": "true"}, lambda t: t["assigned_count"] >= 3),
        ({"escalated": "true"}, lambda t: t["escalated"]),
        ({"state": "dispatched", "unit": water, "priority": "normal", "repeated": "true"},
         lambda t: t["state"] == "dispatched" and t["assigned_count"] >= 3),
    ):  # fmt: skip
        for text in ({}, {"q": mark}):
            found = {t["id"] for t in listed(shared, size=4, sort=sort, **query, **text)} & everything.keys()
            assert found == {i for i, t in everything.items() if keeps(t)}, query
            assert found, "a filter that keeps nothing shows nothing of itself"


def test_due_today_ends_with_the_local_day() -> None:
    from app.tickets.board import due_before

    at = clock.parse("2026-11-20T15:59:00.000Z")
    assert clock.iso(due_before("today", at, "Asia/Shanghai")) == "2026-11-20T16:00:00.000Z"
    assert due_before("overdue", at, "Asia/Shanghai") == at


def test_a_search_takes_percent_and_underscore_for_themselves(shared: World, mark: str) -> None:
    ticket_id = shared.registered(title=f"减免 50%_{mark}\\")
    for text, hit in ((f"50%_{mark}", True), (f"50_%{mark}", False), (f"%{mark}\\", False), (f"_{mark}\\", True)):
        assert (ticket_id in [t["id"] for t in listed(shared, q=text)]) is hit, text
