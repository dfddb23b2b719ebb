"""A unit that reads cannot write, by whichever of the session's doors it is tried."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lasting import ENGINES, fresh_database
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from app.db import Database
from app.policies.models import CalendarYear

_OURS = CalendarYear.year >= 2030
_ROWS = select(CalendarYear.year, CalendarYear.source).where(_OURS)


def _change(session: Session) -> None:
    session.get_one(CalendarYear, 2030).source = "改了"
    session.flush()


def _add(session: Session) -> None:
    session.add(CalendarYear(year=2031, source="多的", revision=1))
    session.flush()


WRITES: dict[str, Callable[[Session], Any]] = {
    "change": _change,
    "add": _add,
    "update": lambda session: session.execute(update(CalendarYear).where(_OURS).values(source="改了")),
    "insert": lambda session: session.execute(insert(CalendarYear).values(year=2031, source="多的", revision=1)),
    "insert into the table": lambda session: session.execute(
        insert(CalendarYear.__table__).values(year=2031, source="多的", revision=1)  # type: ignore[arg-type]
    ),
    "delete": lambda session: session.execute(delete(CalendarYear).where(_OURS)),
}


@pytest.mark.parametrize("snapshot", [False, True])
@pytest.mark.parametrize("engine", ENGINES)
def test_a_unit_that_reads_refuses_every_write(
    engine: str, snapshot: bool, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with fresh_database(engine, request, tmp_path) as url:
        database = Database(url)
        with database.unit_of_work() as session:
            session.add(CalendarYear(year=2030, source="通知", revision=1))
        for way, write in WRITES.items():
            with database.read(snapshot=snapshot) as session, pytest.raises(RuntimeError, match="unit that reads"):
                write(session)
            with database.read() as session:
                rows = session.execute(_ROWS).all()
            assert rows == [(2030, "通知")], way
        database.engine.dispose()
