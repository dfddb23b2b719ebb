"""Transactions that commit in another order than they began: no reader skips anything, however the commits fall."""

from __future__ import annotations

import random
import threading
from pathlib import Path
from typing import Any

import pytest
from lasting import ENGINES, fresh_database, world_on
from scenario import Phone, World

from app.clock import Moment, now
from app.db import Database
from app.ids import new_id
from app.journal.models import Event
from app.journal.record import record
from app.tickets.models import Ticket

WRITERS, READERS, POSTS = 6, 3, 12


def post_all(world: World, phone: Phone, ticket_ids: list[str], failures: list[Any]) -> None:
    dice = random.Random(threading.get_ident())
    for number in range(POSTS):
        ticket_id = dice.choice(ticket_ids)
        receipt = phone.try_("thread.post", ticket_id, message_id=new_id(), text=f"第{number}句")
        if receipt["status"] != "applied":
            failures.append(receipt)


def read_on(phone: Phone, held: dict[str, dict[str, Any]], done: threading.Event) -> None:
    """Pull with the last cookie until the writers have finished and nothing is new."""
    cookie = None
    while True:
        finished = done.is_set()
        answer = phone.pull(cookie)
        if answer["unchanged"]:
            if finished:
                return
            continue
        if answer["reset"]:
            held.clear()
        for ticket in answer["tickets"]:
            known = held.get(ticket["id"], {}).get("detail")
            held[ticket["id"]] = ticket if ticket["detail"] else ticket | {"detail": known}
        for key in answer["gone"]:
            held.pop(key[2:], None)
        cookie = answer["cookie"]


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_readers_end_with_what_the_server_has(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    with fresh_database(engine, request, tmp_path) as url:
        world = world_on(url, tmp_path)
        ticket_ids = [world.dispatched() for _ in range(8)]
        for who in ("station", "leader", "deputy", "liaison"):
            world.phone(who)
        writers = [Phone(world.app.test_client(), world.people[("station", "leader")[n % 2]]) for n in range(WRITERS)]
        readers = [Phone(world.app.test_client(), world.people[("liaison", "deputy")[n % 2]]) for n in range(READERS)]
        done, failures = threading.Event(), []
        helds: list[dict[str, dict[str, Any]]] = [{} for _ in readers]
        reading = [threading.Thread(target=read_on, args=(p, h, done)) for p, h in zip(readers, helds, strict=True)]
        writing = [threading.Thread(target=post_all, args=(world, p, ticket_ids, failures)) for p in writers]
        for thread in (*reading, *writing):
            thread.start()
        for thread in writing:
            thread.join()
        done.set()
        for thread in reading:
            thread.join(60)
        assert not failures and not any(thread.is_alive() for thread in reading)
        for held, phone in zip(helds, readers, strict=True):
            assert held == {ticket_id: phone.ticket(ticket_id) for ticket_id in ticket_ids}
        posted = sum(len(t["detail"]["messages"]) for t in helds[0].values())
        assert posted == WRITERS * POSTS


def test_a_commit_that_was_overtaken_is_not_skipped(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """The slow one takes its number first and commits last: a reader by highest number would never see it."""
    with fresh_database("postgresql", request, tmp_path) as url:
        world = world_on(url, tmp_path)
        slow_id, fast_id = world.dispatched(), world.dispatched()
        cookie = world.liaison.pull()["cookie"]
        with Database(url).unit_of_work() as session:
            slow = session.get_one(Ticket, slow_id, with_for_update=True)
            record(session, slow, "ticket.signed", {}, Moment.of_server(now()))
            slow.version += 1
            session.flush()
            early = session.query(Event).filter_by(subject_id=slow_id).order_by(Event.seq.desc()).first()
            world.station.do("thread.post", fast_id, message_id=new_id(), text="先提交")
            answer = world.liaison.pull(cookie)
            assert [t["id"] for t in answer["tickets"]] == [fast_id]
            with world.database.read() as reader:
                latest = reader.query(Event.seq).order_by(Event.seq.desc()).limit(1).scalar()
            assert early.seq < latest
        late = world.liaison.pull(answer["cookie"])
        assert [t["id"] for t in late["tickets"]] == [slow_id]
        assert late["tickets"][0]["detail"]["timeline"][-1]["seq"] == early.subject_seq


def pull_at_once(world: World, tabs: int) -> list[int]:
    """Pull without a cookie from several tabs of one phone; return the status codes."""
    ready, codes = threading.Barrier(tabs), []
    headers = {"Authorization": f"Bearer {world.liaison._token}"}

    def pull() -> None:
        client = world.app.test_client()
        ready.wait()
        codes.append(client.get("/api/v1/sync/pull", headers=headers).status_code)

    threads = [threading.Thread(target=pull) for _ in range(tabs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return codes


@pytest.mark.slow
def test_two_tabs_of_one_phone_that_pull_together_are_both_answered(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with fresh_database("postgresql", request, tmp_path) as url:
        world = world_on(url, tmp_path)
        for _ in range(12):
            world.dispatched()
            assert pull_at_once(world, 4) == [200] * 4
