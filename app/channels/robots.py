"""Robots that speak into a group chat of DingTalk, Feishu or WeCom: one address with its key, a text, a signature."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from app import clock
from app.channels.answers import DINGTALK, FEISHU, WECOMBOT, Meaning, outcome_of
from app.channels.channel import Message, Outcome, Result
from app.channels.outside import Outside, Unreachable
from app.reach import kinds

_TEXT: Final = 600
UNSURE: Final = Outcome(Result.NEVER, "机器人没有及时回答，可能已发出；请先看群里，确实没有再重发", code="unsure")
"""A group's robot knows no message again: said a second time it is read a second time, by everybody. So who looks
decides, and people are told by their own channels meanwhile."""


@dataclass(frozen=True)
class Dialect:
    """How one service wants it: the body, the query, and where its code stands."""

    name: str
    table: Mapping[Any, Meaning]
    body: Callable[[str, str, int], dict[str, Any]]
    query: Callable[[str, int], dict[str, str]]
    codes: tuple[str, ...]
    words: tuple[str, ...]


def _digest(key: str, text: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()


def _ding_query(secret: str, ms: int) -> dict[str, str]:
    return {"timestamp": str(ms), "sign": _digest(secret, f"{ms}\n{secret}")} if secret else {}


def _feishu_body(text: str, secret: str, ms: int) -> dict[str, Any]:
    body: dict[str, Any] = {"msg_type": "text", "content": {"text": text}}
    # Feishu signs nothing at all, with time and secret as the key.
    return body | {"timestamp": str(ms // 1000), "sign": _digest(f"{ms // 1000}\n{secret}", "")} if secret else body


def _text_body(text: str, _secret: str, _ms: int) -> dict[str, Any]:
    return {"msgtype": "text", "text": {"content": text}}


def _nothing(_secret: str, _ms: int) -> dict[str, str]:
    return {}


DIALECTS: Final[Mapping[str, Dialect]] = {
    kinds.DINGTALK: Dialect("钉钉", DINGTALK, _text_body, _ding_query, ("errcode",), ("errmsg",)),
    kinds.FEISHU: Dialect("飞书", FEISHU, _feishu_body, _nothing, ("code", "StatusCode"), ("msg", "StatusMessage")),
    kinds.WECOMBOT: Dialect("企业微信", WECOMBOT, _text_body, _nothing, ("errcode",), ("errmsg",)),
}


@dataclass(frozen=True)
class Robot:
    """Speaks to whatever robot the message is addressed to; `keyword` is put in front where the group wants one."""

    dialect: Dialect
    outside: Outside
    now: Callable[[], datetime]
    keyword: str = ""

    def send(self, message: Message) -> Outcome:
        """Say it in the group. The services answer 200 to everything: what counts stands in the body."""
        secret, ms = str(message.keys.get("secret", "")), clock.to_epoch_ms(self.now())
        text = "\n".join(part for part in (self.keyword, message.title, message.body, message.link) if part)[:_TEXT]
        try:
            answer = self.outside.ask(
                "POST", message.address,
                params=self.dialect.query(secret, ms), body=self.dialect.body(text, secret, ms),
            )  # fmt: skip
        except Unreachable as error:
            return UNSURE if error.arrived else error.outcome
        code = next((answer[name] for name in self.dialect.codes if name in answer), None)
        words = next((str(answer[name]) for name in self.dialect.words if name in answer), "")
        return outcome_of(self.dialect.table, self.dialect.name, code, words)
