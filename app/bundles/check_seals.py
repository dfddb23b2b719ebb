"""Checking how a bundle's chain stands in the days' roots, and what stamps the roots have. No database, no network."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cryptography import x509

from app.bundles import manifest
from app.journal import merkle
from app.sealing import authority, documents
from app.sealing.documents import Document, Leaf

if TYPE_CHECKING:
    from app.bundles.check import Report, Trust

_STAMP: Final = re.compile(r"stamps/(\d{4}-\d\d-\d\d)\.tsr")
_PROOF_FIELDS: Final = {"day", "index", "size", "length", "head", "path"}


def check_seals(
    report: Report, listed: dict[str, Any], texts: dict[str, bytes], hashes: Sequence[str], trust: Trust
) -> None:
    """Add to the report how far the chain is sealed and what that rests on."""
    if manifest.PROOF not in texts:
        report.notes.append("尚未封存：流水不在任何日根之中，只能证明文件与流水彼此一致")
        _check_key(report, listed, [], trust)
        return
    days = _documents(texts.get(manifest.ROOTS, b""), report)
    if days is None:
        return
    sealed = _proofs(json.loads(texts[manifest.PROOF]), days, listed["ticket"]["id"], hashes, report)
    _check_key(report, listed, days, trust)
    _check_copies(report, days, trust)
    _check_stamps(report, texts, days, sealed, trust)


def _documents(text: bytes, report: Report) -> list[Document] | None:
    """Return the days' documents if each names the root of the one before it."""
    days: list[Document] = []
    for line in text.decode().splitlines():
        document = documents.read(line)
        if days and documents.broken_link(days[-1], document):
            report.wrong.append(f"{document.day} 的日根与前一天的不相连")
            return None
        days.append(document)
    if not days or "".join(f"{document.text}\n" for document in days).encode() != text:
        report.wrong.append("日根 roots.jsonl 不完整")
        return None
    return days


def _proofs(
    proof: dict[str, Any], days: list[Document], subject: str, hashes: Sequence[str], report: Report
) -> list[tuple[date, int]]:
    """Check each day's proof; return day and sealed length of those that hold, the oldest first."""
    by_day = {document.day.isoformat(): document for document in days}
    sealed: list[tuple[date, int]] = []
    for entry in proof["seals"]:
        document = by_day.get(entry["day"])
        if set(entry) != _PROOF_FIELDS or document is None:
            report.wrong.append(f"{entry['day']} 的封存证明没有对应的日根")
            continue
        length = entry["length"]
        if not 0 < length <= len(hashes) or hashes[length - 1] != entry["head"]:
            report.wrong.append(f"流水与 {entry['day']} 封存的不同：封存之后被改写或截断")
            continue
        leaf = Leaf(subject, length, entry["head"]).hash()
        path = [bytes.fromhex(beside) for beside in entry["path"]]
        size = document.leaves
        if entry["size"] != size or not merkle.holds(leaf, entry["index"], size, path, bytes.fromhex(document.tree)):
            report.wrong.append(f"{entry['day']} 的封存证明不成立：流水不在当天的日根之中")
            continue
        sealed.append((document.day, length))
    if sealed:
        until = max(length for _, length in sealed)
        report.good.append(f"流水第 1–{until} 条在 {sealed[-1][0]} 的日根之中，日根相连至 {days[-1].day}")
        report.good.append(f"最新的日根 {days[-1].root}")
        if until < len(hashes):
            report.notes.append(f"最后 {len(hashes) - until} 条记录尚未封存（当天的记录在次日零时后封存）")
    return sealed


def _check_key(report: Report, listed: dict[str, Any], days: list[Document], trust: Trust) -> None:
    key = listed["key"]
    if trust.key is not None and trust.key != key:
        report.wrong.append("清单不是用您指定的公钥签名的")
    elif trust.key is None and not days:
        report.notes.append("签名公钥只见于包内，没有日根可以印证")
    elif trust.key is None and key not in {document.key for document in days}:
        report.wrong.append("清单的签名公钥不在所附的日根之中：清单可能是别人重新签名的")


def _check_copies(report: Report, days: list[Document], trust: Trust) -> None:
    """Compare with roots that were kept elsewhere."""
    if not trust.roots:
        return
    both = [document for document in days if document.day.isoformat() in trust.roots]
    for document in both:
        if trust.roots[document.day.isoformat()] != document.root:
            report.wrong.append(f"{document.day} 的日根与另存的不同")
    if not both:
        report.notes.append("另存的日根与包内的没有同一天的，未能比对")
    elif not report.wrong:
        report.good.append(f"{len(both)} 天的日根与另存的一致")


def _check_stamps(
    report: Report, texts: dict[str, bytes], days: list[Document], sealed: list[tuple[date, int]], trust: Trust
) -> None:
    by_day = {document.day.isoformat(): document for document in days}
    embedded = authority.read_authorities(texts[manifest.CA]) if manifest.CA in texts else []
    stamped = []
    for name in sorted(name for name in texts if _STAMP.fullmatch(name)):
        document = by_day.get(name[7:17])
        if document is None:
            report.wrong.append(f"时间戳 {name} 没有对应的日根")
            continue
        try:
            stamp, known = _stamp(texts[name], document, embedded, trust)
        except authority.StampInvalid as error:
            report.wrong.append(f"{document.day} 日根的时间戳不成立：{error}")
            continue
        stamped.append(document.day)
        when = stamp.at.astimezone(_zone(document.zone)).strftime("%Y-%m-%d %H:%M:%S")
        covered = max((length for day, length in sealed if day <= document.day), default=0)
        report.good.append(f"{stamp.name} 于 {when} 为 {document.day} 的日根签名：流水第 1–{covered} 条当时已经存在")
        if not known:
            report.notes.append(f"{document.day} 的时间戳只按包内自带的根证书核对；请用 --tsa-ca 指定您信任的根证书")
    if not stamped:
        report.notes.append("日根没有外部时间戳：请用 --roots 与公开或另存的日根比对")


def _stamp(
    answer: bytes, document: Document, embedded: list[x509.Certificate], trust: Trust
) -> tuple[authority.Stamp, bool]:
    """Return the stamp, and whether it leads to an authority the checker knows, not only to what the bundle brings."""
    if trust.authorities is not None:
        return authority.check(answer, document.text, trust.authorities), True
    try:
        return authority.check(answer, document.text, authority.public_authorities()), True
    except authority.StampInvalid:
        if not embedded:
            raise
    return authority.check(answer, document.text, embedded), False


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, ZoneInfoNotFoundError, OSError):
        return ZoneInfo("UTC")
