"""What a piece of evidence shows. Pure; the only module that tells the phases apart by who may use them."""

from __future__ import annotations

from typing import Final

from app.problems import ALLOWED, Refused, Verdict

PHASES: Final = ("before", "after", "call", "visit", "other", "check")
CHECK: Final = "check"
"""A supervisor's own photo of a field check (U4.8): never the unit's evidence, hidden from it until it is opened."""
LABELS: Final = {
    "before": "办理前", "after": "办理后", "call": "通话", "visit": "上门", "other": "其他", "check": "现场核查",
}  # fmt: skip


def judge(phase: str) -> Verdict:
    """Return whether a unit may hand in evidence of that phase."""
    return Refused("evidence_phase_of_supervisor") if phase == CHECK else ALLOWED


def is_hidden(phase: str, opened: bool) -> bool:
    """Return whether only those who check may see it yet."""
    return phase == CHECK and not opened
