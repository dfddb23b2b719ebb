"""Judging the rows of a file, and registering them: through the very command a person uses, one unit of work each."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app import clock
from app.clock import Moment
from app.db import Database
from app.ids import new_id
from app.intake import files, lifecycle
from app.intake.models import IntakeFile, IntakeRow
from app.intake.translate import Reading
from app.journal.record import record
from app.people import permissions
from app.people.models import Jurisdiction
from app.people.permissions import Actor
from app.people.queries import actor_of
from app.policies.policy import Policy
from app.policies.queries import policy_of
from app.problems import Problem, Refused, sentence
from app.tickets import intake
from app.tickets.models import Ticket

SLICE_SECONDS: Final = 20.0
"""A job registers so long, then makes room for others: pushes wait in the same queue."""
_VIA: Final = "表格导入"


def reading_of(session: Session, file: IntakeFile) -> Reading:
    """Return how the file's lines are to be read."""
    place = session.get_one(Jurisdiction, file.jurisdiction_id)
    return Reading(
        columns=file.columns,
        vocabulary=files.vocabulary(session, file.jurisdiction_id),
        zone=place.zone,
        date1904=file.date1904,
        defaults=file.defaults,
        meanings=file.meanings,
    )


def judge(database: Database, file_id: str, at: datetime) -> None:
    """Say of every row whether it can be registered, is known already, or what is wrong with it."""
    with database.read() as session:
        file = session.get_one(IntakeFile, file_id)
        reader = reading_of(session, file)
        policy = policy_of(session, session.get_one(Jurisdiction, file.jurisdiction_id).policy_id)
    seen: dict[str, int] = {}
    after, data = 0, 0
    while rows := _rows_after(database, file_id, after):
        after = rows[-1].line
        judged = [_judge_row(row, file.header_row or 0, reader, policy, at) for row in rows]
        _mark_known(database, file.jurisdiction_id, judged, seen)
        with database.unit_of_work() as session:
            session.execute(update(IntakeRow), judged)
        data += sum(row["state"] != lifecycle.RAW for row in judged)
    with database.unit_of_work() as session:
        if data:
            files.end(session, file_id, lifecycle.PREVIEW, None)
        else:
            files.end(session, file_id, lifecycle.UNMAPPED, "表头下面没有数据行，请检查表头所在的行。")


def _rows_after(database: Database, file_id: str, line: int) -> Sequence[IntakeRow]:
    query = (
        select(IntakeRow)
        .where(IntakeRow.file_id == file_id, IntakeRow.line > line, IntakeRow.state != lifecycle.TAKEN)
        .order_by(IntakeRow.line)
        .limit(files.CHUNK)
    )
    with database.read() as session:
        return session.scalars(query).all()


def _judge_row(row: IntakeRow, header_row: int, reader: Reading, policy: Policy, at: datetime) -> dict[str, Any]:
    found: dict[str, Any] = {"file_id": row.file_id, "line": row.line, "number": None, "faults": []}
    if row.line <= header_row:
        return found | {"state": lifecycle.RAW}
    args, number, faults = reader.translate(row.cells)
    told = [fault.wire() for fault in faults]
    if args is not None:
        verdict = intake.judge(policy, args, Moment.of_server(at))
        if isinstance(verdict, Refused):
            told = [_told(sentence(verdict.code, verdict.facts))]
    state = lifecycle.REFUSED if told else lifecycle.READY
    return found | {"state": state, "number": number and number[:40], "faults": told}


def _told(text: str) -> dict[str, Any]:
    return {"field": None, "label": None, "column": None, "text": text.rstrip("。")}


