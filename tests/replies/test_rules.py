"""The content hash, what a version changed, and the station's checklist: pure."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.policies.policy import Option
from app.problems import ALLOWED, Refused
from app.replies.rules import EXTRA, NOTHING_MORE, changes, content_hash, extra_of, judge_checklist

TEXTS = st.dictionaries(st.text(max_size=8), st.text(max_size=20), max_size=4)
EVIDENCE = st.lists(st.tuples(st.uuids().map(str), st.binary(min_size=32, max_size=32).map(bytes.hex)), max_size=4)


def test_the_hash_is_that_of_canonical_json() -> None:
    text = '{"evidence":[["a","1"],["b","2"]],"opinion":"satisfied","parts":{"result":"修好","verified":"属实"}}'
    parts = {"verified": "属实", "result": "修好"}
    expected = hashlib.sha256(text.encode()).hexdigest()
    assert content_hash(parts, "satisfied", [("b", "2"), ("a", "1")]) == expected


@given(TEXTS, EVIDENCE, st.randoms())
def test_order_does_not_matter(parts: dict[str, str], evidence: list[tuple[str, str]], random: st.Random) -> None:
    shuffled, names = list(evidence), list(parts)
    random.shuffle(shuffled)
    random.shuffle(names)
    again = content_hash({name: parts[name] for name in names}, "satisfied", shuffled)
    assert again == content_hash(parts, "satisfied", evidence)


@given(TEXTS, EVIDENCE, st.text(min_size=1, max_size=5))
def test_any_change_changes_it(parts: dict[str, str], evidence: list[tuple[str, str]], more: str) -> None:
    before = content_hash(parts, "satisfied", evidence)
    assert content_hash(parts | {"新": parts.get("新", "") + more}, "satisfied", evidence) != before
    assert content_hash(parts, "dissatisfied", evidence) != before
    assert content_hash(parts, "satisfied", [*evidence, ("x", more)]) != before


def test_what_is_not_said_does_not_change_the_hash() -> None:
    """Replies of before keep the hash their signatures are bound to."""
    plain = content_hash({"result": "修好"}, "satisfied", [])
    nothing = extra_of({"fields": {}, "finish": None, "commitment": None, "basis": "", "statement": "", "answers": []})
    assert nothing == {}
    assert content_hash({"result": "修好"}, "satisfied", [], nothing) == plain


@pytest.mark.parametrize(
    "more",
    [
        {"fields": {"responder": "张三"}},
        {"finish": "unsolvable"},
        {"commitment": {"text": "修好", "due_on": "2026-12-01"}},
        {"basis": "依据"},
        {"statement": "说明"},
        {"answers": [{"reason": "太短", "text": "已补充"}]},
    ],
)
def test_all_that_is_said_is_signed(more: dict[str, Any]) -> None:
    assert set(more) <= set(EXTRA)
    assert content_hash({}, "satisfied", [], extra_of(more)) != content_hash({}, "satisfied", [])


def test_changes_name_what_differs() -> None:
    def version(number: int, **over: Any) -> dict[str, Any]:
        said = {"number": number, "parts": {"a": "1", "b": "2"}, "opinion": "satisfied", "evidence_ids": ["x", "y"]}
        return said | NOTHING_MORE | over

    assert changes(version(1), version(2)) == {
        "since": 1, "parts": [], "fields": [], "others": [], "evidence_added": [], "evidence_removed": []
    }  # fmt: skip
    after = version(
        3, parts={"a": "1", "b": "3", "c": "4"}, opinion="dissatisfied", basis="依据", fields={"phone": "1"},
        evidence_ids=["y", "z"],
    )  # fmt: skip
    assert changes(version(2), after) == {
        "since": 2, "parts": ["b", "c"], "fields": ["phone"], "others": ["opinion", "basis"],
        "evidence_added": ["z"], "evidence_removed": ["x"],
    }  # fmt: skip


CHECKS = (Option("whole", "内容完整", cite="9"), Option("format", "格式规范", cite="9"))


def test_every_item_of_the_checklist_is_ticked() -> None:
    assert judge_checklist(CHECKS, ["format", "whole"]) == ALLOWED
    assert judge_checklist((), []) == ALLOWED
    refused = judge_checklist(CHECKS, ["whole"])
    assert isinstance(refused, Refused) and refused.code == "review_unchecked"
    assert (refused.facts["items"], refused.facts["keys"]) == ("格式规范", ["format"])
