"""Workbooks (.xlsx): judged before they are unpacked, then read line by line, never as a whole."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from app.intake.cells import Cell
from app.intake.limits import MAX_COLUMNS, MAX_PARTS, MAX_RATIO, MAX_UNPACKED, Unreadable

ZIP: Final = b"PK\x03\x04"
OLE: Final = b"\xd0\xcf\x11\xe0"
_EPOCH_OF_MAC: Final = 1904
_LAST_ROW: Final = 1_048_576
_RATIO_FROM: Final = 1024 * 1024
_MERGED: Final = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"')
_PIECE: Final = 1024 * 1024
_TAIL: Final = 200
"""Longer than the text of one merged cell, so that none is cut in two."""
_MERGED_LINES: Final = 50_000
_DAMAGED: Final = "文件已损坏，或不是 Excel 工作簿，请用 Excel 打开后另存为 .xlsx 再上传"


class Sheet:
    """One visible sheet of an opened workbook; its lines can be read more than once."""

    def __init__(self, path: Path, sheet: Any, date1904: bool) -> None:
        self._path, self._sheet = path, sheet
        self.name: str = sheet.title
        self.date1904 = date1904

    def lines(self) -> Iterator[tuple[int, list[Cell]]]:
        """Yield (line, cells), lines counted from 1. Raises `Unreadable`."""
        with _told():
            yield from _lines(self._sheet, self._merged)

    @cached_property
    def _merged(self) -> dict[int, dict[int, str]]:
        # The streaming reader has no public way to a sheet's part, which is where merged cells are told of.
        return _merged(self._path, self._sheet._worksheet_path)


@contextmanager
def opened(path: Path) -> Iterator[list[Sheet]]:
    """Open a workbook and yield its visible sheets in their order. Raises `Unreadable`."""
    # Imported by the job that reads: no other process need hold a reader of workbooks.
    from openpyxl import load_workbook

    _judge_archive(path)
    with path.open("rb") as file:
        # A file object, because the library judges a path by the ending of its name.
        with _told():
            book = load_workbook(file, read_only=True, data_only=False, keep_links=False)
        try:
            shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
            yield [Sheet(path, sheet, book.epoch.year == _EPOCH_OF_MAC) for sheet in shown]
        finally:
            book.close()


@contextmanager
def _told() -> Iterator[None]:
    """Whatever the reader stumbles over in a stranger's file is the file's fault: it knows dozens of ways to fail."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (Unreadable, MemoryError, GeneratorExit):
        raise
    except Exception as error:
        raise Unreadable(_DAMAGED) from error


def _judge_archive(path: Path) -> None:
    """Refuse bombs by what the archive declares; the reader takes no more bytes of a part than are declared."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise Unreadable(_DAMAGED) from error
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable("文件有密码，请去掉密码后再上传")
    swollen = any(p.file_size > _RATIO_FROM and p.file_size > MAX_RATIO * max(p.compress_size, 1) for p in parts)
    if swollen or len(parts) > MAX_PARTS or sum(p.file_size for p in parts) > MAX_UNPACKED:
        raise Unreadable("文件解开后过大，不予读取，请分成几个文件导出")


def _lines(sheet: Any, merged: dict[int, dict[int, str]]) -> Iterator[tuple[int, list[Cell]]]:
    # Several export libraries declare the sheet's size as A1: what is declared is forgotten.
    sheet.reset_dimensions()
    for line, row in enumerate(sheet.iter_rows(max_row=_LAST_ROW), start=1):
        if any(cell.value is not None for cell in row[MAX_COLUMNS:]):
            raise Unreadable(f"第 {line} 行超过 {MAX_COLUMNS} 列，请删去不需要的列")
        found: list[Cell] = [None if c.value is None else _cell(c.value, c.data_type) for c in row[:MAX_COLUMNS]]
        if line in merged:
            found = _with_marks(found, merged[line])
        while found and found[-1] is None:
            found.pop()
        yield line, found


def _with_marks(found: list[Cell], marks: dict[int, str]) -> list[Cell]:
    """Say of empty cells under which merged area they lie."""
    padded = found + [None] * (max(marks) + 1 - len(found))
    return [{"merged": marks[i]} if cell is None and i in marks else cell for i, cell in enumerate(padded)]


def _cell(value: Any, kind: str) -> Cell:
    if kind == "f":
        return {"formula": str(getattr(value, "text", value))[:200]}
    if kind == "e":
        return {"error": str(value)[:20]}
    if isinstance(value, datetime):
        # Day fractions are not exact: half past nine may come as a hair less.
        rounded = value.replace(tzinfo=None) + timedelta(milliseconds=500)
        return {"date": rounded.replace(microsecond=0).isoformat()}
    if isinstance(value, date):
        return {"date": datetime.combine(value, time()).isoformat()}
    if isinstance(value, time | timedelta):
        return str(value)
    if isinstance(value, bool | int | float):
        return value
    return str(value)


def _merged(path: Path, part: str) -> dict[int, dict[int, str]]:
    """Return line → column → the merged area it lies under, its first cell excepted: that one has the value.

    The streaming reader does not tell of them, and without telling, lines would look as if something were missing.
    """
    found: dict[int, dict[int, str]] = {}
    with zipfile.ZipFile(path) as archive, archive.open(part) as source:
        rest = b""
        while piece := source.read(_PIECE):
            text = rest + piece
            for match in _MERGED.finditer(text):
                _cover(found, match[1].decode())
            rest = text[-_TAIL:]
    return found


def _cover(found: dict[int, dict[int, str]], area: str) -> None:
    from openpyxl.utils import range_boundaries

    left, top, right, bottom = range_boundaries(area)
    columns = range(left - 1, min(right, MAX_COLUMNS))
    if bottom - top > _MERGED_LINES or len(found) > _MERGED_LINES:
        raise Unreadable("合并单元格过多，请取消合并后再上传")
    for line in range(top, bottom + 1):
        covered = {column: area for column in columns if (line, column) != (top, left - 1)}
        if covered:
            found.setdefault(line, {}).update(covered)
