"""Every documented answer is what its schema says, field by field: an unknown or missing field is an error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from examples import EXAMPLES, STAGES, Scene, home, prepared
from lasting import make_config
from marshmallow import Schema
from scenario import REASON, World, photo

from app import clock
from app.bundles.schemas import BundlesOut
from app.demo.routes import DemoAccounts
from app.evidence.storage import DiskStore
from app.factory import create_app
from app.fieldwork.routes import Ledger
from app.health import VersionOut
from app.ids import new_id
from app.intake.schemas import BlocksOut
from app.oversight import schemas_http as oversight
from app.oversight.findings import jobs as findings
from app.oversight.findings.schemas import FindingsOut, TicketFindingsOut
from app.people.schemas import DeviceOut, SessionOut
from app.reminders import schemas_http as reminders
from app.reminders.jobs import tick
from app.sync.registry import REGISTRY
from app.sync.schemas import BatchOut, PullOut, TicketOut
from app.sync.ticket_routes import ListOut, TimelineOut
from app.tickets.schemas_http import Revealed

SCHEMAS: dict[str, Schema] = {
    "GET /api/v1/version": VersionOut(), "GET /api/v1/auth/devices": DeviceOut(many=True),
    "GET /api/v1/sync/pull": PullOut(), "POST /api/v1/sync/commands": BatchOut(), "GET /api/v1/tickets": ListOut(),
    "GET /api/v1/tickets/{ticket_id}": TicketOut(), "GET /api/v1/tickets/{ticket_id}/timeline": TimelineOut(),
    "POST /api/v1/tickets/{ticket_id}/caller": Revealed(), "POST /api/v1/auth/login": SessionOut(),
    "POST /api/v1/auth/refresh": SessionOut(), "GET /api/v1/tickets/{ticket_id}/copy-blocks": BlocksOut(),
    "GET /api/v1/tickets/{ticket_id}/bundles": BundlesOut(),
    "GET /api/v1/commitments": Ledger(), "GET /api/v1/oversight/escalations": oversight.EscalationsOut(),
    "GET /api/v1/oversight/repeated": oversight.RepeatedOut(), "GET /api/v1/oversight/assists": oversight.LettersOut(),
    "GET /api/v1/oversight/consultations": oversight.ConsultationsOut(), "GET /api/v1/demo/accounts": DemoAccounts(),
    "GET /api/v1/oversight/findings": FindingsOut(),
    "GET /api/v1/oversight/tickets/{ticket_id}/findings": TicketFindingsOut(),
    "GET /api/v1/reminders/late": reminders.LateOut(), "GET /api/v1/reminders/reachability": reminders.ReachOut(),
    "GET /api/v1/tickets/{ticket_id}/reminders": reminders.LadderOut(),
}  # fmt: skip
ELSEWHERE = (
    "/api/v1/push/",
    "/api/v1/channels",
    "/api/v1/deliveries",
    "/api/v1/evidence/",
    "/api/v1/intake/",
    "/api/v1/people/",
    "/api/v1/reports/",
    "/api/v1/roots",
    "/api/v1/bundles/",
    "/api/v1/policies/",
    "/api/v1/calendar",
    "/api/v1/oversight/inspections/",
)
EMPTY = {"POST /api/v1/auth/logout", "DELETE /api/v1/auth/devices/{device_id}", "POST /api/v1/auth/password"}


def conforms(route: str, answer: Any) -> Any:
    """Load the answer by its schema; marshmallow refuses what is not declared."""
    assert answer.status_code == 200, (route, answer.text)
    body = answer.get_json()
    assert SCHEMAS[route].validate(body) == {}, route
    return body


def test_every_documented_route_is_compared(shared: World) -> None:
    paths = shared.app.extensions["doorstep.api"].spec.to_dict()["paths"]
    documented = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods
                  if method in ("get", "post", "delete", "put", "patch")}  # fmt: skip
    others = {route for route in documented if route.partition(" ")[2].startswith((*ELSEWHERE, "/healthz"))}
    assert documented - others - EMPTY == set(SCHEMAS)


@pytest.mark.slow
def test_a_life_in_full_conforms_at_every_step(shared: World) -> None:
    """Each command once, so that every list of a ticket's detail has been filled."""
    for name in sorted(set(REGISTRY) - {"reminder.acknowledge", "membership.end"}):
        world = home(shared, name)
        who, scene, args = prepared(world, name)
        command = world.phone(who).command(name, scene.ticket_id, **args)
        body = {"sent_at": command["captured_at"], "commands": [command]}
        sent = world.phone(who).call("POST", "/api/v1/sync/commands", json=body)
        answer = conforms("POST /api/v1/sync/commands", sent)
        assert answer["receipts"][0]["status"] == "applied", (name, answer["receipts"])
        if scene.ticket_id:
            url = f"/api/v1/tickets/{scene.ticket_id}"
            conforms("GET /api/v1/tickets/{ticket_id}", world.station.call("GET", url))
            copied = world.station.call("GET", f"{url}/copy-blocks")
            conforms("GET /api/v1/tickets/{ticket_id}/copy-blocks", copied)
            conforms("GET /api/v1/tickets/{ticket_id}/timeline", world.station.call("GET", f"{url}/timeline"))
    assert set(EXAMPLES) == set(REGISTRY)


