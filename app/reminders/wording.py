"""The words of a reminder, in Chinese: how long is left, what about, and that it comes late when it does. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from app.clock import local_text
from app.people.masking import mask_text
from app.policies.policy import ReminderRule
from app.reminders.due import START

LATE_AFTER: Final = timedelta(minutes=5)
"""A reminder that fires later than this after its instant says so."""
_TITLE_SHOWN: Final = 60


def span_text(span: timedelta) -> str:
    """Return a length of time to the minute: `1 小时 5 分钟`, from two days on `2 天 3 小时`."""
    minutes = max(1, round(span.total_seconds() / 60))
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    if days >= 2:
        return f"{days} 天" + (f" {hours} 小时" if hours else "")
    hours += days * 24
    parts = [f"{hours} 小时"] if hours else []
    return " ".join(parts + ([f"{rest} 分钟"] if rest or not hours else []))


def time_left(due_at: datetime, at: datetime) -> str:
    """Return `还有 1 小时`, `时限已到` or `已超 20 分钟`; never a figure that was true only when it was planned."""
    left = due_at - at
    if abs(left) <= timedelta(seconds=30):
        return "时限已到"
    return f"还有 {span_text(left)}" if left > timedelta(0) else f"已超 {span_text(-left)}"


def headline(rule: ReminderRule, number: str, due_at: datetime | None, at: datetime, zone: str) -> str:
    """Return the reminder's one sentence as it is true at `at`; it names the ticket by its number alone.

    The ticket's title is left out on purpose: citizens' names get into titles, and this goes through foreign
    push services onto locked screens.
    """
    due = local_text(due_at, zone) if due_at else ""
    sentence = rule.title.replace("{number}", number).replace("{due}", due).replace("{title}", "")
    if due_at is None or (rule.anchor == START and not rule.offset):
        return sentence
    return f"{time_left(due_at, at)}：{sentence}"


def body(unit: str | None, title: str, confidential: bool, fire_at: datetime, at: datetime, zone: str) -> str:
    """Return the second line for the inbox: unit, masked title, and by how much the reminder is late."""
    shown = "" if confidential else mask_text(title)
    if len(shown) > _TITLE_SHOWN:
        shown = shown[: _TITLE_SHOWN - 1] + "…"
    line = " · ".join(part for part in (unit, shown) if part)
    if at - fire_at <= LATE_AFTER:
        return line
    return f"{line}（本应于 {local_text(fire_at, zone)} 提醒，晚了 {span_text(at - fire_at)}）"
