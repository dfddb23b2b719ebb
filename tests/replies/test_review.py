"""The station's review: accepting, waiting for proof, sending back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from marshmallow import ValidationError
from world import World, at_station, reply_of, seen, shown, submit

from app.db import Database
from app.evidence import lifecycle as evidence_states

DUE = datetime(2026, 11, 27, 10, tzinfo=UTC)


@pytest.fixture
def world(database_url: str) -> World:
    return World(Database(database_url))


def test_accepting_closes_the_ticket(world: World) -> None:
    ticket_id, photos = at_station(world, DUE)
    world.arrive(*photos)
    at = world.play("station", "review.accept", ticket_id, reply_id=seen(world, ticket_id)["reply_id"], note="详实")
    ticket = world.ticket(ticket_id)
    assert (ticket.state, ticket.closed_at) == ("closed", at)
    reply = reply_of(world, ticket_id)
    assert reply["state"] == "accepted"
    assert [s["role"] for s in reply["signatures"]] == ["leader", "station"]
    assert all(c.met_at or c.stopped_at for c in world.clocks(ticket_id).values())
    assert [name for name, _ in world.events(ticket_id)][-3:] == [
        "reply.submitted",
        "reply.signed_off",
        "review.accepted",
    ]


def test_the_station_waits_for_proof_that_is_on_its_way(world: World) -> None:
    ticket_id, (before, after) = at_station(world)
    reply_id = seen(world, ticket_id)["reply_id"]
    world.arrive(before)
    refusal = world.refused("station", "review.accept", ticket_id, reply_id=reply_id)
    assert (refusal.code, refusal.facts["evidence_ids"]) == ("evidence_in_flight", [after])
    world.arrive(after, state=evidence_states.READY)
    world.play("station", "review.accept", ticket_id, reply_id=reply_id)


def test_proof_that_turned_out_damaged_cannot_be_accepted_but_sent_back(world: World) -> None:
    ticket_id, (before, after) = at_station(world)
    reply_id = seen(world, ticket_id)["reply_id"]
    world.arrive(before)
    world.arrive(after, state=evidence_states.REJECTED)
    refusal = world.refused("station", "review.accept", ticket_id, reply_id=reply_id)
    assert (refusal.code, refusal.facts["evidence_ids"]) == ("evidence_lost", [after])
    world.play("station", "review.send_back", ticket_id, reply_id=reply_id, reasons=["办理后照片损坏，请补拍"])


def test_a_ticket_bound_for_the_city_centre_goes_back_only_when_that_is_meant(world: World) -> None:
    ticket_id, _ = at_station(world)
    reply_id = seen(world, ticket_id)["reply_id"]
    world.play("station", "ticket.report_to_centre", ticket_id, note="短期内无法解决，报市中心")
    args = {"reply_id": reply_id, "reasons": ["请补充政策依据"]}
    assert world.refused("station", "review.send_back", ticket_id, **args).code == "ticket_reported"
    assert world.ticket(ticket_id).redo_count == 0
    world.play("station", "review.send_back", ticket_id, **args, acknowledge=["ticket_reported"])
    assert world.ticket(ticket_id).redo_count == 1


def test_sending_back_counts_a_redo_and_the_deadline_runs_again(world: World) -> None:
    ticket_id, photos = at_station(world, DUE)
    due = world.clocks(ticket_id)["feedback"].due_at
    reply_id = seen(world, ticket_id)["reply_id"]
    world.play("station", "review.send_back", ticket_id, reply_id=reply_id, reasons=["未写明来电人意见"])
    ticket = world.ticket(ticket_id)
    assert (ticket.state, ticket.redo_count, ticket.next_due_at) == ("redo", 1, DUE)
    clocks = world.clocks(ticket_id)
    assert clocks["feedback"].met_at is None and clocks["upload_target"].met_at is None
    assert clocks["feedback"].due_at == due == DUE
    assert clocks["sign"].met_at is not None
    assert reply_of(world, ticket_id)["sent_back"]["reasons"] == ["未写明来电人意见"]
    submit(world, ticket_id, photos)
    at = world.play("leader", "reply.sign_off", ticket_id, **seen(world, ticket_id))
    assert world.clocks(ticket_id)["feedback"].met_at == at
    world.play("station", "review.send_back", ticket_id, reply_id=seen(world, ticket_id)["reply_id"], reasons=["重写"])
    assert world.ticket(ticket_id).redo_count == 2
    assert [r["state"] for r in shown(world, ticket_id)["replies"]] == ["sent_back", "sent_back"]


def test_reasons_are_required(world: World) -> None:
    ticket_id, _ = at_station(world)
    reply_id = seen(world, ticket_id)["reply_id"]
    for reasons in ([], [" "], ["短" * 1001]):
        with pytest.raises(ValidationError):
            world.play("station", "review.send_back", ticket_id, reply_id=reply_id, reasons=reasons)
