"""The product as `make run` starts it: supervisor, gunicorn, worker, relay, Redis, on its own folder and port."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import requests
from launcher.redis_server import free_port
from sqlalchemy import Engine, NullPool, Select, create_engine

import app.tables  # noqa: F401 - a foreign key knows its type only when the other table is there

ROOT = Path(__file__).resolve().parents[2]
_START_SECONDS = 120
_FOREIGN = ("REDIS_URL", "DATABASE_URL", "HTTPS", "HOST", "SECRET_KEY", "DEMO", "VAR_DIR", "PORT")


class ProductEnded(Exception):
    """The launcher stopped before the product answered; the text is what it said."""


class Product:
    """One running instance with the demonstration's data.

    It serves a copy of the built app (`PWA_DIR`): a build of somebody else cannot change it under the journey, and the
    journey can deploy a newer one.
    """

    def __init__(self, folder: Path) -> None:
        self.var, self.app, self._log = folder / "var", folder / "app", folder / "run.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        self._engine: Engine | None = None
        shutil.copytree(ROOT / "pwa" / "dist", self.app)

    def start(self) -> None:
        """Run the launcher and return when the product answers. Raises ProductEnded."""
        env = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
        env.update(VAR_DIR=str(self.var), PORT=str(self.port), HOST="127.0.0.1", PWA_DIR=str(self.app))
        with open(self._log, "wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "deploy/doorstep.py", "run"], cwd=ROOT, env=env, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + _START_SECONDS
        while not self.answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise ProductEnded(self.said())
            time.sleep(0.1)

    def stop(self) -> None:
        """Ctrl-C, and wait until everything is gone."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(60)

    def said(self) -> str:
        """What the launcher printed, and the last lines of every log."""
        parts = [self._log.read_text("utf-8", "replace")]
        for path in sorted((self.var / "log").glob("*.log")):
            parts += [f"--- {path.name}", *path.read_text("utf-8", "replace").splitlines()[-25:]]
        return "\n".join(parts)

    def answers(self) -> bool:
        """Whether /healthz says that all is well."""
        try:
            return requests.get(f"{self.url}/healthz", timeout=5).ok
        except requests.RequestException:
            return False

    def web_workers(self) -> list[psutil.Process]:
        """The processes of gunicorn that answer requests; their arbiter starts new ones when they die."""
        assert self._process is not None
        family = psutil.Process(self._process.pid).children(recursive=True)
        web = [process for process in family if "wsgi:app" in " ".join(_command(process))]
        return [process for process in web if process.ppid() in {other.pid for other in web}]

    def deploy_newer_app(self, name: str) -> None:
        """Put a newer build in place of the served one, as a deployment does: same assets, another shell and worker."""
        index, worker = self.app / "index.html", self.app / "sw.js"
        before = index.read_bytes()
        index.write_bytes(before.replace(b"<head>", b'<head><meta name="deployed" content="%s">' % name.encode()))
        # The precache names every file with its hash: the worker's bytes change when the shell's do.
        (entry,) = re.findall(rb'\{[^{}]*"?url"?:\s*"index\.html"[^{}]*\}', worker.read_bytes())
        fresh = b'{"url":"index.html","revision":"%s"}' % name.encode()
        worker.write_bytes(worker.read_bytes().replace(entry, fresh))
        for path in (index, worker):
            for packed in (".br", ".gz"):
                path.with_name(path.name + packed).unlink(missing_ok=True)
        (self.app / "build.txt").write_text(name)

    def rows(self, statement: Select[Any]) -> list[dict[str, Any]]:
        """Read the database directly, so that no endpoint can flatter itself."""
        if self._engine is None:
            self._engine = create_engine(
                f"sqlite:///file:{self.var / 'doorstep.db'}?mode=ro&uri=true", poolclass=NullPool
            )
        with self._engine.connect() as connection:
            return [dict(row) for row in connection.execute(statement).mappings()]

    def verify(self) -> subprocess.CompletedProcess[str]:
        """`doorstep verify` over this instance."""
        env = dict(os.environ, VAR_DIR=str(self.var))
        for name in ("DATABASE_URL", "SECRET_KEY"):
            env.pop(name, None)
        return subprocess.run([str(ROOT / "doorstep"), "verify"], env=env, cwd=ROOT, capture_output=True, text=True)


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
