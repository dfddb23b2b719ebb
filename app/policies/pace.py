"""A profile whose time runs faster: what the demonstration gives to a ticket of its own. Pure.

The rules, the engine and the journal stay what they are; only the lengths of time are shorter, so that every instant on
such a ticket is one that really was. No file and no administrator can ask for it: the key is read from a published
version alone, and the demonstration alone publishes one with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from app.policies.policy import Before, ClockRule, Ladder, Policy, ReminderRule, Span

KEY: Final = "pace"
_DAY: Final = 24


def hastened(policy: Policy, pace: int) -> Policy:
    """Return the policy with its clocks, reminders and ladders `pace` times as fast, under a name of its own.

    Days become hours, since a day of the calendar cannot be shortened. There are no quiet hours: at 600 times a night
    would last a minute, and say nothing of when people sleep.
    """
    return replace(
        policy,
        profile=profile_of(policy.profile, pace),
        name=f"{policy.name}（演示，{pace} 倍速）",
        clocks=MappingProxyType({key: _clock(rule, pace) for key, rule in policy.clocks.items()}),
        reminders=tuple(_reminder(rule, pace) for rule in policy.reminders),
        ladders=tuple(_ladder(ladder, pace) for ladder in policy.ladders),
        quiet=None,
    )


def profile_of(profile: str, pace: int) -> str:
    """Return the name under which a hastened profile is published."""
    return f"{profile}-x{pace}"


def apart(content: Mapping[str, Any]) -> tuple[dict[str, Any], int | None]:
    """Return a published version's content without its pace, and the pace, None where it has none."""
    return {key: value for key, value in content.items() if key != KEY}, content.get(KEY)


def _clock(rule: ClockRule, pace: int) -> ClockRule:
    return replace(
        rule,
        span=_span(rule.span, pace) if rule.span else None,
        before=_before(rule.before, pace) if rule.before else None,
        spans=tuple(replace(when, span=_span(when.span, pace)) for when in rule.spans),
    )


def _span(span: Span, pace: int) -> Span:
    hours = span.hours if span.hours is not None else _DAY * (span.working_days or span.calendar_days or 0)
    return replace(span, hours=hours, working_days=None, calendar_days=None, includes_start=False, pace=pace)


def _before(before: Before, pace: int) -> Before:
    hours = before.hours if before.hours is not None else _DAY * (before.working_days or before.calendar_days or 0)
    return replace(before, hours=hours, working_days=None, calendar_days=None, pace=pace)


def _reminder(rule: ReminderRule, pace: int) -> ReminderRule:
    return replace(rule, offset=rule.offset / pace, repeat=rule.repeat / pace if rule.repeat is not None else None)


def _ladder(ladder: Ladder, pace: int) -> Ladder:
    return replace(ladder, rungs=tuple(replace(rung, after=rung.after / pace) for rung in ladder.rungs))
