"""Times that do not fit: older than the dispatch, another time in the file, late arrival, an impossible clock. Pure.

What makes it `high`: a picture said to show the result that was taken a month and more before anybody complained. All
else is at most `medium`: phones' clocks are wrong, photos come from the caller, and the countryside has no network.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from app.oversight.findings import words
from app.oversight.findings.facts import HIGH, LOW, MEDIUM, Facts, Found, Item
from app.policies.believing import FindingRules

OLD: Final = "old_photo"
EXIF_TIME: Final = "exif_time"
EXIF_DEVICE: Final = "exif_device"
LATE: Final = "late_upload"
CLOCK: Final = "clock"
_UNSET: Final = 2015
"""A year before this is what a camera writes whose clock was never set."""
_ZONES: Final = timedelta(hours=14)
_SLACK: Final = timedelta(minutes=3)
_DAY: Final = timedelta(days=1)


def times(facts: Facts, rules: FindingRules) -> Iterator[Found]:
    """Yield what is wrong with the times of each piece."""
    for item in facts.items:
        if item.kind == "photo":
            yield from _old(facts, item, rules)
            yield from _exif_time(facts, item, rules)
            yield from _exif_device(facts, item)
        if item.source not in ("gallery", "file"):
            yield from _late(facts, item, rules)
            yield from _clock(item, rules)


def _taken(item: Item) -> datetime | None:
    """Return what the file says, unless it says nonsense: a clock never set, or a time yet to come."""
    at = item.taken_at
    return at if at is not None and at.year >= _UNSET and at <= item.declared_at + _DAY else None


def _old(facts: Facts, item: Item, rules: FindingRules) -> Iterator[Found]:
    if facts.dispatched_at is None:
        return
    taken = _taken(item)
    at = min(item.captured_at, taken) if taken is not None else item.captured_at
    if at >= facts.dispatched_at - timedelta(minutes=rules.before_minutes):
        return
    source = "照片自带时间" if at == taken else "拍摄时间"
    long_before = at < facts.received_at - timedelta(days=rules.before_high_days)
    # A picture of the trouble may well come from the caller, who took it before calling.
    lesser, graver = (MEDIUM, HIGH) if item.phase == "after" else (LOW, MEDIUM)
    severity = graver if long_before else lesser
    before = words.span(facts.dispatched_at - at)
    reason = f"{source} {words.moment(at, facts.zone)}，早于派单 {before}"
    yield Found(OLD, severity, item.id, reason, {"at": at.isoformat(timespec="minutes"), "phase": item.phase})


def _exif_time(facts: Facts, item: Item, rules: FindingRules) -> Iterator[Found]:
    taken = _taken(item)
    if taken is None or item.source != "camera":
        return
    apart = abs(taken - item.captured_at)
    if apart <= timedelta(minutes=rules.exif_minutes):
        return
    whole_hours = apart <= _ZONES and apart % timedelta(hours=1) in _around(_SLACK)
    severity = MEDIUM if apart > timedelta(hours=rules.exif_hours) else LOW
    why = "，相差整小时，可能是手机时区设置" if whole_hours else ""
    shown = words.moment(taken, facts.zone)
    reason = f"照片自带时间 {shown} 与申报的拍摄时间相差 {words.span(apart)}{why}"
    yield Found(EXIF_TIME, severity, item.id, reason, {"minutes": apart // timedelta(minutes=1)})


class _around:  # noqa: N801 - reads as a phrase where it is used
    """The lengths within `slack` of nothing or of a full hour."""

    def __init__(self, slack: timedelta) -> None:
        self._slack = slack

    def __contains__(self, rest: timedelta) -> bool:
        return rest <= self._slack or rest >= timedelta(hours=1) - self._slack


def _exif_device(facts: Facts, item: Item) -> Iterator[Found]:
    usual = facts.models.get(item.device_id or "")
    if item.source != "camera" or item.model is None or usual is None or item.model == usual:
        return
    reason = f"照片自带机型“{item.model}”，这部手机平时拍的是“{usual}”"
    yield Found(EXIF_DEVICE, MEDIUM, item.id, reason, {"model": item.model, "usual": usual})


def _late(facts: Facts, item: Item, rules: FindingRules) -> Iterator[Found]:
    if item.received_at is None:
        return
    took = item.received_at - item.captured_at
    if took <= timedelta(hours=rules.late_hours):
        return
    severity = MEDIUM if took > timedelta(days=rules.late_days) else LOW
    shown = words.moment(item.captured_at, facts.zone)
    reason = f"取证时间 {shown}，{words.span(took)}后才送达服务器"
    yield Found(LATE, severity, item.id, reason, {"hours": took // timedelta(hours=1)})


def _clock(item: Item, rules: FindingRules) -> Iterator[Found]:
    slack = timedelta(minutes=rules.clock_minutes)
    ahead = item.captured_at - item.declared_at
    behind = item.held_at - item.captured_at if item.held_at is not None else timedelta()
    apart = max(ahead, behind)
    if apart <= slack:
        return
    what = "晚于服务器收到的时间" if ahead >= behind else "早于手机当时已经收到的服务器时间"
    reason = f"申报的取证时间{what} {words.span(apart)}，手机时钟可能不准"
    severity = MEDIUM if apart > _DAY else LOW
    yield Found(CLOCK, severity, item.id, reason, {"minutes": apart // timedelta(minutes=1)})
