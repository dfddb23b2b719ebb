"""When the clocks of a ticket fall due, and why, in words. Pure.

Instants are UTC; wall times in the words are in the jurisdiction's zone. Every limit includes its last millisecond:
a ticket signed exactly 20 hours after dispatch was signed in time, and an extension asked exactly one day before the
deadline was asked in time (二(一), 四(三)).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from app.policies.calendar import WorkCalendar
from app.policies.policy import ClockRule, Policy, Span

INTAKE: Final = "intake"
DISPATCH: Final = "dispatch"
SIGN: Final = "sign"
REOPEN: Final = "reopen"
EVENTS: Final = (INTAKE, DISPATCH, SIGN, REOPEN)

_STARTED: Final = {"intake": "登记", "dispatch": "派单", "sign": "签收", "reopen": "发回重新办理"}
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


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """What of a ticket chooses its spans (K2.5, X3.3); `feedback_by` is the instant that came with it, if any."""

    kind: str = ""
    source: str = ""
    priority: str = ""
    feedback_by: datetime | None = None

    def given(self, field: str | None) -> datetime | None:
        """Return the instant the ticket carries in that field."""
        return self.feedback_by if field == "feedback_by" else None


def in_time(at: datetime, due_at: datetime) -> bool:
    """Return whether something that counts at `at` kept the limit; the limit itself is still in time."""
    return at <= due_at


def plan(
    policy: Policy, calendar: WorkCalendar, event: str, at: datetime, facts: TicketFacts = TicketFacts()
) -> list[ClockPlan]:
    """Return the clocks that `event` (intake, dispatch, sign, reopen) starts at `at`, in the order of the profile.

    A limit that came with the ticket wins over the profile's span.
    """
    rules = [rule for rule in policy.clocks.values() if rule.starts == event and _runs(rule, policy, facts)]
    first = {r.key: _own(r, policy, calendar, at, facts) for r in rules if r.before is None}
    return [_counted_back(r, policy, calendar, first[r.before.clock]) if r.before else first[r.key] for r in rules]


def _runs(rule: ClockRule, policy: Policy, facts: TicketFacts) -> bool:
    """Return whether such a ticket has the clock at all (X2.5: only limits of their own are reminded 2 days before)."""
    if rule.only is None:
        return True
    return _special(policy.clocks[rule.only.clock], facts) is rule.only.special


def _special(rule: ClockRule, facts: TicketFacts) -> bool:
    if facts.given(rule.given) is not None:
        return True
    return any(when.fits(facts.kind, facts.source, facts.priority) for when in rule.spans)


def moved(
    policy: Policy, calendar: WorkCalendar, clock: str, started_at: datetime, due_at: datetime
) -> list[ClockPlan]:
    """Return the clock after an approved extension to `due_at`, and every clock counted back from it (二(五)).

    `started_at` is when the clock once began: an extension moves the end, not the beginning.
    """
    zone = ZoneInfo(policy.zone)
    words = f"延期获准，新的{policy.clocks[clock].label} {_wall(due_at, zone, started_at)}"
    base = _made(policy.clocks[clock], started_at, due_at, words)
    return [base, *(_counted_back(r, policy, calendar, base) for r in _counted_from(policy, clock))]


def _counted_from(policy: Policy, clock: str) -> list[ClockRule]:
    return [r for r in policy.clocks.values() if r.before is not None and r.before.clock == clock]


def _own(rule: ClockRule, policy: Policy, calendar: WorkCalendar, at: datetime, facts: TicketFacts) -> ClockPlan:
    zone = ZoneInfo(policy.zone)
    instant = facts.given(rule.given)
    if instant is not None:
        return _made(rule, at, instant, f"市平台随工单给出：{_wall(instant, zone, at)} 前")
    span = rule.span_for(facts.kind, facts.source, facts.priority)
    assert span is not None  # the parser refuses a clock with neither span nor before
    end = span_end(policy, calendar, span, at)
    words = f"{end.length}，自 {_wall(at, zone)} {_STARTED[rule.starts]}起"
    if span.hours is None:
        counted = "当日计为第 1 日" if span.includes_start else "当日不计"
        words += f"（{counted}），至 {_wall(end.due_at, zone, at)}"
    words += _PROVISIONAL if end.provisional else ""
    return _made(rule, at, end.due_at, words, provisional=end.provisional, assumed=rule.assumed or span.assumed)


@dataclass(frozen=True, slots=True)
class SpanEnd:
    """When a span is over, whether a calendar not yet published had a part in it, and how long it is in words."""

    due_at: datetime
    provisional: bool
    length: str


def span_end(policy: Policy, calendar: WorkCalendar, span: Span, at: datetime) -> SpanEnd:
    """Return the end of a span that begins at `at`, also for limits that are no clock of a ticket (K1.3, K2.5)."""
    if span.hours is not None:
        faster = f"（演示，{span.pace} 倍速）" if span.pace > 1 else ""
        return SpanEnd(at + timedelta(hours=span.hours) / span.pace, False, f"{span.hours} 小时{faster}")
    zone = ZoneInfo(policy.zone)
    # Counting from the eve makes the day of receipt day 1, or the next working day when it is none.
    today = at.astimezone(zone).date() - timedelta(days=span.includes_start)
    if span.working_days is not None:
        found = calendar.working_day_after(today, span.working_days)
        day, provisional, length = found.day, found.provisional, f"{span.working_days} 个工作日"
    else:
        assert span.calendar_days is not None  # the parser asks for exactly one of the three
        day, provisional, length = today + timedelta(days=span.calendar_days), False, f"{span.calendar_days} 天"
    return SpanEnd(datetime.combine(day, policy.working_day.closes, zone).astimezone(UTC), provisional, length)


def _counted_back(rule: ClockRule, policy: Policy, calendar: WorkCalendar, base: ClockPlan) -> ClockPlan:
    assert rule.before is not None
    zone, provisional = ZoneInfo(policy.zone), base.provisional
    due, before = base.due_at, rule.before
    if before.hours is not None:
        due, length = due - timedelta(hours=before.hours) / before.pace, f"{before.hours} 小时"
    else:
        local, days = due.astimezone(zone), before.calendar_days or 0
        day, length = local.date() - timedelta(days=days), f"{days} 天"
        if before.working_days is not None:
            found = calendar.working_day_before(local.date(), before.working_days)
            day, length, provisional = found.day, f"{before.working_days} 个工作日", provisional or found.provisional
        due = datetime.combine(day, local.time(), zone).astimezone(UTC)
    words = f"{base.label} {_wall(base.due_at, zone, base.started_at)} 前"
    words += f" {length}" if due < base.due_at else ""
    words += _PROVISIONAL if provisional else ""
    assumed = rule.assumed or before.assumed or base.assumed
    return _made(rule, base.started_at, due, words, provisional=provisional, assumed=assumed)


@dataclass(frozen=True, slots=True)
class Run:
    """A clock that stands still since `stopped_at`."""

    started_at: datetime
    due_at: datetime
    stopped_at: datetime


def resumed(policy: Policy, calendar: WorkCalendar, runs: Mapping[str, Run], at: datetime) -> list[ClockPlan]:
    """Return the clocks of `runs` as they run again at `at`, in the order of the profile (U4.6).

    What was left when they stopped is left now: elapsed time for hours and for limits that came with the ticket, days
    for calendar days, worked days for working days, so that a rest over a holiday gives nothing away. A clock counted
    back from another follows it. One that had been missed stays missed: its limit does not move.
    """
    found: dict[str, ClockPlan] = {}
    for rule in sorted(policy.clocks.values(), key=lambda r: r.before is not None):
        run = runs.get(rule.key)
        if run is None:
            continue
        base = found.get(rule.before.clock) if rule.before else None
        missed = run.due_at < run.stopped_at
        found[rule.key] = (
            _counted_back(rule, policy, calendar, base)
            if base is not None and not missed
            else _shifted(rule, policy, calendar, run, at)
        )
    return [found[key] for key in policy.clocks if key in found]


def _shifted(rule: ClockRule, policy: Policy, calendar: WorkCalendar, run: Run, at: datetime) -> ClockPlan:
    zone = ZoneInfo(policy.zone)
    since, until = _wall(run.stopped_at, zone), _wall(at, zone, run.stopped_at)
    if run.due_at < run.stopped_at:
        words = f"{since} 至 {until} 停止计时；此前已超时，时限 {_wall(run.due_at, zone, at)} 不变"
        return _made(rule, run.started_at, run.due_at, words)
    base = policy.clocks[rule.before.clock] if rule.before else rule
    due, provisional = _later(base.span, calendar, zone, run, at)
    words = f"{since} 至 {until} 停止计时，顺延至 {_wall(due, zone, at)}"
    words += _PROVISIONAL if provisional else ""
    return _made(rule, run.started_at, due, words, provisional=provisional)


def _later(span: Span | None, calendar: WorkCalendar, zone: ZoneInfo, run: Run, at: datetime) -> tuple[datetime, bool]:
    if span is None or span.hours is not None:
        return run.due_at + (at - run.stopped_at), False
    stood, today = run.stopped_at.astimezone(zone).date(), at.astimezone(zone).date()
    last, lost = run.due_at.astimezone(zone), (today - stood).days
    if span.working_days is None:
        return datetime.combine(last.date() + timedelta(days=lost), last.time(), zone).astimezone(UTC), False
    days = [stood + timedelta(days=n) for n in range(1, lost + 1)]
    worked, known = sum(map(calendar.is_working, days)), all(map(calendar.known, days))
    if not worked:
        return run.due_at, not known
    found = calendar.working_day_after(last.date(), worked)
    return datetime.combine(found.day, last.time(), zone).astimezone(UTC), found.provisional or not known


def replayed(
    policy: Policy,
    calendar: WorkCalendar,
    event: str,
    at: datetime,
    facts: TicketFacts,
    rests: Mapping[str, Sequence[tuple[datetime, datetime]]],
) -> dict[str, ClockPlan]:
    """Return the clocks of `event` as they stand now: `rests` are the times in which each stood still, in order.

    For computing deadlines again when the calendar of a year is published or one of its days corrected.
    """
    found = {clock.clock: clock for clock in plan(policy, calendar, event, at, facts)}
    for rest in sorted({rest for times in rests.values() for rest in times}):
        stopped_at, until = rest
        runs = {k: Run(c.started_at, c.due_at, stopped_at) for k, c in found.items() if rest in rests.get(k, ())}
        found |= {clock.clock: clock for clock in resumed(policy, calendar, runs, until)}
    return found


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
