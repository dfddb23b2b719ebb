"""When a ticket goes up by itself, once; and that many looks at once raise one matter."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from threading import Thread

import pytest
from conformance.towns import town
from lasting import shared
from scenario import World
from sqlalchemy import select

from app import clock
from app.ids import new_id
from app.oversight.escalations.jobs import look
from app.oversight.escalations.models import Escalation
from app.oversight.escalations.rules import Facts, Known, findings, is_new, judge_conclude, overdue
from app.policies.policy import DispatchRules, Policy
from app.policies.policy import Escalation as Rule
from app.problems import ALLOWED

__all__ = ["shared"]
CALM = Facts(redo=0, assignments=1, ground=None, category=None, kind="help", same_caller={}, group={})


def rule(when: str, count: int = 1, **other: object) -> Rule:
    return Rule("key", "原因", when, count, **{"days": None, "to": "supervisor", "cite": "10"} | other)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def policy(shared: World) -> Policy:
    return town(shared, "hukou").policy


@pytest.mark.parametrize(
    ("given", "meets", "misses"),
    [
        (rule("redo", 2), {"redo": 2}, {"redo": 1}),
        (rule("assignments", 4), {"assignments": 5}, {"assignments": 3}),
        (rule("same_caller", 3, days=30), {"same_caller": {30: 3}}, {"same_caller": {30: 2, 90: 9}}),
        (rule("group", 5, days=7), {"group": {7: 5}}, {"group": {7: 4}}),
        (rule("ground", values=("leader",)), {"ground": "leader"}, {"ground": "duty"}),
        (rule("category", values=("officer",)), {"category": "officer/态度"}, {"category": "officers"}),
        (rule("category", values=("officer",)), {"kind": "officer"}, {"kind": "help"}),
    ],
    ids=lambda value: value.when if isinstance(value, Rule) else "",
)
def test_a_rule_is_met_from_its_count_on(policy: Policy, given: Rule, meets: dict, misses: dict) -> None:  # type: ignore[type-arg]
    strict = replace(policy, escalations=(given,), dispatch=DispatchRules(cite=""))
    [found] = findings(strict, replace(CALM, **meets))
    assert (found.rule, found.to) == ("key", "supervisor") and found.reason
    assert findings(strict, replace(CALM, **misses)) == [] == findings(strict, CALM)


def test_a_limit_of_repeated_dispatch_alone_sends_it_to_the_leader(policy: Policy) -> None:
    limited = replace(policy, escalations=(), dispatch=DispatchRules(repeat_limit=3, cite="六"))
    assert findings(limited, replace(CALM, assignments=3)) == []
    [found] = findings(limited, replace(CALM, assignments=4))
    assert (found.to, found.fact) == ("leader", 4)
    own = replace(limited, escalations=(rule("assignments", 9),))
    assert findings(own, replace(CALM, assignments=4)) == [], "its own rule says when"


def test_the_same_is_raised_again_only_when_it_got_worse(policy: Policy) -> None:
    [found] = findings(replace(policy, escalations=(rule("redo", 2),)), replace(CALM, redo=3))
    assert is_new(found, []) and is_new(found, [Known("other", 9, True)])
    assert not is_new(found, [Known("key", 2, True)]), "one is open"
    assert not is_new(found, [Known("key", 3, False)]), "this was concluded"
    assert is_new(found, [Known("key", 2, False)])


@pytest.mark.parametrize(
    ("to", "may"),
    [("supervisor", {"supervisor"}), ("leader", {"supervisor", "leader", "station"}),
     ("chief", {"supervisor", "chief", "station"})],
)  # fmt: skip
def test_who_concludes(to: str, may: set[str]) -> None:
    roles = ("supervisor", "leader", "chief", "station", "reviewer")
    assert {role for role in roles if judge_conclude(to, role, "") == ALLOWED} == may


def test_what_nobody_handled_goes_one_higher() -> None:
    day = timedelta(days=1)
    assert overdue(3, "supervisor", 3 * day) is None and overdue(3, "supervisor", 3 * day + day / 24) == "leader"
    assert overdue(3, "leader", 4 * day) == "chief" and overdue(3, "chief", 99 * day) is None
    assert overdue(None, "supervisor", 99 * day) is None


def test_many_looks_at_once_raise_one_matter_each_and_one_for_the_group(shared: World) -> None:
    hukou, category = town(shared, "hukou"), f"供水/{new_id()}"
    caller = {"anonymous": True, "confidential": False}
    tickets = [hukou.registered(category=category, caller=caller) for _ in range(5)]
    at, failures = clock.now(), []

    def work(ticket_id: str) -> None:
        try:
            look(hukou.database, ticket_id, at)
        except Exception as error:
            failures.append(error)

    threads = [Thread(target=work, args=(ticket_id,)) for ticket_id in tickets * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with hukou.database.read() as session:
        raised = session.scalars(select(Escalation).where(Escalation.ticket_id.in_(tickets))).all()
    assert [sorted(row.related) for row in raised] == [sorted(tickets)]
