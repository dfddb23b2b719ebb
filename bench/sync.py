"""Commands per second with receipts, against the very same statements through the bare driver.

The load is text only: one `contact.record` of about 2 KB per command on the device's own unit's tickets. The baseline
replays, on an identical database and with the same commits, the statements that the product was seen to send.
"""

from __future__ import annotations

import itertools
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import event
from sqlalchemy.engine import make_url

from app import clock
from app.db import Database
from app.factory import create_app
from app.ids import new_id
from bench import dataset
from bench.harness import Load, Phone, Row, create_database, drive, durable_postgres, folder, product, row
from config import Config

TICKETS = 100_000
SECONDS = 5.0
DEVICES = (1, 8, 32)
BATCHES = (1, 10)
NOTE = "已电话联系反映人核实情况，约定明日上门查看。" * 20
ODK_AT_32 = 49
"""Submissions/s of ODK Central with 100,000 stored, 32 at once (its own measurement, see docs/performance.md)."""
Trace = list[tuple[str, Any]]


def run() -> Iterator[Row]:
    """Yield throughput and p95 for both databases, all device counts and batch sizes."""
    with folder() as place, durable_postgres() as server:
        yield from _engine("postgresql", Path(place), _postgres_copies(server))
        yield from _engine("sqlite", Path(place), _sqlite_copies(Path(place)))


Copies = Callable[[str, int], str]


def _postgres_copies(server: str) -> Copies:
    made: dict[int, str] = {}

    def copy(name: str, tickets: int) -> str:
        if tickets not in made:
            made[tickets] = f"filled_{tickets}"
            database = Database(create_database(server, made[tickets]))
            dataset.fill(database, tickets)
            database.engine.dispose()
        return create_database(server, name, made[tickets])

    return copy


def _sqlite_copies(place: Path) -> Copies:
    def copy(name: str, tickets: int) -> str:
        template, path = place / f"filled_{tickets}.db", place / f"{name}.db"
        if not template.exists():
            database = Database(f"sqlite:///{template}")
            dataset.fill(database, tickets)
            with database.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            database.engine.dispose()
        shutil.copyfile(template, path)
        return f"sqlite:///{path}"

    return copy


