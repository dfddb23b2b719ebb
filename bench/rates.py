"""响应率 of all 150 units and of the whole place over 100,000 tickets, as a desk asks for it every minute.

Half of the tickets were signed in time, half are not due yet; all of them fall into the period. The baseline is one
pass over the same clocks in plain SQL that counts them and computes nothing.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from app import clock
from app.db import Database
from app.reports.cases import Asked
from app.reports.queries import figures
from app.reports.rates import RATES, RESPONSE, days
from bench import dataset
from bench.harness import Row, create_database, durable_postgres, folder, row

TICKETS: Final = 100_000
ROUNDS: Final = 15
ZONE: Final = "Asia/Shanghai"


def run() -> Iterator[Row]:
    """Yield milliseconds for both databases."""
    with folder() as place, durable_postgres() as server:
        yield from _engine("postgresql", create_database(server, "rates"))
        yield from _engine("sqlite", f"sqlite:///{Path(place) / 'rates.db'}")


def _engine(name: str, url: str) -> Iterator[Row]:
    database = Database(url)
    dataset.fill(database, TICKETS)
    with database.unit_of_work() as session:
        session.execute(
            text("UPDATE ticket_clocks SET met_at = started_at WHERE clock = 'sign' AND ticket_id IN"
                 " (SELECT id FROM tickets WHERE number LIKE '%1' OR number LIKE '%3' OR number LIKE '%5'"
                 " OR number LIKE '%7' OR number LIKE '%9')")
        )  # fmt: skip
    now = clock.now()
    asked = Asked("dalad", days(now.date() - timedelta(days=15), now.date() + timedelta(days=15), ZONE), now)
    with database.read() as session:
        found = figures(session, asked, [RATES[RESPONSE]])["place"][0]
        assert (found["denominator"], found["undecided"]) == (TICKETS // 2, TICKETS // 2), found
    one = _median(database, lambda session: figures(session, asked, [RATES[RESPONSE]]))
    every = _median(database, lambda session: figures(session, asked, list(RATES.values())))
    count = text("SELECT count(*), sum(CASE WHEN met_at <= due_at THEN 1 END) FROM ticket_clocks WHERE clock = 'sign'")
    plain = _median(database, lambda session: session.execute(count).all())
    yield row(
        "rates", f"{name}, {TICKETS} tickets, one figure of {dataset.UNITS} units", one, "ms", plain, ROUNDS, False
    )
    yield row("rates", f"{name}, {TICKETS} tickets, all {len(RATES)} figures", every, "ms", plain, ROUNDS, False)
    database.engine.dispose()


def _median(database: Database, ask: Callable[[Session], object]) -> float:
    spans = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        with database.read() as session:
            ask(session)
        spans.append(time.perf_counter() - begun)
    return statistics.median(spans) * 1000
