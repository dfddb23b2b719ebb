"""When the clocks of a ticket fall due, and why, in words. Pure.

Instants are UTC; wall times in the words are in the jurisdiction's zone. Every limit includes its last millisecond:
a ticket signed exactly 20 hours after dispatch was signed in time, and an extension asked exactly one day before the
deadline was asked in time (二(一), 四(三)).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from app.policies.calendar import WorkCalendar
from app.policies.policy import Before, ClockRule, Policy, Span

_STARTED: Final = {"intake": "登记", "dispatch": "派单", "sign": "签收"}
_PROVISIONAL: Final = "（节假日安排尚未公布，暂按周一至周五计算）"


@dataclass(frozen=True, slots=True)
class ClockPlan:
    """A computed clock: what a ticket's clock row is written from."""

    clock: str
    label: str
    kind: str
    started_at: datetime
    due_at: datetime
    provisional: bool
    derivation: str
    cite: str
    assumed: bool


def in_time(at: datetime, due_at: datetime) -> bool:
    """Return whether something that counts at `at` kept the limit; the limit itself is still in time."""
    return at <= due_at


def plan(
    policy: Policy,
    calendar: WorkCalendar,
    event: str,
    at: datetime,
    given: Mapping[str, datetime | None] | None = None,
) -> list[ClockPlan]:
    """Return the clocks that `event` (intake, dispatch, sign) starts at `at`, in the order of the profile.

    `given` holds the instants that came with the ticket, by field name: `{"feedback_by": …}`. A field that is absent
    or None falls back to the profile's span.
    """
    rules = [rule for rule in policy.clocks.values() if rule.starts == event]
    zone = ZoneInfo(policy.zone)
    first = {r.key: _own(r, policy, calendar, zone, at, given or {}) for r in rules if r.before is None}
    return [_counted_back(r, r.before, first[r.before.clock], zone) if r.before else first[r.key] for r in rules]


def moved(policy: Policy, clock: str, started_at: datetime, due_at: datetime) -> list[ClockPlan]:
    """Return the clock after an approved extension to `due_at`, and every clock counted back from it (二(五)).

    `started_at` is when the clock once began: an extension moves the end, not the beginning.
    """
    zone = ZoneInfo(policy.zone)
    words = f"延期获准，新的{policy.clocks[clock].label} {_wall(due_at, zone, started_at)}"
    base = _made(policy.clocks[clock], started_at, due_at, words)
    dependents = [r for r in policy.clocks.values() if r.before is not None and r.before.clock == clock]
    return [base, *(_counted_back(r, r.before, base, zone) for r in dependents if r.before)]


def _own(
    rule: ClockRule,
    policy: Policy,
    calendar: WorkCalendar,
    zone: ZoneInfo,
    at: datetime,
    given: Mapping[str, datetime | None],
) -> ClockPlan:
    instant = given.get(rule.given) if rule.given else None
    if instant is not None:
        return _made(rule, at, instant, f"市平台随工单给出：{_wall(instant, zone, at)} 前")
    assert rule.span is not None  # the parser refuses a clock with neither span nor before
    due, provisional, length = _end(rule.span, policy, calendar, zone, at)
    words = f"{length}，自 {_wall(at, zone)} {_STARTED[rule.starts]}起"
    if rule.span.hours is None:
        words += f"（当日不计），至 {_wall(due, zone, at)}"
    words += _PROVISIONAL if provisional else ""
    return _made(rule, at, due, words, provisional=provisional, assumed=rule.assumed or rule.span.assumed)


def _end(
    span: Span, policy: Policy, calendar: WorkCalendar, zone: ZoneInfo, at: datetime
) -> tuple[datetime, bool, str]:
    if span.hours is not None:
        return at + timedelta(hours=span.hours), False, f"{span.hours} 小时"
    today = at.astimezone(zone).date()
    if span.working_days is not None:
        found = calendar.working_day_after(today, span.working_days)
        closes = datetime.combine(found.day, policy.working_day.closes, zone)
        return closes.astimezone(UTC), found.provisional, f"{span.working_days} 个工作日"
    assert span.calendar_days is not None  # the parser asks for exactly one of the three
    last = datetime.combine(today + timedelta(days=span.calendar_days), policy.working_day.closes, zone)
    return last.astimezone(UTC), False, f"{span.calendar_days} 天"