def test_what_is_read_conforms_for_every_role(shared: World) -> None:
    ticket_id = STAGES["arrived"](shared).ticket_id
    anonymous = shared.handling(caller={"anonymous": True, "confidential": True}, position={"lat": 40.0, "lon": 110.0})
    for who in ("liaison", "leader", "station", "supervisor", "admin"):
        phone = shared.phone(who)
        pulled = conforms("GET /api/v1/sync/pull", phone.call("GET", "/api/v1/sync/pull"))
        again = phone.call("GET", "/api/v1/sync/pull", query_string={"cookie": pulled["cookie"]})
        conforms("GET /api/v1/sync/pull", again)
        conforms("GET /api/v1/auth/devices", phone.call("GET", "/api/v1/auth/devices"))
        for state in ("open", "overdue", "settled"):
            conforms("GET /api/v1/commitments", phone.call("GET", f"/api/v1/commitments?state={state}"))
        for query in ("", "?sort=new", "?state=handling&q=灯", "?page_size=1", "?priority=urgent"):
            conforms("GET /api/v1/tickets", phone.call("GET", f"/api/v1/tickets{query}"))
    reveal = {"json": {"reason": "约上门时间"}}
    for known in (ticket_id, anonymous):
        answer = shared.liaison.call("POST", f"/api/v1/tickets/{known}/caller", **reveal)
        conforms("POST /api/v1/tickets/{ticket_id}/caller", answer)
    conforms("GET /api/v1/version", shared.app.test_client().get("/api/v1/version"))


def test_what_will_be_late_and_who_answers_conforms(shared: World) -> None:
    ticket_id = shared.dispatched()
    tick(shared.app.extensions["doorstep.db"], clock.now())
    late = conforms("GET /api/v1/reminders/late", shared.station.call("GET", "/api/v1/reminders/late?hours=48"))
    assert ticket_id in {row["ticket"]["id"] for row in late["tickets"]}
    answer = shared.station.call("GET", f"/api/v1/tickets/{ticket_id}/reminders")
    shown = conforms("GET /api/v1/tickets/{ticket_id}/reminders", answer)
    assert {row["state"] for row in shown["reminders"]} == {"fired", "planned"}
    reach = "/api/v1/reminders/reachability"
    assert conforms(f"GET {reach}", shared.station.call("GET", reach))["people"]
    for path in (reach, "/api/v1/reminders/late"):
        assert shared.liaison.call("GET", path).get_json()["code"] == "not_permitted"


def test_what_is_watched_conforms_with_something_in_each_list(shared: World) -> None:
    ticket_id = shared.registered()
    for name in ("consultation.record", "ticket.dispatch", "ticket.sign", "assist.ask", "escalation.raise"):
        who, args = EXAMPLES[name].who, EXAMPLES[name].args(shared, Scene(ticket_id))
        shared.phone(who).do(name, ticket_id, **args)
    again = shared.registered()
    for _ in range(3):
        args = {"request_id": new_id()}
        shared.station.do("ticket.dispatch", again, unit_id=shared.units["town"].id, grounds="职责范围")
        shared.liaison.do("request.return", again, reason=REASON, **args)
        shared.station.do("request.decide", again, decision="approve", note="同意退回", **args)
    for path in ("escalations", "repeated", "consultations", "assists"):
        route = f"GET /api/v1/oversight/{path}"
        body = conforms(route, shared.phone("supervisor").call(*route.split()))
        rows = body["tickets" if path == "repeated" else path]
        assert rows, path
        assert shared.liaison.call(*route.split()).status_code == 403


