"""Whether and until when a request can be asked, what it must say, and where a decision leads. Pure.

A request stands at a stage of its kind (the keys come from the profile) until it has passed the last one, or ends
as refused or withdrawn. Every limit includes its own instant. `judge_askable` is the one function behind both a
refusal and what the wire shows as askable.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from app.policies.deadlines import in_time
from app.policies.policy import RequestRule
from app.problems import ALLOWED, Refused, Verdict
from app.tickets import lifecycle

RETURN: Final = "return"
EXTENSION: Final = "extension"

APPROVED: Final = "approved"
REFUSED: Final = "refused"
WITHDRAWN: Final = "withdrawn"
LAPSED: Final = "lapsed"
ENDED: Final = (APPROVED, REFUSED, WITHDRAWN)
_LABELS: Final = {APPROVED: "已同意", REFUSED: "未同意", WITHDRAWN: "已撤回", LAPSED: "已失效"}

APPROVE: Final = "approve"
REFUSE: Final = "refuse"
ANSWER: Final = "answer"
DECISIONS: Final = (APPROVE, REFUSE)
REASONABLE: Final = "reasonable"
UNREASONABLE: Final = "unreasonable"
VOTES: Final = (REASONABLE, UNREASONABLE)
FINDINGS: Final = ("in_order", "faulty")
"""What a check from above concludes: 办理到位, 存在问题 (K3.10)."""
DECIDE: Final = "decide"
RECORD: Final = "record"
VOTE: Final = "vote"
ACTS: Final = (DECIDE, RECORD, ANSWER, VOTE)
GIVE_BACK: Final = "give_back"
EXEMPT: Final = "exempt"


@dataclass(frozen=True, slots=True)
class Limit:
    """One clock of the ticket as a rule sees it; `shown` is its instant as the jurisdiction's people write it.

    `longest` is the latest date an extension may set: the original limit once more, counted from `due_at` (K2.5).
    """

    label: str
    due_at: datetime
    shown: str
    longest: datetime | None = None
    longest_shown: str = ""


@dataclass(frozen=True, slots=True)
class AskFacts:
    """What of the ticket decides whether something can be asked for.

    `limits` are the ticket's clocks by name; `open_kinds` maps the kinds still undecided to when they were asked, as
    shown to people; `used` counts by kind what was granted or waits since the unit got the ticket. `verified`: the
    unit spoke with the caller or went there since; `told`: the caller was told how the matter stands; `modes` are the
    ways of visiting used. `supported`: a panel found the demand unreasonable, so that an appeal is open whatever
    its limits say (K3.11). `binding`: the unit was determined jointly or named and cannot give the ticket back (X2.2).
    """

    state: str
    limits: Mapping[str, Limit] = field(default_factory=dict)
    open_kinds: Mapping[str, str] = field(default_factory=dict)
    used: Mapping[str, int] = field(default_factory=dict)
    verified: bool = False
    told: bool = False
    modes: frozenset[str] = frozenset()
    out_of_reach: bool = False
    supported: bool = False
    binding: bool = False


def judge_askable(rule: RequestRule, facts: AskFacts, counted: datetime, variant: str | None = None) -> Verdict:
    """Return whether this kind can be asked for at `counted`, whatever it will say.

    Overdue comes before the guard: it is the stricter fact (二(五)) and the one to act on.
    """
    verdict = lifecycle.judge_among(rule.states, facts.state, rule.label)
    if isinstance(verdict, Refused):
        return verdict
    if rule.kind in facts.open_kinds:
        return Refused("request_already_open", {"label": rule.label, "asked_at": facts.open_kinds[rule.kind]})
    if rule.effect == GIVE_BACK and facts.binding:
        return Refused("return_unit_named")
    if rule.effect == EXEMPT and facts.supported:
        return _judge_groundwork(rule, facts)
    if rule.most is not None and facts.used.get(rule.kind, 0) >= rule.most:
        return Refused("request_used_up", {"label": rule.label, "most": rule.most, "cite": rule.cite})
    verdict = _judge_limits(rule, facts, counted, variant)
    return _judge_groundwork(rule, facts) if verdict == ALLOWED else verdict


def _judge_limits(rule: RequestRule, facts: AskFacts, counted: datetime, variant: str | None) -> Verdict:
    deadline = facts.limits.get(rule.extends) if rule.extends else None
    if deadline is not None and not in_time(counted, deadline.due_at):
        return Refused("extension_overdue", {"due": deadline.shown, "clock": deadline.label, "cite": rule.cite})
    guard = guard_of(rule, facts, variant)
    if guard is not None and not in_time(counted, guard.due_at):
        return Refused("request_too_late", {"label": rule.label, "due": guard.shown, "cite": rule.cite})
    return ALLOWED


def _judge_groundwork(rule: RequestRule, facts: AskFacts) -> Verdict:
    if rule.verified and not facts.verified:
        return Refused("request_not_verified", {"label": rule.label, "cite": rule.cite})
    if rule.visited is not None and rule.visited not in facts.modes:
        return Refused("request_not_visited", {"label": rule.label, "cite": rule.cite})
    if rule.told and not facts.told and not facts.out_of_reach:
        return Refused("request_caller_not_told", {"label": rule.label, "cite": rule.cite})
    return ALLOWED


def guard_of(rule: RequestRule, facts: AskFacts, variant: str | None = None) -> Limit | None:
    """Return the clock after which the kind, or this variant of it, is refused (X3.2)."""
    other = rule.variant.clock if rule.variant and rule.variant.key == variant else None
    key = other or rule.clock
    return facts.limits.get(key) if key else None


def until(rule: RequestRule, facts: AskFacts, variant: str | None = None) -> datetime | None:
    """Return the last instant at which the kind can be asked for, None when no clock limits it."""
    deadline = facts.limits.get(rule.extends) if rule.extends else None
    ends = [limit.due_at for limit in (deadline, guard_of(rule, facts, variant)) if limit is not None]
    return min(ends, default=None)


def first_stage(rule: RequestRule) -> str:
    """Return the stage a new request stands at."""
    return rule.stages[0].key


def after_decision(rule: RequestRule, stage: str, decision: str) -> str:
    """Return the state after `stage` decided: the next stage, approved or refused (四(三)).

    Refusing an answer asks for another one: a supervision order ends when the answer satisfies (U4.9).
    """
    keys = [option.key for option in rule.stages]
    place = keys.index(stage)
    if decision == REFUSE:
        return keys[place - 1] if judges_answer(rule, stage) else REFUSED
    following = keys[place + 1 :]
    return following[0] if following else APPROVED


def judges_answer(rule: RequestRule, stage: str) -> bool:
    """Return whether the stage looks at an answer given by the stage before."""
    place = [option.key for option in rule.stages].index(stage)
    return place > 0 and rule.stages[place - 1].act == ANSWER


def judge_stage(rule: RequestRule, state: str, acts: tuple[str, ...], command: str) -> Verdict:
    """Return whether a request in `state` waits for one of `acts`; `command` names the verb for people."""
    stage = rule.stage(state)
    if stage is not None and stage.act in acts:
        return ALLOWED
    return Refused("request_not_open", {"state": state_label(rule, state), "command": command})


def judge_own(author: str | None, actor: str, acting_for: str | None) -> Verdict:
    """Return whether somebody may decide what `author` asked or answered: nobody decides own work, deputed or not."""
    if author is not None and author in (actor, acting_for):
        return Refused("request_own")
    return ALLOWED


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


def outlives_closing(rule: RequestRule) -> bool:
    """Return whether the kind goes on when the ticket closes: it can be asked for on a closed one too."""
    return lifecycle.CLOSED in rule.states


def outlives_unit(rule: RequestRule) -> bool:
    """Return whether the kind goes on when the ticket moves: no unit asked for it and none has to act (K3.10)."""
    acting = {*rule.asked_by, *(role for stage in rule.stages for role in stage.roles)}
    return acting <= {"station", "supervisor", "system"}


def listed(roles: Iterable[str]) -> str:
    """Return roles as one text in which each can be looked for; `named` is the way back."""
    return f",{','.join(roles)},"


def named(roles: str | None) -> list[str]:
    """Return the roles of such a text, none for None."""
    return [role for role in (roles or "").split(",") if role]


def majority(votes: Mapping[str, int]) -> str:
    """Return the verdict of a panel in which everyone has voted (K3.11); a panel is odd, so there is one."""
    return max(votes, key=lambda vote: votes[vote])
