"""What counts as field work, and what does not. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from app.policies.phrases import empty_phrase, normalise
from app.policies.policy import CommitmentRules, Length, Phrases, PlanRules, ProgressRules, VisitRules
from app.problems import ALLOWED, Refused, Verdict

CALLER: Final = "caller"
REACHED: Final = "reached"
FIRST: Final = "first"
TELLING: Final = ("second", "told")
"""Purposes of a contact in which the caller hears how the matter stands: the result, or what is asked for."""
PHONE: Final = "phone"
ANONYMOUS: Final = "anonymous"
UNREACHABLE: Final = "unreachable"

KEPT: Final = "kept"
REPLACED: Final = "replaced"
OUTCOMES_OF_PROMISE: Final = (KEPT, REPLACED)

TOLERANCE: Final = timedelta(minutes=5)
"""How far a phone's clock may be ahead of the server's before a time counts as lying in the future."""

LONGEST_PROMISE: Final = timedelta(days=366)
"""Beyond this a date is a slip of the finger."""


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """What the unit that has the ticket has done in the field.

    `exceptions` are the grounds recorded for not visiting; `attempts` the calls to the caller that failed since the
    caller was last reached; `conversations` how often the caller was spoken to, by phone or in person. `first` and
    `told` count the times the caller was reached to begin with and to hear of the outcome (H2.1a), `met` the visits
    with the caller in person (H2.1b), `modes` the ways of visiting used, `phoned` the conversations by phone (U4.4).
    """

    visits: int = 0
    exceptions: frozenset[str] = frozenset()
    reached_contacts: int = 0
    attempts: int = 0
    conversations: int = 0
    first: int = 0
    told: int = 0
    met: int = 0
    modes: frozenset[str] = frozenset()
    phoned: int = 0


def failed_attempts(contacts: Iterable[tuple[datetime, str]]) -> int:
    """Return how many calls to the caller failed since the last that got through, from (started, outcome) pairs.

    The same starting instant counts once: a doubled tap is not a second attempt.
    """
    history = sorted(set(contacts))
    failed: set[datetime] = set()
    for started, outcome in history:
        failed = set() if outcome == REACHED else failed | {started}
    return len(failed)


def judge_times(
    label: str, start: datetime, end: datetime | None, cause_at: datetime, cause: str, received: datetime
) -> Verdict:
    """Return whether something between `start` and `end` can have happened: after its cause and not after `received`.

    `cause` names the instant `cause_at` for people. Both edges are inclusive; clocks may differ by `TOLERANCE`.
    """
    if start > received + TOLERANCE or (end is not None and end > received + TOLERANCE):
        return _not_valid(label, "晚于现在，请检查手机时间后改正")
    if start < cause_at - TOLERANCE:
        return _not_valid(label, f"早于{cause}，请检查手机时间后改正")
    if end is not None and end < start:
        return _not_valid(label, "结束早于开始，请改正")
    return ALLOWED


def _not_valid(label: str, reason: str) -> Refused:
    return Refused("not_valid_time", {"field": label, "reason": reason})


def judge_mode(rules: VisitRules, mode: str) -> Verdict:
    """Return whether the profile knows this way of visiting (D5.1: 办, 劝, 谈)."""
    if mode in {m.key for m in rules.modes}:
        return ALLOWED
    return Refused("visit_mode_unknown", {"mode": mode})


def judge_exception(rules: VisitRules, ground: str, facts: FieldFacts, anonymous: bool) -> Verdict:
    """Return whether `ground` excuses from meeting the caller in person (D5.1).

    `anonymous` says whether the caller gave no name; unreachable needs the profile's number of failed attempts.
    """
    rule = rules.exception(ground)
    if rule is None:
        return Refused("visit_ground_unknown", {"ground": ground})
    if ground == ANONYMOUS and not anonymous:
        return Refused("visit_not_anonymous")
    if rule.attempts is not None and facts.attempts < rule.attempts:
        return Refused("visit_attempts_missing", {"label": rule.label, "need": rule.attempts, "have": facts.attempts})
    return ALLOWED


def judge_progress(
    rules: ProgressRules, text: str, caller_told: bool, facts: FieldFacts, told_before: int, anonymous: bool
) -> Verdict:
    """Return whether a progress report says something and the caller heard it first (D4.2).

    `told_before` is the number of conversations when the last report was made: each report needs a conversation of
    its own. Nobody can tell a caller who is anonymous or recorded as unreachable; then the substance alone decides.
    """
    substance = _judge_substance(rules.length, rules.empty, text)
    if isinstance(substance, Refused):
        return substance
    out_of_reach = anonymous or UNREACHABLE in facts.exceptions
    if not rules.caller_told or out_of_reach:
        return ALLOWED
    if not caller_told:
        return Refused("progress_caller_not_told")
    if facts.conversations <= told_before:
        return Refused("progress_contact_missing")
    return ALLOWED


def _judge_substance(length: Length, empty: Phrases, text: str) -> Verdict:
    phrase = empty_phrase(text, empty)
    if phrase is not None:
        return Refused("progress_empty", {"phrase": phrase})
    have = len(normalise(text))
    if have < length.min:
        return Refused("progress_too_short", {"min": length.min, "have": have})
    if len(text) > length.max:
        return Refused("progress_too_long", {"max": length.max, "have": len(text)})
    return ALLOWED


def judge_lateness(rules: ProgressRules, reason: str, clock: str, due: str) -> Verdict:
    """Return whether a report on an overdue ticket says why, where the profile asks for it (U2.2)."""
    if rules.late_reason is None or len(normalise(reason)) >= rules.late_reason.min:
        return ALLOWED
    return Refused("progress_reason_missing", {"clock": clock, "due": due, "min": rules.late_reason.min})


def judge_plan(
    rules: PlanRules | None, empty: Phrases, text: str, steps: Sequence[Mapping[str, Any]], received: datetime
) -> Verdict:
    """Return whether a plan says something and what is still to be done has a date to come (K2.7)."""
    if rules is None:
        return Refused("plan_unknown")
    substance = _judge_substance(rules.length, empty, text)
    if isinstance(substance, Refused):
        return substance
    if not any(step["due_at"] > received and not step["done"] for step in steps):
        return Refused("plan_dates_missing")
    return ALLOWED


def judge_promise(rules: CommitmentRules | None, text: str, due_at: datetime, received: datetime) -> Verdict:
    """Return whether a date can be promised: in the future, and not further than the profile lets (H2.1d)."""
    days = rules.longest_days if rules and rules.longest_days else LONGEST_PROMISE.days
    if not received < due_at <= received + timedelta(days=days):
        return Refused("commitment_date_wrong", {"days": days})
    have = len(normalise(text))
    if rules is not None and have < rules.length.min:
        return Refused("commitment_text_short", {"min": rules.length.min, "have": have})
    return ALLOWED


def judge_told(rules: CommitmentRules | None, facts: FieldFacts, anonymous: bool) -> Verdict:
    """Return whether the caller has heard of the promise, where the profile asks for it (H2.1d)."""
    out_of_reach = anonymous or UNREACHABLE in facts.exceptions
    if rules is None or not rules.caller_told or out_of_reach or facts.conversations:
        return ALLOWED
    return Refused("commitment_caller_not_told")


def judge_settling(outcome: str, has_following: bool) -> Verdict:
    """Return whether the outcome of a promise is complete: one that was not kept needs its next date (H2.1d)."""
    if (outcome == REPLACED) == has_following:
        return ALLOWED
    return Refused("commitment_date_missing")
