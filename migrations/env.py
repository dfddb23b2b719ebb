"""Alembic environment: the tables of every package, on the database of the configuration."""

from __future__ import annotations

from alembic import context

from app import tables
from app.db import Database
from config import Config


def run() -> None:
    """Migrate the database that `Config` names, or the connection handed over by the caller."""
    database = context.config.attributes.get("database") or Database(Config.from_environ().database_url)
    # An ordinary engine transaction: the session's edge in app.db is for the domain.
    with database.engine.connect().execution_options(doorstep_writing=True) as connection:
        context.configure(
            connection=connection, target_metadata=tables.metadata, render_as_batch=True, compare_type=True
        )
        with context.begin_transaction():
            context.run_migrations()


run()
