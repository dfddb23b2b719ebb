"""Which way a notice takes, and which comes next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from channels.conftest import Office
from channels.live import Live
from reminders.conftest import START, Town
from reminders.push_service import PushService

from app.channels.channel import Result
from app.ids import new_id
from app.reach.kinds import (
    DEFAULTS,
    FIRST,
    LAST,
    MAIL,
    NEWS,
    NO_WISH,
    NORMAL,
    SMS,
    SPARE,
    URGENT,
    WEBPUSH,
    WECHAT,
    WECOM,
    WITH,
    Route,
    Wish,
    following,
    opening,
)  # fmt: skip
from app.reminders.deliveries import BACKOFF
from app.reminders.models import DELIVERED, DROPPED, FAILED, PASSED, PENDING, Notice
from app.reminders.routing import queue

ALL = (WEBPUSH, WECHAT, WECOM, SMS, MAIL)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("urgency", "has", "sent"),
    [
        (URGENT, ALL, [(WEBPUSH, WITH), (WECHAT, FIRST)]),
        (URGENT, (WECOM, SMS), [(WECOM, FIRST)]),
        (URGENT, (WEBPUSH, SMS), [(WEBPUSH, WITH)]),
        (URGENT, (SMS, MAIL), [(SMS, SPARE)]),
        (URGENT, (), []),
        (LAST, ALL, [(WEBPUSH, WITH), (SMS, WITH), (WECHAT, FIRST)]),
        (NORMAL, (SMS,), []),
        (NORMAL, (SMS, MAIL), [(MAIL, SPARE)]),
        (NEWS, ALL, [(WEBPUSH, WITH)]),
    ],
)
def test_what_is_sent_at_once(urgency: str, has: tuple[str, ...], sent: list[tuple[str, str]]) -> None:
    assert opening(DEFAULTS[urgency], has, NO_WISH) == sent


def test_a_wish_counts_where_the_place_lets_it() -> None:
    wish = Wish(frozenset({WECHAT}), WECOM)
    assert opening(DEFAULTS[NORMAL], ALL, wish) == [(WEBPUSH, WITH), (WECOM, FIRST)]
    assert opening(DEFAULTS[URGENT], ALL, Wish(frozenset({WECHAT, WEBPUSH}))) == [(WEBPUSH, WITH), (WECHAT, FIRST)]
    assert opening(DEFAULTS[URGENT], ALL, Wish(order=(WECOM,)))[1] == (WECOM, FIRST)


def test_what_comes_next_and_that_it_ends() -> None:
    route = DEFAULTS[URGENT]
    assert following(route, ALL, NO_WISH, {WEBPUSH, WECHAT}, told=True) == (WECOM, FIRST)
    assert following(route, ALL, NO_WISH, {WEBPUSH, WECHAT, WECOM}, told=True) is None
    assert following(route, ALL, NO_WISH, {WEBPUSH, WECHAT, WECOM}, told=False) == (SMS, SPARE)
    assert following(route, ALL, NO_WISH, {WEBPUSH, WECHAT, WECOM, SMS}, told=False) == (MAIL, SPARE)
    assert following(route, ALL, NO_WISH, set(ALL), told=False) is None


def test_a_bound_account_is_told_first_and_sms_is_spared(office: Office, town: Town) -> None:
    for channel in (WECHAT, WECOM, SMS):
        office.set_up(channel)
    person = office.wechat.follower()
    office.bind("a", WECHAT, person.openid)
    town.ticket()
    town.tick(START)
    office.send_all()
    (shown,) = person.shown
    assert shown["data"] == {
        "thing1": {"value": "新工单 DL-2026-0001，请于…"}, "time2": {"value": "2026-11-21 05:14"}
    }  # fmt: skip
    assert shown["url"].startswith("https://app.example.org/t/")
    assert office.states() == {WECHAT: DELIVERED}
    assert office.sms.phones == {}


def test_refused_by_one_channel_the_next_one_tells(office: Office, town: Town) -> None:
    for channel in (WECHAT, WECOM):
        office.set_up(channel)
    person = office.wechat.follower()
    person.follows = False
    office.wecom.members["zhang"] = []
    office.bind("a", WECHAT, person.openid)
    office.bind("a", WECOM, "zhang")
    town.ticket()
    town.tick(START)
    office.send_all()
    assert office.states() == {WECHAT: PASSED, WECOM: DELIVERED}
    (point,) = office.points(WECHAT)
    assert (point.refused_at, point.refused_why) == (START, "对方未关注公众号（43004）")
    assert len(office.wecom.members["zhang"]) == 1
    town.ticket()
    town.tick(START + MINUTE)
    office.send_all(START + MINUTE)
    assert len(office.wechat.asked) == 2, "a token and one message: who refused is not asked again"
    assert len(office.wecom.members["zhang"]) == 2


def test_an_outage_is_not_waited_for_and_nobody_is_told_twice(office: Office, town: Town) -> None:
    for channel in (WECHAT, SMS):
        office.set_up(channel)
    person = office.wechat.follower()
    office.bind("a", WECHAT, person.openid)
    town.ticket()
    town.tick(START)
    office.wechat.moods.down = True
    office.send_all()
    assert office.states() == {WECHAT: PENDING}, "once may be a hiccup"
    again = START + BACKOFF[0]
    office.send_all(again)
    assert office.states() == {WECHAT: PENDING, SMS: DELIVERED}
    assert set(office.sms.phones) == {"13800000001"}
    office.wechat.moods.down = False
    office.send_all(again + BACKOFF[1])
    assert office.states() == {WECHAT: DROPPED, SMS: DELIVERED}
    assert person.shown == []


def test_a_push_that_arrived_spares_the_sms(office: Office, town: Town, service: PushService) -> None:
    for channel in (WECHAT, SMS):
        office.set_up(channel)
    phone = town.subscribe("a", service)
    office.bind("a", WECHAT, "o-nobody")
    town.ticket()
    town.tick(START)
    office.send_all()
    assert office.states() == {WEBPUSH: DELIVERED, WECHAT: PASSED}
    assert (len(phone.shown), list(office.sms.phones), office.points(WECHAT)) == (1, [], [])


def test_a_nudge_reaches_somebody_who_has_nothing_but_a_phone_number(office: Office, town: Town) -> None:
    office.set_up(SMS)
    ticket = town.ticket()
    town.play("station", "reminder.nudge", ticket, START + MINUTE)
    assert [(d.channel, d.urgency) for d in office.deliveries() if d.asked_at == START + MINUTE] == [(SMS, URGENT)]


def test_with_every_way_closed_it_is_a_dead_letter(office: Office, town: Town) -> None:
    office.set_up(SMS)
    town.ticket()
    town.tick(START)
    office.sms.moods.codes = ["no_balance"]
    (outcome,) = office.send_all()
    assert outcome is not None and outcome.result is Result.NEVER
    (row,) = office.deliveries()
    assert (row.state, row.code, row.last_error) == (FAILED, "no_balance", "短信余额不足（no_balance）")


def test_the_last_step_texts_at_once_and_tells_the_groups_once(office: Office, town: Town) -> None:
    office.set_up(SMS)
    office.set_up("dingtalk")
    office.robot("dingtalk")
    office.robot("wecombot")
    town.ticket()
    late = START + timedelta(hours=20)
    town.tick(late)
    office.send_all(late)
    # Signed within 20 hours: A角, B角, leader and station are told, the unit's group once.
    assert set(office.sms.phones) == {"13800000000", "13800000001", "13800000002", "13800000003"}
    assert len(office.robots.said["dingtalk"]) == 1
    assert "DL-2026-0001" in office.robots.said["dingtalk"][0]
    assert office.robots.said["wecombot"] == [], "this channel is not enabled"


def test_a_worker_killed_between_sending_and_noting_tells_once(office: Office, town: Town) -> None:
    """The service said yes, nobody wrote it down: it is sent again, and seen once (U5.1)."""
    office.set_up(WECHAT)
    office.set_up(SMS)
    person = office.wechat.follower()
    office.bind("a", WECHAT, person.openid)
    town.ticket()
    town.tick(START)
    office.wechat.moods.lost = 1
    office.send_all()
    office.send_all(START + BACKOFF[0])
    sends = [asked for asked in office.wechat.asked if asked.path.endswith("/send")]
    assert len(sends) == 2 and sends[0].body["client_msg_id"] == sends[1].body["client_msg_id"]
    assert len(person.shown) == 1
    assert office.states() == {WECHAT: DELIVERED}


def test_ones_own_order_is_kept_within_what_the_place_tries_in_turn() -> None:
    route = Route((), (WECHAT, WECOM, SMS), (MAIL,))
    wish = Wish(order=(SMS, WECOM))
    assert opening(route, (WECHAT, WECOM, SMS, MAIL), wish) == [(SMS, FIRST)]
    tried = [SMS]
    while (way := following(route, (WECHAT, WECOM, SMS, MAIL), wish, tried, told=False)) is not None:
        tried.append(way[0])
    assert tried == [SMS, WECOM, WECHAT, MAIL], "who has no place in the order comes after, as the place has it"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_can_wait_waits_for_the_end_of_ones_quiet_hours(office: Office, live: Live, town: Town) -> None:
    """From 21:00 to 07:30 of the place: what is urgent comes all the same, and the inbox has everything at once."""
    office.set_up(WECHAT)
    person = office.wechat.follower()
    office.bind("a", WECHAT, person.openid)
    wish = {"muted": [], "order": [WECHAT], "quiet_from": "21:00", "quiet_until": "07:30"}
    assert live.command(town.people["a"], "channel.prefer", **wish)["status"] == "applied"
    mine = live.call(town.people["a"], "GET", "/channels/mine").json()
    assert (mine["order"][0], mine["quiet_from"], mine["quiet_until"]) == (WECHAT, "21:00", "07:30")
    night = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)  # 23:00 there
    ticket = town.ticket(night)
    town.tick(night)
    with town.database.unit_of_work() as session:
        notice = Notice(id=new_id(), person_id=town.people["a"], kind="progress", title="有新进展", body="", at=night,
                        version=1, ticket_id=ticket)  # fmt: skip
        session.add(notice)
        session.flush()
        queue(session, [notice], night)
    office.send_all(night)
    assert len(person.shown) == 1 and "新工单" in str(person.shown[0]["data"]), "the new ticket is urgent"
    assert len(town.inbox("a")) == 2
    morning = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)  # 07:30 there
    office.send_all(morning - timedelta(milliseconds=1))
    assert len(person.shown) == 1
    office.send_all(morning)
    assert len(person.shown) == 2 and "有新进展" in str(person.shown[1]["data"])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("since", "until", "taken"),
    [("21:00", "09:00", True), ("00:00", "07:00", True), ("21:00", "09:01", False), ("21:00", None, False),
     (None, "07:00", False), ("08:00", "08:00", False), (None, None, True)],
)  # fmt: skip
def test_quiet_hours_have_two_ends_and_a_bound(
    live: Live, town: Town, since: str | None, until: str | None, taken: bool
) -> None:
    receipt = live.command(town.people["a"], "channel.prefer", muted=[], quiet_from=since, quiet_until=until)
    assert (receipt["status"] == "applied") is taken
    assert taken or "12 小时" in receipt["message"]
