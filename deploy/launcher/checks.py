"""`make test`, `sure`, `journey`, `tour`, `bench`, `conformance`: install what they need, then hand over."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .browser import ensure_browser
from .node_env import ensure_modules, ensure_pwa, find_node
from .places import PYTHON, ROOT, var_dir
from .python_env import ensure_packages
from .steps import disk_errors_explained, say
from .supervise import environment

Check = tuple[str, Sequence[str], Path, dict[str, str]]
"""Title, command, folder, environment."""
BY_FILE = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")
"""Two processes, a file in one of them: its world is built once, and its tests meet in the same order every time."""


def test(arguments: list[str]) -> int:
    """Everything: Python on both databases, the phone app, conformance, the journey. pytest has the last word.

    Two at a time: each half starts its own servers, and more would only wait for the disk.
    """
    env = _prepare(browser=True)
    return _pytest(arguments or [*BY_FILE, "tests"], env)


def journey(arguments: list[str]) -> int:
    """The journey alone."""
    return _pytest(["tests/journey", *arguments], _prepare(browser=True))


def tour(arguments: list[str]) -> int:
    """The procedures of four notices, station by station in the browser; pictures of every station in var/tour."""
    return _pytest(["tests/tour", *arguments], _prepare(browser=True))


def conformance(arguments: list[str]) -> int:
    """The clauses and their state, from every test that speaks for one: also the journey on a real phone screen."""
    return _pytest([*BY_FILE, "tests", "-m", "clause", "--conformance-table", "-q", *arguments], _prepare(browser=True))


def bench(arguments: list[str]) -> int:
    """The measurements."""
    env = _prepare(browser=True)
    ensure_packages("bench")
    return subprocess.call([str(PYTHON), "bench/run.py", *arguments], cwd=ROOT, env=env)


def sure(arguments: list[str]) -> int:
    """The quick checks, two at a time, all of them even when one fails."""
    env = _prepare(browser=False)
    node = find_node()
    npm, npm_env, pwa = node.npm, node.env(), ROOT / "pwa"
    python = [str(PYTHON), "-m"]
    elsewhere = [f"--ignore=tests/{name}" for name in ("journey", "tour", "conformance", "property")]
    fast = ["pytest", "-q", *BY_FILE, "-m", "not slow", "-k", "not postgresql", *elsewhere]
    checks: list[Check] = [
        ("快速测试 pytest", [*python, *fast, *arguments], ROOT, env),
        ("格式 ruff format", [*python, "ruff", "format", "--check", "--quiet", "."], ROOT, env),
        ("规则 ruff check", [*python, "ruff", "check", "--quiet", "."], ROOT, env),
        ("类型 mypy", [*python, "mypy"], ROOT, env),
        ("分层 import-linter", [str(PYTHON.with_name("lint-imports"))], ROOT, env),
        ("前端规则 oxlint", [*npm, "run", "--silent", "lint"], pwa, npm_env),
        ("前端类型 vue-tsc", [*npm, "run", "--silent", "typecheck"], pwa, npm_env),
    ]
    # The tests fill one processor for most of the time; the rest fits beside them.
    with ThreadPoolExecutor(max_workers=2) as pool:
        passed = list(pool.map(_passes, checks))
    failed = [check[0] for check, good in zip(checks, passed, strict=True) if not good]
    say("全部通过。" if not failed else "没有通过：" + "、".join(failed))
    return 1 if failed else 0


def _passes(check: Check) -> bool:
    title, command, folder, env = check
    began = time.monotonic()
    done = subprocess.run(
        command, cwd=folder, env=env, check=False, text=True, errors="replace",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    line = f"  {'✓' if done.returncode == 0 else '✗'} {title} {time.monotonic() - began:.1f} 秒"
    say(line if done.returncode == 0 else f"{line}\n{done.stdout}")  # in one piece: two checks speak at once
    return done.returncode == 0


def _prepare(browser: bool) -> dict[str, str]:
    with disk_errors_explained(ROOT):
        ensure_packages("runtime", "dev")
        node = find_node()
        ensure_modules(node)
        ensure_pwa()
        env = environment(DOORSTEP_NODE=str(node.node), DOORSTEP_NPM="\n".join(node.npm))
        if browser:
            env.update(ensure_browser(node, var_dir()))
    return env


def _pytest(arguments: Sequence[str], env: dict[str, str]) -> int:
    """Become pytest: its closing line is the run's closing line, its signals and exit code are ours."""
    say()
    os.chdir(ROOT)
    os.execve(PYTHON, [str(PYTHON), "-m", "pytest", *arguments], env)
