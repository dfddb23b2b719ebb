"""What may be called and how long it may take: the server is sent to hosts that browsers name (SSRF)."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from datetime import timedelta

import pytest
import requests
from reminders.push_service import Phone, PushService, new_phone

from app.channels import egress
from app.channels.channel import Message, Outcome, Result
from app.channels.egress import Inside, OutsideSession
from app.channels.endpoints import encode, judge_endpoint, judge_keys
from app.channels.webpush import WebPush
from app.problems import ALLOWED

HOUR = timedelta(hours=1)
PRIVATE = encode((7).to_bytes(32, "big"))
CHANNEL = WebPush(PRIVATE, "mailto:station@example.org", local=True)


@pytest.mark.parametrize(
    ("url", "fine", "fine_locally"),
    [
        ("https://fcm.googleapis.com/fcm/send/abc:def", True, True),
        ("https://web.push.apple.com/QF5", True, True),
        ("https://wns2.notify.windows.com:443/w/?token=x%2b", True, True),
        ("https://[2a00:1450:4009:80b::200e]/x", True, True),
        ("http://fcm.googleapis.com/x", False, False),
        ("http://127.0.0.1:8080/x", False, True),
        ("http://localhost/x", False, True),
        ("https://localhost/x", False, True),
        ("https://10.1.2.3/x", False, False),
        ("https://192.168.1.1/x", False, False),
        ("https://169.254.169.254/latest/meta-data", False, False),
        ("https://100.64.0.1/x", False, False),
        ("https://[::1]:99999/x", False, False),
        ("https://[fd00::1]/x", False, False),
        ("https://[::ffff:10.0.0.1]/x", False, False),
        ("https://[64:ff9b::a00:1]/x", False, False),
        ("https://[2002:a00:1::]/x", False, False),
        ("https://0.0.0.0/x", False, False),
        ("https://224.0.0.1/x", False, False),
        ("https://2130706433/x", False, False),
        ("https://0x7f.0.0.1/x", False, False),
        ("https://127.1/x", False, False),
        ("https://redis/x", False, False),
        ("https://db.internal/x", False, False),
        ("https://printer.local./x", False, False),
        ("https://user:pass@fcm.googleapis.com/x", False, False),
        ("https://fcm.googleapis.com/x#y", False, False),
        ("https://fcm.googleapis.com\\@10.0.0.1/x", False, False),
        ("https:///x", False, False),
        ("https://例子.中国/x", False, False),
        ("ftp://fcm.googleapis.com/x", False, False),
        ("file:///etc/passwd", False, False),
        ("https://fcm.googleapis.com/" + "x" * 1000, False, False),
        ("https://fcm.googleapis.com/\nx", False, False),
        ("", False, False),
    ],
)
def test_where_the_server_may_be_sent(url: str, fine: bool, fine_locally: bool) -> None:
    assert (judge_endpoint(url, False) is ALLOWED) == fine
    assert (judge_endpoint(url, True) is ALLOWED) == fine_locally


def test_only_keys_that_can_be_encrypted_to() -> None:
    phone = new_phone()
    good, secret = encode(phone.public), encode(phone.secret)
    assert judge_keys(good, secret) is ALLOWED
    assert judge_keys(good + "=", secret + "==") is ALLOWED
    for point, auth in [(encode(b"\x04" + b"\x01" * 64), secret), (good[:-4], secret), (good, "AAAA"), ("汉", secret)]:
        assert judge_keys(point, auth) is not ALLOWED, (point, auth)


def test_a_name_that_leads_inside_is_not_called(service: PushService, monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the name looks fine and resolves to loopback when it is called."""
    port = int(service.url.rpartition(":")[2])
    answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: answer)
    with OutsideSession() as session, pytest.raises(Inside):
        session.post(f"http://push.example.com:{port}/x", data=b"", timeout=2)
    outside = WebPush(PRIVATE, "mailto:station@example.org")
    phone = new_phone()
    message = _message(f"https://push.example.com:{port}/{phone.token}", phone)
    assert outside.send(message) == Outcome(Result.NEVER, "地址指向内部网络，未发送", code="inside")
    assert service.requests == []


def _message(endpoint: str, phone: Phone) -> Message:
    keys = {"p256dh": encode(phone.public), "auth": encode(phone.secret)}
    return Message(endpoint, "t", "b", "a" * 32, HOUR, keys=keys)


def test_a_redirect_is_not_followed(service: PushService) -> None:
    service.answers = [(302, {"Location": f"{service.url}/inside"})]
    with OutsideSession(local=True) as session:
        response = session.post(f"{service.url}/x", data=b"", timeout=2)
    assert (response.status_code, len(service.requests)) == (302, 1)


def test_an_endless_answer_does_not_fill_the_memory() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 201 Created\r\n\r\n")
                with contextlib.suppress(OSError):
                    for _ in range(2000):
                        connection.sendall(b"x" * 65536)

        threading.Thread(target=answer, daemon=True).start()
        with OutsideSession(local=True) as session:
            response = session.post(f"http://127.0.0.1:{server.getsockname()[1]}/x", data=b"", timeout=5)
    assert isinstance(response, requests.Response)
    assert len(response.content) == 4096


@pytest.mark.timeout(30)
def test_a_trickle_ends_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes in time for the timeout of a read; the whole answer never would."""
    monkeypatch.setattr(egress, "WHOLE_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                with contextlib.suppress(OSError):
                    connection.sendall(b"HTTP/1.1 201 Created\r\nX-Slow: ")
                    while True:
                        connection.sendall(b"x")
                        time.sleep(0.05)

        threading.Thread(target=answer, daemon=True).start()
        phone = new_phone()
        begun = time.monotonic()
        outcome = CHANNEL.send(_message(f"http://127.0.0.1:{server.getsockname()[1]}/{phone.token}", phone))
    assert 0.5 < time.monotonic() - begun < 3
    assert outcome.result is Result.TAKEN, "the status had come"
