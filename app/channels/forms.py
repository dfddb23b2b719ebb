"""Filling in a service's form from a message's facts: `thing1=title; time2=due_time`, each cut to its kind. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final

from app.problems import ALLOWED, Refused, Verdict

FACTS: Final[Mapping[str, str]] = {
    "title": "提醒内容",
    "body": "单位与工单编号",
    "number": "工单编号",
    "unit": "承办单位",
    "due": "截止时间（11-21 05:14）",
    "due_time": "截止时间（2026-11-21 05:14）",
    "left": "剩余时间",
    "at": "提醒时间（11-21 05:14）",
    "at_time": "提醒时间（2026-11-21 05:14）",
}
_LENGTHS: Final[tuple[tuple[str, int], ...]] = (
    ("short_thing", 5), ("thing", 20), ("phrase", 5), ("character_string", 32), ("number", 32), ("letter", 32),
    ("symbol", 5), ("name", 10), ("const", 20), ("time", 32), ("date", 32),
)  # fmt: skip
_LONGEST: Final = 200
_ASCII_ONLY: Final = {"character_string": "-", "number": "0", "letter": "N"}
"""Kinds that take no Chinese, and what stands there for nothing."""
_TIMES: Final = ("time", "date")
_TIME_FACTS: Final = frozenset({"due", "due_time", "left"})
_NUMBER_FACTS: Final = frozenset({"number", "body"})
_PAIR: Final = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_.]{0,31})\s*=\s*([a-z_]+)\s*")


def read(text: str) -> dict[str, str]:
    """Return field → fact of a form's description. Raises `ValueError`."""
    found: dict[str, str] = {}
    for part in re.split(r"[;；,，\n]", text):
        if not part.strip():
            continue
        pair = _PAIR.fullmatch(part)
        if pair is None or pair[2] not in FACTS:
            raise ValueError(part.strip())
        found[pair[1]] = pair[2]
    return found


def judge(text: str) -> Verdict:
    """Return whether a form's description can be read."""
    try:
        read(text)
    except ValueError as error:
        return Refused("channel_form_wrong", {"part": str(error)[:40], "facts": "、".join(FACTS)})
    return ALLOWED


def fill(text: str, facts: Mapping[str, str]) -> dict[str, str]:
    """Return field → value, each no longer than a field of its kind may be; a missing fact is a dash."""
    form = read(text)
    return {
        field: _fit(
            field,
            facts.get(fact) or "—",
            _said_elsewhere(facts, [other for other in form.values() if other != fact]),
        )
        for field, fact in form.items()
    }


def fits(text: str, facts: Mapping[str, str]) -> bool:
    """Return whether each field for a time has one: such a field takes no dash (47003).

    Another instant in its place, such as when the message was written, would be read as the deadline.
    """
    return all(facts.get(fact) for field, fact in read(text).items() if field.startswith(_TIMES))


def _said_elsewhere(facts: Mapping[str, str], others: Collection[str]) -> list[str]:
    """Return what a sentence may leave out first when it is too long, because another field has it."""
    left, number = facts.get("left"), facts.get("number")
    found = [f"{left}："] if left and not _TIME_FACTS.isdisjoint(others) else []
    return found + ([f"工单 {number} ", f" {number}"] if number and not _NUMBER_FACTS.isdisjoint(others) else [])


def _fit(field: str, value: str, spare: Collection[str] = ()) -> str:
    kind, longest = next(((k, n) for k, n in _LENGTHS if field.startswith(k)), ("", _LONGEST))
    if kind in _ASCII_ONLY:
        value = "".join(c for c in value if c.isascii() and c.isprintable()) or _ASCII_ONLY[kind]
    for words in spare:
        # 20 characters of "还有 4 小时：工单 DL-2026-…" would look the same whatever it is that is due.
        value = value.replace(words, "", 1) if len(value) > longest else value
    return (
        value if len(value) <= longest else value[: longest - 1] + "…" if kind not in _ASCII_ONLY else value[:longest]
    )
