"""A ticket that climbs the ladder while one looks on: the real engine under a profile whose time runs faster.

Nothing is moved and nothing pretended: the ticket is dispatched now, by the real command, and pinned to a published
version of its town's profile with a `pace` (`app.policies.pace`). The scheduler plans and fires it as any other, the
worker delivers, and every instant in its journal is the instant at which it happened. Its timeline says what it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.clock import Moment
from app.db import Database
from app.demo.people import TOWNS, DemoTown
from app.demo.player import Player
from app.ids import new_id
from app.people.models import Person, Unit
from app.people.permissions import LIAISON
from app.people.queries import actor_of
from app.policies import deadlines
from app.policies.models import PolicyVersion
from app.policies.pace import KEY, profile_of
from app.policies.publish import fingerprint
from app.sync.registry import REGISTRY
from app.tickets import clocks
from app.tickets.case import case_of_system
from app.tickets.models import Ticket

PACE: Final = 600
"""20 hours are over in 2 minutes."""
_TITLE: Final = "巷口路灯不亮（演示提醒逐级上报）"
_CONTENT: Final = "这张工单用来演示：派单后无人查看，提醒逐级上报，直到有人签收。"


@dataclass(frozen=True, slots=True)
class Climb:
    """The ticket that climbs, and until when it may be signed."""

    ticket_id: str
    number: str
    sign_by: datetime


class NotSeeded(Exception):
    """There are no people of the demonstration here."""


def begin(database: Database, at: datetime, pace: int = PACE) -> Climb:
    """Take in and dispatch a ticket in the first town whose 20 hours last `20 h / pace`. Raises `NotSeeded`.

    It goes to the first unit with two liaisons and a leader, so that every rung has somebody on it.
    """
    town, player = TOWNS[0], Player(database)
    with database.read() as session:
        station, unit_id = _person(session, town, "station"), _unit(session, town)
    ticket_id, number = new_id(), f"{town.prefix}-X{clock.to_epoch_ms(at) // 1000 % 10**8}"
    taken_in = {
        "number": number, "title": _TITLE, "content": _CONTENT, "kind": "help", "source": "12345热线",
        "priority": "normal",
        "caller": {"name": "田野", "phone": "13900000000", "address": "演示路 1 号", "anonymous": True},
    }  # fmt: skip
    player.play(station, "ticket.intake", ticket_id, taken_in, at)
    with database.unit_of_work() as session:
        _dispatch(session, station, ticket_id, unit_id, at)
        sign_by = _hasten(session, ticket_id, pace, at)
    return Climb(ticket_id, number, sign_by)


def _person(session: Session, town: DemoTown, key: str) -> str:
    phone = next(person.phone for person in town.people if person.key == key)
    found = session.scalar(select(Person.id).where(Person.phone == phone, Person.jurisdiction_id == town.profile))
    if found is None:
        raise NotSeeded
    return found


def _unit(session: Session, town: DemoTown) -> str:
    ranks: dict[str, int] = {}
    for person in town.people:
        for unit, role, _ in person.roles:
            ranks[unit] = ranks.get(unit, 0) + (role == LIAISON)
    key = next(unit for unit, number in ranks.items() if number > 1)
    name = next(unit["name"] for unit in town.units if unit["key"] == key)
    return session.scalars(select(Unit.id).where(Unit.jurisdiction_id == town.profile, Unit.name == name)).one()


def _dispatch(session: Session, person_id: str, ticket_id: str, unit_id: str, at: datetime) -> None:
    schema, function = REGISTRY["ticket.dispatch"]
    actor = actor_of(session, person_id, None, at)
    assert actor is not None, person_id
    args = schema.load({"unit_id": unit_id, "grounds": _TITLE}) | {"ticket_id": ticket_id}
    function(session, actor, args, Moment(received=at, claimed=at, counted=at, command_id=new_id()))


def _hasten(session: Session, ticket_id: str, pace: int, at: datetime) -> datetime:
    """Let the ticket, dispatched in this transaction, run under the hastened profile; return its limit to sign."""
    ticket = session.get_one(Ticket, ticket_id)
    case = case_of_system(session, ticket, "ticket.dispatch", Moment.of_server(at))
    case.pin(_published(session, ticket.policy_id, pace, at))
    clocks.start(case, deadlines.DISPATCH, at)
    span = _span_words(timedelta(hours=20) / pace)
    case.record("demo.hastened", {"pace": pace, "span": f"20 小时压缩为 {span}", "policy_id": ticket.policy_id})
    return case.clocks["sign"].due_at


def _span_words(span: timedelta) -> str:
    minutes, seconds = divmod(round(span.total_seconds()), 60)
    return " ".join(part for part in (f"{minutes} 分钟" if minutes else "", f"{seconds} 秒" if seconds else "") if part)


def is_hastened(ticket: Ticket) -> bool:
    """Return whether a ticket is one of the demonstration's that run faster."""
    return "-x" in ticket.policy_id.partition("@")[0]


def _published(session: Session, policy_id: str, pace: int, at: datetime) -> str:
    """Return the hastened version of a published policy, published when it is asked for the first time."""
    slow = session.get_one(PolicyVersion, policy_id)
    profile = profile_of(slow.profile, pace)
    fast_id = f"{profile}@{slow.version}"
    if session.get(PolicyVersion, fast_id) is None:
        content: dict[str, Any] = {**slow.content, KEY: pace}
        session.add(
            PolicyVersion(
                id=fast_id, profile=profile, version=slow.version, content=content, sha256=fingerprint(content),
                published_at=at,
            )
        )  # fmt: skip
        session.flush()
    return fast_id
