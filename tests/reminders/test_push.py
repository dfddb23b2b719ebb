"""Web Push over a real socket to a service that checks the signature and a phone that decrypts."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from reminders.conftest import START, Town
from reminders.push_service import PushService
from sending import send_each
from sqlalchemy import select

from app.channels import webpush
from app.channels.channel import Channel, Outcome, Result
from app.channels.endpoints import encode
from app.channels.exits import Exits
from app.channels.jobs import Opener
from app.channels.null import NullChannel
from app.channels.vapid import public_key
from app.channels.webpush import WebPush
from app.db import Database
from app.people.models import LoginSession
from app.reach.kinds import WEBPUSH
from app.reach.models import ContactPoint
from app.reminders.deliveries import BACKOFF, LEASE, MAX_ATTEMPTS
from app.reminders.models import DELIVERED, DROPPED, FAILED, PASSED, PENDING, Delivery
from app.reminders.taking_queries import due_channels
from config import Config

HOUR = timedelta(hours=1)
PRIVATE = encode((7).to_bytes(32, "big"))
CHANNEL = WebPush(PRIVATE, "mailto:station@example.org", local=True)


def due(town: Town, at=START) -> list[str]:
    with town.database.read() as session:
        return list(due_channels(session, at))


def deliveries(town: Town) -> list[Delivery]:
    with town.database.read() as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.id)))


def by(channel: Channel) -> Opener:
    """Whatever is sent goes by this channel."""
    return lambda out: channel


def send_all(town: Town, at=START) -> list[Outcome | None]:
    return send_each(town.database, by(CHANNEL), at)


@pytest.mark.clause("D3.3", partial="推送；移动办公的其余部分另测")
def test_the_phone_decrypts_what_the_tick_sent(town: Town, service: PushService) -> None:
    phone = town.subscribe("a", service)
    ticket = town.ticket()
    town.tick(START)
    assert send_all(town) == [Outcome(Result.TAKEN)]
    (notice,) = town.inbox("a")
    assert phone.shown == [
        {
            "title": "城建局 · DL-2026-0001",
            "body": "新工单 DL-2026-0001，请于 11-21 05:14 前签收",
            "tag": notice.id.replace("-", ""),
            "notice_id": notice.id,
            "ticket_id": ticket,
            "kind": "new_ticket",
            "badge": 1,
        }
    ]
    (headers,) = service.requests
    assert headers["topic"] == notice.id.replace("-", "")
    assert headers["ttl"] == str(12 * 3600)
    assert (headers["urgency"], headers["content-encoding"]) == ("high", "aes128gcm")
    (row,) = deliveries(town)
    assert (row.state, row.attempts, row.delivered_at, row.service) == (DELIVERED, 1, START, "127.0.0.1")
    assert send_all(town, START + HOUR) == []


def test_nothing_of_the_caller_or_the_title_leaves(town: Town, service: PushService) -> None:
    phone = town.subscribe("a", service)
    town.ticket()
    town.tick(START + 19 * HOUR)
    send_all(town, START + 19 * HOUR)
    text = str(phone.shown)
    assert "还有 1 小时" in text
    for secret in ("田野", "1390000", "康安街", "路灯"):
        assert secret not in text


def test_a_retried_push_says_what_is_true_when_it_leaves(town: Town, service: PushService) -> None:
    phone = town.subscribe("a", service)
    town.ticket()
    at = START + 19 * HOUR
    town.tick(at)
    service.answers = [(503, {}), (503, {})]  # also the last call to return it
    send_all(town, at)
    send_all(town, at + timedelta(minutes=10))
    urged = next(shown for shown in phone.shown if shown["kind"] == "sign_due")
    assert urged["body"].startswith("还有 50 分钟：")
    assert str(50 * 60) in {request["ttl"] for request in service.requests}


def test_two_devices_of_one_person_get_it_once_each(town: Town, service: PushService) -> None:
    phones = [town.subscribe("a", service) for _ in range(2)]
    town.ticket()
    town.tick(START)
    send_all(town)
    assert [len(phone.shown) for phone in phones] == [1, 1]
    assert len(town.inbox("a")) == 1


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_the_service_does_not_know_is_forgotten(town: Town, service: PushService, status: int) -> None:
    town.subscribe("a", service)
    town.ticket()
    town.ticket()
    town.tick(START)
    service.answers = [(status, {})]
    outcomes = send_all(town)
    assert outcomes == [Outcome(Result.GONE, f"http {status}", code=str(status))]
    with town.database.read() as session:
        assert session.scalars(select(ContactPoint)).all() == []
    assert sorted((row.state, row.contact_id) for row in deliveries(town)) == [(DROPPED, None), (PASSED, None)]
    assert len(town.inbox("a")) == 2, "the inbox keeps what no push could bring"


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_passing_failure_is_tried_again_later(town: Town, service: PushService, status: int) -> None:
    phone = town.subscribe("a", service)
    town.ticket()
    town.tick(START)
    service.answers = [(status, {})] * 2
    send_all(town)
    (row,) = deliveries(town)
    assert (row.state, row.attempts, row.last_error) == (PENDING, 1, f"http {status}")
    assert row.next_attempt_at == START + BACKOFF[0]
    assert send_all(town, row.next_attempt_at - timedelta(milliseconds=1)) == []
    assert send_all(town, START) == [], "a job that came twice finds it not due"
    send_all(town, row.next_attempt_at)
    (row,) = deliveries(town)
    assert row.next_attempt_at == START + BACKOFF[0] + BACKOFF[1]
    send_all(town, row.next_attempt_at)
    assert (deliveries(town)[0].state, len(phone.shown)) == (DELIVERED, 1)


@pytest.mark.parametrize(
    ("header", "pause"),
    [
        ({"Retry-After": "1800"}, timedelta(minutes=30)),
        ({"Retry-After": "0"}, BACKOFF[0]),
        ({"Retry-After": "999999"}, timedelta(hours=6)),
        ({"Retry-After": "soon"}, BACKOFF[0]),
        ({"Retry-After": "Fri, 20 Nov 2099 01:44:00 GMT"}, timedelta(hours=6)),
    ],
)
def test_the_pause_a_service_asks_for_is_kept_within_reason(
    town: Town, service: PushService, header: dict[str, str], pause: timedelta
) -> None:
    town.subscribe("a", service)
    town.ticket()
    town.tick(START)
    service.answers = [(429, header)]
    send_all(town)
    assert deliveries(town)[0].next_attempt_at == START + pause


def test_it_is_not_tried_for_ever(town: Town, service: PushService) -> None:
    town.subscribe("a", service)
    town.ticket()
    town.tick(START)
    service.answers = [(500, {})] * 50
    at = START
    for _ in range(MAX_ATTEMPTS):
        assert len(send_all(town, at)) == 1
        at += HOUR
    (row,) = deliveries(town)
    assert (row.state, row.attempts) == (FAILED, MAX_ATTEMPTS)


@pytest.mark.parametrize("status", [301, 307, 400, 401, 403, 413])
def test_what_can_never_work_is_not_tried_again(town: Town, service: PushService, status: int) -> None:
    town.subscribe("a", service)
    town.ticket()
    town.tick(START)
    service.answers = [(status, {"Location": f"{service.url}/elsewhere"})]
    send_all(town)
    assert (deliveries(town)[0].state, len(service.requests)) == (FAILED, 1)


def test_a_service_that_is_away_is_tried_again(town: Town) -> None:
    with PushService() as service:
        town.subscribe("a", service)
    town.ticket()
    town.tick(START)
    send_all(town)
    (row,) = deliveries(town)
    assert (row.state, row.last_error) == (PENDING, "连不上对方的服务器")


def test_a_killed_worker_is_followed_by_another(town: Town, service: PushService) -> None:
    class Killed(BaseException):
        pass

    class Dying:
        def send(self, message: object) -> Outcome:
            raise Killed

    phone = town.subscribe("a", service)
    town.ticket()
    town.tick(START)
    with pytest.raises(Killed):
        send_each(town.database, by(Dying()), START)
    assert due(town, START + LEASE - timedelta(milliseconds=1)) == []
    send_all(town, START + LEASE)
    assert len(phone.shown) == 1


def test_what_was_read_or_done_meanwhile_is_not_pushed(town: Town, service: PushService) -> None:
    phone = town.subscribe("a", service)
    read, signed = town.ticket(), town.ticket()
    town.tick(START)
    (notice,) = [n for n in town.inbox("a") if n.ticket_id == read]
    town.acknowledge("a", notice.id, START)
    town.sign(signed, START)
    assert send_all(town) == [None, None]
    assert {row.state for row in deliveries(town)} == {DROPPED}
    assert phone.shown == []


def test_a_signed_out_device_gets_nothing(town: Town, service: PushService) -> None:
    town.subscribe("a", service)
    with town.database.unit_of_work() as session:
        session.scalars(select(LoginSession)).one().ended_at = START
    town.ticket()
    town.tick(START)
    assert deliveries(town) == []
    assert len(town.inbox("a")) == 1


def test_a_shared_browser_belongs_to_who_signed_in_last(town: Town, service: PushService) -> None:
    phone = town.subscribe("a", service)
    town.subscribe_at("b", f"{service.url}/{phone.token}", phone)
    town.ticket()
    town.tick(START)
    town.tick(START + timedelta(hours=2))  # a has not answered
    send_all(town, START + timedelta(hours=2))
    (notice,) = town.inbox("b")
    assert [shown["notice_id"] for shown in phone.shown] == [notice.id]


@pytest.mark.timeout(60)
def test_a_slow_service_does_not_hold_up_the_tick(town: Town, service: PushService, monkeypatch) -> None:
    monkeypatch.setattr(webpush, "TIMEOUT", (2.0, 8.0))
    service.delay = 4.0
    town.subscribe("a", service)
    town.ticket()
    town.tick(START)
    sending = threading.Thread(target=send_all, args=(town,))
    sending.start()
    while due(town):
        time.sleep(0.02)
    town.ticket()
    begun = time.monotonic()
    assert town.tick(START) == 1
    assert time.monotonic() - begun < 2
    sending.join()
    assert DELIVERED in {row.state for row in deliveries(town)}


def test_a_service_that_never_answers_costs_bounded_time(town: Town, service: PushService, monkeypatch) -> None:
    monkeypatch.setattr(webpush, "TIMEOUT", (1.0, 0.3))
    service.delay = 3.0
    town.subscribe("a", service)
    town.ticket()
    town.tick(START)
    begun = time.monotonic()
    (outcome,) = send_all(town)
    assert time.monotonic() - begun < 2
    assert outcome == Outcome(Result.LATER, "对方没有及时回答", code="network")


def test_the_null_channel_is_taken_without_keys(tmp_path) -> None:
    config = Config(secret_key="k" * 40, var_dir=tmp_path, database_url="sqlite://")
    assert isinstance(Exits(config, Database("sqlite://")).channel("dalad", WEBPUSH), NullChannel)
    keyed = replace(config, vapid_private_key=PRIVATE, vapid_subject="mailto:x@example.org")
    assert isinstance(Exits(keyed, Database("sqlite://")).channel("dalad", WEBPUSH), WebPush)


def test_the_null_channel_ends_a_delivery(town: Town, service: PushService) -> None:
    town.subscribe("a", service)
    town.ticket()
    town.tick(START)
    null = NullChannel()
    send_each(town.database, by(null), START)
    assert (len(null.sent), deliveries(town)[0].code) == (1, "not_configured")


def test_a_key_pair_gives_the_point_a_browser_subscribes_with() -> None:
    assert len(public_key(PRIVATE)) == 87
    with pytest.raises(ValueError):
        public_key("not a key")
