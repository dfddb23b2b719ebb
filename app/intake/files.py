"""Files on their way in: kept until read, read into rows, judged, registered one unit of work each.

Each step may be killed and is done again from what the database says; no step does anything twice.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from app.db import Database
from app.evidence.storage import full_disk_told, make_directories
from app.ids import new_id
from app.intake import columns, lifecycle, reading
from app.intake.columns import BY_KEY, DEFAULTABLE
from app.intake.limits import KEPT, MAX_BYTES, Unreadable
from app.intake.models import IntakeFile, IntakeMapping, IntakeRow
from app.intake.translate import Vocabulary, vocabulary_of
from app.people.models import Jurisdiction
from app.policies.queries import policy_of
from app.problems import Problem

CHUNK: Final = 500
"""Rows written at a time: while they are written nobody else can write on SQLite."""
_PIECE: Final = 256 * 1024


def keep(folder: Path, file_id: str, stream: IO[bytes]) -> tuple[int, str]:
    """Write the upload to the disk; return size and SHA-256. Raises `Problem` `intake_file_too_big`, `storage_full`."""
    path = path_of(folder, file_id)
    partial = path.with_suffix(".part")
    size, digest = 0, hashlib.sha256()
    with full_disk_told():
        make_directories(folder)
        try:
            with partial.open("wb") as file:
                while piece := stream.read(_PIECE):
                    size += len(piece)
                    if size > MAX_BYTES:
                        raise Problem("intake_file_too_big", limit_mb=MAX_BYTES // 1024**2)
                    digest.update(piece)
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            partial.rename(path)
        finally:
            partial.unlink(missing_ok=True)
    return size, digest.hexdigest()


def path_of(folder: Path, file_id: str) -> Path:
    """Return where an upload lies until it has been read."""
    return folder / f"{file_id}.upload"


def read(database: Database, folder: Path, file_id: str) -> None:
    """Turn an upload into rows and propose what its columns mean; what cannot be read is told, once and for all."""
    path = path_of(folder, file_id)
    try:
        with database.read() as session:
            file = session.get_one(IntakeFile, file_id)
            remembered = _remembered(session, file.jurisdiction_id)
        with reading.opened(path, remembered) as table:
            _clear(database, file_id)
            _stage(database, file_id, table.lines)
            _propose(database, file_id, table, remembered)
    except (Unreadable, MemoryError) as error:
        _clear(database, file_id)
        reason = str(error) if isinstance(error, Unreadable) else "文件内容过多，无法读取，请分成几个文件导出"
        with database.unit_of_work() as session:
            end(session, file_id, lifecycle.UNREADABLE, reason)
    path.unlink(missing_ok=True)


def _remembered(session: Session, jurisdiction_id: str) -> dict[str, IntakeMapping]:
    query = select(IntakeMapping).where(IntakeMapping.jurisdiction_id == jurisdiction_id)
    return {row.signature: row for row in session.scalars(query)}


def _stage(database: Database, file_id: str, lines: Iterable[reading.Line]) -> None:
    chunk: list[dict[str, Any]] = []
    for line, cells in lines:
        chunk.append(
            {
                "file_id": file_id, "line": line, "state": lifecycle.RAW, "cells": cells, "number": None, "faults": [],
                "ticket_id": new_id(),
            }
        )  # fmt: skip
        if len(chunk) == CHUNK:
            _insert(database, chunk)
            chunk = []
    _insert(database, chunk)


def _insert(database: Database, chunk: Sequence[dict[str, Any]]) -> None:
    if chunk:
        with database.unit_of_work() as session:
            session.execute(insert(IntakeRow), list(chunk))


def _clear(database: Database, file_id: str) -> None:
    """Forget what a killed attempt had read."""
    with database.unit_of_work() as session:
        session.execute(delete(IntakeRow).where(IntakeRow.file_id == file_id))


def _propose(database: Database, file_id: str, table: reading.Table, remembered: Mapping[str, IntakeMapping]) -> None:
    with database.unit_of_work() as session:
        file = session.get_one(IntakeFile, file_id, with_for_update=True)
        file.sheet, file.other_sheets, file.date1904 = table.sheet, table.other_sheets, table.date1904
        file.header_row, file.header = table.header_row, table.header
        known = remembered.get(columns.signature(table.header)) if table.header_row else None
        file.remembered = known is not None
        if known is not None:
            file.columns, file.defaults, file.meanings = known.columns, known.defaults, known.meanings
        else:
            file.columns = columns.propose(table.header)
            file.defaults = _usual(vocabulary(session, file.jurisdiction_id), file.columns)
            file.meanings = {}
        missing = unmet(file.columns, file.defaults)
        if table.header_row is None:
            _ask(file, "没有认出表头，请指定表头所在的行和各列的含义。")
        elif missing:
            _ask(file, f"没有找到{'、'.join(missing)}，请指定对应的列或填写统一的值。")
        else:
            file.state, file.message = lifecycle.JUDGING, None


def _ask(file: IntakeFile, message: str) -> None:
    file.state, file.message = lifecycle.UNMAPPED, message


def _usual(vocabulary: Vocabulary, found: Mapping[str, int]) -> dict[str, str]:
    """Propose the hotline for a file without a source column: whoever confirms sees it and may change it."""
    key = vocabulary.key_of("source", "12345")
    return {"source": key} if key and "source" not in found else {}


def unmet(mapped: Mapping[str, int], defaults: Mapping[str, str]) -> list[str]:
    """Return the labels of required fields that have neither a column nor a value for the whole file."""
    return [f"“{f.label}”" for f in BY_KEY.values() if f.required and f.key not in mapped and f.key not in defaults]


def vocabulary(session: Session, jurisdiction_id: str) -> Vocabulary:
    """Return what the place calls kinds, sources and priorities now."""
    return vocabulary_of(policy_of(session, session.get_one(Jurisdiction, jurisdiction_id).policy_id))


def defaults_known(vocabulary: Vocabulary, defaults: Mapping[str, str]) -> bool:
    """Return whether the values for the whole file are ones the place knows."""
    return all(key in DEFAULTABLE and vocabulary.key_of(key, value) == value for key, value in defaults.items())


def end(session: Session, file_id: str, state: str, message: str | None, at: datetime | None = None) -> None:
    """Bring a file to a state in which nobody works on it."""
    values = {"state": state, "message": message} | ({"ended_at": at} if at else {})
    session.execute(update(IntakeFile).where(IntakeFile.id == file_id).values(values))


def prune(database: Database, folder: Path, at: datetime) -> None:
    """Forget the rows of imports that ended or were left lying a month ago, and uploads nobody will read any more."""
    with database.read() as session:
        query = select(IntakeFile.id, IntakeFile.state).where(
            IntakeFile.uploaded_at < at - KEPT, IntakeFile.state.not_in(lifecycle.UNDER_WAY)
        )
        old = [
            file_id for file_id, _ in session.execute(query)
            if session.scalar(select(IntakeRow.line).where(IntakeRow.file_id == file_id).limit(1)) is not None
        ]  # fmt: skip
    for file_id in old:
        with database.unit_of_work() as session:
            file = session.get_one(IntakeFile, file_id, with_for_update=True)
            session.execute(delete(IntakeRow).where(IntakeRow.file_id == file_id))
            if file.state not in lifecycle.ENDED:
                end(session, file_id, lifecycle.DISCARDED, None, at)
    for path in folder.glob("*.upload"):
        with database.read() as session:
            file_row = session.get(IntakeFile, path.stem)
        if file_row is None or file_row.state != lifecycle.UPLOADED:
            path.unlink(missing_ok=True)
