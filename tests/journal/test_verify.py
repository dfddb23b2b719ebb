"""`doorstep verify` on real databases: round trips to the letter, each kind of tampering found, exit codes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner, Result
from lasting import ENGINES, fresh_database, world_on
from scenario import World
from sqlalchemy import select, text, update

from app.cli import main
from app.clock import Moment, now
from app.db import Database
from app.ids import new_id
from app.journal.models import Event
from app.journal.record import record
from app.oversight.findings.models import Finding
from app.oversight.inspections.models import InspectionDraw
from app.tickets.models import Ticket
from app.verify import check


@pytest.fixture(params=ENGINES)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with fresh_database(request.param, request, tmp_path) as url:
        yield world_on(url, tmp_path)


NEVER_SEALED = "尚无日根：当天的记录在次日零时后由 relay 进程封存。\n"


def run(world: World, *arguments: str) -> Result:
    """Run `doorstep verify` as the operator does, on the world's database."""
    url = world.database.engine.url.render_as_string(hide_password=False)
    env = {"DATABASE_URL": url, "SECRET_KEY": "x" * 40, "DEMO": "0"}
    return CliRunner().invoke(main, ["verify", *arguments], env=env)


PAYLOADS = [
    {}, {"浮点": [0.1, 1e-7, 1e16, 1e22, -0.0, 5e-324, 1.7976931348623157e308, 100.0, 1 / 3]},
    {"整数": [2**63, -(2**63), 0, 10**30]}, {"文": "达拉特旗 “引号” \\ \u2028 \u0001 \x7f 👨‍👩‍👧 é é"},
    {"深": {"更深": [{"最深": [None, True, False, [], {}]}]}}, {"b": 1, "a": 2, "": 3, "é": 4, "z": {"y": 1, "x": 2}},
]  # fmt: skip


def test_payloads_survive_the_database_to_the_letter(world: World) -> None:
    ticket_id = world.registered()
    with world.database.unit_of_work() as session:
        ticket = session.get_one(Ticket, ticket_id)
        for payload in PAYLOADS:
            record(session, ticket, "thread.posted", payload, Moment.of_server(now()))
    with world.database.read() as session:
        events = session.scalars(select(Event).where(Event.subject_id == ticket_id).order_by(Event.subject_seq))
        kept = [event.payload for event in events][1:]
        ticket = session.get_one(Ticket, ticket_id)
        assert check(session, ticket_id, ticket.journal_length, ticket.journal_head) is None
    assert kept == PAYLOADS
    assert [list(payload) for payload in kept] == [list(payload) for payload in PAYLOADS]
    assert str(kept) == str(PAYLOADS), "1.0 stays 1.0, -0.0 stays -0.0"


def _sql(statement: str) -> Callable[[World, str], None]:
    def tamper(world: World, ticket_id: str) -> None:
        sqlite = world.database.engine.dialect.name == "sqlite"
        key = ticket_id.replace("-", "") if sqlite else UUID(ticket_id)
        with world.database.engine.begin() as connection:
            for part in statement.split(";"):
                connection.execute(text(part).bindparams(**_used(part, s=ticket_id, t=key)))

    return tamper


def _used(statement: str, **values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if f":{name}" in statement}


TAMPERINGS = {
    "payload": (_sql("UPDATE journal_events SET payload = '{\"counted_at\":\"2020\"}' "
                     "WHERE subject_id = :s AND subject_seq = 3"), "第 3 条起不成立（内容被改）"),
    "actor": (_sql("UPDATE journal_events SET actor_id = NULL WHERE subject_id = :s AND subject_seq = 2"),
              "第 2 条起不成立（内容被改）"),
    "name": (_sql("UPDATE journal_events SET name = 'ticket.signed' WHERE subject_id = :s AND subject_seq = 1"),
             "第 1 条起不成立（内容被改）"),
    "removed": (_sql("DELETE FROM journal_events WHERE subject_id = :s AND subject_seq = 2"),
                "第 2 条起不成立（缺少记录）"),
    "tail": (_sql("DELETE FROM journal_events WHERE subject_id = :s AND subject_seq >= 3"),
             "第 3 条起不成立（末尾记录被删）"),
    "swapped": (_sql("UPDATE journal_events SET subject_seq = 99 WHERE subject_id = :s AND subject_seq = 2;"
                     "UPDATE journal_events SET subject_seq = 2 WHERE subject_id = :s AND subject_seq = 3;"
                     "UPDATE journal_events SET subject_seq = 3 WHERE subject_id = :s AND subject_seq = 99"),
                "第 2 条起不成立（次序被改）"),
    "head": (_sql("UPDATE tickets SET journal_head = 'f' WHERE id = :t"), "（链头不符）"),
    "whole journal": (_sql("DELETE FROM journal_events WHERE subject_id = :s"), "第 1 条起不成立（末尾记录被删）"),
}  # fmt: skip


