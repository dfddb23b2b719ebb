"""What each browser's push service does otherwise than the RFCs say, said by a service on a socket."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import timedelta

import jwt
import pytest
from reminders.push_service import Phone, PushService, new_phone

from app.channels import push_services
from app.channels.channel import TAKEN, Message, Outcome, Result
from app.channels.endpoints import encode
from app.channels.push_services import PLAIN_BYTES, headers, outcome, topic
from app.channels.webpush import WebPush
from config import Config, ConfigError

PRIVATE = encode((7).to_bytes(32, "big"))
CHANNEL = WebPush(PRIVATE, "mailto:station@example.org", local=True)
APPLE, FCM = "https://web.push.apple.com/QB", "https://fcm.googleapis.com/fcm/send/x"
MOZILLA, WNS = (
    "https://updates.push.services.mozilla.com/wpush/v2/x",
    "https://wns2-par02p.notify.windows.com/w/?token=x",
)
GONE, NEVER, LATER, NEXT = Result.GONE, Result.NEVER, Result.LATER, Result.NEXT


def phone_at(service: PushService) -> Phone:
    phone = new_phone()
    service.phones[phone.token] = phone
    return phone


def message(service: PushService, phone: Phone, **over: object) -> Message:
    keys = {"p256dh": encode(phone.public), "auth": encode(phone.secret)}
    made = Message(f"{service.url}/{phone.token}", "城建局 · DL-1", "待签收", "t" * 32, timedelta(hours=1), keys=keys)
    return replace(made, **over)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("endpoint", "status", "answered", "body", "result", "words"),
    [
        (APPLE, 403, {}, '{"reason":"BadJwtToken"}', NEVER, "VAPID_SUBJECT"),
        (APPLE, 400, {}, '{"reason":"VapidPkHashMismatch"}', GONE, "另一把密钥"),
        (APPLE, 410, {}, '{"reason":"Unregistered"}', GONE, "http 410"),
        (APPLE, 413, {}, '{"reason":"PayloadTooLarge"}', NEVER, "消息过长"),
        (APPLE, 429, {}, '{"reason":"TooManyRequests"}', LATER, "TooManyRequests"),
        (FCM, 403, {}, "the VAPID credentials in the authorization header do not correspond to the credentials used "
         "to create the subscriptions.", GONE, "另一把密钥"),
        (FCM, 400, {}, "<HTML><TITLE>UnauthorizedRegistration</TITLE></HTML>", GONE, "另一把密钥"),
        (FCM, 403, {}, "<HTML>blocked</HTML>", NEVER, "http 403"),
        (FCM, 404, {}, "", GONE, "http 404"),
        (MOZILLA, 401, {}, '{"code":401,"errno":109,"message":"VAPID public key mismatch"}', GONE, "另一把密钥"),
        (MOZILLA, 410, {}, '{"code":410,"errno":106}', GONE, "http 410"),
        (MOZILLA, 413, {}, '{"code":413,"errno":104}', NEVER, "消息过长"),
        (MOZILLA, 400, {}, '{"code":400,"errno":110,"message":"Invalid crypto keys"}', NEVER, "Invalid crypto keys"),
        (MOZILLA, 503, {}, '{"code":503,"errno":201,"message":"Use exponential back-off"}', LATER, "back-off"),
        (WNS, 406, {"X-WNS-NotificationStatus": "appthrottled"}, "", LATER, "限流"),
        (WNS, 400, {"X-WNS-Error-Description": "Ttl value conflicts with X-WNS-Cache-Policy."}, "", NEVER, "Ttl value"),
        (WNS, 201, {"X-WNS-NotificationStatus": "channelthrottled"}, "", LATER, "限流"),
        (WNS, 201, {"X-WNS-Status": "dropped"}, "", NEXT, "没有送出"),
        (FCM, 406, {}, "", NEVER, "http 406"),
    ],
)  # fmt: skip
def test_what_a_service_says_is_understood(
    endpoint: str, status: int, answered: dict[str, str], body: str, result: Result, words: str
) -> None:
    found = outcome(endpoint, status, answered, body.encode(), None)
    assert found is not None and found.result is result and words in found.reason, found
    assert len(found.reason) <= 200 and len(found.code or "") <= 40


def test_taken_is_taken() -> None:
    assert outcome(WNS, 201, {"X-WNS-NotificationStatus": "received", "X-WNS-Status": "received"}, b"", None) is None
    assert outcome(FCM, 201, {"Location": "https://fcm.googleapis.com/x"}, b"", None) is None


def test_a_refusal_in_the_body_is_read_over_the_socket() -> None:
    with PushService() as service:
        phone = phone_at(service)
        service.answers, service.body = (
            [(403, {}), (400, {}), (429, {"Retry-After": "90"})],
            b'{"reason":"BadJwtToken"}',
        )
        assert CHANNEL.send(message(service, phone)).result is Result.NEVER
        service.body = b'{"reason":"VapidPkHashMismatch"}'
        gone = CHANNEL.send(message(service, phone))
        assert (gone.result, gone.code) == (Result.GONE, "VapidPkHashMismatch")
        service.body = b""
        assert CHANNEL.send(message(service, phone)) == Outcome(LATER, "http 429", timedelta(seconds=90), "429")
        assert CHANNEL.send(message(service, phone)) == TAKEN


def test_what_is_long_is_cut_until_every_service_takes_it() -> None:
    with PushService() as service:
        phone = phone_at(service)
        for body in ("长" * 5000, "\U0001f6a8" * 3000, '"\\' * 4000):
            assert CHANNEL.send(message(service, phone, body=body)) == TAKEN
            shown = phone.shown[-1]
            raw = json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode()
            assert len(raw) <= PLAIN_BYTES and shown["body"].endswith("…") and len(shown["body"]) > 400
            assert int(service.requests[-1]["content-length"]) < 3000
        assert CHANNEL.send(message(service, phone)) == TAKEN and phone.shown[-1]["body"] == "待签收"


@pytest.mark.parametrize(
    ("keep", "ttl"), [(timedelta(0), 60), (timedelta(seconds=-5), 60), (timedelta(hours=1), 3600),
                      (timedelta(days=365), 28 * 86400)],
)  # fmt: skip
def test_the_time_to_live_is_one_that_all_take(keep: timedelta, ttl: int) -> None:
    with PushService() as service:
        phone = phone_at(service)
        assert CHANNEL.send(message(service, phone, keep=keep)) == TAKEN
        assert service.requests[-1]["ttl"] == str(ttl)


def test_topics_and_headers_are_of_the_allowed_kind() -> None:
    assert topic("a" * 32) == "a" * 32
    for strange in ("a" * 33, "通知", "a b", "", "x=y"):
        made = topic(strange)
        assert len(made) == 32 and made == topic(strange) and push_services._TOPIC.fullmatch(made)
    sent = Message("x", "t", "b", "t" * 32, timedelta(hours=1))
    assert headers(FCM, sent) == {"Urgency": "high", "Topic": "t" * 32}
    assert headers(WNS, replace(sent, urgent=False)) == {
        "Urgency": "normal", "Topic": "t" * 32, "X-WNS-Cache-Policy": "cache",
    }  # fmt: skip


def test_the_token_is_for_that_service_alone_and_for_less_than_a_day() -> None:
    with PushService() as service:
        phone = phone_at(service)
        CHANNEL.send(message(service, phone))
        token = service.requests[-1]["authorization"].split("t=")[1].split(",")[0]
        claims = jwt.decode(token, options={"verify_signature": False})
        assert claims["aud"] == service.url and claims["sub"] == "mailto:station@example.org"
        assert 3600 < claims["exp"] - time.time() < 24 * 3600 - 600


def test_the_former_service_of_google_is_not_asked() -> None:
    old = Message("https://android.googleapis.com/gcm/send/x", "t", "b", "t" * 32, timedelta(hours=1))
    assert CHANNEL.send(old).result is Result.GONE


def test_a_message_answered_too_late_replaces_itself() -> None:
    """Taken, but nobody heard the yes: the second one has the same topic and tag, so that one is shown."""
    with PushService() as service:
        phone = phone_at(service)
        for _ in range(2):
            assert CHANNEL.send(message(service, phone)) == TAKEN
        assert len({request["topic"] for request in service.requests}) == 1
        assert list(phone.visible) == ["t" * 32]


@pytest.mark.parametrize("subject", ["mailto:a@localhost", "mailto:a@b.invalid", "https://intranet", "station", "http://x.cn",
                                     "mailto:", "mailto:a@10.0.0.1", "https://host.local"])  # fmt: skip
def test_a_contact_that_cannot_exist_is_refused_at_the_start(subject: str) -> None:
    """Apple answers 403 BadJwtToken to every message: better said once, to who can mend it."""
    with pytest.raises(ConfigError, match="VAPID_SUBJECT"):
        Config.from_environ({"SECRET_KEY": "k" * 40, "VAPID_SUBJECT": subject})


@pytest.mark.parametrize(
    "subject", ["mailto:jsjb@dalad.gov.cn", "https://app.dalad.gov.cn", "https://app.dalad.gov.cn/x"]
)
def test_a_contact_that_could_exist_is_taken(subject: str) -> None:
    assert Config.from_environ({"SECRET_KEY": "k" * 40, "VAPID_SUBJECT": subject}).vapid_subject == subject
