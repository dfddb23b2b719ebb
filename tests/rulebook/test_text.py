"""A profile as text: where its keys stand, whether it may be published, and what it says in plain Chinese."""

from __future__ import annotations

import pytest

from app.policies.parse import parse_profile
from app.policies.publish import PROFILES
from app.rulebook.checks import check
from app.rulebook.describe import describe
from app.rulebook.lines import line_of

START = "clocks[0].span.includes_start"
FILES = sorted(PROFILES.glob("*.toml"))
HUKOU = (PROFILES / "hukou.toml").read_text("utf-8")
NEXT = HUKOU.replace("version = 1", "version = 2", 1)


def line(text: str, wanted: str, nth: int = 0) -> int:
    """The line, from 1, of the `nth` line that begins so."""
    return [number for number, row in enumerate(text.splitlines(), 1) if row.startswith(wanted)][nth]


@pytest.mark.parametrize(
    ("key", "begins", "nth"),
    [
        ("version", "version", 0),
        ("station.name", 'name = "县12345热线中心"', 0),
        ("clocks[0]", "[[clocks]]", 0),
        ("clocks[3].label", 'label = "办结时限"', 0),
        ("clocks.feedback.met_when", 'met_when = "at_station"', 0),
        ("clocks[3].span.working_days", "span = { working_days = 8", 0),
        ("clocks[3].spans[1].kinds", 'kinds = ["help"]', 0),
        ("requests.extension", 'kind = "extension"', 0),
        ("requests[1].most", "most = 2", 0),
        ("requests[0].stages[1].label", 'label = "县热线中心研判审核"', 0),
        ("requests[2].materials.min", "min = 1", 0),
        ("reply.empty.fillers", "fillers", 0),
        ("reply.nothing", "[reply]", 0),
    ],
)
def test_a_key_is_found_where_it_is_written(key: str, begins: str, nth: int) -> None:
    found = line_of(HUKOU, key)
    rows = HUKOU.splitlines()
    if key.startswith("requests.extension"):
        assert found is not None and rows[found - 1] == "[[requests]]" and rows[found] == 'kind = "extension"'
        return
    assert found == line(HUKOU, begins, nth)


def test_the_next_version_of_the_same_place_may_be_published() -> None:
    policy, faults = check(NEXT, "hukou", 1)
    assert faults == []
    assert policy is not None and policy.id == "hukou@2"


@pytest.mark.parametrize(
    ("text", "key", "begins", "reason"),
    [
        (HUKOU, "version", "version", "新的一版应写 2"),
        (NEXT.replace('profile = "hukou"', 'profile = "uxin"'), "profile", "profile", "只能发布“hukou”"),
        (NEXT.replace("most = 2", "most = 0"), "requests[1].most", "most", "不能小于 1"),
        (NEXT.replace("most = 2", "mosst = 2"), "requests[1].mosst", "mosst", "不认识这一项"),
        (NEXT.replace('extends = "feedback"', 'extends = "x"'), "requests.extension", "[[requests]]", "没有名为“x”"),
        (NEXT.replace('states = ["handling"]', 'states = ["gone"]'), "requests.return.states", "states", "没有“gone”"),
        (NEXT.replace('to = ["station"]', 'to = ["nobody"]', 1), "reminders[0].to", "to", "没有“nobody”这个角色"),
        (NEXT.replace("{due}", "{when}", 1), "reminders[0].title", "title", "三个占位"),
        (NEXT.replace('closes = "17:30"', "closes = 17:30"), "", "closes", "值的后面有多余的内容（第"),
        (NEXT.replace('closes = "17:30"', 'closes = "17:30'), "", "closes", "引号没有成对"),
        (NEXT.replace('label = "签收时限"', f'label = "{"签" * 41}"'), "clocks.sign", "[[clocks]]", "太长"),
        (NEXT.replace("hours = 24", "hours = 24, includes_start = true", 1), START, "span", "当日"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_line_key_and_reason(text: str, key: str, begins: str, reason: str) -> None:
    policy, faults = check(text, "hukou", 1)
    assert policy is None
    assert faults[0].key == key
    assert reason in faults[0].reason
    assert faults[0].line is not None and text.splitlines()[faults[0].line - 1].startswith(begins)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_profile_says_what_applies_with_its_clause(file: object) -> None:
    policy = parse_profile(file.read_text("utf-8"), file.name)  # type: ignore[attr-defined]
    sections = describe(policy)
    items = [item for section in sections for item in section["items"]]
    assert {"依据", "时限", "回复", "审签、审核与回访", "可以提出的申请"} <= {section["title"] for section in sections}
    assert all(item["text"].strip() and "None" not in item["text"] and "{" not in item["text"] for item in items)
    assert all(item["cite"] for section in sections if section["title"] != "依据" for item in section["items"])
    said = "\n".join(item["text"] for item in items)
    assert all(clock.label in said for clock in policy.clocks.values())
    assert all(rule.label in said for rule in policy.requests.values())


def test_the_limits_of_hukou_read_like_the_plan() -> None:
    """K2.5."""
    sections = {section["title"]: section["items"] for section in describe(parse_profile(HUKOU, "hukou.toml"))}
    said = [item["text"] for item in sections["时限"]]
    assert "办结时限（咨询类）：2 个工作日（收到当日计为第 1 日）" in said
    assert "申请延期时限：在办结时限前 24 小时；过时不再受理" in said
    extension = next(item for item in sections["可以提出的申请"] if item["text"].startswith("申请延期"))
    assert extension == {
        "text": "申请延期，不晚于申请延期时限，最多 2 次：市热线中心批准；同意后延长时限",
        "cite": "二(二)5",
        "assumed": False,
    }
