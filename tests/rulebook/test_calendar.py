"""The calendar: a year published, a day corrected, and every open ticket's limits computed again."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from scenario import World

from app import clock
from app.ids import new_id
from app.journal.relay import relay
from app.rulebook import recompute
from app.rulebook.models import Recomputation
from app.subscribers import REACTIONS
from app.tickets.models import Ticket
from app.verify import check, subjects

AT = datetime(2030, 12, 27, 2, tzinfo=UTC)  # Friday, 10:00 in Shanghai, of a year nobody has announced
NEW_YEAR = [{"day": "2031-01-01", "free": True, "name": "元旦"}, {"day": "2031-01-04", "free": False, "name": "元旦"}]
A_DAY_OF_2030 = [{"day": "2030-10-01", "free": True, "name": "国庆节"}]


@pytest.fixture
def world(app: Flask) -> World:
    return World(app, "hedong")


def dispatched(world: World, at: datetime = AT, **other: Any) -> str:
    ticket_id = new_id()
    world.play("station", "ticket.intake", ticket_id, at, **world.intake_args(**other))
    world.play("station", "ticket.dispatch", ticket_id, at, unit_id=world.units["town"].id, **world.basis())
    return ticket_id


def publish(world: World, year: int, days: list[dict[str, Any]]) -> None:
    world.phone("admin").do("calendar.publish", year=year, source="国务院办公厅通知", days=days)


def run_all(world: World) -> list[dict[str, Any]]:
    """Do what the relay and a worker would do, and return the runs as the page shows them."""
    _, tasks = relay(world.database, REACTIONS, clock.now())
    for task in tasks:
        name, _, ref = task.partition(":")
        if name == "recompute":
            recompute.work(world.database, ref, clock.now())
    runs: list[dict[str, Any]] = world.phone("admin").call("GET", "/api/v1/calendar").get_json()["runs"]
    return runs


def due(world: World, ticket_id: str, name: str = "feedback") -> tuple[str, bool]:
    found = world.liaison.clock_of(ticket_id, name)
    return found["due_at"], found["provisional"]


def test_publishing_a_year_settles_what_was_provisional(world: World) -> None:
    ticket, given = dispatched(world), dispatched(world, feedback_by="2031-01-02T01:00:00Z")
    assert due(world, ticket) == ("2031-01-02T09:30:00.000Z", True)
    before = world.liaison.ticket(ticket)
    publish(world, 2030, A_DAY_OF_2030)
    publish(world, 2031, NEW_YEAR)
    runs = run_all(world)
    assert [(r["done"], r["total"], r["failed_at"]) for r in runs] == [(r["total"], r["total"], None) for r in runs]
    assert all(r["finished_at"] for r in runs) and sum(r["changed"] for r in runs) == 2
    # 30, 31, then 1 January is free, 2 and 3 are worked: the fourth day is Friday the 3rd.
    assert due(world, ticket) == ("2031-01-03T09:30:00.000Z", False)
    assert due(world, given) == ("2031-01-02T01:00:00.000Z", False)
    assert world.liaison.ticket(ticket)["version"] > before["version"]
    told = world.liaison.events(ticket)[-1]
    assert told["name"] == "clock.recomputed"
    assert told["summary"] == "2030 年节假日安排公布，回退时限为 12-30 17:30"
    with world.database.unit_of_work() as session:
        chains = [(name, check(session, subject, length, head)) for name, subject, length, head in subjects(session)]
    assert [name for name, broken in chains if broken] == []
    assert world.phone("admin").call("GET", "/api/v1/calendar").get_json()["provisional"] == 0


def test_correcting_a_day_moves_only_what_ran_over_it(world: World) -> None:
    publish(world, 2030, A_DAY_OF_2030)
    publish(world, 2031, NEW_YEAR)
    ticket, earlier = dispatched(world), dispatched(world, datetime(2030, 12, 16, 2, tzinfo=UTC))
    run_all(world)
    assert due(world, ticket) == ("2031-01-03T09:30:00.000Z", False)
    untouched = due(world, earlier)
    admin = world.phone("admin")
    admin.do("calendar.correct", day="2030-12-31", free=True, name="临时放假")
    runs = run_all(world)
    assert (runs[0]["reason"], runs[0]["total"], runs[0]["changed"]) == ("2030-12-31 更正", 1, 1)
    assert due(world, ticket) == ("2031-01-04T09:30:00.000Z", False)  # a worked Saturday
    assert due(world, earlier) == untouched
    admin.do("calendar.correct", day="2030-12-31", free=None)
    run_all(world)
    assert due(world, ticket) == ("2031-01-03T09:30:00.000Z", False)


def test_what_is_met_stays_as_it_was_kept_and_elapsed_hours_do_not_move(world: World) -> None:
    ticket = dispatched(world)
    sign = due(world, ticket, "sign")
    world.play("liaison", "ticket.sign", ticket, AT)
    publish(world, 2030, [*A_DAY_OF_2030, {"day": "2030-12-30", "free": True, "name": "临时放假"}])
    publish(world, 2031, NEW_YEAR)
    run_all(world)
    assert due(world, ticket, "sign") == sign
    assert due(world, ticket) == ("2031-01-04T09:30:00.000Z", False)
    assert due(world, ticket, "return") == ("2030-12-31T09:30:00.000Z", False)
    with world.database.read() as session:
        assert session.get_one(Ticket, ticket).next_due_at == datetime(2031, 1, 4, 9, 30, tzinfo=UTC)


def test_a_killed_run_goes_on_behind_its_last_batch(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recompute, "BATCH", 2)
    tickets = sorted(dispatched(world) for _ in range(5))
    publish(world, 2031, NEW_YEAR)
    with world.database.read() as session:
        run_id = session.query(Recomputation.id).scalar()
    assert run_id is not None
    assert recompute._batch(world.database, run_id, clock.now()) is True
    calendar = world.phone("admin").call("GET", "/api/v1/calendar").get_json()
    assert (calendar["runs"][0]["done"], calendar["runs"][0]["total"]) == (2, 5)
    assert calendar["runs"][0]["finished_at"] is None
    recompute.work(world.database, run_id, clock.now())
    assert {due(world, ticket)[0] for ticket in tickets} == {"2031-01-03T09:30:00.000Z"}
    versions = {world.liaison.ticket(ticket)["version"] for ticket in tickets}
    assert len(versions) == 1, "each was changed once"


def test_a_run_given_up_says_so(world: World) -> None:
    publish(world, 2031, NEW_YEAR)
    with world.database.read() as session:
        run_id = session.query(Recomputation.id).scalar()
    recompute.give_up(world.database, str(run_id), clock.now())
    assert world.phone("admin").call("GET", "/api/v1/calendar").get_json()["runs"][0]["failed_at"]


@pytest.mark.parametrize(
    ("command", "args", "code"),
    [
        ("calendar.publish", {"year": 2026, "days": A_DAY_OF_2030}, "calendar_year_known"),
        ("calendar.publish", {"year": 2031, "days": A_DAY_OF_2030}, "calendar_day_wrong"),
        (
            "calendar.publish",
            {"year": 2031, "days": [{"day": "2031-01-02", "free": False, "name": ""}]},
            "calendar_day_wrong",
        ),
        ("calendar.publish", {"year": 2031, "days": [NEW_YEAR[0], NEW_YEAR[0]]}, "calendar_day_wrong"),
        ("calendar.correct", {"day": "2031-01-02", "free": True}, "calendar_year_unknown"),
        ("calendar.correct", {"day": "2026-12-30", "free": False}, "calendar_day_wrong"),
    ],
)
def test_what_makes_no_sense_is_refused(world: World, command: str, args: dict[str, Any], code: str) -> None:
    source = {"source": "国务院办公厅通知"} if command == "calendar.publish" else {}
    assert world.phone("admin").refused(command, **source | args) == code


def test_only_an_administrator_changes_the_calendar_and_everybody_sees_it(world: World) -> None:
    for who in ("liaison", "station", "leader"):
        phone = world.phone(who)
        assert phone.refused("calendar.correct", day="2026-12-30", free=True) == "not_permitted"
        years = phone.call("GET", "/api/v1/calendar").get_json()["years"]
        assert {"day": "2026-10-10", "free": False, "name": "国庆节"} in next(
            y["days"] for y in years if y["year"] == 2026
        )
    assert date(2026, 12, 30).weekday() < 5
