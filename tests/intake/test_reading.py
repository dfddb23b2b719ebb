"""Files of every make: encodings, separators, workbooks, and files that want to do harm."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake import exports
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from app.intake import limits, reading
from app.intake.limits import Unreadable

SHEET = r"xl/worksheets/sheet1\.xml"


def read(path: Path, content: bytes) -> reading.Table:
    """Read a whole file; `lines` become a list."""
    path = path / "upload"
    path.write_bytes(content)
    with reading.opened(path, {}) as table:
        return reading.Table(
            iter(list(table.lines)), table.header_row, table.header, table.sheet, table.other_sheets, table.date1904
        )


def why_not(path: Path, content: bytes) -> str:
    with pytest.raises(Unreadable) as told:
        read(path, content)
    return str(told.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_text_tables(tmp_path: Path, encoding: str, separator: str) -> None:
    row = exports.line("DL1", 诉求内容='他说："漏水，\n请来"；谢谢')
    table = read(tmp_path, exports.text_table([row], separator=separator, encoding=encoding))
    assert table.header_row == 1 and table.header == exports.HEADER
    assert list(table.lines)[1] == (2, row)


def test_lines_are_counted_as_the_spreadsheet_shows_them_and_empty_ones_left_out(tmp_path: Path) -> None:
    rows = [exports.line("A", 诉求内容="一\n二"), [None] * 11, ["", " "] + [None] * 9, exports.line("B")]
    for content in (exports.text_table(rows), exports.xlsx(rows)):
        found = list(read(tmp_path, content).lines)
        assert [(n, cells[0]) for n, cells in found] == [(1, "工单编号"), (2, "A"), (5, "B")]


def test_a_workbook_keeps_what_kind_a_cell_is(tmp_path: Path) -> None:
    row = exports.line(20260001, 受理时间=datetime(2026, 11, 1, 9, 30), 紧急程度="=1+1", 来电人=True, 标题="#N/A")
    found = list(read(tmp_path, exports.xlsx([row])).lines)[1][1]
    assert found[0] == 20260001 and found[9] == {"date": "2026-11-01T09:30:00"}
    assert found[8] == {"formula": "=1+1"} and found[3] is True and found[1] == {"error": "#N/A"}


def test_titles_above_the_header_and_other_sheets(tmp_path: Path) -> None:
    def dress(sheet: Any) -> None:
        sheet.insert_rows(1, 2)
        sheet["A1"] = "工单导出"
        sheet.merge_cells("A1:K1")
        front = sheet.parent.create_sheet("说明", 0)
        front.append(["填写说明", "勿改"])
        hidden = sheet.parent.create_sheet("隐藏")
        hidden.append(exports.HEADER)
        hidden.sheet_state = "hidden"

    table = read(tmp_path, exports.xlsx([exports.line("A")], change=dress))
    assert (table.sheet, table.other_sheets, table.header_row) == ("Sheet", ["说明"], 3)


def test_merged_cells_are_told_where_they_hide_something(tmp_path: Path) -> None:
    rows = [exports.line("A"), [None, "第二条", *exports.line()[2:]]]
    table = read(tmp_path, exports.xlsx(rows, change=lambda sheet: sheet.merge_cells("A2:A3")))
    assert list(table.lines)[2][1][0] == {"merged": "A2:A3"}


def test_a_record_over_two_merged_lines_is_one_line(tmp_path: Path) -> None:
    def merge(sheet: Any) -> None:
        for column in "ABCDEFGHIJK":
            sheet.merge_cells(f"{column}2:{column}3")

    assert [n for n, _ in read(tmp_path, exports.xlsx([exports.line("A")], change=merge)).lines] == [1, 2]


def test_a_workbook_that_lies_about_its_size_is_read_whole(tmp_path: Path) -> None:
    content = exports.xlsx([exports.line("A"), exports.line("B")])
    small = exports.rewritten(content, SHEET, lambda xml: xml.replace(b'ref="A1:K3"', b'ref="A1"'))
    assert small != content
    assert [len(cells) for _, cells in read(tmp_path, small).lines] == [len(exports.HEADER)] * 3


def test_the_calendar_of_old_macs(tmp_path: Path) -> None:
    def date(sheet: Any) -> None:
        sheet.parent.epoch = CALENDAR_MAC_1904

    assert read(tmp_path, exports.xlsx([exports.line("A")], change=date)).date1904


def test_a_workbook_as_excel_itself_writes_it(tmp_path: Path) -> None:
    """Texts in a part of their own, rows without their place, a namespace with a prefix: all of it is usual."""
    table = read(tmp_path, exports.by_excel([exports.HEADER, exports.line("A")]))
    assert [cells for _, cells in table.lines] == [exports.HEADER, exports.line("A")]


# --- harm


def bomb(size: int) -> bytes:
    content = exports.xlsx([exports.line("A")])
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/media/x", "w") as part:
        for _ in range(size // 2**20):
            part.write(b"\0" * 2**20)
    return out.getvalue()


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    content = bomb(64 * 2**20)
    assert len(content) < 2**20
    assert "过大" in why_not(tmp_path, content)


def test_too_many_parts_and_too_much_altogether(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO(exports.xlsx([exports.line("A")]))
    with zipfile.ZipFile(out, "a") as archive:
        for number in range(limits.MAX_PARTS):
            archive.writestr(f"xl/media/{number}", b"")
    assert "过大" in why_not(tmp_path, out.getvalue())


@pytest.mark.parametrize("part", [SHEET, r"xl/sharedStrings\.xml", r"xl/workbook\.xml"])
def test_entities_are_not_expanded(tmp_path: Path, part: str) -> None:
    mean = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    content = exports.rewritten(exports.by_excel([exports.HEADER]), part, lambda x: mean + x)
    assert "损坏" in why_not(tmp_path, content)


def test_a_line_number_beyond_the_end_of_the_world(tmp_path: Path) -> None:
    content = exports.rewritten(
        exports.xlsx([exports.line("A")]), SHEET, lambda x: x.replace(b'<row r="2"', b'<row r="99999999999"')
    )
    assert len(list(read(tmp_path, content).lines)) == 1


@pytest.mark.parametrize("part", [SHEET, r"xl/workbook\.xml", r"xl/sharedStrings\.xml", r"\[Content_Types\]\.xml"])
@pytest.mark.parametrize("ruin", [lambda x: x[: len(x) // 2], lambda x: b"", lambda x: b"\0" * 50])
def test_a_ruined_workbook_is_told_as_ruined(tmp_path: Path, part: str, ruin: Any) -> None:
    content = exports.rewritten(exports.by_excel([exports.HEADER, exports.line("A")]), part, ruin)
    assert "另存为" in why_not(tmp_path, content)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "空"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "旧版"),
        (b"PK\x03\x04 and nothing more", "损坏"),
        ("<html><table><tr><td>工单编号</td></tr></table></html>".encode(), "网页"),
        (b"GIF89a\0\0\0\0", "不是文本"),
        (b"\xff\xfe\xff", "编码"),
        (b"\x81\xff\xff\xff\xff", "编码"),
        ('工单编号,标题\n1,"没有结束的引号\n2,x\n'.encode(), "引号"),
        (("工单编号,标题" + "," * 200 + "x\n").encode(), "列"),
    ],
)
def test_other_files_are_refused_with_a_way_out(tmp_path: Path, content: bytes, said: str) -> None:
    assert said in why_not(tmp_path, content)


def test_too_many_columns_and_rows(tmp_path: Path) -> None:
    wide = exports.xlsx([[*exports.line("A"), *[None] * 200, "x"]])
    assert "列" in why_not(tmp_path, wide)
    many = exports.text_table([["A", "b", "c"]] * (limits.MAX_ROWS + 31), header=["工单编号", "标题", "诉求内容"])
    assert str(limits.MAX_ROWS) in why_not(tmp_path, many)


def test_empty_workbooks(tmp_path: Path) -> None:
    assert "没有内容" in why_not(tmp_path, exports.xlsx([], header=[]))


@given(st.binary(max_size=400))
def test_any_bytes_are_a_table_or_a_reason(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(content)
    try:
        with reading.opened(path, {}) as table:
            outcome: Any = list(table.lines)
    except Unreadable as reason:
        outcome = str(reason)
    assert outcome is not None
