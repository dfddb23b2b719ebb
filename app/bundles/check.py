"""Checking a bundle with nothing but the file: no database, no network, no trust in what it says of itself.

Reads hostile files: every size is bounded before it is read, the container has one form only (`archive`), and
whatever is not understood is a fault. Nothing is unpacked to the disk.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cryptography import x509

from app.bundles import manifest
from app.bundles.archive import ArchiveInvalid, Member, scan
from app.bundles.check_seals import check_seals
from app.journal.chain import GENESIS, Link, digest
from app.sealing.documents import canonical

SMALL_BYTES: Final = 64 * 1024 * 1024
"""A member that is read into memory (list, journal, proof …) may have this size; originals are only hashed."""
_READ: Final = (manifest.MANIFEST, manifest.SIGNATURE, manifest.JOURNAL, manifest.PROOF, manifest.ROOTS, manifest.CA)
_FIELDS: Final = {
    "kind", "v", "product", "bundle_id", "made_at", "made_by", "reason", "unmasked", "place", "ticket", "journal",
    "evidence", "files", "key",
}  # fmt: skip


@dataclass
class Report:
    """What was found: `wrong` makes the bundle invalid, `notes` limit what it proves, `good` is what holds."""

    wrong: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    good: list[str] = field(default_factory=list)
    number: str = ""


@dataclass(frozen=True)
class Trust:
    """What the checker brings along: authorities of time stamps, the deployment's key, roots kept elsewhere."""

    authorities: Sequence[x509.Certificate] | None = None
    key: str | None = None
    roots: Mapping[str, str] = field(default_factory=dict)


class Unsound(Exception):
    """A fault after which nothing further can be said; the text is for people."""


def check(path: Path, trust: Trust) -> Report:
    """Return what a bundle proves and what is wrong with it. Raises nothing about its contents."""
    report = Report()
    try:
        with path.open("rb") as file:
            members, texts = _unpacked(file)
        listed = _listed(texts, report)
        _compare_files(listed, members, report)
        hashes = _check_journal(listed, texts.get(manifest.JOURNAL, b""), report)
        check_seals(report, listed, texts, hashes, trust)
    except (ArchiveInvalid, Unsound) as error:
        report.wrong.append(str(error))
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError):
        # Signed lists are written by our own program: one of another shape was made by somebody else.
        report.wrong.append("清单或附件的写法不对：不是由本系统制作的")
    return report


def _unpacked(file: Any) -> tuple[list[Member], dict[str, bytes]]:
    kept: dict[str, list[bytes]] = {}

    def sink_for(name: str, size: int) -> Callable[[bytes], object] | None:
        if name not in _READ and not name.startswith("stamps/"):
            return None
        if size > SMALL_BYTES or sum(len(c) for chunks in kept.values() for c in chunks) + size > 2 * SMALL_BYTES:
            raise ArchiveInvalid(f"{name} 过大")
        return kept.setdefault(name, []).append

    members = scan(file, sink_for)
    return members, {name: b"".join(chunks) for name, chunks in kept.items()}


def _listed(texts: dict[str, bytes], report: Report) -> dict[str, Any]:
    """Return the list of files after its signature was found good."""
    if manifest.MANIFEST not in texts or manifest.SIGNATURE not in texts:
        raise Unsound("缺少清单 manifest.json 或其签名 manifest.sig")
    text = texts[manifest.MANIFEST]
    try:
        listed = json.loads(text)
    except (ValueError, RecursionError):
        raise Unsound("清单 manifest.json 读不出来：内容被改") from None
    if not isinstance(listed, dict) or set(listed) != _FIELDS or listed["kind"] != manifest.KIND:
        raise Unsound("清单 manifest.json 不是证据包的清单")
    if listed["v"] != manifest.VERSION:
        raise Unsound(f"清单的版本 {listed['v']} 较新，请用新版的命令行核对")
    if not manifest.signed_by(str(listed["key"]), text, texts[manifest.SIGNATURE]):
        raise Unsound("清单的签名不成立：manifest.json 或 manifest.sig 被改")
    if canonical(listed) != text:
        raise Unsound("清单 manifest.json 不是本系统的写法")
    report.number = str(listed["ticket"]["number"])
    return listed


