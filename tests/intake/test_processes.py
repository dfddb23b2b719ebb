"""The worker as the process it is, killed in the middle of a file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from flask import Flask
from intake import exports
from intake.conftest import Office
from scenario import World

from config import Config

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
ROWS = 400


@pytest.fixture
def start(config: Config) -> Iterator[Callable[[str], subprocess.Popen[bytes]]]:
    """Starts `worker` or `relay` on the test's database; what is left at the end is ended."""
    env = dict(
        os.environ, SECRET_KEY=config.secret_key, VAR_DIR=str(config.var_dir), DATABASE_URL=config.database_url,
        REDIS_URL=config.redis_url or "", DEMO="0",
    )  # fmt: skip
    running: list[subprocess.Popen[bytes]] = []

    def begin(name: str) -> subprocess.Popen[bytes]:
        running.append(subprocess.Popen([sys.executable, "-m", "app.cli", name], cwd=ROOT, env=env))
        return running[-1]

    yield begin
    for process in running:
        _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and the job it forked, without a word of warning."""
    if process.poll() is None:
        family = [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]
        for member in family:
            member.send_signal(signal.SIGKILL)
    process.wait()


def _eventually(condition: Callable[[], Any], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"did not happen within {seconds} s"
        time.sleep(0.05)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_worker_killed_in_the_middle_of_a_file_loses_nothing(app: Flask, start: Any) -> None:
    office = Office(World(app))
    rows = [exports.line() for _ in range(ROWS)]
    start("relay")
    worker = start("worker")
    file_id = office.post(exports.xlsx(rows)).get_json()["id"]
    _eventually(lambda: office.file(file_id)["state"] == "preview")
    assert office.file(file_id)["counts"]["ready"] == ROWS
    office.station.do("intake.confirm", None, file_id=file_id)
    _eventually(lambda: office.file(file_id)["counts"]["taken"] > ROWS // 10)
    _kill(worker)
    counts = office.file(file_id)["counts"]
    assert 0 < counts["taken"] < ROWS and counts["taken"] + counts["ready"] == ROWS
    start("worker")
    _eventually(lambda: office.file(file_id)["state"] == "done", seconds=200)
    assert office.file(file_id)["counts"] == {"ready": 0, "taken": ROWS, "known": 0, "refused": 0}
    assert sorted(office.numbers()) == sorted(row[0] for row in rows)
