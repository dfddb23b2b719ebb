"""A small jurisdiction to play in: two units, a station, and people of every role, driven by commands alone."""

from __future__ import annotations

import hashlib
import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app import clock
from app.clock import Moment
from app.db import Database
from app.evidence import lifecycle as evidence_states
from app.evidence.models import Evidence
from app.ids import new_id
from app.journal.models import Event
from app.people.models import Device, Jurisdiction, Membership, Person, Unit
from app.people.queries import actor_of
from app.policies.publish import publish_profiles, seed_calendar
from app.policies.queries import policy_of
from app.problems import Problem
from app.sync import snapshot
from app.sync.registry import REGISTRY
from app.tickets.models import Ticket, TicketClock

START = datetime(2026, 11, 20, 1, 14, tzinfo=UTC)
"""Friday, 09:14 in Shanghai."""
PEOPLE = {
    "liaison": (("liaison", "office", "A"),),
    "deputy": (("liaison", "office", "B"),),
    "leader": (("leader", "office", None),),
    "both": (("liaison", "office", "B"), ("leader", "office", None)),
    "stranger": (("liaison", "elsewhere", "A"), ("leader", "elsewhere", None)),
    "station": (("station", "station", None),),
    "all": (("liaison", "office", "B"), ("leader", "office", None), ("station", "station", None)),
}
PARTS = {
    "verified": "属实。",
    "findings": "3号楼北侧路灯共6盏，其中2盏自10月底起不亮，线路受潮短路。",
    "process": "11月20日上午联系物业和供电所，更换受潮电缆12米，下午更换灯具2盏。",
    "result": "两盏路灯当晚恢复照明，物业每周巡查一次。",
}

ANSWER = "已按要求补充，详见办理过程。"


