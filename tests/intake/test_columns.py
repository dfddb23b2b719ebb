"""Headers as platforms write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake.exports import HEADER

from app.intake import columns

MEANT = ["number", "title", "content", "caller_name", "caller_phone", "caller_address", "kind", "source", "priority",
         "received_at", "feedback_by"]  # fmt: skip


def test_the_usual_header_is_understood_whole() -> None:
    assert columns.propose(HEADER) == {key: index for index, key in enumerate(MEANT)}


@given(st.permutations(HEADER))
def test_in_any_order(header: list[str]) -> None:
    found = columns.propose(header)
    assert {header[index]: key for key, index in found.items()} == dict(zip(HEADER, MEANT, strict=True))


@pytest.mark.parametrize(
    "written", ["*联系电话", "联系电话（必填）", " 联 系 电 话 ", "联系电话：", "联系电话(来电人)", "联系\n电话"]
)
def test_ornaments_of_a_name_do_not_matter(written: str) -> None:
    assert columns.propose([written]) == {"caller_phone": 0}


def test_the_more_usual_name_wins_and_the_first_of_equals() -> None:
    assert columns.propose(["电话", "联系电话", "编号", "工单编号", "工单编号"]) == {"caller_phone": 1, "number": 3}


def test_no_two_fields_claim_one_name() -> None:
    names = [name for field in columns.FIELDS for name in field.names]
    assert len(names) == len(set(names))
    assert all(columns.name_of(name) == name for name in names)


def test_the_header_is_found_below_titles_and_not_in_the_data() -> None:
    lines = [
        (1, ["十一月工单导出表"]),
        (3, ["制表：某某", "", "2026-11-20"]),
        (4, HEADER),
        (5, ["DL1", "标题", "内容"]),
    ]
    assert columns.find_header(lines, {}) == 4


def test_a_line_that_merely_has_two_such_words_is_no_header() -> None:
    assert columns.find_header([(1, ["标题", "内容"]), (2, ["甲", "乙"])], {}) is None
    assert columns.find_header([], {}) is None


def test_a_header_seen_before_is_found_whatever_its_names_are() -> None:
    strange = ["甲列", "乙列"]
    lines = [(1, HEADER), (2, strange)]
    assert columns.find_header(lines, {columns.signature(strange): object()}) == 2
    assert columns.signature(["甲 列", "乙列*"]) == columns.signature(strange)