def _engine(name: str, place: Path, copies: Copies) -> Iterator[Row]:
    baselines: dict[tuple[int, int], Load] = {}
    for batch in BATCHES:
        traces = _capture(copies(f"seen_{batch}", TICKETS), place, batch, requests=1600 // batch)
        for devices in DEVICES:
            baselines[devices, batch] = _replay(name, copies(f"bare_{batch}_{devices}", TICKETS), traces, devices)
    full: dict[tuple[int, int], float] = {}
    with product(copies("full", TICKETS), place / f"var-{name}") as port:
        for batch, devices in itertools.product(BATCHES, DEVICES):
            load = _load(port, devices, batch, TICKETS)
            base = baselines[devices, batch]
            full[devices, batch] = load.rate(batch)
            case = f"{name} {devices} devices x {batch}"
            yield row("sync.commands", case, load.rate(batch), "1/s", base.rate(batch), len(load.latencies) * batch)
            yield row("sync.p95", case, load.p95(), "ms", base.p95(), len(load.latencies), higher_is_better=False)
    small = dataset.UNITS * 2
    with product(copies("empty", small), place / f"var-{name}-empty") as port:
        load = _load(port, 32, 10, small)
        rate = load.rate(10)
        yield row("sync.growth", f"{name} 32 x 10, 100000 over {small}", full[32, 10], "1/s", rate, len(load.latencies))
    if name == "postgresql":
        case = "ODK Central at 100,000, 32 at once"
        yield row("sync.peer", f"32 x 10 over {case}", full[32, 10], "1/s", ODK_AT_32, 1)
        yield row("sync.peer", f"32 x 1 over {case}", full[32, 1], "1/s", ODK_AT_32, 1)


def _command(ticket_id: str, beacon: str) -> dict[str, Any]:
    now = clock.iso(clock.now())
    args = {
        "contact_id": new_id(),
        "purpose": "first",
        "to": "caller",
        "channel": "phone",
        "outcome": "reached",
        "started_at": now,
        "note": NOTE,
    }
    envelope = {"id": new_id(), "name": "contact.record", "ticket_id": ticket_id, "args": args}
    return envelope | {"captured_at": now, "beacon": beacon}


def _tickets_of(unit: int, tickets: int) -> Iterator[str]:
    """Yield the ids of the unit's tickets round and round."""
    numbers = range(unit or dataset.UNITS, tickets + 1, dataset.UNITS)
    return (dataset.ticket_id(number) for number in itertools.cycle(numbers))


def _login(port: int, unit: int) -> tuple[str, str]:
    body = {
        "phone": dataset.phone_of(unit),
        "password": dataset.PASSWORD,
        "device": {"id": new_id(), "name": "bench", "platform": "bench"},
    }
    token = Phone(port, "").post("/api/v1/auth/login", body)["access_token"]
    return token, Phone(port, token).get("/api/v1/sync/pull")["beacon"]


def _load(port: int, devices: int, batch: int, tickets: int) -> Load:
    logins = [_login(port, index) for index in range(devices)]

    def make(index: int) -> Callable[[], None]:
        token, beacon = logins[index]
        phone = Phone(port, token)
        mine = _tickets_of(index, tickets)

        def step() -> None:
            commands = [_command(next(mine), beacon) for _ in range(batch)]
            answer = phone.post("/api/v1/sync/commands", {"sent_at": clock.iso(clock.now()), "commands": commands})
            refused = [r for r in answer["receipts"] if r["status"] != "applied"]
            if refused:
                raise RuntimeError(str(refused[0]))

        return step

    return drive(devices, SECONDS, make)


def _capture(url: str, place: Path, batch: int, requests: int) -> list[list[Trace]]:
    """Return, per device, the statements of each of its requests, as the product sent them to the database."""
    config = Config(secret_key="b" * 40, var_dir=place / "capture", database_url=url, logins_per_minute=100_000)
    app = create_app(config)
    engine = app.extensions["doorstep.db"].engine
    seen: Trace = []
    event.listen(engine, "before_cursor_execute", lambda c, cur, sql, params, ctx, many: seen.append((sql, params)))
    event.listen(engine, "commit", lambda connection: seen.append(("COMMIT", None)))
    event.listen(engine, "rollback", lambda connection: seen.append(("ROLLBACK", None)))
    traces: list[list[Trace]] = []
    for unit in range(32):
        client = app.test_client()
        device = {"id": new_id(), "name": "bench", "platform": "bench"}
        login = {"phone": dataset.phone_of(unit), "password": dataset.PASSWORD, "device": device}
        token = client.post("/api/v1/auth/login", json=login).get_json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        beacon = client.get("/api/v1/sync/pull", headers=headers).get_json()["beacon"]
        mine, own = _tickets_of(unit, TICKETS), []
        for _ in range(requests // 32):
            seen.clear()
            body = {"sent_at": clock.iso(clock.now()), "commands": [_command(next(mine), beacon) for _ in range(batch)]}
            answer = client.post("/api/v1/sync/commands", json=body, headers=headers)
            assert answer.status_code == 200, answer.data
            own.append(list(seen))
        traces.append(own)
    engine.dispose()
    return traces


def _replay(name: str, url: str, traces: list[list[Trace]], devices: int) -> Load:
    """Send the traces with the bare driver, one connection per device; all of them, however many devices share them."""
    queues = [[t for own in traces[index::devices] for t in own] for index in range(devices)]
    connections = [_connect(name, url) for _ in range(devices)]

    def make(index: int) -> Callable[[], None]:
        remaining = iter(queues[index])

        def step() -> None:
            trace = next(remaining, None)
            if trace is None:
                raise StopIteration
            connections[index](trace)

        return step

    return _drain(devices, make)


def _drain(devices: int, make: Callable[[int], Callable[[], None]]) -> Load:
    load, lock = Load(), threading.Lock()

    def work(index: int) -> None:
        step, mine = make(index), []
        while True:
            begun = time.perf_counter()
            try:
                step()
            except StopIteration:
                break
            mine.append(time.perf_counter() - begun)
        with lock:
            load.latencies.extend(mine)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(devices)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    load.seconds = time.perf_counter() - begun
    return load


def _connect(name: str, url: str) -> Callable[[Trace], None]:
    if name == "sqlite":
        lite = sqlite3.connect(make_url(url).database or "", isolation_level=None, timeout=60, check_same_thread=False)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=60000", "foreign_keys=ON"):
            lite.execute(f"PRAGMA {pragma}")
        return lambda trace: _play(lite.cursor(), lite.commit, lite.rollback, trace)
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = psycopg.connect(plain)
    return lambda trace: _play(connection.cursor(), connection.commit, connection.rollback, trace)


def _play(cursor: Any, commit: Callable[[], None], rollback: Callable[[], None], trace: Trace) -> None:
    for sql, params in trace:
        if sql == "COMMIT":
            commit()
        elif sql == "ROLLBACK":
            rollback()
        else:
            cursor.execute(sql, params)
            if cursor.description is not None:
                cursor.fetchall()
