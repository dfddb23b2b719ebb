"""The only SELECTs on the roster: what is known of units for some time, requests to change turns, leave."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from app.people.models import Duty, Membership, Person, Unit
from app.people.permissions import LIAISON, STATION, SUPERVISOR
from app.people.queries import members as liaisons
from app.people.roster.lifecycle import ASKED
from app.people.roster.models import DutySwap, Leave
from app.people.roster.rules import Away, Member, Staff, Turn, answer
from app.policies.models import CalendarDay

_TICK = timedelta(milliseconds=1)


def staff_of(
    session: Session, unit_ids: Iterable[str], start: datetime, end: datetime, at: datetime | None = None
) -> dict[str, Staff]:
    """Return what is known of each unit between `start` and `end`; the liaisons are those at `at` (`start` by default).

    Three statements, however many units.
    """
    units = sorted(set(unit_ids))
    members: dict[str, list[Member]] = defaultdict(list)
    for unit, person, rank in liaisons(session, units, LIAISON, at or start):
        members[unit].append(Member(person, rank))
    turns = _turns(session, units, start, end)
    leaves = _away(session, {m.person_id for listed in members.values() for m in listed}, start, end)
    return {
        unit: Staff(
            tuple(members[unit]),
            tuple(turns[unit]),
            tuple(leave for member in members[unit] for leave in leaves[member.person_id]),
        )
        for unit in units
    }


def duty_at(session: Session, unit_ids: Iterable[str], at: datetime) -> dict[str, tuple[list[str], list[str]]]:
    """Return unit → its liaisons at `at`: who is on duty, and the others in the order in which they are told.

    The one answer to "who is on duty" (D6.1, H3.2, U5.1): `rules.answer` over roster and leave. Both lists are empty
    where there is no liaison; where all are on leave nobody is on duty, and they are the others.
    """
    found: dict[str, tuple[list[str], list[str]]] = {}
    for unit, staff in staff_of(session, unit_ids, at, at + _TICK).items():
        now = answer(staff, at)
        found[unit] = list(now.first), list(now.others)
    return found


def on_duty(session: Session, unit_id: str, at: datetime) -> tuple[list[str], list[str]]:
    """Return one unit's liaisons at `at` as `duty_at` does for many."""
    return duty_at(session, [unit_id], at)[unit_id]


def _turns(session: Session, unit_ids: Sequence[str], start: datetime, end: datetime) -> dict[str, list[Turn]]:
    query = (
        select(Duty.unit_id, Duty.person_id, Duty.rank, Duty.starts_at, Duty.ends_at)
        .where(Duty.unit_id.in_(unit_ids), Duty.starts_at < end, Duty.ends_at > start)
        .order_by(Duty.rank, Duty.starts_at, Duty.id)
    )
    found: dict[str, list[Turn]] = defaultdict(list)
    for unit, person, rank, starts, ends in session.execute(query):
        found[unit].append(Turn(person, rank, starts, ends))
    return found


def _away(session: Session, people: Iterable[str], start: datetime, end: datetime) -> dict[str, list[Away]]:
    query = (
        select(Leave.person_id, Leave.stand_in_id, Leave.starts_at, Leave.ends_at)
        .where(Leave.person_id.in_(set(people)), Leave.starts_at < end, Leave.ends_at > start)
        .where(Leave.ends_at > Leave.starts_at)
        .order_by(Leave.starts_at, Leave.id)
    )
    found: dict[str, list[Away]] = defaultdict(list)
    for row in session.execute(query):
        found[row.person_id].append(Away(*row))
    return found


def duty_rows(session: Session, unit_id: str, start: datetime, end: datetime) -> list[Duty]:
    """Return the turns that reach into the span, as rows to change."""
    query = select(Duty).where(Duty.unit_id == unit_id, Duty.starts_at < end, Duty.ends_at > start)
    return list(session.scalars(query.order_by(Duty.starts_at, Duty.id)))


def open_swap(session: Session, unit_id: str, asker_id: str, day: date) -> DutySwap | None:
    """Return the request of somebody about a day that nobody has answered."""
    query = select(DutySwap).where(
        DutySwap.unit_id == unit_id, DutySwap.asker_id == asker_id, DutySwap.state == ASKED,
        or_(DutySwap.day == day, DutySwap.return_day == day),
    )  # fmt: skip
    return session.scalar(query.limit(1))


