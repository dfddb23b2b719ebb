"""The roster as screens show it: a unit's month, one's own days, days on which nobody is left."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from app import clock
from app.people.models import Jurisdiction, Unit
from app.people.permissions import LIAISON, Actor, grant_for
from app.people.queries import unit_names
from app.people.roster.lifecycle import ASKED, LABELS
from app.people.roster.models import DutySwap, Leave
from app.people.roster.queries import holidays, leaves_of, open_swaps, people, staff_of, swaps_of
from app.people.roster.rules import (
    BY_ROLE,
    NOBODY,
    PLANNED,
    STAND_IN,
    Answer,
    DayFound,
    day_at,
    day_of,
    days_from,
    span_of,
    stretches,
)
from app.policies.calendar import WorkCalendar
from app.policies.queries import calendar_of

OWN_DAYS: Final = 35
SETTLED_SHOWN: Final = timedelta(days=7)
ROWS: Final = 6
"""So many turns a unit shows in the directory: now and what comes next, however they are planned."""


def month_wire(session: Session, actor: Actor, unit: Unit, month: date, at: datetime) -> dict[str, Any]:
    """Return a month of a unit: who is on duty each day and how that came, liaisons, leave, requests that wait."""
    zone = session.get_one(Jurisdiction, unit.jurisdiction_id).zone
    first, last = month.replace(day=1), month.replace(day=monthrange(month.year, month.month)[1])
    start, end = span_of(first, zone)[0], span_of(last, zone)[1]
    staff = staff_of(session, [unit.id], start, end, at)[unit.id]
    days = [day_of(staff, day, zone, at) for day in days_from(first, last)]
    members = [member.person_id for member in staff.members]
    told = (p for d in days for p in (*d.first, *d.second, *d.away, *(who for _, who in d.planned)))
    known = people(session, {*members, *told})
    today = day_at(at, zone)
    plans = grant_for(actor, "duty.plan", unit.jurisdiction_id, unit.id) is not None
    leaves = leaves_of(session, members, max(start, at), end)
    return {
        "unit": {"id": unit.id, "name": unit.name},
        "month": f"{first:%Y-%m}",
        "today": today.isoformat(),
        "may": {
            "plan": plans,
            "swap": unit.id in actor.units(LIAISON),
            "set": grant_for(actor, "duty.set", unit.jurisdiction_id, unit.id) is not None,
        },
        "people": [
            {"id": m.person_id, "name": known[m.person_id][0], "phone": known[m.person_id][1], "rank": m.rank}
            for m in staff.members
        ],
        "days": _days_wire(days, known, calendar_of(session), holidays(session, first, last), today),
        "leaves": [leave_wire(row, names_of(known), _reads(actor, row, plans), at) for row in leaves],
        "swaps": [swap_wire(session, row, today) for row in open_swaps(session, unit.id, today)],
    }


def names_of(known: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Return person id → name."""
    return {person: name for person, (name, _) in known.items()}


def _reads(actor: Actor, leave: Leave, plans: bool) -> bool:
    """Why somebody is away is for that person and who decides over the roster; colleagues need only the days."""
    return plans or leave.person_id == actor.person_id


def _days_wire(
    days: Iterable[DayFound],
    known: Mapping[str, tuple[str, str]],
    calendar: WorkCalendar,
    named: Mapping[date, tuple[bool, str]],
    today: date,
) -> list[dict[str, Any]]:
    def listed(ids: Iterable[str]) -> list[dict[str, str]]:
        return [{"id": who, "name": known[who][0]} for who in ids if who in known]

    return [
        {
            "day": found.day.isoformat(),
            "rests": not calendar.is_working(found.day),
            "holiday": named.get(found.day, (False, ""))[1] or None,
            "made_up": found.day in named and not named[found.day][0],
            "provisional": not calendar.known(found.day),
            "over": found.day < today,
            "first": listed(found.first),
            "second": listed(found.second),
            "how": found.how,
            "part": found.part,
            "planned": [{"rank": rank, **who} for rank, p in found.planned for who in listed([p])],
            "away": listed(found.away),
        }
        for found in days
    ]


