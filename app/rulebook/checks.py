"""Whether a text can be published as the next version of a profile: it reads, it fits, and it is the next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.people.permissions import ROLES
from app.policies.parse import parse_profile
from app.policies.policy import Policy
from app.policies.table import ProfileInvalid
from app.reminders.due import BACKUP, ON_DUTY
from app.reminders.fact_queries import WAITS
from app.reminders.rota import SIGNER
from app.reminders.windows import DECIDER
from app.rulebook.lines import line_of, line_of_broken
from app.tickets import lifecycle
from app.tickets.timeline import SENTENCES

LONGEST_KEY, LONGEST_LABEL, LONGEST_CITE = 24, 40, 40
"""What the columns of a ticket's clocks hold."""

TOLD = frozenset({*ROLES, SIGNER, DECIDER, ON_DUTY, BACKUP})
"""Whom a reminder can name."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong: the dotted `key`, the `line` where it stands (None when nowhere), and a Chinese `reason`."""

    key: str
    line: int | None
    reason: str


def check(text: str, profile: str, latest: int) -> tuple[Policy | None, list[Fault]]:
    """Return the policy written in `text` and what keeps it from following version `latest` of `profile`."""
    try:
        policy = parse_profile(text, f"{profile}.toml")
    except ProfileInvalid as refused:
        line = line_of(text, refused.key) if refused.key else line_of_broken(refused.reason)
        return None, [Fault(refused.key, line, refused.reason)]
    found = [Fault(key, line_of(text, key), reason) for key, reason in _faults(policy, profile, latest)]
    return (policy if not found else None), found


def _faults(policy: Policy, profile: str, latest: int) -> Iterator[tuple[str, str]]:
    if policy.profile != profile:
        yield "profile", f"只能发布“{profile}”的规则"
    if policy.version != latest + 1:
        overtaken = (
            f"第 {policy.version} 版已经发布，请重新打开最新一版，在其上修改；" if policy.version <= latest else ""
        )
        yield "version", f"{overtaken}最新一版是第 {latest} 版，新的一版应写 {latest + 1}"
    yield from _strange_names(policy)
    for key, clock in policy.clocks.items():
        for value, longest in ((key, LONGEST_KEY), (clock.label, LONGEST_LABEL), (clock.cite, LONGEST_CITE)):
            if len(value) > longest:
                yield f"clocks.{key}", f"“{value}”太长，最多 {longest} 个字"


def _strange_names(policy: Policy) -> Iterator[tuple[str, str]]:
    for kind, rule in policy.requests.items():
        for state in set(rule.states) - set(lifecycle.LABELS):
            yield f"requests.{kind}.states", f"没有“{state}”这个工单状态"
    for number, reminder in enumerate(policy.reminders):
        at = f"reminders[{number}]"
        for role in set(reminder.to) - TOLD:
            yield f"{at}.to", f"没有“{role}”这个角色"
        if reminder.event is not None and reminder.event not in {*SENTENCES, WAITS}:
            yield f"{at}.event", f"没有“{reminder.event}”这个事件"
        yield from _strange_title(f"{at}.title", reminder.title)
    for number, ladder in enumerate(policy.ladders):
        yield from _strange_title(f"ladders[{number}].title", ladder.title)
        for step, rung in enumerate(ladder.rungs):
            for role in set(rung.to) - TOLD:
                yield f"ladders[{number}].rungs[{step}].to", f"没有“{role}”这个角色"


def _strange_title(key: str, title: str) -> Iterator[tuple[str, str]]:
    try:
        title.format(number="", title="", due="")
    except (LookupError, ValueError):
        yield key, "只能用 {number}、{title}、{due} 三个占位"