def _compare_files(listed: dict[str, Any], members: list[Member], report: Report) -> None:
    """Every member is listed and every listed file is there, in order, to the byte."""
    names = [entry["name"] for entry in listed["files"]] + [manifest.MANIFEST, manifest.SIGNATURE]
    found = {member.name: member for member in members}
    report.wrong += [f"缺少文件：{name}" for name in names if name not in found]
    report.wrong += [f"多出清单之外的文件：{name}" for name in found if name not in set(names)]
    for entry in listed["files"]:
        member = found.get(entry["name"])
        if member is not None and (member.sha256, member.size) != (entry["sha256"], entry["size"]):
            report.wrong.append(f"内容被改：{entry['name']}")
    if not report.wrong and [member.name for member in members] != names:
        report.wrong.append("文件的次序被改")
    if not report.wrong:
        report.good.append(f"清单的签名成立，{len(listed['files'])} 个文件的大小与 SHA-256 均与清单一致")


def _check_journal(listed: dict[str, Any], text: bytes, report: Report) -> list[str]:
    """Check the chain and that every original was declared in it; return the hash of each event."""
    hashes: list[str] = []
    declared: dict[str, tuple[str, int]] = {}
    subject, previous = listed["ticket"]["id"], GENESIS
    lines = text.split(b"\n")
    if lines.pop() != b"":
        raise Unsound("流水 journal.jsonl 不完整")
    for seq, line in enumerate(lines, 1):
        link = _link(line, seq)
        if link.subject_id != subject or link.subject_seq != seq or link.prev_hash != previous:
            raise Unsound(f"流水第 {seq} 条与前一条不相连：记录被删、被调换或不属于这张工单")
        previous = digest(link)
        hashes.append(previous)
        if link.name == "evidence.declared":
            declared[link.payload["evidence_id"]] = (link.payload["sha256"], link.payload["size"])
    if len(hashes) != listed["journal"]["length"] or (hashes and previous != listed["journal"]["head"]):
        raise Unsound("流水的长度或链头与清单不符：末尾记录被删或被改")
    report.good.append(f"流水 {len(hashes)} 条环环相扣")
    _check_originals(listed, declared, report)
    return hashes


def _link(line: bytes, seq: int) -> Link:
    try:
        fields = json.loads(line)
        link = Link(**fields) if isinstance(fields, dict) and set(fields) == manifest.LINK_FIELDS else None
    except (ValueError, TypeError, RecursionError):
        link = None
    if link is None or not isinstance(link.payload, dict) or manifest.link_bytes(link) != line:
        raise Unsound(f"流水第 {seq} 条读不出来：内容被改")
    return link


def _check_originals(listed: dict[str, Any], declared: dict[str, tuple[str, int]], report: Report) -> None:
    files = {entry["name"]: entry for entry in listed["files"]}
    shown = {piece["id"]: piece for piece in listed["evidence"]}
    before = len(report.wrong)
    report.wrong += [f"流水中登记过的佐证 {key} 不在清单中" for key in declared if key not in shown]
    absent = 0
    for key, piece in shown.items():
        if declared.get(key) != (piece["sha256"], piece["size"]):
            report.wrong.append(f"佐证 {key} 与流水中登记的指纹不符")
        if piece["original"] is None:
            absent += 1
            continue
        file = files.get(piece["original"])
        if file is None or (file["sha256"], file["size"], file["role"]) != (piece["sha256"], piece["size"], "original"):
            report.wrong.append(f"原件 {piece['original']} 与登记的指纹不符")
    held = len(shown) - absent
    if len(report.wrong) == before and held:
        report.good.append(f"{held} 件原件的指纹都与登记时写入流水的一致")
    if absent:
        report.notes.append(f"{absent} 件佐证登记了指纹，但文件没有上传，不在包内")
