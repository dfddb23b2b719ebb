"""What a cell of a spreadsheet means, and what it cannot mean. Pure.

A cell is what JSON can keep: text, a number, true or false, nothing, or a mark `{"date": …}`, `{"formula": …}`,
`{"error": …}`, `{"merged": …}` for what the file format knows beyond that.
"""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

Cell = Any
_EXACT: Final = 10**15
"""From here on Excel has replaced the last digits of a number by zeros."""
_SERIALS: Final = (20_000, 120_000)
"""Day numbers of Excel that are taken for dates: 1954 to 2228."""
_SCIENTIFIC: Final = re.compile(r"[+-]?\d(\.\d+)?[eE]\+?\d+")
_TEXT_FORMULA: Final = re.compile(r'="(.*)"', re.DOTALL)
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_INVISIBLE: Final = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]")
_CONTROL: Final = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
_YES: Final = frozenset({"是", "y", "yes", "true", "1", "√", "✓", "匿名", "保密"})
_NO: Final = frozenset({"", "否", "n", "no", "false", "0", "×", "不匿名", "非匿名", "公开", "不保密", "实名", "无"})
_DIGITS: Final = r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
_CLOCK: Final = r"(\d{1,2})[:时点](?:(\d{1,2})(?:[:分](?:(\d{1,2})(?:\.\d+)?秒?)?)?)?"
_WRITTEN: Final = re.compile(rf"{_DIGITS}(?:[\sT]*{_CLOCK})?")
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?")
_OFFSET: Final = re.compile(r"(.*\d)\s*(Z|[+-]\d{2}:?\d{2})")


class Unusable(Exception):
    """The cell cannot mean what its column says; the text is the reason, in Chinese, without a full stop."""


def is_empty(cell: Cell) -> bool:
    """Return whether nobody wrote anything there."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def text(cell: Cell) -> str:
    """Return what a person reads in the cell, trimmed. Raises `Unusable` for formulas, errors and merged cells."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, int | float):
        return _number(cell)
    if isinstance(cell, dict):
        return _marked(cell)
    return _tidy(cell)


def _marked(cell: dict[str, str]) -> str:
    if "date" in cell:
        moment = datetime.fromisoformat(cell["date"])
        return moment.strftime("%Y-%m-%d" if moment.time() == time() else "%Y-%m-%d %H:%M:%S")
    if "formula" in cell:
        raise Unusable("是公式，请复制后“粘贴为数值”再导入")
    if "merged" in cell:
        raise Unusable(f"属于合并单元格 {cell['merged']}，请取消合并并逐行填写")
    raise Unusable(f"是错误值 {cell.get('error', '')}，请更正")


def _number(value: int | float) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        raise Unusable("不是有效的数字")
    return str(int(value)) if value == int(value) else repr(value)


def _tidy(value: str) -> str:
    wrapped = _TEXT_FORMULA.fullmatch(value.strip())
    plain = wrapped[1].replace('""', '"') if wrapped else value
    plain = _ESCAPED.sub(
        lambda m: chr(int(m[1], 16)) if m[1] in ("000D", "000d", "000A", "000a", "0009") else "", plain
    )
    return _CONTROL.sub("", plain.replace("\r\n", "\n").replace("\r", "\n")).strip()


def identifier(cell: Cell) -> str:
    """Return a number that names something (ticket, telephone), without blanks.

    Raises `Unusable` where the spreadsheet has already lost digits: then nobody can know the number.
    """
    if isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) >= _EXACT:
        raise Unusable("超过 15 位的数字已被 Excel 改动末位，请把该列设为文本后重新导出")
    found = "".join(_INVISIBLE.sub("", unicodedata.normalize("NFKC", text(cell))).split())
    if _SCIENTIFIC.fullmatch(found):
        raise Unusable("是科学计数法，末位数字已丢失，请把该列设为文本后重新导出")
    return found


def yes(cell: Cell) -> bool:
    """Return whether the cell says yes. Raises `Unusable` for what is neither yes nor no."""
    said = text(cell).lower()
    if said in _YES:
        return True
    if said in _NO:
        return False
    raise Unusable("须填“是”或“否”")


def instant(cell: Cell, zone: str, date1904: bool = False, end_of_day: bool = False) -> datetime | None:
    """Return the instant a cell names, wall time being that of `zone`; None for an empty one.

    A date without a time is its beginning, or its last second with `end_of_day` (a limit runs until the day is over).
    Raises `Unusable`.
    """
    wall = _wall(cell, date1904)
    if wall is None:
        return None
    moment, dated = wall
    if dated and end_of_day:
        moment = moment.replace(hour=23, minute=59, second=59)
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))


def _wall(cell: Cell, date1904: bool) -> tuple[datetime, bool] | None:
    """Return the wall time and whether only a date was given."""
    if isinstance(cell, dict) and "date" in cell:
        moment = datetime.fromisoformat(cell["date"])
        return moment, moment.time() == time()
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _serial(cell, date1904)
    said = unicodedata.normalize("NFKC", text(cell)).strip()
    if not said:
        return None
    return _written(said)


def _serial(value: int | float, date1904: bool) -> tuple[datetime, bool]:
    if not _SERIALS[0] <= value <= _SERIALS[1]:
        compact = _COMPACT.fullmatch(_number(value))
        if compact:
            return _built(compact.groups())
        raise Unusable("不是日期")
    origin = datetime(1904, 1, 1) if date1904 else datetime(1899, 12, 30)  # noqa: DTZ001 - wall time of the place
    moment = origin + timedelta(seconds=round(value * 86_400))
    return moment, moment.time() == time()


def _written(said: str) -> tuple[datetime, bool]:
    offset = _OFFSET.fullmatch(said)
    if offset and ":" in offset[1]:
        try:
            return datetime.fromisoformat(said.replace(" ", "T", 1).replace(" ", "")), False
        except ValueError:
            raise Unusable("不是日期") from None
    match = _WRITTEN.fullmatch(said) or _COMPACT.fullmatch(said)
    if match is None:
        raise Unusable("不是日期，请写成 2026-11-20 09:30 的样子")
    return _built(match.groups())


def _built(groups: tuple[str | None, ...]) -> tuple[datetime, bool]:
    year, month, day, *rest = (int(group) if group else None for group in groups)
    hour, minute, second = (part or 0 for part in rest)
    try:
        moment = datetime(year or 0, month or 0, day or 0, hour, minute, second)  # noqa: DTZ001 - wall time
    except ValueError:
        raise Unusable("不是日期，没有这一天或这个时刻") from None
    return moment, rest[0] is None
