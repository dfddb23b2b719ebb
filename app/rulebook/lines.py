"""Where in the text of a profile a key stands: refusals name the line an administrator must look at. Pure."""

from __future__ import annotations

import re
from typing import Final

_TABLE: Final = re.compile(r"^\s*\[(\[)?\s*([A-Za-z0-9_.]+)\s*\]?\]")
_KEY: Final = re.compile(r"^\s*([A-Za-z0-9_]+)\s*=\s*(?:\"([^\"]*)\")?")
_NAMED: Final = ("key", "kind")
_BROKEN: Final = re.compile(r"第 (\d+) 行第 \d+ 列")


def line_of(text: str, key: str) -> int | None:
    """Return the line, from 1, of what `key` names; the nearest table around it when the key itself is not there.

    `key` is dotted as refusals write it: items of lists by number (`clocks[2].span.hours`) or, for rules that are
    compared with each other, by their name (`clocks.feedback.before`).
    """
    where = _places(text)
    parts = key.split(".")
    while parts:
        line = where.get(".".join(parts))
        if line is not None:
            return line
        bare = re.sub(r"\[\d+\]$", "", parts[-1])
        parts = [*parts[:-1], bare] if bare != parts[-1] else parts[:-1]
    return None


def line_of_broken(message: str) -> int | None:
    """Return the line that a TOML reader complains of."""
    found = _BROKEN.search(message)
    return int(found[1]) if found else None


def _places(text: str) -> dict[str, int]:
    where: dict[str, int] = {}
    counts: dict[str, int] = {}
    current: dict[str, str] = {}
    paths = [""]
    for number, line in enumerate(text.splitlines(), 1):
        table = _TABLE.match(line)
        if table:
            paths = _open(table[2], bool(table[1]), number, where, counts, current)
            continue
        found = _KEY.match(line)
        if found is None:
            continue
        if found[1] in _NAMED and found[2] and paths[0].endswith("]") and len(paths) == 1:
            # The same item again under its name: clocks[2] is clocks.feedback.
            alias = f"{paths[0][: paths[0].rindex('[')]}.{found[2]}"
            where.setdefault(alias, where[paths[0]])
            paths = [paths[0], alias]
        for path in paths:
            where.setdefault(f"{path}.{found[1]}" if path else found[1], number)
    return where


def _open(
    name: str, listed: bool, number: int, where: dict[str, int], counts: dict[str, int], current: dict[str, str]
) -> list[str]:
    """Enter a table: items of a list are numbered, tables inside an item stand under the last item."""
    head, _, rest = name.rpartition(".")
    base = ".".join(filter(None, (current.get(head, head), rest)))
    path = base
    if listed:
        path = f"{base}[{counts.get(base, 0)}]"
        counts[base] = counts.get(base, 0) + 1
        where.setdefault(base, number)
    current[name] = path
    where.setdefault(path, number)
    return [path]
