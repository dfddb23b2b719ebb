"""What a call-back has to say, and when a closed ticket goes back to its unit (H2.2e, X3.5). Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from app.policies.policy import CallbackRules
from app.problems import ALLOWED, Refused, Verdict

DISSATISFIED: Final = "dissatisfied"
"""Key of every profile's answer that the caller is not satisfied; there reasons are asked for."""
NOT_REACHED: Final = "not_reached"
"""Key of the answer that there was none, where a profile lists it."""
_BY_REPLY: Final = (None, "accepted")


@dataclass(frozen=True, slots=True)
class Said:
    """What the caller said; None where it was not asked or not answered."""

    reached: bool
    satisfaction: str | None = None
    solved: bool | None = None
    reasons: tuple[str, ...] = ()
    note: str = ""

    @property
    def unhappy(self) -> bool:
        """Whether the answer has not done its work: the caller is dissatisfied, or it is not solved."""
        return self.reached and (self.satisfaction == DISSATISFIED or self.solved is False)


def judge_record(rules: CallbackRules, said: Said) -> Verdict:
    """Return whether the record is whole: reached, it says how satisfied; dissatisfied, it says why (H2.2e)."""
    if not rules.satisfaction:
        return Refused("callback_unknown")
    if not said.reached:
        heard = said.satisfaction not in (None, NOT_REACHED) or said.solved is not None or said.reasons
        return Refused("callback_not_reached") if heard else ALLOWED
    if said.satisfaction in (None, NOT_REACHED):
        return Refused("callback_satisfaction_missing")
    known = {option.key for option in (*rules.satisfaction, *rules.reasons)}
    unknown = [key for key in (said.satisfaction or "", *said.reasons) if key not in known]
    if unknown:
        return Refused("callback_answer_unknown", {"answer": "、".join(unknown)})
    if said.satisfaction == DISSATISFIED and not said.reasons and not said.note:
        return Refused("callback_reasons_missing")
    return ALLOWED


def judge_reopen(rules: CallbackRules, closed_how: str | None, heard: Collection[Said]) -> Verdict:
    """Return whether a closed ticket may go back: only where the profile says so, and on what a caller has said.

    `heard` are the call-backs on the accepted reply. A ticket that ended otherwise (terminated, filed, answered by
    the station itself) has no reply to do again.
    """
    if not rules.reopen:
        return Refused("reopen_unknown")
    if closed_how not in _BY_REPLY:
        return Refused("reopen_not_replied")
    return ALLOWED if any(said.unhappy for said in heard) else Refused("reopen_without_callback")
