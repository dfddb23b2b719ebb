"""Five jurisdictions in one deployment, each under its own profile, none in sight of another (A7)."""

from __future__ import annotations

from typing import Any

import pytest
from conformance.towns import town
from scenario import Phone, World

from app.ids import new_id

PROFILES = ("dalad", "hedong", "uxin", "hukou", "xinqiao")


def pulled(phone: Phone) -> str:
    return str(phone.pull())


@pytest.mark.clause("A7")
def test_each_works_under_its_own_profile(world: World) -> None:
    seen: dict[str, dict[str, Any]] = {}
    for profile in PROFILES:
        here = town(world, profile)
        ticket_id = here.handling()
        ticket = here.liaison.ticket(ticket_id)
        assert ticket["policy_id"].partition("@")[0] == profile
        shown = here.liaison.call("GET", f"/api/v1/policies/{profile}").get_json()
        assert shown["id"] == ticket["policy_id"]
        clocks = {c["clock"]: c["derivation"] for c in ticket["clocks"]}
        seen[profile] = {"name": shown["name"], "feedback": clocks["feedback"].split("，")[0]}
    assert [seen[p]["feedback"] for p in PROFILES] == ["5 个工作日", "4 个工作日", "3 天", "8 个工作日", "10 个工作日"]
    assert len({found["name"] for found in seen.values()}) == len(PROFILES)


@pytest.mark.clause("A7")
def test_no_one_sees_or_touches_what_is_anothers(world: World) -> None:
    tickets = {profile: town(world, profile).handling() for profile in PROFILES}
    numbers = {p: town(world, p).liaison.ticket(t)["number"] for p, t in tickets.items()}
    for profile in PROFILES:
        here = town(world, profile)
        for who in ("liaison", "station", "supervisor", "admin", "chief"):
            phone = here.phone(who)
            listed = phone.call("GET", "/api/v1/tickets?page_size=100").text
            everything = pulled(phone) + listed
            for other in set(PROFILES) - {profile}:
                theirs = tickets[other]
                assert theirs not in everything and numbers[other] not in everything, (profile, who, other)
                assert phone.call("GET", f"/api/v1/tickets/{theirs}").status_code == 404
                assert phone.call("GET", f"/api/v1/tickets/{theirs}/timeline").status_code == 404
                assert phone.call("GET", f"/api/v1/policies/{other}").status_code == 404
                assert phone.refused("thread.post", theirs, message_id=new_id(), text="越界留言") == "ticket_not_found"
        other = next(p for p in PROFILES if p != profile)
        give = {"unit_id": town(world, other).units["town"].id} | here.basis()
        waiting = here.registered()
        here.centre_done(waiting)
        assert here.station.refused("ticket.dispatch", waiting, **give) == "unit_not_found"


@pytest.mark.clause("A7")
def test_the_same_number_may_stand_in_two_places(world: World) -> None:
    number = f"SAME{new_id()[-6:]}"
    ids = {profile: town(world, profile).registered(number=number) for profile in ("hedong", "hukou")}
    for profile, ticket_id in ids.items():
        assert town(world, profile).station.ticket(ticket_id)["number"] == number
    again = town(world, "hedong").intake_args(number=number)
    assert town(world, "hedong").station.refused("ticket.intake", new_id(), **again) == "ticket_exists"


@pytest.mark.clause("A7")
def test_a_new_version_in_one_place_changes_nothing_in_another(world: World) -> None:
    xinqiao, hukou = town(world, "xinqiao"), town(world, "hukou")
    before = hukou.liaison.call("GET", "/api/v1/policies/hukou").get_json()
    admin = xinqiao.phone("admin")
    text = admin.call("GET", "/api/v1/policies/xinqiao/text").get_json()["text"]
    text = text.replace("\nversion = 1\n", "\nversion = 2\n", 1)
    assert hukou.phone("admin").call("POST", "/api/v1/policies/xinqiao/publish", json={"text": text}).status_code == 404
    refused = hukou.phone("admin").call("POST", "/api/v1/policies/hukou/publish", json={"text": text})
    assert (refused.status_code, refused.get_json()["code"]) == (422, "policy_invalid")
    assert hukou.liaison.call("GET", "/api/v1/policies/hukou").get_json() == before
