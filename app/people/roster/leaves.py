"""Commands on leave: a span in which somebody is not reminded first, and who is in the meantime (请假、顶班)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app import clock
from app.clock import Moment
from app.people import permissions
from app.people.models import Person, Unit
from app.people.permissions import LEADER, LIAISON, Actor
from app.people.queries import holders_of, names, units_of
from app.people.roster.duty import FURTHEST, called, zone_of
from app.people.roster.models import Leave
from app.people.roster.queries import leave_within, staff_of
from app.people.roster.rules import Away, Staff, bare, said, span_of, stretches
from app.people.subjects import employed, note
from app.problems import Problem, require


def take(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Put a liaison on leave from the first day to the last; the stand-in, B角 or whoever is left is told first then.

    One's own, or somebody's whom one leads or looks after. Where nobody of a unit would be left it is refused; who
    decides over the roster may insist, having seen it (`uncovered_ok`): the days then stand as a gap before unit and
    station. Raises `Problem` `not_permitted`, `person_not_found`, `person_disabled`, `leave_not_liaison`, `id_taken`,
    `leave_invalid` (ends before it begins, or is over), `duty_far`, `leave_overlaps`, `leave_stand_in`,
    `leave_uncovered`.
    """
    person = session.get(Person, args["person_id"])
    if person is None or person.jurisdiction_id != actor.jurisdiction_id:
        raise Problem("person_not_found")
    units = _units(session, person, at)
    person = employed(session, actor, person.id)
    decides = _require_may(actor, "leave.take", person.id, units, "登记请假")
    if session.get(Leave, args["leave_id"]) is not None:
        raise Problem("id_taken")
    zone = zone_of(session, actor)
    start, end = max(span_of(args["first"], zone)[0], at.received), span_of(args["last"], zone)[1]
    if args["last"] < args["first"] or end <= at.received:
        raise Problem("leave_invalid")
    if end > at.received + FURTHEST:
        raise Problem("duty_far")
    had = leave_within(session, person.id, start, end)
    if had is not None:
        raise Problem("leave_overlaps", name=person.name, span=said(had.starts_at, had.ends_at, zone))
    staff = staff_of(session, units, start, end, at.received)
    _require_stand_in(session, person, args["stand_in"], staff, start, end)
    new = Away(person.id, args["stand_in"], start, end)
    after = {unit: replace(known, away=(*known.away, new)) for unit, known in staff.items()}
    holes = {unit: gaps for unit, known in after.items() if (gaps := bare(known, start, end))}
    if holes and not (args["uncovered_ok"] and decides):
        first = next(iter(holes))
        raise Problem("leave_uncovered", unit=units[first].name, span=said(*holes[first][0], zone))
    session.add(
        Leave(
            id=args["leave_id"], person_id=person.id, stand_in_id=args["stand_in"], starts_at=start, ends_at=end,
            reason=args["reason"], taken_by=actor.person_id, taken_at=at.received,
        )
    )  # fmt: skip
    session.flush()
    payload = _payload(session, person, units, args["stand_in"]) | {"leave_id": args["leave_id"]}
    payload |= {"from": clock.iso(start), "until": clock.iso(end), "uncovered": [units[unit].name for unit in holes]}
    covering = {p for known in after.values() for _, _, found in stretches(known, start, end) for p in found.first}
    note(session, actor, "leave.taken", payload | {"people": _concerned(session, person, units, covering, at)}, at)


def end(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """End a leave before its last day, or call off one that has not begun: the roster holds again at once.

    Raises `Problem` `leave_not_found` (also when it is over), `not_permitted`.
    """
    row = session.get(Leave, args["leave_id"])
    person = session.get(Person, row.person_id) if row is not None else None
    if row is None or person is None or person.jurisdiction_id != actor.jurisdiction_id:
        raise Problem("leave_not_found")
    units = _units(session, person, at)
    session.refresh(row, with_for_update=True)
    _require_may(actor, "leave.end", person.id, units, "结束请假")
    if row.ends_at <= max(at.received, row.starts_at):
        raise Problem("leave_not_found")
    start, until = max(row.starts_at, at.received), row.ends_at
    covering = {
        p
        for known in staff_of(session, units, start, until, at.received).values()
        for _, _, found in stretches(known, start, until)
        for p in found.first
    }
    row.ends_at = start
    payload = _payload(session, person, units, row.stand_in_id) | {"leave_id": row.id, "until": clock.iso(until)}
    note(session, actor, "leave.ended", payload | {"people": _concerned(session, person, units, covering, at)}, at)


def _units(session: Session, person: Person, at: Moment) -> dict[str, Unit]:
    """Return the units in which the person is liaison, locked: what covers whom is judged for one at a time."""
    ids = sorted(units_of(session, person.id, LIAISON, at.received))
    if not ids:
        raise Problem("leave_not_liaison", name=person.name)
    return {unit_id: session.get_one(Unit, unit_id, with_for_update=True) for unit_id in ids}


def _require_may(actor: Actor, command: str, person_id: str, units: Mapping[str, Unit], label: str) -> bool:
    """Return whether the actor decides over the roster of all those units. Raises `Problem` `not_permitted`."""
    grants = [permissions.grant_for(actor, "duty.plan", unit.jurisdiction_id, unit.id) for unit in units.values()]
    if person_id == actor.person_id:
        own = (permissions.judge(actor, command, u.jurisdiction_id, u.id, label) for u in units.values())
        require(next(own))
    elif not any(grants):
        require(permissions.judge(actor, "duty.plan", next(iter(units.values())).jurisdiction_id, None, label))
    return all(grants)


def _require_stand_in(
    session: Session, person: Person, stand_in: str | None, staff: Mapping[str, Staff], start: datetime, end: datetime
) -> None:
    if stand_in is None:
        return
    colleagues = {member.person_id for known in staff.values() for member in known.members}
    if stand_in == person.id or stand_in not in colleagues or leave_within(session, stand_in, start, end) is not None:
        raise Problem("leave_stand_in")


def _payload(session: Session, person: Person, units: Mapping[str, Unit], stand_in: str | None) -> dict[str, Any]:
    return {
        "person_id": person.id,
        "name": person.name,
        "unit_ids": list(units),
        "units": [unit.name for unit in units.values()],
        "stand_in_id": stand_in,
        "stand_in": called(session, [stand_in]) if stand_in else None,
    }


def _concerned(
    session: Session, person: Person, units: Mapping[str, Unit], covering: set[str], at: Moment
) -> list[str]:
    leaders = {p for unit in units for p in holders_of(session, unit, (LEADER,), at.received)}
    return sorted(names(session, {person.id, *covering, *leaders}))
