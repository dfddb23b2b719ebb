"""The content hash and who may sign next: pure."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.problems import ALLOWED, Refused
from app.replies.rules import content_hash, judge_signature, next_signer

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


@pytest.mark.parametrize(
    ("chain", "signed", "expected"),
    [
        (("leader",), set(), "leader"),
        (("leader",), {"leader"}, None),
        (("reviewer", "leader", "chief"), {"reviewer"}, "leader"),
        (("reviewer", "leader", "chief"), {"reviewer", "leader", "chief"}, None),
    ],
)
def test_signatures_come_in_the_order_of_the_profile(
    chain: tuple[str, ...], signed: set[str], expected: str | None
) -> None:
    assert next_signer(chain, signed) == expected


def test_a_signature_binds_to_what_was_seen_and_waits_its_turn() -> None:
    assert judge_signature("leader", "leader", "h", "h") == ALLOWED
    assert judge_signature("leader", "leader", "other", "h") == Refused("reply_changed")
    assert judge_signature("reviewer", "leader", "h", "h") == Refused("reply_not_your_turn")
    assert judge_signature(None, "leader", "h", "h") == Refused("reply_not_your_turn")
