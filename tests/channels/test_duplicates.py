"""Services that say things twice, or answer too late: the person sees one message, and one thing is done."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests
from channels.conftest import Office
from channels.live import Live
from channels.test_wechat import bound, callback, dispatched
from reminders.conftest import START, Town
from sqlalchemy import func, select

from app.channels import outside
from app.demo.fakes.others import FakeRobots
from app.demo.fakes.server import FakeService
from app.journal.models import Event
from app.reach.kinds import DINGTALK, FEISHU, SMS, WECHAT, WECOM, WECOMBOT
from app.reminders.deliveries import BACKOFF
from app.reminders.models import DELIVERED, FAILED, Delivery
from app.sync.models import ReceiptRow
from app.tickets.models import Ticket

SIGN_DUE = START + timedelta(hours=16)
"""Four hours before the limit: a message that says how long is left."""
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def signed(town: Town) -> tuple[int, int]:
    """How often a ticket was signed, and how many commands to sign were answered."""
    with town.database.read() as session:
        events = session.scalar(select(func.count()).where(Event.name == "ticket.signed"))
        receipts = session.scalar(select(func.count()).where(ReceiptRow.name == "ticket.sign"))
    return events or 0, receipts or 0


def test_wechat_asks_again_while_the_first_copy_is_still_worked_on(office: Office, live: Live, town: Town) -> None:
    """No answer within its patience: the same message comes again, twice, and copies meet at the ticket."""
    office.set_up(WECHAT)
    person = bound(office, live)
    ticket = dispatched(town)
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with town.database.unit_of_work() as session:
            session.get(Ticket, ticket, with_for_update=True)
            session.connection().exec_driver_sql("UPDATE tickets SET version = version WHERE 1 = 0")
            held.set()
            done.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    threading.Timer(1.0, done.set).start()
    answer = office.wechat.insist(callback(live), office.wechat.text(person.openid, "签收 DL-2026-0001", 70), 0.8)
    holder.join()
    assert answer is not None and "已签收" in answer
    copies = [a for a in _settled(lambda: signed(town)) if a]
    assert copies == [1, 1]


def _settled(look: Callable[[], tuple[int, int]]) -> tuple[int, int]:
    """Give copies that are still under way a moment to end, and look."""
    time.sleep(0.5)
    return look()


@on_sqlite
def test_an_account_that_stays_silent_is_asked_three_times(office: Office) -> None:
    """The fake does as WeChat does: what three timeouts mean is shown to the follower, never a fourth question."""
    person = office.wechat.follower()
    with FakeService() as deaf:
        deaf.moods.late = 1.0
        deaf.routes = lambda: {"/callback": lambda asked: {}}  # type: ignore[method-assign]
        with pytest.raises(requests.Timeout):
            office.wechat.insist(f"{deaf.url}/callback", office.wechat.text(person.openid, "待办", 71), 0.1)
        time.sleep(0.3)
        assert len(deaf.asked) == 3


@on_sqlite
def test_everything_that_comes_in_comes_thrice_and_is_done_once(office: Office, live: Live, town: Town) -> None:
    office.set_up(WECHAT)
    person = bound(office, live)
    dispatched(town)
    office.wechat.moods.repeats = 3
    tell, to = office.wechat.tell, callback(live)
    for xml in (
        office.wechat.text(person.openid, "签收 DL-2026-0001", 72),
        office.wechat.text(person.openid, "待办", 73),
        office.wechat.event(person.openid, "CLICK", "待办"),
        office.wechat.event(person.openid, "unsubscribe"),
        office.wechat.event(person.openid, "subscribe"),
    ):
        answers = tell(to, xml)
        assert len(answers) == 3 and len(set(answers)) == 1, answers
    assert signed(town) == (1, 1)
    (point,) = office.points(WECHAT)
    assert point.refused_at is None


def _late_then_again(office: Office, service: FakeService, at: Any) -> None:
    """The service takes the message and answers when nobody listens any more; a minute later it is sent again."""
    service.moods.late = 0.6
    office.send_all(at)
    service.moods.late = 0.0
    for pause in BACKOFF[:2]:
        office.send_all(at + pause)


@on_sqlite
@pytest.mark.parametrize("channel", [WECHAT, WECOM, SMS])
def test_taken_but_answered_too_late_is_seen_once(
    office: Office, town: Town, monkeypatch: pytest.MonkeyPatch, channel: str
) -> None:
    monkeypatch.setattr(outside, "TIMEOUT", (2.0, 0.3))
    office.set_up(channel)
    person = office.wechat.follower()
    office.wecom.members["zhang"] = []
    if channel != SMS:
        office.bind("a", channel, {WECHAT: person.openid, WECOM: "zhang"}[channel])
    service: FakeService = {WECHAT: office.wechat, WECOM: office.wecom, SMS: office.sms}[channel]
    town.ticket()
    town.tick(START)
    office.send_all()
    town.tick(SIGN_DUE)
    _late_then_again(office, service, SIGN_DUE)
    seen = {
        WECHAT: [str(m["data"]) for m in person.shown],
        WECOM: [str(m["textcard"]) for m in office.wecom.members["zhang"]],
        SMS: office.sms.phones.get("13800000001", []),
    }[channel]
    rows = [row for row in office.deliveries() if row.channel == channel]
    assert {row.state for row in rows} == {DELIVERED} and any(row.attempts == 2 for row in rows)
    assert len(seen) == len(rows) and len(set(seen)) == len(seen), seen


@on_sqlite
@pytest.mark.parametrize("channel", [DINGTALK, FEISHU, WECOMBOT])
def test_a_group_is_not_told_twice_when_its_robot_answers_too_late(
    office: Office, town: Town, monkeypatch: pytest.MonkeyPatch, channel: str
) -> None:
    """No robot knows a message again: whether to say it once more is for a person to decide, who can see the group."""
    monkeypatch.setattr(outside, "TIMEOUT", (2.0, 0.3))
    office.set_up(channel)
    office.robot(channel)
    town.ticket()
    town.tick(START)
    _late_then_again(office, office.robots, START)
    assert len(office.robots.said[channel]) == 1
    with town.database.read() as session:
        (row,) = session.scalars(select(Delivery).where(Delivery.channel == channel)).all()
    assert (row.state, row.code) == (FAILED, "unsure") and "先看群里" in (row.last_error or "")


@on_sqlite
def test_a_robot_that_could_not_be_reached_is_tried_again(office: Office, town: Town) -> None:
    office.set_up(DINGTALK)
    with FakeRobots() as gone:
        port = gone.port
        office.robots = gone
        office.robot(DINGTALK)
    town.ticket()
    town.tick(START)
    office.send_all()
    with FakeRobots(port=port) as back:
        office.send_all(START + BACKOFF[0])
        assert len(back.said[DINGTALK]) == 1
