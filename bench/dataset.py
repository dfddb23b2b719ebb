"""A county's worth of rows for the benches: units, liaisons and many tickets, written by SQL in seconds.

The journal rows are filler (their hashes are not chained): the benches ask for size and shape, not for proof.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from app import clock
from app.auth import hash_password
from app.db import Database
from app.ids import new_id
from app.people.models import Jurisdiction, Membership, Person, Unit
from app.setup import found_jurisdiction, migrate

UNITS = 150
PASSWORD = "bench-password-1"
CLOCKS = ("sign", "return", "feedback", "upload_target", "ask_extension")

_PG_ID = "('019000{kind}-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid"
_LITE_ID = "'019000{kind}000070008000' || printf('%012x', i)"
_CONTENT = "反映某小区门前路面破损积水，出行不便，希望有关部门尽快到现场查看并修复，修复后请告知本人。"


def phone_of(unit: int) -> str:
    """Return the login of the liaison of unit number `unit`."""
    return f"1390000{unit:04d}"


def ticket_id(number: int) -> str:
    """Return the id of the ticket with that number, counted from 1."""
    return f"01900000-0000-7000-8000-{number:012x}"


def fill(database: Database, tickets: int) -> None:
    """Migrate the database and fill it with `UNITS` units and `tickets` tickets in handling, spread evenly."""
    migrate(database)
    with database.unit_of_work() as session:
        place = found_jurisdiction(session, "dalad")
        _people(session, place)
        if tickets:
            _tickets(session, place, tickets)
    if database.engine.dialect.name == "postgresql":
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def _people(session: Session, place: Jurisdiction) -> None:
    secret = hash_password(PASSWORD)
    for number in range(UNITS):
        unit = Unit(
            id=f"01900001-0000-7000-8000-{number:012x}", jurisdiction_id=place.id, name=f"单位{number}", level=3
        )
        person = Person(
            id=f"01900002-0000-7000-8000-{number:012x}",
            jurisdiction_id=place.id,
            name=f"联络员{number}",
            phone=phone_of(number),
            password_hash=secret,
        )
        session.add_all([unit, person])
        session.flush()
        since = clock.from_epoch_ms(0)
        session.add(
            Membership(id=new_id(), person_id=person.id, unit_id=unit.id, role="liaison", rank="A", since=since)
        )
    session.flush()


def _tickets(session: Session, place: Jurisdiction, tickets: int) -> None:
    postgres = session.get_bind().dialect.name == "postgresql"
    template = _PG_ID if postgres else _LITE_ID
    numbers = (
        "SELECT i FROM generate_series(1, :n) AS g(i)"
        if postgres
        else "WITH RECURSIVE g(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM g WHERE i < :n) SELECT i FROM g"
    )
    now = clock.now()
    times = {"at": now - timedelta(hours=5), "due": now + timedelta(days=3)}
    wire = times if postgres else {name: clock.iso(value) for name, value in times.items()}
    ids = {name: template.format(kind=kind) for name, kind in (("ticket", "00"), ("event", "03"))}
    unit = _reference("01", postgres)
    person = _reference("02", postgres)
    columns = (
        "id, jurisdiction_id, policy_id, number, version, title, content, kind, source, priority, urgency, area,"
        " anonymous, confidential, state, state_since, unit_id, handler_id, received_at, dispatched_at, signed_at,"
        " next_due_at, redo_count, journal_length, journal_head"
    )
    values = (
        f"{ids['ticket']}, :place, :policy, 'B-' || i, 3, '破损 ' || i, :content, 'complaint', '12345热线', 'normal',"
        f" 3, '某街道', :no, :no, 'handling', :at, {unit}, {person}, :at, :at, :at, :due, 0, 2, :zero"
    )
    shared = {"n": tickets, "place": place.id, "policy": place.policy_id, "content": _CONTENT, "no": False}
    session.execute(
        text(f"INSERT INTO tickets ({columns}) SELECT {values} FROM ({numbers}) AS numbers"),
        wire | shared | {"zero": "0" * 64},
    )
    for name in CLOCKS:
        session.execute(
            text(
                "INSERT INTO ticket_clocks (ticket_id, clock, label, kind, started_at, due_at, provisional, derivation,"
                f" cite, assumed) SELECT {ids['ticket']}, :clock, :label, 'deadline', :at, :due, :no, '20 小时',"
                f" '二(一)', :no FROM ({numbers}) AS numbers"
            ),
            wire | {"n": tickets, "clock": name, "label": name, "no": False},
        )
    subject = "'01900000-0000-7000-8000-' || " + ("lpad(to_hex(i), 12, '0')" if postgres else "printf('%012x', i)")
    for seq, name in enumerate(("ticket.dispatched", "ticket.signed"), start=1):
        session.execute(
            text(
                "INSERT INTO journal_events (subject_id, subject_seq, name, at, payload, prev_hash, hash, relayed_at)"
                f" SELECT {subject}, :seq, :name, :at, '{{}}', :zero, :zero, :at FROM ({numbers}) AS numbers"
            ),
            wire | {"n": tickets, "seq": seq, "name": name, "zero": "0" * 64},
        )


def _reference(kind: str, postgres: bool) -> str:
    """Return the SQL of the id of the unit (01) or person (02) that ticket number i belongs to."""
    if postgres:
        return f"('019000{kind}-0000-7000-8000-' || lpad(to_hex(i % {UNITS}), 12, '0'))::uuid"
    return f"'019000{kind}000070008000' || printf('%012x', i % {UNITS})"
