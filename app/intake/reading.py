"""A file of unknown make → which sheet, which header, which lines. Knows formats, not the database."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.intake import cells, delimited, workbook
from app.intake.cells import Cell
from app.intake.columns import HEADER_WITHIN, find_header
from app.intake.limits import MAX_ROWS, Unreadable

Line = tuple[int, list[Cell]]


@dataclass(frozen=True, slots=True)
class Table:
    """The lines of a file that are not empty, as a stream, and where their header stands (None: not recognised)."""

    lines: Iterator[Line]
    header_row: int | None
    header: list[str]
    sheet: str | None = None
    other_sheets: list[str] = field(default_factory=list)
    date1904: bool = False


@contextmanager
def opened(path: Path, remembered: Mapping[str, object]) -> Iterator[Table]:
    """Open a file by what it is, not by its name. Raises `Unreadable`, also while the lines are read."""
    with path.open("rb") as file:
        start = file.read(8)
    if not start:
        raise Unreadable("文件是空的")
    if start.startswith(workbook.OLE):
        raise Unreadable("文件是旧版 .xls 或有密码，请用 Excel 打开后另存为 .xlsx（不设密码）再上传")
    if not start.startswith(workbook.ZIP):
        yield _text_table(path, remembered)
        return
    with workbook.opened(path) as sheets:
        yield _sheet_table(sheets, remembered)


def _text_table(path: Path, remembered: Mapping[str, object]) -> Table:
    text = delimited.decode(path.read_bytes())
    row, header = _header_of(delimited.lines(text), remembered)
    return Table(_bounded(delimited.lines(text)), row, header)


def _sheet_table(sheets: list[workbook.Sheet], remembered: Mapping[str, object]) -> Table:
    """Choose the first sheet with a header that is understood, else the first with anything in it."""
    filled = [(sheet, *_header_of(sheet.lines(), remembered)) for sheet in sheets if any(_filled(sheet.lines()))]
    if not filled:
        raise Unreadable("文件里没有内容")
    chosen, row, header = next((found for found in filled if found[1] is not None), filled[0])
    others = [sheet.name for sheet, _, _ in filled if sheet is not chosen]
    return Table(_bounded(chosen.lines()), row, header, chosen.name[:64], others, chosen.date1904)


def _header_of(lines: Iterable[Line], remembered: Mapping[str, object]) -> tuple[int | None, list[str]]:
    first = [(line, header_texts(row)) for line, row in itertools.islice(_filled(lines), HEADER_WITHIN)]
    found = find_header(first, remembered)
    return found, dict(first).get(found or 0, [])


def header_texts(row: Iterable[Cell]) -> list[str]:
    """Return a line read as a header; what cannot be a name is empty."""
    return [cell.strip()[:60] if isinstance(cell, str) else "" for cell in row]


def _filled(lines: Iterable[Line]) -> Iterator[Line]:
    """Yield the lines that have anything of their own: what lies under a merged cell is not theirs."""
    for line, row in lines:
        if any(not cells.is_empty(c) and not (isinstance(c, dict) and "merged" in c) for c in row):
            yield line, row


def _bounded(lines: Iterable[Line]) -> Iterator[Line]:
    for count, entry in enumerate(_filled(lines), start=1):
        if count > MAX_ROWS + HEADER_WITHIN:
            raise Unreadable(f"超过 {MAX_ROWS} 行，请分成几个文件导出")
        yield entry
