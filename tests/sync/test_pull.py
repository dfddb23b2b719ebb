"""What a phone is given: its working set, the difference to what it holds, the most urgent first, nothing twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import brotli
import pytest
from examples import STAGES
from lasting import ENGINES, fresh_database, world_on
from scenario import Phone, World
from sqlalchemy import update

from app import clock
from app.ids import new_id
from app.setup import renew_epoch
from app.sync.pull import PAGE_BYTES
from app.tickets.models import Ticket


@pytest.fixture(params=ENGINES)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with fresh_database(request.param, request, tmp_path) as url:
        yield world_on(url, tmp_path)


class Held:
    """What a phone keeps, applying each answer as the wire contract says."""

    def __init__(self, phone: Phone) -> None:
        self.phone = phone
        self.cookie: str | None = None
        self.tickets: dict[str, dict[str, Any]] = {}
        self.pages: list[dict[str, Any]] = []

    def pull(self) -> bool:
        """Pull until there is no more; return whether anything was new."""
        self.pages = []
        while True:
            answer = self.phone.pull(self.cookie)
            if answer["unchanged"]:
                return bool(self.pages)
            self.pages.append(answer)
            if answer["reset"]:
                self.tickets.clear()
            for ticket in answer["tickets"]:
                known = self.tickets.get(ticket["id"], {})
                self.tickets[ticket["id"]] = ticket if ticket["detail"] else ticket | {"detail": known.get("detail")}
            for key in answer["gone"]:
                self.tickets.pop(key[2:], None)
            self.cookie = answer["cookie"]
            assert len(self.pages) < 50, "a phone must come to an end"
            if not answer["more"]:
                return True


def test_the_first_pull_brings_everything_and_the_next_almost_nothing(world: World) -> None:
    ticket_id = world.dispatched()
    held = Held(world.liaison)
    assert held.pull() is True
    [page] = held.pages
    assert page["reset"] is True and page["gone"] == [] and set(held.tickets) == {ticket_id}
    assert [p["id"] for p in page["policies"]] == ["dalad@2"]
    assert page["me"]["name"] == "联络员甲" and len(page["units"]) == 5
    answer = world.liaison.call("GET", "/api/v1/sync/pull", query_string={"cookie": held.cookie})
    assert answer.get_json().keys() == {"unchanged", "beacon"} and len(answer.data) < 100


def test_only_what_changed_is_sent_again(world: World) -> None:
    first, second = world.dispatched(), world.dispatched()
    held = Held(world.liaison)
    held.pull()
    world.station.do("thread.post", second, message_id=new_id(), text="请尽快签收")
    assert held.pull() is True
    [page] = held.pages
    assert [t["id"] for t in page["tickets"]] == [second] and page["reset"] is False
    assert (page["policies"], page["units"], page["me"], page["gone"]) == ([], None, None, [])
    assert held.tickets[second] == world.liaison.ticket(second) and held.tickets[first] == world.liaison.ticket(first)


def test_an_unknown_cookie_starts_over(world: World) -> None:
    world.dispatched()
    for cookie in ("unknown", "x" * 48, "\x00", "字", "' OR 1=1"):
        answer = world.liaison.pull(cookie)
        assert answer["reset"] is True and len(answer["tickets"]) == 1
    too_long = world.liaison.call("GET", "/api/v1/sync/pull", query_string={"cookie": "x" * 49})
    assert too_long.status_code == 422


def test_another_phones_cookie_is_no_cookie_of_mine(world: World) -> None:
    world.dispatched()
    stolen = world.liaison.pull()["cookie"]
    answer = world.leader.pull(stolen)
    assert answer["unchanged"] or answer["reset"], "equal sets need nothing, others start over"


def test_an_answer_lost_on_the_way_can_be_asked_for_again(world: World) -> None:
    old = world.liaison.pull()["cookie"]
    ticket_id = world.dispatched()
    lost = world.liaison.pull(old)
    again = world.liaison.pull(old)
    assert [t["id"] for t in again["tickets"]] == [t["id"] for t in lost["tickets"]] == [ticket_id]
    assert (again["reset"], again["cookie"]) == (False, lost["cookie"])


def test_a_new_epoch_makes_every_phone_start_over(world: World) -> None:
    """After a backup was restored, equal version numbers may stand for other contents."""
    ticket_id = world.dispatched()
    before = world.liaison.pull()
    renew_epoch(world.database)
    answer = world.liaison.pull(before["cookie"])
    assert answer["reset"] is True and answer["epoch"] != before["epoch"]
    assert [t["id"] for t in answer["tickets"]] == [ticket_id]
    assert world.liaison.pull(answer["cookie"])["unchanged"] is True


def test_details_follow_by_the_page_the_most_urgent_first(world: World) -> None:
    urgent: list[str] = []
    for number in range(14):
        priority = "urgent" if number % 7 == 3 else "normal"
        ticket_id = world.dispatched(content="长" * 6000, priority=priority)
        if priority == "urgent":
            urgent.append(ticket_id)
    held = Held(world.liaison)
    held.pull()
    assert len(held.pages) > 1
    assert len(held.pages[0]["tickets"]) == 14, "all rows come at once"
    assert [t["id"] for t in held.pages[0]["tickets"][:2]] == urgent
    assert all(t["detail"] for t in held.pages[0]["tickets"][:2])
    for page in held.pages:
        sizes = [len(str(t["detail"]).encode()) for t in page["tickets"] if t["detail"]]
        assert sizes, "every page gets further"
        assert sum(sizes) - sizes[-1] < PAGE_BYTES * 1.1, "the bound is passed by one ticket at most"
    sent = [t["id"] for page in held.pages for t in page["tickets"] if t["detail"]]
    assert len(sent) == len(set(sent)) == 14, "no detail is sent twice"
    assert all(t["detail"] for t in held.tickets.values())
    assert world.liaison.pull(held.cookie)["unchanged"] is True


@pytest.mark.slow
@pytest.mark.slow
def test_a_first_pull_of_two_hundred_tickets_is_small_on_the_air(request: Any, tmp_path: Path) -> None:
    with fresh_database("sqlite", request, tmp_path) as url:
        world = world_on(url, tmp_path)
        intake = [world.station.command("ticket.intake", new_id(), **world.intake_args()) for _ in range(200)]
        unit = world.units["town"].id
        dispatch = [
            world.station.command("ticket.dispatch", c["ticket_id"], unit_id=unit, grounds="属地") for c in intake
        ]
        for batch in (intake, dispatch):
            for start in range(0, 200, 50):
                world.station.send_batch(batch[start : start + 50])
        answer = world.liaison.call("GET", "/api/v1/sync/pull", headers={"Accept-Encoding": "br"})
        assert answer.headers["Content-Encoding"] == "br"
        assert len(answer.data) < 60_000, f"{len(answer.data)} bytes"
        assert len(json.loads(brotli.decompress(answer.data))["tickets"]) == 200


def test_each_role_holds_what_it_works_on(world: World) -> None:
    at = {name: STAGES[name](world).ticket_id for name in ("registered", "dispatched", "signing", "reviewing", "asked")}
    scene = STAGES["arrived"](world)
    world.station.do("review.accept", scene.ticket_id, reply_id=scene.reply_id)
    at["closed"] = scene.ticket_id
    elsewhere = world.dispatched(unit="water")
    town = {"dispatched", "signing", "reviewing", "asked", "closed"}
    expected = {
        "liaison": town, "deputy": town, "leader": town, "station": {"registered", "reviewing", "asked"},
        "supervisor": set(), "admin": set(),
    }  # fmt: skip
    for who, names in expected.items():
        held = Held(world.phone(who))
        held.pull()
        assert set(held.tickets) == {at[name] for name in names}, who
    held = Held(world.phone("neighbour"))
    held.pull()
    assert set(held.tickets) == {elsewhere}


@pytest.mark.parametrize("how", ["reassigned", "returned", "closed long ago"])
def test_a_ticket_that_leaves_the_set_is_gone_from_the_phone(shared: World, how: str) -> None:
    scene = STAGES["asked" if how == "returned" else "dispatched"](shared)
    held = Held(shared.liaison)
    held.pull()
    assert scene.ticket_id in held.tickets
    if how == "reassigned":
        water = shared.units["water"].id
        shared.station.do("ticket.reassign", scene.ticket_id, unit_id=water, reason="属供水管理")
    elif how == "returned":
        args = {"request_id": scene.request_id, "decision": "approve", "note": "同意"}
        shared.station.do("request.decide", scene.ticket_id, **args)
    else:
        with shared.database.unit_of_work() as session:
            closed_at = clock.now() - timedelta(days=7, seconds=1)
            change = update(Ticket).where(Ticket.id == scene.ticket_id).values(state="closed", closed_at=closed_at)
            session.execute(change)
    held.pull()
    assert scene.ticket_id not in held.tickets
    assert held.pages[0]["gone"] == [f"t:{scene.ticket_id}"]


def test_people_and_roles_that_change_reach_the_phones(world: World) -> None:
    held = Held(world.liaison)
    held.pull()
    args = {"unit_id": world.units["water"].id, "person_id": world.people["liaison"].id, "role": "leader"}
    world.station.do("membership.assign", None, **args)
    held.pull()
    [page] = held.pages
    assert {r["role"] for r in page["me"]["roles"]} == {"liaison", "leader"}
    water = next(u for u in page["units"] if u["id"] == args["unit_id"])
    assert [x["name"] for x in water["leaders"]] == ["联络员甲"]
