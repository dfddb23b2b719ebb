"""The only SELECTs for what is watched across tickets and people: what stands where, what will be late, who answers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from app import clock
from app.people.models import Device, Jurisdiction, Person
from app.people.permissions import LEADING, LIAISON, Actor
from app.people.queries import holders, unit_names
from app.people.roster.queries import away_at, duty_at, people
from app.policies.queries import policy_of
from app.reminders.due import ROLES
from app.reminders.models import FIRED, PLANNED, Notice, Occasion, ReachCall
from app.reminders.planning import current_plan
from app.reminders.queries import reminders_of
from app.tickets import lifecycle
from app.tickets.models import Ticket, TicketClock
from app.tickets.queries import heads, visible_to

LATE_ROWS: Final = 300
ASKED_OF: Final = timedelta(days=30)
"""How far back a person's answers are looked at."""
GRACE: Final = timedelta(hours=2)
"""A notice younger than this is not held against anybody."""
UNANSWERED: Final = 3
"""So many notices in a row without an answer, and the person counts as not to be reached."""
CALLS_SHOWN: Final = 5
REACH_CHECK: Final = "reach_check"


def places(session: Session) -> Sequence[Jurisdiction]:
    """Return every jurisdiction."""
    return session.scalars(select(Jurisdiction).order_by(Jurisdiction.id)).all()


@dataclass(frozen=True, slots=True)
class Standing:
    """How many open tickets stand with a unit in a state (and wait for a signer), how many of them are due, or late."""

    unit_id: str | None
    state: str
    signer: str | None
    number: int
    due_today: int
    late: int


def standing(session: Session, jurisdiction_id: str, at: datetime, midnight: datetime) -> list[Standing]:
    """Return what stands open in the jurisdiction; `midnight` ends its day."""
    late = case((Ticket.next_due_at < at, 1), else_=0)
    today = case((and_(Ticket.next_due_at >= at, Ticket.next_due_at < midnight), 1), else_=0)
    query = (
        select(Ticket.unit_id, Ticket.state, Ticket.signer, func.count(), func.sum(today), func.sum(late))
        .where(Ticket.jurisdiction_id == jurisdiction_id, Ticket.state.in_(lifecycle.OPEN))
        .group_by(Ticket.unit_id, Ticket.state, Ticket.signer)
    )
    return [Standing(*row) for row in session.execute(query)]


# ---------------------------------------------------------------- what will be late


def about_to_be_late(session: Session, actor: Actor, at: datetime, within: timedelta) -> list[dict[str, Any]]:
    """Return the running deadlines of tickets in sight that are over or due within that time, the first due first.

    Each ticket once, with its nearest one; with who is on duty for it, and who was told last and has answered (A4).
    """
    query = (
        select(TicketClock.ticket_id, TicketClock.clock, TicketClock.label, TicketClock.due_at, Ticket.unit_id)
        .join(Ticket, Ticket.id == TicketClock.ticket_id)
        .where(visible_to(actor), Ticket.state.in_(lifecycle.OPEN), TicketClock.kind == "deadline")
        .where(TicketClock.met_at.is_(None), TicketClock.stopped_at.is_(None))
        .where(Ticket.next_due_at < at + within, TicketClock.due_at < at + within)
        .order_by(TicketClock.due_at, TicketClock.ticket_id)
        .limit(LATE_ROWS)
    )
    nearest: dict[str, Any] = {}
    for row in session.execute(query):
        nearest.setdefault(row.ticket_id, row)
    known, told = heads(session, list(nearest)), last_told(session, list(nearest))
    called = _duty(session, {row.unit_id for row in nearest.values() if row.unit_id is not None}, at)
    wanted = ("id", "number", "title", "state", "priority", "unit")
    return [
        {
            "ticket": {key: known[ticket_id][key] for key in wanted},
            "clock": row.clock,
            "label": row.label,
            "due_at": clock.iso(row.due_at),
            "on_duty": called.get(row.unit_id, []),
            "told": told.get(ticket_id, []),
        }
        for ticket_id, row in nearest.items()
    ]


