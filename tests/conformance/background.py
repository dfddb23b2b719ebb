"""The product's own relay and worker as processes, on the database and queue of a World."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from config import Config

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60


@contextmanager
def background(config: Config, *names: str) -> Iterator[None]:
    """Run `doorstep relay`, `doorstep worker` as `make run` does, and stop them afterwards."""
    env = dict(
        os.environ, SECRET_KEY=config.secret_key, VAR_DIR=str(config.var_dir), DATABASE_URL=config.database_url,
        REDIS_URL=config.redis_url or "", DEMO="0",
    )  # fmt: skip
    processes = [
        subprocess.Popen([sys.executable, "-m", "app.cli", name], cwd=ROOT, env=env, start_new_session=True)
        for name in names
    ]
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(20)


def command_line(config: Config, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `doorstep …` on the World's database."""
    env = dict(os.environ, SECRET_KEY=config.secret_key, VAR_DIR=str(config.var_dir), DATABASE_URL=config.database_url)
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )


def eventually(look: Callable[[], Any]) -> Any:
    """Return what `look` finds as soon as it is true; fail when that takes too long."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.1)
