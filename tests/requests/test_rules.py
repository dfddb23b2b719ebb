"""Requests: until when they can be asked, to the millisecond, and where each decision leads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.policies.parse import parse_profile
from app.policies.publish import PROFILES
from app.problems import ALLOWED, Refused
from app.requests import rules
from app.requests.rules import Asked, Limit, judge_ask, judge_new_date

DALAD = parse_profile((PROFILES / "dalad.toml").read_text(encoding="utf-8"), "dalad.toml")
RETURN, EXTENSION = DALAD.requests["return"], DALAD.requests["extension"]
DISPATCHED = datetime(2026, 11, 20, 1, 14, tzinfo=UTC)
DUE = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
MS = timedelta(milliseconds=1)
REASON = "该路段由交通运输局管养，不在本镇职责范围内，建议由其办理。"
LIMITS = {
    "return": Limit("退单时限", DISPATCHED + timedelta(hours=20), "11-21 05:14"),
    "feedback": Limit("反馈时限", DUE, "11-25 17:30"),
    "ask_extension": Limit("申请延期时限", DUE - timedelta(hours=24), "11-24 17:30"),
}
LATER = DUE + timedelta(days=3)


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
    assert code(judge_ask(RETURN, Asked(counted, REASON), LIMITS, {})) == expected


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
    assert code(judge_ask(EXTENSION, Asked(counted, REASON, LATER), LIMITS, {})) == expected


def test_a_refusal_names_the_instant_and_the_clause() -> None:
    verdict = judge_ask(RETURN, Asked(DUE, REASON), LIMITS, {})
    assert isinstance(verdict, Refused)
    assert verdict.facts == {"label": "申请退单", "due": "11-21 05:14", "cite": "二(四)、三(二)"}


def test_the_reason_is_detailed() -> None:
    short = "水" * (RETURN.reason.min - 1)
    assert code(judge_ask(RETURN, Asked(DISPATCHED, short + "！" * 20), LIMITS, {})) == "request_reason_short"
    assert judge_ask(RETURN, Asked(DISPATCHED, short + "管"), LIMITS, {}) == ALLOWED


@pytest.mark.parametrize(
    ("new_due_at", "expected"),
    [
        (None, "extension_date_missing"),
        (DUE - MS, "extension_date_not_later"),
        (DUE, "extension_date_not_later"),
        (DUE + MS, None),
        (DUE + rules.LONGEST_EXTENSION, None),
        (DUE + rules.LONGEST_EXTENSION + MS, "extension_date_too_far"),
        (datetime(9999, 12, 31, 23, 59, tzinfo=UTC), "extension_date_too_far"),
    ],
)
def test_the_new_date_follows_the_deadline(new_due_at: datetime | None, expected: str | None) -> None:
    assert code(judge_new_date(LIMITS["feedback"], new_due_at)) == expected
    assert code(judge_ask(EXTENSION, Asked(DISPATCHED, REASON, new_due_at), LIMITS, {})) == expected


def test_one_open_request_of_a_kind_at_a_time() -> None:
    open_kinds = {"return": "11-20 09:20"}
    assert code(judge_ask(RETURN, Asked(DISPATCHED, REASON), LIMITS, open_kinds)) == "request_already_open"
    assert judge_ask(EXTENSION, Asked(DISPATCHED, REASON, LATER), LIMITS, open_kinds) == ALLOWED


def test_an_extension_goes_from_the_station_to_the_city_and_a_return_ends_at_the_station() -> None:
    assert rules.first_stage(EXTENSION) == "station"
    assert rules.after_decision(EXTENSION, "station", "approve") == "city"
    assert rules.after_decision(EXTENSION, "city", "approve") == "approved"
    assert rules.after_decision(EXTENSION, "station", "refuse") == "refused"
    assert rules.after_decision(EXTENSION, "city", "refuse") == "refused"
    assert rules.after_decision(RETURN, "station", "approve") == "approved"


def test_only_the_stage_whose_turn_it_is_decides() -> None:
    assert rules.judge_stage(EXTENSION, "station", ("station",), "审批申请") == ALLOWED
    verdict = rules.judge_stage(EXTENSION, "city", ("station",), "审批申请")
    assert isinstance(verdict, Refused)
    assert verdict.facts == {"state": "待市12345热线平台审核", "command": "审批申请"}
    assert code(rules.judge_stage(EXTENSION, "refused", rules.open_stages(EXTENSION), "撤回申请")) == "request_not_open"


def test_a_request_left_behind_is_shown_as_lapsed_and_a_decided_one_as_decided() -> None:
    assert rules.shown_state("station", True) == "station"
    assert rules.shown_state("city", False) == "lapsed"
    assert rules.shown_state("approved", False) == "approved"
