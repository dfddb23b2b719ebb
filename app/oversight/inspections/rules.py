"""Who may look at a case, what a verdict has to say, and in which state a case is. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from app.policies.inspecting import DOUBTFUL, FAKED, GENUINE, VERDICTS, InspectionRules
from app.problems import ALLOWED, Refused, Verdict

OPEN: Final = "open"
SETTLING: Final = "settling"
HELD: Final = "held"
TOLD: Final = "told"
STATES: Final = (OPEN, SETTLING, HELD, TOLD)
"""A case waits for verdicts, for one that settles a disagreement, for its time to be told; or its unit knows."""
STATE_LABELS: Final = {OPEN: "待判定", SETTLING: "意见不一，待裁定", HELD: "已判定，待公布", TOLD: "已公布"}

ASKED: Final = "open"
ANSWERED: Final = "answered"
PASSED: Final = "passed"
WAIVED: Final = "waived"
WAITING_FOR_UNIT: Final = (ASKED,)
RECTIFICATION_LABELS: Final = {ASKED: "待整改", ANSWERED: "待复核", PASSED: "整改通过", WAIVED: "免予整改"}

HANDLED: Final = "handled"
SIGNED: Final = "signed"
LED: Final = "led"
_BARRED: Final = {HANDLED: "办理过", SIGNED: "审签或审核过", LED: "所在或所领导的单位办理了"}

RECENT: Final = timedelta(days=8)
"""How long a draw is shown on the desk after it was made, when nothing of it waits."""
NOTE_FROM: Final = 5
"""Least characters of a note where one is needed."""
OTHER: Final = "other"


def is_bad(verdict: str | None) -> bool:
    """Return whether a verdict counts against the unit."""
    return verdict in (DOUBTFUL, FAKED)


def judge_independent(reason: str | None) -> Verdict:
    """Return whether the checker may look; `reason` is why not (handled, signed, led), None for nothing."""
    return ALLOWED if reason is None else Refused("inspection_not_independent", {"how": _BARRED[reason]})


def judge_verdict(rules: InspectionRules, verdict: str, grounds: Collection[str], note: str) -> Verdict:
    """Return whether a verdict is whole: one that is bad names its grounds, and one of forgery describes it."""
    if verdict not in VERDICTS:
        return Refused("inspection_verdict_unknown")
    label = VERDICTS[verdict]
    unfit = [key for key in grounds if key not in {g.key for g in rules.grounds if verdict in g.verdicts}]
    if unfit:
        return Refused("inspection_ground_unknown", {"verdict": label, "ground": "、".join(unfit)})
    if verdict == GENUINE:
        return ALLOWED
    if not grounds:
        return Refused("inspection_grounds_missing", {"verdict": label})
    if (verdict == FAKED or OTHER in grounds) and len(note.strip()) < NOTE_FROM:
        return Refused("inspection_note_missing", {"verdict": label, "min": NOTE_FROM})
    return ALLOWED


def place_of(looks: Sequence[str], second: bool) -> int | None:
    """Return which look comes next (1, 2, 3) after these verdicts, None when there are enough."""
    if len(looks) == 0:
        return 1
    if len(looks) == 1:
        return 2 if second else None
    return 3 if len(looks) == 2 and looks[0] != looks[1] else None


def outcome_of(looks: Sequence[str], second: bool) -> tuple[str, str | None]:
    """Return the state that the verdicts so far put a case in, and its verdict when it has one."""
    if place_of(looks, second) is None:
        return HELD, looks[-1]
    return (SETTLING, None) if len(looks) == 2 else (OPEN, None)


def told_from(decided_at: datetime, hold_minutes: int) -> datetime:
    """Return the instant from which a decided case is told to its unit; until then its verdict may be corrected."""
    return decided_at + timedelta(minutes=hold_minutes)


def weight_of(signals: Collection[tuple[str, str | None]], weights: dict[str, Any]) -> int:
    """Return the weight of a ticket, in hundredths: 1, and for each signal what its weight has above 1.

    A signal is (key, severity); its own weight counts before that of its severity. Sums and not products, so that
    three middling signals do not outweigh one that is certain by far.
    """
    total = 100
    for key, severity in sorted(set(signals), key=str):
        found = weights.get(key, weights.get(f"severity:{severity}", 100))
        total += max(0, int(found) - 100)
    return total
