"""Signing in: passwords, lockout, and nothing to be learnt about who has an account."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from lasting import fresh_database, make_config, world_on
from scenario import PASSWORD, World
from sqlalchemy import func, select, update

from app import clock
from app.auth import hash_password
from app.factory import create_app
from app.ids import new_id
from app.people.models import LoginFailures, LoginSession, Person

pytestmark = pytest.mark.slow

NOBODY = "13999999999"
URL = "/api/v1/auth/login"


def body(phone: str, password: str = PASSWORD) -> dict[str, Any]:
    return {"phone": phone, "password": password, "device": {"id": new_id(), "name": "手机", "platform": "test"}}


def log_in(client: FlaskClient, phone: str, password: str = PASSWORD) -> tuple[int, dict[str, Any]]:
    answer = client.post(URL, json=body(phone, password))
    return answer.status_code, answer.get_json()


@pytest.fixture
def client(shared: World) -> FlaskClient:
    """A client with no memory of anyone, on a database where nobody failed yet."""
    with shared.database.unit_of_work() as session:
        for row in session.scalars(select(LoginFailures)):
            session.delete(row)
    return shared.app.test_client()


def test_a_session_says_who_signed_in(shared: World, client: FlaskClient) -> None:
    person = shared.people["liaison"]
    answer = client.post(URL, json=body(person.phone))
    session = answer.get_json()
    assert answer.status_code == 200 and session["expires_in"] == 900
    me = session["me"]
    assert (me["id"], me["name"], me["phone_masked"]) == (person.id, "联络员甲", "139****0001")
    assert me["roles"] == [
        {
            "role": "liaison",
            "unit_id": shared.units["town"].id,
            "unit_name": "树林召镇人民政府",
            "rank": "A",
            "below": [],
            "acting_for": None,
        }
    ]
    assert me["jurisdiction"]["zone"] == "Asia/Shanghai"
    cookie = answer.headers["Set-Cookie"]
    for part in ("HttpOnly", "SameSite=Strict", "Path=/api/v1/auth"):
        assert part in cookie
    assert person.phone not in answer.text and answer.headers["Cache-Control"] == "no-store"


def test_passwords_are_kept_as_argon2id_with_a_salt_of_their_own() -> None:
    first, second = hash_password("同一个密码"), hash_password("同一个密码")
    assert first.startswith("$argon2id$") and first != second and "同一个密码" not in first


def test_five_failures_lock_and_even_the_right_password_waits(shared: World, client: FlaskClient) -> None:
    phone = shared.people["deputy"].phone
    for left in (4, 3, 2, 1):
        status, problem = log_in(client, phone, "wrong")
        assert (status, problem["code"], problem["facts"]) == (401, "credentials_wrong", {"attempts_left": left})
        assert f"还可尝试 {left} 次" in problem["detail"]
    status, problem = log_in(client, phone, "wrong")
    assert (status, problem["code"]) == (423, "account_locked")
    until = clock.parse(problem["facts"]["until_at"])
    assert timedelta(minutes=14) < until - clock.now() <= timedelta(minutes=15)
    assert log_in(client, phone)[1]["code"] == "account_locked"
    with shared.database.unit_of_work() as session:
        session.execute(update(LoginFailures).values(locked_until=clock.now() - timedelta(seconds=1)))
    assert log_in(client, phone, "wrong")[1]["facts"] == {"attempts_left": 4}, "after the lock it counts anew"
    assert log_in(client, phone)[0] == 200


def test_a_success_resets_the_count(shared: World, client: FlaskClient) -> None:
    phone = shared.people["leader"].phone
    for _ in range(2):
        for _ in range(4):
            log_in(client, phone, "wrong")
        assert log_in(client, phone)[0] == 200


def test_an_unknown_number_and_a_disabled_account_answer_like_a_known_one(shared: World, client: FlaskClient) -> None:
    known = shared.people["neighbour"]
    disabled = shared.people["supervisor"]
    with shared.database.unit_of_work() as session:
        session.get_one(Person, disabled.id).disabled_at = clock.now()
    answers = []
    for phone in (known.phone, NOBODY, disabled.phone):
        password = PASSWORD if phone == disabled.phone else "wrong"
        said = [log_in(client, phone, password) for _ in range(7)]
        for _, problem in said:
            problem["facts"].pop("until", None), problem["facts"].pop("until_at", None)
            problem.pop("detail")
        answers.append(said)
    with shared.database.unit_of_work() as session:
        session.get_one(Person, disabled.id).disabled_at = None
    assert answers[0] == answers[1] == answers[2], "attempts left and lock tell nothing about who exists"
    assert [status for status, _ in answers[0]] == [401, 401, 401, 401, 423, 423, 423]


def test_an_unknown_number_takes_as_long(shared: World, client: FlaskClient) -> None:
    """Without hashing it would answer in a tenth of the time; a factor of three leaves room for a busy machine."""
    known = shared.people["station"]
    with shared.database.unit_of_work() as session:
        session.get_one(Person, known.id).password_hash = hash_password(PASSWORD)

    def fastest(phone: str) -> float:
        times = []
        for _ in range(3):
            began = time.perf_counter()
            log_in(client, phone, "wrong")
            times.append(time.perf_counter() - began)
        return min(times)

    assert fastest(NOBODY) > fastest(known.phone) / 3


def test_nobody_waits_for_a_password_that_is_being_checked(shared: World, client: FlaskClient) -> None:
    """argon2 must not run while SQLite's one write lock is held: who writes meanwhile would wait for every sign-in."""
    person = shared.people["station"]
    with shared.database.unit_of_work() as session:
        session.get_one(Person, person.id).password_hash = PasswordHasher(time_cost=60).hash(PASSWORD)
    signing_in = Thread(target=log_in, args=(client, person.phone))
    signing_in.start()
    time.sleep(0.3)
    with shared.database.unit_of_work() as session:
        opened = select(func.count()).select_from(LoginSession).where(LoginSession.person_id == person.id)
        before = session.scalar(opened)
    signing_in.join()
    with shared.database.unit_of_work() as session:
        after = session.scalar(opened)
        session.get_one(Person, person.id).password_hash = hash_password(PASSWORD)
    assert (before, after) == (0, 1), "the writer had its turn while the password was still being checked"


