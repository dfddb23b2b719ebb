"""A roster before it is written: whom a pattern gives which days, what it replaces, how the days fall."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.people.models import Jurisdiction, Unit
from app.people.roster.changes import NEXT, NONE, DayPlan, Pattern, rotation
from app.people.roster.queries import holidays, people, staff_of
from app.people.roster.rules import day_at, day_of, days_from, span_of
from app.policies.queries import calendar_of
from app.problems import Problem


def preview_wire(
    session: Session, unit: Unit, pattern: Pattern, first: date, last: date, replace: bool, at: datetime
) -> dict[str, Any]:
    """Return the plan of those days, what it replaces or leaves as it is, and how many days fall to whom.

    Raises `Problem` `duty_invalid` for a pattern with somebody who is no liaison of the unit.
    """
    zone = session.get_one(Jurisdiction, unit.jurisdiction_id).zone
    today = day_at(at, zone)
    days = [day for day in days_from(first, last) if day >= today]
    if not days:
        return {"days": [], "people": [], "replaced": 0}
    staff = staff_of(session, [unit.id], at, span_of(days[-1], zone)[1], at)[unit.id]
    here = {member.person_id for member in staff.members}
    if not here.issuperset(pattern.people) or pattern.backup not in {NEXT, NONE, *here}:
        raise Problem("duty_invalid")
    seen = {day: day_of(staff, day, zone, at) for day in days}
    away = {day: frozenset(found.away) for day, found in seen.items()}
    plan = rotation(pattern, days, calendar_of(session), away)
    known, named = people(session, here), holidays(session, days[0], days[-1])
    had = {day: any(who in here for _, who in found.planned) for day, found in seen.items()}
    rows = [_plan_row(each, had[each.day], replace, known, named) for each in plan]
    counted = [row for row, each in zip(rows, plan, strict=True) if not row["kept"]]
    return {
        "days": rows,
        "people": [
            {
                "id": who,
                "name": known[who][0],
                "days": sum(row["a"] is not None and row["a"]["id"] == who for row in counted),
                "rest_days": sum(row["rests"] and row["a"] is not None and row["a"]["id"] == who for row in counted),
            }
            for who in pattern.people
            if who in known
        ],
        "replaced": sum(had.values()) if replace else 0,
    }


def _plan_row(
    each: DayPlan,
    had: bool,
    replace: bool,
    known: Mapping[str, tuple[str, str]],
    named: Mapping[date, tuple[bool, str]],
) -> dict[str, Any]:
    def who(person: str | None) -> dict[str, str] | None:
        return {"id": person, "name": known[person][0]} if person is not None and person in known else None

    return {
        "day": each.day.isoformat(),
        "a": who(each.a),
        "b": who(each.b),
        "rests": each.rests,
        "holiday": named.get(each.day, (False, ""))[1] or None,
        "made_up": each.day in named and not named[each.day][0],
        "kept": had and not replace,
        "skipped": [known[person][0] for person in each.skipped if person in known],
    }
