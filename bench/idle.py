"""Memory of everything `make run` started, at rest; and how long a second start takes.

The baseline of memory is as many bare Python processes as the product has; of starting, the first start.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from bench.harness import ROOT, Row, folder, redis_server, row

GOAL_MB, GOAL_SECONDS = 450, 10
SETTLE_SECONDS = 20


def run() -> Iterator[Row]:
    """Yield the proportional memory (PSS) of all processes and the seconds of the second start."""
    with folder() as place:
        first, process = _start(Path(place))
        _stop(process)
        second, process = _start(Path(place))
        try:
            time.sleep(SETTLE_SECONDS)
            family = _family(process.pid)
            total = sum(_pss_mb(pid) for pid in family)
        finally:
            _stop(process)
    bare = _bare(len(family))
    yield row("idle.memory", f"{len(family)} processes, goal {GOAL_MB} MB", total, "MB", bare, len(family), False)
    yield row("start.second", f"goal {GOAL_SECONDS} s, over the first start", second, "s", first, 1, False)


def _start(place: Path) -> tuple[float, subprocess.Popen[bytes]]:
    port = redis_server.free_port()
    env = dict(os.environ, VAR_DIR=str(place), PORT=str(port), HOST="127.0.0.1")
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "deploy/doorstep.py", "run"],
        cwd=ROOT,
        env=env,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).close()
            return time.perf_counter() - begun, process
        except OSError:
            if process.poll() is not None:
                raise RuntimeError("the product did not start") from None
            time.sleep(0.1)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    process.wait(60)


def _family(root: int) -> list[int]:
    """Return the process and all its descendants."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
            parents.setdefault(parent, []).append(int(entry.name))
    found, queue = [], [root]
    while queue:
        pid = queue.pop()
        found.append(pid)
        queue += parents.get(pid, [])
    return found


def _pss_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


def _bare(count: int) -> float:
    processes = [subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"]) for _ in range(count)]
    time.sleep(2)
    total = sum(_pss_mb(process.pid) for process in processes)
    for process in processes:
        process.kill()
        process.wait()
    return total
