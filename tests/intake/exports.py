"""Tables as city platforms export them, and as nobody should; all people are fictional."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Sequence
from typing import Any
from xml.sax.saxutils import escape

from openpyxl import Workbook

from app.ids import new_id

HEADER = [
    "工单编号",
    "标题",
    "诉求内容",
    "来电人",
    "联系电话",
    "地址",
    "诉求类型",
    "来源",
    "紧急程度",
    "受理时间",
    "办结时限",
]


def line(number: str | None = None, **other: Any) -> list[Any]:
    """One row under `HEADER`; other values by the name of the column."""
    values: dict[str, Any] = {
        "工单编号": number or f"DL{new_id()[-10:]}", "标题": "楼道感应灯不亮",
        "诉求内容": "三号楼二单元感应灯不亮，请维修。",
        "来电人": "王小明", "联系电话": "13812345678", "地址": "树林召镇平安小区3号楼2单元501室", "诉求类型": "投诉",
        "来源": "12345", "紧急程度": "一般", "受理时间": "2026-11-01 09:30", "办结时限": "2026-12-30",
    }  # fmt: skip
    return [(values | other)[name] for name in HEADER]


def xlsx(
    rows: Sequence[Sequence[Any]], header: Sequence[str] = HEADER, change: Callable[[Any], None] | None = None
) -> bytes:
    """A workbook with a header and rows; `change` gets the sheet before it is saved."""
    book = Workbook()
    sheet = book.active
    sheet.append(list(header))
    for row in rows:
        sheet.append(list(row))
    if change is not None:
        change(sheet)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def text_table(
    rows: Sequence[Sequence[Any]], header: Sequence[str] = HEADER, separator: str = ",", encoding: str = "utf-8-sig"
) -> bytes:
    """The same as text."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=separator)
    writer.writerow(header)
    writer.writerows([["" if cell is None else cell for cell in row] for row in rows])
    return buffer.getvalue().encode(encoding)


def rewritten(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """A workbook whose named part was changed behind the library's back."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, change(data) if re.fullmatch(part, name) else data)
    return out.getvalue()


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def by_excel(rows: Sequence[Sequence[str]]) -> bytes:
    """A workbook of texts with shared strings, put together by hand."""
    texts = list(dict.fromkeys(text for row in rows for text in row))
    cells = ["".join(f'<c t="s"><v>{texts.index(text)}</v></c>' for text in row) for row in rows]
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_TYPE}.sharedStrings+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{_REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets>'
        f'<sheet name="工单" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{_REL}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/sharedStrings.xml": f'<x:sst xmlns:x="{_MAIN}">'
        + "".join(f"<x:si><x:t>{escape(text)}</x:t></x:si>" for text in texts)
        + "</x:sst>",
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>'
        + "".join(f"<row>{row}</row>" for row in cells)
        + "</sheetData></worksheet>",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()