def test_the_number_that_was_tried_is_not_kept(shared: World, client: FlaskClient) -> None:
    log_in(client, "typed-my-password", "x")
    with shared.database.read() as session:
        keys = list(session.scalars(select(LoginFailures.key)))
    assert keys and all("typed" not in key and len(key) == 64 for key in keys)


@pytest.mark.parametrize(
    "change",
    [
        {"phone": ""}, {"phone": 7}, {"phone": "\x00"}, {"phone": "\ud800"}, {"password": "\ud800"},
        {"password": "x" * 201}, {"password": None}, {"device": None}, {"device": {"id": "1", "name": "x"}},
        {"device": {"id": new_id(), "name": "\ud800"}}, {"surplus": 1},
    ],
)  # fmt: skip
def test_a_login_that_cannot_be_read_names_its_field(shared: World, client: FlaskClient, change: Any) -> None:
    data = json.dumps(body("13900000001") | change)  # as ASCII: half an emoji travels only escaped
    answer = client.post(URL, data=data, content_type="application/json")
    assert (answer.status_code, answer.get_json()["code"]) == (422, "request_invalid")
    assert list(answer.get_json()["errors"]) == list(change)


def test_an_address_that_tries_too_often_waits(request: pytest.FixtureRequest, tmp_path: Path, redis_url: str) -> None:
    with fresh_database("sqlite", request, tmp_path) as url:
        config = make_config(url, tmp_path, redis_url=redis_url, logins_per_minute=3)
        apps = [create_app(config) for _ in range(2)]
        said = [app.test_client().post(URL, json=body(NOBODY)) for app in (*apps, *apps)]
    assert [a.status_code for a in said] == [401, 401, 401, 429], "counted in Redis, for all processes together"
    assert said[-1].get_json()["code"] == "too_many_requests"


def test_with_redis_gone_people_sign_in_and_work_and_are_still_limited(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with fresh_database("sqlite", request, tmp_path) as url:
        world = world_on(url, tmp_path, redis_url="redis://127.0.0.1:9/0", logins_per_minute=4)
        ticket_id = world.dispatched()
        assert world.liaison.do("ticket.sign", ticket_id)["status"] == "applied"
        client = world.app.test_client()
        said = [client.post(URL, json=body(NOBODY)).status_code for _ in range(5)]
    assert said[0] == 401 and said[-1] == 429, "each process counts for itself"
