"""Channels as an administrator sees and tries them, what a person prefers, and the log of what was sent."""

from __future__ import annotations

from typing import Any

import pytest
from channels.conftest import AES_KEY, Office
from channels.live import Live
from reminders.conftest import START, Town
from sqlalchemy import select

from app import clock
from app.channels import schemas
from app.journal.models import Event
from app.reach.kinds import CONFIGURED, DINGTALK, MAIL, SMS, WECHAT, WECOM
from app.reach.models import ChannelSetting
from app.reminders.models import DELIVERED, FAILED, PENDING

pytestmark = pytest.mark.slow

OTHERS = ("a", "leader", "station")


@pytest.fixture
def admin(town: Town, office: Office) -> str:
    return town.people["admin"]


def listed(live: Live, admin: str) -> dict[str, Any]:
    answer = live.call(admin, "GET", "/channels")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    assert schemas.ChannelsOut().validate(body) == {}
    return body


def channel(live: Live, admin: str, name: str) -> dict[str, Any]:
    return next(c for c in listed(live, admin)["channels"] if c["channel"] == name)


def put(live: Live, admin: str, office: Office, name: str, enabled: bool = True, **over: Any) -> Any:
    options, secrets = office.settings(name)
    body = {"enabled": enabled, "options": options, "secrets": secrets} | over
    return live.call(admin, "PUT", f"/channels/{name}", json=body)


def test_a_secret_is_never_shown_again_and_stays_when_it_is_left_out(office: Office, live: Live, admin: str) -> None:
    assert put(live, admin, office, WECHAT).status_code == 204
    text = str(listed(live, admin))
    assert "wechat-app-secret" not in [f["value"] for f in channel(live, admin, WECHAT)["fields"]]
    assert AES_KEY not in text and "callback-token" not in text
    filled = {f["name"]: f["filled"] for f in channel(live, admin, WECHAT)["fields"] if f["secret"]}
    assert filled == {"app_secret": True, "token": True, "aes_key": True}
    assert channel(live, admin, WECHAT)["callback_url"] == f"{live.url}/api/v1/wechat/dalad/callback"
    assert put(live, admin, office, WECHAT, secrets={"token": ""}).status_code == 204
    filled = {f["name"]: f["filled"] for f in channel(live, admin, WECHAT)["fields"] if f["secret"]}
    assert filled == {"app_secret": True, "token": False, "aes_key": True}
    with office.town.database.read() as session:
        row = session.scalars(select(ChannelSetting)).one()
        events = session.scalars(select(Event).where(Event.name == "channel.configured").order_by(Event.seq)).all()
    assert "wechat-app-secret" not in row.secrets and AES_KEY not in row.secrets
    assert "AppSecret" in events[0].payload["changed"] and "wechat-app-secret" not in str(events[0].payload)
    assert events[1].payload["changed"] == ["消息校验 Token"]
    assert events[0].actor_id == admin


def test_only_an_administrator_sees_or_changes_them(office: Office, live: Live, town: Town) -> None:
    for who in OTHERS:
        person = town.people[who]
        assert live.call(person, "GET", "/channels").status_code == 403
        assert put(live, person, office, SMS).status_code == 403
        assert live.call(person, "POST", f"/channels/{SMS}/test").status_code == 403
        robot = {"channel": DINGTALK, "unit_id": town.units["城建局"], "label": "群", "address": "https://example.org"}
        assert live.call(person, "POST", "/channels/robots", json=robot).status_code == 403


@pytest.mark.parametrize(
    ("name", "change", "code"),
    [
        (SMS, {"options": {}}, "channel_incomplete"),
        (SMS, {"options": {"url": "http://10.0.0.8/send"}}, "channel_url_refused"),
        (SMS, {"options": {"url": "ftp://example.org"}}, "channel_url_refused"),
        (SMS, {"options": {"url": "https://example.org", "secret": "x"}}, "channel_field_wrong"),
        (SMS, {"secrets": {"url": "x"}}, "channel_field_wrong"),
        (WECOM, {"options": {"corp_id": "w", "agent_id": "eleven"}}, "channel_field_wrong"),
        (WECHAT, {"options": {"app_id": "w", "template_form": "thing1=caller_phone"}}, "channel_form_wrong"),
        (WECHAT, {"secrets": {"app_secret": "s", "aes_key": "short"}}, "channel_field_wrong"),
        (
            MAIL,
            {"options": {"host": "smtp.example.org", "sender": "a@b.c", "security": "no"}},
            "channel_field_wrong",
        ),
        ("fax", {}, "channel_unknown"),
        ("webpush", {}, "channel_unknown"),
    ],
)
def test_what_cannot_work_is_refused_with_the_field(
    office: Office, live: Live, admin: str, name: str, change: dict[str, Any], code: str
) -> None:
    answer = put(live, admin, office, name, **change)
    assert answer.json()["code"] == code, answer.text
    assert all(not c["enabled"] for c in listed(live, admin)["channels"])


