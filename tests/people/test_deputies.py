"""Deputies: for a term, for leading roles only, no chains, and every act says for whom it was done (H3.2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from scenario import World, later

from app import clock
from app.ids import new_id
from app.people.queries import actor_of, holders_of


def term(world: World, principal: str, deputy: str, **other: Any) -> dict[str, Any]:
    args = {
        "deputation_id": new_id(), "principal": world.people[principal].id, "deputy": world.people[deputy].id,
        "since": later(-1), "until": later(48), "reason": "外出学习",
    }  # fmt: skip
    return args | other


@pytest.fixture(autouse=True)
def _nothing_left(shared: World) -> None:
    for row in shared.station.call("GET", "/api/v1/people/deputations").get_json():
        shared.station.do("deputation.end", deputation_id=row["id"])


@pytest.mark.clause("H3.2")
def test_a_deputy_signs_in_the_leaders_place_and_the_journal_says_so(shared: World) -> None:
    ticket_id = shared.handling()
    shared.liaison.reply(ticket_id)
    reply = shared.leader.detail(ticket_id)["replies"][-1]
    seen = {"reply_id": reply["id"], "content_hash": reply["content_hash"]}
    stranger = shared.phone("neighbour")
    assert stranger.refused("reply.sign_off", ticket_id, **seen) == "ticket_not_found"
    shared.leader.do("deputation.appoint", **term(shared, "leader", "neighbour"))
    role = next(r for r in stranger.pull()["me"]["roles"] if r["acting_for"])
    assert (role["role"], role["unit_id"]) == ("leader", shared.units["town"].id)
    assert role["acting_for"] == {"id": shared.leader.person_id, "name": "分管领导甲"}
    stranger.do("reply.sign_off", ticket_id, **seen)
    assert shared.station.ticket(ticket_id)["state"] == "reviewing"


def test_the_term_begins_and_ends_by_the_clock_and_reaches_the_phone(shared: World) -> None:
    deputy = shared.phone("neighbour")
    shared.leader.do("deputation.appoint", **term(shared, "leader", "neighbour", since=later(24)))
    assert all(r["acting_for"] is None for r in deputy.pull()["me"]["roles"]), "not before the term"
    with shared.database.read() as session:

        def acting(hours: float) -> bool:
            at = clock.now() + timedelta(hours=hours)
            actor = actor_of(session, deputy.person_id, None, at)
            return actor is not None and any(grant.acting_for for grant in actor.grants)

        assert [acting(hours) for hours in (23, 25, 47, 49)] == [False, True, True, False]


def test_ending_it_takes_the_role_away_at_once(shared: World) -> None:
    args = term(shared, "leader", "neighbour")
    shared.leader.do("deputation.appoint", **args)
    ticket_id = shared.handling()
    deputy = shared.phone("neighbour")
    deputy.do("thread.post", ticket_id, message_id=new_id(), text="已了解")
    assert deputy.refused("deputation.end", deputation_id=args["deputation_id"]) == "not_permitted"
    shared.leader.do("deputation.end", deputation_id=args["deputation_id"])
    assert deputy.refused("thread.post", ticket_id, message_id=new_id(), text="还在") == "ticket_not_found"
    assert shared.leader.refused("deputation.end", deputation_id=args["deputation_id"]) == "deputation_not_found"


def test_only_what_the_principal_leads_is_deputed(shared: World) -> None:
    also = {"unit_id": shared.units["empty"].id, "person_id": shared.leader.person_id, "role": "liaison"}
    shared.phone("admin").do("membership.assign", **also)
    shared.leader.do("deputation.appoint", **term(shared, "leader", "neighbour"))
    acting = [r["role"] for r in shared.phone("neighbour").pull()["me"]["roles"] if r["acting_for"]]
    assert acting == ["leader"]
    shared.phone("admin").do("membership.end", **also)


def test_what_cannot_be_deputed(shared: World) -> None:
    leader, station = shared.leader, shared.station
    assert leader.refused("deputation.appoint", **term(shared, "leader", "leader")) == "deputation_invalid"
    backwards = term(shared, "leader", "deputy", until=later(-2))
    assert leader.refused("deputation.appoint", **backwards) == "deputation_invalid"
    assert station.refused("deputation.appoint", **term(shared, "liaison", "deputy")) == "deputation_invalid"
    assert leader.refused("deputation.appoint", **term(shared, "chief", "deputy")) == "not_permitted", "not one's own"
    assert shared.liaison.refused("deputation.appoint", **term(shared, "leader", "liaison")) == "not_permitted"
    ghost = term(shared, "leader", "deputy") | {"deputy": new_id()}
    assert leader.refused("deputation.appoint", **ghost) == "person_not_found"


def test_no_chains_and_one_deputy_at_a_time(shared: World) -> None:
    leader, station, chief = shared.leader, shared.station, shared.phone("chief")
    leader.do("deputation.appoint", **term(shared, "leader", "reviewer"))
    assert leader.refused("deputation.appoint", **term(shared, "leader", "deputy")) == "deputation_chain"
    passed_on = term(shared, "reviewer", "deputy")
    assert shared.phone("reviewer").refused("deputation.appoint", **passed_on) == "deputation_chain"
    assert chief.refused("deputation.appoint", **term(shared, "chief", "leader")) == "deputation_chain", "who is away"
    afterwards = term(shared, "leader", "deputy", since=later(49), until=later(60))
    station.do("deputation.appoint", **afterwards)
    listed = leader.call("GET", "/api/v1/people/deputations").get_json()
    assert [(row["deputy"]["name"], row["now"]) for row in listed] == [("部门负责人甲", True), ("联络员乙", False)]
    assert shared.phone("neighbour").call("GET", "/api/v1/people/deputations").get_json() == []


def test_who_stands_in_is_asked_too(shared: World) -> None:
    shared.leader.do("deputation.appoint", **term(shared, "leader", "neighbour"))
    with shared.database.read() as session:
        asked = holders_of(session, shared.units["town"].id, ("leader",), clock.now())
    assert asked == {shared.leader.person_id: "分管领导甲", shared.people["neighbour"].id: "联络员丙"}
