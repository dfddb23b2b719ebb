"""The table of tasks and the relay that fills it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from app.db import Database
from app.journal import relay, tasks
from app.journal.models import Event, Task
from app.journal.relay import Happened, Reaction

NOW = datetime(2026, 11, 20, 1, 14, tzinfo=UTC)
SECOND = timedelta(seconds=1)
REACTIONS = {"photo.taken": (Reaction("develop", lambda e: [e.payload["id"]]), Reaction("count", lambda e: ["all"]))}


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.engine.dispose()


def ask(database: Database, *refs: str, at: datetime = NOW) -> None:
    with database.unit_of_work() as session:
        tasks.ask(session, [("develop", ref) for ref in refs], at)


def due(database: Database, at: datetime = NOW) -> list[str]:
    with database.read() as session:
        return tasks.due(session, at)


def begin(database: Database, task_id: str, at: datetime = NOW) -> tasks.Attempt | None:
    with database.unit_of_work() as session:
        return tasks.begin(session, task_id, at)


def row(database: Database, task_id: str) -> Task:
    with database.read() as session:
        found = session.get_one(Task, task_id)
        session.expunge_all()
        return found


def happened(database: Database, *names: str) -> None:
    """Put events into the journal as they lie there; how they get there is the journal's own matter."""
    with database.unit_of_work() as session:
        known = session.scalar(select(func.count()).select_from(Event)) or 0
        session.add_all(
            Event(
                subject_id="town", subject_seq=known + n, name=name, at=NOW, payload={"id": f"p{known + n}"},
                prev_hash="0" * 64, hash="0" * 64,
            )
            for n, name in enumerate(names, start=1)
        )  # fmt: skip


def test_work_is_due_until_it_is_done(database: Database) -> None:
    ask(database, "a", "b", "a")
    assert due(database) == ["develop:a", "develop:b"] and due(database, NOW - SECOND) == []
    attempt = begin(database, "develop:a")
    assert attempt == tasks.Attempt("develop:a", "develop", "a", 1, 1)
    with database.unit_of_work() as session:
        tasks.finish(session, attempt, NOW)
    assert due(database) == ["develop:b"]
    assert begin(database, "develop:a") is None and begin(database, "develop:unknown") is None


def test_work_asked_for_while_it_runs_is_done_again(database: Database) -> None:
    ask(database, "a")
    attempt = begin(database, "develop:a")
    ask(database, "a", at=NOW + SECOND)
    assert attempt is not None
    with database.unit_of_work() as session:
        tasks.finish(session, attempt, NOW + SECOND)
    assert due(database, NOW + SECOND) == ["develop:a"]


def test_failures_wait_longer_each_time_and_end_dead_with_the_reason(database: Database) -> None:
    ask(database, "a")
    at = NOW
    for pause in (*tasks.BACKOFF, None):
        attempt = begin(database, "develop:a", at)
        assert attempt is not None
        with database.unit_of_work() as session:
            dead = tasks.fail(session, attempt, "OSError: no room", at)
        assert dead == (pause is None)
        assert begin(database, "develop:a", at) is None
        if pause is not None:
            assert due(database, at + pause - SECOND) == [] and due(database, at + pause) == ["develop:a"]
            at += pause
    found = row(database, "develop:a")
    assert (found.state, found.attempts, found.error) == ("dead", tasks.MAX_ATTEMPTS, "OSError: no room")
    with database.read() as session:
        assert [t.id for t in tasks.listing(session, tasks.DEAD)] == ["develop:a"]
    with database.unit_of_work() as session:
        assert tasks.retry(session, "develop:a", at) and not tasks.retry(session, "develop:b", at)
    assert due(database, at) == ["develop:a"]
    assert row(database, "develop:a").attempts == 0


def test_attempts_that_died_without_a_word_are_counted(database: Database) -> None:
    ask(database, "a")
    attempts = [begin(database, "develop:a") for _ in range(tasks.MAX_ATTEMPTS + 1)]
    assert [tasks.exhausted(a) for a in attempts if a] == [False] * tasks.MAX_ATTEMPTS + [True]


def test_done_tasks_are_forgotten_after_a_week(database: Database) -> None:
    ask(database, "a", "b")
    attempt = begin(database, "develop:a")
    assert attempt is not None
    with database.unit_of_work() as session:
        tasks.finish(session, attempt, NOW)
    with database.unit_of_work() as session:
        tasks.prune(session, NOW + tasks.KEPT + SECOND)
    with database.read() as session:
        assert [t.id for t in tasks.listing(session)] == ["develop:b"]


def test_events_become_tasks_once(database: Database) -> None:
    happened(database, "photo.taken", "nobody.cares", "photo.taken")
    assert relay.relay(database, REACTIONS, NOW) == (3, ["develop:p1", "count:all", "develop:p3"])
    assert relay.relay(database, REACTIONS, NOW) == (0, [])
    assert due(database) == ["count:all", "develop:p1", "develop:p3"] or len(due(database)) == 3


def test_a_relay_that_dies_midway_leaves_the_events_for_the_next(database: Database) -> None:
    happened(database, "photo.taken")

    def broken(_: Happened) -> list[str]:
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        relay.relay(database, {"photo.taken": (Reaction("develop", broken),)}, NOW)
    assert relay.relay(database, REACTIONS, NOW)[0] == 1


def test_a_gap_filled_late_is_not_skipped(database: Database) -> None:
    happened(database, "photo.taken", "photo.taken", "photo.taken")
    with database.unit_of_work() as session:
        # As if the first had been committed last: the others are relayed and it is not.
        session.execute(update(Event).where(Event.subject_seq > 1).values(relayed_at=NOW))
    assert relay.relay(database, REACTIONS, NOW)[1] == ["develop:p1", "count:all"]


def test_several_relays_share_the_work_without_doubling_it(database: Database) -> None:
    happened(database, *["photo.taken"] * 1000)

    def drain(_: int) -> list[str]:
        found: list[str] = []
        while True:
            events, ids = relay.relay(database, {"photo.taken": REACTIONS["photo.taken"][:1]}, NOW)
            found += ids
            if not events:
                return found

    with ThreadPoolExecutor(4) as pool:
        ids = [task_id for part in pool.map(drain, range(4)) for task_id in part]
    assert len(ids) == len(set(ids))
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Task)) == 1000
        assert session.scalar(select(func.count()).select_from(Event).where(Event.relayed_at.is_(None))) == 0
