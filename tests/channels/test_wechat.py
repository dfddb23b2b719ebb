"""The whole conversation with WeChat: bound by OAuth, told by a template message, signed from the chat."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from channels.conftest import Office
from channels.live import Live
from reminders.conftest import Town
from sqlalchemy import func, select

from app import clock
from app.channels.bindings import LIFE
from app.channels.models import Binding, Heard
from app.channels.wechat_crypto import WINDOW_SECONDS
from app.demo.fakes.tencent import Follower
from app.journal.models import Event
from app.reach.kinds import WECHAT, WECOM
from app.sync.models import ReceiptRow
from app.tickets.models import Ticket

pytestmark = pytest.mark.slow


def authorize(office: Office, live: Live, who: str, channel: str = WECHAT) -> str:
    """Ask for the way to the service and return the state in it."""
    answer = live.call(office.town.people[who], "POST", "/channels/bindings", json={"channel": channel})
    assert answer.status_code == 201, answer.text
    query = parse_qs(urlsplit(answer.json()["url"]).query)
    assert query["redirect_uri"] == [f"{live.url}/oauth/{channel}"] and query["scope"] == ["snsapi_base"]
    return query["state"][0]


def come_back(live: Live, state: str, code: str, channel: str = WECHAT) -> str:
    """The browser comes back; return how it went."""
    answer = requests.get(
        f"{live.url}/oauth/{channel}", params={"state": state, "code": code}, allow_redirects=False, timeout=20
    )
    assert answer.status_code == 303, answer.text
    return parse_qs(urlsplit(answer.headers["Location"]).query)["outcome"][0]


def bound(office: Office, live: Live, who: str = "a") -> Follower:
    """Somebody who bound their WeChat."""
    person = office.wechat.follower()
    assert come_back(live, authorize(office, live, who), office.wechat.agree(person.openid)) == "ok"
    return person


def callback(live: Live) -> str:
    return f"{live.url}/api/v1/wechat/dalad/callback"


def state_of(town: Town, ticket_id: str) -> str:
    with town.database.read() as session:
        return session.get_one(Ticket, ticket_id).state


def dispatched(town: Town, at: datetime | None = None) -> str:
    return town.ticket(at or clock.now())


@pytest.mark.clause("D3.3")
def test_from_binding_to_signing_without_leaving_the_chat(office: Office, live: Live, town: Town) -> None:
    """Received and signed from the phone, day and night, and what is urgent reaches the person at once (三(三))."""
    office.set_up(WECHAT)
    person = bound(office, live)
    ticket = dispatched(town)
    now = clock.now()
    town.tick(now)
    office.send_all(clock.now())
    (shown,) = person.shown
    assert "DL-2026-0001" in shown["data"]["thing1"]["value"]

    tell = office.wechat.tell
    (listed,) = tell(callback(live), office.wechat.text(person.openid, "待办", 1))
    assert listed is not None and listed.startswith("待办 1 张：\nDL-2026-0001 待签收，")
    (answer,) = tell(callback(live), office.wechat.text(person.openid, "签收 dl-2026-0001", 2))
    assert answer is not None and answer.startswith("DL-2026-0001 已签收（")
    assert state_of(town, ticket) == "handling"
    (answer,) = tell(callback(live), office.wechat.text(person.openid, "ＤＬ－２０２６－０００１", 3))
    assert answer is not None and answer.startswith("DL-2026-0001 办理中")
    assert f"{live.url}/t/{ticket}" in answer


def test_a_repeated_callback_is_answered_alike_and_does_nothing_twice(office: Office, live: Live, town: Town) -> None:
    office.set_up(WECHAT)
    person = bound(office, live)
    dispatched(town)
    answers = office.wechat.tell(callback(live), office.wechat.text(person.openid, "签收 DL-2026-0001", 77), times=3)
    assert len(set(answers)) == 1 and "已签收" in (answers[0] or "")
    with town.database.read() as session:
        assert session.scalar(select(func.count()).where(Event.name == "ticket.signed")) == 1
        assert session.scalar(select(func.count()).where(ReceiptRow.name == "ticket.sign")) == 1


def test_the_repeated_command_is_the_same_even_when_the_first_answer_was_never_kept(
    office: Office, live: Live, town: Town
) -> None:
    """The process died after signing and before noting the message: the receipt answers."""
    office.set_up(WECHAT)
    person = bound(office, live)
    dispatched(town)
    message = office.wechat.text(person.openid, "签收 DL-2026-0001", 78)
    first = office.wechat.tell(callback(live), message)
    with town.database.unit_of_work() as session:
        session.delete(session.scalars(select(Heard).where(Heard.message_id.like("%:78"))).one())
    assert office.wechat.tell(callback(live), message) == first
    (again,) = office.wechat.tell(callback(live), office.wechat.text(person.openid, "签收 DL-2026-0001", 79))
    assert again is not None and "未能签收" in again and "办理中" in again, "another message is another command"


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("帮助", "可发送："),
        ("？", "可发送："),
        ("谢谢你 小王", "可发送："),
        ("签收", "请写明工单号"),
        ("签收 DL-9999", "没有找到您可以查看的工单“DL-9999”"),
        ("DL-2026-0002", "没有找到您可以查看的工单"),
        ("待办", "待办 1 张："),
    ],
)
def test_what_is_said_to_what(office: Office, live: Live, town: Town, words: str, answer: str) -> None:
    office.set_up(WECHAT)
    office.bind("a", WECHAT, "o-a")
    dispatched(town)
    town.ticket(clock.now(), "环卫局")  # another unit's: it does not exist for this one
    (said,) = office.wechat.tell(callback(live), office.wechat.text("o-a", words, 5))
    assert said is not None and answer in said
    for secret in ("田野", "13900001111", "康安街", "路灯"):
        assert secret not in said


def test_nobody_signs_anothers_ticket_and_strangers_are_told_to_bind(office: Office, live: Live, town: Town) -> None:
    office.set_up(WECHAT)
    office.bind("c", WECHAT, "o-c")
    ticket = dispatched(town)
    for openid, said in (("o-c", "没有找到"), ("o-nobody", "还没有绑定")):
        (answer,) = office.wechat.tell(callback(live), office.wechat.text(openid, "签收 DL-2026-0001", 9))
        assert answer is not None and said in answer
    assert state_of(town, ticket) == "dispatched"


def test_a_forged_or_late_callback_is_refused(office: Office, live: Live, town: Town) -> None:
    office.set_up(WECHAT)
    office.bind("a", WECHAT, "o-a")
    ticket = dispatched(town)
    xml = office.wechat.text("o-a", "签收 DL-2026-0001", 5)
    query, body = office.wechat.envelope(xml)
    late, late_body = office.wechat.envelope(xml, clock.now().timestamp() - WINDOW_SECONDS - 5)
    wrong = [
        ({**query, "msg_signature": "0" * 40}, body),
        ({**query, "nonce": "other"}, body),
        (query, body.replace(b"</Encrypt>", b"AAAA</Encrypt>")),
        (late, late_body),
        ({}, xml.encode()),
    ]
    for forged, content in wrong:
        answer = requests.post(f"{callback(live)}?{urlencode(forged)}", data=content, timeout=10)
        assert (answer.status_code, answer.json()["code"]) == (403, "callback_refused")
    elsewhere = callback(live).replace("dalad", "hukou")
    assert requests.post(f"{elsewhere}?{urlencode(query)}", data=body, timeout=10).status_code == 403
    assert state_of(town, ticket) == "dispatched"


def test_the_account_server_is_proven_by_an_echo(office: Office, live: Live) -> None:
    office.set_up(WECHAT)
    query, _ = office.wechat.envelope("<xml/>")
    echoed = requests.get(callback(live), params={**query, "echostr": "12345"}, timeout=10)
    assert echoed.text == "12345"
    forged = requests.get(callback(live), params={**query, "signature": "x", "echostr": "1"}, timeout=10)
    assert forged.status_code == 403


def test_leaving_the_account_ends_the_messages_and_coming_back_begins_them(office: Office, live: Live) -> None:
    office.set_up(WECHAT)
    office.bind("a", WECHAT, "o-a")
    (left,) = office.wechat.tell(callback(live), office.wechat.event("o-a", "unsubscribe"))
    assert left is None
    assert office.points(WECHAT)[0].refused_why == "对方已取消关注"
    (back,) = office.wechat.tell(callback(live), office.wechat.event("o-a", "subscribe"))
    assert back is not None and back.startswith("欢迎关注")
    assert office.points(WECHAT)[0].refused_at is None
    (clicked,) = office.wechat.tell(callback(live), office.wechat.event("o-a", "CLICK", "待办"))
    assert clicked == "没有待您签收或办理的工单。"


def test_a_state_is_good_once_for_its_channel_and_not_for_long(office: Office, live: Live, town: Town) -> None:
    office.set_up(WECHAT)
    office.set_up(WECOM)
    person = office.wechat.follower()
    state = authorize(office, live, "a")
    assert come_back(live, state, "x", WECOM) == "binding_over"
    assert come_back(live, state, office.wechat.agree(person.openid)) == "ok"
    assert come_back(live, state, office.wechat.agree(person.openid)) == "binding_over"
    assert come_back(live, "made up", office.wechat.agree(person.openid)) == "binding_over"
    old = authorize(office, live, "b")
    with town.database.unit_of_work() as session:
        for row in session.scalars(select(Binding)):
            assert old not in row.id, "who reads the table cannot go on with it"
            row.expires_at -= LIFE + timedelta(seconds=1)
    assert come_back(live, old, office.wechat.agree(person.openid)) == "binding_over"
    refused = authorize(office, live, "b")
    assert come_back(live, refused, "a code that WeChat does not know") == "refused"
    assert come_back(live, refused, office.wechat.agree(person.openid)) == "binding_over", "spent all the same"
    assert [point.person_id for point in office.points(WECHAT)] == [town.people["a"]]


def test_an_account_belongs_to_who_bound_it_last_and_can_be_given_up(office: Office, live: Live, town: Town) -> None:
    office.set_up(WECHAT)
    person = bound(office, live, "a")
    assert come_back(live, authorize(office, live, "b"), office.wechat.agree(person.openid)) == "ok"
    (point,) = office.points(WECHAT)
    assert point.person_id == town.people["b"]
    own = live.call(town.people["b"], "GET", "/channels/mine").json()["channels"]
    (listed,) = next(c for c in own if c["channel"] == WECHAT)["points"]
    assert live.command(town.people["a"], "channel.unbind", contact_id=listed["id"])["code"] == "contact_not_found"
    assert live.command(town.people["b"], "channel.unbind", contact_id=listed["id"])["status"] == "applied"
    assert office.points(WECHAT) == []
    with town.database.read() as session:
        names = session.scalars(select(Event.name).where(Event.name.like("contact.%bound")).order_by(Event.seq)).all()
    assert names == ["contact.bound", "contact.bound", "contact.unbound"]


def test_wecom_is_bound_and_told_the_same_way(office: Office, live: Live, town: Town) -> None:
    office.set_up(WECOM)
    office.wecom.members["zhang"] = []
    assert come_back(live, authorize(office, live, "a", WECOM), office.wecom.agree("zhang"), WECOM) == "ok"
    office.wecom.expire()
    ticket = dispatched(town)
    town.tick(clock.now())
    office.send_all(clock.now())
    (shown,) = office.wecom.members["zhang"]
    assert shown["textcard"]["url"] == f"https://app.example.org/t/{ticket}"
    assert "DL-2026-0001" in shown["textcard"]["title"]


def test_pages_of_ours_are_signed_and_no_others(office: Office, live: Live, town: Town) -> None:
    office.set_up(WECHAT)
    page = f"{live.url}/t/1"
    sign = "/channels/wechat/signature"
    first, second = (live.call(town.people["a"], "POST", sign, json={"url": page}).json() for _ in range(2))
    assert first["app_id"] == "wx1" and len(first["signature"]) == 40 and first["nonce"] != second["nonce"]
    assert len([a for a in office.wechat.asked if a.path.endswith("getticket")]) == 1, "the ticket is kept"
    foreign = live.call(town.people["a"], "POST", sign, json={"url": "https://elsewhere.example.org/t/1"})
    assert foreign.status_code == 422


def test_the_menu_is_set_by_an_administrator(office: Office, live: Live, town: Town) -> None:
    assert live.call(town.people["admin"], "POST", "/channels/wechat/menu").json()["code"] == "channel_off"
    office.set_up(WECHAT)
    assert live.call(town.people["a"], "POST", "/channels/wechat/menu").status_code == 403
    assert live.call(town.people["admin"], "POST", "/channels/wechat/menu").status_code == 204
    assert office.wechat.menu is not None
    assert [button["name"] for button in office.wechat.menu["button"]] == ["上门办", "待办", "帮助"]
    office.wechat.moods.codes = [48001]
    refused = live.call(town.people["admin"], "POST", "/channels/wechat/menu").json()
    assert refused["code"] == "channel_unreachable" and "没有此接口的权限" in refused["detail"]
