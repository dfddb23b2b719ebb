"""What the benches share: durable servers of their own, the started product, and a load of many devices.

Everything runs on this machine's loopback, ends by itself and leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "deploy")]

import services  # noqa: E402 - found only after the line above
from launcher import redis_server  # noqa: E402

Row = dict[str, Any]
_SECRET = "bench-only-" + "s" * 40


def row(bench: str, case: str, value: float, unit: str, baseline: float, n: int, higher_is_better: bool = True) -> Row:
    """Return one figure; `ratio` is value over baseline, or baseline over value where less is better."""
    ratio = value / baseline if higher_is_better else baseline / value
    return {
        "bench": bench,
        "case": case,
        "value": round(value, 4),
        "unit": unit,
        "baseline": round(baseline, 4),
        "ratio": round(ratio, 3),
        "n": n,
    }


@contextlib.contextmanager
def durable_postgres() -> Iterator[str]:
    """Start a PostgreSQL with its default durability (fsync on, synchronous commit) and yield the URL of `postgres`.

    The tests' server runs without fsync, so it would flatter both sides.
    """
    kept = services._POSTGRES_OPTIONS
    services._POSTGRES_OPTIONS = ("max_connections=150", "listen_addresses=", "log_min_messages=fatal")
    try:
        yield services.start_postgres()
    finally:
        services._POSTGRES_OPTIONS = kept


def create_database(server: str, name: str, template: str | None = None) -> str:
    """Create a database on the server and return its URL."""
    import psycopg
    from sqlalchemy.engine import make_url

    url = make_url(server)
    statement = f'CREATE DATABASE "{name}" ENCODING \'UTF8\' TEMPLATE "{template or "template0"}"'
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(statement.encode())
    return url.set(database=name).render_as_string(hide_password=False)


def environment(url: str, var_dir: Path, **extra: str) -> dict[str, str]:
    """Return the environment of the product on that database."""
    return dict(
        os.environ, DATABASE_URL=url, VAR_DIR=str(var_dir), SECRET_KEY=_SECRET, LOGINS_PER_MINUTE="100000", **extra
    )


@contextlib.contextmanager
def product(url: str, var_dir: Path, **extra: str) -> Iterator[int]:
    """Run the web processes exactly as `make run` does, on a free port, and yield the port."""
    port = redis_server.free_port()
    env = environment(url, var_dir, PORT=str(port), HOST="127.0.0.1", **extra)
    command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "wsgi:app"]
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(f"http://127.0.0.1:{port}/healthz", process)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@dataclass
class Load:
    """What a load of devices measured: requests' latencies in seconds, and the span they were made in."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)

    def p95(self) -> float:
        """Return the 95th percentile in milliseconds."""
        return statistics.quantiles(self.latencies, n=20)[-1] * 1000

    def rate(self, per_request: int = 1) -> float:
        """Return things per second when every request carried `per_request` of them."""
        return len(self.latencies) * per_request / self.seconds


def drive(devices: int, seconds: float, make: Callable[[int], Callable[[], None]]) -> Load:
    """Let `devices` threads work for `seconds`; `make(i)` gives device i's single step."""
    load, lock, failures = Load(), threading.Lock(), []
    barrier = threading.Barrier(devices + 1)

    def work(index: int) -> None:
        step, mine = make(index), []
        barrier.wait()
        end = time.perf_counter() + seconds
        try:
            while time.perf_counter() < end:
                begun = time.perf_counter()
                step()
                mine.append(time.perf_counter() - begun)
        except Exception as error:
            failures.append(error)
        with lock:
            load.latencies.extend(mine)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(devices)]
    for thread in threads:
        thread.start()
    barrier.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    load.seconds = time.perf_counter() - begun
    if failures:
        raise failures[0]
    return load


class Phone:
    """One device with a connection kept alive; headers as a browser's fetch sends them."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def post(self, path: str, body: Any) -> Any:
        """Send JSON and return JSON; any status but 200 is an error of the bench."""
        self._connection.request("POST", path, json.dumps(body).encode(), self._headers)
        return self._answer()

    def get(self, path: str) -> Any:
        """Return JSON."""
        self._connection.request("GET", path, headers=self._headers)
        return self._answer()

    def _answer(self) -> Any:
        response = self._connection.getresponse()
        data = response.read()
        if response.status != 200:
            raise RuntimeError(f"{response.status}: {data[:300]!r}")
        return json.loads(data)


def folder() -> tempfile.TemporaryDirectory[str]:
    """Return a temporary folder beside the checkout, not in memory: durability must cost what it costs."""
    place = ROOT / "var"
    place.mkdir(exist_ok=True)
    return tempfile.TemporaryDirectory(prefix="bench-", dir=place)
