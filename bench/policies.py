"""What judging a command costs: CPU of asking for an extension that is refused, facts loaded and policy at hand.

The limit is 3 ms (baseline). Reading a profile happens once per process and version; it is told beside TOML alone.
"""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from app import clock
from app.clock import Moment
from app.db import Database
from app.ids import new_id
from app.people.queries import actor_of
from app.policies.parse import parse_profile
from app.policies.publish import PROFILES
from app.problems import Problem
from app.sync.registry import REGISTRY
from bench import dataset
from bench.harness import Row, folder, row

LIMIT_MS: Final = 3.0
TIMES: Final = 300


def run() -> Iterator[Row]:
    """Yield the CPU of one judgement and of reading the longest profile."""
    with folder() as place:
        database = Database(f"sqlite:///{Path(place) / 'policies.db'}")
        dataset.fill(database, 2 * dataset.UNITS)
        for command, args in _COMMANDS.items():
            _judge(database, command, args)
            cost = _cpu_ms(lambda name=command, given=args: _judge(database, name, given))
            yield row("policies", f"judge {command}", cost, "ms CPU", LIMIT_MS, TIMES, higher_is_better=False)
        database.engine.dispose()
    text = max((file.read_text("utf-8") for file in PROFILES.glob("*.toml")), key=len)
    reading, bare = _cpu_ms(lambda: parse_profile(text, "longest")), _cpu_ms(lambda: tomllib.loads(text))
    yield row("policies", "read the longest profile", reading, "ms CPU", bare, TIMES, higher_is_better=False)


_COMMANDS: Final[dict[str, dict[str, Any]]] = {
    "request.extend": {"reason": "太短", "new_due_at": "2027-01-01T00:00:00Z"},
    "ticket.sign": {},
}
"""Both refused, the first by its profile's rules after all facts were loaded, the second by the life cycle."""


def _judge(database: Database, command: str, given: dict[str, Any]) -> None:
    schema, function = REGISTRY[command]
    asked = {"request_id": new_id()} if command.startswith("request.") else {}
    loaded = schema.load(given | asked)
    at = clock.now()
    person = f"01900002-0000-7000-8000-{1:012x}"
    try:
        with database.unit_of_work() as session:
            actor = actor_of(session, person, None, at)
            assert actor is not None
            moment = Moment(received=at, claimed=at, counted=at, command_id=new_id())
            function(session, actor, loaded | {"ticket_id": dataset.ticket_id(1)}, moment)
    except Problem:
        return
    raise AssertionError(f"{command} should have been refused")


def _cpu_ms(work: Callable[[], Any]) -> float:
    begun = time.process_time()
    for _ in range(TIMES):
        work()
    return (time.process_time() - begun) / TIMES * 1000
