"""A small town on each database engine: a station, two units, their people, one ticket; time is an argument."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from reminders.push_service import Phone, PushService, new_phone
from sqlalchemy import select

from app.channels.endpoints import encode
from app.db import Database
from app.demo.player import Player
from app.ids import new_id
from app.people.models import Device, LoginSession, Person, Unit
from app.people.queries import actor_of
from app.reminders.jobs import replan, tick
from app.reminders.models import Notice, Reminder
from app.reminders.subscriptions import subscribe
from app.setup import add_member, add_unit, found_jurisdiction

START = datetime(2026, 11, 20, 1, 14, tzinfo=UTC)
"""09:14 at the station; signed within 20 hours is 05:14 the next morning."""


@dataclass
class Town:
    """Who is there, and what tests do to them."""

    database: Database
    people: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    count: int = 0

    def play(self, who: str, name: str, ticket_id: str | None, at: datetime, /, **args: Any) -> None:
        Player(self.database).play(self.people[who], name, ticket_id, args, at)

    def ticket(self, at: datetime = START, unit: str = "城建局", planned: bool = True, **more: Any) -> str:
        """Take in and dispatch a ticket at `at`; `planned`: as if the planning job had run at once."""
        self.count += 1
        ticket_id = new_id()
        caller = {"name": "田野", "phone": "13900001111", "address": "康安街 8 号院 2 单元", "anonymous": False}
        self.play(
            "station", "ticket.intake", ticket_id, at, number=f"DL-2026-{self.count:04}", **more,
            title="路灯不亮，请联系 13900001111", content="路灯三天不亮。", kind="help", source="12345", caller=caller,
        )  # fmt: skip
        self.play("station", "ticket.dispatch", ticket_id, at, unit_id=self.units[unit], grounds="职责")
        if planned:
            replan(self.database, ticket_id, at)
        return ticket_id

    def sign(self, ticket_id: str, at: datetime, who: str = "a") -> None:
        self.play(who, "ticket.sign", ticket_id, at)

    def tick(self, at: datetime) -> int:
        return tick(self.database, at)

    def inbox(self, who: str) -> list[Notice]:
        with self.database.read() as session:
            query = select(Notice).where(Notice.person_id == self.people[who]).order_by(Notice.at, Notice.id)
            return list(session.scalars(query))

    def reminders(self, ticket_id: str) -> dict[tuple[str, str], list[Reminder]]:
        """Reminders of a ticket by (kind, state)."""
        found: dict[tuple[str, str], list[Reminder]] = {}
        with self.database.read() as session:
            for row in session.scalars(
                select(Reminder).where(Reminder.ticket_id == ticket_id).order_by(Reminder.fire_at)
            ):
                found.setdefault((row.kind, row.state), []).append(row)
        return found

    def device(self, who: str, at: datetime = START) -> str:
        """Sign a person in on a new device."""
        device_id = new_id()
        with self.database.unit_of_work() as session:
            session.add(
                Device(
                    id=device_id,
                    person_id=self.people[who],
                    client_id=new_id(),
                    name="手机",
                    platform="test",
                    registered_at=at,
                    last_seen_at=at,
                )
            )
            session.flush()
            session.add(
                LoginSession(
                    id=new_id(),
                    person_id=self.people[who],
                    device_id=device_id,
                    generation=1,
                    rotated_at=at,
                    expires_at=at + timedelta(days=30),
                )
            )
        return device_id

    def subscribe(self, who: str, service: PushService, at: datetime = START) -> Phone:
        """Give a person a phone whose browser subscribed at the push service."""
        phone = new_phone()
        service.phones[phone.token] = phone
        self.subscribe_at(who, f"{service.url}/{phone.token}", phone, at)
        return phone

    def subscribe_at(self, who: str, endpoint: str, phone: Phone, at: datetime = START) -> str:
        device_id = self.device(who, at)
        with self.database.unit_of_work() as session:
            actor = actor_of(session, self.people[who], device_id, at)
            assert actor is not None
            subscribe(session, actor, endpoint, encode(phone.public), encode(phone.secret), at)
        return device_id

    def acknowledge(self, who: str, notice_id: str, at: datetime) -> None:
        self.play(who, "reminder.acknowledge", None, at, reminder_id=notice_id)


@pytest.fixture
def town(database_url: str) -> Iterator[Town]:
    """The town, founded on an empty database of this engine."""
    database = Database(database_url)
    found = Town(database)
    with database.unit_of_work() as session:
        place = found_jurisdiction(session, "dalad")
        for name in ("工作站", "城建局", "环卫局"):
            found.units[name] = add_unit(session, place, name, 2).id
        roles = {
            "station": ("工作站", "station", None),
            "a": ("城建局", "liaison", "A"),
            "b": ("城建局", "liaison", "B"),
            "leader": ("城建局", "leader", None),
            "c": ("环卫局", "liaison", "A"),
        }
        for number, (who, (unit, role, rank)) in enumerate(roles.items()):
            # Not add_person: nobody signs in by password here, and five argon2 hashes a test take half of its time.
            person = Person(
                id=new_id(), jurisdiction_id=place.id, name=f"人员{who}", phone=f"1380000000{number}", password_hash="-"
            )
            session.add(person)
            session.flush()
            found.people[who] = person.id
            add_member(session, person, session.get_one(Unit, found.units[unit]), role, rank)
    yield found
    database.engine.dispose()


@pytest.fixture
def service() -> Iterator[PushService]:
    """A push service on a real loopback socket."""
    with PushService() as running:
        yield running
