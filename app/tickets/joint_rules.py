"""Who handles what several units have to do with, and on what ground it is given to them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.policies.policy import DispatchRules, Ground
from app.problems import ALLOWED, Refused, Verdict

PRE_DISPATCH: Final = "pre_dispatch"
JOINT_DUTY: Final = "joint_duty"
ASSIST: Final = "assist"
WHISTLE: Final = "whistle"
LABELS: Final = {
    PRE_DISPATCH: "派单前会商",
    JOINT_DUTY: "联合定责",
    ASSIST: "协办",
    WHISTLE: "吹哨报到",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a consultation came to; units by id. `named_by` is the leader who named the lead where nobody agreed."""

    participants: tuple[str, ...]
    agreed: bool
    lead: str
    co_units: tuple[str, ...] = ()
    convened_by: str | None = None
    named_by: str | None = None


def judge_outcome(outcome: Outcome) -> Verdict:
    """Return whether the outcome holds: agreed on by those present, or the convening unit's, or a leader's word.

    Where nothing was agreed and no leader named anyone, the unit that convened handles it (4 会商无果).
    """
    if outcome.lead in outcome.co_units:
        return Refused("consultation_lead_twice")
    if outcome.named_by:
        return ALLOWED
    if not outcome.agreed and outcome.lead != outcome.convened_by:
        return Refused("consultation_no_outcome")
    if outcome.lead not in (*outcome.participants, outcome.convened_by):
        return Refused("consultation_lead_absent")
    return ALLOWED


def answering(outcome: Outcome) -> tuple[str, ...]:
    """Return the units that help the lead: those agreed on, and all that took part where nothing was agreed."""
    found = outcome.co_units if outcome.agreed else (*outcome.co_units, *outcome.participants)
    return tuple(dict.fromkeys(unit for unit in found if unit != outcome.lead))


def binds(kind: str | None, named_by: str | None, ground: Ground | None) -> bool:
    """Return whether the unit has been determined jointly or named by a leader: it cannot hand the ticket back."""
    return kind == JOINT_DUTY or bool(named_by) or bool(ground and ground.needs_leader)


def judge_ground(
    rules: DispatchRules, ground: str | None, text: str, instructed_by: str | None, co_units: Sequence[str]
) -> Verdict:
    """Return whether a dispatch says why this unit: a ground of the profile where it lists them, else in words."""
    if not rules.grounds:
        return ALLOWED if text else Refused("command_invalid", {"reason": "请写明派单依据"})
    found = rules.ground(ground) if ground else None
    if found is None:
        return Refused("dispatch_ground_missing", {"grounds": "、".join(g.label for g in rules.grounds)})
    if found.needs_leader and not instructed_by:
        return Refused("dispatch_leader_missing", {"ground": found.label})
    if found.joint and not co_units:
        return Refused("dispatch_co_units_missing", {"ground": found.label})
    return ALLOWED
