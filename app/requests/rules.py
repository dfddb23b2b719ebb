"""Until when a request can be asked, and where a decision leads. Pure.

A request stands at a stage of its kind (the keys come from the profile) until it has passed the last one, or ends
as refused or withdrawn. Every limit includes its own instant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.policies.deadlines import in_time
from app.policies.phrases import normalise
from app.policies.policy import RequestRule
from app.problems import ALLOWED, Refused, Verdict

RETURN: Final = "return"
EXTENSION: Final = "extension"

STATION: Final = "station"
CITY: Final = "city"
APPROVED: Final = "approved"
REFUSED: Final = "refused"
WITHDRAWN: Final = "withdrawn"
LAPSED: Final = "lapsed"
ENDED: Final = (APPROVED, REFUSED, WITHDRAWN)
_LABELS: Final = {APPROVED: "已同意", REFUSED: "未同意", WITHDRAWN: "已撤回", LAPSED: "已失效"}

APPROVE: Final = "approve"
REFUSE: Final = "refuse"
DECISIONS: Final = (APPROVE, REFUSE)

LONGEST_EXTENSION: Final = timedelta(days=366)
"""Beyond this a date is a slip of the finger. The notice sets no limit; a profile that does brings its own rule."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One clock of the ticket as a rule sees it; `shown` is its instant as the jurisdiction's people write it."""

    label: str
    due_at: datetime
    shown: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it arrives: `counted` is the instant that the profile lets count."""

    counted: datetime
    reason: str
    new_due_at: datetime | None = None


def judge_ask(rule: RequestRule, asked: Asked, limits: Mapping[str, Limit], open_kinds: Mapping[str, str]) -> Verdict:
    """Return whether this kind can be asked for now.

    `limits` are the ticket's clocks by name; `open_kinds` maps the kinds still undecided to when they were asked, as
    shown to people. Overdue comes before the guard: it is the stricter fact (二(五)) and the one to act on.
    """
    if rule.kind in open_kinds:
        return Refused("request_already_open", {"label": rule.label, "asked_at": open_kinds[rule.kind]})
    deadline = limits.get(rule.extends) if rule.extends else None
    if deadline is not None and not in_time(asked.counted, deadline.due_at):
        facts = {"due": deadline.shown, "clock": deadline.label, "cite": rule.cite}
        return Refused("extension_overdue", facts)
    guard = limits.get(rule.clock)
    if guard is not None and not in_time(asked.counted, guard.due_at):
        return Refused("request_too_late", {"label": rule.label, "due": guard.shown, "cite": rule.cite})
    have = len(normalise(asked.reason))
    if have < rule.reason.min:
        return Refused("request_reason_short", {"label": rule.reason.label, "min": rule.reason.min, "have": have})
    return judge_new_date(deadline, asked.new_due_at) if rule.extends else ALLOWED


def judge_new_date(deadline: Limit | None, new_due_at: datetime | None) -> Verdict:
    """Return whether `new_due_at` can follow the present deadline: later, and within reason."""
    if new_due_at is None:
        return Refused("extension_date_missing")
    if deadline is None:
        return ALLOWED
    if new_due_at <= deadline.due_at:
        return Refused("extension_date_not_later", {"clock": deadline.label, "due": deadline.shown})
    latest = deadline.due_at + LONGEST_EXTENSION
    if new_due_at > latest:
        return Refused("extension_date_too_far", {"limit": latest.date().isoformat()})
    return ALLOWED


def first_stage(rule: RequestRule) -> str:
    """Return the stage a new request stands at."""
    return rule.stages[0].key


def after_decision(rule: RequestRule, stage: str, decision: str) -> str:
    """Return the state after `stage` decided: the next stage, approved or refused (四(三))."""
    if decision == REFUSE:
        return REFUSED
    keys = [option.key for option in rule.stages]
    following = keys[keys.index(stage) + 1 :]
    return following[0] if following else APPROVED


def judge_stage(rule: RequestRule, state: str, stages: tuple[str, ...], command: str) -> Verdict:
    """Return whether a request in `state` is waiting for one of `stages`; `command` names the verb for people."""
    if state in stages:
        return ALLOWED
    return Refused("request_not_open", {"state": state_label(rule, state), "command": command})


def open_stages(rule: RequestRule) -> tuple[str, ...]:
    """Return every state in which a request of this kind is still undecided."""
    return tuple(option.key for option in rule.stages)


def state_label(rule: RequestRule, state: str) -> str:
    """Return how people call a request's state."""
    waiting = {option.key: f"待{option.label}" for option in rule.stages}
    return _LABELS.get(state) or waiting.get(state, state)


def is_open(state: str) -> bool:
    """Return whether a request in `state` still waits for somebody."""
    return state not in ENDED


def shown_state(state: str, current: bool) -> str:
    """Return the state as shown: one left undecided when the ticket moved on or closed has lapsed."""
    return state if current or not is_open(state) else LAPSED
