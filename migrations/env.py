"""Alembic environment: the tables of every package, on the database of the configuration."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import context
from sqlalchemy.engine import Connection

from app import tables
from app.db import Database
from config import Config


def run() -> None:
    """Migrate the database that `Config` names, or the connection handed over by the caller."""
    database = context.config.attributes.get("database") or Database(Config.from_environ().database_url)
    # An ordinary engine transaction: the session's edge in app.db is for the domain.
    with (
        database.engine.connect().execution_options(doorstep_writing=True) as connection,
        _references_may_rest(connection),
    ):
        context.configure(
            connection=connection, target_metadata=tables.metadata, render_as_batch=True, compare_type=True,
            on_version_apply=_references_hold,
        )  # fmt: skip
        with context.begin_transaction():
            context.run_migrations()


@contextmanager
def _references_may_rest(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by building it anew and dropping the old one, to which others still refer meanwhile.

    The pragma does nothing inside a transaction, hence the driver's own connection before one has begun.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.dbapi_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def _references_hold(ctx: Any, **_: Any) -> None:
    """Look at every reference before a step is committed. Raises `RuntimeError`; the step is then taken back."""
    if ctx.connection.dialect.name == "sqlite":
        broken = ctx.connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(5)
        if broken:
            raise RuntimeError(f"references to nothing: {broken}")


run()