def test_the_test_button_says_what_the_service_answered(office: Office, live: Live, admin: str) -> None:
    def tried(name: str) -> dict[str, Any]:
        answer = live.call(admin, "POST", f"/channels/{name}/test")
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    assert live.call(admin, "POST", f"/channels/{WECHAT}/test").json()["code"] == "channel_incomplete"
    for name in (WECHAT, WECOM, SMS, MAIL, DINGTALK):
        assert put(live, admin, office, name, enabled=False).status_code == 204
    assert tried(WECHAT) == {"ok": True, "words": "微信公众号的凭证有效。您还没有绑定微信公众号，未发送测试消息。"}
    person = office.wechat.follower()
    office.bind("admin", WECHAT, person.openid)
    assert tried(WECHAT)["ok"] and len(person.shown) == 1
    person.follows = False
    assert tried(WECHAT) == {
        "ok": False, "words": "微信公众号没有接受：对方未关注公众号（43004）。请收件人重新关注或订阅。"
    }  # fmt: skip
    assert tried(WECOM)["words"].startswith("企业微信的凭证有效")
    assert tried(SMS)["ok"] and "13800000009" in office.sms.phones
    assert tried(MAIL)["ok"] and office.mail.letters[0]["To"] == "robot@example.org"
    assert live.call(admin, "POST", f"/channels/{DINGTALK}/test").json()["code"] == "channel_no_contact"
    office.robot(DINGTALK)
    assert tried(DINGTALK)["ok"] and "测试提醒" in office.robots.said[DINGTALK][0]
    put(live, admin, office, SMS, enabled=False, secrets={"secret": "wrong"})
    assert tried(SMS)["words"] == "短信没有接受：短信网关不认可签名，请核对密钥（bad_signature）。请核对设置。"
    put(live, admin, office, WECHAT, enabled=False, options={"app_id": "wx2", "host": office.wechat.url})
    office.wechat.expire()
    assert "AppID 不正确" in tried(WECHAT)["words"]


def test_a_robot_is_added_shown_by_its_host_and_removed(office: Office, live: Live, town: Town, admin: str) -> None:
    put(live, admin, office, DINGTALK)
    robot = {"channel": DINGTALK, "unit_id": town.units["城建局"], "label": "值班群", "secret": "SEC",
             "address": office.robots.address(DINGTALK)}  # fmt: skip
    made = live.call(admin, "POST", "/channels/robots", json=robot)
    assert made.status_code == 201
    assert live.call(admin, "POST", "/channels/robots", json=robot).json()["code"] == "contact_taken"
    inner = robot | {"address": "https://192.168.0.1/robot"}
    assert live.call(admin, "POST", "/channels/robots", json=inner).json()["code"] == "channel_url_refused"
    (shown,) = listed(live, admin)["robots"]
    assert (shown["unit"], shown["host"], shown["label"]) == ("城建局", "127.0.0.1", "值班群")
    assert live.call(admin, "DELETE", f"/channels/robots/{made.json()['id']}").status_code == 204
    assert listed(live, admin)["robots"] == []
    gone = live.call(admin, "DELETE", f"/channels/robots/{made.json()['id']}")
    assert gone.json()["code"] == "contact_not_found"


def test_the_ways_are_the_places_to_choose(office: Office, live: Live, town: Town, admin: str) -> None:
    assert not any(route["chosen"] for route in listed(live, admin)["routes"])
    args = {"urgency": "urgent", "together": ["sms"], "first_of": [], "if_none": [], "groups": False, "may_mute": True}
    assert live.command(town.people["a"], "channel.route", **args)["code"] == "not_permitted"
    assert live.command(admin, "channel.route", **args)["status"] == "applied"
    (chosen,) = [route for route in listed(live, admin)["routes"] if route["chosen"]]
    assert chosen["label"] == "紧急" and chosen["together"] == ["sms"]
    for name in (WECHAT, SMS):
        office.set_up(name)
    office.bind("a", WECHAT, office.wechat.follower().openid)
    town.ticket()
    town.tick(START)
    office.send_all()
    assert office.states() == {SMS: DELIVERED}
    assert live.command(town.people["a"], "channel.prefer", muted=["sms"], preferred=None)["status"] == "applied"
    town.ticket()
    town.tick(START)
    office.send_all()
    assert [row.channel for row in office.deliveries()] == [SMS], "spared, because this place lets it"


