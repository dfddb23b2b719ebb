"""When the ground gives way: disk full, database locked or gone, a commit that fails, a process that dies.

The answer says so and claims nothing; what was committed keeps its receipt, and the same batch sent again completes it.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from lasting import ENGINES, fresh_database, make_config, world_on
from scenario import CALLER, World, later
from sqlalchemy import event, func, select, text
from werkzeug.test import TestResponse

from app.db import Database
from app.factory import create_app
from app.ids import new_id
from app.journal.models import Event
from app.sync.models import ReceiptRow

COMMANDS = "/api/v1/sync/commands"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=ENGINES)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A World of this test's own, which it may break."""
    with fresh_database(request.param, request, tmp_path) as url:
        yield world_on(url, tmp_path)


@pytest.fixture
def embedded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """The same, on SQLite only."""
    with fresh_database("sqlite", request, tmp_path) as url:
        yield world_on(url, tmp_path)


def say(world: World, ticket_id: str, words: str = "话") -> dict[str, Any]:
    return world.liaison.command("thread.post", ticket_id, message_id=new_id(), text=words)


def send(world: World, batch: list[dict[str, Any]]) -> TestResponse:
    return world.liaison.call("POST", COMMANDS, json={"sent_at": later(), "commands": batch})


def state(world: World, ticket_id: str) -> tuple[Any, ...]:
    """Everything a command leaves behind: version, messages, length of the journal, receipts."""
    ticket = world.liaison.ticket(ticket_id)
    with world.database.read() as session:
        events = session.scalar(select(func.count()).where(Event.subject_id == ticket_id))
        receipts = session.scalar(select(func.count()).where(ReceiptRow.ticket_id == ticket_id))
    return ticket["version"], [m["text"] for m in ticket["detail"]["messages"]], events, receipts


def refused_with(answer: TestResponse, status: int, code: str) -> None:
    assert (answer.status_code, answer.get_json().get("code")) == (status, code), answer.text
    assert "手机" in answer.get_json()["detail"], "the person is told that nothing is lost"


@contextmanager
def trap(world: World, when: str) -> Iterator[None]:
    """Make the database itself refuse: the insert of a receipt, or the commit of a unit that inserted one."""
    sqlite = world.database.engine.dialect.name == "sqlite"
    kind = "CHAR(32)" if sqlite else "UUID"
    body = f"INSERT INTO trap VALUES ('{new_id()}');"
    deferred = "DEFERRABLE INITIALLY DEFERRED" if when == "commit" else ""
    build = [f"CREATE TABLE trap (id {kind} REFERENCES persons (id) {deferred})"]
    if sqlite:
        build += [f"CREATE TRIGGER snap AFTER INSERT ON receipts BEGIN {body} END"]
        clear = ["DROP TRIGGER snap", "DROP TABLE trap"]
    else:
        build += [
            f"CREATE FUNCTION snap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NEW; END $$",
            "CREATE TRIGGER snap AFTER INSERT ON receipts FOR EACH ROW EXECUTE FUNCTION snap()",
        ]
        clear = ["DROP TRIGGER snap ON receipts", "DROP FUNCTION snap", "DROP TABLE trap"]
    _run(world, build)
    try:
        yield
    finally:
        _run(world, clear)


def _run(world: World, statements: list[str]) -> None:
    with world.database.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


@pytest.mark.parametrize("when", ["insert", "commit"])
def test_no_effect_without_its_receipt(world: World, when: str) -> None:
    ticket_id = world.dispatched()
    batch = [say(world, ticket_id, "留言"), world.liaison.command("ticket.sign", ticket_id)]
    before = state(world, ticket_id)
    with trap(world, when):
        refused_with(send(world, batch), 500, "internal_error")
        assert state(world, ticket_id) == before
    answer = send(world, batch)
    assert [r["status"] for r in answer.get_json()["receipts"]] == ["applied", "applied"]
    assert state(world, ticket_id) == (before[0] + 2, ["留言"], before[2] + 2, before[3] + 2)


def test_no_refusal_without_its_receipt_either(world: World) -> None:
    ticket_id = world.registered()
    command = world.liaison.command("ticket.sign", ticket_id)
    with trap(world, "commit"):
        refused_with(send(world, [command]), 500, "internal_error")
    assert send(world, [command]).get_json()["receipts"][0] | {"code": ""} == {
        **send(world, [command]).get_json()["receipts"][0], "code": "", "replayed": False
    }  # fmt: skip


DIES_AFTER_TWO = """
    import json, os, signal, sys
    from pathlib import Path
    from app.factory import create_app
    from config import Config

    url, folder, headers, body = json.loads(sys.stdin.read())
    app = create_app(Config(secret_key="only-for-tests-" + "k" * 32, var_dir=Path(folder), database_url=url))
    commits = []
    def count():
        commits.append(1)
        if len(commits) == 2:
            os.kill(os.getpid(), signal.SIGKILL)
    app.extensions["doorstep.db"].after_commit.append(count)
    app.test_client().post("/api/v1/sync/commands", json=body, headers=headers)
"""


