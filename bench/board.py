"""The list of a station with 100,000 tickets: server time of every filter and order offered, over the bare statements.

Server time is a whole request inside one process: sign-in check, filters, page, counts, fifty rows as JSON. The
baseline sends the very same statements through the driver alone.
"""

from __future__ import annotations

import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import event, text
from sqlalchemy.engine import make_url

from app import clock
from app.auth import hash_password
from app.db import Database
from app.factory import create_app
from app.ids import new_id
from app.people.models import Jurisdiction, Person
from app.people.permissions import STATION
from app.setup import add_member, add_unit
from bench import dataset
from bench.harness import Row, create_database, durable_postgres, folder, row
from config import Config

TICKETS = 100_000
ROUNDS = 30
GOAL_MS = 50.0
OPERATOR = "13977770000"
UNIT = "01900001-0000-7000-8000-000000000007"
STATES = ("registered", "dispatched", "handling", "signing", "reviewing", "redo", "suspended", "closed")
CASES = (
    "", "sort=new", *(f"state={state}" for state in STATES), "state=closed&sort=new", "state=handling&sort=new",
    f"unit={UNIT}", f"unit={UNIT}&sort=new", f"unit={UNIT}&state=handling", "priority=urgent", "priority=normal",
    "priority=urgent&sort=new", "due=overdue", "due=today", "due=soon", "due=overdue&sort=new", "repeated=true",
    "repeated=true&sort=new", "escalated=true", "escalated=true&sort=new", "q=B-99999", "q=路灯", "q=nothing-at-all",
    "q=破损&sort=new", "state=handling&priority=urgent&repeated=true",
)  # fmt: skip


def run() -> Iterator[Row]:
    """Yield the median and the worst server time of each case on both databases."""
    with folder() as place, durable_postgres() as server:
        for name, url in (
            ("postgresql", create_database(server, "board")),
            ("sqlite", f"sqlite:///{Path(place) / 'board.db'}"),
        ):
            database = Database(url)
            dataset.fill(database, TICKETS)
            _lived_in(database)
            yield from _measured(name, url, database, Path(place) / name)
            database.engine.dispose()


def _lived_in(database: Database) -> None:
    """Make the tickets those of some years: most closed, few urgent, fewer given out again or before somebody above."""
    postgres = database.engine.dialect.name == "postgresql"
    i = "CAST(substr(number, 3) AS INTEGER)"
    now = clock.now()
    state = " ".join(f"WHEN {i} % 50 = {number} THEN '{name}'" for number, name in enumerate(STATES[:-1]))
    minutes = f"({i} % 9000 - 900)"
    due = (
        f"CASE WHEN {i} % 50 > 8 THEN NULL ELSE CAST(:at AS timestamptz) + make_interval(mins => {minutes}) END"
        if postgres
        else f"CASE WHEN {i} % 50 > 8 THEN NULL ELSE strftime('%Y-%m-%dT%H:%M:%fZ', :at, {minutes} || ' minutes') END"
    )
    received = (
        f"CAST(:at AS timestamptz) - make_interval(mins => {i} * 10)"
        if postgres
        else f"strftime('%Y-%m-%dT%H:%M:%fZ', :at, '-' || ({i} * 10) || ' minutes')"
    )
    with database.unit_of_work() as session:
        session.execute(
            text(
                f"UPDATE tickets SET state = CASE {state} WHEN {i} % 50 < 9 THEN 'handling' ELSE 'closed' END,"
                f" next_due_at = {due}, received_at = {received},"
                f" urgency = CASE WHEN {i} % 97 = 0 THEN 0 WHEN {i} % 89 = 0 THEN 1 WHEN {i} % 83 = 0 THEN 2"
                " ELSE 3 END,"
                f" priority = CASE WHEN {i} % 97 = 0 THEN 'urgent' ELSE 'normal' END,"
                f" title = CASE WHEN {i} % 41 = 0 THEN '路灯不亮 ' ELSE '路面破损积水 ' END || {i},"
                f" assigned_count = CASE WHEN {i} % 211 = 0 THEN 4 WHEN {i} % 53 = 0 THEN 2 ELSE 1 END,"
                f" escalated = ({i} % 307 = 0)"
            ),
            {"at": now if postgres else clock.iso(now)},
        )
        session.execute(text("UPDATE tickets SET unit_id = NULL WHERE state = 'registered'"))
        place = session.get_one(Jurisdiction, "dalad")
        person = Person(
            id=new_id(), jurisdiction_id=place.id, name="站员", phone=OPERATOR,
            password_hash=hash_password(dataset.PASSWORD),
        )  # fmt: skip
        session.add(person)
        session.flush()
        add_member(session, person, add_unit(session, place, "工作站", 1), STATION, None)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE" if postgres else "ANALYZE"))


def _measured(name: str, url: str, database: Database, var_dir: Path) -> Iterator[Row]:
    app = create_app(Config(secret_key="b" * 40, var_dir=var_dir, database_url=url, logins_per_minute=1000), database)
    client = app.test_client()
    device = {"id": new_id(), "name": "bench", "platform": "bench"}
    login = {"phone": OPERATOR, "password": dataset.PASSWORD, "device": device}
    token = client.post("/api/v1/auth/login", json=login).get_json()["access_token"]
    seen: list[tuple[str, Any]] = []
    event.listen(
        database.engine, "before_cursor_execute", lambda c, cur, sql, params, ctx, many: seen.append((sql, params))
    )
    bare, close = _bare(name, url)
    for query in CASES:

        def ask(query: str = query) -> None:
            answer = client.get(f"/api/v1/tickets?{query}", headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 200, answer.text

        ask()
        seen.clear()
        ask()
        statements = list(seen)
        times, base = _times(ask), _times(lambda s=statements: bare(s))
        case = f"{name}, {TICKETS} tickets, {query or 'as it opens'}; goal {GOAL_MS:g} ms"
        yield row("board.list", case, statistics.median(times), "ms", statistics.median(base), ROUNDS, False)
        yield row("board.worst", case, max(times), "ms", max(base), ROUNDS, False)
    close()


def _times(work: Callable[[], None]) -> list[float]:
    found = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        work()
        found.append((time.perf_counter() - begun) * 1000)
    return found


def _bare(name: str, url: str) -> tuple[Callable[[list[tuple[str, Any]]], None], Callable[[], None]]:
    """Return what sends statements through the driver alone, and what closes its connection."""
    if name == "postgresql":
        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        connection: Any = psycopg.connect(plain)
    else:
        connection = sqlite3.connect(make_url(url).database or "")

    def send(statements: list[tuple[str, Any]]) -> None:
        cursor = connection.cursor()
        for sql, parameters in statements:
            if sql.startswith(("BEGIN", "PRAGMA")):
                continue
            cursor.execute(sql, parameters)
            cursor.fetchall()
        connection.rollback()

    return send, connection.close
