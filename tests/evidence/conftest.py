"""A town whose liaison has a ticket in hand, and a second server process when real clients are to be heard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import scenario
from evidence.live import LiveServer
from flask import Flask

from config import Config


@pytest.fixture
def world(app: Flask) -> scenario.World:
    """The town of `scenario`."""
    return scenario.World(app)


@pytest.fixture
def ticket_id(world: scenario.World) -> str:
    """A ticket the liaison has signed for."""
    return world.handling()


@pytest.fixture
def live(config: Config) -> Iterator[LiveServer]:
    """A real gunicorn on the test's database, started as production starts it."""
    server = LiveServer(config)
    server.start()
    yield server
    server.stop()
