"""Text tables: which encoding, which separator, which lines. Pure."""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
from collections.abc import Iterator
from typing import Any, Final

from app.intake.columns import HEADER_WITHIN, propose
from app.intake.limits import MAX_COLUMNS, Unreadable

_SEPARATORS: Final = (",", "\t", ";")
_LONGEST: Final = 200_000
"""Characters of one field; a lost quotation mark makes one field of the whole file."""


def decode(data: bytes) -> str:
    """Return the text of a file written by Excel or a platform. Raises `Unreadable` for what is no text."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _strict(data, "utf-16")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # GB18030 last: it takes almost any bytes for Chinese, UTF-8 hardly any.
        text = _strict(data, "gb18030")
    if "\x00" in text:
        raise Unreadable("文件不是文本，请上传 .xlsx 或 .csv 文件")
    return text


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise Unreadable("文件的文字编码无法识别，请用 Excel 另存为“CSV UTF-8”后再上传") from None


def lines(text: str) -> Iterator[tuple[int, list[Any]]]:
    """Yield (line, fields), lines counted as a spreadsheet shows them. Raises `Unreadable`."""
    head = text.lstrip()[:200].lower()
    if head.startswith(("<html", "<!doctype", "<table", "<?xml", "{", "[")):
        raise Unreadable("文件是网页或其他格式，不是表格，请用 Excel 打开后另存为 .xlsx 再上传")
    for line, fields in _parsed(text, _separator(text)):
        if any(field.strip() for field in fields[MAX_COLUMNS:]):
            raise Unreadable(f"第 {line} 行超过 {MAX_COLUMNS} 列，请删去不需要的列")
        yield line, [field if field.strip() else None for field in fields[:MAX_COLUMNS]]


def _parsed(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(_LONGEST)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        yield from enumerate(reader, start=1)
    except csv.Error:
        raise Unreadable("有一处引号没有成对，请用 Excel 打开检查后另存为 .xlsx 再上传") from None


def _separator(text: str) -> str:
    """Return the separator under which the header is understood best, else the one that makes most columns."""

    def score(separator: str) -> tuple[int, int]:
        seen: list[list[str]] = []
        # A fault further down does not change what the header was.
        with contextlib.suppress(Unreadable):
            seen.extend(fields for _, fields in itertools.islice(_parsed(text, separator), HEADER_WITHIN))
        return max((len(propose(f)) for f in seen), default=0), max((len(f) for f in seen), default=0)

    return max(_SEPARATORS, key=score)
