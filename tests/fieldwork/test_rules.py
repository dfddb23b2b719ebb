"""Field work: attempts, plausible times, grounds for not visiting, progress with substance."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.fieldwork.rules import (
    TOLERANCE,
    FieldFacts,
    failed_attempts,
    judge_exception,
    judge_lateness,
    judge_mode,
    judge_plan,
    judge_progress,
    judge_promise,
    judge_settling,
    judge_times,
    judge_told,
)
from app.policies.parse import parse_profile
from app.policies.publish import PROFILES
from app.problems import ALLOWED, Refused

DALAD, HEDONG, UXIN, HUKOU = (
    parse_profile((PROFILES / f"{name}.toml").read_text(encoding="utf-8"), f"{name}.toml")
    for name in ("dalad", "hedong", "uxin", "hukou")
)
NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
MS = timedelta(milliseconds=1)
SUBSTANCE = "已联系供热公司现场排查，确认二楼主管道堵塞，预计后天上午更换完毕。"


def code(verdict: object) -> str | None:
    return verdict.code if isinstance(verdict, Refused) else None


def minutes(number: int) -> datetime:
    return NOW + timedelta(minutes=number)


def test_attempts_count_failed_calls_since_the_caller_was_last_reached() -> None:
    calls = [(minutes(0), "no_answer"), (minutes(1), "reached"), (minutes(2), "refused"), (minutes(3), "wrong_number")]
    assert failed_attempts(calls) == 2
    assert failed_attempts([*calls, (minutes(4), "no_answer")]) == 3
    assert failed_attempts([*calls, (minutes(4), "reached")]) == 0
    assert failed_attempts([]) == 0


def test_calls_recorded_out_of_order_are_counted_in_the_order_they_were_made() -> None:
    assert failed_attempts([(minutes(9), "no_answer"), (minutes(5), "reached"), (minutes(1), "no_answer")]) == 1


def test_a_doubled_tap_is_one_attempt() -> None:
    assert failed_attempts([(NOW, "no_answer"), (NOW, "no_answer")]) == 1


@pytest.mark.parametrize(
    ("start", "end", "refused"),
    [
        (NOW, None, False),
        (NOW + TOLERANCE, None, False),
        (NOW + TOLERANCE + MS, None, True),
        (NOW, NOW + TOLERANCE, False),
        (NOW, NOW + TOLERANCE + MS, True),
        (NOW, NOW, False),
        (NOW, NOW - MS, True),
        (NOW - timedelta(days=2) - TOLERANCE, None, False),
        (NOW - timedelta(days=2) - TOLERANCE - MS, None, True),
        (NOW + timedelta(days=400), None, True),
        (NOW - timedelta(days=400), None, True),
    ],
)
def test_times_lie_between_the_request_and_now(start: datetime, end: datetime | None, refused: bool) -> None:
    verdict = judge_times("上门时间", start, end, NOW - timedelta(days=2), "诉求受理时间", NOW)
    assert code(verdict) == ("not_valid_time" if refused else None)


def test_only_the_profiles_modes_exist() -> None:
    assert [judge_mode(DALAD.visit, mode) for mode in ("solve", "persuade", "discuss")] == [ALLOWED] * 3
    assert code(judge_mode(DALAD.visit, "wave")) == "visit_mode_unknown"


@pytest.mark.parametrize(
    ("ground", "attempts", "anonymous", "expected"),
    [
        ("declined", 0, False, None),
        ("anonymous", 0, True, None),
        ("anonymous", 0, False, "visit_not_anonymous"),
        ("unreachable", 3, False, None),
        ("unreachable", 2, False, "visit_attempts_missing"),
        ("bored", 9, True, "visit_ground_unknown"),
    ],
)
def test_grounds_for_not_visiting(ground: str, attempts: int, anonymous: bool, expected: str | None) -> None:
    assert code(judge_exception(DALAD.visit, ground, FieldFacts(attempts=attempts), anonymous)) == expected


@pytest.mark.parametrize("text", ["正在办理中", "正在办理中。", "目前正在办理中！", "已办理", "已答复", "协调处理中"])
def test_progress_without_substance_is_refused(text: str) -> None:
    verdict = judge_progress(DALAD.progress, text, True, FieldFacts(conversations=1), 0, False)
    assert code(verdict) == "progress_empty"


def test_progress_has_a_least_and_a_greatest_length() -> None:
    facts = FieldFacts(conversations=1)
    bounds = DALAD.progress.length
    least = "水管漏点位于二楼转角处明天上午八点换新管道"[: bounds.min]
    assert len(least) == bounds.min
    assert judge_progress(DALAD.progress, least, True, facts, 0, False) == ALLOWED
    assert code(judge_progress(DALAD.progress, least[:-1] + "。" * 9, True, facts, 0, False)) == "progress_too_short"
    assert judge_progress(DALAD.progress, "水" * bounds.max, True, facts, 0, False) == ALLOWED
    assert code(judge_progress(DALAD.progress, "水" * (bounds.max + 1), True, facts, 0, False)) == "progress_too_long"


@pytest.mark.parametrize(
    ("told", "conversations", "before", "expected"),
    [
        (True, 1, 0, None),
        (False, 1, 0, "progress_caller_not_told"),
        (True, 0, 0, "progress_contact_missing"),
        (True, 2, 2, "progress_contact_missing"),
        (True, 3, 2, None),
    ],
)
def test_the_caller_hears_of_each_progress_first(
    told: bool, conversations: int, before: int, expected: str | None
) -> None:
    verdict = judge_progress(DALAD.progress, SUBSTANCE, told, FieldFacts(conversations=conversations), before, False)
    assert code(verdict) == expected


def test_a_caller_out_of_reach_cannot_be_told() -> None:
    unreachable = FieldFacts(exceptions=frozenset({"unreachable"}))
    assert judge_progress(DALAD.progress, SUBSTANCE, False, unreachable, 0, False) == ALLOWED
    assert judge_progress(DALAD.progress, SUBSTANCE, False, FieldFacts(), 0, True) == ALLOWED
    declined = FieldFacts(exceptions=frozenset({"declined"}))
    assert code(judge_progress(DALAD.progress, SUBSTANCE, False, declined, 0, False)) == "progress_caller_not_told"


def test_an_overdue_report_says_why_where_the_profile_asks() -> None:
    assert judge_lateness(DALAD.progress, "", "反馈时限", "11-20 09:00") == ALLOWED
    assert UXIN.progress.late_reason is not None
    least = "鉴定机构排期较长非本部门所能控制"[: UXIN.progress.late_reason.min]
    assert judge_lateness(UXIN.progress, least, "反馈时限", "11-20 09:00") == ALLOWED
    verdict = judge_lateness(UXIN.progress, least[:-1] + "！！", "反馈时限", "11-20 09:00")
    assert isinstance(verdict, Refused)
    assert (verdict.code, verdict.facts["due"]) == ("progress_reason_missing", "11-20 09:00")


@pytest.mark.parametrize(
    ("due_at", "done", "expected"),
    [
        (NOW + MS, False, None),
        (NOW, False, "plan_dates_missing"),
        (NOW + MS, True, "plan_dates_missing"),
    ],
)
def test_a_plan_has_a_step_still_to_come(due_at: datetime, done: bool, expected: str | None) -> None:
    steps = [{"text": "检测", "due_at": NOW - timedelta(days=1), "done": True}]
    steps.append({"text": "加固", "due_at": due_at, "done": done})
    assert code(judge_plan(HUKOU.plan, HUKOU.progress.empty, SUBSTANCE, steps, NOW)) == expected
    assert code(judge_plan(None, HUKOU.progress.empty, SUBSTANCE, steps, NOW)) == "plan_unknown"
    assert code(judge_plan(HUKOU.plan, HUKOU.progress.empty, "正在办理中", steps, NOW)) == "progress_empty"


def test_a_promise_has_a_date_within_bounds_and_says_what() -> None:
    assert HEDONG.commitments is not None
    days = HEDONG.commitments.longest_days or 366
    words = "春节前完成主管网更换并恢复供水"
    assert judge_promise(HEDONG.commitments, words, NOW + timedelta(days=days), NOW) == ALLOWED
    assert code(judge_promise(HEDONG.commitments, words, NOW + timedelta(days=days) + MS, NOW)) == (
        "commitment_date_wrong"
    )
    assert code(judge_promise(HEDONG.commitments, words, NOW, NOW)) == "commitment_date_wrong"
    assert code(judge_promise(HEDONG.commitments, "尽快", NOW + MS, NOW)) == "commitment_text_short"


def test_the_caller_hears_of_a_promise_unless_out_of_reach() -> None:
    assert code(judge_told(HEDONG.commitments, FieldFacts(), False)) == "commitment_caller_not_told"
    assert judge_told(HEDONG.commitments, FieldFacts(conversations=1), False) == ALLOWED
    assert judge_told(HEDONG.commitments, FieldFacts(exceptions=frozenset({"unreachable"})), False) == ALLOWED
    assert judge_told(HEDONG.commitments, FieldFacts(), True) == ALLOWED
    assert judge_told(None, FieldFacts(), False) == ALLOWED


def test_a_promise_not_kept_has_its_next_date_and_a_kept_one_none() -> None:
    assert judge_settling("kept", False) == ALLOWED and judge_settling("replaced", True) == ALLOWED
    assert code(judge_settling("replaced", False)) == code(judge_settling("kept", True)) == "commitment_date_missing"
