"""The supervisor as `make run` uses it: restarts what dies, tells why, stops everything."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from launcher.places import private_folder
from launcher.steps import Stop
from launcher.supervise import Program, Supervisor, environment

pytestmark = pytest.mark.slow
SLEEPER = "import os, time; print('pid', os.getpid(), flush=True); time.sleep(600)"


@pytest.fixture
def var(tmp_path: Path) -> Path:
    """An instance's folder."""
    for name in ("log", "run"):
        private_folder(tmp_path / name)
    return tmp_path


@pytest.fixture
def supervisor(var: Path) -> Iterator[Supervisor]:
    """A running supervisor over one healthy and one broken program."""
    scripts = {"steady": SLEEPER, "broken": "raise SystemExit('no database here')"}
    programs = []
    for name, source in scripts.items():
        path = var / f"{name}.py"
        path.write_text(source)
        programs.append(Program(name, [sys.executable, str(path)]))
    supervisor = Supervisor(var, programs, environment())
    supervisor.start()
    yield supervisor
    supervisor.stop()


def eventually(check: Callable[[], bool], seconds: float = 15) -> None:
    """Wait for something another process does."""
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.05)


def pids(var: Path) -> list[int]:
    """Process ids the steady program has printed, one per start."""
    log = var / "log" / "steady.log"
    return [int(line.split()[1]) for line in log.read_text().splitlines()] if log.exists() else []


def test_what_is_killed_comes_back(supervisor: Supervisor, var: Path) -> None:
    supervisor.start_program("steady")
    eventually(lambda: supervisor.states()["steady"] == "RUNNING")
    os.kill(pids(var)[0], signal.SIGKILL)
    eventually(lambda: len(pids(var)) == 2 and supervisor.states()["steady"] == "RUNNING")
    assert psutil.pid_exists(pids(var)[1])


def test_a_program_that_dies_at_start_is_reported_with_its_last_words(supervisor: Supervisor) -> None:
    supervisor.start_program("broken")
    eventually(lambda: supervisor.states()["broken"] == "BACKOFF")
    with pytest.raises(Stop, match="no database here"):
        supervisor.check_alive(["steady", "broken"])


def test_stopping_leaves_no_process(supervisor: Supervisor, var: Path) -> None:
    supervisor.start_program("steady")
    eventually(lambda: len(pids(var)) == 1)
    supervisor.stop()
    assert supervisor.has_ended()
    eventually(lambda: not _alive(pids(var)[0]), 3)


def test_a_killed_supervisor_takes_its_programs_with_it(supervisor: Supervisor, var: Path) -> None:
    supervisor.start_program("steady")
    eventually(lambda: len(pids(var)) == 1)
    os.kill(int((var / "run" / "supervisord.pid").read_text()), signal.SIGKILL)
    eventually(lambda: supervisor.has_ended() and not _alive(pids(var)[0]))


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
