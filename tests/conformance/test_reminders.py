"""Reminders reach a person: by night, by WeChat over a socket, from rung to rung when nobody answers (A4, 三(三))."""

from __future__ import annotations

import base64
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from conformance.test_deadlines import dispatched as given
from conformance.test_deadlines import due, signed, titles
from conformance.towns import town
from lasting import fresh_database, world_on
from scenario import Phone, World
from werkzeug.serving import make_server

from app import clock
from app.demo.fakes.tencent import FakeWeChat, Follower
from app.evidence.storage import DiskStore
from app.reminders.daily import remind_daily
from app.reminders.jobs import tick
from app.worker import Context, perform_with

MS, MINUTE, HOUR = timedelta(milliseconds=1), timedelta(minutes=1), timedelta(hours=1)
ZONE = ZoneInfo("Asia/Shanghai")
AES_KEY = base64.b64encode(os.urandom(32)).decode().rstrip("=")


@dataclass
class Account:
    """The town's WeChat account, and the phones of the people who bound theirs to it."""

    world: World
    wechat: FakeWeChat
    url: str
    phones: dict[str, Follower] = field(default_factory=dict)
    said: int = 0

    def bind(self, who: str) -> Follower:
        """Bind somebody's WeChat as their browser does: asked of us, agreed to there, and back."""
        follower = self.phones[who] = self.wechat.follower()
        asked = self.world.phone(who).call("POST", "/api/v1/channels/bindings", json={"channel": "wechat"})
        state = parse_qs(urlsplit(asked.get_json()["url"]).query)["state"][0]
        back = self.world.app.test_client().get(
            "/oauth/wechat", query_string={"state": state, "code": self.wechat.agree(follower.openid)}
        )
        assert parse_qs(urlsplit(back.headers["Location"]).query)["outcome"] == ["ok"]
        return follower

    def at(self, instant: datetime) -> None:
        """What the relay and a worker do at that instant: fire what is due, and send it."""
        tick(self.world.database, instant)
        config = self.world.app.extensions["doorstep.config"]
        context = Context(config, self.world.database, DiskStore(config.evidence_dir))
        perform_with(context, "push:1")

    def shown(self, who: str, ticket_id: str) -> list[str]:
        """The first lines of the messages on somebody's WeChat that lead to a ticket."""
        mine = [message for message in self.phones[who].shown if message["url"].endswith(f"/t/{ticket_id}")]
        return [message["data"]["thing1"]["value"] for message in mine]

    def tell(self, who: str, words: str) -> str:
        """Write to the account and return its answer."""
        self.said += 1
        message = self.wechat.text(self.phones[who].openid, words, self.said)
        (answer,) = self.wechat.tell(f"{self.url}/api/v1/wechat/dalad/callback", message)
        assert answer is not None
        return answer


@pytest.fixture(scope="module")
def account(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, redis_server: str
) -> Iterator[Account]:
    """达拉特旗 with its account set up by the administrator, served on a socket that WeChat can call."""
    folder = tmp_path_factory.mktemp("account")
    with (
        fresh_database("sqlite", request, folder) as url,
        FakeWeChat("wx1", "wechat-app-secret", "callback-token", AES_KEY) as wechat,
    ):
        world = world_on(url, folder, redis_url=redis_server, demo=True, public_url="https://app.example.org")
        server = make_server("127.0.0.1", 0, world.app, threaded=True)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        found = Account(world, wechat, f"http://127.0.0.1:{server.port}")
        options = {"app_id": "wx1", "template_id": "TEMPLATE-1", "host": wechat.url, "auth_host": wechat.url}
        secrets = {"app_secret": "wechat-app-secret", "token": "callback-token", "aes_key": AES_KEY}
        body = {"enabled": True, "options": options, "secrets": secrets}
        answer = world.phone("admin").call("PUT", "/api/v1/channels/wechat", json=body)
        assert answer.status_code == 204, answer.text
        for who in ("liaison", "deputy", "leader", "station"):
            found.bind(who)
        yield found
        server.shutdown()
        server.server_close()
        world.database.engine.dispose()


