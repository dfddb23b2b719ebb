"""The chain of signatures: order, alternatives, further signers of a finish, and who may not sign. Pure."""

from __future__ import annotations

import dataclasses

import pytest

from app.policies.parse import parse_profile
from app.policies.policy import Finish, Policy, SignOffStep
from app.policies.publish import PROFILES
from app.problems import ALLOWED, Refused
from app.replies.chain import Signed, Step, at_station, judge_seen, judge_signer, next_step, states_of, steps_of

DALAD = parse_profile((PROFILES / "dalad.toml").read_text("utf-8"), "dalad.toml")


def profile(*steps: SignOffStep, finishes: tuple[Finish, ...] = ()) -> Policy:
    reply = dataclasses.replace(DALAD.reply, finishes=finishes)
    return dataclasses.replace(DALAD, sign_off=(*steps, DALAD.sign_off[-1]), reply=reply)


REVIEWER = SignOffStep("reviewer", "处室负责人审核", cite="二(二)")
LEADER = SignOffStep("leader", "分管领导或主要领导审签", ("chief",), cite="二(二)")
ONLY_LEADER = SignOffStep("leader", "分管领导审签", cite="四(五)")
ALL_THREE = ("reviewer", "leader", "chief")
FINAL = Finish("final", "三级结案终审", ("dissatisfied",), ("statement",), ALL_THREE, cite="三(二)")


@pytest.mark.parametrize(
    ("signed", "states", "turn"),
    [
        ((), ["now", "later", "later"], "处室负责人审核"),
        (("reviewer",), ["done", "now", "later"], "分管领导或主要领导审签"),
        (("reviewer", "leader"), ["done", "done", "now"], "工作站审核"),
        (("reviewer", "chief"), ["done", "done", "now"], "工作站审核"),
        (("reviewer", "chief", "station"), ["done", "done", "done"], None),
    ],
)
def test_signatures_come_in_the_order_of_the_profile(
    signed: tuple[str, ...], states: list[str], turn: str | None
) -> None:
    """H2.2b."""
    steps = steps_of(profile(REVIEWER, LEADER), None)
    assert states_of(steps, signed) == states
    step = next_step(steps, signed)
    assert (step.label if step else None) == turn


def test_a_finish_adds_the_signers_who_do_not_sign_anyway() -> None:
    """U3.2: 三级结案终审 is signed by department head, leader in charge and main leader."""
    policy = profile(REVIEWER, ONLY_LEADER, finishes=(FINAL,))
    assert [step.roles for step in steps_of(policy, "final")] == [("reviewer",), ("leader",), ("chief",), ("station",)]
    assert [step.roles for step in steps_of(policy, None)] == [("reviewer",), ("leader",), ("station",)]
    assert steps_of(policy, "final")[2].cite == "三(二)"


def test_the_chief_who_signed_as_alternative_does_not_sign_again() -> None:
    steps = steps_of(profile(REVIEWER, LEADER, finishes=(FINAL,)), "final")
    assert [step.roles for step in steps][2:] == [("leader",), ("chief",), ("station",)]
    assert next_step(steps, ("reviewer", "leader")) == Step(("chief",), "主要领导签字", "三(二)")
    short = dataclasses.replace(FINAL, signers=("chief",))
    steps = steps_of(profile(REVIEWER, LEADER, finishes=(short,)), "final")
    assert at_station(next_step(steps, ("reviewer", "chief")))
    assert not at_station(next_step(steps, ("reviewer", "leader")))


@pytest.mark.parametrize(
    ("by", "acting_for", "code"),
    [
        ("other", None, None),
        ("other", "principal", None),
        ("author", None, "reply_own"),
        ("author", "principal", "reply_own"),
        ("other", "author", "reply_own"),
        ("head", None, "reply_signed_already"),
        ("head", "principal", "reply_signed_already"),
        ("other", "head", "reply_signed_already"),
        ("deputy", None, "reply_signed_already"),
        ("other", "absent", "reply_signed_already"),
    ],
)
def test_nobody_approves_their_own_and_nobody_signs_twice(by: str, acting_for: str | None, code: str | None) -> None:
    given = [Signed("reviewer", "head"), Signed("leader", "deputy", "absent")]
    verdict = judge_signer("author", given, by, acting_for)
    assert verdict == (Refused(code) if code else ALLOWED)


def test_a_signature_binds_to_what_was_seen() -> None:
    assert judge_seen("h", "h") == ALLOWED
    assert judge_seen("other", "h") == Refused("reply_changed")
