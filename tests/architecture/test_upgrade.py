"""A deployment of the first schema, with work in every stage, goes on under today's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config as AlembicConfig
from handset import Phone, later
from lasting import ENGINES, fresh_database, make_config
from sqlalchemy import inspect, select, text

from app.db import Database
from app.factory import create_app
from app.ids import new_id
from app.people.models import Person
from app.setup import migrate
from app.tickets.models import Ticket
from app.verify import check, seals, strays, subjects

ROOT = Path(__file__).resolve().parents[2]
ROWS = Path(__file__).with_name("rows_of_0001.sql").read_text("utf-8")
"""What the program wrote under 0001: a ticket in each stage, requests that wait, and the record of the way there."""


MOVED = {"push_subscriptions": "contact_points"}


def settings(database: Database) -> AlembicConfig:
    made = AlembicConfig(ROOT / "alembic.ini")
    made.set_main_option("script_location", str(ROOT / "migrations"))
    made.attributes["database"] = database
    return made


@pytest.fixture(params=ENGINES)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """A database as the first schema left it."""
    with fresh_database(request.param, request, tmp_path) as url:
        database = Database(url)
        command.downgrade(settings(database), "base")
        command.upgrade(settings(database), "0001")
        with database.engine.begin() as connection:
            for statement in ROWS.split(";\n"):
                if statement.strip():
                    connection.exec_driver_sql(statement)
            if request.param == "postgresql":  # rows that bring their number do not move the counter
                counter = "pg_get_serial_sequence('journal_events', 'seq')"
                connection.exec_driver_sql(f"SELECT setval({counter}, (SELECT max(seq) FROM journal_events))")
        yield database
        database.engine.dispose()


def counts(database: Database) -> dict[str, int]:
    with database.engine.connect() as connection:
        return {
            table: connection.execute(text(f'SELECT count(*) FROM "{table}"')).scalar_one()
            for table in inspect(database.engine).get_table_names()
        }


@pytest.mark.slow
def test_nothing_is_lost_and_what_is_new_is_filled_in(old: Database) -> None:
    before = counts(old)
    migrate(old)
    command.check(settings(old))
    after = counts(old)
    kept = {table: n for table, n in before.items() if not table.startswith(("calendar_", "policy_", "alembic"))}
    assert {table: after[MOVED.get(table, table)] for table in kept} == kept
    with old.read(snapshot=True) as session:
        rows = {t.number: t for t in session.scalars(select(Ticket))}
        assert {n: t.assigned_count for n, t in rows.items() if t.assigned_count != 1} == {"DL-登记": 0, "DL-改派": 2}
        signing = rows["DL-审签中"]
        assert (signing.signer, signing.signer_since) == ("leader", signing.state_since)
        assert {t.signer for t in rows.values()} == {None, "leader"}
        assert not [name for name, *chain in subjects(session) if check(session, *chain)]
        assert strays(session) == [] and list(seals(session)) == []


@pytest.mark.slow
def test_work_goes_on_where_it_stood(old: Database, tmp_path: Path) -> None:
    migrate(old)
    app = create_app(make_config(old.engine.url.render_as_string(hide_password=False), tmp_path))
    with old.read() as session:
        persons = {person.name: person for person in session.scalars(select(Person))}
        known = {ticket.number: ticket.id for ticket in session.scalars(select(Ticket))}
    liaison, leader, station, town = (
        Phone(app.test_client(), persons[name]) for name in ("联络员甲", "分管领导甲", "站员甲", "督查员甲")
    )
    # What is closed leaves the phone after a week, and these rows grow older every day.
    open_here = set(known.values()) - {known["DL-登记"], known["DL-已办结"]}
    assert {t["id"] for t in liaison.pull()["tickets"]} - {known["DL-已办结"]} == open_here
    for ticket_id in known.values():
        assert {e["name"] for e in town.events(ticket_id)} >= {"ticket.taken_in"}

    unit = liaison.detail(known["DL-办理中"])["assignments"][-1]["unit"]["id"]
    station.do("ticket.dispatch", known["DL-登记"], unit_id=unit, grounds="职责范围")
    for number in ("DL-登记", "DL-待签收", "DL-改派"):
        liaison.do("ticket.sign", known[number])
    _sign(leader, known["DL-审签中"])
    for number in ("DL-办理中", "DL-重办"):
        ticket_id = known[number]
        liaison.do("reply.submit", ticket_id, **liaison.said(
            ticket_id, reply_id=new_id(), evidence_ids=[e["id"] for e in liaison.detail(ticket_id)["evidence"]]
        ))  # fmt: skip
        _sign(leader, ticket_id)
    reply = station.detail(known["DL-待审核"])["replies"][-1]
    station.do("review.accept", known["DL-待审核"], reply_id=reply["id"])

    for number, waiting in (("DL-申请退回", "station"), ("DL-申请延期", "station")):
        asked = liaison.detail(known[number])["requests"][-1]
        assert asked["waits_for"] == [waiting] and asked["role"] == "liaison", number
    asked = liaison.detail(known["DL-申请退回"])["requests"][-1]
    station.do("request.decide", known["DL-申请退回"], request_id=asked["id"], decision="refuse", note="属于职责范围")
    asked = liaison.detail(known["DL-申请延期"])["requests"][-1]
    answer = {"request_id": asked["id"], "decision": "refuse", "note": "市平台不同意", "answered_at": later()}
    station.do("request.record_answer", known["DL-申请延期"], **answer)

    assert {n: liaison.ticket(known[n])["state"] for n in known} == {
        "DL-登记": "handling", "DL-待签收": "handling", "DL-改派": "handling", "DL-办理中": "reviewing",
        "DL-审签中": "reviewing", "DL-待审核": "closed", "DL-已办结": "closed", "DL-重办": "reviewing",
        "DL-申请退回": "dispatched", "DL-申请延期": "handling",
    }  # fmt: skip
    with old.read(snapshot=True) as session:
        assert not [name for name, *chain in subjects(session) if check(session, *chain)]
        assert list(seals(session)) == []


def _sign(leader: Phone, ticket_id: str) -> None:
    """The leader finds the reply that waits and signs what the phone shows."""
    assert leader.detail(ticket_id)["chain"]["holder"]["role"] == "leader"
    reply = leader.detail(ticket_id)["replies"][-1]
    leader.do("reply.sign_off", ticket_id, reply_id=reply["id"], content_hash=reply["content_hash"])
