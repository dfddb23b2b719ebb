"""People come, go, hand over and are on duty (D1, D6.1, D6.2)."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from examples import STAGES
from scenario import Phone, World, later, photo
from sqlalchemy import select

from app.ids import new_id
from app.journal.models import Event
from app.people.models import Person
from app.setup import add_member, add_person, add_unit, found_jurisdiction

_numbers = itertools.count(1)


def hire(world: World, name: str, unit: str, role: str = "liaison", rank: str | None = "B") -> Person:
    """A person of this test's own, so that leaving does not touch the others."""
    with world.database.unit_of_work() as session:
        place = found_jurisdiction(session, "dalad")
        person = add_person(session, place, name, f"1371111{next(_numbers):04d}", "only-for-these-tests")
        add_member(session, person, world.units[unit], role, rank)
    return person


def newcomer(world: World, name: str, unit: str = "town") -> tuple[Person, Phone]:
    person = hire(world, name, unit)
    return person, Phone(world.app.test_client(), person)


def hand_over(leaver: Person, heir: Person, **other: Any) -> dict[str, Any]:
    args = {"handover_id": new_id(), "from_person_id": leaver.id, "to_person_id": heir.id, "note": "调离"}
    return args | other


def place_events(world: World, name: str) -> list[dict[str, Any]]:
    """Payloads of the jurisdiction's events of one name, the newest last."""
    with world.database.read() as session:
        query = select(Event.payload).where(Event.subject_id == "dalad", Event.name == name).order_by(Event.seq)
        return list(session.scalars(query))


@pytest.mark.clause("D6.2")
def test_a_handover_moves_every_open_ticket_and_only_those(shared: World) -> None:
    leaver, phone = newcomer(shared, "离任者")
    heir = shared.people["deputy"]
    mine = [shared.dispatched() for _ in range(3)]
    for ticket_id in mine:
        phone.do("ticket.sign", ticket_id)
    draft = {"parts": {"result": "写到一半"}, "opinion": None, "evidence_ids": []}
    phone.do("draft.save", mine[0], **draft)
    others, unsigned = shared.handling(), shared.dispatched()
    finished = mine.pop()
    reply_id = phone.reply(finished)
    for evidence in phone.detail(finished)["evidence"]:
        phone.upload(evidence["id"], photo(40 if evidence["phase"] == "before" else 200))
    shared.sign_off(finished)
    shared.station.do("review.accept", finished, reply_id=reply_id)
    versions = {t: shared.station.ticket(t)["version"] for t in mine}

    phone.do("handover.execute", None, **hand_over(leaver, heir))
    for ticket_id in mine:
        ticket = shared.station.ticket(ticket_id)
        assert ticket["handler"] == {"id": heir.id, "name": heir.name}
        assert ticket["version"] == versions[ticket_id] + 1, "the phones are told"
        assert shared.station.events(ticket_id)[-1]["summary"] == f"工作交接：离任者 → {heir.name}"
    assert shared.station.ticket(others)["handler"]["id"] == shared.people["liaison"].id
    assert shared.station.ticket(unsigned)["handler"] is None
    assert shared.station.ticket(finished)["handler"]["id"] == leaver.id, "what is closed stays with who did it"
    assert shared.phone("deputy").detail(mine[0])["draft"]["parts"] == draft["parts"], "drafts move with the ticket"
    summary = place_events(shared, "handover.executed")[-1]
    assert (summary["from_person_id"], summary["to_person_id"], len(summary["tickets"])) == (leaver.id, heir.id, 2)


@pytest.mark.clause("D6.2")
def test_nobody_leaves_with_tickets_in_hand(shared: World) -> None:
    leaver, phone = newcomer(shared, "要走的人")
    ticket_id = shared.dispatched()
    phone.do("ticket.sign", ticket_id)
    end = {"unit_id": shared.units["town"].id, "person_id": leaver.id, "role": "liaison"}
    refusal = shared.station.try_("membership.end", None, **end)
    assert (refusal["code"], refusal["facts"]) == ("handover_needed", {"name": "要走的人", "count": 1})
    shared.leader.do("handover.execute", None, **hand_over(leaver, shared.people["liaison"]))
    shared.station.do("membership.end", None, **end)
    assert shared.station.refused("membership.end", None, **end) == "membership_not_found"
    assert phone.refused("thread.post", ticket_id, message_id=new_id(), text="还在吗") == "ticket_not_found"
    assert phone.pull()["tickets"] == [] and phone.pull()["me"]["roles"] == []
    assert place_events(shared, "membership.ended")[-1]["person_id"] == leaver.id


