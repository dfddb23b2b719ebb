"""Which channels there are, and which of them a message takes: a place's own choice over these defaults. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Final

WEBPUSH: Final = "webpush"
WECHAT: Final = "wechat"
WECOM: Final = "wecom"
SMS: Final = "sms"
MAIL: Final = "mail"
DINGTALK: Final = "dingtalk"
FEISHU: Final = "feishu"
WECOMBOT: Final = "wecombot"

LABELS: Final[Mapping[str, str]] = {
    WECHAT: "微信公众号",
    WECOM: "企业微信",
    WEBPUSH: "手机推送",
    SMS: "短信",
    MAIL: "邮件",
    DINGTALK: "钉钉群机器人",
    FEISHU: "飞书群机器人",
    WECOMBOT: "企业微信群机器人",
}
PERSONAL: Final = (WECHAT, WECOM, WEBPUSH, SMS, MAIL)
"""Channels that reach one person."""
GROUPS: Final = (DINGTALK, FEISHU, WECOMBOT)
"""Robots that speak into a unit's group: everybody there sees it, so it is told once and to nobody by name."""
PER_MINUTE: Final[Mapping[str, int]] = {DINGTALK: 20, FEISHU: 100, WECOMBOT: 20}
"""Messages that one group's robot takes in a minute; who sends more is shut out for a while by some of them."""
CONFIGURED: Final = (WECHAT, WECOM, SMS, MAIL, *GROUPS)
"""Channels that an administrator sets up; Web Push comes with the deployment's own key."""

URGENT: Final = "urgent"
LAST: Final = "last"
"""The last steps of a ladder: nothing is saved any longer, SMS goes at once."""
NORMAL: Final = "normal"
NEWS: Final = "news"
URGENCIES: Final[Mapping[str, str]] = {LAST: "最后提醒", URGENT: "紧急", NORMAL: "一般", NEWS: "知会"}

WITH: Final = "with"
FIRST: Final = "first"
SPARE: Final = "spare"


@dataclass(frozen=True, slots=True)
class Route:
    """The ways of one urgency. `together` go at once, each; of `first_of` the first that the person has, the next when
    it fails; `if_none` the same, when nothing else arrived. `groups`: the unit's group robots are told too.
    `may_mute`: a person's own wish to be spared a channel counts.
    """

    together: tuple[str, ...] = ()
    first_of: tuple[str, ...] = ()
    if_none: tuple[str, ...] = ()
    groups: bool = False
    may_mute: bool = True


DEFAULTS: Final[Mapping[str, Route]] = {
    LAST: Route((WEBPUSH, SMS), (WECHAT, WECOM), (MAIL,), groups=True, may_mute=False),
    URGENT: Route((WEBPUSH,), (WECHAT, WECOM), (SMS, MAIL), groups=True, may_mute=False),
    NORMAL: Route((WEBPUSH,), (WECHAT, WECOM), (MAIL,)),
    NEWS: Route((WEBPUSH,), (), ()),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person prefers: channels they want to be spared, in which order the others are to be tried, and from when
    until when (local wall time, possibly past midnight) what can wait is to wait."""

    muted: frozenset[str] = frozenset()
    order: tuple[str, ...] = ()
    quiet: tuple[time, time] | None = None


NO_WISH: Final = Wish()


def opening(route: Route, has: Collection[str], wish: Wish) -> list[tuple[str, str]]:
    """Return (channel, part) of what is sent at once to somebody who `has` these channels."""
    usable = _usable(route, has, wish)
    chosen = [(channel, WITH) for channel in route.together if channel in usable]
    leading = _line(route.first_of, usable, wish)
    if leading:
        return [*chosen, (leading[0], FIRST)]
    # Nobody is left untold because they never bound an account: the spare way is then the only one.
    return chosen or [(channel, SPARE) for channel in _line(route.if_none, usable, wish)[:1]]


def following(
    route: Route, has: Collection[str], wish: Wish, tried: Collection[str], told: bool
) -> tuple[str, str] | None:
    """Return the next (channel, part) after `tried` failed; None when there is none.

    `told`: the message did arrive by another way, or may yet: then the spare ways are left alone.
    """
    usable = _usable(route, has, wish)
    for line, part in ((route.first_of, FIRST), (route.if_none, SPARE)):
        if part == SPARE and told:
            break
        left = [channel for channel in _line(line, usable, wish) if channel not in tried]
        if left:
            return left[0], part
    return None


def _usable(route: Route, has: Collection[str], wish: Wish) -> set[str]:
    return {c for c in has if not (route.may_mute and c in wish.muted)}


def _line(channels: tuple[str, ...], usable: Collection[str], wish: Wish) -> list[str]:
    there = [channel for channel in channels if channel in usable]
    return sorted(there, key=lambda channel: wish.order.index(channel) if channel in wish.order else len(wish.order))
