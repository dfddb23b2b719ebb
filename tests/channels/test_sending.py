"""Sending in batches: the lines of the channels are apart from each other, and several senders share the work."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from channels.conftest import Office
from reminders.conftest import START, Town
from sqlalchemy import func, select, update

from app.channels import jobs
from app.channels.egress import Kept
from app.channels.exits import Exits
from app.channels.jobs import Post, opener, send_due
from app.db import Database
from app.ids import new_id
from app.reach.kinds import PER_MINUTE, SMS, URGENT, WECHAT, WECOM
from app.reminders.deliveries import BACKOFF
from app.reminders.models import DELIVERED, PENDING, Delivery, Notice
from app.reminders.routing import queue
from app.tickets.models import Ticket

MINUTE = timedelta(minutes=1)


def pile(office: Office, who: str, count: int, at=START) -> None:
    """Let that many urgent notices set out for a person."""
    with office.town.database.unit_of_work() as session:
        lines = {"person_id": office.town.people[who], "kind": "test", "body": "正文", "at": at, "version": 1}
        notices = [Notice(id=new_id(), title=f"第 {number} 条", **lines) for number in range(count)]
        session.add_all(notices)
        session.flush()
        queue(session, notices, at, urgency=URGENT)


def post(office: Office, at=START, database: Database | None = None, kept: Kept | None = None) -> Post:
    exits = Exits(office.config, database or office.town.database, kept)
    return Post(exits.database, opener(exits), "https://app.example.org", exits.vault, lambda: at)


def counts(office: Office) -> dict[tuple[str, str], int]:
    with office.town.database.read() as session:
        query = select(Delivery.channel, Delivery.state, func.count()).group_by(Delivery.channel, Delivery.state)
        return {(channel, state): number for channel, state, number in session.execute(query)}


@pytest.fixture
def ways(office: Office) -> Office:
    """The office where a has WeChat and b nothing but a number."""
    office.set_up(WECHAT)
    office.set_up(SMS)
    office.bind("a", WECHAT, office.wechat.follower("o-a").openid)
    return office


def test_several_senders_send_each_once(ways: Office) -> None:
    pile(ways, "a", 60)
    pile(ways, "b", 60)
    barrier, dealt = threading.Barrier(3), []

    def run() -> None:
        own = Database(ways.town.database.engine.url.render_as_string(hide_password=False))
        kept = Kept()
        barrier.wait()
        dealt.append(send_due(post(ways, database=own, kept=kept)))
        kept.close()
        own.engine.dispose()

    threads = [threading.Thread(target=run) for _ in range(3)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sum(dealt) == 120
    assert counts(ways) == {(WECHAT, DELIVERED): 60, (SMS, DELIVERED): 60}
    asked = [asked for asked in ways.wechat.asked if asked.path.endswith("/send")]
    assert len(asked) == len(ways.wechat.followers["o-a"].shown) == len(ways.sms.asked) == 60
    assert ways.wechat.granted <= 3, "threads beside each other get one token, not one each"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_slow_channel_does_not_hold_up_the_others(ways: Office) -> None:
    pile(ways, "a", 20)
    pile(ways, "b", 20)
    hold = threading.Event()
    serve = ways.sms._serve
    ways.sms._serve = lambda handler: (hold.wait(15), serve(handler))[1]  # type: ignore[method-assign]
    sending = threading.Thread(target=send_due, args=(post(ways),))
    sending.start()
    try:
        for _ in range(100):
            if counts(ways).get((WECHAT, DELIVERED)) == 20:
                break
            sending.join(0.1)
        assert counts(ways) == {(WECHAT, DELIVERED): 20, (SMS, PENDING): 20}
    finally:
        hold.set()
        sending.join()
    assert counts(ways) == {(WECHAT, DELIVERED): 20, (SMS, DELIVERED): 20}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_cannot_be_made_ready_is_put_off_alone(ways: Office, town: Town) -> None:
    broken, fine = town.ticket(), town.ticket()
    town.tick(START)
    with town.database.unit_of_work() as session:
        session.execute(update(Ticket).where(Ticket.id == broken).values(policy_id="unpublished@1"))
    send_due(post(ways))
    with town.database.read() as session:
        query = select(Notice.ticket_id, Delivery.state, Delivery.attempts, Delivery.next_attempt_at)
        rows = {row.ticket_id: row for row in session.execute(query.join(Notice, Notice.id == Delivery.notice_id))}
    assert (rows[fine].state, rows[fine].attempts) == (DELIVERED, 1)
    assert (rows[broken].state, rows[broken].attempts, rows[broken].next_attempt_at) == (PENDING, 1, START + MINUTE)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_waited_too_long_in_the_line_is_given_back(ways: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message must not leave when its lease is about to run out: another worker would send it beside this one."""
    pile(ways, "b", 3)
    with monkeypatch.context() as patched:
        patched.setattr(jobs, "PROMPTLY", 0.0)
        send_due(post(ways), seconds=0.3)
    with ways.town.database.read() as session:
        rows = session.scalars(select(Delivery)).all()
    assert {(row.state, row.attempts, row.next_attempt_at) for row in rows} == {(PENDING, 0, START)}
    assert ways.sms.asked == []
    send_due(post(ways))
    assert counts(ways) == {(SMS, DELIVERED): 3}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_group_hears_no_more_than_its_robot_may_say(office: Office, town: Town) -> None:
    office.set_up("dingtalk")
    office.robot("dingtalk")
    limit = PER_MINUTE["dingtalk"]
    for _ in range(limit + 3):
        town.ticket()
    town.tick(START)
    send_due(post(office))
    assert len(office.robots.said["dingtalk"]) == limit
    assert counts(office) == {("dingtalk", DELIVERED): limit, ("dingtalk", PENDING): 3}
    send_due(post(office, START + MINUTE))
    assert len(set(office.robots.said["dingtalk"])) == limit + 3
    with town.database.read() as session:
        assert set(session.scalars(select(Delivery.attempts))) == {1}, "waiting was no attempt"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_wecom_hears_the_same_words_again(office: Office, town: Town) -> None:
    """It knows a message by its words only; a minute after a lost answer "还有 4 小时" would make it another one."""
    office.set_up(WECOM)
    office.wecom.members["zhang"] = []
    office.bind("c", WECOM, "zhang")
    town.ticket(START, "环卫局")
    late = START + timedelta(hours=16)
    town.tick(late)
    office.wecom.moods.lost = 1
    office.send_all(late)
    office.send_all(late + BACKOFF[0])
    sends = [asked.body["textcard"]["description"] for asked in office.wecom.asked if asked.path.endswith("/send")]
    assert len(sends) == len(set(sends)) + 1 and "还有 4 小时" in sends[0]
    assert len(office.wecom.members["zhang"]) == len(set(sends))
