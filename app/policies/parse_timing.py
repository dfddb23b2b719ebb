"""Reads the clocks of a profile. Pure."""

from __future__ import annotations

from datetime import time
from typing import Any, Final

from app.policies import policy as p
from app.policies.table import Table
from app.policies.timing import Only

KINDS: Final = ("deadline", "guard", "target", "mark")
STARTS: Final = ("intake", "dispatch", "sign", "reopen")
MOMENTS: Final = (
    "signed", "contacted", "visited", "at_station", "accepted",
    "dispatched", "centre_signed", "told", "progressed", "planned",
)  # fmt: skip
"""What can meet a clock: ticket signed, caller contacted, visit recorded, reply reached the station, accepted;
dispatched, signed by the centre, caller told, progress reported, plan filed."""
_AMOUNTS: Final = ("hours", "working_days", "calendar_days")


def working_day(t: Table) -> p.WorkingDay:
    """Read when the working day ends."""
    closes = t.text("closes")
    try:
        return t.done(p.WorkingDay(time.fromisoformat(closes), **t.cited()))
    except ValueError as error:
        raise t.wrong("closes", "应为 17:30 这样的时刻") from error


def clock(t: Table) -> p.ClockRule:
    """Read one clock."""
    span, before = t.maybe("span"), t.maybe("before")
    if (span is None) == (before is None):
        raise t.wrong("span", "span 与 before 须且只能写一个")
    kind = t.choice("kind", KINDS)
    met_when = _met_when(t)
    if kind != "mark" and (not met_when) != (kind == "guard"):
        raise t.wrong("met_when", "guard 不写 met_when，其余须写")
    for key in ("given", "spans"):
        if t.has(key) and span is None:
            raise t.wrong(key, f"{key} 须同时写 span，供未给出时使用")
    return p.ClockRule(
        key=t.text("key"),
        label=t.text("label"),
        kind=kind,
        starts=t.choice("starts", STARTS),
        span=read_span(span) if span else None,
        given=t.text_or_none("given"),
        before=_before(before) if before else None,
        met_when=met_when,
        spans=t.each_or_none("spans", _span_when),
        suspends=t.flag_or_no("suspends"),
        only=t.made_or_none("only", lambda o: Only(o.text("clock"), o.flag("special"))),
        **t.cited(),
    )


def _met_when(t: Table) -> tuple[str, ...]:
    if not t.has("met_when"):
        return ()
    return (t.choice("met_when", MOMENTS),) if t.is_text("met_when") else t.texts_or_none("met_when", MOMENTS)


def read_span(t: Table) -> p.Span:
    """Read a length of time."""
    unit, amount = _amount(t)
    includes = t.flag_or_no("includes_start")
    if includes and unit == "hours":
        raise t.wrong("includes_start", "按小时计的时限没有“当日”")
    if includes and amount < 2:
        # Received after closing time, such a limit would be over before it began.
        raise t.wrong("includes_start", "含当日的时限至少为 2 日")
    return t.done(p.Span(**{unit: amount}, includes_start=includes, **t.cited()))


def _amount(t: Table, least: int = 1) -> tuple[str, Any]:
    units = [unit for unit in _AMOUNTS if t.has(unit)]
    if len(units) != 1:
        raise t.wrong("hours", "hours、working_days、calendar_days 须且只能写一个")
    return units[0], t.whole(units[0], least)


def _span_when(t: Table) -> p.SpanWhen:
    wanted = [t.texts_or_none(key) for key in ("kinds", "sources", "priorities")]
    if not any(wanted):
        raise t.wrong("kinds", "kinds、sources、priorities 至少写一个")
    return p.SpanWhen(wanted[0], wanted[1], wanted[2], read_span(t.table("span")))


def _before(t: Table) -> p.Before:
    # 0: the guard falls together with the clock it is counted back from.
    unit, amount = _amount(t, least=0)
    return t.done(p.Before(t.text("clock"), **{unit: amount}, **t.cited()))