def leave_within(session: Session, person_id: str, start: datetime, end: datetime) -> Leave | None:
    """Return a leave of the person that reaches into the span."""
    query = select(Leave).where(Leave.person_id == person_id, Leave.starts_at < end, Leave.ends_at > start)
    return session.scalar(query.where(Leave.ends_at > Leave.starts_at).order_by(Leave.starts_at).limit(1))


def away_at(session: Session, person_ids: Iterable[str], at: datetime) -> set[str]:
    """Return those of the people who are on leave at `at`."""
    query = select(Leave.person_id).where(Leave.person_id.in_(set(person_ids)), Leave.starts_at <= at)
    return set(session.scalars(query.where(Leave.ends_at > at)))


def leaves_of(session: Session, person_ids: Iterable[str], at: datetime, until: datetime | None = None) -> list[Leave]:
    """Return the leaves of those people that run at `at` or are to come (before `until`)."""
    query = select(Leave).where(Leave.person_id.in_(set(person_ids)), Leave.ends_at > at)
    query = query.where(Leave.ends_at > Leave.starts_at)
    if until is not None:
        query = query.where(Leave.starts_at < until)
    return list(session.scalars(query.order_by(Leave.starts_at, Leave.id)))


def swaps_of(session: Session, person_id: str, since: datetime) -> list[DutySwap]:
    """Return the requests to or from a person: open ones, and those settled since; the newest first."""
    query = select(DutySwap).where(
        or_(DutySwap.asker_id == person_id, DutySwap.colleague_id == person_id),
        or_(DutySwap.state == ASKED, DutySwap.settled_at > since),
    )
    return list(session.scalars(query.order_by(DutySwap.asked_at.desc(), DutySwap.id)))


def open_swaps(session: Session, unit_id: str, first: date) -> list[DutySwap]:
    """Return the unit's requests that wait for an answer, of days from `first` on."""
    query = select(DutySwap).where(DutySwap.unit_id == unit_id, DutySwap.state == ASKED, DutySwap.day >= first)
    return list(session.scalars(query.order_by(DutySwap.day, DutySwap.id)))


@dataclass
class Handling:
    """The open units of a place that handle requests, with those of them that have a roster at all."""

    units: dict[str, str] = field(default_factory=dict)
    with_roster: set[str] = field(default_factory=set)


def handling_units(
    session: Session, jurisdiction_id: str, within: set[str] | None, since: datetime, at: datetime
) -> Handling:
    """Return the open units below the top that are no office; `within` bounds them, None is all.

    A unit has a roster when a turn of it ran since `since` or is to come.
    """
    office = (
        select(Membership.unit_id)
        .where(Membership.role.in_((STATION, SUPERVISOR)))
        .where(Membership.since <= at, or_(Membership.until.is_(None), Membership.until > at))
    )
    query = (
        select(Unit.id, Unit.name)
        .where(Unit.jurisdiction_id == jurisdiction_id, Unit.closed_at.is_(None))
        .where(and_(Unit.level > 1, Unit.id.not_in(office)))
        .order_by(Unit.level, Unit.name)
    )
    if within is not None:
        query = query.where(Unit.id.in_(within))
    found = Handling(dict(session.execute(query).tuples().all()))
    turns = select(Duty.unit_id).where(Duty.unit_id.in_(found.units), Duty.ends_at > since).distinct()
    found.with_roster = set(session.scalars(turns))
    return found


def holidays(session: Session, first: date, last: date) -> dict[date, tuple[bool, str]]:
    """Return the days that differ from their weekday: whether free, and the name."""
    query = select(CalendarDay.day, CalendarDay.free, CalendarDay.name).where(CalendarDay.day.between(first, last))
    return {day: (free, name) for day, free, name in session.execute(query)}


def people(session: Session, person_ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return person id → name and phone."""
    query = select(Person.id, Person.name, Person.phone).where(Person.id.in_(set(person_ids)))
    return {person_id: (name, phone) for person_id, name, phone in session.execute(query)}
