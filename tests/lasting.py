"""Databases that outlive a test: one World per engine for a whole file, where every test uses tickets of its own.

Signing in costs an argon2 hash and a database its creation; a file of tests pays for them once.
"""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from scenario import World
from sqlalchemy.engine import make_url

from app.factory import create_app
from config import Config

__all__ = ["ENGINES", "fresh_database", "make_config", "shared", "world_on"]
ENGINES = ("sqlite", "postgresql")
_numbers = itertools.count(1)


@contextmanager
def fresh_database(engine: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """Yield the URL of a migrated, empty database on the engine; a PostgreSQL one is dropped afterwards."""
    if engine == "sqlite":
        path = folder / f"doorstep-{next(_numbers)}.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server, template = request.getfixturevalue("postgres_server"), request.getfixturevalue("postgres_template")
    name = f"doorstep_lasting_{os.getpid()}_{next(_numbers)}"
    _administer(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        _administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def make_config(url: str, folder: Path, **other: Any) -> Config:
    """Return a configuration as in production; many people sign in from one address here."""
    settings: dict[str, Any] = {
        "secret_key": "only-for-tests-" + "k" * 32, "var_dir": folder / "var", "database_url": url,
        "logins_per_minute": 10_000,
    }  # fmt: skip
    return Config(**settings | other)


def world_on(url: str, folder: Path, **other: Any) -> World:
    """Return a World on a database of its own."""
    return World(create_app(make_config(url, folder, **other)))


@pytest.fixture(scope="module", params=ENGINES)
def shared(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, redis_server: str
) -> Iterator[World]:
    """The file's World, once per engine."""
    folder = tmp_path_factory.mktemp("world")
    with fresh_database(request.param, request, folder) as url:
        world = world_on(url, folder, redis_url=redis_server)
        yield world
        world.database.engine.dispose()


def _administer(server: str, statement: str) -> None:
    url = make_url(server).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(statement.encode())
