"""What a request must say: reason, grounds, fields, materials, dates, panel."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.policies.parse import parse_profile
from app.policies.policy import Policy, ReplyField
from app.policies.publish import PROFILES
from app.problems import ALLOWED, Refused
from app.requests.form import LONGEST_EXTENSION, LONGEST_UNTIL, Asked, judge_content, judge_new_date
from app.requests.rules import Limit


def profile(name: str) -> Policy:
    return parse_profile((PROFILES / f"{name}.toml").read_text(encoding="utf-8"), f"{name}.toml")


DALAD, UXIN, HUKOU = (profile(name) for name in ("dalad", "uxin", "hukou"))
RETURN, EXTENSION = DALAD.requests["return"], DALAD.requests["extension"]
SUSPENSION, TERMINATION = UXIN.requests["suspension"], UXIN.requests["termination"]
NOW = datetime(2026, 11, 20, 1, 14, tzinfo=UTC)
DUE = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
MS = timedelta(milliseconds=1)
FEEDBACK = Limit("反馈时限", DUE, "11-25 17:30", longest=DUE + timedelta(days=8), longest_shown="12-03 17:30")
REASON = "该路段由交通运输局管养，不在本镇职责范围内，建议由其办理。"


def code(verdict: object) -> str | None:
    return verdict.code if isinstance(verdict, Refused) else None


def asked(**other: Any) -> Asked:
    return replace(Asked(NOW, REASON), **other)


def test_the_reason_is_detailed() -> None:
    short = "水" * (RETURN.reason.min - 1)
    assert code(judge_content(RETURN, asked(reason=short + "！" * 20), None)) == "request_reason_short"
    assert judge_content(RETURN, asked(reason=short + "管"), None) == ALLOWED


@pytest.mark.parametrize(
    ("new_due_at", "expected"),
    [
        (None, "extension_date_missing"),
        (DUE - MS, "extension_date_not_later"),
        (DUE, "extension_date_not_later"),
        (DUE + MS, None),
        (DUE + LONGEST_EXTENSION, None),
        (DUE + LONGEST_EXTENSION + MS, "extension_date_too_far"),
        (datetime(9999, 12, 31, 23, 59, tzinfo=UTC), "extension_date_too_far"),
    ],
)
def test_the_new_date_follows_the_deadline(new_due_at: datetime | None, expected: str | None) -> None:
    assert code(judge_new_date(EXTENSION, FEEDBACK, new_due_at)) == expected
    assert code(judge_content(EXTENSION, asked(new_due_at=new_due_at), FEEDBACK)) == expected


def test_an_extension_is_no_longer_than_the_original_where_the_profile_says_so() -> None:
    rule, latest = HUKOU.requests["extension"], DUE + timedelta(days=8)
    assert judge_new_date(rule, FEEDBACK, latest) == ALLOWED
    verdict = judge_new_date(rule, FEEDBACK, latest + MS)
    assert isinstance(verdict, Refused)
    assert (verdict.code, verdict.facts["limit"]) == ("extension_longer_than_original", "12-03 17:30")


FILLED = {"measures": "十二月取样", "explained": "已当面说明"}


def suspending(**other: Any) -> Asked:
    whole = asked(grounds=["contract"], fields=FILLED, until=NOW + timedelta(days=91))
    return replace(whole, **other)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({}, None),
        ({"grounds": []}, "request_ground_missing"),
        ({"grounds": ["contract", "weather"]}, "request_ground_unknown"),
        ({"fields": FILLED | {"measures": " "}}, "request_field_missing"),
        ({"fields": FILLED | {"mood": "好"}}, "request_field_unknown"),
        ({"variant": "on_site"}, "request_variant_unknown"),
        ({"until": None}, "request_until_missing"),
        ({"until": NOW + timedelta(days=90)}, "suspension_too_short"),
        ({"until": NOW + timedelta(days=90) + MS}, None),
        ({"until": NOW + LONGEST_UNTIL + MS}, "extension_date_too_far"),
        ({"panel": 3}, "request_panel_unknown"),
    ],
)
def test_a_form_is_filled_in_whole(other: dict[str, Any], expected: str | None) -> None:
    assert code(judge_content(SUSPENSION, suspending(**other), None)) == expected


@pytest.mark.parametrize(
    ("phases", "expected"),
    [
        (["before", "after", "other"], None),
        (["before", "after", "before"], None),
        (["before", "after"], "request_materials_missing"),
        (["before", "other", "other"], "request_materials_missing"),
        ([], "request_materials_missing"),
    ],
)
def test_materials_are_enough_and_of_each_phase(phases: list[str], expected: str | None) -> None:
    said = asked(grounds=["nothing_new"], fields={"answer_given": "已答复", "persuasion": "上门两次"}, phases=phases)
    assert code(judge_content(TERMINATION, said, None)) == expected


@pytest.mark.parametrize(("members", "refused"), [(0, True), (2, True), (3, False), (4, True), (5, False)])
def test_a_panel_is_large_enough_and_odd(members: int, refused: bool) -> None:
    said = asked(panel=members, until=DUE)
    verdict = judge_content(HUKOU.requests["evaluation"], said, None)
    assert code(verdict) == ("request_panel_small" if refused else None)


@pytest.mark.parametrize("until", [NOW, NOW - MS])
def test_an_order_is_to_be_answered_by_a_date_to_come(until: datetime) -> None:
    said = asked(grounds=["poor_quality"], until=until)
    assert code(judge_content(UXIN.requests["supervision"], said, None)) == "request_until_past"


@pytest.mark.parametrize(("text", "refused"), [("0477-5296118", False), ("13800001111", False), ("打总机", True)])
def test_a_phone_number_is_one(text: str, refused: bool) -> None:
    phone = ReplyField("phone", "联系电话", "phone", True, cite="一")
    verdict = judge_content(replace(RETURN, fields=(phone,)), asked(fields={"phone": text}), None)
    assert code(verdict) == ("request_field_phone" if refused else None)