def test_findings_conform_with_a_comparison_a_dismissal_and_a_run(shared: World) -> None:
    store = DiskStore(shared.app.extensions["doorstep.config"].evidence_dir)
    content, copied = photo(91), shared.handling(area="别处")
    shared.liaison.declare(shared.handling(), content, "after")
    shared.liaison.declare(copied, content, "after", source="gallery")
    findings.begin_due(shared.database, clock.now())
    findings.look(shared.database, store, copied, clock.now())
    supervisor, of_ticket = shared.phone("supervisor"), f"/api/v1/oversight/tickets/{copied}/findings"
    route = "GET /api/v1/oversight/tickets/{ticket_id}/findings"
    for found in conforms(route, supervisor.call("GET", of_ticket))["findings"]:
        supervisor.do("finding.dismiss", copied, finding_id=found["id"], reason="已与联络员核实")
    shown = conforms(route, supervisor.call("GET", of_ticket))["findings"]
    assert {f["kind"] for f in shown if f["dismissed"]} == {"gallery", "same_file"}
    assert [f["kind"] for f in shown if f["compared"]] == ["same_file"]
    listed = conforms("GET /api/v1/oversight/findings", supervisor.call("GET", "/api/v1/oversight/findings?state=all"))
    assert listed["findings"] and listed["run"]


@pytest.mark.parametrize("demo", [True, False])
def test_the_demonstrations_accounts_are_told_in_the_demonstration_only(tmp_path: Path, demo: bool) -> None:
    config = make_config("sqlite://", tmp_path, demo=demo)
    answer = create_app(config).test_client().get("/api/v1/demo/accounts")
    if demo:
        assert conforms("GET /api/v1/demo/accounts", answer)["accounts"]
    else:
        assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found")


def test_signing_in_and_staying_in_conform(shared: World) -> None:
    client = shared.app.test_client()
    device = {"id": new_id(), "name": "手机", "platform": ""}
    body = {"phone": shared.people["deputy"].phone, "password": "only-for-these-tests", "device": device}
    conforms("POST /api/v1/auth/login", client.post("/api/v1/auth/login", json=body))
    conforms("POST /api/v1/auth/refresh", client.post("/api/v1/auth/refresh", headers={"X-Doorstep": "1"}))


PROBLEM = {"type", "title", "status", "code", "detail", "facts"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nowhere", 404), ("GET", "/api/v1/sync/commands", 405), ("GET", "/api/v1/sync/pull", 401),
        ("POST", "/api/v1/auth/login", 422), ("GET", "/api/v1/tickets/not-an-id", 404), ("PUT", "/api/v1/version", 405),
    ],
)  # fmt: skip
def test_every_fault_is_a_problem_with_a_sentence(shared: World, method: str, path: str, status: int) -> None:
    answer = shared.app.test_client().open(path, method=method)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.get_json().keys() - {"errors"} == PROBLEM
    assert answer.get_json()["status"] == status and answer.get_json()["detail"].endswith("。")


@pytest.mark.parametrize("sort", ["due", "new"])
def test_pages_together_are_the_whole_list_and_once(shared: World, sort: str) -> None:
    for number in range(7):
        shared.dispatched(priority=("urgent", "normal")[number % 2])
    whole = shared.station.call("GET", "/api/v1/tickets", query_string={"sort": sort, "page_size": 100}).get_json()
    expected = [t["id"] for t in whole["tickets"]]
    assert whole["next_cursor"] is None and len(expected) >= 7
    seen, cursor = [], None
    while True:
        query = {"sort": sort, "page_size": 3} | ({"cursor": cursor} if cursor else {})
        page = shared.station.call("GET", "/api/v1/tickets", query_string=query).get_json()
        seen += [t["id"] for t in page["tickets"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == expected


@pytest.mark.parametrize(
    "cursor",
    ["x", "====", "bnVsbA==", "W10=", "WyJ4Il0=", "WyJ4IiwxLDJd", "eyJhIjoxfQ==", "\x00", "字", "WzEsMiwzXQ=="],
)
@pytest.mark.parametrize("sort", ["due", "new"])
def test_a_cursor_that_is_none_is_refused(shared: World, cursor: str, sort: str) -> None:
    answer = shared.station.call("GET", "/api/v1/tickets", query_string={"cursor": cursor, "sort": sort})
    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["cursor"]), answer.text


def test_a_cursor_of_the_other_sorting_is_refused(shared: World) -> None:
    shared.registered(), shared.registered()  # a second page must exist, whichever tests ran before this one
    for sort, other in (("due", "new"), ("new", "due")):
        query = {"sort": sort, "page_size": 1}
        cursor = shared.station.call("GET", "/api/v1/tickets", query_string=query).get_json()["next_cursor"]
        assert cursor
        answer = shared.station.call("GET", "/api/v1/tickets", query_string={"cursor": cursor, "sort": other})
        assert answer.status_code == 422