@pytest.mark.slow
def test_a_batch_cut_short_by_the_death_of_the_process_is_completed_once(world: World, tmp_path: Path) -> None:
    import json

    ticket_id = world.dispatched()
    batch = [say(world, ticket_id, f"第{number}句") for number in range(4)]
    before = state(world, ticket_id)
    url = world.database.engine.url.render_as_string(hide_password=False)
    headers = {"Authorization": f"Bearer {world.liaison._token}"}
    work = json.dumps([url, str(tmp_path / "var"), headers, {"sent_at": later(), "commands": batch}])
    died = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(DIES_AFTER_TWO)], input=work, text=True, cwd=ROOT, check=False
    )
    assert died.returncode == -9
    assert state(world, ticket_id) == (before[0] + 2, ["第0句", "第1句"], before[2] + 2, before[3] + 2)
    receipts = send(world, batch).get_json()["receipts"]
    assert [r["replayed"] for r in receipts] == [True, True, False, False]
    assert state(world, ticket_id)[1] == ["第0句", "第1句", "第2句", "第3句"]


def test_a_full_disk_is_said_and_nothing_is_claimed(embedded: World) -> None:
    world, ticket_id = embedded, embedded.dispatched()
    batch = [say(world, ticket_id, "满" * 2000) for _ in range(40)]
    limit = {"pages": 0}

    @event.listens_for(world.database.engine, "connect")
    def shrink(connection: Any, _record: Any) -> None:
        used = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {limit['pages'] or used + 4}")

    world.database.engine.dispose()
    refused_with(send(world, batch), 507, "storage_full")
    kept = state(world, ticket_id)[1]
    assert len(kept) < len(batch)
    pulled = world.liaison.pull()
    assert pulled["tickets"], "reading goes on"
    limit["pages"] = 2**30
    world.database.engine.dispose()
    receipts = send(world, batch).get_json()["receipts"]
    assert {r["status"] for r in receipts} == {"applied"}
    assert sum(r["replayed"] for r in receipts) == len(kept)
    assert len(state(world, ticket_id)[1]) == len(batch)


def test_a_phone_on_a_full_disk_is_not_told_to_pull_for_ever(embedded: World) -> None:
    world = embedded
    for _ in range(5):
        ticket_id = world.dispatched(content="长" * 20_000)
    assert world.liaison.pull()["more"] is True

    @event.listens_for(world.database.engine, "connect")
    def refuse_writes(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA query_only = ON")

    world.database.engine.dispose()
    answer = world.phone("liaison").pull("unknown")
    assert ticket_id in {t["id"] for t in answer["tickets"]} and answer["more"] is False
    refused_with(send(world, [say(world, ticket_id)]), 503, "database_busy")


HOLDS_THE_LOCK = """
    import sqlite3, sys
    connection = sqlite3.connect(sys.argv[1], isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    print("locked", flush=True)
    sys.stdin.read()
"""


def test_a_database_locked_by_another_process_answers_busy_and_then_takes_the_batch(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with fresh_database("sqlite", request, tmp_path) as url:
        world = World(create_app(make_config(url, tmp_path), Database(url, busy_seconds=0.2)))
        ticket_id = world.dispatched()
        batch = [world.liaison.command("ticket.sign", ticket_id)]
        cookie = world.liaison.pull()["cookie"]
        holder = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(HOLDS_THE_LOCK), url.removeprefix("sqlite:///")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert holder.stdout is not None
        assert holder.stdout.readline() == "locked\n"
        refused_with(send(world, batch), 503, "database_busy")
        assert world.liaison.pull(cookie)["unchanged"] is True, "reading does not wait for the writer"
        assert world.liaison.pull()["tickets"], "nor does a phone that must be told everything"
        holder.communicate()
        assert send(world, batch).get_json()["receipts"][0]["status"] == "applied"


def test_a_database_that_is_gone_answers_busy(tmp_path: Path) -> None:
    for url in ("postgresql+psycopg://nobody@127.0.0.1:9/none", f"sqlite:///{tmp_path / 'no' / 'where.db'}"):
        client = create_app(make_config(url, tmp_path)).test_client()
        device = {"id": new_id(), "name": "手机", "platform": ""}
        body = {"phone": "13900000000", "password": "x", "device": device}
        refused_with(client.post("/api/v1/auth/login", json=body), 503, "database_busy")
        assert client.get("/healthz").status_code == 503


@pytest.mark.slow
def test_a_connection_cut_by_the_server_costs_one_retry_and_nothing_else(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with fresh_database("postgresql", request, tmp_path) as url:
        world = world_on(url, tmp_path)
        ticket_id = world.dispatched()
        batch = [say(world, ticket_id, "断线前后")]
        with Database(url, pool_size=1).engine.connect() as other:
            other.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                     "WHERE datname = current_database() AND pid <> pg_backend_pid()")
            )  # fmt: skip
        answer = send(world, batch)
        if answer.status_code != 200:
            refused_with(answer, 503, "database_busy")
            answer = send(world, batch)
        assert answer.get_json()["receipts"][0]["status"] == "applied"
        assert state(world, ticket_id)[1] == ["断线前后"]


def test_an_unexpected_fault_of_the_database_does_not_put_callers_into_the_log(
    request: pytest.FixtureRequest, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with fresh_database("postgresql", request, tmp_path) as url, caplog.at_level(logging.DEBUG):
        world = world_on(url, tmp_path)
        _run(world, ["ALTER TABLE tickets ALTER COLUMN caller_name TYPE varchar(1)"])
        command = world.station.command("ticket.intake", new_id(), **world.intake_args())
        answer = world.station.call("POST", COMMANDS, json={"sent_at": later(), "commands": [command]})
        refused_with(answer, 500, "internal_error")
        assert "unexpected fault" in caplog.text
        for secret in CALLER.values():
            assert secret not in caplog.text and secret not in answer.text
