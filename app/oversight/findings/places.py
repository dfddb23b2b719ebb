"""Places that do not fit: far from where it should be, the same fix everywhere, faster than anybody travels. Pure.

What makes it `high`: two fresh and accurate fixes contradict each other by kilometres, with the phone said to be at
both at one time (a photo during the visit), or by a journey that cannot be made. A single distance never does: the
caller is met at home while the matter lies elsewhere, an address is a guess, and fixes indoors are wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from math import asin, cos, radians, sin, sqrt
from typing import Final

from app.geo import to_gcj02
from app.oversight.findings import words
from app.oversight.findings.facts import HIGH, LOW, MEDIUM, Facts, Fix, Found, Item, Stay, Step
from app.policies.believing import FindingRules

FAR_VISIT: Final = "far_visit"
FAR_ADDRESS: Final = "far_address"
FAR_OTHERS: Final = "far_others"
EXIF_PLACE: Final = "exif_place"
DATUM: Final = "datum"
FROZEN: Final = "frozen"
JUMP: Final = "jump"
_EARTH: Final = 6_371_008.8
_UNKNOWN_ACCURACY: Final = 100.0
_MARGIN: Final = timedelta(minutes=15)
_KMH: Final = 3.6
_IMPOSSIBLE: Final = 3
_SPAN: Final = timedelta(hours=12)
"""Fixes further apart in time say nothing about each other."""


def metres(one: Fix, other: Fix) -> float:
    """Return the great-circle distance."""
    north = radians(other.lat - one.lat) / 2
    east = radians(other.lon - one.lon) / 2
    root = sin(north) ** 2 + cos(radians(one.lat)) * cos(radians(other.lat)) * sin(east) ** 2
    return 2 * _EARTH * asin(min(1.0, sqrt(root)))


def apart(one: Fix, other: Fix) -> float:
    """Return how far two fixes are apart at least, their accuracies taken off."""
    return max(0.0, metres(one, other) - _accuracy(one) - _accuracy(other))


def _accuracy(fix: Fix) -> float:
    return _UNKNOWN_ACCURACY if fix.accuracy_m is None else fix.accuracy_m


def shifted(one: Fix, other: Fix, rules: FindingRules) -> bool:
    """Return whether the distance is what GCJ-02 taken for WGS-84 makes, in one direction or the other."""
    there, back = (_shift(one, other), _shift(other, one))
    return min(there, back) <= rules.datum_metres + min(_accuracy(one), rules.rough_metres)


def _shift(one: Fix, other: Fix) -> float:
    lat, lon = to_gcj02(one.lat, one.lon)
    return metres(Fix(lat, lon, None), other)


def places(facts: Facts, rules: FindingRules) -> Iterator[Found]:
    """Yield what is wrong with the places of each piece."""
    for item in facts.items:
        fix = _where(item)
        if fix is None:
            continue
        yield from _of_one(facts, item, fix, rules)
        if item.gps is not None and item.fix is not None and item.source == "camera":
            yield from _exif_place(item, item.gps, item.fix, rules)
    yield from _frozen(facts, rules)
    yield from _jumps(facts, rules)


def _where(item: Item) -> Fix | None:
    """Return where the picture was taken: of one from the album only the file itself can know."""
    return item.gps if item.source in ("gallery", "file") else item.fix


def _of_one(facts: Facts, item: Item, fix: Fix, rules: FindingRules) -> Iterator[Found]:
    stays = [stay for stay in facts.stays if stay.fix is not None]
    anchors = [stay.fix for stay in stays if stay.fix is not None]
    at_visit = any(apart(fix, anchor) <= rules.far_metres for anchor in anchors)
    if anchors and not at_visit:
        yield from _far_visit(item, fix, stays, rules)
    if facts.place is not None and apart(fix, facts.place) > rules.far_metres:
        yield from _far_address(item, fix, facts.place, at_visit, rules)
    if not anchors and facts.place is None:
        yield from _far_others(facts, item, fix, rules)


def _far_visit(item: Item, fix: Fix, stays: Iterable[Stay], rules: FindingRules) -> Iterator[Found]:
    nearest = min(stays, key=lambda stay: metres(fix, stay.fix) if stay.fix else 0)
    anchor = nearest.fix
    assert anchor is not None
    gap = metres(fix, anchor)
    if shifted(fix, anchor, rules):
        yield _datum(item, gap, "上门签到位置")
        return
    during = _during(item, nearest) and _sound(fix, item, rules) and _accuracy(anchor) <= rules.rough_metres
    severity = HIGH if during and apart(fix, anchor) > rules.far_high_metres else MEDIUM
    when = "，而申报的取证时间正在上门期间" if severity == HIGH else ""
    reason = f"拍摄位置离上门签到位置 {words.distance(gap)}{when}"
    yield Found(FAR_VISIT, severity, item.id, reason, {"metres": _step(gap), "visit": nearest.id})


def _during(item: Item, stay: Stay) -> bool:
    left = stay.left_at or stay.arrived_at
    return stay.arrived_at - _MARGIN <= item.captured_at <= left + _MARGIN


def _sound(fix: Fix, item: Item, rules: FindingRules) -> bool:
    """Return whether a fix is accurate and fresh; one from a file has neither accuracy nor time."""
    fresh = fix.at is not None and abs(item.captured_at - fix.at) <= timedelta(minutes=rules.stale_minutes)
    return fresh and fix.accuracy_m is not None and fix.accuracy_m <= rules.rough_metres


def _far_address(item: Item, fix: Fix, place: Fix, at_visit: bool, rules: FindingRules) -> Iterator[Found]:
    gap = metres(fix, place)
    if shifted(fix, place, rules):
        yield _datum(item, gap, "诉求地点")
        return
    why = "；与上门签到位置一致，诉求地点的坐标可能不准" if at_visit else ""
    reason = f"拍摄位置离诉求地点 {words.distance(gap)}{why}"
    yield Found(FAR_ADDRESS, LOW if at_visit else MEDIUM, item.id, reason, {"metres": _step(gap)})


def _datum(item: Item, gap: float, what: str) -> Found:
    reason = f"拍摄位置离{what} {words.distance(gap)}，恰为坐标系（GCJ-02 与 WGS-84）之差，应是未换算，不是离得远"
    return Found(DATUM, LOW, item.id, reason, {"against": what})


def _far_others(facts: Facts, item: Item, fix: Fix, rules: FindingRules) -> Iterator[Found]:
    earlier = [(i, where) for i in facts.items if i.id != item.id and (where := _where(i)) is not None]
    if not earlier or any(apart(fix, where) <= rules.far_metres for _, where in earlier):
        return
    alone = len(earlier) >= 2
    if not alone and item.first < earlier[0][0].first:
        return
    other, where = min(earlier, key=lambda pair: metres(fix, pair[1]))
    gap = metres(fix, where)
    if shifted(fix, where, rules):
        yield _datum(item, gap, "本单其他佐证的位置")
        return
    reason = f"拍摄位置离本单其他佐证 {words.distance(gap)}"
    severity = MEDIUM if alone else LOW
    yield Found(FAR_OTHERS, severity, item.id, reason, {"metres": _step(gap)}, other.id, facts.ticket_id)


def _exif_place(item: Item, gps: Fix, fix: Fix, rules: FindingRules) -> Iterator[Found]:
    gap = metres(gps, fix)
    if apart(gps, fix) <= rules.far_metres or shifted(gps, fix, rules):
        return
    reason = f"照片自带位置与申报位置相距 {words.distance(gap)}"
    yield Found(EXIF_PLACE, MEDIUM, item.id, reason, {"metres": _step(gap)})


def _frozen(facts: Facts, rules: FindingRules) -> Iterator[Found]:
    """The same numbers to the last digit on tickets of different places: phones' fixes tremble."""
    for item in facts.items:
        if item.fix is None or item.source not in ("camera", "recorder"):
            continue
        least = timedelta(minutes=rules.frozen_minutes)
        same = {
            step.area: step
            for step in facts.steps
            if step.person_id == item.person_id
            and step.ticket_id != facts.ticket_id
            and step.area != facts.area
            and (step.fix.lat, step.fix.lon) == (item.fix.lat, item.fix.lon)
            and abs(step.at - item.captured_at) >= least
        }
        if not same:
            continue
        step = min(same.values(), key=lambda s: (s.at, s.number))
        severity = MEDIUM if len(same) >= 2 else LOW
        numbers = "、".join(sorted(s.number for s in same.values())[:3])
        reason = f"定位与工单 {numbers} 的完全相同（精确到末位），而诉求地点不同，可能是固定或缓存的定位"
        yield Found(FROZEN, severity, item.id, reason, {"places": len(same)}, step.evidence_id, step.ticket_id)


