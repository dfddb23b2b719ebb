"""The chain of signatures on a reply: who signs in which order, whose turn it is, who may (H2.2b, U4.5, X3.4). Pure.

A step is done once one of its roles has signed. Where the finish asks for a further role that has signed already, as
the alternative of an ordinary step, that signature serves: the same person would read the same text twice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from app.policies.policy import STATION, Policy
from app.problems import ALLOWED, Refused, Verdict

DONE: Final = "done"
NOW: Final = "now"
LATER: Final = "later"


@dataclass(frozen=True, slots=True)
class Step:
    """One signature: any of `roles` gives it; `cite` is the clause that asks for it."""

    roles: tuple[str, ...]
    label: str
    cite: str


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature that was given: by whom, in which role, and in whose stead where a deputy signed."""

    role: str
    by: str
    acting_for: str | None = None


def steps_of(policy: Policy, finish: str | None) -> tuple[Step, ...]:
    """Return the whole chain for a reply with that finish, the station last (U3.2: 三级结案终审 needs the chief)."""
    ordinary = [Step(step.roles or (step.role,), step.label, step.cite) for step in policy.sign_off]
    unit, station = ordinary[:-1], ordinary[-1]
    chosen = policy.reply.finish(finish)
    if chosen is not None:
        asked = {role for step in unit if len(step.roles) == 1 for role in step.roles}
        names = dict(policy.roles)
        further = (role for role in chosen.signers if role not in asked)
        unit += [Step((role,), f"{names.get(role, _NAMES.get(role, role))}签字", chosen.cite) for role in further]
    return (*unit, station)


_NAMES: Final = {"reviewer": "部门负责人", "leader": "分管领导", "chief": "主要领导"}


def states_of(steps: Sequence[Step], signed: Collection[str]) -> list[str]:
    """Return for every step whether it is done, has to be done now, or later; `signed` are the roles that have."""
    found: list[str] = []
    for step in steps:
        if not signed_by(step, signed).isdisjoint(signed):
            found.append(DONE)
        else:
            found.append(LATER if NOW in found else NOW)
    return found


def signed_by(step: Step, signed: Collection[str]) -> set[str]:
    """Return the roles among `signed` that have given this step."""
    return set(step.roles) & set(signed)


def next_step(steps: Sequence[Step], signed: Collection[str]) -> Step | None:
    """Return the step whose turn it is, None when all have signed."""
    states = states_of(steps, signed)
    return next((step for step, state in zip(steps, states, strict=True) if state == NOW), None)


def at_station(step: Step | None) -> bool:
    """Return whether the unit's signatures are complete."""
    return step is None or STATION in step.roles


def judge_signer(submitted_by: str, given: Iterable[Signed], by: str, acting_for: str | None) -> Verdict:
    """Return whether this person may sign: not their own reply, and nobody twice, neither as self nor as deputy."""
    persons = {by, acting_for} - {None}
    if submitted_by in persons:
        return Refused("reply_own")
    if any(persons & {item.by, item.acting_for} for item in given):
        return Refused("reply_signed_already")
    return ALLOWED


def judge_seen(seen_hash: str, present_hash: str) -> Verdict:
    """Return whether what the signer had on the screen is what lies here."""
    return ALLOWED if seen_hash == present_hash else Refused("reply_changed")
