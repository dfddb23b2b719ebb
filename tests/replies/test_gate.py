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
from app.policies.policy import ContactDuty, FaceToFace, Finish, RecordingDuty, ReplyField, ReplyRules
from app.policies.publish import PROFILES
from app.policies.wire import reply_for_phone
from app.problems import CATALOGUE
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


def _full(rules: ReplyRules) -> ReplyRules:
    """A profile that asks for everything that any notice asks for, of a reply with one part."""
    return dataclasses.replace(
        rules,
        parts=rules.parts[3:],
        empty=dataclasses.replace(rules.empty, phrases=("已办理", "依据有关规定"), fillers=("工作人员", "的", "已经")),
        photos=dataclasses.replace(rules.photos, or_recording=True),
        visit=dataclasses.replace(rules.visit, required=False),
        snippets=(),
        fields=(
            ReplyField("responder", "答复人", "person", True, cite="二(二)"),
            ReplyField("responder_phone", "答复电话", "phone", True, cite="二(二)"),
            ReplyField("remark", "备注", "text", False, cite="二(二)"),
        ),
        finishes=(
            Finish("solved", "已解决", (), (), cite="三(二)"),
            Finish("later", "承诺办理", ("satisfied", "dissatisfied"), ("commitment",), cite="二(一)"),
            Finish("unsolvable", "无法办理", ("dissatisfied",), ("basis",), cite="二(二)"),
            Finish("final", "三级结案终审", ("dissatisfied",), ("statement",), ("chief",), cite="三(二)"),
        ),
        contacts=ContactDuty(True, True, "block", cite="二(一)"),
        face_to_face=FaceToFace(("province",), ("urgent",), 2, "block", cite="二(一)"),
        recording=RecordingDuty("warn", cite="四(四)"),
    )


def _some_opinions(rules: ReplyRules) -> ReplyRules:
    """Ways to finish are asked for only where the caller is dissatisfied."""
    return dataclasses.replace(_no_visit(rules), finishes=_full(rules).finishes[2:])


RULES = {
    "dalad": DALAD,
    "lenient": _lenient(DALAD),
    "no_visit": _no_visit(DALAD),
    "full": _full(DALAD),
    "some_opinions": _some_opinions(DALAD),
}


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
        "field_missing",
        "field_wrong",
        "finish_missing",
        "finish_unfit",
        "commitment_missing",
        "commitment_past",
        "basis_missing",
        "statement_missing",
        "first_contact_missing",
        "second_contact_missing",
        "face_to_face_missing",
        "recording_missing",
        "reason_unanswered",
    }
    assert all(code in CATALOGUE for code in codes)


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
