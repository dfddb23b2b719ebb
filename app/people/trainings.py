"""Trainings on record, and who still needs one (H3.2, X2.7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app import clock
from app.clock import Moment
from app.people import permissions
from app.people.models import Attendance, Jurisdiction, Membership, Person, Training, Unit
from app.people.permissions import LIAISON, Actor
from app.people.queries import names
from app.people.schemas import ONE_TO_ONE
from app.people.subjects import note
from app.problems import Problem, require


def record_training(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Put a training that was held on record, with who took part and what came of it.

    Raises `Problem` `not_permitted`, `id_taken`, `person_not_found`, `training_invalid` (held in the future, or one to
    one with several).
    """
    require(permissions.judge(actor, "training.record", actor.jurisdiction_id, None, "登记培训"))
    if session.get(Training, args["training_id"]) is not None:
        raise Problem("id_taken")
    attendees = sorted(set(args["attendees"]))
    zone = session.get_one(Jurisdiction, actor.jurisdiction_id).zone
    if args["held_on"] > at.received.astimezone(ZoneInfo(zone)).date():
        raise Problem("training_invalid")
    if args["kind"] == ONE_TO_ONE and len(attendees) != 1:
        raise Problem("training_invalid")
    known = select(func.count()).where(Person.id.in_(attendees), Person.jurisdiction_id == actor.jurisdiction_id)
    if session.scalar(known) != len(attendees):
        raise Problem("person_not_found")
    columns = {key: args[key] for key in ("topic", "held_on", "kind", "trainer", "result")}
    place = {"id": args["training_id"], "jurisdiction_id": actor.jurisdiction_id}
    session.add(Training(**place, **columns, recorded_by=actor.person_id, recorded_at=at.received))
    session.flush()
    session.add_all(Attendance(training_id=args["training_id"], person_id=person_id) for person_id in attendees)
    payload = columns | {"training_id": args["training_id"], "held_on": args["held_on"].isoformat()}
    note(session, actor, "training.recorded", payload | {"attendees": attendees}, at)


def trainings_of(session: Session, jurisdiction_id: str, year: int, units: Collection[str] | None) -> dict[str, Any]:
    """Return the year's trainings and who attended; `units` bounds the attendees shown, None shows all."""
    rows = list(session.scalars(_held_in(jurisdiction_id, year).order_by(Training.held_on.desc(), Training.id)))
    query = select(Attendance.training_id, Attendance.person_id).where(
        Attendance.training_id.in_([row.id for row in rows])
    )
    if units is not None:
        query = query.where(Attendance.person_id.in_(select(Membership.person_id).where(Membership.unit_id.in_(units))))
    attended: dict[str, list[str]] = defaultdict(list)
    for training_id, person_id in session.execute(query):
        attended[training_id].append(person_id)
    called = names(session, {p for people in attended.values() for p in people})
    return {
        "year": year,
        "trainings": [
            {
                "id": row.id,
                "topic": row.topic,
                "held_on": row.held_on.isoformat(),
                "kind": row.kind,
                "trainer": row.trainer,
                "result": row.result,
                "attendees": sorted(
                    ({"id": p, "name": called.get(p, "")} for p in attended[row.id]), key=lambda who: who["name"]
                ),
            }
            for row in rows
            if units is None or attended[row.id]
        ],
    }


def _held_in(jurisdiction_id: str, year: int) -> Select[Training]:
    return select(Training).where(
        Training.jurisdiction_id == jurisdiction_id,
        Training.held_on >= date(year, 1, 1),
        Training.held_on <= date(year, 12, 31),
    )


def lacking(
    session: Session, jurisdiction_id: str, year: int, wanted: int | None, units: Collection[str] | None, at: datetime
) -> dict[str, list[dict[str, Any]]]:
    """Return the liaisons in office who were trained less than `wanted` times this year, and the new ones whom nobody
    has taught one to one.

    New is who became liaison while the program was in use; founding members came trained as far as it knows.
    """
    query = (
        select(Person.id, Person.name, Unit.name, func.min(Membership.since))
        .join(Membership, Membership.person_id == Person.id)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(Unit.jurisdiction_id == jurisdiction_id, Membership.role == LIAISON, Person.disabled_at.is_(None))
        .where(Membership.since <= at, Membership.until.is_(None) | (Membership.until > at))
        .group_by(Person.id, Person.name, Unit.id, Unit.name)
        .order_by(Unit.name, Person.name)
    )
    if units is not None:
        query = query.where(Membership.unit_id.in_(units))
    counts = _counts(session, jurisdiction_id, year)
    taught = set(
        session.scalars(
            select(Attendance.person_id)
            .join(Training, Training.id == Attendance.training_id)
            .where(Training.jurisdiction_id == jurisdiction_id, Training.kind == ONE_TO_ONE)
        )
    )
    due, new = [], []
    for person_id, name, unit, since in session.execute(query):
        who = {"id": person_id, "name": name, "unit": unit}
        if wanted and counts.get(person_id, 0) < wanted:
            due.append(who | {"attended": counts.get(person_id, 0), "wanted": wanted})
        if person_id not in taught and clock.to_epoch_ms(since) > 0:
            new.append(who | {"since": clock.iso(since)})
    return {"due": due, "new": new}


def _counts(session: Session, jurisdiction_id: str, year: int) -> dict[str, int]:
    held = _held_in(jurisdiction_id, year).subquery()
    query = select(Attendance.person_id, func.count()).join(held, held.c.id == Attendance.training_id)
    return dict(session.execute(query.group_by(Attendance.person_id)).all())