def test_a_handover_stays_within_the_unit_and_between_two(shared: World) -> None:
    leaver, phone = newcomer(shared, "交接人")
    phone.do("ticket.sign", shared.dispatched())
    stranger, leader = shared.people["neighbour"], shared.people["leader"]
    assert phone.refused("handover.execute", None, **hand_over(leaver, leaver)) == "handover_same_person"
    assert phone.refused("handover.execute", None, **hand_over(leaver, stranger)) == "handover_other_unit"
    assert phone.refused("handover.execute", None, **hand_over(leaver, leader)) == "handover_other_unit"
    ghost = hand_over(leaver, leaver, to_person_id=new_id())
    assert phone.refused("handover.execute", None, **ghost) == "person_not_found"
    heir = shared.people["deputy"]
    assert shared.phone("neighbour").refused("handover.execute", None, **hand_over(leaver, heir)) == "not_permitted"
    assert shared.phone("supervisor").refused("handover.execute", None, **hand_over(leaver, heir)) == "not_permitted"
    args = hand_over(leaver, heir)
    phone.do("handover.execute", None, **args)
    assert phone.refused("handover.execute", None, **args) == "id_taken"


def test_a_handover_of_nothing_is_still_on_record(shared: World) -> None:
    leaver, phone = newcomer(shared, "空手的人")
    phone.do("handover.execute", None, **hand_over(leaver, shared.people["deputy"]))
    assert place_events(shared, "handover.executed")[-1]["tickets"] == []


@pytest.mark.clause("D1")
def test_a_unit_without_a_liaison_gets_a_ticket_only_when_the_station_says_it_knows(shared: World) -> None:
    with shared.database.unit_of_work() as session:
        unit = add_unit(session, found_jurisdiction(session, "dalad"), "旗气象局", 2)
    ticket_id = shared.registered()
    args = {"unit_id": unit.id, "grounds": "园林绿化职责"}
    refusal = shared.station.try_("ticket.dispatch", ticket_id, **args)
    assert (refusal["code"], refusal["facts"]) == ("unit_without_liaison", {"unit": unit.name})
    assert shared.station.ticket(ticket_id)["state"] == "registered"
    shared.station.do("ticket.dispatch", ticket_id, **args, acknowledge=["unit_without_liaison"])
    units = {u["id"]: u for u in shared.station.pull()["units"]}
    assert (units[unit.id]["has_liaison"], units[shared.units["town"].id]["has_liaison"]) == (False, True)

    someone = hire(shared, "新联络员", "station", "supervisor", None)
    shared.station.do("membership.assign", None, unit_id=unit.id, person_id=someone.id, role="liaison")
    ticket_id = shared.registered()
    shared.station.do("ticket.dispatch", ticket_id, **args)
    assert Phone(shared.app.test_client(), someone).do("ticket.sign", ticket_id)["status"] == "applied"
    town = shared.dispatched()
    assert shared.station.refused("ticket.reassign", town, unit_id=new_id(), reason="改派") == "unit_not_found"


def test_roles_are_given_once_and_the_high_ones_by_an_administrator(shared: World) -> None:
    someone, unit = hire(shared, "新人", "town"), shared.units["water"].id
    args = {"unit_id": unit, "person_id": someone.id, "role": "liaison", "rank": "B"}
    shared.station.do("membership.assign", None, **args)
    assert shared.station.refused("membership.assign", None, **args) == "membership_exists"
    assert shared.leader.refused("membership.assign", None, **args | {"role": "leader"}) == "not_permitted"
    for role in ("station", "supervisor", "admin"):
        high = args | {"role": role, "rank": None}
        assert shared.station.refused("membership.assign", None, **high) == "not_permitted"
        assert shared.station.refused("membership.end", None, **{k: high[k] for k in high if k != "rank"}) in (
            "not_permitted", "membership_not_found"
        )  # fmt: skip
    shared.phone("admin").do("membership.assign", None, **args | {"role": "supervisor", "rank": None})
    assert shared.station.refused("membership.assign", None, **args | {"person_id": new_id()}) == "person_not_found"
    assert shared.station.refused("membership.assign", None, **args | {"unit_id": new_id()}) == "unit_not_found"
    assert shared.station.refused("membership.assign", None, **args | {"role": "emperor"}) == "command_invalid"


