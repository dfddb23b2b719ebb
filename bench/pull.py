"""What a pull costs: nothing new on a phone that holds 200 tickets, and the first pull of 200 real-sized tickets."""

from __future__ import annotations

import json
import random
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import brotli
from sqlalchemy import text

from app import clock
from app.db import Database
from app.ids import new_id
from app.people.permissions import Actor
from app.people.queries import actor_of
from app.sync.pull import pull
from bench import dataset
from bench.harness import ROOT, Phone, Row, create_database, durable_postgres, folder, product, row

HELD = 200
ROUNDS = 200
GOAL_UNCHANGED_MS, GOAL_UNCHANGED_BYTES, GOAL_FIRST_KB = 5.0, 300, 60.0


def run() -> Iterator[Row]:
    """Yield the server's time and the bytes of both kinds of pull; the baseline is the goal named in the case."""
    with folder() as place, durable_postgres() as server:
        for name, url in (
            ("postgresql", create_database(server, "pull")),
            ("sqlite", f"sqlite:///{Path(place) / 'pull.db'}"),
        ):
            database = Database(url)
            dataset.fill(database, dataset.UNITS * HELD)
            _real_texts(database)
            yield _unchanged(database, name)
            yield from _over_http(url, Path(place) / name, name)
            database.engine.dispose()


def _real_texts(database: Database) -> None:
    """Give the first unit's tickets the citizens' own words where they are at hand, else the filler's."""
    source = ROOT.parent / "shared" / "data" / "complaints.jsonl"
    if not source.exists():
        return
    messages = [json.loads(line) for line in source.read_text("utf-8").splitlines()]
    chosen = random.Random(12345).sample(messages, HELD)
    with database.unit_of_work() as session:
        for number, message in enumerate(chosen):
            identity = dataset.ticket_id(1 + number * dataset.UNITS)
            key = identity if database.engine.dialect.name == "postgresql" else identity.replace("-", "")
            session.execute(
                text("UPDATE tickets SET title = :t, content = :c WHERE id = :i"),
                {"t": message["title"][:200], "c": message["content"], "i": key},
            )


def _unchanged(database: Database, name: str) -> Row:
    actor = _actor(database)
    cookie = None
    while True:
        answer = pull(database, actor, cookie, clock.now())
        if answer["unchanged"]:
            break
        cookie = answer["cookie"]
    same = _median_ms(lambda: pull(database, actor, cookie, clock.now()), ROUNDS)
    # The baseline is what a phone without a difference would cost: everything, each time.
    full = _median_ms(lambda: pull(database, actor, None, clock.now()), 10)
    case = f"{name}, {HELD} held, nothing new, over a full pull; goal {GOAL_UNCHANGED_MS:g} ms"
    return row("pull.unchanged", case, same, "ms", full, ROUNDS, higher_is_better=False)


def _median_ms(ask: Callable[[], object], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        ask()
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


def _actor(database: Database) -> Actor:
    """Return the first unit's liaison on a device of their own."""
    person, device = f"01900002-0000-7000-8000-{1:012x}", new_id()
    with database.unit_of_work() as session:
        session.execute(
            text(
                "INSERT INTO devices (id, person_id, client_id, name, platform, registered_at, last_seen_at)"
                " VALUES (:d, :p, :d, 'bench', '', :at, :at)"
            ),
            _plain(database, {"d": device, "p": person}) | {"at": _instant(database)},
        )
        actor = actor_of(session, person, device, clock.now())
    assert actor is not None
    return actor


def _plain(database: Database, ids: dict[str, str]) -> dict[str, str]:
    if database.engine.dialect.name == "postgresql":
        return ids
    return {name: value.replace("-", "") for name, value in ids.items()}


def _instant(database: Database) -> object:
    return clock.now() if database.engine.dialect.name == "postgresql" else clock.iso(clock.now())


def _over_http(url: str, var_dir: Path, name: str) -> Iterator[Row]:
    """Yield the bytes on the wire: first answer, all pages together, and the answer to nothing new."""
    with product(url, var_dir) as port:
        login = {
            "phone": dataset.phone_of(1),
            "password": dataset.PASSWORD,
            "device": {"id": new_id(), "name": "bench", "platform": "bench"},
        }
        phone = Phone(port, Phone(port, "").post("/api/v1/auth/login", login)["access_token"])
        sizes, plain, cookie = [], 0.0, None
        while True:
            answer = phone.get("/api/v1/sync/pull" + (f"?cookie={cookie}" if cookie else ""))
            body = json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
            if answer["unchanged"]:
                break
            sizes.append(len(brotli.compress(body, quality=5)) / 1024)
            plain += len(body) / 1024
            cookie = answer["cookie"]
    goal = f"goal {GOAL_FIRST_KB:g} KB"
    rest = "over the same uncompressed in one answer"
    yield row("pull.first", f"{name}, first answer, {HELD} rows, {rest}; {goal}", sizes[0], "KB", plain, 1, False)
    case = f"{name}, all {len(sizes)} answers until every detail is there, {rest}; {goal}"
    yield row("pull.first", case, sum(sizes), "KB", plain, len(sizes), False)
    case = f"{name}, nothing new, over everything; goal {GOAL_UNCHANGED_BYTES} bytes"
    yield row("pull.unchanged", case, len(body), "B", plain * 1024, 1, False)
