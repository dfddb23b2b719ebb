"""Every detector, in one list; what they are called; what becomes of a finding that was there before. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import Any, Final

from app.oversight.findings import copies as c
from app.oversight.findings import media as m
from app.oversight.findings import places as p
from app.oversight.findings import times as t
from app.oversight.findings.facts import (
    HIGH,
    LOW,
    MEDIUM,
    SEVERITIES,
    SEVERITY_LABELS,
    Facts,
    Found,
)
from app.policies.believing import FindingRules

__all__ = [
    "DISMISSED", "HIGH", "LABELS", "LAPSED", "LOW", "MEDIUM", "OPEN", "SEVERITIES", "SEVERITY_LABELS", "STATES",
    "detect", "fingerprint", "key", "rules_id", "state_of",
]  # fmt: skip

VERSION: Final = 1
"""Grows whenever a detector judges otherwise: every ticket is then looked at again."""

LABELS: Final[Mapping[str, str]] = {
    c.SAME_FILE: "同一文件用于其他工单",
    c.LOOKALIKE: "与其他工单照片高度相似",
    c.BEFORE_AFTER: "办理前后是同一张",
    c.SOUND_REUSED: "录音内容与其他工单相同",
    t.OLD: "照片早于派单",
    t.EXIF_TIME: "照片自带时间不一致",
    t.EXIF_DEVICE: "拍摄机型不一致",
    t.LATE: "长时间未送达",
    t.CLOCK: "取证时间存疑",
    p.FAR_VISIT: "远离上门地点",
    p.FAR_ADDRESS: "远离诉求地点",
    p.FAR_OTHERS: "远离本单其他佐证",
    p.EXIF_PLACE: "照片自带位置不一致",
    p.DATUM: "坐标系未换算",
    p.FROZEN: "定位固定不变",
    p.JUMP: "移动速度不可能",
    m.EDITED: "经修图软件处理",
    m.RECAPTURE: "疑似翻拍屏幕",
    m.SILENT: "录音没有声音",
    m.LOOPED: "录音循环重复",
    m.DURATION: "录音时长不符",
    m.GALLERY: "相册导入·未验证",
    m.UNREADABLE: "文件无法使用",
}
_DETECTORS: Final[tuple[Callable[[Facts, FindingRules], Iterator[Found]], ...]] = (
    c.copies, t.times, p.places, m.media
)  # fmt: skip

OPEN: Final = "open"
DISMISSED: Final = "dismissed"
LAPSED: Final = "lapsed"
STATES: Final = (OPEN, DISMISSED, LAPSED)


def detect(facts: Facts, rules: FindingRules) -> list[Found]:
    """Return everything doubtful about the ticket's evidence, the worst first; once each."""
    found = {key(facts.ticket_id, f): f for detector in _DETECTORS for f in detector(facts, rules)}
    return sorted(found.values(), key=lambda f: (SEVERITIES.index(f.severity), f.kind, f.evidence_id))


def key(ticket_id: str, found: Found) -> str:
    """Return what makes a finding the same one when it is found again: kind, evidence, and what it compares with."""
    return f"{ticket_id}/{found.kind}/{found.evidence_id}/{found.other_evidence_id or ''}"


def fingerprint(found: Found) -> str:
    """Return a digest of what the finding rests on: while it stays, a dismissal stays."""
    content = [found.kind, found.severity, dict(found.facts)]
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def rules_id(rules: FindingRules) -> str:
    """Return the name of a set of rules: detectors' version and a digest of the bounds; another name, another look."""
    content: dict[str, Any] = asdict(rules)
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return f"{VERSION}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def state_of(dismissed: bool, lapsed: bool) -> str:
    """Return the state of a finding: one whose cause is gone has lapsed, whatever was said of it before."""
    return LAPSED if lapsed else DISMISSED if dismissed else OPEN