def notices(phone: Phone, ticket_id: str, kind: str) -> list[dict[str, Any]]:
    return [n for n in phone.pull()["inbox"] if n["ticket_id"] == ticket_id and n["kind"] == kind]


def seen(account: Account, who: str, ticket_id: str, kind: str, at: datetime) -> None:
    """Somebody opens the newest notice of that kind at that instant."""
    newest = max(notices(account.world.phone(who), ticket_id, kind), key=lambda n: n["at"])
    account.world.play(who, "reminder.acknowledge", None, at, reminder_id=newest["id"])


def unsigned(account: Account) -> tuple[str, datetime]:
    """A ticket dispatched nineteen hours ago that its A角 has seen and not signed: id, and when to sign by."""
    ticket_id = account.world.dispatched(ago=19 * HOUR)
    sign = account.world.station.clock_of(ticket_id, "sign")
    begun = clock.parse(sign["started_at"])
    account.at(begun)
    seen(account, "liaison", ticket_id, "new_ticket", begun + MINUTE)
    account.at(begun + 10 * HOUR)
    return ticket_id, clock.parse(sign["due_at"])


@pytest.mark.clause("A4")
def test_nobody_answers_and_the_reminder_climbs_to_the_station_on_time_and_on_their_phones(account: Account) -> None:
    ticket_id, sign_by = unsigned(account)
    first = sign_by - 4 * HOUR
    told = {"liaison": first, "deputy": first + 30 * MINUTE, "leader": first + HOUR, "station": first + 90 * MINUTE}
    for who, instant in told.items():
        phone, before = account.world.phone(who), len(account.shown(who, ticket_id))
        account.at(instant - MS)
        earlier = notices(phone, ticket_id, "sign_due")
        assert len(account.shown(who, ticket_id)) == before, f"{who}: not a millisecond early"
        account.at(instant)
        (notice,) = [n for n in notices(phone, ticket_id, "sign_due") if n not in earlier]
        assert clock.parse(notice["at"]) == instant, who
        assert len(account.shown(who, ticket_id)) > before, f"{who}: on their own WeChat"
    ladder = account.world.station.call("GET", f"/api/v1/tickets/{ticket_id}/reminders").get_json()["reminders"]
    climbed = [(row["rung"], [p["name"] for p in row["told"]]) for row in ladder if row["kind"] == "sign_due"]
    names = {who: account.world.people[who].name for who in told}
    for rung, who in enumerate(("deputy", "leader", "station"), 1):
        assert (rung, [names[who]]) in climbed
    sent = account.world.station.call("GET", f"/api/v1/deliveries/tickets/{ticket_id}").get_json()["deliveries"]
    assert {row["person"] for row in sent if row["channel"] == "wechat" and row["delivered_at"]} == set(names.values())


@pytest.mark.clause("A4")
@pytest.mark.parametrize("who", ["liaison", "deputy"])
def test_who_acknowledges_ends_the_climb_and_who_signs_ends_it_all(account: Account, who: str) -> None:
    ticket_id, sign_by = unsigned(account)
    first = sign_by - 4 * HOUR
    account.at(first)
    if who == "deputy":
        account.at(first + 30 * MINUTE)
    seen(account, who, ticket_id, "sign_due", first + 45 * MINUTE if who == "deputy" else first + 29 * MINUTE)
    account.at(first + 2 * HOUR)
    above = {"liaison": ("deputy", "leader", "station"), "deputy": ("leader", "station")}[who]
    for other in above:
        assert notices(account.world.phone(other), ticket_id, "sign_due") == [], other
        assert account.shown(other, ticket_id) == []

    account.world.play("liaison", "ticket.sign", ticket_id, sign_by - HOUR - MINUTE)
    before = {person: len(account.shown(person, ticket_id)) for person in account.phones}
    account.at(sign_by - HOUR)
    account.at(sign_by + HOUR)
    assert {person: len(account.shown(person, ticket_id)) for person in account.phones} == before


