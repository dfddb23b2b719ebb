"""Reads a profile: TOML text → `Policy`, or a refusal that names the file, the key and what is wrong. Pure.

Every table is read key by key and a key that nobody read is refused, so that a misspelt key cannot silently turn a
rule off. A schema library was rejected: the messages are for the administrator who writes the file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

from app.policies import policy as p
from app.policies.parse_answering import progress, reply, visit
from app.policies.parse_asking import request
from app.policies.parse_running import running
from app.policies.parse_timing import MOMENTS, clock, reminder, working_day
from app.policies.references import check_references
from app.policies.table import ProfileInvalid, Table

__all__ = ["MOMENTS", "parse_profile", "policy_from"]

LATE_SYNC: Final = ("received", "bounded-claim")
SIGNERS: Final = ("liaison", "reviewer", "leader", "chief", "station")


def parse_profile(text: str, file: str) -> p.Policy:
    """Return the policy written in TOML `text`; `file` names it in refusals. Raises `ProfileInvalid`."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileInvalid(file, "", f"不是有效的 TOML：{error}") from error
    return policy_from(content, file)


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
        reminders=root.each("reminders", reminder),
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
    return t.done(p.Station(t.text("name"), t.text("phone"), **t.cited()))


def _late_sync(t: Table) -> p.LateSync:
    return t.done(p.LateSync(t.choice("rule", LATE_SYNC), **t.cited()))


def _sign_off(t: Table) -> p.SignOffStep:
    role = t.choice("role", SIGNERS)
    others = tuple(other for other in t.texts_or_none("roles", SIGNERS) if other != role)
    return p.SignOffStep(role, t.text("label"), others, **t.cited())