def _duty(session: Session, unit_ids: Collection[str], at: datetime) -> dict[str, list[dict[str, str]]]:
    """Return unit → whom to call for it, who is on duty first; four statements, however many units."""
    listed = {unit: (*first, *others) for unit, (first, others) in duty_at(session, unit_ids, at).items()}
    known = people(session, {person for ids in listed.values() for person in ids})
    return {
        unit: [{"id": person, "name": known[person][0], "phone": known[person][1]} for person in ids if person in known]
        for unit, ids in listed.items()
    }


def last_told(session: Session, ticket_ids: Sequence[str]) -> dict[str | None, list[dict[str, Any]]]:
    """Return ticket → the latest line that went to each person about it, the newest first, and since when answered."""
    query = (
        select(Notice.ticket_id, Notice.person_id, Person.name, Notice.title, Notice.at, Notice.acknowledged_at)
        .join(Person, Person.id == Notice.person_id)
        .where(Notice.ticket_id.in_(ticket_ids))
        .order_by(Notice.at.desc(), Notice.id.desc())
    )
    found: dict[str | None, dict[str, dict[str, Any]]] = {}
    for ticket_id, person_id, name, title, told, seen in session.execute(query):
        line = {"id": person_id, "name": name, "title": title, "at": clock.iso(told), "acknowledged_at": _iso(seen)}
        found.setdefault(ticket_id, {}).setdefault(person_id, line)
    return {ticket_id: list(people.values()) for ticket_id, people in found.items()}


# ---------------------------------------------------------------- who answers


def reachability(session: Session, jurisdiction_id: str, at: datetime) -> list[dict[str, Any]]:
    """Return how everybody who works on tickets answers: those who do not first, then by name (D6.1, U5.1, A4)."""
    roles: dict[str, list[tuple[str, str]]] = {}
    for unit_id, person_id, role in holders(session, jurisdiction_id, (LIAISON, *LEADING), at):
        roles.setdefault(person_id, []).append((unit_id, role))
    answers, calls = _answers(session, roles, at), _calls(session, roles)
    away = away_at(session, roles, at)
    called = unit_names(session, {unit for held in roles.values() for unit, _ in held})
    people = select(Person.id, Person.name, Person.phone).where(Person.id.in_(roles))
    check = last_check(session, jurisdiction_id)
    silent = silent_in(session, check, at) if check is not None and check.closes_at and check.closes_at <= at else set()
    rows = [
        {
            "id": row.id,
            "name": row.name,
            "phone": row.phone,
            "units": [{"id": unit, "name": called[unit], "role": role} for unit, role in roles[row.id]],
            **answers.get(row.id, _NOTHING_ASKED),
            "missed_check": row.id in silent,
            "on_leave": row.id in away,
            "calls": calls.get(row.id, []),
        }
        for row in session.execute(people)
    ]
    for row in rows:
        row["unreachable"] = row["unanswered"] >= UNANSWERED or row["missed_check"]
    return sorted(rows, key=lambda row: (not row["unreachable"], -row["unanswered"], row["name"]))


_NOTHING_ASKED: Final = {"asked": 0, "answered": 0, "unanswered": 0, "last_answer_at": None, "last_seen_at": None}


def _answers(session: Session, person_ids: Iterable[str], at: datetime) -> dict[str, dict[str, Any]]:
    """Return per person: asked, answered, how many in a row are not, the last answer, when a device was last here."""
    wanted = list(person_ids)
    since = at - ASKED_OF
    asked = and_(Notice.person_id.in_(wanted), Notice.at > since, Notice.at <= at - GRACE)
    last = select(
        Notice.person_id, func.max(Notice.at).label("told"), func.max(Notice.acknowledged_at).label("seen")
    ).where(Notice.person_id.in_(wanted), Notice.at > since, Notice.acknowledged_at.is_not(None))
    answered = last.group_by(Notice.person_id).subquery()
    silent = case((and_(Notice.acknowledged_at.is_(None), _after(answered.c.told)), 1), else_=0)
    seen = case((Notice.acknowledged_at.is_not(None), 1), else_=0)
    query = (
        select(Notice.person_id, func.count(), func.sum(seen), func.sum(silent), func.max(answered.c.seen))
        .join(answered, answered.c.person_id == Notice.person_id, isouter=True)
        .where(asked)
        .group_by(Notice.person_id)
    )
    devices = select(Device.person_id, func.max(Device.last_seen_at)).where(Device.person_id.in_(wanted))
    here = dict(session.execute(devices.group_by(Device.person_id)).tuples().all())
    found: dict[str, dict[str, Any]] = {
        person: {"asked": number, "answered": read, "unanswered": unread, "last_answer_at": _iso(last)}
        for person, number, read, unread, last in session.execute(query)
    }
    for person in {*found, *here}:
        found.setdefault(person, dict(_NOTHING_ASKED))["last_seen_at"] = _iso(here.get(person))
    return found


