"""What every test may ask for: a migrated database of its own on each engine, a real Redis, the app, a client."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
import redis
import services
from conformance import plugin
from conformance.plugin import pytest_terminal_summary
from sqlalchemy.engine import make_url

from config import Config

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from journey.product import Product
    from playwright.sync_api import Playwright

__all__ = ["pytest_terminal_summary"]
ROOT = Path(__file__).resolve().parents[1]
_numbers = itertools.count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`make conformance` asks for the whole table; other runs print one line."""
    parser.addoption("--conformance-table", action="store_true", help="print every clause with its state")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with long tests go first: with two processes, neither is left alone with them at the end."""
    plugin.claim_clauses(items)
    order = {"journey": 0, "slow": 1}
    first: dict[Path, int] = {}
    for item in items:
        marks = (order[mark.name] for mark in item.iter_markers() if mark.name in order)
        first[item.path] = min([first.get(item.path, len(order)), *marks])
    items.sort(key=lambda item: first[item.path])


def _migrate(url: str) -> None:
    """Bring a database to the newest schema the way an operator does."""
    env = dict(os.environ, DATABASE_URL=url, SECRET_KEY="x" * 40, DEMO="0")
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "migrate"], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """SQLAlchemy URL of the maintenance database of a real server."""
    return services.start_postgres()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> Iterator[str]:
    """Name of a migrated, empty database to copy."""
    name = f"doorstep_template_{os.getpid()}"
    _administer(postgres_server, f"CREATE DATABASE \"{name}\" ENCODING 'UTF8' TEMPLATE template0")
    _migrate(_with_database(postgres_server, name))
    yield name
    _administer(postgres_server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a migrated, empty database for this test alone; the test runs once per engine."""
    if request.param == "sqlite":
        path = tmp_path / "doorstep.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server, template = request.getfixturevalue("postgres_server"), request.getfixturevalue("postgres_template")
    name = f"doorstep_test_{os.getpid()}_{next(_numbers)}"
    _administer(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield _with_database(server, name)
    _administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def redis_server() -> str:
    """URL of a real Redis (or Valkey) that belongs to this run."""
    return services.start_redis()


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """URL of a Redis that is empty when the test begins."""
    redis.Redis.from_url(redis_server).flushall()
    return redis_server


@pytest.fixture
def config(database_url: str, redis_url: str, tmp_path: Path) -> Config:
    """A configuration as in production, with this test's own database, queue and folder."""
    return Config(
        secret_key="only-for-tests-" + "k" * 32, var_dir=tmp_path / "var", database_url=database_url,
        redis_url=redis_url,
    )  # fmt: skip


@pytest.fixture
def app(config: Config) -> Flask:
    """The application on this test's database."""
    from app.factory import create_app  # here and not above: pure tests must run where the roof does not import

    return create_app(config)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of the application."""
    return app.test_client()


def _administer(server: str, statement: str) -> None:
    url = make_url(server).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(statement.encode())


def _with_database(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product as `make run` starts it, with the demonstration's data; one for all tests in a browser."""
    from journey.product import Product

    product = Product(tmp_path_factory.mktemp("product"))
    product.start()
    yield product
    product.stop()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The browser's driver. A process can have only one, so it stands here for journey and tour alike."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        yield running