@dataclass(frozen=True, slots=True)
class Run:
    """A clock that stands still since `stopped_at`."""

    started_at: datetime
    due_at: datetime
    stopped_at: datetime


def resumed(policy: Policy, calendar: WorkCalendar, clock: str, run: Run, at: datetime) -> ClockPlan:
    """Return a clock that runs again at `at`: due later by the time it stood still, in its own kind of days (U4.6).

    Working days are counted in days that were worked meanwhile, so that a rest over a holiday gives nothing away.
    """
    rule, zone = policy.clocks[clock], ZoneInfo(policy.zone)
    base = policy.clocks[rule.before.clock] if rule.before else rule
    due, provisional = run.due_at + (at - run.stopped_at), False
    if base.span is not None and base.span.working_days is not None:
        stood, today = run.stopped_at.astimezone(zone).date(), at.astimezone(zone).date()
        days = [stood + timedelta(days=n) for n in range(1, (today - stood).days + 1)]
        lost = sum(calendar.is_working(day) for day in days)
        last = run.due_at.astimezone(zone)
        if lost:
            found = calendar.working_day_after(last.date(), lost)
            due, provisional = datetime.combine(found.day, last.time(), zone).astimezone(UTC), found.provisional
        else:
            due = run.due_at
        provisional = provisional or not all(map(calendar.known, days))
    words = (
        f"{_wall(run.stopped_at, zone)} 至 {_wall(at, zone, run.stopped_at)} 停止计时，顺延至 {_wall(due, zone, at)}"
    )
    return _made(rule, run.started_at, due, words, provisional=provisional)


@dataclass(frozen=True, slots=True)
class SpanEnd:
    """When a span is over, whether a calendar not yet published had a part in it, and how long it is in words."""

    due_at: datetime
    provisional: bool
    length: str


def span_end(policy: Policy, calendar: WorkCalendar, span: Span, at: datetime) -> SpanEnd:
    """Return the end of a span that begins at `at`, for limits that are no clock of a ticket (K1.3, K2.5)."""
    return SpanEnd(*_end(span, policy, calendar, ZoneInfo(policy.zone), at))


def _counted_back(rule: ClockRule, before: Before, base: ClockPlan, zone: ZoneInfo) -> ClockPlan:
    due = base.due_at - timedelta(hours=before.hours or 0)
    words = f"{base.label} {_wall(base.due_at, zone, base.started_at)} 前 {before.hours} 小时"
    words += _PROVISIONAL if base.provisional else ""
    assumed = rule.assumed or before.assumed or base.assumed
    return _made(rule, base.started_at, due, words, provisional=base.provisional, assumed=assumed)


def _made(
    rule: ClockRule,
    started_at: datetime,
    due_at: datetime,
    derivation: str,
    *,
    provisional: bool = False,
    assumed: bool | None = None,
) -> ClockPlan:
    return ClockPlan(
        clock=rule.key,
        label=rule.label,
        kind=rule.kind,
        started_at=started_at,
        due_at=due_at,
        provisional=provisional,
        derivation=derivation,
        cite=rule.cite,
        assumed=rule.assumed if assumed is None else assumed,
    )


def _wall(instant: datetime, zone: ZoneInfo, beside: datetime | None = None) -> str:
    """Return local wall time; the year is written only where it differs from that of `beside`."""
    local = instant.astimezone(zone)
    same_year = beside is None or beside.astimezone(zone).year == local.year
    return local.strftime("%m-%d %H:%M" if same_year else "%Y-%m-%d %H:%M")
