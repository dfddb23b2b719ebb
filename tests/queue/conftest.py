"""A town, its configuration, and the product's worker and relay as processes that can be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
import scenario
from flask import Flask

from app import queue
from config import Config

ROOT = Path(__file__).resolve().parents[2]


class Processes:
    """Starts `python -m app.cli …` on the test's database and Redis."""

    def __init__(self, config: Config) -> None:
        self._env = dict(
            os.environ, SECRET_KEY=config.secret_key, VAR_DIR=str(config.var_dir), DATABASE_URL=config.database_url,
            REDIS_URL=config.redis_url or "", DEMO="0",
        )  # fmt: skip
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self, name: str) -> subprocess.Popen[bytes]:
        """Start `worker` or `relay`."""
        process = subprocess.Popen([sys.executable, "-m", "app.cli", name], cwd=ROOT, env=self._env)
        self.running.append(process)
        return process

    @staticmethod
    def eventually(condition: Callable[[], Any], seconds: float = 30) -> None:
        """Wait until the condition holds; fail after `seconds`."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"did not happen within {seconds} s"
            time.sleep(0.1)

    def end(self) -> None:
        """End what still runs."""
        for process in self.running:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait()


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
