"""What a call-back must say, and which closed ticket goes back: pure."""

from __future__ import annotations

from typing import Any

import pytest

from app.oversight.callback.rules import Said, judge_record, judge_reopen
from app.policies.policy import CallbackRules, Option
from app.problems import ALLOWED, Refused

RULES = CallbackRules(
    satisfaction=tuple(Option(key, key, cite="二(二)") for key in ("satisfied", "dissatisfied", "not_reached")),
    reasons=tuple(Option(key, key, cite="二(二)") for key in ("slow", "off_point")),
    reopen=True,
    cite="二(二)",
)
SILENT = CallbackRules(cite="")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"reached": True, "satisfaction": "satisfied"}, None),
        ({"reached": True, "satisfaction": "dissatisfied", "reasons": ("slow",)}, None),
        ({"reached": True, "satisfaction": "dissatisfied", "note": "嫌慢"}, None),
        ({"reached": True, "satisfaction": "dissatisfied"}, "callback_reasons_missing"),
        ({"reached": True}, "callback_satisfaction_missing"),
        ({"reached": True, "satisfaction": "not_reached"}, "callback_satisfaction_missing"),
        ({"reached": True, "satisfaction": "delighted"}, "callback_answer_unknown"),
        ({"reached": True, "satisfaction": "satisfied", "reasons": ("moon",)}, "callback_answer_unknown"),
        ({"reached": False}, None),
        ({"reached": False, "satisfaction": "not_reached"}, None),
        ({"reached": False, "satisfaction": "satisfied"}, "callback_not_reached"),
        ({"reached": False, "solved": True}, "callback_not_reached"),
        ({"reached": False, "reasons": ("slow",)}, "callback_not_reached"),
    ],
)
def test_a_record_is_whole(said: dict[str, Any], code: str | None) -> None:
    verdict = judge_record(RULES, Said(**said))
    assert (verdict.code if isinstance(verdict, Refused) else None) == code


def test_a_profile_without_call_backs_takes_none() -> None:
    assert judge_record(SILENT, Said(True, "satisfied")) == Refused("callback_unknown")


UNHAPPY = Said(True, "dissatisfied", None, ("slow",))
UNSOLVED = Said(True, "satisfied", False)
HAPPY = Said(True, "satisfied", True)
NOBODY = Said(False)


@pytest.mark.parametrize(
    ("rules", "how", "heard", "code"),
    [
        (RULES, "accepted", [UNHAPPY], None),
        (RULES, None, [UNHAPPY], None),
        (RULES, "accepted", [HAPPY, UNSOLVED], None),
        (RULES, "accepted", [HAPPY, NOBODY], "reopen_without_callback"),
        (RULES, "accepted", [], "reopen_without_callback"),
        (RULES, "terminated", [UNHAPPY], "reopen_not_replied"),
        (RULES, "direct", [UNHAPPY], "reopen_not_replied"),
        (SILENT, "accepted", [UNHAPPY], "reopen_unknown"),
    ],
)
def test_a_closed_ticket_goes_back_on_what_a_caller_said(
    rules: CallbackRules, how: str | None, heard: list[Said], code: str | None
) -> None:
    """H2.2e."""
    verdict = judge_reopen(rules, how, heard)
    assert verdict == (Refused(code) if code else ALLOWED)
