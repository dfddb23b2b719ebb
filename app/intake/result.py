"""The rows that were refused, as a workbook: as they came, with line and reason, to be corrected and sent again."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.intake import lifecycle
from app.intake.models import IntakeFile, IntakeRow
from app.intake.queries import readable


def refused(session: Session, file: IntakeFile) -> bytes:
    """Return an .xlsx with the header of the file, its refused rows, and two columns in front: line and reason."""
    # Imported when somebody asks: a web process need not hold a writer of workbooks.
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("未导入的行")
    sheet.append([_plain(sheet, name) for name in ("原行号", "原因", *file.header)])
    query = (
        select(IntakeRow)
        .where(IntakeRow.file_id == file.id, IntakeRow.state == lifecycle.REFUSED)
        .order_by(IntakeRow.line)
    )
    for row in session.scalars(query):
        texts = [str(row.line), "；".join(_reasons(row)), *(readable(cell) for cell in row.cells)]
        sheet.append([_plain(sheet, text) for text in texts])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _plain(sheet: Any, text: str) -> Any:
    """Text stays text: what a stranger wrote must not run as a formula on the desk of whoever opens the result."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", text)[:32_000])
    cell.data_type = "s"
    return cell


def _reasons(row: IntakeRow) -> Iterator[str]:
    for fault in row.faults:
        yield f"{fault['label']}：{fault['text']}" if fault["label"] else fault["text"]