class World:
    """Plays commands at instants that go forward by a minute each, unless the test says when."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = START
        self._numbers = itertools.count(1)
        self.units = {name: new_id() for name in ("station", "office", "elsewhere")}
        self.people = {name: new_id() for name in PEOPLE}
        self.devices = {name: new_id() for name in PEOPLE}
        with database.unit_of_work() as session:
            publish_profiles(session)
            seed_calendar(session)
            place = Jurisdiction(id="dalad", name="达拉特旗", zone="Asia/Shanghai", policy_id="dalad@2")
            place.journal_length, place.journal_head = 0, ""
            session.add(place)
            session.flush()
            session.add_all(
                Unit(id=self.units[name], jurisdiction_id="dalad", name=label, level=3)
                for name, label in (("station", "工作站"), ("office", "树林召镇"), ("elsewhere", "展旦召苏木"))
            )
            session.flush()
            for number, (name, roles) in enumerate(PEOPLE.items()):
                self._employ(session, name, f"1380000{number:04}", roles)

    def _employ(self, session: Any, name: str, phone: str, roles: tuple[tuple[str, str, str | None], ...]) -> None:
        before = START - timedelta(days=30)
        person = Person(id=self.people[name], jurisdiction_id="dalad", name=name, phone=phone, password_hash="x")
        session.add(person)
        session.flush()
        device = {"client_id": new_id(), "name": "手机", "platform": "test"}
        session.add(
            Device(id=self.devices[name], person_id=person.id, registered_at=before, last_seen_at=before, **device)
        )
        session.add_all(
            Membership(id=new_id(), person_id=person.id, unit_id=self.units[unit], role=role, rank=rank, since=before)
            for role, unit, rank in roles
        )

    def play(self, who: str, name: str, ticket_id: str | None, at: datetime | None = None, /, **args: Any) -> datetime:
        """Perform one command as `who`; return the instant it counted at. Raises `Problem` as the command does."""
        self.now = at or self.now + timedelta(minutes=1)
        schema, function = REGISTRY[name]
        loaded = schema.load(args)
        with self.database.unit_of_work() as session:
            actor = actor_of(session, self.people[who], self.devices[who], self.now)
            assert actor is not None
            moment = Moment(received=self.now, claimed=self.now, counted=self.now, command_id=new_id())
            function(session, actor, loaded | {"ticket_id": ticket_id}, moment)
        return self.now

    def refused(
        self, who: str, name: str, ticket_id: str | None, at: datetime | None = None, /, **args: Any
    ) -> Problem:
        """Perform one command that must be refused; return the refusal."""
        with pytest.raises(Problem) as refusal:
            self.play(who, name, ticket_id, at, **args)
        return refusal.value

    def dispatched(self, feedback_by: datetime | None = None) -> str:
        """Return a ticket that waits for the office's signature."""
        ticket_id = new_id()
        self.play(
            "station", "ticket.intake", ticket_id,
            number=f"DL{next(self._numbers):06}", title="路灯不亮", content="3号楼北侧路灯不亮。", kind="help",
            source="12345", priority="normal", caller={"name": "王某", "phone": "13900001234", "anonymous": False},
        )  # fmt: skip
        due = {"feedback_by": clock.iso(feedback_by)} if feedback_by else {}
        self.play("station", "ticket.dispatch", ticket_id, unit_id=self.units["office"], grounds="属地", **due)
        return ticket_id

    def in_hand(self, feedback_by: datetime | None = None) -> str:
        """Return a ticket the office has signed."""
        ticket_id = self.dispatched(feedback_by)
        self.play("liaison", "ticket.sign", ticket_id)
        return ticket_id

    def photo(self, ticket_id: str, phase: str, who: str = "liaison", **over: Any) -> str:
        """Declare a photo and return its id; its bytes have not arrived."""
        evidence_id = new_id()
        sha256 = hashlib.sha256(evidence_id.encode()).hexdigest()
        args = {
            "evidence_id": evidence_id, "sha256": sha256, "size": 1000, "media_type": "image/jpeg", "kind": "photo",
            "phase": phase, "captured_at": clock.iso(self.now), "source": "camera",
        }  # fmt: skip
        self.play(who, "evidence.declare", ticket_id, **args | over)
        return evidence_id

    def visit(self, ticket_id: str, who: str = "liaison") -> None:
        """Record that the caller was met."""
        self.play(
            who, "visit.record", ticket_id,
            visit_id=new_id(), mode="solve", arrived_at=clock.iso(self.now), met="caller",
        )  # fmt: skip

    def proven(self, feedback_by: datetime | None = None) -> tuple[str, list[str]]:
        """Return a ticket with a visit and photos from before and after, and the ids of the photos."""
        ticket_id = self.in_hand(feedback_by)
        self.visit(ticket_id)
        return ticket_id, [self.photo(ticket_id, "before"), self.photo(ticket_id, "after")]

    def arrive(self, *evidence_ids: str, state: str = evidence_states.RECEIVED) -> None:
        """Put evidence into the state it has once its bytes are here, without sending them."""
        with self.database.unit_of_work() as session:
            session.execute(update(Evidence).where(Evidence.id.in_(evidence_ids)).values(state=state))

    def policy(self) -> Any:
        """Return the profile in force."""
        with self.database.read() as session:
            return policy_of(session, "dalad@2")

    def ticket(self, ticket_id: str) -> Ticket:
        """Return the ticket's row as it lies in the database."""
        with self.database.read() as session:
            row = session.get_one(Ticket, ticket_id)
            session.expunge_all()  # leaving the unit would empty it
            return row

    def clocks(self, ticket_id: str) -> dict[str, TicketClock]:
        """Return the ticket's clocks by name."""
        with self.database.read() as session:
            rows = {r.clock: r for r in session.scalars(select(TicketClock).where(TicketClock.ticket_id == ticket_id))}
            session.expunge_all()
            return rows

    def events(self, ticket_id: str) -> list[tuple[str, dict[str, Any]]]:
        """Return names and payloads of the ticket's journal, in order."""
        with self.database.read() as session:
            rows = session.execute(
                select(Event.name, Event.payload).where(Event.subject_id == ticket_id).order_by(Event.subject_seq)
            )
            return [(name, payload) for name, payload in rows]


def submit(world: World, ticket_id: str, evidence_ids: list[str], who: str = "liaison", **over: Any) -> str:
    """Submit a complete reply that answers what it was sent back for, changed by `over`; return its id."""
    reply_id = new_id()
    answers = [{"reason": reason, "text": ANSWER} for reason in shown(world, ticket_id)["reasons_open"]]
    content = {"reply_id": reply_id, "parts": PARTS, "opinion": "satisfied", "evidence_ids": evidence_ids}
    content |= {"answers": answers}
    world.play(who, "reply.submit", ticket_id, **content | over)
    return reply_id


def shown(world: World, ticket_id: str) -> dict[str, Any]:
    """Return the draft and the replies of a ticket as the phone gets them."""
    with world.database.read() as session:
        detail: dict[str, Any] = snapshot.whole(session, [ticket_id])[0]["detail"]
    return detail


def reply_of(world: World, ticket_id: str) -> dict[str, Any]:
    """Return the latest version of the ticket's reply."""
    return shown(world, ticket_id)["replies"][-1]


def seen(world: World, ticket_id: str) -> dict[str, str]:
    """What a signer has on the screen: the reply and the hash of its content."""
    reply = reply_of(world, ticket_id)
    return {"reply_id": reply["id"], "content_hash": reply["content_hash"]}


def at_station(world: World, feedback_by: datetime | None = None) -> tuple[str, list[str]]:
    """Return a ticket whose reply the leader has signed, and the ids of its photos."""
    ticket_id, photos = world.proven(feedback_by)
    submit(world, ticket_id, photos)
    world.play("leader", "reply.sign_off", ticket_id, **seen(world, ticket_id))
    return ticket_id, photos
