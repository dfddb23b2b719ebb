"""What people write to the account, and what it means. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

TODO: Final = "todo"
SIGN: Final = "sign"
SHOW: Final = "show"
HELP: Final = "help"
_SIGN: Final = re.compile(r"签收\s*[:：]?\s*(.*)", re.S)
_HELP: Final = ("", "帮助", "help", "?", "你好", "您好", "菜单")
_NUMBER: Final = re.compile(r"\S{2,64}")

USAGE: Final = (
    "可发送：\n待办 — 看未办结的工单\n签收 工单号 — 签收这张工单\n工单号 — 看它的状态与时限\n帮助 — 看这段说明"
)
UNBOUND: Final = "您的微信还没有绑定上门办账号。请登录上门办，在“我的 → 通知渠道”中绑定微信。"
WELCOME: Final = "欢迎关注。绑定账号后，新工单和到期提醒会发到这里。\n" + USAGE
DISABLED: Final = "您的账号已停用，请联系管理员。"


@dataclass(frozen=True, slots=True)
class Intent:
    """What is asked for; `number` is a ticket's number where one was written."""

    kind: str
    number: str = ""


def read(text: str) -> Intent:
    """Return what a message asks for. Full-width letters and spaces are what phones' keyboards make of others."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if plain in ("待办", "我的待办", "工单"):
        return Intent(TODO)
    if plain.lower() in _HELP:
        return Intent(HELP)
    sign = _SIGN.fullmatch(plain)
    if sign:
        return Intent(SIGN, sign[1].strip())
    return Intent(SHOW, plain) if _NUMBER.fullmatch(plain) else Intent(HELP)
