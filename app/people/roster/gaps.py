"""Days to come on which a unit has nobody to answer, over all units: what the station looks at (D6.1, U5.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from app.people.models import Jurisdiction
from app.people.permissions import LEADING
from app.people.queries import holders_of
from app.people.roster.queries import handling_units, people, staff_of
from app.people.roster.rules import BY_ROLE, NOBODY, Staff, day_at, day_of, days_from, span_of

USES_ROSTER: Final = timedelta(days=35)
"""A unit that planned nothing for so long has no roster: its A角 is on duty by role, and no day is missing."""
UNPLANNED: Final = "unplanned"
KINDS: Final = (NOBODY, UNPLANNED)


def gaps_wire(
    session: Session, jurisdiction_id: str, within: set[str] | None, days: int, at: datetime
) -> dict[str, Any]:
    """Return the coming days on which a unit has nobody, or its roster nobody; with whom to call (D6.1, U5.1).

    Units without any liaison are only counted: the directory names them. Statements do not grow with the units, but for
    the leaders of those that have nobody.
    """
    zone = session.get_one(Jurisdiction, jurisdiction_id).zone
    today = day_at(at, zone)
    listed = days_from(today, today + timedelta(days=days - 1))
    found = handling_units(session, jurisdiction_id, within, at - USES_ROSTER, at)
    staff = staff_of(session, found.units, at, span_of(listed[-1], zone)[1], at)
    known = people(session, {m.person_id for each in staff.values() for m in each.members})
    rows: list[dict[str, Any]] = []
    empty = 0
    for unit_id, name in found.units.items():
        if not staff[unit_id].members:
            empty += 1
            continue
        seen = [day_of(staff[unit_id], day, zone, at) for day in listed]
        bad = {NOBODY: [d.day for d in seen if d.how == NOBODY], UNPLANNED: []}
        if unit_id in found.with_roster:
            bad[UNPLANNED] = [d.day for d in seen if d.how == BY_ROLE]
        for kind, missing in bad.items():
            if missing:
                call = _to_call(session, unit_id, kind, staff[unit_id], known, at)
                unit = {"id": unit_id, "name": name}
                rows.append({"unit": unit, "kind": kind, "spans": _spans(missing), "days": len(missing), "call": call})
    rows.sort(key=lambda row: (row["kind"] != NOBODY, row["spans"][0]["first"], row["unit"]["name"]))
    return {"today": today.isoformat(), "days": days, "gaps": rows, "without_liaison": empty}


def _spans(days: Sequence[date]) -> list[dict[str, str]]:
    """Return the days as spans of days that follow each other."""
    spans: list[list[date]] = []
    for day in days:
        if spans and day - spans[-1][1] == timedelta(days=1):
            spans[-1][1] = day
        else:
            spans.append([day, day])
    return [{"first": first.isoformat(), "last": last.isoformat()} for first, last in spans]


def _to_call(
    session: Session, unit_id: str, kind: str, staff: Staff, known: Mapping[str, tuple[str, str]], at: datetime
) -> list[dict[str, str]]:
    """Return whom the station calls: the leaders where nobody is left, else the liaisons."""
    if kind == NOBODY:
        leaders = people(session, holders_of(session, unit_id, LEADING, at))
        return [{"id": who, "name": name, "phone": phone} for who, (name, phone) in leaders.items()]
    return [
        {"id": m.person_id, "name": known[m.person_id][0], "phone": known[m.person_id][1]} for m in staff.members[:2]
    ]
