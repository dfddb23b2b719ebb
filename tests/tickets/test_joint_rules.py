"""Grounds of dispatch and outcomes of consultations, judged without a database."""

from __future__ import annotations

import pytest

from app.policies.policy import DispatchRules, Ground
from app.problems import ALLOWED, Refused
from app.tickets.joint_rules import JOINT_DUTY, PRE_DISPATCH, Outcome, answering, binds, judge_ground, judge_outcome

DUTY = Ground("duty", "按职责", cite="2")
LEADER = Ground("leader", "领导签批", needs_leader=True, cite="2")
JOINT = Ground("joint", "联合办理", joint=True, cite="2")
LISTED = DispatchRules((DUTY, LEADER, JOINT), cite="2")
FREE = DispatchRules(cite="")


@pytest.mark.parametrize(
    ("rules", "ground", "text", "leader", "helpers", "code"),
    [
        (FREE, None, "职责范围", None, (), None), (FREE, None, "", None, (), "command_invalid"),
        (LISTED, "duty", "", None, (), None), (LISTED, None, "职责范围", None, (), "dispatch_ground_missing"),
        (LISTED, "other", "", None, (), "dispatch_ground_missing"),
        (LISTED, "leader", "", None, (), "dispatch_leader_missing"), (LISTED, "leader", "", "县长甲", (), None),
        (LISTED, "joint", "", None, (), "dispatch_co_units_missing"), (LISTED, "joint", "", None, ("b",), None),
    ],
)  # fmt: skip
def test_a_dispatch_says_why(
    rules: DispatchRules, ground: str | None, text: str, leader: str | None, helpers: tuple[str, ...], code: str | None
) -> None:
    verdict = judge_ground(rules, ground, text, leader, helpers)
    assert (verdict.code if isinstance(verdict, Refused) else None) == code


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (Outcome(("a", "b"), True, "a", ("b",)), None),
        (Outcome(("a", "b"), True, "a", ("a",)), "consultation_lead_twice"),
        (Outcome(("a", "b"), True, "c"), "consultation_lead_absent"),
        (Outcome(("a", "b"), True, "c", convened_by="c"), None),
        (Outcome(("a", "b"), False, "a", convened_by="a"), None),
        (Outcome(("a", "b"), False, "a", convened_by="b"), "consultation_no_outcome"),
        (Outcome(("a", "b"), False, "a"), "consultation_no_outcome"),
        (Outcome(("a", "b"), False, "c", named_by="镇长甲"), None),
    ],
)
def test_an_outcome_holds_when_agreed_or_the_convening_units_or_a_leaders_word(
    outcome: Outcome, code: str | None
) -> None:
    verdict = judge_outcome(outcome)
    assert (verdict.code if isinstance(verdict, Refused) else None) == code
    assert verdict == ALLOWED or code


def test_without_agreement_everybody_present_answers_too() -> None:
    assert answering(Outcome(("a", "b", "c"), True, "a", ("b",))) == ("b",)
    assert answering(Outcome(("a", "b", "c"), False, "a", (), convened_by="a")) == ("b", "c")
    assert answering(Outcome(("a", "b"), False, "a", ("d", "b"), convened_by="a")) == ("d", "b")


def test_what_binds_a_unit() -> None:
    assert binds(JOINT_DUTY, None, DUTY) and binds(None, "县长甲", None) and binds(None, None, LEADER)
    assert not binds(PRE_DISPATCH, None, JOINT) and not binds(None, None, None)
