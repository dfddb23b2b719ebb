"""Results told to a platform: signed, at least once, again when it fails, visible when given up."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from intake.conftest import Office
from intake.receiver import Receiver
from scenario import REASON, REPLY_PARTS, World, photo
from sqlalchemy import select, update

from app import clock, worker
from app.ids import new_id
from app.intake import delivery, outcomes
from app.intake.models import Webhook, WebhookDelivery
from app.journal import tasks
from app.journal.models import Event, Task
from app.tickets.timeline import SENTENCES

BASE = "/api/v1/intake/webhooks"
ALL = ["dispatched", "signed", "returned", "closed", "reopened"]


class Hook:
    """One webhook of the town, seen by its administrator."""

    def __init__(self, office: Office, url: str, kinds: list[str] = ALL) -> None:
        self.office, self.id = office, new_id()
        body = {"webhook_id": self.id, "label": "市平台结果接口", "url": url, "kinds": kinds}
        answer = office.admin.call("POST", BASE, json=body)
        assert answer.status_code == 201, answer.text
        self.secret: str = answer.get_json()["secret"]

    def change(self, **change: Any) -> int:
        return self.office.admin.call("PATCH", f"{BASE}/{self.id}", json=change).status_code

    def log(self, **query: Any) -> list[dict[str, Any]]:
        answer = self.office.admin.call("GET", f"{BASE}/{self.id}/deliveries", query_string=query)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.get_json()["deliveries"]
        return found

    def seen(self) -> dict[str, Any]:
        hooks = self.office.admin.call("GET", BASE).get_json()["webhooks"]
        return next(hook for hook in hooks if hook["id"] == self.id)

    def due_now(self) -> None:
        """Time passes until the next attempt."""
        now = clock.now()
        with self.office.world.database.unit_of_work() as session:
            waiting = session.scalars(select(WebhookDelivery).where(WebhookDelivery.webhook_id == self.id)).all()
            for row in waiting:
                if row.next_at is not None:
                    row.next_at = now
                    session.get_one(Task, f"webhook:{row.id}").run_after = now


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.fixture
def hook(office: Office, receiver: Receiver) -> Iterator[Hook]:
    office.work()  # what other tests left
    made = Hook(office, receiver.url)
    receiver.secret = made.secret
    yield made
    with office.world.database.unit_of_work() as session:
        session.execute(update(Webhook).values(active=False))


def test_a_ticket_is_told_from_dispatch_to_close(office: Office, hook: Hook, receiver: Receiver) -> None:
    world = office.world
    ticket_id, reply_id = world.reviewing()
    reply = world.station.detail(ticket_id)["replies"][-1]
    photos = [world.liaison.upload(i, content) for i, content in _photos(reply)]
    assert all(answer.status_code == 204 for answer in photos)
    office.work()
    world.station.do("review.accept", ticket_id, reply_id=reply_id)
    office.work()
    told = receiver.messages
    assert [m["kind"] for m in told] == ["dispatched", "signed", "closed"]
    assert [m["state"] for m in told] == ["dispatched", "handling", "closed"]
    assert [m["sequence"] for m in told] == sorted(m["sequence"] for m in told)
    number = world.station.ticket(ticket_id)["number"]
    assert {m["number"] for m in told} == {number} and told[0]["unit"] == "树林召镇人民政府"
    closed = told[2]["reply"]
    assert {p["key"]: p["text"] for p in closed["parts"]} == REPLY_PARTS and closed["opinion"]["key"] == "satisfied"
    assert all(p["label"] for p in closed["parts"]) and closed["content_hash"] == reply["content_hash"]
    text = b"".join(receiver.bodies).decode()
    assert not any(word in text for word in ("王小明", "13812345678", "501室", "联络员甲", "分管领导甲", "139000"))
    assert [row["state"] for row in hook.log()] == ["delivered"] * 3 and hook.log()[0]["answer"] == "HTTP 204"


def _photos(reply: dict[str, Any]) -> list[tuple[str, bytes]]:
    return list(zip(reply["evidence_ids"], (photo(40), photo(200)), strict=True))


@pytest.fixture(scope="module")
def hedong(office: Office) -> Office:
    return Office(World(office.world.app, "hedong"))


def test_closed_and_opened_again_because_the_caller_is_not_satisfied(hedong: Office, receiver: Receiver) -> None:
    hook, world = Hook(hedong, receiver.url, ["closed", "reopened"]), hedong.world
    receiver.secret = hook.secret
    ticket_id = world.closed()
    world.call_back(ticket_id, satisfaction="dissatisfied", solved=False, reasons=["slow"])
    world.station.do("review.reopen", ticket_id, reasons=["仍未解决"])
    hedong.work()
    closed, reopened = receiver.messages
    assert (closed["kind"], closed["how"], closed["unit"]) == ("closed", "审核通过", "树林召镇人民政府")
    assert (reopened["kind"], reopened["state"], reopened["number"]) == ("reopened", "redo", closed["number"])
    assert reopened["sequence"] > closed["sequence"] and "reply" not in reopened
    assert closed["reply"]["parts"], "the reply is still the one that closed it, though it was sent back since"
    hook.change(active=False)


def test_answered_without_a_unit(office: Office, receiver: Receiver) -> None:
    uxin = Office(World(office.world.app, "uxin"))
    hook = Hook(uxin, receiver.url)
    receiver.secret = hook.secret
    ticket_id, station = uxin.world.registered(), uxin.station
    station.do("ticket.centre_sign", ticket_id, checked=True)
    station.contact(ticket_id, purpose="clarify", ago=0.05)
    text = "您反映的噪声事项由生态环境部门受理，已告知受理电话。"
    station.do("ticket.answer_directly", ticket_id, way="not_ours", text=text)
    uxin.work()
    [told] = receiver.messages
    assert (told["kind"], told["state"], told["unit"]) == ("closed", "closed", None)
    assert [part["text"] for part in told["reply"]["parts"]] == [text]
    blocks = station.call("GET", f"/api/v1/tickets/{ticket_id}/copy-blocks").get_json()["blocks"]
    assert text in [block["text"] for block in blocks]
    hook.change(active=False)


def test_a_ticket_given_back_is_told(office: Office, hook: Hook, receiver: Receiver) -> None:
    ticket_id, request_id = office.world.handling(), new_id()
    office.world.liaison.do("request.return", ticket_id, request_id=request_id, reason=REASON)
    office.station.do("request.decide", ticket_id, request_id=request_id, decision="approve", note="同意")
    office.work("webhook")
    assert receiver.messages[-1]["kind"] == "returned" and receiver.messages[-1]["state"] == "registered"


def test_only_what_was_asked_for(office: Office, hook: Hook, receiver: Receiver) -> None:
    assert hook.change(kinds=["signed"]) == 204
    office.world.handling()
    office.work("webhook")
    assert [m["kind"] for m in receiver.messages] == ["signed"]


def test_a_platform_that_is_down_hears_it_later_and_the_same(office: Office, hook: Hook, receiver: Receiver) -> None:
    receiver.answers = [500, 429, 302, 404]
    office.world.dispatched()
    office.work("webhook")
    for attempt, said in enumerate(("HTTP 500", "HTTP 429", "HTTP 302", "HTTP 404"), start=1):
        [row] = hook.log()
        assert (row["state"], row["attempts"], row["answer"]) == ("pending", attempt, said)
        assert clock.parse(row["next_at"]) - clock.now() > delivery.PAUSES[attempt - 1] - timedelta(seconds=20)
        assert office.task(f"webhook:{row['id']}").state == tasks.DUE
        assert office.work("webhook") == [], "not before its time"
        hook.due_now()
        office.work("webhook")
    [row] = hook.log()
    assert (row["state"], row["attempts"], row["next_at"]) == ("delivered", 5, None)
    assert len(set(receiver.bodies)) == 1 and len(receiver.bodies) == 5, "every attempt says the same"
    assert office.task(f"webhook:{row['id']}").state == tasks.DONE


def test_given_up_after_a_day_stays_visible_and_goes_out_when_asked(
    office: Office, hook: Hook, receiver: Receiver
) -> None:
    assert timedelta(hours=20) < sum(delivery.PAUSES, timedelta()) < timedelta(hours=30)
    receiver.answers = [503] * (len(delivery.PAUSES) + 1)
    office.world.dispatched()
    for _ in range(len(delivery.PAUSES) + 1):
        office.work("webhook")
        hook.due_now()
    [row] = hook.log(state="dead")
    assert row["attempts"] == len(delivery.PAUSES) + 1 and row["ended_at"] and row["label"] == "已派单"
    assert hook.seen()["dead"] == 1
    assert office.work("webhook") == [] and receiver.messages == []
    office.admin.do("webhook.retry", None, delivery_id=row["id"])
    office.work("webhook")
    assert hook.log()[0]["state"] == "delivered" and len(receiver.messages) == 1
    assert hook.seen()["dead"] == hook.seen()["pending"] == 0
    office.admin.do("webhook.retry", None, delivery_id=row["id"])
    office.work("webhook")
    assert len(receiver.messages) == 1, "what arrived is not sent again"


def test_nobody_listens(office: Office) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        hook = Hook(office, f"http://127.0.0.1:{taken.getsockname()[1]}/")
        office.world.dispatched()
        office.work("webhook")
        assert hook.log()[0]["state"] == "pending" and hook.log()[0]["answer"] == "网络错误：连不上对方的服务器"
    hook.change(active=False)


def test_a_slow_platform_holds_nobody_up(
    office: Office, hook: Hook, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "TIMEOUT", (0.2, 0.2))
    receiver.delay = 1.0
    office.world.dispatched()
    office.work("webhook")
    [row] = hook.log()
    assert row["state"] == "pending" and row["answer"] == "网络错误：对方没有及时回答"
    receiver.delay = 0.0
    hook.due_now()
    office.work("webhook")
    assert hook.log()[0]["state"] == "delivered"
    assert len({m["event_id"] for m in receiver.messages}) == 1, "a message that came twice can be told by its id"


class Killed(BaseException):
    """What a signal does to a process."""


def test_killed_after_sending_sends_again(
    office: Office, hook: Hook, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.world.dispatched()
    office.relay()
    [row] = hook.log()

    def die(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(delivery, "_note", die)
        with pytest.raises(Killed):
            worker.perform_with(office.context, f"webhook:{row['id']}")
    assert hook.log()[0]["state"] == "pending"
    office.work("webhook")
    assert hook.log()[0]["state"] == "delivered" and hook.log()[0]["attempts"] == 2
    assert [m["event_id"] for m in receiver.messages] == [row["id"]] * 2


def test_a_lost_relay_plans_each_message_once(office: Office, hook: Hook, receiver: Receiver) -> None:
    office.world.dispatched()
    for _ in range(3):
        office.relay()
    assert len(hook.log()) == 1
    with office.world.database.unit_of_work() as session:
        seq = session.scalars(select(WebhookDelivery.event_seq).where(WebhookDelivery.webhook_id == hook.id)).one()
        session.get_one(Event, seq).relayed_at = clock.now()
    office.work("webhook")
    assert len(receiver.messages) == 1


def test_the_test_button(office: Office, hook: Hook, receiver: Receiver) -> None:
    delivery_id = new_id()
    office.admin.do("webhook.test", None, webhook_id=hook.id, delivery_id=delivery_id)
    office.work("webhook")
    assert receiver.messages[0]["kind"] == "test" and receiver.messages[0]["event_id"] == delivery_id
    row = hook.log()[0]
    assert (row["id"], row["label"], row["state"]) == (delivery_id, "测试", "delivered")
    assert office.admin.refused("webhook.test", None, webhook_id=hook.id, delivery_id=delivery_id) == "id_taken"


def test_switched_off(office: Office, hook: Hook, receiver: Receiver) -> None:
    receiver.answers = [500]
    office.world.dispatched()
    office.work("webhook")
    hook.change(active=False)
    office.world.dispatched()
    hook.due_now()
    office.work("webhook")
    [row] = hook.log()
    assert (row["state"], row["answer"]) == ("dead", "接收地址已停用") and receiver.messages == []
    assert office.admin.refused("webhook.retry", None, delivery_id=row["id"]) == "webhook_inactive"
    code = office.admin.refused("webhook.test", None, webhook_id=hook.id, delivery_id=new_id())
    assert code == "webhook_inactive"


def test_a_new_secret(office: Office, hook: Hook, receiver: Receiver) -> None:
    receiver.secret = office.admin.call("POST", f"{BASE}/{hook.id}/secret").get_json()["secret"]
    assert receiver.secret != hook.secret
    office.world.dispatched()
    office.work("webhook")
    assert len(receiver.messages) == 1


def test_every_event_that_is_told_is_one_that_happens() -> None:
    assert set(outcomes.EVENTS) <= set(SENTENCES) and set(outcomes.EVENTS.values()) == set(outcomes.KINDS) == set(ALL)


# --- where it may not lead


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/", "https://10.0.0.8/x", "https://192.168.1.1/", "https://169.254.169.254/latest",
        "https://db/", "https://2130706433/", "https://user:pass@example.org/", "ftp://example.org/",
        "https://[fd00::1]/", "https://a.local/", "https://[::ffff:10.0.0.1]/", "https://exa mple.org/", "file:///etc/passwd",
    ],
)  # fmt: skip
def test_addresses_inside_are_refused(office: Office, hook: Hook, url: str) -> None:
    body = {"webhook_id": new_id(), "label": "某平台", "url": url, "kinds": ALL}
    answer = office.admin.call("POST", BASE, json=body)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "webhook_url_refused")
    assert "—" not in answer.get_json()["detail"]
    assert hook.change(url=url) == 422 and hook.seen()["url"] != url


def test_a_name_that_leads_inside_is_not_called(
    office: Office, hook: Hook, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name looks public; what it resolves to at the moment of sending decides."""
    hook.change(url="https://platform.example.org/results")
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.1.2.3", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    delivery_id = new_id()
    with office.world.database.unit_of_work() as session:
        row = session.get_one(Webhook, hook.id)
        outcomes.plan_test(session, row, delivery_id, clock.now())
    vault = delivery.Vault(office.config.secret_key)
    delivery.deliver(office.world.database, vault, delivery_id, office.config.demo, clock.now)
    assert hook.log()[0]["answer"] == "地址指向内部网络，未发送" and receiver.bodies == []


