"""The same picture or sound used again: on another ticket, or as before and after of one. Pure.

What makes it `high`: the file is the same to the byte, or proven to be the same exposure, and the other ticket is of
another caller at another place; or one picture stands for both before and after. One matter told to the hotline by
several people is often answered with one photo, honestly: then it is lower. Only the later of two is flagged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Final

from app.oversight.findings import words
from app.oversight.findings.facts import (
    ALIKE,
    COPY,
    FILE,
    HIGH,
    LOW,
    MEDIUM,
    SAME_AREA,
    SAME_CALLER,
    SOUND,
    Facts,
    Found,
    Item,
    Match,
    Pair,
)
from app.policies.believing import FindingRules

SAME_FILE: Final = "same_file"
LOOKALIKE: Final = "lookalike"
BEFORE_AFTER: Final = "before_after"
SOUND_REUSED: Final = "sound_reused"
_BOTH: Final = {"before", "after"}
_THINGS: Final = {"photo": "照片", "audio": "录音"}
_NEAR: Final = {SAME_CALLER: "同一来电人", SAME_AREA: "地点相同，可能是同一事项"}


def copies(facts: Facts, rules: FindingRules) -> Iterator[Found]:
    """Yield what was used before."""
    yield from _before_is_after(facts)
    said: set[tuple[str, str]] = set()
    for match in sorted(facts.matches, key=lambda m: (_SURENESS.index(m.how), -m.seconds, m.first)):
        item = facts.item(match.item_id)
        if item.first < match.first or (item.id, match.ticket_id) in said:
            continue
        found = _SAYS[match.how](item, match, rules)
        if found is not None:
            said.add((item.id, match.ticket_id))
            yield found


def _before_is_after(facts: Facts) -> Iterator[Found]:
    said: set[frozenset[str]] = set()
    for one, other in combinations(sorted(facts.items, key=lambda i: i.first), 2):
        if one.sha256 == other.sha256 and {one.phase, other.phase} == _BOTH and one.kind == other.kind:
            said.add(frozenset((one.id, other.id)))
            reason = "办理前与办理后用的是同一个文件"
            yield Found(BEFORE_AFTER, HIGH, other.id, reason, {"how": FILE}, one.id, facts.ticket_id)
    for pair in facts.pairs:
        if frozenset((pair.one, pair.other)) not in said:
            said.add(frozenset((pair.one, pair.other)))
            yield from _look_the_same(facts, pair)


def _look_the_same(facts: Facts, pair: Pair) -> Iterator[Found]:
    one, other = sorted((facts.item(pair.one), facts.item(pair.other)), key=lambda i: i.first)
    if {one.phase, other.phase} != _BOTH:
        return
    sure = pair.how == COPY
    what = "是同一张照片，经过裁剪、压缩或加水印" if sure else "的照片很像，请看有没有变化"
    severity, measures = (HIGH if sure else LOW), {"how": pair.how}
    yield Found(BEFORE_AFTER, severity, other.id, f"办理前与办理后{what}", measures, one.id, facts.ticket_id)


def _same_file(item: Item, match: Match, _rules: FindingRules) -> Found:
    thing = _THINGS.get(item.kind, "材料")
    # Papers that belong to several tickets, a notice or a contract, are copied on purpose.
    severity = LOW if item.kind == "document" else _by_relation(match.relation)
    return _found(SAME_FILE, severity, item, match, f"与{_where(match)}{thing}是同一个文件")


def _copy(item: Item, match: Match, _rules: FindingRules) -> Found:
    reason = f"与{_where(match)}照片是同一张，经过裁剪、压缩或加水印"
    return _found(LOOKALIKE, _by_relation(match.relation), item, match, reason)


def _alike(item: Item, match: Match, _rules: FindingRules) -> Found:
    return _found(LOOKALIKE, LOW, item, match, f"与{_where(match)}照片很像，不一定是同一张")


def _sound(item: Item, match: Match, rules: FindingRules) -> Found | None:
    if match.seconds < rules.reused_seconds:
        return None
    # The announcements of a telephone network are the same for everyone, and repeat themselves.
    lasting = match.seconds >= rules.reused_high_seconds and (item.repeated or 0) * 100 < rules.loop_percent / 2
    severity = _by_relation(match.relation)
    severity = MEDIUM if severity == HIGH and not lasting else severity
    reason = f"与{_where(match)}录音有 {words.seconds(match.seconds)} 内容相同"
    return _found(SOUND_REUSED, severity, item, match, reason, lasting=lasting)


_SAYS: Final[dict[str, Callable[[Item, Match, FindingRules], Found | None]]] = {
    FILE: _same_file, COPY: _copy, SOUND: _sound, ALIKE: _alike,
}  # fmt: skip
_SURENESS: Final = tuple(_SAYS)


def _where(match: Match) -> str:
    return f"工单 {match.number} 的{words.phase(match.phase)}"


def _found(kind: str, severity: str, item: Item, match: Match, reason: str, **more: bool) -> Found:
    near = f"；两张工单{_NEAR[match.relation]}" if match.relation in _NEAR else ""
    facts = {"how": match.how, "relation": match.relation, **more}
    return Found(kind, severity, item.id, reason + near, facts, match.evidence_id, match.ticket_id)


def _by_relation(relation: str) -> str:
    return {SAME_CALLER: LOW, SAME_AREA: MEDIUM}.get(relation, HIGH)
