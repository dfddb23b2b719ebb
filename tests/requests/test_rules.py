"""Requests: until when they can be asked, to the millisecond, and where each decision leads."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.policies.parse import parse_profile
from app.policies.policy import Policy
from app.policies.publish import PROFILES
from app.problems import ALLOWED, Refused
from app.requests import rules
from app.requests.rules import AskFacts, Limit, judge_askable


def profile(name: str) -> Policy:
    return parse_profile((PROFILES / f"{name}.toml").read_text(encoding="utf-8"), f"{name}.toml")


DALAD, UXIN, HUKOU, XINQIAO = (profile(name) for name in ("dalad", "uxin", "hukou", "xinqiao"))
RETURN, EXTENSION = DALAD.requests["return"], DALAD.requests["extension"]
DISPATCHED = datetime(2026, 11, 20, 1, 14, tzinfo=UTC)
DUE = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
MS = timedelta(milliseconds=1)
LIMITS = {
    "return": Limit("退单时限", DISPATCHED + timedelta(hours=20), "11-21 05:14"),
    "return_on_site": Limit("现场定责退单时限", DISPATCHED + timedelta(hours=60), "11-22 21:14"),
    "feedback": Limit("反馈时限", DUE, "11-25 17:30"),
    "ask_extension": Limit("申请延期时限", DUE - timedelta(hours=24), "11-24 17:30"),
}
HANDLING = AskFacts("handling", limits=LIMITS)


def facts(**other: Any) -> AskFacts:
    return replace(HANDLING, **other)


def code(verdict: object) -> str | None:
    return verdict.code if isinstance(verdict, Refused) else None


@pytest.mark.parametrize(
    ("counted", "expected"),
    [
        (DISPATCHED, None),
        (DISPATCHED + timedelta(hours=20), None),
        (DISPATCHED + timedelta(hours=20) + MS, "request_too_late"),
    ],
)
def test_return_is_asked_within_twenty_hours(counted: datetime, expected: str | None) -> None:
    assert code(judge_askable(RETURN, HANDLING, counted)) == expected


@pytest.mark.parametrize(
    ("counted", "expected"),
    [
        (DUE - timedelta(hours=24), None),
        (DUE - timedelta(hours=24) + MS, "request_too_late"),
        (DUE, "request_too_late"),
        (DUE + MS, "extension_overdue"),
        (DUE + timedelta(days=9), "extension_overdue"),
    ],
)
def test_extension_is_asked_a_day_ahead_and_never_when_overdue(counted: datetime, expected: str | None) -> None:
    assert code(judge_askable(EXTENSION, HANDLING, counted)) == expected


def test_a_refusal_names_the_instant_and_the_clause() -> None:
    verdict = judge_askable(RETURN, HANDLING, DUE)
    assert isinstance(verdict, Refused)
    assert verdict.facts == {"label": "申请退单", "due": "11-21 05:14", "cite": "二(四)、三(二)"}


def test_the_state_comes_first() -> None:
    assert code(judge_askable(RETURN, facts(state="closed"), DUE)) == "state_wrong"
    assert judge_askable(HUKOU.requests["appeal"], facts(state="closed"), DUE) == ALLOWED


def test_one_open_request_of_a_kind_at_a_time() -> None:
    waiting = facts(open_kinds={"return": "11-20 09:20"})
    assert code(judge_askable(RETURN, waiting, DISPATCHED)) == "request_already_open"
    assert judge_askable(EXTENSION, waiting, DISPATCHED) == ALLOWED


@pytest.mark.parametrize(("used", "expected"), [(0, None), (1, None), (2, "request_used_up"), (3, "request_used_up")])
def test_a_kind_is_asked_as_often_as_the_profile_lets(used: int, expected: str | None) -> None:
    rule = HUKOU.requests["extension"]
    assert code(judge_askable(rule, facts(used={"extension": used}), DISPATCHED)) == expected


def test_a_variant_has_a_guard_of_its_own() -> None:
    rule, known = XINQIAO.requests["return"], facts(verified=True)
    between = DISPATCHED + timedelta(hours=40)
    assert code(judge_askable(rule, known, between)) == "request_too_late"
    assert judge_askable(rule, known, between, "on_site") == ALLOWED
    assert code(judge_askable(rule, known, DISPATCHED + timedelta(hours=60) + MS, "on_site")) == "request_too_late"
    assert rules.until(rule, known) == LIMITS["return"].due_at
    assert rules.until(rule, known, "on_site") == LIMITS["return_on_site"].due_at


def test_until_is_the_earlier_of_deadline_and_guard_and_none_where_nothing_limits() -> None:
    assert rules.until(EXTENSION, HANDLING) == DUE - timedelta(hours=24)
    assert rules.until(UXIN.requests["termination"], HANDLING) is None


def test_groundwork_comes_before_asking() -> None:
    returning, ending = XINQIAO.requests["return"], UXIN.requests["termination"]
    assert code(judge_askable(returning, HANDLING, DISPATCHED)) == "request_not_verified"
    assert code(judge_askable(ending, facts(told=True), DISPATCHED)) == "request_not_visited"
    gone = facts(modes=frozenset({"persuade"}))
    assert code(judge_askable(ending, gone, DISPATCHED)) == "request_caller_not_told"
    assert judge_askable(ending, replace(gone, told=True), DISPATCHED) == ALLOWED
    assert judge_askable(ending, replace(gone, out_of_reach=True), DISPATCHED) == ALLOWED, "nobody can be told"


def test_a_unit_determined_jointly_cannot_give_the_ticket_back() -> None:
    named = facts(binding=True, verified=True)
    assert code(judge_askable(XINQIAO.requests["return"], named, DISPATCHED)) == "return_unit_named"
    assert judge_askable(XINQIAO.requests["filing"], named, DISPATCHED) == ALLOWED


def test_a_panels_verdict_opens_an_appeal_whatever_the_count_says() -> None:
    rule, used = HUKOU.requests["appeal"], facts(state="closed", used={"appeal": 1})
    assert code(judge_askable(rule, used, DUE)) == "request_used_up"
    assert judge_askable(rule, replace(used, supported=True), DUE) == ALLOWED


def test_an_extension_goes_from_the_station_to_the_city_and_a_return_ends_at_the_station() -> None:
    assert rules.first_stage(EXTENSION) == "station"
    assert rules.after_decision(EXTENSION, "station", "approve") == "city"
    assert rules.after_decision(EXTENSION, "city", "approve") == "approved"
    assert rules.after_decision(EXTENSION, "station", "refuse") == "refused"
    assert rules.after_decision(EXTENSION, "city", "refuse") == "refused"
    assert rules.after_decision(RETURN, "station", "approve") == "approved"


def test_an_answer_that_does_not_satisfy_is_asked_for_again() -> None:
    order = UXIN.requests["supervision"]
    assert rules.after_decision(order, "unit", "approve") == "supervisor"
    assert rules.after_decision(order, "supervisor", "refuse") == "unit"
    assert rules.after_decision(order, "supervisor", "approve") == "approved"


def test_only_the_stage_whose_turn_it_is_decides() -> None:
    assert rules.judge_stage(EXTENSION, "station", ("decide",), "审批申请") == ALLOWED
    verdict = rules.judge_stage(EXTENSION, "city", ("decide",), "审批申请")
    assert isinstance(verdict, Refused)
    assert verdict.facts == {"state": "待市12345热线平台审核", "command": "审批申请"}
    assert code(rules.judge_stage(EXTENSION, "refused", rules.ACTS, "撤回申请")) == "request_not_open"


@pytest.mark.parametrize(
    ("author", "actor", "acting_for", "refused"),
    [("a", "b", None, False), ("a", "a", None, True), ("a", "b", "a", True), (None, "b", None, False)],
)
def test_nobody_decides_own_work_as_self_or_deputy(
    author: str | None, actor: str, acting_for: str | None, refused: bool
) -> None:
    assert code(rules.judge_own(author, actor, acting_for)) == ("request_own" if refused else None)


def test_a_request_left_behind_is_shown_as_lapsed_and_a_decided_one_as_decided() -> None:
    assert rules.shown_state("station", True) == "station"
    assert rules.shown_state("city", False) == "lapsed"
    assert rules.shown_state("approved", False) == "approved"


def test_what_goes_on_when_the_ticket_closes_or_moves() -> None:
    kinds = {kind: rules.outlives_closing(rule) for kind, rule in HUKOU.requests.items()}
    assert kinds == {"return": False, "extension": False, "appeal": True, "verification": True, "evaluation": True}
    moving = {kind for kind, rule in HUKOU.requests.items() if rules.outlives_unit(rule)}
    assert moving == {"evaluation"}, "whoever has to answer or asked for it is bound to its unit"


def test_a_list_of_roles_is_found_whole() -> None:
    listed = rules.listed(("leader", "chief"))
    assert rules.named(listed) == ["leader", "chief"] and rules.named(None) == []
    assert rules.listed(["chief"]) in listed
    assert rules.listed(["chief"]) not in rules.listed(["vicechief"])


def test_the_majority_of_an_odd_panel() -> None:
    assert rules.majority({"reasonable": 2, "unreasonable": 1}) == "reasonable"
    assert rules.majority({"reasonable": 1, "unreasonable": 4}) == "unreasonable"
