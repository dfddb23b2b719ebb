"""Whether a reply says enough to be submitted (D2.3, D5.1, D5.2, H2.1a, H2.1b, H2.1d, H2.2c, U3.2, U4.4). Pure.

The phone runs the same check before sending; tests/vectors/reply_gate.json holds both to the same answers, so a
change here is a change there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from app.policies.phrases import empty_phrase, normalise
from app.policies.policy import Phrases, ReplyField, ReplyPart, ReplyRules

BLOCK: Final = "block"
WARN: Final = "warn"
LEAST_SAID: Final = 10
"""Characters that a policy basis or a statement of the case needs at least; 依据有关规定 alone says nothing."""
LEAST_ANSWER: Final = 4
"""Characters that the answer to one reason of a send-back needs at least."""
_PHONE: Final = re.compile(r"(?:1[3-9]\d{9}|(?:0\d{2,3}-?)?\d{7,8}(?:-\d{1,6})?)\Z")


@dataclass(frozen=True, slots=True)
class ReplyFacts:
    """What the gate looks at: what the reply says, counts of proof and of contacts, and what the ticket asks for.

    `first_contacts` and `second_contacts` are conversations with the caller of that purpose, `met_caller` visits with
    the caller in person, `calls` conversations by phone, `recordings` call recordings attached. `out_of_reach`: the
    caller is anonymous or on record as unreachable. `reasons` are those of the last send-back, `today` the local date.
    """

    parts: Mapping[str, str]
    opinion: str | None
    photos_before: int = 0
    photos_after: int = 0
    visits: int = 0
    visit_exceptions: int = 0
    fields: Mapping[str, str] = field(default_factory=dict)
    finish: str | None = None
    commitment: Mapping[str, str] | None = None
    basis: str = ""
    statement: str = ""
    answers: Sequence[Mapping[str, str]] = ()
    first_contacts: int = 0
    second_contacts: int = 0
    met_caller: int = 0
    calls: int = 0
    recordings: int = 0
    anonymous: bool = False
    out_of_reach: bool = False
    source: str = ""
    priority: str = ""
    redo_count: int = 0
    reasons: Sequence[str] = ()
    today: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is missing; `block` refuses the reply, `warn` asks to acknowledge it."""

    code: str
    severity: str = BLOCK
    part: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)


def check(rules: ReplyRules, facts: ReplyFacts) -> list[Finding]:
    """Return what the reply lacks, in the order of the form; an empty list when nothing does."""
    findings = [f for part in rules.parts if (f := _check_part(part, facts.parts.get(part.key, ""), rules.empty))]
    if facts.opinion not in {option.key for option in rules.opinion.options}:
        findings.append(Finding("opinion_missing"))
    findings += _proof(rules, facts)
    findings += [f for item in rules.fields if (f := _check_field(item, facts.fields.get(item.key, ""), rules.empty))]
    findings += _finish(rules, facts)
    findings += _duties(rules, facts)
    findings += _reasons(rules.empty, facts)
    return findings


def _check_part(part: ReplyPart, text: str, wording: Phrases) -> Finding | None:
    have = len(normalise(text))
    if have == 0:
        return Finding("part_missing", BLOCK, part.key) if part.required else None
    phrase = empty_phrase(text, wording)
    if phrase is not None:
        return Finding("part_empty_phrase", BLOCK, part.key, {"phrase": phrase})
    if have < part.length.min:
        return Finding("part_too_short", BLOCK, part.key, {"min": part.length.min, "have": have})
    # The most is about storage and the city platform's form, so it counts every character as typed.
    if len(text) > part.length.max:
        return Finding("part_too_long", BLOCK, part.key, {"max": part.length.max, "have": len(text)})
    return None