def test_a_mailbox_is_bound_by_the_code_that_was_mailed(office: Office, live: Live, town: Town) -> None:
    person = town.people["a"]
    ask = {"json": {"address": "zhang@example.org"}}
    assert live.call(person, "POST", "/channels/mail", **ask).json()["code"] == "channel_off"
    office.set_up(MAIL)
    assert live.call(person, "POST", "/channels/mail", **ask).status_code == 202
    (letter,) = office.mail.letters
    payload = letter.get_payload(decode=True)
    assert isinstance(payload, bytes)
    code = payload.decode().split("验证码 ")[1][:6]
    other = town.people["b"]
    wrong = live.call(other, "POST", "/channels/mail/confirm", json={"code": code})
    assert wrong.json()["code"] == "mail_code_wrong", "the code is the person's own"
    assert live.call(person, "POST", "/channels/mail/confirm", json={"code": code}).status_code == 204
    again = live.call(person, "POST", "/channels/mail/confirm", json={"code": code})
    assert again.json()["code"] == "mail_code_wrong"
    mine = live.call(person, "GET", "/channels/mine").json()
    assert schemas.OwnChannels().validate(mine) == {}
    (bound,) = next(c for c in mine["channels"] if c["channel"] == MAIL)["points"]
    assert bound["label"] == "zh***@example.org" and bound["verified_at"]
    assert live.call(person, "POST", "/channels/mine/test", json={"channel": MAIL}).json()["ok"]
    off = live.call(person, "POST", "/channels/mine/test", json={"channel": WECHAT})
    assert off.json()["code"] == "channel_off"


def test_the_log_says_who_was_told_what_and_a_dead_letter_is_sent_again(
    office: Office, live: Live, town: Town, admin: str
) -> None:
    office.set_up(SMS)
    ticket = town.ticket(clock.now())
    town.tick(clock.now())
    office.sms.moods.codes = ["no_balance"]
    office.send_all(clock.now())
    dead = live.call(admin, "GET", "/deliveries?state=failed").json()
    assert schemas.SentList().validate(dead) == {} and dead["before"] is None
    (row,) = [d for d in dead["deliveries"] if d["person"] == "人员a"]
    assert row["words"] == "短信 → 人员a，未送达：短信余额不足（no_balance）"
    assert (row["number"], row["may_retry"], row["ticket_id"]) == ("DL-2026-0001", True, ticket)
    assert (row["came"], row["to_group"]) == ("未送达：短信余额不足（no_balance）", False)
    told = live.call(town.people["a"], "GET", f"/tickets/{ticket}/reminders").json()["reminders"]
    assert row["reminder_id"] in {r["id"] for r in told if row["person_id"] in [p["id"] for p in r["told"]]}
    assert live.call(town.people["a"], "GET", "/deliveries").status_code == 403
    own = live.call(town.people["a"], "GET", f"/deliveries/tickets/{ticket}").json()
    assert [d["id"] for d in own["deliveries"]] == [d["id"] for d in dead["deliveries"]]
    assert live.call(town.people["c"], "GET", f"/deliveries/tickets/{ticket}").json()["code"] == "ticket_not_found"

    assert live.command(town.people["a"], "delivery.retry", delivery_id=row["id"])["code"] == "not_permitted"
    assert [d.state for d in office.deliveries()] == [FAILED]
    assert live.command(admin, "delivery.retry", delivery_id=row["id"])["status"] == "applied"
    assert [d.state for d in office.deliveries()] == [PENDING]
    office.send_all(clock.now())
    assert [d.state for d in office.deliveries()] == [DELIVERED]
    assert live.command(admin, "delivery.retry", delivery_id=row["id"])["code"] == "delivery_not_failed"
    timeline = live.call(town.people["a"], "GET", f"/tickets/{ticket}/timeline").json()["events"]
    assert any(e["summary"].startswith("重发提醒给人员a（短信）") for e in timeline)
    pages, before = [], ""
    for _ in range(2):
        page = live.call(admin, "GET", f"/deliveries?page_size=1{before}").json()
        pages += [d["id"] for d in page["deliveries"]]
        before = f"&before={page['before'] or row['id']}"
    assert pages == [row["id"]], "the second page holds nothing older"
    assert set(CONFIGURED) <= {c["channel"] for c in listed(live, admin)["channels"]}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("name", "field"), [(WECHAT, "app_id"), (WECOM, "corp_id")])
def test_a_changed_account_is_tried_with_a_token_of_its_own(
    office: Office, live: Live, admin: str, name: str, field: str
) -> None:
    """The former account's token is good for two hours more: a slip of the pen must not pass the test by it."""
    assert put(live, admin, office, name).status_code == 204
    assert live.call(admin, "POST", f"/channels/{name}/test").json()["ok"]
    options = office.settings(name)[0] | {field: "another"}
    assert put(live, admin, office, name, options=options, secrets={}).status_code == 204
    tried = live.call(admin, "POST", f"/channels/{name}/test").json()
    assert not tried["ok"] and "不正确" in tried["words"], tried
