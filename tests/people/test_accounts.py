"""Accounts: a first password opens nothing but its own change; disabling ends everything at once (H3.2, D6.2)."""

from __future__ import annotations

import itertools

import pytest
from flask.testing import FlaskClient
from scenario import Phone, World

from app.ids import new_id
from app.people.models import Person

_numbers = itertools.count(1)


def enrolled(world: World, name: str = "新来的") -> Person:
    person = Person(id=new_id(), jurisdiction_id="dalad", name=name, phone=f"1366666{next(_numbers):04d}")
    world.phone("admin").do("person.enrol", person_id=person.id, name=name, phone=person.phone)
    return person


def first_password(phone: Phone, person_id: str) -> str:
    answer = phone.call("POST", f"/api/v1/people/accounts/{person_id}/first-password")
    assert answer.status_code == 200, answer.text
    return str(answer.get_json()["password"])


def sign_in(client: FlaskClient, person: Person, password: str) -> tuple[int, dict]:
    body = {"phone": person.phone, "password": password, "device": {"id": new_id(), "name": "新手机"}}
    answer = client.post("/api/v1/auth/login", json=body)
    return answer.status_code, answer.get_json()


def test_a_first_password_lets_its_owner_change_it_and_nothing_else(shared: World) -> None:
    client = shared.app.test_client()
    person = enrolled(shared)
    assert sign_in(client, person, "!")[0] == 401, "an account without a password opens to nobody"
    password = first_password(shared.phone("admin"), person.id)
    status, session = sign_in(client, person, password)
    assert status == 200 and session["me"]["password_first"] is True
    bearer = {"Authorization": f"Bearer {session['access_token']}"}
    for path in ("/api/v1/sync/pull", "/api/v1/tickets", "/api/v1/people/directory", "/api/v1/auth/devices"):
        answer = client.get(path, headers=bearer)
        assert (answer.status_code, answer.get_json()["code"]) == (403, "password_must_change"), path
    weak = client.post("/api/v1/auth/password", headers=bearer, json={"old": password, "new": password})
    assert weak.get_json()["code"] == "password_weak"
    changed = client.post("/api/v1/auth/password", headers=bearer, json={"old": password, "new": "my-own-password"})
    assert changed.status_code == 204
    assert client.get("/api/v1/sync/pull", headers=bearer).get_json()["me"]["password_first"] is False
    assert sign_in(client, person, password)[0] == 401
    assert sign_in(client, person, "my-own-password")[1]["me"]["password_first"] is False


def test_who_forgot_gets_a_new_first_password_and_loses_every_session(shared: World) -> None:
    client, person = shared.app.test_client(), enrolled(shared, "健忘的")
    old = first_password(shared.station, person.id)
    assert sign_in(client, person, old)[0] == 200
    new = first_password(shared.station, person.id)
    assert new != old
    refreshed = client.post("/api/v1/auth/refresh", headers={"X-Doorstep": "1"})
    assert refreshed.get_json()["code"] == "session_expired"
    assert (sign_in(client, person, old)[0], sign_in(client, person, new)[0]) == (401, 200)


def test_first_passwords_are_no_way_up_and_none_for_strangers(shared: World) -> None:
    for who, target, code in (
        ("station", "admin", "not_permitted"),
        ("station", "supervisor", "not_permitted"),
        ("leader", "liaison", "not_permitted"),
        ("liaison", "deputy", "not_permitted"),
    ):
        path = f"/api/v1/people/accounts/{shared.people[target].id}/first-password"
        assert shared.phone(who).call("POST", path).get_json()["code"] == code, (who, target)
    answer = shared.phone("admin").call("POST", f"/api/v1/people/accounts/{new_id()}/first-password")
    assert (answer.status_code, answer.get_json()["code"]) == (404, "person_not_found")


def test_enrolling_asks_for_a_free_number_and_the_right_role(shared: World) -> None:
    args = {"person_id": new_id(), "name": "某人", "phone": shared.people["liaison"].phone}
    admin = shared.phone("admin")
    assert admin.refused("person.enrol", **args) == "phone_taken"
    assert admin.refused("person.enrol", **args | {"phone": "123"}) == "command_invalid"
    fresh = args | {"phone": "13677770001"}
    assert admin.refused("person.enrol", **fresh | {"person_id": shared.people["liaison"].id}) == "id_taken"
    for who in ("liaison", "leader", "chief", "supervisor"):
        assert shared.phone(who).refused("person.enrol", **fresh) == "not_permitted"
    admin.do("person.enrol", **fresh)


@pytest.mark.clause("D6.2")
def test_a_disabled_account_is_out_at_once_but_not_with_work_in_hand(shared: World) -> None:
    admin, person = shared.phone("admin"), enrolled(shared, "将离任的")
    town = shared.units["town"].id
    admin.do("membership.assign", unit_id=town, person_id=person.id, role="liaison", rank="B")
    client = shared.app.test_client()
    password = first_password(admin, person.id)
    session = sign_in(client, person, password)[1]
    bearer = {"Authorization": f"Bearer {session['access_token']}"}
    client.post("/api/v1/auth/password", headers=bearer, json={"old": password, "new": "only-for-these-tests"})
    phone = Phone(client, person)
    ticket_id = shared.dispatched()
    phone.do("ticket.sign", ticket_id)
    disable = {"person_id": person.id, "reason": "调离"}
    refusal = admin.try_("person.disable", **disable)
    assert (refusal["code"], refusal["facts"]["count"]) == ("handover_needed", 1)
    handover = {"handover_id": new_id(), "from_person_id": person.id, "to_person_id": shared.people["deputy"].id}
    admin.do("handover.execute", **handover, note="调离")
    admin.do("person.disable", **disable)
    assert phone.call("GET", "/api/v1/sync/pull").status_code == 401
    assert sign_in(client, person, "only-for-these-tests")[0] == 401
    liaisons = next(u for u in shared.station.pull()["units"] if u["id"] == town)["liaisons"]
    assert person.id not in {who["id"] for who in liaisons}
    assert admin.refused("person.disable", **disable) == "person_disabled"
    again = {"unit_id": town, "person_id": person.id, "role": "liaison"}
    assert admin.refused("membership.assign", **again) == "person_disabled"


def test_the_last_administrator_stays(shared: World) -> None:
    admin, station = shared.phone("admin"), shared.units["station"].id
    mine = {"unit_id": station, "person_id": admin.person_id, "role": "admin"}
    assert admin.refused("membership.end", **mine) == "last_admin"
    assert admin.refused("person.disable", person_id=admin.person_id, reason="离任") == "last_admin"
    second = enrolled(shared, "第二位管理员")
    admin.do("membership.assign", unit_id=station, person_id=second.id, role="admin")
    assert shared.station.refused("person.disable", person_id=second.id, reason="越权") == "not_permitted"
    admin.do("person.disable", person_id=second.id, reason="试用结束")
    assert admin.refused("membership.end", **mine) == "last_admin", "a disabled account is no administrator"


def test_accounts_are_listed_to_those_who_look_after_them(shared: World) -> None:
    rows = {row["id"]: row for row in shared.station.call("GET", "/api/v1/people/accounts").get_json()}
    liaison = rows[shared.people["liaison"].id]
    assert liaison["disabled_at"] is None and [r["role"] for r in liaison["roles"]] == ["liaison"]
    assert shared.liaison.call("GET", "/api/v1/people/accounts").get_json()["code"] == "not_permitted"
