"""Reads the reminders of a profile. Pure."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

from app.policies import policy as p
from app.policies.table import Table


def reminding(root: Table) -> dict[str, Any]:
    """Return the fields of `Policy` about reminders."""
    return {
        "reminders": root.each("reminders", reminder),
        "ladders": root.each_or_none("ladders", ladder),
        "quiet": root.made_or_none("quiet", quiet),
        "daily": root.made_or_none("daily", daily),
        "reach_check": root.made_or_none("reach_check", reach_check),
    }


def _time(t: Table, key: str) -> time:
    try:
        return time.fromisoformat(t.text(key))
    except ValueError as error:
        raise t.wrong(key, "应为 22:00 这样的时刻") from error


def reminder(t: Table) -> p.ReminderRule:
    """Read one reminder."""
    common: dict[str, Any] = {"kind": t.text("kind"), "to": t.texts("to"), "title": t.text("title"), **t.cited()}
    if t.has("repeat_minutes") or t.has("times"):
        common["repeat"] = timedelta(minutes=t.whole("repeat_minutes", least=10))
        common["times"] = t.whole("times", least=1)
    common["ladder"] = t.text_or_none("ladder")
    common["round_the_clock"] = t.flag_or_no("round_the_clock")
    if t.has("event"):
        return p.ReminderRule(event=t.text("event"), **common)
    return p.ReminderRule(
        clock=t.text("clock"),
        anchor=t.choice("anchor", ("start", "due")),
        offset=timedelta(minutes=t.whole("offset_minutes", least=None)),
        **common,
    )


def ladder(t: Table) -> p.Ladder:
    """Read one ladder."""
    return p.Ladder(
        key=t.text("key"),
        title=t.text("title"),
        rungs=t.each("rungs", lambda r: p.Rung(r.texts("to"), timedelta(minutes=r.whole("after_minutes", least=1)))),
        round_the_clock=t.flag_or_no("round_the_clock"),
        **t.cited(),
    )


def quiet(t: Table) -> p.Quiet:
    """Read the quiet hours."""
    made = p.Quiet(since=_time(t, "from"), until=_time(t, "until"), **t.cited())
    if made.since == made.until:
        raise t.wrong("until", "起止时间不能相同")
    return made


def daily(t: Table) -> p.Daily:
    """Read when the daily reminder comes."""
    return p.Daily(at=_time(t, "at"), **t.cited())


def reach_check(t: Table) -> p.ReachCheck:
    """Read the weekly trial of who can be reached."""
    weekday = t.whole("weekday", least=1)
    if weekday > 7:
        raise t.wrong("weekday", "须为 1（周一）至 7（周日）")
    return p.ReachCheck(
        weekday=weekday, at=_time(t, "at"), answer=timedelta(hours=t.whole("answer_hours", least=1)), **t.cited()
    )
