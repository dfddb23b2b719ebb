"""Access tokens, rotating refresh tokens, devices and passwords."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from flask.testing import FlaskClient
from scenario import PASSWORD, World
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from app import clock
from app.auth import FORGIVEN_A_DAY
from app.ids import new_id
from app.people.models import Device, LoginSession

AUTH = "/api/v1/auth"
OWN_PAGE = {"X-Doorstep": "1"}


class Browser:
    """A signed-in browser: its cookie jar and its access token."""

    def __init__(self, world: World, who: str = "deputy", device: str | None = None) -> None:
        self.client: FlaskClient = world.app.test_client()
        self.device = {"id": device or new_id(), "name": "浏览器", "platform": "test"}
        body = {"phone": world.people[who].phone, "password": PASSWORD, "device": self.device}
        answer = self.client.post(f"{AUTH}/login", json=body)
        assert answer.status_code == 200, answer.text
        self.token: str = answer.get_json()["access_token"]

    @property
    def cookie(self) -> str:
        cookie = self.client.get_cookie("doorstep_refresh", path=AUTH)
        assert cookie is not None
        return str(cookie.value)

    def keep(self, value: str) -> None:
        self.client.set_cookie("doorstep_refresh", value, path=AUTH)

    def refresh(self, **options: Any) -> TestResponse:
        return self.client.post(f"{AUTH}/refresh", headers=OWN_PAGE, **options)

    def works(self) -> str | None:
        """None when the access token is taken, else the code it is refused with."""
        answer = self.client.get("/api/v1/sync/pull", headers={"Authorization": f"Bearer {self.token}"})
        return None if answer.status_code == 200 else str(answer.get_json()["code"])


def session_row(world: World, browser: Browser) -> LoginSession:
    with world.database.read() as session:
        return session.get_one(LoginSession, browser.cookie.partition(".")[0])


def grow_old(world: World, browser: Browser, **values: Any) -> None:
    with world.database.unit_of_work() as session:
        identity = browser.cookie.partition(".")[0]
        session.execute(update(LoginSession).where(LoginSession.id == identity).values(**values))


def forged(claims: dict[str, Any], header: dict[str, Any] | None = None, signature: str = "") -> str:
    def part(content: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()

    return f"{part(header or {'alg': 'none', 'typ': 'JWT'})}.{part(claims)}.{signature}"


@pytest.mark.filterwarnings("ignore:The HMAC key is 32 bytes")  # we sign the HS512 one with our own key on purpose
def test_only_tokens_we_signed_for_this_purpose_and_hour_are_taken(shared: World) -> None:
    browser = Browser(shared)
    claims = jwt.decode(browser.token, options={"verify_signature": False})
    key = shared.app.extensions["doorstep.auth"]._access_key
    refresh_key = shared.app.extensions["doorstep.auth"]._refresh_key
    now = clock.to_epoch_ms(clock.now()) // 1000
    head, middle, tail = browser.token.split(".")
    wrong = {
        "": "token_missing", "Basic abc": "token_missing", "Bearer": "token_missing", "Bearer ": "token_invalid",
        "Bearer x.y.z": "token_invalid",
        "Bearer " + forged(claims): "token_invalid",
        "Bearer " + forged(claims, {"alg": "None"}): "token_invalid",
        "Bearer " + forged(claims, {"alg": "HS256"}, tail): "token_invalid",
        "Bearer " + f"{head}.{middle}.": "token_invalid",
        "Bearer " + jwt.encode(claims, b"another key" * 4): "token_invalid",
        "Bearer " + jwt.encode(claims, refresh_key): "token_invalid",
        "Bearer " + jwt.encode(claims, key, algorithm="HS512"): "token_invalid",
        "Bearer " + jwt.encode(claims | {"aud": "other"}, key): "token_invalid",
        "Bearer " + jwt.encode({k: v for k, v in claims.items() if k != "aud"}, key): "token_invalid",
        "Bearer " + jwt.encode({k: v for k, v in claims.items() if k != "exp"}, key): "token_invalid",
        "Bearer " + jwt.encode({k: v for k, v in claims.items() if k != "did"}, key): "token_invalid",
        "Bearer " + jwt.encode(claims | {"exp": "soon"}, key): "token_invalid",
        "Bearer " + jwt.encode(claims | {"exp": now - 1}, key): "token_expired",
        "Bearer " + jwt.encode(claims | {"exp": now}, key): "token_expired",
        "Bearer " + jwt.encode(claims | {"sub": new_id()}, key): "device_revoked",
    }  # fmt: skip
    for header, code in wrong.items():
        answer = browser.client.get("/api/v1/sync/pull", headers={"Authorization": header})
        assert (answer.status_code, answer.get_json()["code"]) == (401, code), header[:40]
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert browser.works() is None


def test_each_refresh_gives_a_new_token_and_a_new_cookie(shared: World) -> None:
    browser, seen = Browser(shared), set()
    for _ in range(3):
        seen.add(browser.cookie)
        answer = browser.refresh()
        assert answer.status_code == 200
        assert answer.get_json()["me"]["name"] == "联络员乙"
        browser.token = answer.get_json()["access_token"]
        assert browser.works() is None
    assert len(seen | {browser.cookie}) == 4


def test_two_tabs_that_wake_together_both_stay_signed_in(shared: World) -> None:
    browser = Browser(shared)
    shared_cookie = browser.cookie
    first = browser.refresh()
    successor = browser.cookie
    browser.keep(shared_cookie)  # the other tab had sent before the first answer came
    second = browser.refresh()
    assert (first.status_code, second.status_code) == (200, 200)
    assert browser.cookie == successor, "both tabs hold the same successor"
    for _ in range(2):
        assert browser.refresh().status_code == 200


def test_an_old_token_used_again_ends_the_whole_family(shared: World) -> None:
    thief, owner = Browser(shared), None
    stolen = thief.cookie
    owner = thief  # one jar, two holders: what matters is which token comes when
    for _ in range(2):
        assert owner.refresh().status_code == 200
    current = owner.cookie
    owner.keep(stolen)
    assert owner.refresh().get_json()["code"] == "session_reused"
    owner.keep(current)
    assert owner.refresh().get_json()["code"] == "session_reused", "the honest holder is told why"
    assert session_row(shared, owner).ended_at is not None


def test_a_phone_that_lost_the_answer_comes_back_with_the_token_before(shared: World) -> None:
    browser = Browser(shared)
    before = browser.cookie
    browser.refresh()
    successor = browser.cookie
    grow_old(shared, browser, rotated_at=clock.now() - timedelta(hours=9))
    browser.keep(before)
    assert browser.refresh().status_code == 200
    assert browser.cookie == successor, "the same successor, so that a copy that did arrive stays good"


def test_once_the_successor_was_used_the_token_before_is_a_copy(shared: World) -> None:
    browser = Browser(shared)
    before = browser.cookie
    for _ in range(2):
        browser.refresh()
    grow_old(shared, browser, rotated_at=clock.now() - timedelta(hours=9))
    browser.keep(before)
    assert browser.refresh().get_json()["code"] == "session_reused"


def test_two_holders_who_take_turns_are_found_out_the_same_day(shared: World) -> None:
    thief = Browser(shared)
    turns = 0
    while turns < 20:
        before = thief.cookie
        thief.refresh()
        grow_old(shared, thief, rotated_at=clock.now() - timedelta(minutes=15))
        thief.keep(before)  # the owner, who knows nothing of the thief's new one
        if thief.refresh().status_code != 200:
            break
        turns += 1
    assert turns == FORGIVEN_A_DAY
    assert session_row(shared, thief).reused


def test_forgiveness_comes_back_after_a_day(shared: World) -> None:
    browser = Browser(shared)
    before = browser.cookie
    browser.refresh()
    ago = clock.now() - timedelta(hours=25)
    grow_old(shared, browser, rotated_at=ago, forgiven=FORGIVEN_A_DAY, forgiven_since=ago)
    browser.keep(before)
    assert browser.refresh().status_code == 200


def test_a_session_unused_for_a_month_has_expired(shared: World) -> None:
    browser = Browser(shared)
    grow_old(shared, browser, expires_at=clock.now())
    assert browser.refresh().get_json()["code"] == "session_expired"


def test_a_refresh_token_cannot_be_made_up(shared: World) -> None:
    browser = Browser(shared)
    identity, number, mac = browser.cookie.split(".")
    other = "0" if mac[0] != "0" else "1"
    for made in (
        "", "x", "..", f"{identity}.{number}.", f"{identity}.2.{mac}", f"{identity}.{number}.{other}{mac[1:]}",
        f"{new_id()}.{number}.{mac}", f"{identity}.٣.{mac}", f"{identity}.{'9' * 30}.{mac}", f"{identity}.-1.{mac}",
    ):  # fmt: skip
        browser.client.set_cookie("doorstep_refresh", made, path=AUTH)
        assert browser.refresh().get_json()["code"] == "session_expired", made
    browser.keep(f"{identity}.{number}.{mac}")
    assert browser.refresh().status_code == 200, "the guesses did it no harm"


@pytest.mark.parametrize("path", ["refresh", "logout"])
@pytest.mark.parametrize("headers", [{}, {"X-Doorstep": "0"}, {"X-Doorstep": ""}])
def test_another_sites_form_cannot_use_the_cookie(shared: World, path: str, headers: dict[str, str]) -> None:
    browser = Browser(shared)
    cookie = browser.cookie
    assert browser.client.post(f"{AUTH}/{path}", headers=headers).status_code == 401
    assert browser.cookie == cookie and browser.refresh().status_code == 200


def test_signing_out_ends_the_session_and_takes_the_cookie(shared: World) -> None:
    browser = Browser(shared)
    cookie = browser.cookie
    assert browser.client.post(f"{AUTH}/logout", headers=OWN_PAGE).status_code == 204
    assert browser.client.get_cookie("doorstep_refresh", path=AUTH) is None
    browser.keep(cookie)
    assert browser.refresh().get_json()["code"] == "session_expired"
    assert browser.client.post(f"{AUTH}/logout", headers=OWN_PAGE).status_code == 204, "twice is no error"


def test_a_revoked_device_is_out_at_once_and_the_others_stay(shared: World) -> None:
    lost, kept = Browser(shared, "neighbour"), Browser(shared, "neighbour")
    headers = {"Authorization": f"Bearer {kept.token}"}
    devices = kept.client.get(f"{AUTH}/devices", headers=headers).get_json()
    assert [d["current"] for d in devices].count(True) == 1
    with shared.database.read() as session:
        wanted = select(Device.id).where(Device.client_id == lost.device["id"])
        device_id = session.scalars(wanted).one()
    stranger = Browser(shared, "deputy")
    other = {"Authorization": f"Bearer {stranger.token}"}
    assert stranger.client.delete(f"{AUTH}/devices/{device_id}", headers=other).status_code == 404
    assert lost.works() is None
    assert kept.client.delete(f"{AUTH}/devices/{device_id}", headers=headers).status_code == 204
    assert lost.works() == "device_revoked"
    assert lost.refresh().get_json()["code"] == "session_expired"
    assert kept.works() is None and kept.refresh().status_code == 200
    assert device_id not in {d["id"] for d in kept.client.get(f"{AUTH}/devices", headers=headers).get_json()}
    again = Browser(shared, "neighbour", lost.device["id"])
    assert again.works() is None, "the same phone may be registered anew with the password"
    assert lost.works() == "device_revoked"


def test_one_phone_that_signs_in_twice_is_one_device(shared: World) -> None:
    first = Browser(shared, "leader")
    second = Browser(shared, "leader", first.device["id"])
    headers = {"Authorization": f"Bearer {second.token}"}
    devices = second.client.get(f"{AUTH}/devices", headers=headers).get_json()
    with shared.database.read() as session:
        ids = session.scalars(select(Device.id).where(Device.client_id == first.device["id"])).all()
    assert len(ids) == 1 and ids[0] in {d["id"] for d in devices}


def test_a_password_is_changed_only_with_the_old_one_and_to_a_better_one(shared: World) -> None:
    browser = Browser(shared, "supervisor")
    headers = {"Authorization": f"Bearer {browser.token}"}

    def change(old: str, new: str) -> str | None:
        data = json.dumps({"old": old, "new": new})  # as ASCII: half an emoji travels only escaped
        options: dict[str, Any] = {"data": data, "content_type": "application/json"}
        answer = browser.client.post(f"{AUTH}/password", headers=headers, **options)
        return None if answer.status_code == 204 else str(answer.get_json()["code"])

    def log_in(password: str) -> int:
        body = {"phone": phone, "device": browser.device, "password": password}
        return browser.client.post(f"{AUTH}/login", json=body).status_code

    phone = shared.people["supervisor"].phone
    assert change("wrong", "another-password") == "password_old_wrong"
    assert change(PASSWORD, "seven77") == "password_weak"
    assert change(PASSWORD, PASSWORD) == "password_weak"
    assert change(PASSWORD, phone) == "password_weak"
    assert change(PASSWORD, "half\ud800") == "request_invalid"
    assert change(PASSWORD, " 新密码 123 ") is None
    assert (log_in(PASSWORD), log_in("新密码 123"), log_in(" 新密码 123 ")) == (401, 401, 200)
    assert change(" 新密码 123 ", PASSWORD) is None
