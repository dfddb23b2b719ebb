"""A town, its configuration, and the product's background processes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis
import scenario
from background import Processes
from flask import Flask

from app import queue
from config import Config


@pytest.fixture
def world(app: Flask) -> scenario.World:
    """The town of `scenario`."""
    return scenario.World(app)


@pytest.fixture
def processes(config: Config) -> Iterator[Processes]:
    """The product's background processes."""
    running = Processes(config)
    yield running
    running.end()


@pytest.fixture
def connection(redis_url: str) -> redis.Redis:
    """The test's Redis."""
    return queue.connect(redis_url)
