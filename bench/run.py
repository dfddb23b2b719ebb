"""`make bench`: every figure as one JSON line, beside a baseline measured in the same run.

Names of modules as arguments choose some: `make bench ARGS="sync pull"` (or `python bench/run.py sync pull`); a number
after a colon is the size, for those that have one: `storm:5000`.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

MODULES = (
    "pull", "sync", "board", "upload", "photos", "intake", "pwa", "idle", "policies", "recompute", "reminders",
    "replan", "rates", "reuse", "likeness", "draw", "storm",
)  # fmt: skip


def main(names: list[str]) -> int:
    """Run the benches; one that fails is told on the error stream and does not stop the others."""
    failed = []
    for wanted in names or MODULES:
        name, _, size = wanted.partition(":")
        try:
            for figure in importlib.import_module(f"bench.{name}").run(*([int(size)] if size else [])):
                print(json.dumps(figure, ensure_ascii=False), flush=True)
        except Exception as error:
            failed.append(name)
            print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
