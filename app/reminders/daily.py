"""日提醒 (U2.1): once a day everybody is told what of theirs is open, due today and late, in one line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.db import Database
from app.people.models import Jurisdiction
from app.people.permissions import LEADING, LIAISON, STATION
from app.people.queries import descendants, holders
from app.people.roster.rules import day_said
from app.policies.queries import policy_of
from app.reminders.models import Notice, Occasion
from app.reminders.routing import queue
from app.reminders.watching import Standing, places, standing
from app.tickets import lifecycle

KIND: Final = "daily"
LATEST: Final = timedelta(hours=10)
"""A server that was down all morning says it by the afternoon; in the evening the day is over."""
_SPACE: Final = UUID("b7d9a0c4-52f1-4c77-8a5e-1f0f6e3d2c90")


@dataclass
class Tally:
    """What stands with one person."""

    counts: dict[str, int] = field(default_factory=dict)

    def add(self, label: str, number: int) -> None:
        """Count `number` more under `label`; the labels stay in the order in which they were first named."""
        self.counts[label] = self.counts.get(label, 0) + number

    def line(self) -> str:
        """Return `待签收 2，今日到期 1`, empty when there is nothing."""
        return "，".join(f"{label} {number}" for label, number in self.counts.items() if number)


def remind_daily(database: Database, at: datetime) -> int:
    """Send the daily reminder where its time has come; return how many people were told. Safe to run again."""
    with database.read() as session:
        places = [place.id for place in _waiting(session, at)]
    return sum(_remind(database, place_id, at) for place_id in places)


def day_in(place: Jurisdiction, at: datetime) -> date:
    """Return the local date of the jurisdiction."""
    return at.astimezone(ZoneInfo(place.zone)).date()


def instant_of(place: Jurisdiction, day: date, clock_time: time) -> datetime:
    """Return the instant of a wall time of the jurisdiction, UTC."""
    return datetime.combine(day, clock_time, ZoneInfo(place.zone)).astimezone(UTC)


def _waiting(session: Session, at: datetime) -> Iterable[Jurisdiction]:
    for place in places(session):
        daily = policy_of(session, place.policy_id).daily
        if daily is None:
            continue
        day = day_in(place, at)
        begins = instant_of(place, day, daily.at)
        if begins <= at < begins + LATEST and session.get(Occasion, (place.id, KIND, day)) is None:
            yield place


def _remind(database: Database, place_id: str, at: datetime) -> int:
    with database.unit_of_work() as session:
        place = session.get_one(Jurisdiction, place_id, with_for_update=True)
        day = day_in(place, at)
        if session.get(Occasion, (place_id, KIND, day)) is not None:
            return 0
        session.add(Occasion(jurisdiction_id=place_id, kind=KIND, day=day, at=at))
        tallies = _tallies(session, place, at)
        notices = [
            Notice(
                id=str(uuid5(_SPACE, f"{day}/{person_id}")),
                person_id=person_id,
                kind=KIND,
                title=f"今日工单：{tally.line()}",
                body=f"{day_said(day)}日提醒",
                at=at,
                version=1,
            )
            for person_id, tally in tallies.items()
            if tally.line()
        ]
        session.add_all(notices)
        session.flush()
        queue(session, notices, at)
        return len(notices)


def _tallies(session: Session, place: Jurisdiction, at: datetime) -> Mapping[str, Tally]:
    """Return person → what stands with them: in their units, for a leader also below them, at the station."""
    midnight = instant_of(place, day_in(place, at) + timedelta(days=1), time())
    rows = standing(session, place.id, at, midnight)
    people = holders(session, place.id, (LIAISON, *LEADING, STATION), at)
    below = descendants(session, {unit for unit, _, role in people if role in LEADING})
    reach: dict[str, set[str]] = {}
    found: dict[str, Tally] = {}
    for unit_id, person_id, role in people:
        mine = found.setdefault(person_id, Tally())
        if role == STATION:
            _at_station(mine, rows)
        else:
            reach.setdefault(person_id, set()).update({unit_id}, below.get(unit_id, ()) if role in LEADING else ())
        if role in LEADING:
            _to_sign(mine, rows, {unit_id, *below.get(unit_id, ())}, role)
    for person_id, units in reach.items():
        _in_units(found[person_id], [row for row in rows if row.unit_id in units])
    return found


def _in_units(mine: Tally, rows: Iterable[Standing]) -> None:
    for row in rows:
        # A form cuts at 20 characters: what hurts most comes first.
        mine.add("已超时", row.late)
        mine.add("今日到期", row.due_today)
        mine.add("待签收", row.number if row.state == lifecycle.DISPATCHED else 0)


def _to_sign(mine: Tally, rows: Iterable[Standing], units: set[str], role: str) -> None:
    for row in rows:
        if row.unit_id in units and row.state == lifecycle.SIGNING and role in (row.signer or "").split(","):
            mine.add("待审签", row.number)


def _at_station(mine: Tally, rows: Iterable[Standing]) -> None:
    for row in rows:
        mine.add("全部已超时", row.late)
        mine.add("全部今日到期", row.due_today)
        mine.add("待派单", row.number if row.state == lifecycle.REGISTERED else 0)
        mine.add("待审核", row.number if row.state == lifecycle.REVIEWING else 0)
