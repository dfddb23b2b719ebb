"""What may happen to a reply, and what binds a signature to its content. Pure."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from app.evidence.lifecycle import has_original
from app.policies.policy import ReplyRules
from app.problems import ALLOWED, Refused, Verdict, sentence
from app.replies.gate import BLOCK, WARN, Finding, ReplyFacts

SIGNING: Final = "signing"
REVIEWING: Final = "reviewing"
DECLINED: Final = "declined"
SENT_BACK: Final = "sent_back"
ACCEPTED: Final = "accepted"
"""States of one version of a reply: waits for the unit's signatures, for the station, or how it ended."""


def content_hash(parts: Mapping[str, str], opinion: str, evidence: Iterable[tuple[str, str]]) -> str:
    """Return the SHA-256 that a signature binds to: texts, opinion, and id and hash of every piece of evidence.

    Canonical JSON (sorted keys, no spaces, UTF-8); the order in which evidence was attached does not matter. The
    originals are pinned through their hashes, so a reply can be signed while they are still on their way (A3).
    """
    content = {"parts": dict(parts), "opinion": opinion, "evidence": sorted([i, sha256] for i, sha256 in evidence)}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def gate_facts(
    parts: Mapping[str, str],
    opinion: str | None,
    attached: Iterable[Mapping[str, Any]],
    visits: int,
    visit_exceptions: int,
) -> ReplyFacts:
    """Return what the gate looks at; only photos attached to this reply count as its photos (五(二))."""
    phases = [item["phase"] for item in attached if item["kind"] == "photo"]
    return ReplyFacts(parts, opinion, phases.count("before"), phases.count("after"), visits, visit_exceptions)


def judge_parts(rules: ReplyRules, parts: Mapping[str, str]) -> Verdict:
    """Return whether every part is one that the profile asks for: text nobody would show must not be taken."""
    unknown = sorted(set(parts) - {part.key for part in rules.parts})
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
    labels = {part.key: part.label for part in rules.parts}
    told = [
        {**dataclasses.asdict(f), "message": sentence(f.code, {**f.facts, "label": labels.get(f.part or "", "")})}
        for f in findings
    ]
    return {"count": len(told), "first": told[0]["message"], "findings": told}


def next_signer(signers: Iterable[str], signed: Collection[str]) -> str | None:
    """Return the role in the unit whose signature comes next, None when all have signed."""
    return next((role for role in signers if role not in signed), None)


def judge_own(submitted_by: str, person_id: str) -> Verdict:
    """Return whether the person may judge this reply: nobody approves their own, whatever roles they hold."""
    return Refused("reply_own") if submitted_by == person_id else ALLOWED


def judge_signature(expected: str | None, role: str, seen_hash: str, present_hash: str) -> Verdict:
    """Return whether `role` may sign now, and whether what was seen is what lies here."""
    if seen_hash != present_hash:
        return Refused("reply_changed")
    return ALLOWED if role == expected else Refused("reply_not_your_turn")


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
