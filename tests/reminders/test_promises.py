"""Promises to callers are called to mind before their date and after it, also once the ticket has closed (H2.1d)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from lasting import shared
from scenario import World

from app import clock
from app.ids import new_id
from app.reminders.jobs import catch_up, tick

__all__ = ["shared"]


@pytest.fixture(scope="module")
def world(shared: World) -> World:
    return World(shared.app, "hedong")


def told(world: World, who: str, ticket_id: str, at: datetime) -> list[str]:
    catch_up(world.database, at)
    tick(world.database, at)
    inbox = world.phone(who).pull()["inbox"]
    return [n["title"] for n in inbox if n["ticket_id"] == ticket_id and n["kind"] == "commitment_due"]


@pytest.mark.clause("H2.1d", partial="followed until kept; the promise inside a reply stands with the replies")
@pytest.mark.parametrize("closed", [False, True])
def test_a_promise_is_followed_until_it_is_kept(world: World, closed: bool) -> None:
    ticket_id = world.handling()
    world.liaison.contact(ticket_id, purpose="told")
    due = clock.now() + timedelta(days=30)
    promise = {"commitment_id": new_id(), "text": "三十日内完成主管网更换", "due_at": clock.iso(due)}
    world.liaison.do("commitment.make", ticket_id, **promise)
    if closed:
        args = {"request_id": new_id(), "kind": "noncompliant", "grounds": ["unlawful"]}
        args |= {
            "reason": "反映人要求保留占压消防通道的违建，经解释调解仍不接受。",
            "fields": {"mediation": "社区约见调解"},
        }
        world.liaison.visit(ticket_id, mode="persuade")
        world.liaison.do("request.ask", ticket_id, **args)
        for who in ("leader", "station"):
            world.phone(who).do(
                "request.decide", ticket_id, request_id=args["request_id"], decision="approve", note="同意"
            )
        assert world.liaison.ticket(ticket_id)["state"] == "closed"
    ahead = world.policy.commitments
    assert ahead is not None
    days = timedelta(days=ahead.remind_days)
    assert told(world, "liaison", ticket_id, due - days - timedelta(minutes=1)) == []
    assert len(told(world, "liaison", ticket_id, due - days)) == 1
    assert told(world, "leader", ticket_id, due - days) == []
    assert len(told(world, "liaison", ticket_id, due)) == 2
    assert len(told(world, "leader", ticket_id, due)) == len(told(world, "station", ticket_id, due)) == 1


def test_a_promise_kept_reminds_nobody(world: World) -> None:
    ticket_id = world.handling()
    world.liaison.contact(ticket_id, purpose="told")
    due = clock.now() + timedelta(days=30)
    promise = {"commitment_id": new_id(), "text": "三十日内完成主管网更换", "due_at": clock.iso(due)}
    world.liaison.do("commitment.make", ticket_id, **promise)
    catch_up(world.database, clock.now())
    kept = {"commitment_id": promise["commitment_id"], "outcome": "kept", "note": "已经完成"}
    world.liaison.do("commitment.settle", ticket_id, **kept)
    assert told(world, "liaison", ticket_id, due) == []