def _mark_known(database: Database, place: str, judged: list[dict[str, Any]], seen: dict[str, int]) -> None:
    """A number that stands in the system, or further up in the file, is no mistake: exports overlap (已有)."""
    ready = [row for row in judged if row["state"] == lifecycle.READY]
    numbers = [row["number"] for row in ready]
    with database.read() as session:
        query = select(Ticket.number).where(Ticket.jurisdiction_id == place, Ticket.number.in_(numbers))
        known = set(session.scalars(query)) if numbers else set()
    for row in ready:
        first = seen.setdefault(row["number"], row["line"])
        if row["number"] in known:
            row["state"] = lifecycle.KNOWN
        elif first != row["line"]:
            row["state"], row["faults"] = lifecycle.KNOWN, [_told(f"与第 {first} 行的工单编号相同")]


def register(database: Database, file_id: str, seconds: float) -> bool:
    """Register rows that are ready for so many seconds; return whether some are left."""
    until = time.monotonic() + seconds
    while True:
        with database.read() as session:
            file = session.get_one(IntakeFile, file_id)
            reader = reading_of(session, file)
            actor = actor_of(session, file.confirmed_by or "", None, clock.now())
            query = select(IntakeRow.line).where(IntakeRow.file_id == file_id, IntakeRow.state == lifecycle.READY)
            lines = session.scalars(query.order_by(IntakeRow.line).limit(100)).all()
        if actor is None or not _may(actor):
            with database.unit_of_work() as session:
                files.end(session, file_id, lifecycle.STOPPED, "确认导入的人员已不在工作站岗位，请由在岗人员再次确认。")
            return False
        if not lines:
            _finish(database, file_id)
            return False
        for line in lines:
            _register_row(database, actor, reader, file_id, line)
            if time.monotonic() > until:
                return True


def _may(actor: Actor) -> bool:
    return permissions.role_for(actor, "ticket.intake", actor.jurisdiction_id, None) is not None


def _register_row(database: Database, actor: Actor, reader: Reading, file_id: str, line: int) -> None:
    """The row's state and its ticket are committed together: whoever comes after a crash sees both or neither."""
    try:
        with database.unit_of_work() as session:
            row = session.get_one(IntakeRow, (file_id, line), with_for_update=True)
            if row.state != lifecycle.READY:
                return
            args, _, faults = reader.translate(row.cells)
            if args is None:
                raise Problem("command_invalid", reason=faults[0].text)
            now = clock.now()
            moment = Moment(received=now, claimed=now, counted=now, command_id=new_id())
            intake.take_in(session, actor, args | {"ticket_id": row.ticket_id, "via": _VIA}, moment)
            row.state, row.cells, row.faults = lifecycle.TAKEN, [], []
    except Problem as problem:
        if problem.status >= 500:
            raise
        _refuse(database, file_id, line, problem)


def _refuse(database: Database, file_id: str, line: int, problem: Problem) -> None:
    known = problem.code == "ticket_exists"
    with database.unit_of_work() as session:
        row = session.get_one(IntakeRow, (file_id, line), with_for_update=True)
        if row.state == lifecycle.READY:
            row.state = lifecycle.KNOWN if known else lifecycle.REFUSED
            row.faults = [] if known else [_told(problem.message)]


def _finish(database: Database, file_id: str) -> None:
    now = clock.now()
    with database.unit_of_work() as session:
        file = session.get_one(IntakeFile, file_id, with_for_update=True)
        if file.state != lifecycle.REGISTERING:  # another worker was here a moment earlier
            return
        place = session.get_one(Jurisdiction, file.jurisdiction_id, with_for_update=True)
        files.end(session, file_id, lifecycle.DONE, None, now)
        payload = {"file_id": file_id, "by": file.confirmed_by, **counts(session, file_id)}
        record(session, place, "intake.finished", payload, Moment.of_server(now))


def counts(session: Session, file_id: str) -> dict[str, int]:
    """Return how many rows of a file are in which state."""
    query = select(IntakeRow.state, func.count()).where(IntakeRow.file_id == file_id).group_by(IntakeRow.state)
    found: dict[str, int] = dict(session.execute(query).all())
    return {
        state: found.get(state, 0)
        for state in (lifecycle.READY, lifecycle.TAKEN, lifecycle.KNOWN, lifecycle.REFUSED)
    }  # fmt: skip
