"""What a cell means: text, identifiers, dates, yes and no; and what it cannot mean."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.intake import cells

ZONE = "Asia/Shanghai"
LOCAL = ZoneInfo(ZONE)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2150, 1, 1)).map(lambda d: d.replace(microsecond=0))
WRITTEN = (
    "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y.%m.%d %H:%M:%S", "%Y年%m月%d日 %H时%M分%S秒", "%Y%m%d%H%M%S",
    "%Y-%m-%dT%H:%M:%S", "  %Y-%m-%d　%H：%M：%S ", "%Y年%m月%d日%H:%M:%S",
)  # fmt: skip


@given(MOMENTS, st.sampled_from(WRITTEN))
def test_every_usual_way_of_writing_a_time_is_read(moment: datetime, way: str) -> None:
    assert cells.instant(moment.strftime(way), ZONE) == moment.replace(tzinfo=LOCAL)


@given(MOMENTS.filter(lambda d: d.year > 1960), st.booleans())
def test_the_day_numbers_of_excel_are_read_to_the_second(moment: datetime, date1904: bool) -> None:
    origin = datetime(1904, 1, 1) if date1904 else datetime(1899, 12, 30)
    serial = (moment - origin) / timedelta(days=1)
    found = cells.instant(serial, ZONE, date1904)
    assert found == moment.replace(tzinfo=LOCAL)


@pytest.mark.parametrize(
    ("cell", "end_of_day", "expected"),
    [
        ("2026-11-20", False, datetime(2026, 11, 20)),
        ("2026-11-20", True, datetime(2026, 11, 20, 23, 59, 59)),
        ("2026-11-20 00:00", True, datetime(2026, 11, 20)),
        ("2026/1/5 9:05", False, datetime(2026, 1, 5, 9, 5)),
        ("2026-11-20 09:30:00.0", False, datetime(2026, 11, 20, 9, 30)),
        (20261120, False, datetime(2026, 11, 20)),
        (20261120093000, False, datetime(2026, 11, 20, 9, 30)),
        (46346, True, datetime(2026, 11, 20, 23, 59, 59)),
        ({"date": "2026-11-20T09:30:00"}, True, datetime(2026, 11, 20, 9, 30)),
        ({"date": "2026-11-20T00:00:00"}, True, datetime(2026, 11, 20, 23, 59, 59)),
    ],
)
def test_dates_and_limits(cell: object, end_of_day: bool, expected: datetime) -> None:
    assert cells.instant(cell, ZONE, end_of_day=end_of_day) == expected.replace(tzinfo=LOCAL)


def test_an_offset_that_is_written_counts() -> None:
    assert cells.instant("2026-11-20T01:30:00Z", ZONE) == datetime(2026, 11, 20, 9, 30, tzinfo=LOCAL)
    assert cells.instant("2026-11-20 10:30:00 +09:00", ZONE) == datetime(2026, 11, 20, 9, 30, tzinfo=LOCAL)


@pytest.mark.parametrize(
    "cell",
    ["明天", "2026-02-30", "2026-13-01", "2026-11-20 25:00", 7, True, "20261", {"formula": "=NOW()"}, "１２", -1e300],
)
def test_what_is_no_date_is_told(cell: object) -> None:
    with pytest.raises(cells.Unusable):
        cells.instant(cell, ZONE)


@given(st.integers(0, 10**15 - 1))
def test_a_number_typed_as_a_number_keeps_all_its_digits(number: int) -> None:
    assert cells.identifier(number) == str(number)
    assert cells.identifier(float(number)) == str(number)


@pytest.mark.parametrize("lost", [2.0261120000000001e17, 10**15, "2.02611E+17", "1E+05", float("inf"), float("nan")])
def test_a_number_whose_digits_excel_lost_is_refused(lost: object) -> None:
    with pytest.raises(cells.Unusable):
        cells.identifier(lost)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (" DL 2026-001\u200b ", "DL2026-001"), ("ＤＬ２０２６", "DL2026"), ('="00123"', "00123"), ("\ufeffA1", "A1"),
        (138_1234_5678, "13812345678"), ("138 1234 5678", "13812345678"), (None, ""),
    ],
)  # fmt: skip
def test_identifiers_are_bare(cell: object, expected: str) -> None:
    assert cells.identifier(cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("一行_x000D_\n两行", "一行\n两行"), ("一\r\n二\r三", "一\n二\n三"), (3.0, "3"), (3.5, "3.5"), (True, "是"),
        ("响\x07铃", "响铃"), ({"date": "2026-11-20T09:30:00"}, "2026-11-20 09:30:00"), ("=1+1", "=1+1"),
    ],
)  # fmt: skip
def test_text_is_what_a_person_reads(cell: object, expected: str) -> None:
    assert cells.text(cell) == expected


@pytest.mark.parametrize("mark", [{"formula": "=A1"}, {"error": "#N/A"}, {"merged": "A2:A5"}])
def test_what_has_no_text_is_told_with_a_way_out(mark: dict[str, str]) -> None:
    with pytest.raises(cells.Unusable) as told:
        cells.text(mark)
    assert "请" in str(told.value)


@given(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=40)))
def test_any_cell_gives_a_value_or_a_reason(cell: object) -> None:
    reasons = []
    for read in (cells.text, cells.identifier, cells.yes, lambda c: cells.instant(c, ZONE)):
        try:
            read(cell)
        except cells.Unusable as reason:
            reasons.append(str(reason))
    assert all(reason and not reason.endswith("。") for reason in reasons)


@pytest.mark.parametrize(
    ("cell", "expected"), [("是", True), ("√", True), (1, True), (0, False), ("公开", False), (None, False)]
)
def test_yes_and_no(cell: object, expected: bool) -> None:
    assert cells.yes(cell) is expected
