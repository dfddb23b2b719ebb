"""The reply gate: shared vectors, wording that says nothing, and real answers that say something."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.policies.parse import parse_profile
from app.policies.policy import ReplyRules
from app.policies.publish import PROFILES
from app.policies.wire import reply_for_phone
from app.replies.gate import ReplyFacts, check, empty_phrase, normalise

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "reply_gate.json").read_text("utf-8"))
DALAD = parse_profile((PROFILES / "dalad.toml").read_text("utf-8"), "dalad.toml").reply


def _lenient(rules: ReplyRules) -> ReplyRules:
    """A profile that asks less: an optional part, photos and visit only as a warning."""
    verified, _, _, result = rules.parts
    short = dataclasses.replace(verified.length, min=4, max=12)
    return dataclasses.replace(
        rules,
        parts=(dataclasses.replace(verified, required=False, length=short), result),
        photos=dataclasses.replace(rules.photos, before=0, after=2, severity="warn"),
        visit=dataclasses.replace(rules.visit, severity="warn"),
    )


def _no_visit(rules: ReplyRules) -> ReplyRules:
    return dataclasses.replace(
        rules,
        parts=rules.parts[3:],
        photos=dataclasses.replace(rules.photos, before=0, after=0),
        visit=dataclasses.replace(rules.visit, required=False),
    )


RULES = {"dalad": DALAD, "lenient": _lenient(DALAD), "no_visit": _no_visit(DALAD)}


@pytest.mark.parametrize("name", RULES)
def test_vectors_carry_the_present_profile(name: str) -> None:
    """The phone's tests read the policies inside the file, so they must be what the server serves."""
    assert VECTORS["policies"][name] == reply_for_phone(RULES[name])


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_vector(case: dict[str, Any]) -> None:
    findings = check(RULES[case["policy"]], ReplyFacts(**case["reply"]))
    assert [dataclasses.asdict(f) for f in findings] == case["findings"]


def test_vectors_are_many_and_named_once() -> None:
    names = [case["name"] for case in VECTORS["cases"]]
    assert len(names) >= 40
    assert len(set(names)) == len(names)
    codes = {f["code"] for case in VECTORS["cases"] for f in case["findings"]}
    assert codes == {
        "part_missing",
        "part_too_short",
        "part_too_long",
        "part_empty_phrase",
        "opinion_missing",
        "photo_before_missing",
        "photo_after_missing",
        "visit_missing",
    }


WORDS = st.sampled_from([*DALAD.empty.phrases, *DALAD.empty.fillers])
NOISE = st.text(alphabet="，。！？… 　\n\t（）《》·—👍✔️\u200b", max_size=3)


@given(st.lists(st.tuples(WORDS, NOISE), min_size=1, max_size=12))
def test_any_string_of_empty_words_is_empty(pieces: list[tuple[str, str]]) -> None:
    text = "".join(word + noise for word, noise in pieces)
    assert empty_phrase(text, DALAD.empty) is not None


@given(st.lists(WORDS, max_size=8), st.lists(WORDS, max_size=8))
def test_one_word_of_substance_is_enough_not_to_be_empty(before: list[str], after: list[str]) -> None:
    assert empty_phrase("".join([*before, "更换阀门", *after]), DALAD.empty) is None


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(st.dictionaries(st.sampled_from(["verified", "findings", "process", "result"]), st.text(max_size=400)))
def test_never_more_than_one_finding_a_part(parts: dict[str, str]) -> None:
    findings = check(DALAD, ReplyFacts(parts, "satisfied", 1, 1, 1))
    assert len({f.part for f in findings}) == len(findings)


def test_a_long_text_is_judged_quickly_and_not_cut() -> None:
    text = "已办理" * 20_000
    assert empty_phrase(text, DALAD.empty) == "已办理"
    assert empty_phrase(text + "更换阀门", DALAD.empty) is None