def _iso(instant: datetime | None) -> str | None:
    return clock.iso(instant) if instant else None


def _after(told: Any) -> Any:
    return or_(told.is_(None), Notice.at > told)


def _calls(session: Session, person_ids: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """Return the trial calls to each person that are on record, the latest few first."""
    query = (
        select(ReachCall.person_id, ReachCall.outcome, ReachCall.note, ReachCall.at, Person.name)
        .join(Person, Person.id == ReachCall.by)
        .where(ReachCall.person_id.in_(list(person_ids)))
        .order_by(ReachCall.at.desc(), ReachCall.id.desc())
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for person_id, outcome, note, at, name in session.execute(query):
        listed = found.setdefault(person_id, [])
        if len(listed) < CALLS_SHOWN:
            listed.append({"outcome": outcome, "note": note, "at": clock.iso(at), "by": name})
    return found


def last_check(session: Session, jurisdiction_id: str) -> Occasion | None:
    """Return the latest weekly trial of the jurisdiction."""
    query = select(Occasion).where(Occasion.jurisdiction_id == jurisdiction_id, Occasion.kind == REACH_CHECK)
    return session.scalar(query.order_by(Occasion.day.desc()).limit(1))


def silent_in(session: Session, check: Occasion, at: datetime) -> set[str]:
    """Return who was asked in a trial and had not answered when it closed."""
    query = (
        select(Notice.person_id)
        .join(Person, Person.id == Notice.person_id)
        .where(Person.jurisdiction_id == check.jurisdiction_id, Notice.kind == REACH_CHECK, Notice.at == check.at)
        .where(or_(Notice.acknowledged_at.is_(None), Notice.acknowledged_at > check.closes_at))
    )
    return set(session.scalars(query))


def ladder(session: Session, ticket_id: str, at: datetime) -> list[dict[str, Any]]:
    """Return the ticket's reminders that were sent and that wait, in order, with who was told and who has answered.

    What waits carries the roles it will go to: who holds them is known only then.
    """
    ticket = session.get_one(Ticket, ticket_id)
    planned = current_plan(session, ticket, at)
    roles = ROLES | dict(policy_of(session, ticket.policy_id).roles)
    told = (
        select(Notice.reminder_id, Person.id, Person.name, Notice.title, Notice.acknowledged_at)
        .join(Person, Person.id == Notice.person_id)
        .where(Notice.ticket_id == ticket_id)
        .order_by(Notice.id)
    )
    people: dict[str | None, list[dict[str, Any]]] = {}
    titles: dict[str | None, str] = {}
    for reminder_id, person_id, name, title, seen in session.execute(told):
        people.setdefault(reminder_id, []).append({"id": person_id, "name": name, "acknowledged_at": _iso(seen)})
        titles[reminder_id] = title
    rows = sorted(reminders_of(session, ticket_id).values(), key=lambda row: (row.settled_at or row.fire_at, row.id))
    return [
        {
            "id": row.id,
            "kind": row.kind,
            "state": row.state,
            "at": clock.iso(row.settled_at if row.state == FIRED and row.settled_at else row.fire_at),
            "rung": planned[row.key].rung if row.key in planned else 0,
            "title": titles.get(row.id),
            "roles": [roles.get(role, role) for role in planned[row.key].rule.to] if row.key in planned else [],
            "told": people.get(row.id, []),
        }
        for row in rows
        if row.state == FIRED or (row.state == PLANNED and row.key in planned)
    ]
