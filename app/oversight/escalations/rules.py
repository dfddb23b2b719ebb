"""When a ticket goes up by itself, and who may conclude what went up (K3.10, X3.6, X2.8, U2.3). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from app.people.permissions import CHIEF, LEADER, STATION, SUPERVISOR
from app.policies.policy import Policy
from app.problems import ALLOWED, Refused, Verdict

REPEATED: Final = "repeated"
"""Key of the rule that follows from the profile's limit of repeated dispatch alone."""
GROUP: Final = "group"
LATER: Final = {SUPERVISOR: LEADER, STATION: LEADER, LEADER: CHIEF}
"""To whom an escalation goes that was not concluded in time."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a ticket. `same_caller` and `group` map a span of days to a count, the ticket included."""

    redo: int
    assignments: int
    ground: str | None
    category: str | None
    kind: str
    same_caller: Mapping[int, int]
    group: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that the ticket meets; `fact` is the count that meets it."""

    rule: str
    label: str
    when: str
    fact: int
    to: str
    reason: str
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """An escalation of the same rule that exists already."""

    rule: str | None
    fact: int
    open: bool


def spans(policy: Policy, when: str) -> tuple[int, ...]:
    """Return the spans of days that rules of this kind ask about."""
    return tuple(sorted({rule.days for rule in policy.escalations if rule.when == when and rule.days}))


def findings(policy: Policy, facts: Facts) -> list[Finding]:
    """Return what the ticket goes up for under its profile, in the profile's order."""
    found = []
    for rule in policy.escalations:
        fact = _fact(rule.when, rule.days, rule.values, facts)
        if fact >= rule.count:
            reason = _REASONS[rule.when].format(count=fact, days=rule.days, label=rule.label)
            found.append(Finding(rule.key, rule.label, rule.when, fact, rule.to, reason, rule.days))
    limit = policy.dispatch.repeat_limit
    if limit is not None and facts.assignments > limit and all(r.when != "assignments" for r in policy.escalations):
        reason = _REASONS["assignments"].format(count=facts.assignments)
        label = f"重复交办超过 {limit} 次"
        found.append(Finding(REPEATED, label, "assignments", facts.assignments, LEADER, reason))
    return found


_REASONS: Final = {
    "redo": "已发回重办 {count} 次",
    "assignments": "已交办 {count} 次",
    "same_caller": "同一诉求人 {days} 天内反映 {count} 次",
    "group": "{days} 天内同一区域同类诉求 {count} 件",
    "ground": "{label}",
    "category": "{label}",
}


def _fact(when: str, days: int | None, values: tuple[str, ...], facts: Facts) -> int:
    if when == "redo":
        return facts.redo
    if when == "assignments":
        return facts.assignments
    if when == "ground":
        return int(facts.ground in values)
    if when == "category":
        return int(facts.kind in values or in_category(facts.category, values))
    return (facts.same_caller if when == "same_caller" else facts.group).get(days or 0, 0)


def in_category(category: str | None, values: Iterable[str]) -> bool:
    """Return whether a category is one of `values` or stands below one: 城市管理/照明 is in 城市管理."""
    return category is not None and any(category == v or category.startswith(f"{v}/") for v in values)


def is_new(finding: Finding, known: Iterable[Known]) -> bool:
    """Return whether a finding is to be raised: not while the same is open, and after it only when it got worse."""
    same = [k for k in known if k.rule == finding.rule]
    return all(not k.open and k.fact < finding.fact for k in same)


def judge_conclude(to: str, role: str, to_label: str) -> Verdict:
    """Return whether somebody in `role` may conclude what was brought before `to`.

    Supervisors may anything; whom it was brought before may; and the station records what leaders decided, while
    it never ends what was brought before the supervisors.
    """
    recorded = role == STATION and to in (LEADER, CHIEF, STATION)
    if role in (SUPERVISOR, to) or recorded:
        return ALLOWED
    return Refused("escalation_not_yours", {"to": to_label})


def overdue(rule_days: int | None, to: str, age: timedelta) -> str | None:
    """Return to whom an open escalation is lifted after `age`, None while there is time or nobody above."""
    if rule_days is None or age <= timedelta(days=rule_days):
        return None
    return LATER.get(to)
