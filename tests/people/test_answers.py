"""Every documented answer on people and rates against its schema, with something in each of its lists."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from examples import EXAMPLES, Scene
from marshmallow import Schema
from scenario import World, later

from app import clock
from app.ids import new_id
from app.people import schemas_http
from app.people.roster import schemas_http as roster
from app.reports import schemas as reports
from app.reports.rates import month_of

SCHEMAS: dict[str, Schema] = {
    "GET /api/v1/people/directory": schemas_http.Directory(),
    "GET /api/v1/people/accounts": schemas_http.Account(many=True),
    "GET /api/v1/people/deputations": schemas_http.DeputationOut(many=True),
    "GET /api/v1/people/training": schemas_http.TrainingYear(),
    "GET /api/v1/people/roster/units/{unit_id}": roster.RosterMonth(),
    "GET /api/v1/people/roster/mine": roster.OwnRoster(),
    "GET /api/v1/people/roster/gaps": roster.RosterGaps(),
    "POST /api/v1/people/roster/units/{unit_id}/preview": roster.PlanPreview(),
    "POST /api/v1/people/accounts/{person_id}/first-password": schemas_http.FirstPassword(),
    "GET /api/v1/reports/rates": reports.RatesOut(),
    "GET /api/v1/reports/rates/{rate}/tickets": reports.CasesOut(),
}


@pytest.fixture
def world(shared: World) -> World:
    """A town where somebody stands in, somebody is on duty, was trained, and was late."""
    for name in ("training.record", "person.enrol"):
        shared.phone("admin").do(name, **EXAMPLES[name].args(shared, Scene(None)))
    term = {"principal": shared.leader.person_id, "deputy": shared.people["reviewer"].id, "reason": "休假"}
    shared.leader.try_("deputation.appoint", deputation_id=new_id(), since=later(), until=later(24), **term)
    duty = {"duty_id": new_id(), "unit_id": shared.units["town"].id, "person_id": shared.liaison.person_id}
    shared.liaison.do("duty.set", rank="A", **duty, **{"from": later(), "until": later(9)})
    shared.liaison.do("swap.ask", **EXAMPLES["swap.ask"].args(shared, Scene(None)))
    shared.liaison.do("leave.take", **EXAMPLES["leave.take"].args(shared, Scene(None)))
    return shared


def test_every_answer_is_what_the_document_says(world: World) -> None:
    late = world.dispatched(ago=timedelta(days=3))
    month = month_of(clock.parse(world.station.clock_of(late, "sign")["due_at"]), "Asia/Shanghai").month
    wanted: dict[str, Any] = {
        "{person_id}": world.people["deputy"].id, "{rate}": "response", "{unit_id}": world.units["town"].id,
    }  # fmt: skip
    for route, schema in SCHEMAS.items():
        method, path = route.split()
        for mark, value in wanted.items():
            path = path.replace(mark, value)
        query = {"month": month} if "reports" in path else {}
        sent = {"json": _pattern(world)} if path.endswith("/preview") else {}
        who = "admin" if method == "POST" else "deputy" if path.endswith("/mine") else "station"
        answer = world.phone(who).call(method, path, query_string=query, **sent)
        assert answer.status_code == 200, (route, answer.text)
        body = answer.get_json()
        assert schema.validate(body) == {}, route
        assert body, route
    rows = world.station.call("GET", "/api/v1/reports/rates/response/tickets", query_string={"month": month})
    assert late in {row["id"] for row in rows.get_json()["tickets"]}


def _pattern(world: World) -> dict[str, Any]:
    people = [world.people["liaison"].id, world.people["deputy"].id]
    span = {"first": later(24)[:10], "last": later(24 * 9)[:10]}
    return span | {"people": people, "every": "week", "backup": "next", "apart": True, "replace": True}


def test_no_documented_route_is_left_out(shared: World) -> None:
    paths = shared.app.extensions["doorstep.api"].spec.to_dict()["paths"]
    documented = {
        f"{method.upper()} {path}"
        for path, methods in paths.items()
        for method in methods
        if path.startswith(("/api/v1/people/", "/api/v1/reports/")) and method in ("get", "post", "delete")
    }
    assert documented == set(SCHEMAS)
