"""河东区: return, unlawful or out-of-scope demands, commitments, supervision orders (二(一), 二(二))."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from scenario import World, later

from app import clock
from app.fieldwork.routes import Ledger
from app.ids import new_id


@pytest.fixture(scope="module")
def world(shared: World) -> World:
    return World(shared.app, "hedong")


def noncompliant(**other: Any) -> dict[str, Any]:
    args = {
        "request_id": new_id(), "kind": "noncompliant", "grounds": ["unlawful"],
        "reason": "反映人要求保留占压消防通道的违建，经约见解释和社区调解仍不接受。",
        "fields": {"mediation": "十一月二十日在社区约见，司法所参加调解，讲明消防法规定。"},
    }  # fmt: skip
    return args | other


def decide(world: World, who: str, ticket_id: str, request_id: str, decision: str = "approve") -> None:
    args = {"request_id": request_id, "decision": decision, "note": "经核实，意见如上"}
    world.phone(who).do("request.decide", ticket_id, **args)


@pytest.mark.clause("H2.2d")
def test_first_meet_explain_and_mediate_then_the_procedure_is_open(world: World) -> None:
    ticket_id, liaison = world.handling(), world.liaison
    assert liaison.refused("request.ask", ticket_id, **noncompliant()) == "request_not_visited"
    liaison.visit(ticket_id, mode="persuade")
    assert liaison.refused("request.ask", ticket_id, **noncompliant()) == "request_caller_not_told"
    liaison.contact(ticket_id, purpose="second")
    assert liaison.refused("request.ask", ticket_id, **noncompliant(grounds=[])) == "request_ground_missing"
    assert liaison.refused("request.ask", ticket_id, **noncompliant(fields={})) == "request_field_missing"
    liaison.do("request.ask", ticket_id, **noncompliant())


@pytest.mark.clause("H2.2d")
@pytest.mark.parametrize("signer", ["leader", "chief"])
def test_a_leader_signs_the_centre_reviews_and_the_demand_is_closed_as_noncompliant(world: World, signer: str) -> None:
    ticket_id, asked = world.handling(), noncompliant()
    world.liaison.visit(ticket_id, mode="persuade")
    world.liaison.contact(ticket_id, purpose="second")
    world.liaison.do("request.ask", ticket_id, **asked)
    yes = {"request_id": asked["request_id"], "decision": "approve", "note": "同意"}
    assert world.station.refused("request.decide", ticket_id, **yes) == "request_not_your_turn"
    decide(world, signer, ticket_id, asked["request_id"])
    decide(world, "station", ticket_id, asked["request_id"])
    ticket = world.liaison.ticket(ticket_id)
    assert (ticket["state"], ticket["closed_how"]) == ("closed", "noncompliant")


@pytest.mark.clause("H2.1d", partial="the ledger and its following; the promise inside a reply stands with the replies")
def test_a_promise_stands_in_the_ledger_until_it_is_kept(world: World) -> None:
    ticket_id, liaison = world.handling(), world.liaison
    promise = {"commitment_id": new_id(), "text": "春节前完成主管网更换并恢复供水", "due_at": later(24 * 20)}
    assert liaison.refused("commitment.make", ticket_id, **promise | {"due_at": later(-1)}) == "commitment_date_wrong"
    liaison.contact(ticket_id, purpose="told")
    liaison.do("commitment.make", ticket_id, **promise)
    assert liaison.refused("commitment.make", ticket_id, **promise) == "id_taken"

    def ledger(state: str) -> dict[str, dict[str, Any]]:
        answer = world.station.call("GET", "/api/v1/commitments", query_string={"state": state}).get_json()
        assert Ledger().validate(answer) == {}
        return {entry["id"]: entry for entry in answer["commitments"]}

    entry = ledger("open")[promise["commitment_id"]]
    assert (entry["due_at"], entry["overdue"], entry["unit"]["name"]) == (promise["due_at"], False, "树林召镇人民政府")
    settle = {"commitment_id": promise["commitment_id"], "outcome": "replaced", "note": "管材延迟到货"}
    assert liaison.refused("commitment.settle", ticket_id, **settle) == "commitment_date_missing"
    following = {"commitment_id": new_id(), "due_at": later(24 * 30)}
    liaison.do("commitment.settle", ticket_id, **settle, following=following)
    assert promise["commitment_id"] not in ledger("open")
    assert ledger("settled")[promise["commitment_id"]]["replaced_by"] == following["commitment_id"]
    kept = {"commitment_id": following["commitment_id"], "outcome": "kept", "note": "已通水，回访群众确认"}
    world.station.do("commitment.settle", ticket_id, **kept)
    assert following["commitment_id"] not in ledger("open")
    assert liaison.refused("commitment.settle", ticket_id, **kept) == "commitment_settled"


@pytest.mark.clause("H2.1d", partial="the ledger and its following; the promise inside a reply stands with the replies")
def test_a_promise_not_kept_in_time_is_shown_as_overdue(world: World) -> None:
    ticket_id = world.handling(ago=timedelta(days=3))
    at = clock.now() - timedelta(days=2)
    call = {"purpose": "told", "to": "caller", "channel": "phone", "outcome": "reached", "started_at": clock.iso(at)}
    world.play("liaison", "contact.record", ticket_id, at, contact_id=new_id(), **call)
    promise = {"commitment_id": new_id(), "text": "两日内补种被毁的行道树", "due_at": later(-1)}
    world.play("liaison", "commitment.make", ticket_id, at, **promise)
    answer = world.station.call("GET", "/api/v1/commitments", query_string={"state": "overdue"}).get_json()
    found = {entry["id"]: entry["overdue"] for entry in answer["commitments"]}
    assert found[promise["commitment_id"]] is True
    neighbour = world.phone("neighbour").call("GET", "/api/v1/commitments").get_json()["commitments"]
    assert promise["commitment_id"] not in {entry["id"] for entry in neighbour}
