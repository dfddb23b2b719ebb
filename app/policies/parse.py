"""Reads a profile: TOML text → `Policy`, or a refusal that names the file, the key and what is wrong. Pure.

Every table is read key by key and a key that nobody read is refused, so that a misspelt key cannot silently turn a
rule off. A schema library was rejected: the messages are for the administrator who writes the file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, time, timedelta
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

from app.policies import policy as p
from app.policies.table import ProfileInvalid, Table

KINDS: Final = ("deadline", "guard", "target")
STARTS: Final = ("intake", "dispatch", "sign")
MOMENTS: Final = ("signed", "contacted", "visited", "at_station", "accepted")
"""What can meet a clock: ticket signed, caller contacted, visit recorded, reply reached the station, accepted."""
SEVERITIES: Final = ("block", "warn")
LATE_SYNC: Final = ("received", "bounded-claim")


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
    reply = _reply(root.table("reply"))
    policy = p.Policy(
        profile=root.text("profile"),
        version=root.whole("version", least=1),
        name=root.text("name"),
        zone=_zone(root),
        basis=_basis(root.table("basis")),
        station=_station(root.table("station")),
        late_sync=_late_sync(root.table("late_sync")),
        priorities=root.each("priorities", lambda t: p.Priority(t.text("key"), t.text("label"), **t.cited())),
        working_day=_working_day(root.table("working_day")),
        clocks=_keyed(root, "clocks", root.each("clocks", _clock), lambda c: c.key),
        reply=reply,
        visit=_visit(root.table("visit")),
        progress=_progress(root.table("progress"), reply.empty),
        requests=_keyed(root, "requests", root.each("requests", _request), lambda r: r.kind),
        sign_off=root.each("sign_off", lambda t: p.SignOffStep(t.text("role"), t.text("label"), **t.cited())),
        reminders=root.each("reminders", _reminder),
    )
    root.finish()
    _check_references(root, policy)
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


def _working_day(t: Table) -> p.WorkingDay:
    closes = t.text("closes")
    try:
        return t.done(p.WorkingDay(time.fromisoformat(closes), **t.cited()))
    except ValueError as error:
        raise t.wrong("closes", "应为 17:30 这样的时刻") from error


def _clock(t: Table) -> p.ClockRule:
    span, before = t.maybe("span"), t.maybe("before")
    if (span is None) == (before is None):
        raise t.wrong("span", "span 与 before 须且只能写一个")
    kind = t.choice("kind", KINDS)
    met_when = t.choice("met_when", MOMENTS) if t.has("met_when") else None
    if (met_when is None) != (kind == "guard"):
        raise t.wrong("met_when", "guard 不写 met_when，其余须写")
    given = t.text("given") if t.has("given") else None
    if given is not None and span is None:
        raise t.wrong("given", "given 须同时写 span，供未给出时使用")
    return p.ClockRule(
        key=t.text("key"),
        label=t.text("label"),
        kind=kind,
        starts=t.choice("starts", STARTS),
        span=_span(span) if span else None,
        given=given,
        before=_before(before) if before else None,
        met_when=met_when,
        **t.cited(),
    )


def _span(t: Table) -> p.Span:
    units = [unit for unit in ("hours", "working_days", "calendar_days") if t.has(unit)]
    if len(units) != 1:
        raise t.wrong("hours", "hours、working_days、calendar_days 须且只能写一个")
    amount: dict[str, Any] = {units[0]: t.whole(units[0], least=1)}
    return t.done(p.Span(**amount, **t.cited()))


def _before(t: Table) -> p.Before:
    return t.done(p.Before(t.text("clock"), t.whole("hours", least=1), **t.cited()))


def _length(t: Table) -> p.Length:
    least, most = t.whole("min", least=1), t.whole("max", least=1)
    if most < least:
        raise t.wrong("max", "不能小于 min")
    return t.done(p.Length(least, most, **t.cited()))


def _phrases(t: Table) -> p.Phrases:
    return t.done(p.Phrases(t.texts("phrases"), t.texts("fillers"), **t.cited()))


def _option(t: Table) -> p.Option:
    return p.Option(t.text("key"), t.text("label"), **t.cited())


def _part(t: Table) -> p.ReplyPart:
    return p.ReplyPart(
        t.text("key"), t.text("label"), t.text("hint"), t.flag("required"), _length(t.table("length")), **t.cited()
    )


def _reply(t: Table) -> p.ReplyRules:
    opinion, photos, visit = t.table("opinion"), t.table("photos"), t.table("visit")
    parts = t.each("parts", _part)
    if len({part.key for part in parts}) != len(parts):
        raise t.wrong("parts", "有重复的名称")
    return t.done(
        p.ReplyRules(
            parts=parts,
            opinion=opinion.done(p.Opinion(opinion.text("label"), opinion.each("options", _option), **opinion.cited())),
            empty=_phrases(t.table("empty")),
            photos=photos.done(
                p.Photos(
                    photos.whole("before"),
                    photos.whole("after"),
                    photos.choice("severity", SEVERITIES),
                    **photos.cited(),
                )
            ),
            visit=visit.done(
                p.VisitDuty(visit.flag("required"), visit.choice("severity", SEVERITIES), **visit.cited())
            ),
            snippets=t.texts("snippets"),
            **t.cited(),
        )
    )


def _visit(t: Table) -> p.VisitRules:
    modes = t.each("modes", lambda m: p.VisitMode(m.text("key"), m.text("label"), m.text("hint"), **m.cited()))
    return t.done(p.VisitRules(modes, t.each("exceptions", _visit_exception), **t.cited()))


def _visit_exception(t: Table) -> p.VisitException:
    attempts = t.whole("attempts", least=1) if t.has("attempts") else None
    return p.VisitException(t.text("key"), t.text("label"), attempts, **t.cited())


def _progress(t: Table, reply_wording: p.Phrases) -> p.ProgressRules:
    # `empty = "reply"` shares the reply's list: writing it twice invites two lists that differ.
    if t.is_text("empty"):
        t.choice("empty", ("reply",))
        wording = reply_wording
    else:
        wording = _phrases(t.table("empty"))
    return t.done(p.ProgressRules(_length(t.table("length")), wording, t.flag("caller_told"), **t.cited()))


def _request(t: Table) -> p.RequestRule:
    reason = t.table("reason")
    return p.RequestRule(
        kind=t.text("kind"),
        label=t.text("label"),
        clock=t.text("clock"),
        states=t.texts("states"),
        reason=reason.done(
            p.Reason(reason.whole("min", least=1), reason.text("label"), reason.text("hint"), **reason.cited())
        ),
        stages=t.each("stages", _option),
        extends=t.text("extends") if t.has("extends") else None,
        proposed_unit=t.flag("proposed_unit") if t.has("proposed_unit") else False,
        **t.cited(),
    )


def _reminder(t: Table) -> p.ReminderRule:
    common = {"kind": t.text("kind"), "to": t.texts("to"), "title": t.text("title"), **t.cited()}
    if t.has("event"):
        return p.ReminderRule(event=t.text("event"), **common)
    return p.ReminderRule(
        clock=t.text("clock"),
        anchor=t.choice("anchor", ("start", "due")),
        offset=timedelta(minutes=t.whole("offset_minutes", least=None)),
        **common,
    )


def _check_references(root: Table, policy: p.Policy) -> None:
    _check_clocks(root, policy)
    for request in policy.requests.values():
        for key in filter(None, (request.clock, request.extends)):
            if key not in policy.clocks:
                raise root.wrong(f"requests.{request.kind}", f"没有名为“{key}”的时限")
    for number, reminder in enumerate(policy.reminders):
        if reminder.clock is not None and reminder.clock not in policy.clocks:
            raise root.wrong(f"reminders[{number}].clock", f"没有名为“{reminder.clock}”的时限")
    if len(policy.sign_off) < 2:
        raise root.wrong("sign_off", "至少要有一步单位内审签，再由工作站审核")
    if policy.sign_off[-1].role != p.STATION:
        raise root.wrong("sign_off", '最后一步须由工作站审核（role = "station"）')


def _check_clocks(root: Table, policy: p.Policy) -> None:
    for clock in policy.clocks.values():
        # One step only: a clock counted back from a clock counted back has no case and would need an order.
        anchor = policy.clocks.get(clock.before.clock) if clock.before else None
        if clock.before and (anchor is None or anchor.before is not None):
            raise root.wrong(f"clocks.{clock.key}.before.clock", f"没有可以倒推的时限“{clock.before.clock}”")
        if clock.before and anchor and anchor.starts != clock.starts:
            raise root.wrong(f"clocks.{clock.key}.starts", "须与所倒推的时限同时起算")
