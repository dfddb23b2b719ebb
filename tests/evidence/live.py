"""The product's own gunicorn as a process that can be killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import requests

from config import Config

ROOT = Path(__file__).resolve().parents[2]


class LiveServer:
    """Runs `gunicorn -c deploy/gunicorn.conf.py wsgi:app` on a free port of the loopback."""

    def __init__(self, config: Config, workers: int = 2) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._env = dict(
            os.environ, SECRET_KEY=config.secret_key, VAR_DIR=str(config.var_dir), DATABASE_URL=config.database_url,
            REDIS_URL=config.redis_url or "", DEMO="0", HOST="127.0.0.1", PORT=str(self.port), WEB_WORKERS=str(workers),
        )  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it answers."""
        command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "wsgi:app"]
        self._process = subprocess.Popen(command, cwd=ROOT, env=self._env, start_new_session=True)
        for _ in range(200):
            try:
                if requests.get(f"{self.url}/healthz", timeout=2).ok:
                    return
            except requests.ConnectionError:
                time.sleep(0.1)
        raise AssertionError("the server did not start")

    def kill(self) -> None:
        """kill -9 of the arbiter and all its workers at once, as a power cut does."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """End it whatever it is doing."""
        if self._process is not None and self._process.poll() is None:
            self.kill()
