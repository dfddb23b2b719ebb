"""Whom and what a command on people is about: loaded, locked and of the actor's own jurisdiction, in this one place."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.clock import Moment
from app.journal.record import record
from app.people.models import Jurisdiction, Person, Unit
from app.people.permissions import Actor
from app.problems import Problem


def person_of(session: Session, actor: Actor, person_id: str) -> Person:
    """Return a person of the actor's jurisdiction, locked. Raises `Problem` `person_not_found`."""
    person = session.get(Person, person_id, with_for_update=True)
    if person is None or person.jurisdiction_id != actor.jurisdiction_id:
        raise Problem("person_not_found")
    return person


def employed(session: Session, actor: Actor, person_id: str) -> Person:
    """Return a person whose account is in use. Raises `Problem` `person_not_found`, `person_disabled`."""
    person = person_of(session, actor, person_id)
    if person.disabled_at is not None:
        raise Problem("person_disabled", name=person.name)
    return person


def unit_of(session: Session, actor: Actor, unit_id: str) -> Unit:
    """Return an open unit of the actor's jurisdiction, locked. Raises `Problem` `unit_not_found`."""
    unit = session.get(Unit, unit_id, with_for_update=True)
    if unit is None or unit.jurisdiction_id != actor.jurisdiction_id or unit.closed_at is not None:
        raise Problem("unit_not_found")
    return unit


def note(session: Session, actor: Actor, name: str, payload: dict[str, Any], at: Moment) -> None:
    """Write an event on the jurisdiction; phones fetch units and their own roles again."""
    place = session.get_one(Jurisdiction, actor.jurisdiction_id, with_for_update=True)
    record(session, place, name, payload, at, by=actor)
