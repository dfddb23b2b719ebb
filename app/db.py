"""Base class, column types and the only place that commits.

One code base serves SQLite (embedded) and PostgreSQL. A writing unit on SQLite starts with BEGIN IMMEDIATE: under
DEFERRED a read followed by a write fails at once when another writer is active, whatever the busy timeout says.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import MetaData, String, Text, create_engine, event
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session
from sqlalchemy.types import TypeDecorator, Uuid

from app import clock
from app.problems import Problem

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


UNIQUE, FOREIGN_KEY = "unique", "foreign_key"
_BROKEN = {
    "23505": UNIQUE, "SQLITE_CONSTRAINT_UNIQUE": UNIQUE, "SQLITE_CONSTRAINT_PRIMARYKEY": UNIQUE,
    "23503": FOREIGN_KEY, "SQLITE_CONSTRAINT_FOREIGNKEY": FOREIGN_KEY,
}  # fmt: skip


def broken_constraint(error: IntegrityError) -> str | None:
    """Return which kind of constraint refused a row, `UNIQUE` or `FOREIGN_KEY`; None for one only our code can break.

    PostgreSQL says it as an SQLSTATE, SQLite as an extended result code.
    """
    said = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
    return _BROKEN.get(said or "")


class Base(DeclarativeBase):
    """Parent of every table; each package keeps its own `models.py`."""

    metadata = MetaData(naming_convention=NAMING)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC instant with milliseconds.

    PostgreSQL keeps `timestamptz(3)`; SQLite keeps the wire text, which sorts like the instants do and can be read
    by a person in the sqlite shell. Epoch integers were rejected for that second reason.
    """

    impl = String(24)
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True, precision=3))
        return dialect.type_descriptor(String(24))

    def process_bind_param(self, value: datetime | None, dialect: Any) -> Any:
        if value is None:
            return None
        return clock.to_millisecond(value) if dialect.name == "postgresql" else clock.iso(value)

    def process_result_value(self, value: Any, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if isinstance(value, datetime) else clock.parse(value)


class Json(TypeDecorator[Any]):
    """JSON kept as JSONB on PostgreSQL and as UTF-8 text on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        return dialect.type_descriptor(JSONB() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def process_result_value(self, value: Any, dialect: Any) -> Any:
        return json.loads(value) if isinstance(value, str) and dialect.name != "postgresql" else value


class JsonText(Json):
    """JSON kept as text on both: what is hashed must come back to the letter, and JSONB rewrites numbers."""

    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def process_result_value(self, value: Any, dialect: Any) -> Any:
        return None if value is None else json.loads(value)


Id = Uuid(as_uuid=False)
"""Column type of every UUID key: native on PostgreSQL, text without dashes on SQLite, `str` in Python."""


class Database:
    """An engine and its two kinds of unit: `unit_of_work()` writes, `read()` does not.

    `after_commit` callables run once after a unit that recorded journal events has committed; they must not raise
    and must not be needed for correctness (they ring the relay's doorbell).
    """

    def __init__(self, url: str, pool_size: int = 8, busy_seconds: float = 15) -> None:
        self.engine = _engine(url, pool_size, busy_seconds)
        self._reading = self.engine
        if self.engine.dialect.name == "postgresql":
            # READ COMMITTED sees no more of one instant inside a transaction than outside, and BEGIN and ROLLBACK are
            # two more round trips around what is often one SELECT.
            self._reading = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self.after_commit: list[Callable[[], None]] = []

    @contextmanager
    def unit_of_work(self) -> Iterator[Session]:
        """Yield a session whose changes are committed together on leaving, or not at all.

        Raises `Problem` `database_busy` when the database is locked or gone and `storage_full` when its disk is full.
        """
        session = Session(self.engine, expire_on_commit=False, autoflush=False)
        session.info["writing"] = True
        try:
            with _translated():
                session.connection(execution_options={"doorstep_writing": True})
                yield session
                session.flush()
                session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.close()
        if session.info.get("events"):
            for hook in self.after_commit:
                hook()

    @contextmanager
    def read(self, *, snapshot: bool = False) -> Iterator[Session]:
        """Yield a session for reading: what would change something through it raises `RuntimeError`.

        With `snapshot` all its statements see the database of one instant, as on SQLite they always do; rows can only
        be streamed (`yield_per`) with it.
        """
        session = _ReadingSession(self.engine if snapshot else self._reading, expire_on_commit=False, autoflush=False)
        try:
            with _translated():
                if snapshot and self.engine.dialect.name == "postgresql":
                    session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
                yield session
        finally:
            # close() rolls back too, and leaves what was loaded readable; rollback() would expire it.
            session.close()


class _ReadingSession(Session):
    """A session that only reads; PostgreSQL's has no transaction that could be rolled back."""

    def flush(self, objects: Any = None) -> None:
        raise RuntimeError("a unit that reads has nothing to flush")


@event.listens_for(_ReadingSession, "do_orm_execute")
def _only_select(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        raise RuntimeError("a unit that reads must not write")


def _engine(url: str, pool_size: int, busy_seconds: float) -> Engine:
    # hide_parameters: the text of a database error may end in a log, and parameters are callers' names and phones.
    options: dict[str, Any] = {"pool_size": pool_size, "hide_parameters": True}
    if url.startswith("sqlite"):
        # isolation_level=None hands BEGIN to the event below; pysqlite would otherwise begin late and DEFERRED.
        engine = create_engine(url, connect_args={"isolation_level": None, "timeout": busy_seconds}, **options)
        event.listen(engine, "connect", _sqlite_pragmas)
        event.listen(engine, "begin", _sqlite_begin)
        return engine
    # No pre-ping: it would cost a round trip per unit. A connection that died answers `database_busy` once, the pool
    # is renewed, and the phone sends again.
    return create_engine(url, max_overflow=pool_size, **options)


def _sqlite_pragmas(connection: sqlite3.Connection, _record: Any) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _sqlite_begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get("doorstep_writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        text = str(error.orig).lower()
        if "disk is full" in text or "no space left" in text or "disk full" in text:
            raise Problem("storage_full") from error
        if isinstance(error, OperationalError) or error.connection_invalidated:
            raise Problem("database_busy") from error
        raise
