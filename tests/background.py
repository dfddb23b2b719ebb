"""The product's worker and relay as processes that can be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from config import Config

ROOT = Path(__file__).resolve().parents[1]


class Processes:
    """Starts `python -m app.cli …` on the test's database and Redis."""

    def __init__(self, config: Config, **more: str) -> None:
        self._env = dict(
            os.environ, SECRET_KEY=config.secret_key, VAR_DIR=str(config.var_dir), DATABASE_URL=config.database_url,
            REDIS_URL=config.redis_url or "", DEMO="1" if config.demo else "0", **more,
        )  # fmt: skip
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self, name: str) -> subprocess.Popen[bytes]:
        """Start `worker` or `relay`."""
        process = subprocess.Popen([sys.executable, "-m", "app.cli", name], cwd=ROOT, env=self._env)
        self.running.append(process)
        return process

    @classmethod
    def await_handlers(cls, process: subprocess.Popen[bytes]) -> None:
        """Wait until a process minds SIGTERM: one that is still importing is ended by it without a word."""
        status = Path(f"/proc/{process.pid}/status")
        if not status.exists():
            time.sleep(3)
            return

        def minds() -> bool:
            caught = next(line for line in status.read_text().splitlines() if line.startswith("SigCgt"))
            return bool(int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1)

        cls.eventually(minds)

    @staticmethod
    def kill(process: subprocess.Popen[bytes]) -> None:
        """Kill a process and the jobs it has begun, as when their machine goes."""
        family = [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]
        for member in family:
            member.suspend()
        for member in family:
            member.kill()
        process.wait()

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