def _proof(rules: ReplyRules, facts: ReplyFacts) -> Iterator[Finding]:
    photos, visit = rules.photos, rules.visit
    excused = photos.or_recording and facts.recordings > 0
    for code, least, have in (
        ("photo_before_missing", photos.before, facts.photos_before),
        ("photo_after_missing", photos.after, facts.photos_after),
    ):
        if have < least and not excused:
            yield Finding(code, photos.severity, None, {"min": least, "have": have})
    if visit.required and facts.visits + facts.visit_exceptions == 0:
        yield Finding("visit_missing", visit.severity)


def _check_field(item: ReplyField, text: str, wording: Phrases) -> Finding | None:
    """答复人 is a person's name and 答复电话 a number: 工作人员 answers to nobody (H2.2c)."""
    if not normalise(text):
        return Finding("field_missing", BLOCK, item.key) if item.required else None
    wrong = (item.format == "phone" and not _PHONE.match(text.strip().replace(" ", ""))) or (
        item.format == "person" and (len(normalise(text)) < 2 or empty_phrase(text, wording) is not None)
    )
    return Finding("field_wrong", BLOCK, item.key) if wrong else None


def _finish(rules: ReplyRules, facts: ReplyFacts) -> Iterator[Finding]:
    """How the ticket is finished is asked where one of the profile's ways suits the caller's opinion (U3.2)."""
    suiting = [finish for finish in rules.finishes if not finish.opinions or facts.opinion in finish.opinions]
    finish = rules.finish(facts.finish)
    if finish is None:
        if suiting:
            yield Finding("finish_missing")
        return
    if finish not in suiting:
        yield Finding("finish_unfit", BLOCK, None, {"finish": finish.label})
    for need in finish.needs:
        if need == "commitment":
            yield from _commitment(rules.empty, facts)
        elif need == "basis" and not _says(facts.basis, rules.empty, LEAST_SAID):
            yield Finding("basis_missing", BLOCK, None, {"min": LEAST_SAID, "finish": finish.label})
        elif need == "statement" and not _says(facts.statement, rules.empty, LEAST_SAID):
            yield Finding("statement_missing", BLOCK, None, {"min": LEAST_SAID, "finish": finish.label})


def _commitment(wording: Phrases, facts: ReplyFacts) -> Iterator[Finding]:
    promise = facts.commitment or {}
    if not _says(promise.get("text", ""), wording, LEAST_ANSWER) or not promise.get("due_on"):
        yield Finding("commitment_missing")
    elif promise["due_on"] < facts.today:  # ISO dates sort as text
        yield Finding("commitment_past", BLOCK, None, {"due": promise["due_on"]})


def _says(text: str, wording: Phrases, least: int) -> bool:
    return len(normalise(text)) >= least and empty_phrase(text, wording) is None


def _duties(rules: ReplyRules, facts: ReplyFacts) -> Iterator[Finding]:
    contacts, face, recording = rules.contacts, rules.face_to_face, rules.recording
    if contacts is not None and not facts.out_of_reach:
        if contacts.first and facts.first_contacts == 0:
            yield Finding("first_contact_missing", contacts.severity)
        if contacts.second and facts.second_contacts == 0:
            yield Finding("second_contact_missing", contacts.severity)
    # Somebody who gave no name cannot be met; whoever cannot be reached by phone can still be called on (H2.1b).
    in_person = face is not None and face.applies(facts.source, facts.priority, facts.redo_count)
    if face is not None and in_person and not facts.anonymous and facts.met_caller == 0:
        yield Finding("face_to_face_missing", face.severity)
    if recording is not None and facts.visits == 0 and facts.calls > 0 and facts.recordings == 0:
        yield Finding("recording_missing", recording.severity)


def _reasons(wording: Phrases, facts: ReplyFacts) -> Iterator[Finding]:
    """Every reason of the send-back is answered, one by one; an answer belongs to the reason it repeats."""
    said = {item["reason"]: item["text"] for item in facts.answers}
    for reason in dict.fromkeys(facts.reasons):
        if not _says(said.get(reason, ""), wording, LEAST_ANSWER):
            yield Finding("reason_unanswered", BLOCK, None, {"reason": reason, "min": LEAST_ANSWER})
