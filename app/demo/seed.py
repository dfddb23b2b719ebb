"""Seeding the demonstration: people, units and tickets, with clocks relative to the moment of seeding."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.auth import hash_password
from app.db import Database
from app.demo import inspections, roster
from app.demo.people import ACCOUNTS, PASSWORD, TOWNS, DemoTown
from app.demo.player import Player
from app.demo.reminders import fire_until
from app.demo.story import Cast, Story
from app.evidence.storage import DiskStore
from app.ids import new_id
from app.oversight.findings import jobs as findings
from app.people.models import Person, Unit
from app.setup import add_account, add_member, add_unit, found_jurisdiction
from app.tickets.models import Ticket
from config import Config

__all__ = ["ACCOUNTS", "seed"]


def seed(database: Database, config: Config) -> int:
    """Make the demonstration's data, town by town, unless it is there already; return how many tickets were made."""
    now, password_hash = clock.now(), hash_password(PASSWORD)
    made = sum(_seed(database, config, town, password_hash, now) for town in TOWNS)
    if made:
        for town in TOWNS:
            inspections.draw_until(database, town.profile, now)
        fire_until(database, now)
    return made


def _seed(database: Database, config: Config, town: DemoTown, password_hash: str, now: datetime) -> int:
    with database.unit_of_work() as session:
        if session.scalar(select(Person.id).where(Person.phone == town.people[0].phone)) is not None:
            return 0
        cast = populate(session, town, password_hash)
    roster.keep(database, cast, now)
    _trainings(database, cast, now)
    for number, story in enumerate(town.tickets, start=1):
        Story(database, config, cast, story, f"{town.prefix}-{now:%y%m%d}-{number:03d}", now).tell()
    _doubt(database, config, town, now)
    inspections.plan(database, cast, now)
    return len(town.tickets)


def _doubt(database: Database, config: Config, town: DemoTown, now: datetime) -> None:
    """Let the worker's job look at the evidence of every ticket, as it would have done while it came in."""
    store = DiskStore(config.evidence_dir)
    with database.read() as session:
        ids = list(session.scalars(select(Ticket.id).where(Ticket.jurisdiction_id == town.profile)))
    for ticket_id in ids:
        findings.look(database, store, ticket_id, now)


def populate(session: Session, town: DemoTown, password_hash: str) -> Cast:
    """Found a town with its units and people, who share one password; return who plays."""
    place = found_jurisdiction(session, town.profile)
    cast = Cast(town)
    units: dict[str, Unit] = {}
    for written in town.units:
        parent = units[written["parent"]].id if "parent" in written else None
        units[written["key"]] = add_unit(session, place, written["name"], written["level"], parent)
    cast.units = {key: unit.id for key, unit in units.items()}
    for person in town.people:
        account = add_account(session, place, person.name, person.phone, password_hash)
        cast.persons[person.key] = account.id
        for unit, role, rank in person.roles:
            add_member(session, account, units[unit], role, rank)
    return cast


def _trainings(database: Database, cast: Cast, now: datetime) -> None:
    """Put on record that the liaisons were taught, and the newest of them one to one (H3.2, X2.7)."""
    liaisons = [p for p in cast.town.people if any(role == "liaison" for _, role, _ in p.roles)]
    station = next(p.name for p in cast.town.people if p.key == "station")
    taught = (
        ("工单签收、现场取证与答复规范", "group", 12, liaisons, "全员参加，现场抽问全部答对。"),
        ("手机端上手：离线签收与补传佐证", "one_to_one", 5, liaisons[1:2], "能独立完成签收、拍照和提交。"),
    )
    for topic, kind, days_ago, attendees, result in taught:
        args = {
            "training_id": new_id(),
            "topic": topic,
            "held_on": (now - timedelta(days=days_ago)).date().isoformat(),
            "kind": kind,
            "trainer": station,
            "attendees": [cast.persons[person.key] for person in attendees],
            "result": result,
        }
        Player(database).play(cast.persons["admin"], "training.record", None, args, now)
