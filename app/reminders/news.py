"""Telling the station what concerns no ticket: who answers a unit's phone has changed (D6.1, D6.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Database
from app.journal.models import Event
from app.people.models import Jurisdiction
from app.people.permissions import LEADER, LIAISON, STATION
from app.people.queries import names, people_with_role, unit_names, units_of
from app.reminders.firing import queue
from app.reminders.models import Notice

KIND: Final = "people_changed"
_SPACE: Final = UUID("6f0c8a52-3f0e-4d0b-9a57-2f6b1c7d9e10")
_ROLES: Final = {LIAISON: "联络员", LEADER: "分管领导"}
_SHOWN: Final = 10
Words = tuple[str, str]
Payload = Mapping[str, Any]


def tell_station(database: Database, event_seq: int, at: datetime) -> None:
    """Put the event into the inbox of everyone at the station but the one who caused it. Safe to run again."""
    with database.unit_of_work() as session:
        event = session.get(Event, event_seq)
        place = session.get(Jurisdiction, event.subject_id) if event is not None else None
        words = NEWS[event.name](session, event.payload, event.at) if event is not None and place is not None else None
        if event is None or place is None or words is None:
            return
        people = people_with_role(session, place.id, STATION, at)
        # Ids made from event and person: a task that runs twice finds what it wrote.
        wanted = {str(uuid5(_SPACE, f"{event.hash}/{p}")): p for p in people if p != event.actor_id}
        known = set(session.scalars(select(Notice.id).where(Notice.id.in_(wanted))))
        title, body = words
        notices = [
            Notice(id=i, person_id=p, kind=KIND, title=title[:240], body=body, at=at, version=1)
            for i, p in wanted.items()
            if i not in known
        ]
        session.add_all(notices)
        session.flush()
        queue(session, notices, at)


def _phone(session: Session, payload: Payload, at: datetime) -> Words | None:
    person_id = payload["person_id"]
    held = units_of(session, person_id, LIAISON, at) | units_of(session, person_id, LEADER, at)
    if not held:  # a supervisor's or administrator's number is nobody's way to a unit
        return None
    units = "、".join(sorted(unit_names(session, held).values()))
    return f"{payload['name']}的联系电话已变更", f"{units}：{payload['from']} → {payload['to']}"


def _role(said: str) -> Callable[[Session, Payload, datetime], Words | None]:
    def words(_session: Session, payload: Payload, _at: datetime) -> Words | None:
        role = _ROLES.get(payload["role"])
        return (f"{payload['unit']}{said}{role}", payload["name"]) if role else None

    return words


def _handover(session: Session, payload: Payload, _at: datetime) -> Words:
    leaver, heir = payload["from_person_id"], payload["to_person_id"]
    called, numbers = names(session, [leaver, heir]), payload["tickets"]
    more = "等" if len(numbers) > _SHOWN else ""
    listed = f"：{'、'.join(numbers[:_SHOWN])}{more}" if numbers else ""
    return f"工作交接：{called.get(leaver, '')} → {called.get(heir, '')}", f"{len(numbers)} 张未办结工单{listed}"


NEWS: Final[dict[str, Callable[[Session, Payload, datetime], Words | None]]] = {
    "person.phone_changed": _phone,
    "membership.assigned": _role("新任"),
    "membership.ended": _role("已卸任"),
    "handover.executed": _handover,
}
