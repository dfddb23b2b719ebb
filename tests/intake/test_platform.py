"""An upstream platform hands requests over: signatures, repeats, answers."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from intake import exports
from intake.conftest import Office
from scenario import World
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from app import clock, signing
from app.ids import new_id
from app.intake import platform
from app.intake.models import IntakeKey

PATH = "/api/v1/intake/tickets"


class Platform:
    """The other side, written from the description and not from our code."""

    def __init__(self, office: Office, label: str = "市平台") -> None:
        self._client = office.world.app.test_client()
        self.key_id = new_id()
        answer = office.admin.call("POST", "/api/v1/intake/keys", json={"key_id": self.key_id, "label": label})
        assert answer.status_code == 201, answer.text
        self.secret: str = answer.get_json()["secret"]

    def sign(self, body: bytes, identity: str, late: float = 0) -> dict[str, str]:
        seconds = str(int(clock.now().timestamp() + late))
        text = seconds.encode() + b"." + identity.encode() + b"." + body
        digest = hmac.new(self.secret.encode(), text, hashlib.sha256).hexdigest()
        return {
            "X-Doorstep-Key": self.key_id, "X-Doorstep-Timestamp": seconds, "Idempotency-Key": identity,
            "X-Doorstep-Signature": f"v1={digest}", "Content-Type": "application/json",
        }  # fmt: skip

    def post(self, body: Any, identity: str | None = None, late: float = 0, **headers: str) -> TestResponse:
        content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        signed = self.sign(content, identity or new_id(), late)
        return self._client.post(PATH, data=content, headers=signed | headers)

    def send(self, body: Any, identity: str | None = None) -> list[dict[str, Any]]:
        answer = self.post(body, identity)
        assert answer.status_code == 200, answer.text
        results: list[dict[str, Any]] = answer.get_json()["results"]
        return results


def request_(**other: Any) -> dict[str, Any]:
    made = {
        "number": exports.line()[0], "title": "楼道感应灯不亮", "content": "三号楼二单元感应灯不亮。", "kind": "投诉",
        "source": "12345", "priority": "紧急", "caller": {"name": "王小明", "phone": "13812345678"},
        "received_at": "2026-11-01T09:30:00+08:00",
    }  # fmt: skip
    return made | other


@pytest.fixture(scope="module")
def city(office: Office) -> Platform:
    return Platform(office)


def test_one_request_and_the_journal_names_the_key(office: Office, city: Platform) -> None:
    wanted = request_()
    [told] = city.send(wanted)
    assert (told["status"], told["number"], told["code"]) == ("taken", wanted["number"], None)
    ticket = office.station.ticket(told["ticket_id"])
    assert (ticket["number"], ticket["kind"], ticket["priority"]) == (wanted["number"], "complaint", "urgent")
    first = ticket["detail"]["timeline"][0]
    assert first["by"] == {"id": city.key_id, "name": "接口 市平台"} and "接口 市平台" in first["summary"]


def test_a_batch_has_an_answer_for_each(office: Office, city: Platform) -> None:
    known = request_()
    city.send(known)
    batch = [
        request_(), known, request_(kind="唠嗑"), request_(content=""), {"number": "X"}, "text", request_(surprise=1),
        request_(received_at="2199-01-01T00:00:00Z"), request_(title="半个表情\ud83d"),
    ]  # fmt: skip
    body = json.dumps({"tickets": batch}).encode()
    answer = city.post(body)
    results = answer.get_json()["results"]
    assert [r["status"] for r in results] == ["taken", "known", *["refused"] * 7]
    assert results[1]["ticket_id"] == office.ticket(known["number"])["id"]
    assert all(r["message"] and r["code"] for r in results[2:]), results
    assert "唠嗑" in results[2]["message"] and "content" in results[3]["message"]


def test_the_same_call_again_gets_the_same_answer(office: Office, city: Platform) -> None:
    identity, body = new_id(), {"tickets": [request_(), request_(kind="唠嗑")]}
    first, second = city.send(body, identity), city.send(body, identity)
    assert first == second
    assert office.ticket_count(body["tickets"][0]["number"]) == 1


def test_the_same_key_with_another_body_is_refused_whole(office: Office, city: Platform) -> None:
    identity, other = new_id(), request_()
    city.send(request_(), identity)
    answer = city.post(other, identity)
    assert answer.status_code == 422 and answer.get_json()["code"] == "idempotency_key_reused"
    assert office.ticket_count(other["number"]) == 0


def test_a_crash_in_the_middle_and_the_call_again(
    office: Office, city: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity, body = new_id(), {"tickets": [request_() for _ in range(4)]}
    real, made = platform._answer, []

    def dying(*args: Any) -> Any:
        if len(made) == 2:
            raise SystemError("the process is gone")
        made.append(real(*args))
        return made[-1]

    with monkeypatch.context() as patch:
        patch.setattr(platform, "_answer", dying)
        assert city.post(body, identity).status_code == 500
    results = city.send(body, identity)
    assert [r["status"] for r in results] == ["taken"] * 4
    assert [r["ticket_id"] for r in results[:2]] == [row.ticket_id for row in made]
    assert [office.ticket_count(r["number"]) for r in results] == [1] * 4


def test_the_same_call_many_times_at_once(office: Office, city: Platform) -> None:
    identity, body = new_id(), {"tickets": [request_() for _ in range(3)]}
    answers: list[Any] = []
    threads = [threading.Thread(target=lambda: answers.append(city.post(body, identity))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [a.status_code for a in answers] == [200] * 4
    bodies = [a.get_json()["results"] for a in answers]
    assert all(b == bodies[0] for b in bodies) and [r["status"] for r in bodies[0]] == ["taken"] * 3
    assert [office.ticket_count(r["number"]) for r in bodies[0]] == [1] * 3


def test_the_same_number_in_two_calls_at_once(office: Office, city: Platform) -> None:
    wanted = request_()
    answers: list[Any] = []
    threads = [threading.Thread(target=lambda: answers.append(city.send(wanted)[0])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(a["status"] for a in answers) == ["known"] * 3 + ["taken"]
    assert len({a["ticket_id"] for a in answers}) == 1 and office.ticket_count(wanted["number"]) == 1


# --- who is not let in


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"X-Doorstep-Signature": ""}, "platform_unsigned"),
        ({"X-Doorstep-Timestamp": "yesterday"}, "platform_unsigned"),
        ({"X-Doorstep-Timestamp": "٠١٢٣٤٥٦٧٨٩"}, "platform_unsigned"),
        ({"Idempotency-Key": "short"}, "platform_unsigned"),
        ({"Idempotency-Key": "with.a.dot.inside"}, "platform_unsigned"),
        ({"X-Doorstep-Signature": "v1=" + "0" * 64}, "platform_signature_wrong"),
        ({"X-Doorstep-Signature": "v1=é"}, "platform_signature_wrong"),
        ({"Idempotency-Key": "another-identity"}, "platform_signature_wrong"),
        ({"X-Doorstep-Key": new_id()}, "platform_signature_wrong"),
        ({"X-Doorstep-Key": "' OR 1=1"}, "platform_signature_wrong"),
        ({"X-Doorstep-Key": "zz"}, "platform_signature_wrong"),
    ],
)
def test_a_signature_that_does_not_hold(city: Platform, headers: dict[str, str], code: str) -> None:
    answer = city.post(request_(), **headers)
    assert (answer.status_code, answer.get_json()["code"]) == (401, code)


def test_a_body_that_was_changed_on_the_way(office: Office, city: Platform) -> None:
    wanted = request_()
    signed = city.sign(json.dumps(wanted).encode(), new_id())
    changed = json.dumps(wanted | {"title": "别的"}).encode()
    answer = office.world.app.test_client().post(PATH, data=changed, headers=signed)
    assert answer.get_json()["code"] == "platform_signature_wrong" and office.ticket_count(wanted["number"]) == 0


@pytest.mark.parametrize(("late", "status"), [(-310, 401), (310, 401), (-280, 200), (280, 200)])
def test_five_minutes_either_way(city: Platform, late: float, status: int) -> None:
    answer = city.post(request_(), late=late)
    assert answer.status_code == status
    if status == 401:
        assert answer.get_json()["code"] == "platform_clock_wrong" and answer.get_json()["facts"]["now"]


def test_a_token_does_not_open_this_door_and_a_signature_not_the_others(office: Office, city: Platform) -> None:
    assert office.station.call("POST", PATH, json=request_()).get_json()["code"] == "platform_unsigned"
    headers = city.sign(b"", new_id())
    answer = office.world.app.test_client().get("/api/v1/intake/files", headers=headers)
    assert answer.get_json()["code"] == "token_missing"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "body_not_json"), (b"[]", 422, "platform_batch_invalid"),
        (b'{"tickets": []}', 422, "platform_batch_invalid"), (b'{"tickets": 7}', 422, "platform_batch_invalid"),
        (b"[" * 5000, 400, "body_not_json"), (b"\xff", 400, "body_not_json"),
        (b'{"tickets": [' + b"{}," * 100 + b"{}]}", 422, "platform_batch_invalid"),
        (b"x" * (1024 * 1024 + 1), 413, "body_too_large"),
    ],
)  # fmt: skip
def test_bodies_that_are_none(city: Platform, body: bytes, status: int, code: str) -> None:
    answer = city.post(body)
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)


# --- keys


def test_a_new_secret_and_the_day_the_old_one_still_works(office: Office) -> None:
    platform_ = Platform(office)
    old = platform_.secret
    answer = office.admin.call("POST", f"/api/v1/intake/keys/{platform_.key_id}/secret")
    new = answer.get_json()["secret"]
    assert new != old
    assert platform_.post(request_()).status_code == 200
    platform_.secret = new
    assert platform_.post(request_()).status_code == 200
    with office.world.database.unit_of_work() as session:
        past = clock.now() - timedelta(seconds=1)
        session.execute(update(IntakeKey).where(IntakeKey.id == platform_.key_id).values(former_until=past))
    platform_.secret = old
    assert platform_.post(request_()).get_json()["code"] == "platform_signature_wrong"


def test_a_revoked_key_is_told_so_only_to_who_signs_with_it(office: Office) -> None:
    platform_ = Platform(office, "旧平台")
    office.admin.do("intake.key_revoke", None, key_id=platform_.key_id)
    answer = platform_.post(request_())
    assert (answer.status_code, answer.get_json()["code"]) == (403, "platform_key_revoked")
    platform_.secret = "a guess"
    assert platform_.post(request_()).get_json()["code"] == "platform_signature_wrong"
    answer = office.admin.call("POST", f"/api/v1/intake/keys/{platform_.key_id}/secret")
    assert answer.get_json()["code"] == "platform_key_revoked"


def test_secrets_are_shown_once_and_kept_sealed(office: Office) -> None:
    platform_ = Platform(office)
    platform_.send(request_())
    listed = office.admin.call("GET", "/api/v1/intake/keys")
    mine = next(k for k in listed.get_json()["keys"] if k["id"] == platform_.key_id)
    assert platform_.secret not in listed.text and mine["last_used_at"] and mine["revoked_at"] is None
    with office.world.database.read() as session:
        kept = session.scalars(select(IntakeKey.secret).where(IntakeKey.id == platform_.key_id)).one()
    assert platform_.secret not in kept
    assert platform_.secret not in str([event.payload for event in office.journal()])
    names = [e.name for e in office.journal() if e.payload.get("key_id") == platform_.key_id]
    assert names == ["intake.key_created"]
    again = office.admin.call("POST", "/api/v1/intake/keys", json={"key_id": platform_.key_id, "label": "再来"})
    assert again.get_json()["code"] == "id_taken"


def test_a_changed_secret_key_is_told_in_words(office: Office) -> None:
    platform_ = Platform(office)
    with office.world.database.unit_of_work() as session:
        session.execute(update(IntakeKey).where(IntakeKey.id == platform_.key_id).values(secret="gAAAAA-other"))
    answer = platform_.post(request_())
    assert (answer.status_code, answer.get_json()["code"]) == (409, "secret_unreadable")


@pytest.mark.parametrize("who", ["station", "liaison", "supervisor"])
def test_only_administrators_have_keys(office: Office, city: Platform, who: str) -> None:
    phone = office.world.phone(who)
    assert phone.call("GET", "/api/v1/intake/keys").status_code == 403
    body = {"key_id": new_id(), "label": "某平台"}
    assert phone.call("POST", "/api/v1/intake/keys", json=body).status_code == 403
    assert phone.call("POST", f"/api/v1/intake/keys/{city.key_id}/secret").status_code == 403
    assert phone.refused("intake.key_revoke", None, key_id=city.key_id) == "not_permitted"


def test_another_place_does_not_see_them(office: Office, city: Platform) -> None:
    other = World(office.world.app, "hedong").phone("admin")
    assert other.call("GET", "/api/v1/intake/keys").get_json()["keys"] == []
    assert other.refused("intake.key_revoke", None, key_id=city.key_id) == "intake_key_not_found"
    assert city.post(request_()).status_code == 200


def test_signatures_bind_every_part() -> None:
    made = signing.sign("s", 1_700_000_000, "identity-1", b"body")
    assert signing.holds(["x", "s"], 1_700_000_000, "identity-1", b"body", made)
    for other in (
        (1_700_000_001, "identity-1", b"body"),
        (1_700_000_000, "identity-2", b"body"),
        (1_700_000_000, "identity-1", b"Body"),
    ):
        assert not signing.holds(["s"], *other, made)
    assert not signing.holds([], 1_700_000_000, "identity-1", b"body", made)
