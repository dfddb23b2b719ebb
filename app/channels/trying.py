"""Trying a channel out and saying in plain Chinese what its service answered."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app import clock
from app.channels.catalogue import missing
from app.channels.channel import Message, Outcome, Result
from app.channels.exits import Exits
from app.channels.jobs import opened
from app.channels.queries import robots_in
from app.channels.wechat import WeChat
from app.channels.wecom import WeCom
from app.people.models import Jurisdiction, Person
from app.people.permissions import Actor
from app.problems import Problem
from app.reach.kinds import GROUPS, LABELS, MAIL, SMS
from app.reach.models import ContactPoint
from app.reach.queries import points_of

_TITLE: Final = "测试提醒"
_BODY: Final = "上门办可以通过这里提醒您。这是一条测试，不需要处理。"
_KEEP: Final = timedelta(minutes=10)
_HOW: Final = {
    Result.LATER: "稍后可再试",
    Result.NEXT: "请核对收件方",
    Result.REFUSED: "请收件人重新关注或订阅",
    Result.GONE: "请重新绑定",
    Result.NEVER: "请核对设置",
}
Target = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it."""

    ok: bool
    words: str


def targets(session: Session, exits: Exits, actor: Actor, channel: str) -> list[Target]:
    """Return to whom a test of a channel goes: the actor's own contact points, or the place's groups."""
    if channel == SMS:
        return [(session.get_one(Person, actor.person_id).phone, {})]
    if channel in GROUPS:
        robots = robots_in(session, actor.jurisdiction_id, channel)
        return [opened(exits.vault, robot.address, robot.keys) for robot in robots]
    points: Sequence[ContactPoint] = points_of(session, actor.person_id, channel)
    return [(point.address, point.keys) for point in points if point.verified_at]


def try_setup(exits: Exits, actor: Actor, channel: str, to: list[Target], app_url: str) -> Tried:
    """Try a channel as an administrator: the credentials, then a message to whoever may have one.

    Raises `Problem` `channel_incomplete`, `channel_no_contact`.
    """
    place, label = actor.jurisdiction_id, LABELS[channel]
    account = exits.account(place, channel)
    lacking = missing(channel, account.options, account.secrets) if account else missing(channel, {}, {})
    if account is None or lacking:
        raise Problem("channel_incomplete", label=label, fields="、".join(lacking) or "设置并保存")
    opened_channel = exits.channel(place, channel, trial=True)
    if isinstance(opened_channel, WeChat | WeCom):
        outcome = opened_channel.check()
        if outcome.result is not Result.TAKEN:
            return _said(label, outcome)
        if not to:
            return Tried(True, f"{label}的凭证有效。您还没有绑定{label}，未发送测试消息。")
    if not to and channel == MAIL:
        to = [(account.options["sender"], {})]
    return try_out(exits, place, channel, to, app_url, trial=True)


def try_out(exits: Exits, place: str, channel: str, to: list[Target], app_url: str, trial: bool = False) -> Tried:
    """Send a test to each of `to` and say how the first that failed did. Raises `Problem` `channel_no_contact`."""
    if not to:
        raise Problem("channel_no_contact", label=LABELS[channel])
    way, at_time = exits.channel(place, channel, trial), _written(exits, place)
    outcomes = [way.send(_message(address, keys, app_url, at_time)) for address, keys in to]
    failed = next((outcome for outcome in outcomes if outcome.result is not Result.TAKEN), None)
    return (
        Tried(True, f"{LABELS[channel]}已收下测试消息，请查看。") if failed is None else _said(LABELS[channel], failed)
    )


def send_code(exits: Exits, place: str, address: str, code: str) -> None:
    """Mail a code. Raises `Problem` `channel_unreachable`."""
    letter = Message(address, "上门办：绑定邮箱的验证码", f"验证码 {code}，15 分钟内有效。", uuid.uuid4().hex, _KEEP)
    outcome = exits.channel(place, MAIL).send(letter)
    if outcome.result is not Result.TAKEN:
        raise Problem("channel_unreachable", label=LABELS[MAIL], why=outcome.reason)


def _said(label: str, outcome: Outcome) -> Tried:
    return Tried(False, f"{label}没有接受：{outcome.reason}。{_HOW.get(outcome.result, '')}。")


def _written(exits: Exits, place: str) -> str:
    """Return the present instant as forms want it: what they ask for a time takes no dash."""
    with exits.database.read() as session:
        zone = ZoneInfo(session.get_one(Jurisdiction, place).zone)
    return f"{clock.now().astimezone(zone):%Y-%m-%d %H:%M}"


def _message(address: str, keys: dict[str, Any], app_url: str, at_time: str) -> Message:
    facts = {"title": _TITLE, "body": _BODY, "at_time": at_time, "due_time": at_time}
    return Message(address, _TITLE, _BODY, uuid.uuid4().hex, _KEEP, keys=keys, facts=facts, link=app_url)
