"""What may happen to a reply, and what binds a signature to its content. Pure."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from app.evidence.lifecycle import has_original
from app.policies.policy import Option, ReplyRules
from app.problems import ALLOWED, Refused, Verdict, sentence
from app.replies.gate import BLOCK, WARN, Finding

SIGNING: Final = "signing"
REVIEWING: Final = "reviewing"
DECLINED: Final = "declined"
SENT_BACK: Final = "sent_back"
ACCEPTED: Final = "accepted"
"""States of one version of a reply: waits for the unit's signatures, for the station, or how it ended."""


EXTRA: Final = ("fields", "finish", "commitment", "basis", "statement", "answers")
"""What a reply may say beyond parts, opinion and evidence, where a profile or a send-back asks for it."""

NOTHING_MORE: Final[dict[str, Any]] = {
    "fields": {},
    "finish": None,
    "commitment": None,
    "basis": "",
    "statement": "",
    "answers": [],
}
"""`EXTRA` of a reply that says nothing of it, as the wire shows it."""


def extra_of(args: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is said of `EXTRA`; what is not said has no key, so that it does not change the hash either."""
    return {key: args[key] for key in EXTRA if args.get(key)}


def content_hash(
    parts: Mapping[str, str],
    opinion: str,
    evidence: Iterable[tuple[str, str]],
    extra: Mapping[str, Any] | None = None,
) -> str:
    """Return the SHA-256 that a signature binds to: texts, opinion, id and hash of every piece of evidence, `extra`.

    Canonical JSON (sorted keys, no spaces, UTF-8); the order in which evidence was attached does not matter. The
    originals are pinned through their hashes, so a reply can be signed while they are still on their way (A3).
    """
    content: dict[str, Any] = {
        "parts": dict(parts),
        "opinion": opinion,
        "evidence": sorted([i, sha256] for i, sha256 in evidence),
        **(extra or {}),
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def proof_of(attached: Iterable[Mapping[str, Any]]) -> tuple[int, int, int]:
    """Return how many photos from before, photos from after and call recordings are attached.

    Only what is attached to this reply counts as its proof (五(二), U4.5).
    """
    items = list(attached)
    phases = [item["phase"] for item in items if item["kind"] == "photo"]
    calls = sum(item["kind"] == "audio" and item["phase"] == "call" for item in items)
    return phases.count("before"), phases.count("after"), calls


def judge_parts(rules: ReplyRules, parts: Mapping[str, str], fields: Mapping[str, str] | None = None) -> Verdict:
    """Return whether every part and field is one the profile asks for: text nobody would show must not be taken."""
    unknown = sorted(set(parts) - {part.key for part in rules.parts})
    unknown += sorted(set(fields or {}) - {item.key for item in rules.fields})
    return Refused("reply_part_unknown", {"parts": "、".join(unknown)}) if unknown else ALLOWED


def judge_attached(evidence_ids: Collection[str], usable: Collection[str]) -> Verdict:
    """Return whether all evidence is declared on this ticket and neither withdrawn nor rejected."""
    missing = [i for i in evidence_ids if i not in usable]
    return Refused("reply_evidence_unknown", {"count": len(missing), "evidence_ids": missing}) if missing else ALLOWED


def judge_findings(rules: ReplyRules, findings: Iterable[Finding], acknowledged: Collection[str]) -> Verdict:
    """Return whether a reply with these findings may be submitted: blocks never, warnings once acknowledged."""
    blocking = [f for f in findings if f.severity == BLOCK]
    if blocking:
        return Refused("reply_incomplete", _told(rules, blocking))
    unseen = [f for f in findings if f.severity == WARN and f.code not in acknowledged]
    return Refused("reply_unacknowledged", _told(rules, unseen)) if unseen else ALLOWED


def _told(rules: ReplyRules, findings: list[Finding]) -> dict[str, Any]:
    labels = {part.key: part.label for part in rules.parts} | {item.key: item.label for item in rules.fields}
    told = [
        {**dataclasses.asdict(f), "message": sentence(f.code, {**f.facts, "label": labels.get(f.part or "", "")})}
        for f in findings
    ]
    return {"count": len(told), "first": told[0]["message"], "findings": told}


def judge_own(submitted_by: str, *persons: str | None) -> Verdict:
    """Return whether somebody may judge this reply: nobody approves their own, neither as self nor through a deputy.

    `persons` are who acts and, for a deputy, in whose stead.
    """
    return Refused("reply_own") if submitted_by in persons else ALLOWED


def judge_arrived(evidence_ids: Iterable[str], usable: Mapping[str, Mapping[str, Any]]) -> Verdict:
    """Return whether the proof a reply refers to lies here, whole, so that the station may accept it (A3).

    Still on its way: the station waits. Rejected on arrival (damaged, other bytes than declared): no waiting helps,
    the reply has to be sent back.
    """
    ids = list(evidence_ids)
    lost = [i for i in ids if i not in usable]
    if lost:
        return Refused("evidence_lost", {"count": len(lost), "evidence_ids": lost})
    waiting = [i for i in ids if not has_original(usable[i]["state"])]
    return Refused("evidence_in_flight", {"count": len(waiting), "evidence_ids": waiting}) if waiting else ALLOWED


def judge_checklist(checklist: Sequence[Option], ticked: Collection[str]) -> Verdict:
    """Return whether every item of the station's checklist has been ticked (K3.9, X3.5)."""
    missing = [item for item in checklist if item.key not in ticked]
    if not missing:
        return ALLOWED
    items = "；".join(item.label for item in missing)
    return Refused("review_unchecked", {"count": len(missing), "items": items, "keys": [i.key for i in missing]})


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a version changed since the one before, by key; both are replies as the wire shows them.

    The texts themselves stand on both versions; repeating them here would double what is sent to every phone.
    """
    old, new = before["evidence_ids"], after["evidence_ids"]
    return {
        "since": before["number"],
        "parts": _differing(before["parts"], after["parts"]),
        "fields": _differing(before["fields"], after["fields"]),
        "others": [key for key in _SINGLE if before[key] != after[key]],
        "evidence_added": [i for i in new if i not in old],
        "evidence_removed": [i for i in old if i not in new],
    }


_SINGLE: Final = ("opinion", "finish", "commitment", "basis", "statement")


def _differing(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    return [key for key in dict.fromkeys([*before, *after]) if before.get(key) != after.get(key)]
