"""What the file itself gives away: programs for changing pictures, a photographed screen, silence, a loop. Pure.

Nothing here is `high`: a phone's own album crops a photo, a microphone is taken away by the call, a line that is
engaged repeats itself. A photo from the album is always labelled, and is no suspicion by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from app.oversight.findings import words
from app.oversight.findings.facts import LOW, MEDIUM, Call, Facts, Found, Item
from app.policies.believing import FindingRules

GALLERY: Final = "gallery"
EDITED: Final = "edited"
RECAPTURE: Final = "recapture"
UNREADABLE: Final = "unreadable"
SILENT: Final = "silent"
LOOPED: Final = "looped"
DURATION: Final = "duration"
_SCREEN: Final = {"moire": "摩尔纹", "grid": "像素网格", "banding": "明暗条带"}


def media(facts: Facts, rules: FindingRules) -> Iterator[Found]:
    """Yield what each file gives away."""
    for item in facts.items:
        if item.unreadable is not None:
            severity = MEDIUM if item.mislabelled else LOW
            reason = f"文件无法作为佐证使用：{item.unreadable.rstrip('。')}"
            yield Found(UNREADABLE, severity, item.id, reason, {"mislabelled": item.mislabelled})
        elif item.kind == "photo":
            yield from _photo(item, rules)
        elif item.kind == "audio":
            yield from _audio(facts, item, rules)


def _photo(item: Item, rules: FindingRules) -> Iterator[Found]:
    if item.source == GALLERY:
        yield Found(GALLERY, LOW, item.id, "相册导入·未验证：拍摄时间和地点未经系统核实", {})
    program = next((name for name in item.software if _edits(name, rules)), None)
    if program is not None:
        yield Found(EDITED, MEDIUM, item.id, f"文件写明经“{program[:40]}”处理", {"program": program})
    if item.recapture is not None:
        sign = _SCREEN.get(item.recapture, "屏幕特征")
        reason = f"画面有{sign}，可能翻拍自屏幕，仅供参考"
        yield Found(RECAPTURE, LOW, item.id, reason, {})


def _edits(name: str, rules: FindingRules) -> bool:
    lowered = name.casefold()
    return any(word in lowered for word in rules.editors)


def _audio(facts: Facts, item: Item, rules: FindingRules) -> Iterator[Found]:
    length = item.measured_s or 0
    if item.silent is not None and length >= rules.silent_seconds and item.silent * 100 >= rules.silent_percent:
        reason = f"录音 {words.seconds(length)}，几乎全程没有声音；手机通话时话筒可能被占用"
        yield Found(SILENT, MEDIUM, item.id, reason, {})
    if item.repeated is not None and item.repeated * 100 >= rules.loop_percent:
        reason = f"录音内容反复出现（{item.repeated:.0%}），可能是循环拼接，也可能是提示音"
        yield Found(LOOPED, MEDIUM, item.id, reason, {})
    call = next((c for c in facts.calls if item.id in c.evidence_ids), None)
    yield from _duration(item, length, call, rules)


def _duration(item: Item, length: float, call: Call | None, rules: FindingRules) -> Iterator[Found]:
    claims = (
        (call.duration_s if call else None, "登记的通话"),
        (item.declared_s, "手机申报的录音"),
    )
    for stated, what in claims:
        if not stated or not length:
            continue
        off = abs(stated - length)
        if off > rules.call_seconds and off * 100 > rules.call_percent * max(stated, length):
            severity = MEDIUM if length < stated else LOW
            reason = f"录音 {words.seconds(length)}，{what}为 {words.seconds(stated)}"
            yield Found(DURATION, severity, item.id, reason, {"stated": round(stated), "measured": round(length)})
            return
