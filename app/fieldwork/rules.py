"""What counts as field work, and what does not. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.policies.phrases import empty_phrase, normalise
from app.policies.policy import ProgressRules, VisitRules
from app.problems import ALLOWED, Refused, Verdict

CALLER: Final = "caller"
REACHED: Final = "reached"
ANONYMOUS: Final = "anonymous"
UNREACHABLE: Final = "unreachable"

TOLERANCE: Final = timedelta(minutes=5)
"""How far a phone's clock may be ahead of the server's before a time counts as lying in the future."""


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """What the unit that has the ticket has done in the field.

    `exceptions` are the grounds recorded for not visiting; `attempts` the calls to the caller that failed since the
    caller was last reached; `conversations` how often the caller was spoken to, by phone or in person.
    """

    visits: int = 0
    exceptions: frozenset[str] = frozenset()
    reached_contacts: int = 0
    attempts: int = 0
    conversations: int = 0


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
    substance = _judge_substance(rules, text)
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


def _judge_substance(rules: ProgressRules, text: str) -> Verdict:
    phrase = empty_phrase(text, rules.empty)
    if phrase is not None:
        return Refused("progress_empty", {"phrase": phrase})
    have = len(normalise(text))
    if have < rules.length.min:
        return Refused("progress_too_short", {"min": rules.length.min, "have": have})
    if len(text) > rules.length.max:
        return Refused("progress_too_long", {"max": rules.length.max, "have": len(text)})
    return ALLOWED