def _jumps(facts: Facts, rules: FindingRules) -> Iterator[Found]:
    """Each fix of this ticket against the same person's one before it."""
    for item in facts.items:
        if item.fix is None or item.source not in ("camera", "recorder"):
            continue
        now = Step(item.person_id, item.fix.at or item.captured_at, item.fix, facts.ticket_id, facts.number, facts.area)
        before = [s for s in facts.steps if s.person_id == item.person_id and now.at - _SPAN <= s.at < now.at]
        if before:
            yield from _jump(facts, item, max(before, key=lambda s: s.at), now, rules)


def _jump(facts: Facts, item: Item, last: Step, now: Step, rules: FindingRules) -> Iterator[Found]:
    gap, hours = apart(last.fix, now.fix), (now.at - last.at) / timedelta(hours=1)
    if gap <= rules.jump_metres or shifted(last.fix, now.fix, rules):
        return
    speed = gap / 1000 / max(hours, 1 / 60)
    if speed <= rules.speed_kmh:
        return
    accurate = all(f.accuracy_m is not None and f.accuracy_m <= rules.rough_metres for f in (last.fix, now.fix))
    never = accurate and gap > rules.jump_high_metres and speed > _IMPOSSIBLE * rules.speed_kmh
    whose = "本单" if last.ticket_id == facts.ticket_id else f"工单 {last.number} "
    reason = f"距同一人在{whose}的上一处位置 {words.distance(gap)}，只隔 {words.span(now.at - last.at)}"
    severity = HIGH if never else MEDIUM
    yield Found(JUMP, severity, item.id, reason, {"metres": _step(gap)}, last.evidence_id, last.ticket_id)


def _step(gap: float) -> int:
    """Return a distance rounded so coarsely that a trembling fix does not make another finding of it."""
    return int(round(gap, -2 if gap < 10_000 else -3))