@pytest.mark.clause("D3.3")
def test_urgent_at_three_in_the_morning_received_signed_and_answered_from_the_phone(account: Account) -> None:
    world = account.world
    now = clock.now()
    night = now.astimezone(ZONE).replace(hour=3, minute=0, second=0, microsecond=0)
    if night > now - MINUTE:
        night -= timedelta(days=1)
    ticket_id = world.dispatched(ago=now - night.astimezone(now.tzinfo), priority="urgent")
    number = world.liaison.ticket(ticket_id)["number"]
    received = clock.parse(world.liaison.clock_of(ticket_id, "sign")["started_at"])
    assert received.astimezone(ZONE).hour in (2, 3), "in the middle of the night"
    account.at(received)
    (notice,) = notices(world.liaison, ticket_id, "new_ticket")
    assert clock.parse(notice["at"]) == received, "at once, whatever the hour"
    assert len(account.shown("liaison", ticket_id)) == 1

    assert number in account.tell("liaison", "待办")
    assert account.tell("liaison", f"签收 {number}").startswith(f"{number} 已签收（")
    assert world.liaison.ticket(ticket_id)["state"] == "handling"
    # And the rest of it, from the same phone: called, visited, photographed, answered.
    world.liaison.contact(ticket_id)
    world.liaison.reply(ticket_id)
    assert account.tell("liaison", number).startswith(f"{number} 待审签")


@pytest.mark.clause("X2.5")
def test_who_has_answered_by_the_eighth_day_is_not_urged(world: World) -> None:
    xinqiao = town(world, "xinqiao")
    ticket_id = given(xinqiao)
    signed(xinqiao, ticket_id, clock.parse("2026-09-30T03:00:00.000Z"))
    xinqiao.liaison.reply(ticket_id)
    xinqiao.sign_off(ticket_id)
    tick(xinqiao.database, clock.parse(due(xinqiao, ticket_id, "eighth_day")) + HOUR)
    assert not [t for t in titles(xinqiao, "liaison", ticket_id) if "满8个工作日" in t]


@pytest.mark.clause("X2.5")
def test_a_special_limit_is_called_to_mind_two_days_before_and_not_earlier(world: World) -> None:
    xinqiao = town(world, "xinqiao")
    ticket_id = given(xinqiao, source="snapshot")
    signed(xinqiao, ticket_id, clock.parse("2026-09-30T03:00:00.000Z"))
    before = clock.parse(due(xinqiao, ticket_id, "two_days_before"))
    for instant, people in ((before - MS, ()), (before, ("liaison", "leader", "station"))):
        tick(xinqiao.database, instant)
        for who in ("liaison", "leader", "station"):
            urged = [t for t in titles(xinqiao, who, ticket_id) if "有特殊回复时限，还有2天到期" in t]
            assert len(urged) == (who in people), (who, instant)


@pytest.mark.clause("U2.1", partial="日提醒；会商、周反馈、月通报、年总结另测")
def test_the_day_begins_with_what_stands_with_each(world: World) -> None:
    uxin = town(world, "uxin")
    uxin.dispatched()
    tomorrow = (clock.now().astimezone(ZONE) + timedelta(days=1)).date()
    morning = datetime.combine(tomorrow, uxin.policy.daily.at, ZONE).astimezone(clock.now().tzinfo)

    def daily(who: str) -> list[str]:
        return [n["title"] for n in uxin.phone(who).pull()["inbox"] if n["kind"] == "daily"]

    remind_daily(uxin.database, morning - MS)
    assert daily("liaison") == daily("leader") == daily("station") == []
    remind_daily(uxin.database, morning)
    remind_daily(uxin.database, morning + MINUTE)
    for who in ("liaison", "deputy", "leader"):
        (line,) = daily(who)
        assert line.startswith("今日工单：") and "待签收 1" in line, "once, and with its numbers"
    assert daily("neighbour") == [], "nothing stands with them"
