"""The commands: run, test, sure, journey, tour, bench, conformance, help."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from .steps import Stop, fail, say

_HELP = """\
上门办 Doorstep

  make run           安装所需的一切并启动（PORT=8000 HOST=127.0.0.1 VAR_DIR=var HTTPS=1 DEMO=0）
  make test          全部测试（ARGS="…" 传给 pytest）
  make sure          两分钟内的检查：格式、类型、分层、快速测试
  make journey       在真实浏览器里走完一张工单
  make tour          在真实浏览器里把四地规程逐站走一遍
  make bench         性能测量，每项旁边是同一次运行的基线
  make conformance   每条要求的实现状态

没有 make 时：python3 deploy/doorstep.py run"""


def main(arguments: Sequence[str]) -> int:
    """Run one command. Gives the exit code; every foreseen failure is one sentence on the error stream."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal set to an old encoding must not end the start with a UnicodeEncodeError.
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    name, rest = (arguments[0], list(arguments[1:])) if arguments else ("help", [])
    command = _commands().get(name)
    if command is None:
        return fail(f"没有“{name}”这个命令。\n\n{_HELP}")
    try:
        return command(rest)
    except Stop as stop:
        return fail(f"\n{stop}")
    except KeyboardInterrupt:
        return fail("\n已中断。") + 129


def show_help(rest: list[str]) -> int:
    """The list of commands."""
    say(_HELP)
    return 0


def _commands() -> dict[str, Callable[[list[str]], int]]:
    from . import checks, run

    return {
        "run": lambda rest: run.run(),
        "test": checks.test,
        "sure": checks.sure,
        "journey": checks.journey,
        "tour": checks.tour,
        "bench": checks.bench,
        "conformance": checks.conformance,
        "help": show_help,
    }
