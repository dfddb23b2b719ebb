"""Each detector at the edge of its bounds: what is flagged, how gravely, and what honest work is left alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.geo import to_gcj02
from app.oversight.findings import copies, media, places, times
from app.oversight.findings.facts import (
    ALIKE,
    COPY,
    ELSEWHERE,
    FILE,
    HIGH,
    LOW,
    MEDIUM,
    SAME_AREA,
    SAME_CALLER,
    SOUND,
    Call,
    Facts,
    Fix,
    Found,
    Item,
    Match,
    Pair,
    Stay,
    Step,
)
from app.oversight.findings.rules import LABELS, detect, fingerprint, rules_id
from app.policies.believing import FINDINGS, FindingRules

R = FINDINGS
AT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
DISPATCHED = AT - timedelta(hours=5)
SITE = Fix(40.4075, 110.0338, 12.0, AT)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def item(identity: str = "e1", **other: Any) -> Item:
    """An honest photo taken in the page."""
    usual: dict[str, Any] = {
        "kind": "photo", "phase": "after", "source": "camera", "sha256": identity * 16, "person_id": "p1",
        "unit_id": "u1", "captured_at": AT, "declared_at": AT + MINUTE, "received_at": AT + 2 * MINUTE,
        "fix": SITE, "device_id": "d1",
    }  # fmt: skip
    return Item(id=identity, **usual | other)


def facts(*items: Item, **other: Any) -> Facts:
    usual: dict[str, Any] = {
        "ticket_id": "t1", "number": "DL-1", "zone": "Asia/Shanghai", "area": "树林召镇平安小区",
        "received_at": DISPATCHED - HOUR, "dispatched_at": DISPATCHED, "place": None,
        "stays": (Stay("v1", "p1", AT - 30 * MINUTE, AT + 10 * MINUTE, SITE),),
    }  # fmt: skip
    return Facts(items=items, **usual | other)


def found(of: Facts, rules: FindingRules = R) -> dict[str, Found]:
    """What is found, by kind; a kind found twice would be a mistake of the test."""
    every = detect(of, rules)
    assert len({f.kind for f in every}) == len(every), every
    return {f.kind: f for f in every}


def north(metres: float, accuracy: float | None = 12.0, at: datetime = AT) -> Fix:
    """A fix that many metres north of the site."""
    return Fix(SITE.lat + metres / 111_195, SITE.lon, accuracy, at)


def match(how: str, relation: str = ELSEWHERE, seconds: float = 0.0, **other: Any) -> Match:
    usual: dict[str, Any] = {
        "item_id": "e1", "evidence_id": "x1", "ticket_id": "t9", "number": "DL-9", "phase": "after",
        "first": (False, AT - DAY, "x1"),
    }  # fmt: skip
    return Match(how=how, relation=relation, seconds=seconds, **usual | other)


def test_honest_work_is_not_doubted() -> None:
    before, after = item("e0", phase="before", captured_at=AT - 20 * MINUTE), item("e1")
    call = item("c1", kind="audio", phase="call", source="recorder", fix=None, measured_s=140.0, silent=0.2)
    spoken = Call(AT - HOUR, 150, ("c1",))
    assert detect(facts(before, after, call, calls=(spoken,), place=north(300)), R) == []


# --- copies


@pytest.mark.parametrize(
    ("how", "relation", "severity"),
    [
        (FILE, ELSEWHERE, HIGH), (FILE, SAME_AREA, MEDIUM), (FILE, SAME_CALLER, LOW),
        (COPY, ELSEWHERE, HIGH), (COPY, SAME_AREA, MEDIUM), (COPY, SAME_CALLER, LOW),
        (ALIKE, ELSEWHERE, LOW), (ALIKE, SAME_CALLER, LOW),
    ],
)  # fmt: skip
def test_a_picture_of_another_ticket(how: str, relation: str, severity: str) -> None:
    one = found(facts(item(), matches=(match(how, relation),)))
    kind = copies.SAME_FILE if how == FILE else copies.LOOKALIKE
    assert list(one) == [kind] and one[kind].severity == severity and "DL-9" in one[kind].reason
    assert one[kind].other_ticket_id == "t9" and one[kind].other_evidence_id == "x1"


def test_only_the_later_of_two_is_flagged_and_a_file_is_later_than_what_was_taken_in_the_page() -> None:
    later = match(FILE, first=(False, AT + DAY, "x1"))
    assert found(facts(item(), matches=(later,))) == {}
    # Offline for two days: the copy from the album was declared first, and is the copy all the same.
    from_album = match(FILE, first=(True, AT - DAY, "x1"))
    assert found(facts(item(), matches=(from_album,))) == {}
    assert copies.SAME_FILE in found(facts(item(source="gallery"), matches=(match(FILE),)))


def test_one_finding_for_one_other_ticket_by_the_surest_match() -> None:
    several = (match(ALIKE), match(FILE), match(COPY, evidence_id="x2"), match(ALIKE, ticket_id="t8", number="DL-8"))
    every = detect(facts(item(), matches=several), R)
    assert {(f.kind, f.other_ticket_id) for f in every} == {(copies.SAME_FILE, "t9"), (copies.LOOKALIKE, "t8")}


def test_a_paper_may_belong_to_several_tickets() -> None:
    paper = item(kind="document", source="file", fix=None)
    assert found(facts(paper, matches=(match(FILE),)))[copies.SAME_FILE].severity == LOW


def test_before_is_after() -> None:
    before = item("e0", phase="before", sha256="a" * 64, captured_at=AT - HOUR)
    after = item("e1", sha256="a" * 64)
    one = found(facts(before, after))[copies.BEFORE_AFTER]
    assert (one.severity, one.evidence_id, one.other_evidence_id) == (HIGH, "e1", "e0")
    twice = item("e1", sha256="a" * 64, phase="visit")
    assert found(facts(before, twice)) == {}, "one picture may show the visit and the trouble"


@pytest.mark.parametrize(("how", "severity"), [(COPY, HIGH), (ALIKE, LOW)])
def test_before_looks_like_after(how: str, severity: str) -> None:
    two = (item("e0", phase="before"), item("e1"))
    assert found(facts(*two, pairs=(Pair("e0", "e1", how),)))[copies.BEFORE_AFTER].severity == severity
    two = (item("e0"), item("e1"))
    assert found(facts(*two, pairs=(Pair("e0", "e1", how),))) == {}


@pytest.mark.parametrize(
    ("seconds", "relation", "repeated", "severity"),
    [
        (14.9, ELSEWHERE, 0.0, None), (15, ELSEWHERE, 0.0, MEDIUM), (59.9, ELSEWHERE, 0.0, MEDIUM),
        (60, ELSEWHERE, 0.0, HIGH), (60, SAME_CALLER, 0.0, LOW), (60, SAME_AREA, 0.0, MEDIUM),
        (60, ELSEWHERE, 0.5, MEDIUM),
    ],
)  # fmt: skip
def test_a_recording_of_another_ticket(seconds: float, relation: str, repeated: float, severity: str | None) -> None:
    call = item(kind="audio", source="recorder", fix=None, measured_s=90.0, repeated=repeated)
    one = found(facts(call, matches=(match(SOUND, relation, seconds),)))
    assert (one[copies.SOUND_REUSED].severity if one else None) == severity


# --- times


@pytest.mark.parametrize(
    ("phase", "age", "severity"),
    [
        ("after", 30 * MINUTE, None), ("after", 31 * MINUTE, MEDIUM), ("after", 30 * DAY, MEDIUM),
        ("after", 31 * DAY, HIGH), ("before", 31 * MINUTE, LOW), ("before", 31 * DAY, MEDIUM), ("other", 2 * DAY, LOW),
    ],
)  # fmt: skip
def test_older_than_the_dispatch(phase: str, age: timedelta, severity: str | None) -> None:
    photo = item(phase=phase, taken_at=DISPATCHED - age, source="gallery", fix=None)
    one = found(facts(photo)).get(times.OLD)
    assert (one.severity if one else None) == severity


def test_the_declared_time_counts_too_and_a_clock_never_set_does_not() -> None:
    album = item(source="gallery", fix=None, captured_at=DISPATCHED - 40 * DAY)
    assert found(facts(album))[times.OLD].severity == HIGH
    unset = item(source="gallery", fix=None, taken_at=datetime(2000, 1, 1, tzinfo=UTC))
    assert times.OLD not in found(facts(unset))
    assert times.OLD not in found(facts(album, dispatched_at=None))


@pytest.mark.parametrize(
    ("apart", "severity", "words"),
    [
        (15 * MINUTE, None, ""), (16 * MINUTE, LOW, ""), (8 * HOUR, LOW, "时区"), (8 * HOUR + 20 * MINUTE, LOW, ""),
        (24 * HOUR, LOW, ""), (25 * HOUR, MEDIUM, ""),
    ],
)  # fmt: skip
def test_another_time_in_the_file(apart: timedelta, severity: str | None, words: str) -> None:
    for sign in (1, -1):
        photo = item(taken_at=AT + sign * apart, declared_at=AT + 2 * DAY, received_at=AT + HOUR)
        one = found(facts(photo, dispatched_at=AT - 60 * DAY, received_at=AT - 61 * DAY)).get(times.EXIF_TIME)
        assert (one.severity if one else None) == severity
        assert one is None or words in one.reason
        assert one is None or ("时区" in one.reason) == bool(words)


def test_another_camera_than_this_phone_has() -> None:
    usual = {"d1": "HUAWEI P60"}
    assert found(facts(item(model="HUAWEI P60"), models=usual)) == {}
    assert found(facts(item(model="Canon EOS"), models=usual))[times.EXIF_DEVICE].severity == MEDIUM
    assert times.EXIF_DEVICE not in found(facts(item(model="Canon EOS", source="gallery", fix=None), models=usual))
    assert found(facts(item(model="Canon EOS"), models={})) == {}, "a phone of which nothing is known yet"


@pytest.mark.parametrize(
    ("took", "severity"), [(48 * HOUR, None), (49 * HOUR, LOW), (7 * DAY, LOW), (7 * DAY + HOUR, MEDIUM)]
)
def test_late_arrival(took: timedelta, severity: str | None) -> None:
    one = found(facts(item(received_at=AT + took))).get(times.LATE)
    assert (one.severity if one else None) == severity
    assert times.LATE not in found(facts(item(received_at=None)))
    assert times.LATE not in found(facts(item(source="gallery", fix=None, received_at=AT + took)))


@pytest.mark.parametrize(("apart", "severity"), [(10 * MINUTE, None), (11 * MINUTE, LOW), (25 * HOUR, MEDIUM)])
def test_a_clock_outside_the_bracket(apart: timedelta, severity: str | None) -> None:
    ahead = found(facts(item(declared_at=AT - apart, received_at=AT))).get(times.CLOCK)
    behind = found(facts(item(held_at=AT + apart, declared_at=AT + 2 * DAY, received_at=AT + HOUR))).get(times.CLOCK)
    for one in (ahead, behind):
        assert (one.severity if one else None) == severity


# --- places


@pytest.mark.parametrize(
    ("metres", "severity"), [(0, None), (800, None), (830, MEDIUM), (3000, MEDIUM), (3100, HIGH), (6000, HIGH)]
)
def test_far_from_the_check_in(metres: float, severity: str | None) -> None:
    one = found(facts(item(fix=north(metres)))).get(places.FAR_VISIT)
    assert (one.severity if one else None) == severity


def test_far_is_beyond_doubt_only_with_good_fixes_during_the_visit() -> None:
    away = north(6000)
    outside = item(fix=away, captured_at=AT + 26 * MINUTE, declared_at=AT + HOUR)
    rough, stale = item(fix=north(6000, 400)), item(fix=north(6000, at=AT - HOUR))
    for one in (outside, rough, stale):
        assert found(facts(one))[places.FAR_VISIT].severity == MEDIUM, one
    wide = item(fix=north(6000, 5500))
    assert found(facts(wide)) == {}, "a fix that says itself that it knows nothing"


def test_met_at_home_while_the_matter_lies_elsewhere() -> None:
    at_home, on_site = Stay("v1", "p1", AT - HOUR, AT - 50 * MINUTE, north(5000)), Stay("v2", "p1", AT, None, SITE)
    assert found(facts(item(), stays=(at_home, on_site))) == {}
    assert found(facts(item(), stays=(at_home,)))[places.FAR_VISIT].severity == MEDIUM


def test_far_from_the_address() -> None:
    address = replace(north(2000), accuracy_m=None)
    with_visit = found(facts(item(), place=address))[places.FAR_ADDRESS]
    assert with_visit.severity == LOW and "不准" in with_visit.reason
    assert found(facts(item(), place=address, stays=()))[places.FAR_ADDRESS].severity == MEDIUM
    assert found(facts(item(), place=replace(north(900), accuracy_m=None), stays=())) == {}


def test_far_from_the_other_photos_where_nothing_else_is_known() -> None:
    two = (item("e0", phase="before"), item("e1", fix=north(2000), declared_at=AT + 5 * MINUTE))
    one = found(facts(*two, stays=()))[places.FAR_OTHERS]
    assert (one.severity, one.evidence_id) == (LOW, "e1")
    three = (item("e0", phase="before"), item("e2", phase="visit"), two[1])
    assert found(facts(*three, stays=()))[places.FAR_OTHERS].severity == MEDIUM


def test_a_shift_between_the_data_is_named_as_such() -> None:
    lat, lon = to_gcj02(SITE.lat, SITE.lon)
    unconverted = Fix(lat, lon, 12.0, AT)
    narrow = replace(R, far_metres=200)
    assert places.metres(SITE, unconverted) > 400
    for fix, anchor in ((unconverted, SITE), (SITE, unconverted)):
        stays = (Stay("v1", "p1", AT, None, anchor),)
        one = found(facts(item(fix=fix), stays=stays), narrow)
        assert list(one) == [places.DATUM] and one[places.DATUM].severity == LOW
        assert "GCJ-02" in one[places.DATUM].reason
    elsewhere = Fix(lat + 0.004, lon, 12.0, AT)
    assert list(found(facts(item(fix=elsewhere)), narrow)) == [places.FAR_VISIT]


def test_the_file_says_another_place() -> None:
    assert found(facts(item(gps=north(2000, None))))[places.EXIF_PLACE].severity == MEDIUM
    assert found(facts(item(gps=north(700, None)))) == {}
    # Of a photo from the album only the file knows where it was taken: where it was imported says nothing.
    album = item(source="gallery", fix=north(9000))
    assert list(found(facts(album))) == [media.GALLERY]
    assert places.FAR_VISIT in found(facts(replace(album, gps=north(9000, None))))


def step(ticket: str, area: str, at: datetime, fix: Fix = SITE, person: str = "p1") -> Step:
    return Step(person, at, fix, ticket, f"DL-{ticket}", area, f"x-{ticket}")


def test_a_frozen_fix() -> None:
    other = step("t2", "白泥井镇", AT - 31 * MINUTE)
    one = found(facts(item(), steps=(other,)))[places.FROZEN]
    assert one.severity == LOW and one.other_ticket_id == "t2"
    third = step("t3", "展旦召苏木", AT - 3 * HOUR)
    assert found(facts(item(), steps=(other, third)))[places.FROZEN].severity == MEDIUM
    for honest in (
        step("t2", "白泥井镇", AT - 29 * MINUTE),
        step("t2", "树林召镇平安小区", AT - HOUR),
        step("t2", "白泥井镇", AT - HOUR, replace(SITE, lat=SITE.lat + 1e-7)),
        step("t2", "白泥井镇", AT - HOUR, person="p2"),
        step("t1", "白泥井镇", AT - HOUR),
    ):
        assert found(facts(item(), steps=(honest,))) == {}, honest


@pytest.mark.parametrize(
    ("metres", "before", "accuracy", "severity"),
    [
        (2900, MINUTE, 12, None), (20_000, 8 * MINUTE, 12, None), (20_000, 7 * MINUTE, 12, MEDIUM),
        (29_000, MINUTE, 12, MEDIUM), (40_000, 4 * MINUTE, 12, HIGH), (40_000, 6 * MINUTE, 12, MEDIUM),
        (40_000, 4 * MINUTE, 500, MEDIUM), (400_000, 13 * HOUR, 12, None),
    ],
)  # fmt: skip
def test_faster_than_anybody_travels(metres: float, before: timedelta, accuracy: float, severity: str | None) -> None:
    last = step("t2", "白泥井镇", AT - before, north(metres, accuracy))
    one = found(facts(item(), steps=(last,))).get(places.JUMP)
    assert (one.severity if one else None) == severity


def test_only_the_last_step_before_counts() -> None:
    far, near = step("t2", "白泥井镇", AT - 2 * MINUTE, north(20_000)), step("t3", "甲", AT - MINUTE, north(50))
    assert places.JUMP in found(facts(item(), steps=(far,)))
    assert places.JUMP not in found(facts(item(), steps=(far, near)))


# --- media


@pytest.mark.parametrize(
    ("software", "flagged"),
    [
        ("Adobe Photoshop 25.0 (Windows)", True), ("美图秀秀", True), ("Snapseed 2.0", True), ("Lightroom", True),
        ("HUAWEI P60 Pro 4.0.0", False), ("今日水印相机", False), ("MediaTek Camera Application", False),
        ("17.5.1", False),
    ],
)  # fmt: skip
def test_programs_for_changing_pictures(software: str, flagged: bool) -> None:
    one = found(facts(item(software=(software,)))).get(media.EDITED)
    assert (one.severity if one else None) == (MEDIUM if flagged else None)


def test_a_photographed_screen_is_a_hint_and_never_more() -> None:
    for sign, word in (("moire", "摩尔纹"), ("grid", "网格"), ("banding", "条带"), ("newer", "屏幕")):
        one = found(facts(item(recapture=sign)))[media.RECAPTURE]
        assert one.severity == LOW and word in one.reason and "仅供参考" in one.reason


def test_the_album_is_always_labelled() -> None:
    one = found(facts(item(source="gallery", fix=None)))[media.GALLERY]
    assert one.severity == LOW and one.reason.startswith("相册导入·未验证")


def test_what_cannot_be_read_is_shown_as_such() -> None:
    broken = item(unreadable="照片文件已损坏，无法显示。")
    assert found(facts(broken))[media.UNREADABLE].severity == LOW
    assert found(facts(replace(broken, mislabelled=True)))[media.UNREADABLE].severity == MEDIUM


def sound(**other: Any) -> Item:
    return item("c1", kind="audio", phase="call", source="recorder", fix=None, **{"measured_s": 60.0} | other)


@pytest.mark.parametrize(
    ("kind", "other", "flagged"),
    [
        (media.SILENT, {"silent": 0.97}, True), (media.SILENT, {"silent": 0.96}, False),
        (media.SILENT, {"silent": 1.0, "measured_s": 4.9}, False), (media.LOOPED, {"repeated": 0.6}, True),
        (media.LOOPED, {"repeated": 0.59}, False),
    ],
)  # fmt: skip
def test_silence_and_loops(kind: str, other: dict[str, float], flagged: bool) -> None:
    one = found(facts(sound(**other))).get(kind)
    assert (one.severity if one else None) == (MEDIUM if flagged else None)


@pytest.mark.parametrize(
    ("stated", "measured", "severity"),
    [(120, 61, None), (120, 59, MEDIUM), (40, 12, None), (60, 130, LOW), (60, 119, None), (None, 20, None)],
)
def test_the_call_lasted_longer_than_its_recording(stated: int | None, measured: float, severity: str | None) -> None:
    call = Call(AT, stated, ("c1",))
    one = found(facts(sound(measured_s=measured), calls=(call,))).get(media.DURATION)
    assert (one.severity if one else None) == severity
    declared = found(facts(sound(measured_s=measured, declared_s=stated))).get(media.DURATION)
    assert (declared.severity if declared else None) == severity


# --- the list


def test_every_kind_has_a_name_and_every_finding_says_something() -> None:
    everything = facts(
        item(taken_at=AT - 40 * DAY, model="Canon", fix=north(6000), software=("Photoshop",), recapture="moire"),
        sound(silent=1.0, repeated=1.0, declared_s=600.0),
        matches=(match(FILE),), models={"d1": "HUAWEI"}, steps=(step("t2", "甲", AT - MINUTE, north(90_000)),),
    )  # fmt: skip
    every = detect(everything, R)
    assert len(every) >= 9
    for one in every:
        assert LABELS[one.kind] and len(one.reason) > 8 and "{" not in one.reason and len(fingerprint(one)) == 64
    assert [f.severity for f in every] == sorted((f.severity for f in every), key=[HIGH, MEDIUM, LOW].index)


def test_a_trembling_fix_does_not_make_another_finding() -> None:
    one, two = (found(facts(item(fix=north(metres))))[places.FAR_VISIT] for metres in (1510, 1540))
    assert fingerprint(one) == fingerprint(two)
    assert fingerprint(one) != fingerprint(found(facts(item(fix=north(2500))))[places.FAR_VISIT])


def test_other_bounds_are_other_rules() -> None:
    assert rules_id(R) == rules_id(FindingRules()) != rules_id(replace(R, far_metres=900))