@pytest.mark.clause("A3")
def test_each_tampering_is_found_and_named(world: World) -> None:
    for name, (tamper, finding) in TAMPERINGS.items():
        ticket_id = world.handling()
        world.liaison.contact(ticket_id)
        number = world.liaison.ticket(ticket_id)["number"]
        sound = run(world, number)
        assert (sound.exit_code, sound.output) == (
            0,
            "校验 1 条链，0 处不成立。\n尚未封存：当天的记录在次日零时后封存。\n",
        )
        tamper(world, ticket_id)
        found = run(world, number)
        assert found.exit_code == 1, name
        assert f"✗ {number}" in found.output and finding in found.output, (name, found.output)


def test_a_ticket_that_is_gone_altogether_leaves_its_events_behind(world: World) -> None:
    ticket_id = world.registered()
    assert run(world).exit_code == 0
    _sql("DELETE FROM tickets WHERE id = :t")(world, ticket_id)
    found = run(world)
    assert found.exit_code == 1
    assert f"✗ {ticket_id}：有流水而无工单" in found.output


def test_events_that_concern_no_ticket_are_chained_as_well(world: World) -> None:
    world.station.do("person.change_phone", None, person_id=world.people["deputy"].id, phone="13911112222")
    assert run(world).exit_code == 0
    with world.database.unit_of_work() as session:
        session.execute(update(Event).where(Event.name == "person.phone_changed").values(payload={"to": "别的号码"}))
    found = run(world)
    assert found.exit_code == 1 and "✗ 达拉特旗" in found.output


def test_an_unknown_number_is_said_to_be_none(world: World) -> None:
    found = run(world, "DL-nobody")
    assert found.exit_code == 1 and "没有编号为 DL-nobody 的工单" in found.output


def test_verifying_while_people_work_raises_no_false_alarm(world: World) -> None:
    ticket_ids, done = [world.dispatched() for _ in range(3)], threading.Event()

    def work() -> None:
        while not done.is_set():
            for ticket_id in ticket_ids:
                world.liaison.do("thread.post", ticket_id, message_id=new_id(), text="一直有人在写")

    writer = threading.Thread(target=work)
    writer.start()
    try:
        outputs = [run(world).output for _ in range(6)]
    finally:
        done.set()
        writer.join()
    assert set(outputs) == {"校验 4 条链，0 处不成立。\n" + NEVER_SEALED}


@pytest.mark.slow
def test_the_demonstrations_chains_hold(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    from app.demo.people import TOWNS
    from app.demo.seed import seed
    from config import Config

    with fresh_database("sqlite", request, tmp_path) as url:
        config = Config(secret_key="x" * 40, var_dir=tmp_path, database_url=url, demo=True)
        made = seed(Database(url), config)
        env: dict[str, Any] = {"DATABASE_URL": url, "VAR_DIR": str(tmp_path), "DEMO": "1", "SECRET_KEY": "x" * 40}
        found = CliRunner().invoke(main, ["verify"], env=env)
        assert made >= 10
        with Database(url).read() as session:
            others = sum(len(list(session.scalars(select(kind.id)))) for kind in (Finding, InspectionDraw))
        # One of each ticket, one of each place for what concerns no ticket, one of each finding and of each lot drawn.
        chains = made + len(TOWNS) + others
        assert (found.exit_code, found.output) == (0, f"校验 {chains} 条链，0 处不成立。\n{NEVER_SEALED}")
        assert "演示数据已存在" in CliRunner().invoke(main, ["demo"], env=env).output
