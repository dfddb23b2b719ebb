"""Sealing on real databases: each day once, in order, late events too; and what `doorstep verify` makes of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result
from lasting import ENGINES, fresh_database, world_on
from scenario import World
from sqlalchemy import delete, select, text, update

from app import clock
from app.cli import main
from app.ids import new_id
from app.journal import merkle
from app.journal.chain import GENESIS, Link, digest
from app.journal.models import Chained, Event
from app.sealing import documents, queries
from app.sealing.models import DayLeaf, DayRoot
from app.sealing.schemas import DayOut, RootsOut
from app.sealing.seal import seal_due
from app.tickets.models import Ticket, TicketClock
from app.verify import check

ZONE = "Asia/Shanghai"
KEY = "ab" * 32


@pytest.fixture(params=ENGINES)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with fresh_database(request.param, request, tmp_path) as url:
        yield world_on(url, tmp_path)


def noon(days: int = 0) -> datetime:
    """Noon of today there, or so many days from it."""
    today = clock.now().astimezone(ZoneInfo(ZONE)).replace(hour=12, minute=0, second=0, microsecond=0)
    return clock.to_millisecond(today + timedelta(days=days))


def seal(world: World, at: datetime) -> list[date]:
    return seal_due(world.database, ZONE, KEY, at)


def stored(world: World) -> list[documents.Document]:
    with world.database.read() as session:
        return [documents.read(row.document) for row, _ in reversed(queries.roots(session))]


def leaves(world: World, day: date) -> dict[str, int]:
    with world.database.read() as session:
        return {leaf.subject_id: leaf.length for leaf in queries.leaves_of(session, day)}


def verify(world: World, *arguments: str) -> Result:
    url = world.database.engine.url.render_as_string(hide_password=False)
    env = {"DATABASE_URL": url, "SECRET_KEY": "x" * 40, "DEMO": "0"}
    return CliRunner().invoke(main, ["verify", *arguments], env=env)


def long_ago(world: World, **options: Any) -> str:
    return world.dispatched(ago=timedelta(days=3), **options)


def test_a_day_is_sealed_once_with_every_chain_that_grew(world: World) -> None:
    old, ticket = long_ago(world), long_ago(world)
    assert [d.isoformat() for d in seal(world, noon())] == [noon(-1).astimezone(ZoneInfo(ZONE)).date().isoformat()]
    assert seal(world, noon()) == [] == seal(world, noon() + timedelta(hours=3))
    [first] = stored(world)
    assert {old, ticket} <= set(leaves(world, first.day)) and first.previous == "0" * 64 and first.key == KEY
    assert first.until == clock.iso(noon().astimezone(ZoneInfo(ZONE)).replace(hour=0))

    world.liaison.do("ticket.sign", ticket)
    assert len(seal(world, noon(1))) == 1
    first, second = stored(world)
    assert old not in leaves(world, second.day), "only what grew stands in a day"
    assert leaves(world, second.day)[ticket] == leaves(world, first.day)[ticket] + 1
    assert (second.previous, second.day) == (first.root, first.day + timedelta(days=1))
    with world.database.read() as session:
        row = session.get_one(Ticket, ticket)
        known = {leaf.subject_id: leaf for leaf in queries.leaves_of(session, second.day)}
        assert (known[ticket].length, known[ticket].head) == (row.journal_length, row.journal_head)
    assert verify(world).exit_code == 0


def test_whatever_has_a_chain_is_sealed() -> None:
    """A new kind of subject that nobody seals would be a journal that can be rewritten."""
    assert set(queries.SUBJECTS) == set(Chained.__subclasses__())


def test_leaves_stand_in_one_order_and_each_is_provable(world: World) -> None:
    for _ in range(5):
        long_ago(world)
    [day] = seal(world, noon())
    with world.database.read() as session:
        found = queries.leaves_of(session, day)
    assert [leaf.subject_id for leaf in found] == sorted(leaf.subject_id for leaf in found)
    hashes, root = [leaf.hash() for leaf in found], bytes.fromhex(stored(world)[0].tree)
    for index in range(len(found)):
        assert merkle.holds(hashes[index], index, len(found), merkle.proof(hashes, index), root)


def test_days_that_passed_while_nothing_ran_are_made_up_for_one_by_one(world: World) -> None:
    ticket = long_ago(world)
    assert seal(world, noon(-1)) and seal(world, noon(4)) != []
    rows = stored(world)
    assert [row.day for row in rows] == [rows[0].day + timedelta(days=n) for n in range(6)]
    assert [row.previous for row in rows[1:]] == [row.root for row in rows[:-1]]
    assert rows[-1].leaves == 0 and rows[-1].tree == merkle.EMPTY.hex()
    world.liaison.do("ticket.sign", ticket)
    assert verify(world).exit_code == 0


def test_nothing_is_sealed_before_there_is_something_nor_before_the_day_is_over(world: World) -> None:
    with world.database.unit_of_work() as session:
        session.execute(delete(Event))
    assert seal(world, noon()) == []
    world.registered()
    assert seal(world, clock.now()) == [], "of today nothing is sealed today"
    midnight = noon(1).astimezone(ZoneInfo(ZONE)).replace(hour=0)
    assert seal(world, midnight + timedelta(minutes=4)) == []
    assert len(seal(world, midnight + timedelta(minutes=5))) == 1


def test_an_event_that_became_visible_late_stands_in_the_next_seal(world: World) -> None:
    ticket = long_ago(world)
    assert seal(world, noon())
    world.play("liaison", "ticket.sign", ticket, noon(-2))
    late = world.dispatched(ago=timedelta(days=2))
    [second] = seal(world, noon(1))
    assert {ticket, late} <= set(leaves(world, second))
    assert verify(world).exit_code == 0


def test_two_relays_at_once_make_one_row_of_days(world: World) -> None:
    for _ in range(3):
        long_ago(world)
    assert seal(world, noon(-1))
    errors: list[BaseException] = []

    def work() -> None:
        try:
            seal(world, noon(3))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seal(world, noon(3))
    assert errors == [] and len(stored(world)) == 5
    assert verify(world).exit_code == 0


def rewrite(world: World, ticket_id: str, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> None:
    """What somebody with the whole database in hands can do: change events and hash the chain anew, head and all."""
    with world.database.unit_of_work() as session:
        query = select(Event).where(Event.subject_id == ticket_id).order_by(Event.subject_seq)
        rows = [{name: getattr(e, name) for name in Link.__slots__} for e in session.scalars(query)]
        session.execute(delete(Event).where(Event.subject_id == ticket_id))
        previous = GENESIS
        rows = change(rows)
        for seq, row in enumerate(rows, 1):
            row |= {"subject_seq": seq, "prev_hash": previous}
            previous = digest(Link(**row | {"at": clock.iso(row["at"])}))
            session.add(Event(**row, hash=previous))
        head = {"journal_length": len(rows), "journal_head": previous}
        session.execute(update(Ticket).where(Ticket.id == ticket_id).values(**head))
    with world.database.read() as session:
        assert check(session, ticket_id, len(rows), previous) is None, "by itself the new chain is sound"


def kinder(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows[1] |= {"payload": rows[1]["payload"] | {"grounds": "后来改的理由"}}
    return rows


@pytest.mark.clause("A3")
def test_a_chain_that_was_hashed_anew_is_found_by_its_seal(world: World) -> None:
    changed, shortened, sound = long_ago(world), long_ago(world), long_ago(world)
    assert len(seal(world, noon(1))) == 1
    for ticket, change, finding in (
        (changed, kinder, "封存过的记录被改写"),
        (shortened, lambda rows: rows[:1], "封存过的末尾记录被删"),
    ):
        number = world.station.ticket(ticket)["number"]
        assert verify(world, number).exit_code == 0
        rewrite(world, ticket, change)
        for found in (verify(world), verify(world, number)):
            assert found.exit_code == 1 and f"✗ {number}：" in found.output and finding in found.output
    assert verify(world, world.station.ticket(sound)["number"]).exit_code == 0


@pytest.mark.clause("A3")
def test_a_ticket_removed_with_all_its_events_is_missed(world: World) -> None:
    ticket = long_ago(world)
    seal(world, noon())
    sqlite = world.database.engine.dialect.name == "sqlite"
    with world.database.engine.begin() as connection:
        key = {"t": ticket.replace("-", "") if sqlite else UUID(ticket)}
        for table in ("assignments", TicketClock.__tablename__):
            connection.execute(text(f"DELETE FROM {table} WHERE ticket_id = :t"), key)
        connection.execute(text("DELETE FROM tickets WHERE id = :t"), key)
        connection.execute(text("DELETE FROM journal_events WHERE subject_id = :s"), {"s": ticket})
    found = verify(world)
    assert found.exit_code == 1 and f"✗ {ticket}：" in found.output and "均已不存在" in found.output


def cover_up(world: World, ticket: str) -> None:
    """The leaf is made to fit the rewritten chain."""
    rewrite(world, ticket, kinder)
    with world.database.unit_of_work() as session:
        events = select(Event.subject_seq, Event.hash).where(Event.subject_id == ticket)
        hashes = {row[0]: row[1] for row in session.execute(events)}
        for leaf in session.scalars(select(DayLeaf).where(DayLeaf.subject_id == ticket)):
            leaf.head = hashes[leaf.length]


def reseal(world: World, ticket: str) -> None:
    """And the document too, and every document after it: all that is left is what others have kept."""
    cover_up(world, ticket)
    with world.database.unit_of_work() as session:
        previous = documents.FIRST
        for row, _ in reversed(queries.roots(session)):
            old = documents.read(row.document)
            row.document = documents.write(
                row.day, old.zone, old.until, previous, queries.leaves_of(session, row.day), old.key
            )
            row.root = previous = documents.root_of(row.document)


def test_seals_that_were_changed_are_found_too(world: World, tmp_path: Path) -> None:
    ticket = long_ago(world)
    seal(world, noon(-1))
    seal(world, noon(2))
    days = [document.day for document in stored(world)]
    saved = tmp_path / "roots.json"
    saved.write_bytes(world.app.test_client().get("/api/v1/roots").data)
    assert verify(world, "--roots", str(saved)).output.endswith(
        f"日根 4 天（{days[0]} 至 {days[3]}），均无时间戳（未配置 TSA_URL 或尚未取得）。\n"
    )
    with world.database.unit_of_work() as session:
        session.get_one(DayRoot, days[2]).document += " "
    assert f"✗ {days[2]} 的日根内容被改" in verify(world).output
    with world.database.unit_of_work() as session:
        row = session.get_one(DayRoot, days[2])
        row.document = row.document.strip()
    assert verify(world).exit_code == 0

    cover_up(world, ticket)
    assert f"✗ {days[0]} 的日根的明细被改" in verify(world).output
    reseal(world, ticket)
    assert verify(world).exit_code == 0, "whoever rewrites everything here is only found by a copy kept elsewhere"
    assert f"✗ {days[0]} 的日根与另存的不同" in verify(world, "--roots", str(saved)).output

    with world.database.unit_of_work() as session:
        session.execute(delete(DayLeaf).where(DayLeaf.day == days[2]))
        session.execute(delete(DayRoot).where(DayRoot.day == days[2]))
    assert f"✗ {days[3]} 的日根与前一天的日根不相连" in verify(world).output
    assert f"✗ {days[2]} 的日根在另存的文件中有，如今已不存在" in verify(world, "--roots", str(saved)).output


def test_the_roots_are_public_and_say_nothing_of_anybody(world: World) -> None:
    ticket = long_ago(world)
    seal(world, noon())
    seal(world, noon(2))
    client = world.app.test_client()
    answer = client.get("/api/v1/roots?limit=2")
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "public, max-age=300"
    body = answer.get_json()
    assert (body["zone"], body["stamping"], body["older"], len(body["roots"])) == (ZONE, False, True, 2)
    assert RootsOut().validate(body) == {}
    newest, before = body["roots"]
    assert newest["previous"] == before["root"] == documents.root_of(before["document"])
    assert newest["stamp"] is None, "without an authority a root says that it has no stamp"
    [last] = client.get(f"/api/v1/roots?before={before['day']}").get_json()["roots"]
    one = client.get(f"/api/v1/roots/{last['day']}").get_json()
    assert one == last | {"answer": None} and DayOut().validate(one) == {}
    assert ticket not in json.dumps(body) and ticket not in json.dumps(one)
    for wrong in ("2020-01-01", "gestern", new_id()):
        assert client.get(f"/api/v1/roots/{wrong}").status_code == 404
    assert client.get("/api/v1/roots?before=x").status_code == 422