def test_outside_demonstrations_this_machine_may_not_be_called(office: Office, hook: Hook, receiver: Receiver) -> None:
    office.world.dispatched()
    office.relay()
    [row] = hook.log()
    vault = delivery.Vault(office.config.secret_key)
    delivery.deliver(office.world.database, vault, row["id"], False, clock.now)
    assert hook.log()[0]["answer"] == "地址不可用" and receiver.bodies == []


@pytest.mark.parametrize("who", ["station", "liaison", "supervisor"])
def test_only_administrators(office: Office, hook: Hook, who: str) -> None:
    phone = office.world.phone(who)
    body = {"webhook_id": new_id(), "label": "某平台", "url": "https://example.org/", "kinds": ALL}
    assert phone.call("GET", BASE).status_code == phone.call("POST", BASE, json=body).status_code == 403
    assert phone.call("PATCH", f"{BASE}/{hook.id}", json={"active": False}).status_code == 403
    assert phone.call("GET", f"{BASE}/{hook.id}/deliveries").status_code == 403
    assert phone.call("POST", f"{BASE}/{hook.id}/secret").status_code == 403
    assert phone.refused("webhook.test", None, webhook_id=hook.id, delivery_id=new_id()) == "not_permitted"
    assert phone.refused("webhook.retry", None, delivery_id=new_id()) == "not_permitted"


def test_the_journal_knows_who_changed_what_and_no_secret(office: Office, hook: Hook) -> None:
    hook.change(label="新名称")
    events = [e for e in office.journal() if e.payload.get("webhook_id") == hook.id]
    assert [e.name for e in events] == ["webhook.created", "webhook.changed"]
    assert all(e.actor_id == office.world.people["admin"].id for e in events)
    assert hook.secret not in str([e.payload for e in events])


def test_another_places_results_go_elsewhere(office: Office, hook: Hook, receiver: Receiver) -> None:
    other = World(office.world.app, "hukou")
    other.dispatched()
    office.work("webhook")
    assert receiver.messages == []
    assert other.phone("admin").call("GET", f"{BASE}/{hook.id}/deliveries").status_code == 404