def leave_wire(row: Leave, called: Mapping[str, str], whole: bool, at: datetime) -> dict[str, Any]:
    """Return a leave; the reason only where `whole`."""
    return {
        "id": row.id,
        "person": {"id": row.person_id, "name": called.get(row.person_id, "")},
        "stand_in": {"id": row.stand_in_id, "name": called.get(row.stand_in_id, "")} if row.stand_in_id else None,
        "from": clock.iso(row.starts_at),
        "until": clock.iso(row.ends_at),
        "reason": row.reason if whole else None,
        "now": row.starts_at <= at,
    }


def swap_wire(session: Session, row: DutySwap, today: date) -> dict[str, Any]:
    """Return a request to change turns; `late` when its day came without an answer."""
    known = people(session, [row.asker_id, row.colleague_id])
    first = min(row.day, row.return_day or row.day)
    return {
        "id": row.id,
        "unit": {"id": row.unit_id, "name": unit_names(session, [row.unit_id])[row.unit_id]},
        "asker": {"id": row.asker_id, "name": known[row.asker_id][0]},
        "colleague": {"id": row.colleague_id, "name": known[row.colleague_id][0]},
        "day": row.day.isoformat(),
        "return_day": row.return_day.isoformat() if row.return_day else None,
        "note": row.note,
        "state": row.state,
        "state_name": LABELS[row.state],
        "late": row.state == ASKED and first < today,
        "answer": row.answer,
        "asked_at": clock.iso(row.asked_at),
        "settled_at": clock.iso(row.settled_at) if row.settled_at else None,
    }


def mine_wire(session: Session, actor: Actor, at: datetime) -> dict[str, Any]:
    """Return a liaison's next turns, who asks them for what, what they asked for, and their leave."""
    zone = session.get_one(Jurisdiction, actor.jurisdiction_id).zone
    today = day_at(at, zone)
    days = days_from(today, today + timedelta(days=OWN_DAYS - 1))
    units = actor.units(LIAISON)
    staff = staff_of(session, units, at, span_of(days[-1], zone)[1], at)
    called = unit_names(session, units)
    own = []
    for unit_id, known in sorted(staff.items()):
        for found in (day_of(known, day, zone, at) for day in days):
            place = _place(found, actor.person_id)
            if place:
                unit = {"id": unit_id, "name": called[unit_id]}
                own.append({"day": found.day.isoformat(), "unit": unit, "rank": place, "how": found.how})
    swaps = swaps_of(session, actor.person_id, at - SETTLED_SHOWN)
    leaves = leaves_of(session, [actor.person_id], at)
    names = names_of(people(session, {p for row in leaves for p in (row.person_id, row.stand_in_id) if p}))
    return {
        "today": today.isoformat(),
        "days": sorted(own, key=lambda row: (row["day"], row["unit"]["name"])),
        "swaps": [swap_wire(session, row, today) for row in swaps],
        "leaves": [leave_wire(row, names, True, at) for row in leaves],
    }


def _place(found: DayFound, person: str) -> str | None:
    """Return which place the person holds on a day by roster or in somebody's place; by role alone is no turn."""
    if found.how in (BY_ROLE, NOBODY):
        return None
    if person in found.first:
        return "A" if found.how == STAND_IN or ("A", person) in found.planned else "B"
    return "B" if ("B", person) in found.planned and person not in found.away else None


def turns_shown(
    session: Session, unit_ids: Iterable[str], at: datetime, until: datetime, most: int
) -> dict[str, list[Any]]:
    """Return unit → [person id, rank, from, until] of who is on duty by the roster, leave and stand-ins in it.

    Days that fall to one person one after the other are one row; where the roster says nothing there is none.
    """
    found: dict[str, list[Any]] = {}
    for unit_id, staff in staff_of(session, unit_ids, at, until, at).items():
        start = min((turn.starts_at for turn in staff.turns if turn.starts_at <= at), default=at)
        rows: list[Any] = []
        for begins, ends, now in stretches(staff, start, until):
            for person, rank in _rows_of(now):
                last = next((row for row in reversed(rows) if row[:2] == [person, rank] and row[3] == begins), None)
                if last is not None:
                    last[3] = ends
                else:
                    rows.append([person, rank, begins, ends])
        found[unit_id] = [row for row in rows if row[3] > at][:most]
    return found


def _rows_of(now: Answer) -> list[tuple[str, str]]:
    if now.how not in (PLANNED, STAND_IN):
        return []
    rank = "B" if now.how == PLANNED and now.a is None else "A"
    return [*((person, rank) for person in now.first), *([(now.b, "B")] if now.b else [])]
