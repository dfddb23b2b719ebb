"""All deadlines of 100,000 open tickets computed again after a day was corrected, against a plain UPDATE of the rows.

The worst case: every ticket has three clocks that come out otherwise. The baseline writes the same columns of the same
rows, in one statement each for clocks and tickets, without computing anything.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import text

from app import clock
from app.db import Database
from app.ids import new_id
from app.rulebook import recompute
from app.rulebook.models import Recomputation
from bench import dataset
from bench.harness import Row, create_database, durable_postgres, folder, row

TICKETS: Final = 100_000
_PLAIN: Final = (
    "UPDATE ticket_clocks SET due_at = :due, provisional = :no, derivation = :words"
    " WHERE clock IN ('feedback', 'upload_target', 'ask_extension')",
    "UPDATE tickets SET next_due_at = :due, version = version + 1",
)


def run() -> Iterator[Row]:
    """Yield seconds for both databases."""
    with folder() as place, durable_postgres() as server:
        yield from _engine("postgresql", create_database(server, "recompute"))
        yield from _engine("sqlite", f"sqlite:///{Path(place) / 'recompute.db'}")


def _engine(name: str, url: str) -> Iterator[Row]:
    database = Database(url)
    dataset.fill(database, TICKETS)
    run_id = _asked(database)
    cpu, begun = _cpu(), time.perf_counter()
    recompute.work(database, run_id, clock.now())
    seconds, cpu = time.perf_counter() - begun, _cpu() - cpu
    with database.read() as session:
        done = session.get_one(Recomputation, run_id)
        assert (done.done, done.changed) == (TICKETS, TICKETS), (done.done, done.changed)
    plain = _plain(database)
    yield row("recompute", f"{name}, {TICKETS} tickets", seconds, "s", plain, TICKETS, higher_is_better=False)
    yield row(
        "recompute", f"{name}, CPU per ticket", cpu / TICKETS * 1000, "ms", plain / TICKETS * 1000, TICKETS, False
    )
    database.engine.dispose()


def _asked(database: Database) -> str:
    today = clock.now().date()
    with database.unit_of_work() as session:
        run = Recomputation(
            id=new_id(), reason="bench", first=today - timedelta(days=1), last=today, asked_at=clock.now(), total=0,
            done=0, changed=0,
        )  # fmt: skip
        session.add(run)
        return run.id


def _plain(database: Database) -> float:
    due = clock.now() + timedelta(days=7)
    shown = due if database.engine.dialect.name == "postgresql" else clock.iso(due)
    begun = time.perf_counter()
    with database.unit_of_work() as session:
        for statement in _PLAIN:
            names = {
                "due": shown,
                "no": False,
                "words": "5 个工作日，自 11-20 09:14 派单起（当日不计），至 11-27 17:30",
            }
            session.execute(text(statement), {k: v for k, v in names.items() if f":{k}" in statement})
    return time.perf_counter() - begun


def _cpu() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime
