"""A file of 5,000 requests: read and judged, then registered one unit of work each.

The baseline does the least that must be done: openpyxl's bare loop over the same file, and the very rows that ended in
`tickets` and `journal_events` inserted again by the bare driver, one commit a ticket.
"""

from __future__ import annotations

import io
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
from openpyxl import Workbook, load_workbook
from psycopg import sql
from sqlalchemy import text
from sqlalchemy.engine import make_url

from app import clock
from app.clock import Moment
from app.db import Database
from app.ids import new_id
from app.intake import commands, files, register, uploading
from app.people.models import Person
from app.people.permissions import Actor
from app.people.queries import actor_of
from app.setup import found, migrate
from bench.harness import Row, create_database, durable_postgres, folder, row

ROWS = 5_000
HEADER = (
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
)
CONTENT = "反映某小区门前路面破损积水，出行不便，希望有关部门尽快到现场查看并修复，修复后请告知本人。" * 4
TABLES = ("tickets", "journal_events")


def run() -> Iterator[Row]:
    """Yield rows/s of each step and of the whole, on both databases."""
    content = _workbook()
    with folder() as place, durable_postgres() as server:
        for name, make in (
            ("sqlite", lambda n: f"sqlite:///{Path(place) / n}.db"),
            ("postgresql", lambda n: create_database(server, n)),
        ):
            yield from _engine(name, make, Path(place) / name, content)


def _workbook() -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("工单")
    sheet.append(HEADER)
    for i in range(ROWS):
        who = ("张某某", f"138{i:08d}", f"某镇某小区{i % 90}号楼")
        times = ("2026-11-01 09:30:00", "2026-12-30")
        sheet.append((f"DL2026{i:06d}", f"门前路面破损{i}", CONTENT, *who, "投诉", "12345", "一般", *times))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _engine(name: str, make: Callable[[str], str], place: Path, content: bytes) -> Iterator[Row]:
    url = make("intake")
    database, actor = _town(url)
    read, registered = _import(database, actor, place, content)
    looped = _timed(lambda: _bare_loop(content))
    inserted = _bare_inserts(name, database, make("bare"))
    case = f"{name} {ROWS} rows"
    yield row("intake.read", f"{case}, over bare openpyxl", ROWS / read, "1/s", ROWS / looped, ROWS)
    yield row("intake.register", f"{case}, over bare inserts", ROWS / registered, "1/s", ROWS / inserted, ROWS)
    whole, least = read + registered, looped + inserted
    yield row("intake.whole", f"{case}, over both", ROWS / whole, "1/s", ROWS / least, ROWS)
    database.engine.dispose()


def _town(url: str) -> tuple[Database, Actor]:
    database = Database(url)
    migrate(database)
    found(database, "dalad", "工作站", "站员", "13700000001", "bench-password-1")
    with database.read() as session:
        person_id = session.execute(text("SELECT id FROM persons")).scalar_one()
        person = session.get_one(Person, str(person_id))
        actor = actor_of(session, person.id, None, clock.now())
    assert actor is not None
    return database, actor


def _import(database: Database, actor: Actor, place: Path, content: bytes) -> tuple[float, float]:
    """Return seconds of reading with judging, and of registering."""
    file_id = new_id()
    size, digest = files.keep(place, file_id, io.BytesIO(content))
    with database.unit_of_work() as session:
        uploading.begin(session, actor, file_id, "bench.xlsx", digest, size, Moment.of_server(clock.now()))

    def read() -> None:
        files.read(database, place, file_id)
        register.judge(database, file_id, clock.now())

    spent = _timed(read)
    with database.unit_of_work() as session:
        commands.confirm(session, actor, {"file_id": file_id}, Moment.of_server(clock.now()))
    registering = _timed(lambda: register.register(database, file_id, 3600))
    with database.read() as session:
        taken = register.counts(session, file_id)
    assert taken["taken"] == ROWS, taken
    return spent, registering


def _bare_loop(content: bytes) -> None:
    book = load_workbook(io.BytesIO(content), read_only=True)
    assert sum(1 for _ in book.active.iter_rows(values_only=True)) == ROWS + 1
    book.close()


def _bare_inserts(name: str, database: Database, url: str) -> float:
    """Insert what the product wrote into an identical database, and return the seconds it took."""
    _town(url)[0].engine.dispose()
    with database.engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        taken = [_rows(raw, table) for table in TABLES]
    if name == "sqlite":
        target: Any = sqlite3.connect(make_url(url).database or "", isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            target.execute(f"PRAGMA {pragma}")
        begin, end, mark = "BEGIN IMMEDIATE", "COMMIT", "?"
    else:
        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        target = psycopg.connect(plain, autocommit=True)
        begin, end, mark = "BEGIN", "COMMIT", "%s"
    statements = [_insert(table, names, mark) for table, (names, _) in zip(TABLES, taken, strict=True)]

    def write() -> None:
        for ticket, event in zip(taken[0][1], taken[1][1], strict=True):
            target.execute(begin)
            target.execute(statements[0], ticket)
            target.execute(statements[1], event)
            target.execute(end)

    spent = _timed(write)
    target.close()
    return spent


def _rows(raw: Any, table: str) -> tuple[list[str], Sequence[Sequence[Any]]]:
    """Return column names and the rows of what was taken in, their keys as the driver gives them."""
    where = "" if table == "tickets" else " WHERE name = 'ticket.taken_in'"
    cursor = raw.cursor()
    cursor.execute(f"SELECT * FROM {table}{where}")
    names = [column[0] for column in cursor.description]
    return names, cursor.fetchall()


def _insert(table: str, names: Sequence[str], mark: str) -> Any:
    if mark == "?":
        columns = ", ".join(f'"{name}"' for name in names)
        return f'INSERT INTO "{table}" ({columns}) VALUES ({", ".join(mark for _ in names)})'
    quoted = sql.SQL(", ").join(map(sql.Identifier, names))
    marks = sql.SQL(", ").join(sql.Placeholder() for _ in names)
    return sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(sql.Identifier(table), quoted, marks)


def _timed(step: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    step()
    return time.perf_counter() - begun
