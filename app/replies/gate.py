"""Whether a reply says enough to be submitted (D2.3, D5.1, D5.2). Pure.

The phone runs the same check before sending; tests/vectors/reply_gate.json holds both to the same answers, so a
change here is a change there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from app.policies.phrases import empty_phrase, normalise
from app.policies.policy import Phrases, ReplyPart, ReplyRules

BLOCK: Final = "block"
WARN: Final = "warn"


@dataclass(frozen=True, slots=True)
class ReplyFacts:
    """What the gate looks at: the text of each part, the caller's opinion and counts of proof."""

    parts: Mapping[str, str]
    opinion: str | None
    photos_before: int = 0
    photos_after: int = 0
    visits: int = 0
    visit_exceptions: int = 0


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
    photos, visit = rules.photos, rules.visit
    for code, least, have in (
        ("photo_before_missing", photos.before, facts.photos_before),
        ("photo_after_missing", photos.after, facts.photos_after),
    ):
        if have < least:
            findings.append(Finding(code, photos.severity, None, {"min": least, "have": have}))
    if visit.required and facts.visits + facts.visit_exceptions == 0:
        findings.append(Finding("visit_missing", visit.severity))
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
