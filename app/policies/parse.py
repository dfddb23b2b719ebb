"""Reads a profile: TOML text → `Policy`, or a refusal that names the file, the key and what is wrong. Pure.

Every table is read key by key and a key that nobody read is refused, so that a misspelt key cannot silently turn a
rule off. A schema library was rejected: the messages are for the administrator who writes the file.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

from app.policies import policy as p
from app.policies.parse_answering import progress, reply, visit
from app.policies.parse_asking import request
from app.policies.parse_reminding import reminding
from app.policies.parse_running import running
from app.policies.parse_timing import MOMENTS, clock, working_day
from app.policies.references import check_references
from app.policies.table import ProfileInvalid, Table

__all__ = ["MOMENTS", "parse_profile", "policy_from"]

LATE_SYNC: Final = ("received", "bounded-claim")
_PLACE: Final = re.compile(r"line (\d+), column (\d+)")
_BROKEN: Final = (
    ("Illegal character", "引号没有成对，或有不允许的字符"),
    ("Invalid value", "等号后面的值写法有误"),
    ("Invalid statement", "不是“名称 = 值”的写法"),
    ("Expected '=' after a key", "名称后面缺少等号"),
    ("Expected newline or end of document", "值的后面有多余的内容"),
    ("Expected ']", "方括号没有成对"),
    ("Unclosed array", "方括号没有成对"),
    ("Unclosed inline table", "花括号没有成对"),
    ("Unterminated string", "引号没有成对"),
    ("Cannot overwrite", "同一项写了两次"),
    ("Duplicate inline table key", "同一项写了两次"),
    ("Cannot declare", "同一段写了两次"),
)
"""How the library's complaints begin, and what they mean to who wrote the text."""
SIGNERS: Final = ("liaison", "reviewer", "leader", "chief", "station")


def parse_profile(text: str, file: str) -> p.Policy:
    """Return the policy written in TOML `text`; `file` names it in refusals. Raises `ProfileInvalid`."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileInvalid(file, "", f"不是有效的 TOML：{_broken(str(error))}") from error
    return policy_from(content, file)


def _broken(message: str) -> str:
    """Return the reader's complaint in Chinese, with the place as it says it; what is not known stays as it is."""
    said, _, place = message.partition(" (at ")
    words = next((chinese for english, chinese in _BROKEN if said.startswith(english)), said)
    found = _PLACE.match(place)
    return f"{words}（第 {found[1]} 行第 {found[2]} 列）" if found else words


def policy_from(content: Mapping[str, Any], file: str) -> p.Policy:
    """Return the policy of a profile already read into plain values. Raises `ProfileInvalid`."""
    root = Table(content, file)
    answer = reply(root.table("reply"))
    policy = p.Policy(
        profile=root.text("profile"),
        version=root.whole("version", least=1),
        name=root.text("name"),
        zone=_zone(root),
        basis=_basis(root.table("basis")),
        station=_station(root.table("station")),
        late_sync=_late_sync(root.table("late_sync")),
        priorities=root.each("priorities", lambda t: p.Priority(t.text("key"), t.text("label"), **t.cited())),
        working_day=working_day(root.table("working_day")),
        clocks=_keyed(root, "clocks", root.each("clocks", clock), lambda c: c.key),
        reply=answer,
        visit=visit(root.table("visit")),
        progress=progress(root.table("progress"), answer.empty),
        requests=_keyed(root, "requests", root.each("requests", request), lambda r: r.kind),
        sign_off=root.each("sign_off", _sign_off),
        **reminding(root),
        **running(root),
    )
    root.finish()
    check_references(root, policy)
    return policy


def _keyed(root: Table, key: str, items: tuple[Any, ...], key_of: Any) -> Mapping[str, Any]:
    found = {key_of(item): item for item in items}
    if len(found) != len(items):
        raise root.wrong(key, "有重复的名称")
    return MappingProxyType(found)


def _zone(root: Table) -> str:
    name = root.text("zone")
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise root.wrong("zone", f"没有“{name}”这个时区") from error
    return name


def _basis(t: Table) -> p.Basis:
    issued_on = t.text("issued_on")
    try:
        date.fromisoformat(issued_on)
    except ValueError as error:
        raise t.wrong("issued_on", "应为 2022-02-21 这样的日期") from error
    return t.done(p.Basis(t.text("title"), t.text("issued_by"), issued_on))


def _station(t: Table) -> p.Station:
    return t.done(p.Station(t.text("name"), t.text_or_none("phone"), **t.cited()))


def _late_sync(t: Table) -> p.LateSync:
    return t.done(p.LateSync(t.choice("rule", LATE_SYNC), **t.cited()))


def _sign_off(t: Table) -> p.SignOffStep:
    role = t.choice("role", SIGNERS)
    others = tuple(other for other in t.texts_or_none("roles", SIGNERS) if other != role)
    return p.SignOffStep(role, t.text("label"), others, **t.cited())
