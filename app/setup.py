"""Bringing a database to the newest schema and giving it what no deployment can do without."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app import clock
from app.auth import hash_password
from app.db import Database
from app.evidence.models import PrintShelf
from app.ids import new_id
from app.people.models import Jurisdiction, Membership, Person, Unit
from app.people.permissions import ADMIN, STATION
from app.policies.publish import publish_profiles, seed_calendar
from app.policies.queries import latest_policy_id, policy_of
from app.sync.models import Deployment, View

ROOT = Path(__file__).resolve().parents[1]


def migrate(database: Database) -> None:
    """Upgrade the schema, publish profiles and calendar, and give the deployment its epoch. Idempotent."""
    settings = AlembicConfig(ROOT / "alembic.ini")
    settings.set_main_option("script_location", str(ROOT / "migrations"))
    settings.attributes["database"] = database
    command.upgrade(settings, "head")
    with database.unit_of_work() as session:
        publish_profiles(session)
        seed_calendar(session)
        if session.scalar(select(Deployment)) is None:
            session.add(Deployment(id=1, epoch=new_id(), since=clock.now()))


def renew_epoch(database: Database) -> str:
    """Give the deployment a new epoch, after a backup was restored: phones then offer everything again."""
    with database.unit_of_work() as session:
        row = session.scalars(select(Deployment)).one()
        row.epoch, row.since = new_id(), clock.now()
        # What phones were given may be newer than the backup: equal versions would hide other contents.
        session.execute(delete(View))
        # Likewise the likeness file: positions after the backup will be given to other photos.
        session.execute(update(PrintShelf).values(stamp=new_id()))
        return row.epoch


def found_jurisdiction(session: Session, profile: str) -> Jurisdiction:
    """Return the jurisdiction of a published profile, founding it when it is new. Raises `LookupError`."""
    known = session.get(Jurisdiction, profile)
    if known is not None:
        return known
    policy_id = latest_policy_id(session, profile)
    policy = policy_of(session, policy_id)
    place = Jurisdiction(
        id=profile,
        name=policy.name,
        zone=policy.zone,
        policy_id=policy_id,
        station_phone=policy.station.phone or "",
        journal_length=0,
        journal_head="",
    )
    session.add(place)
    session.flush()
    return place


def add_unit(session: Session, place: Jurisdiction, name: str, level: int, parent_id: str | None = None) -> Unit:
    """Add a unit to a jurisdiction."""
    unit = Unit(id=new_id(), jurisdiction_id=place.id, parent_id=parent_id, name=name, level=level)
    session.add(unit)
    session.flush()
    return unit


def add_person(
    session: Session, place: Jurisdiction, name: str, phone: str, password: str, first: bool = False
) -> Person:
    """Add an account to a jurisdiction; `first` when the password is handed out and must be changed at sign-in."""
    return add_account(session, place, name, phone, hash_password(password), first)


def add_account(
    session: Session, place: Jurisdiction, name: str, phone: str, password_hash: str, first: bool = False
) -> Person:
    """Add an account whose password has been hashed already: the demonstration's fifty share one."""
    person = Person(
        id=new_id(),
        jurisdiction_id=place.id,
        name=name,
        phone=phone,
        password_hash=password_hash,
        password_first=first,
    )
    session.add(person)
    session.flush()
    return person


def add_member(session: Session, person: Person, unit: Unit, role: str, rank: str | None = None) -> None:
    """Give a person a role in a unit from long ago: founding members were there before the program."""
    since = clock.from_epoch_ms(0)
    session.add(Membership(id=new_id(), person_id=person.id, unit_id=unit.id, role=role, rank=rank, since=since))
    session.flush()


def found(database: Database, profile: str, station: str, name: str, phone: str, password: str) -> None:
    """Found a jurisdiction with its station and first person, who is operator and administrator."""
    with database.unit_of_work() as session:
        place = found_jurisdiction(session, profile)
        unit = add_unit(session, place, station, 1)
        person = add_person(session, place, name, phone, password)
        add_member(session, person, unit, STATION)
        add_member(session, person, unit, ADMIN)