@pytest.mark.clause("D6.1")
def test_a_changed_number_is_the_new_login_and_known_to_the_station(shared: World) -> None:
    person, phone = newcomer(shared, "换号人")
    cookie = shared.station.pull()["cookie"]
    for wrong in ("12345678901", "1391234567", "abc", ""):
        assert phone.refused("person.change_phone", None, person_id=person.id, phone=wrong) == "command_invalid"
    taken = shared.people["leader"].phone
    assert phone.refused("person.change_phone", None, person_id=person.id, phone=taken) == "phone_taken"
    other = shared.people["deputy"].id
    assert phone.refused("person.change_phone", None, person_id=other, phone="13922223333") == "not_permitted"
    new = f"1362222{next(_numbers):04d}"
    phone.do("person.change_phone", None, person_id=person.id, phone=new)
    payload = place_events(shared, "person.phone_changed")[-1]
    assert payload["name"] == "换号人" and person.phone not in str(payload) and new not in str(payload)
    pulled = shared.station.pull(cookie)
    liaisons = next(u for u in pulled["units"] if u["id"] == shared.units["town"].id)["liaisons"]
    assert next(x for x in liaisons if x["id"] == person.id)["phone_masked"] == f"{new[:3]}****{new[-4:]}"
    person.phone = new
    Phone(shared.app.test_client(), person)


@pytest.mark.clause("D6.1")
def test_duty_names_somebody_of_the_unit_for_a_real_span(shared: World) -> None:
    unit = shared.units["town"].id
    args = {
        "duty_id": new_id(), "unit_id": unit, "person_id": shared.people["deputy"].id, "rank": "B",
        "from": later(1), "until": later(24),
    }  # fmt: skip
    cookie = shared.liaison.pull()["cookie"]
    shared.liaison.do("duty.set", None, **args)
    assert shared.liaison.refused("duty.set", None, **args) == "id_taken"
    fresh = args | {"duty_id": new_id()}
    assert shared.liaison.refused("duty.set", None, **fresh | {"until": fresh["from"]}) == "duty_invalid"
    stranger = shared.people["neighbour"].id
    assert shared.liaison.refused("duty.set", None, **fresh | {"person_id": stranger}) == "duty_invalid"
    assert shared.phone("neighbour").refused("duty.set", None, **fresh) == "not_permitted"
    units = {u["id"]: u for u in shared.liaison.pull(cookie)["units"]}
    turn = {
        "person_id": args["person_id"],
        "name": "联络员乙",
        "rank": "B",
        "from": args["from"],
        "until": args["until"],
    }
    assert turn in units[unit]["duty"]


def test_a_ticket_reassigned_while_a_phone_was_away_refuses_what_that_phone_did(shared: World) -> None:
    ticket_id = shared.dispatched()
    away = [
        shared.liaison.command("ticket.sign", ticket_id),
        shared.liaison.command("thread.post", ticket_id, message_id=new_id(), text="已到现场"),
    ]
    cookie = shared.liaison.pull()["cookie"]
    shared.station.do("ticket.reassign", ticket_id, unit_id=shared.units["water"].id, reason="属供水管理")
    answer = shared.liaison.send_batch(away)
    assert [r["code"] for r in answer["receipts"]] == ["ticket_reassigned", "ticket_reassigned"]
    assert "改派" in answer["receipts"][0]["message"] and answer["tickets"] == []
    assert f"t:{ticket_id}" in shared.liaison.pull(cookie)["gone"]
    assert shared.liaison.call("GET", f"/api/v1/tickets/{ticket_id}").status_code == 404
    ticket = shared.phone("neighbour").ticket(ticket_id)
    assert (ticket["state"], ticket["unit"]["id"]) == ("dispatched", shared.units["water"].id)
    assert ticket["detail"]["messages"] == []
    assert shared.station.refused(
        "ticket.reassign", ticket_id, unit_id=shared.units["water"].id, reason="再派一次"
    ) == "same_unit"  # fmt: skip
    assert shared.station.refused(
        "ticket.reassign", ticket_id, unit_id=shared.units["empty"].id, reason="无人签收"
    ) == "unit_without_liaison"  # fmt: skip


def test_a_closed_ticket_takes_no_more_work(shared: World) -> None:
    scene = STAGES["arrived"](shared)
    shared.station.do("review.accept", scene.ticket_id, reply_id=scene.reply_id)
    late = {"visit_id": new_id(), "mode": "solve", "arrived_at": later(minutes=-1), "met": "caller"}
    receipt = shared.liaison.try_("visit.record", scene.ticket_id, **late)
    assert (receipt["code"], receipt["facts"]["state"]) == ("state_wrong", "已办结")
    assert shared.station.refused(
        "ticket.reassign", scene.ticket_id, unit_id=shared.units["water"].id, reason="改派"
    ) == "state_wrong"  # fmt: skip
