"""Web Push over HTTP, and reminders through the doors that phones use."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from reminders.conftest import Town
from reminders.push_service import Phone, PushService, new_phone
from sending import send_each
from sqlalchemy import select

from app import clock
from app.auth import Authenticator, hash_password
from app.channels.endpoints import encode
from app.channels.exits import Exits
from app.channels.jobs import opener
from app.channels.vapid import public_key
from app.factory import create_app
from app.ids import new_id
from app.people.models import Person
from app.reach.models import ContactPoint
from config import Config

pytestmark = pytest.mark.slow

PRIVATE = encode((11).to_bytes(32, "big"))


@pytest.fixture
def keyed(config: Config) -> Config:
    """A demonstration with a VAPID key: loopback endpoints are allowed."""
    return replace(config, vapid_private_key=PRIVATE, vapid_subject="mailto:station@example.org", demo=True)


def bearer(town: Town, config: Config, who: str = "a") -> dict[str, str]:
    with town.database.unit_of_work() as session:
        person = session.get_one(Person, town.people[who])
        person.password_hash = hash_password("a-long-password")
        session.flush()
        device = {"id": new_id(), "name": "手机", "platform": "test"}
        login = {"phone": person.phone, "password": "a-long-password", "device": device}
        checks = Authenticator(config)
        checked = checks.check(session, person.phone, "a-long-password")
        tokens = checks.login(session, login, checked, clock.now())
    return {"Authorization": f"Bearer {tokens.access}"}


def subscription(service: PushService) -> tuple[Phone, dict[str, Any]]:
    phone = new_phone()
    service.phones[phone.token] = phone
    keys = {"p256dh": encode(phone.public), "auth": encode(phone.secret)}
    return phone, {"endpoint": f"{service.url}/{phone.token}", "keys": keys}


def test_key_subscribe_try_and_give_up(town: Town, keyed: Config, service: PushService) -> None:
    client, who = create_app(keyed).test_client(), bearer(town, keyed)
    assert client.get("/api/v1/push/key", headers=who).json == {"key": public_key(PRIVATE)}
    phone, body = subscription(service)
    assert client.post("/api/v1/push/test", headers=who).json["code"] == "push_not_subscribed"
    for _ in range(2):
        assert client.post("/api/v1/push/subscriptions", json=body, headers=who).status_code == 201
    assert client.post("/api/v1/push/test", headers=who).status_code == 202
    assert len(send_each(town.database, opener(Exits(keyed, town.database)), clock.now())) == 1
    assert [shown["kind"] for shown in phone.shown] == ["test"]
    gone = client.delete("/api/v1/push/subscriptions", json={"endpoint": body["endpoint"]}, headers=who)
    assert gone.status_code == 204
    with town.database.read() as session:
        assert session.scalars(select(ContactPoint)).all() == []


def test_nobody_gives_up_anothers_subscription(town: Town, keyed: Config, service: PushService) -> None:
    client, who, other = create_app(keyed).test_client(), bearer(town, keyed), bearer(town, keyed, "b")
    _, body = subscription(service)
    client.post("/api/v1/push/subscriptions", json=body, headers=who)
    client.delete("/api/v1/push/subscriptions", json={"endpoint": body["endpoint"]}, headers=other)
    with town.database.read() as session:
        assert session.scalars(select(ContactPoint.person_id)).all() == [town.people["a"]]


def test_a_renewed_subscription_takes_the_place_of_the_former(town: Town, keyed: Config, service: PushService) -> None:
    client, who = create_app(keyed).test_client(), bearer(town, keyed)
    for _ in range(2):
        _, body = subscription(service)
        client.post("/api/v1/push/subscriptions", json=body, headers=who)
    with town.database.read() as session:
        assert session.scalars(select(ContactPoint.address)).all() == [body["endpoint"]]


@pytest.mark.parametrize("demo", [False, True])
def test_only_a_demonstration_calls_loopback(town: Town, keyed: Config, service: PushService, demo: bool) -> None:
    config = replace(keyed, demo=demo)
    client, who = create_app(config).test_client(), bearer(town, config)
    answer = client.post("/api/v1/push/subscriptions", json=subscription(service)[1], headers=who)
    assert (answer.status_code, answer.json.get("code")) == ((201, None) if demo else (422, "push_endpoint_refused"))


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint": "https://10.0.0.1/x"},
        {"endpoint": "https://fcm.googleapis.com/" + "x" * 2000},
        {"endpoint": 7},
        {"keys": {"p256dh": "AAAA", "auth": "AAAA"}},
        {"keys": {}},
        {"more": 1},
    ],
)
def test_bad_subscriptions_are_refused_and_not_kept(
    town: Town, keyed: Config, service: PushService, change: dict[str, Any]
) -> None:
    client, who = create_app(keyed).test_client(), bearer(town, keyed)
    answer = client.post("/api/v1/push/subscriptions", json=subscription(service)[1] | change, headers=who)
    assert answer.status_code == 422
    assert re.search("[一-鿿]", answer.json["detail"])
    with town.database.read() as session:
        assert session.scalars(select(ContactPoint)).all() == []


@pytest.mark.parametrize("missing", ["vapid_private_key", "vapid_subject"])
def test_without_key_and_subject_there_is_no_push(town: Town, keyed: Config, missing: str) -> None:
    config = replace(keyed, **{missing: None})
    client, who = create_app(config).test_client(), bearer(town, config)
    answer = client.get("/api/v1/push/key", headers=who)
    assert (answer.status_code, answer.json["code"]) == (404, "push_unavailable")


@pytest.mark.parametrize(
    ("method", "path"), [("get", "key"), ("post", "subscriptions"), ("delete", "subscriptions"), ("post", "test")]
)
def test_nothing_without_signing_in(client: FlaskClient, method: str, path: str) -> None:
    assert getattr(client, method)(f"/api/v1/push/{path}", json={}).status_code == 401


def test_a_reminder_comes_with_the_pull_and_is_acknowledged_by_a_command(town: Town, config: Config) -> None:
    client, who = create_app(config).test_client(), bearer(town, config)
    begun = clock.now()
    town.ticket(begun)
    town.tick(begun)
    first = client.get("/api/v1/sync/pull", headers=who).json
    (notice,) = first["inbox"]
    assert notice["title"].startswith("新工单 DL-2026-0001，请于 ")
    now = clock.iso(clock.now())
    command = {
        "id": new_id(), "name": "reminder.acknowledge", "ticket_id": None, "args": {"reminder_id": notice["id"]},
        "captured_at": now, "beacon": first["beacon"],
    }  # fmt: skip
    answer = client.post("/api/v1/sync/commands", json={"sent_at": now, "commands": [command]}, headers=who)
    assert answer.json["receipts"][0]["status"] == "applied", answer.json
    second = client.get(f"/api/v1/sync/pull?cookie={first['cookie']}", headers=who).json
    assert [(n["id"], n["acknowledged_at"] is not None) for n in second["inbox"]] == [(notice["id"], True)]
    (ticket,) = second["tickets"]
    assert [e["summary"] for e in ticket["detail"]["timeline"]][-2:] == [
        f"已提醒人员a：{notice['title']}",
        "已确认提醒",
    ]
