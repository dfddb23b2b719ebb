"""Commands on turns of duty: one, none, or weeks of them; what is over is never changed (D6.1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from app import clock
from app.clock import Moment
from app.ids import new_id
from app.people import permissions
from app.people.models import Duty, Jurisdiction, Unit
from app.people.permissions import Actor
from app.people.roster.changes import doubled, laid, without
from app.people.roster.queries import duty_rows, people, staff_of
from app.people.roster.rules import A, B, Staff, Turn, day_at, said, span_of
from app.people.subjects import employed, note, unit_of
from app.problems import Problem, require

FURTHEST: Final = timedelta(days=400)
"""So far ahead a turn may be planned: a slip in the year is caught."""


def zone_of(session: Session, actor: Actor) -> str:
    """Return the zone in which the actor's place counts its days."""
    return session.get_one(Jurisdiction, actor.jurisdiction_id).zone


def plans(actor: Actor, unit: Unit) -> bool:
    """Return whether the actor decides over the unit's roster: who leads it, the station, an administrator."""
    return permissions.grant_for(actor, "duty.plan", unit.jurisdiction_id, unit.id) is not None


def set_duty(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Put a person of the unit on duty for a span of time, in the place of whoever stood there (D6.1).

    A liaison fills what is empty; a colleague's turn changes hands by asking. What has begun counts from now on.
    Raises `Problem` `not_permitted`, `unit_not_found`, `person_not_found`, `person_disabled`, `duty_invalid` (no span,
    not of the unit), `duty_past`, `duty_far`, `id_taken`, `duty_needs_swap`, `duty_away`, `duty_double`.
    """
    unit, person = unit_of(session, actor, args["unit_id"]), employed(session, actor, args["person_id"])
    require(permissions.judge(actor, "duty.set", unit.jurisdiction_id, unit.id, "安排值班"))
    if args["ends_at"] <= args["starts_at"]:
        raise Problem("duty_invalid")
    if session.get(Duty, args["duty_id"]) is not None:
        raise Problem("id_taken")
    start, end = _to_come(args["starts_at"], args["ends_at"], at)
    staff = staff_of(session, [unit.id], start, end, at.received)[unit.id]
    if person.id not in {member.person_id for member in staff.members}:
        raise Problem("duty_invalid")
    zone = zone_of(session, actor)
    require_here(session, staff, [person.id], start, end, zone)
    replaced = {turn.person_id for turn in staff.turns if turn.rank == args["rank"]} - {person.id}
    if replaced and not plans(actor, unit):
        raise Problem("duty_needs_swap", name=called(session, sorted(replaced)), day=said(start, end, zone))
    turns = laid(staff.turns, Turn(person.id, args["rank"], start, end))
    require_single(session, turns, start, end)
    rewrite(session, unit.id, start, end, turns, args["duty_id"])
    payload = {"unit_id": unit.id, "unit": unit.name, "person_id": person.id, "name": person.name}
    span = {"from": clock.iso(start), "until": clock.iso(end), "rank": args["rank"]}
    note(session, actor, "duty.set", payload | span | {"people": sorted({person.id, *replaced})}, at)


def clear_duty(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Take out of the roster what is planned for a span of time: the ladder falls back on A角.

    Raises `Problem` `not_permitted`, `unit_not_found`, `duty_invalid`, `duty_past`.
    """
    unit = unit_of(session, actor, args["unit_id"])
    require(permissions.judge(actor, "duty.clear", unit.jurisdiction_id, unit.id, "撤下值班"))
    if args["ends_at"] <= args["starts_at"]:
        raise Problem("duty_invalid")
    start, end = _to_come(args["starts_at"], args["ends_at"], at)
    ranks = (args["rank"],) if args["rank"] else (A, B)
    before = staff_of(session, [unit.id], start, end, at.received)[unit.id].turns
    gone = {turn.person_id for turn in before if turn.rank in ranks}
    if not gone:
        return
    rewrite(session, unit.id, start, end, without(before, start, end, ranks))
    payload = {"unit_id": unit.id, "unit": unit.name, "from": clock.iso(start), "until": clock.iso(end)}
    note(session, actor, "duty.cleared", payload | {"names": called(session, sorted(gone)), "people": sorted(gone)}, at)


def plan_duty(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Write the roster of several days as it was shown; days that are over, or planned already unless `replace`, stay.

    Raises `Problem` `not_permitted`, `unit_not_found`, `duty_past` when none of the days is to come, `duty_far`,
    `duty_invalid` (somebody who is no liaison of the unit), `duty_away`, `duty_double`.
    """
    unit = unit_of(session, actor, args["unit_id"])
    require(permissions.judge(actor, "duty.plan", unit.jurisdiction_id, unit.id, "排定值班表"))
    zone = zone_of(session, actor)
    today = day_at(at.received, zone)
    days = [row for row in sorted(args["days"], key=lambda row: row["day"]) if row["day"] >= today]
    if not days:
        raise Problem("duty_past")
    start, end = _to_come(span_of(days[0]["day"], zone)[0], span_of(days[-1]["day"], zone)[1], at)
    staff = staff_of(session, [unit.id], start, end, at.received)[unit.id]
    people_of = {member.person_id for member in staff.members}
    wanted = {row[rank] for row in days for rank in ("a", "b") if row[rank]}
    if wanted - people_of:
        raise Problem("duty_invalid")
    turns, laid_days = list(staff.turns), []
    for row in days:
        begins, ends = span_of(row["day"], zone)
        begins = max(begins, at.received)
        kept = [t for t in turns if t.starts_at < ends and t.ends_at > begins and t.person_id in people_of]
        if kept and not args["replace"]:
            continue
        turns = without(turns, begins, ends)
        for rank, person in ((A, row["a"]), (B, row["b"])):
            if person:
                require_here(session, staff, [person], begins, ends, zone)
                turns.append(Turn(person, rank, begins, ends))
        laid_days.append(row["day"])
    require_single(session, turns, start, end)
    if not laid_days:
        return
    rewrite(session, unit.id, start, end, turns)
    payload = {"unit_id": unit.id, "unit": unit.name, "first": laid_days[0].isoformat(), "days": len(laid_days)}
    touched = sorted(wanted | {turn.person_id for turn in staff.turns})
    note(session, actor, "duty.planned", payload | {"last": laid_days[-1].isoformat(), "people": touched}, at)


def _to_come(start: datetime, end: datetime, at: Moment) -> tuple[datetime, datetime]:
    """Return the part of the span that is not over. Raises `Problem` `duty_past`, `duty_far`."""
    if end <= at.received:
        raise Problem("duty_past")
    if end > at.received + FURTHEST:
        raise Problem("duty_far")
    return max(start, at.received), end


def require_here(
    session: Session, staff: Staff, person_ids: Iterable[str], start: datetime, end: datetime, zone: str
) -> None:
    """Refuse somebody who is on leave within the span. Raises `Problem` `duty_away`."""
    wanted = set(person_ids)
    for leave in staff.away:
        if leave.person_id in wanted and leave.starts_at < end and leave.ends_at > start:
            span = said(leave.starts_at, leave.ends_at, zone)
            raise Problem("duty_away", name=called(session, [leave.person_id]), span=span)


def require_single(session: Session, turns: Sequence[Turn], start: datetime, end: datetime) -> None:
    """Refuse somebody who would be A角 and B角 at once. Raises `Problem` `duty_double`."""
    twice = doubled(turns, start, end)
    if twice is not None:
        raise Problem("duty_double", name=called(session, [twice]))


def rewrite(
    session: Session, unit_id: str, start: datetime, end: datetime, turns: Sequence[Turn], named: str | None = None
) -> None:
    """Make the unit's turns that reach into the span those of `turns`; rows that stay as they are keep their id.

    `named` is the id of the row that is new, where the command brought one. The caller holds the unit's lock.
    """
    wanted = list(turns)
    for row in duty_rows(session, unit_id, start, end):
        same = Turn(row.person_id, row.rank, row.starts_at, row.ends_at)
        if same in wanted:
            wanted.remove(same)
        else:
            session.delete(row)
    session.flush()
    ids = [named] if named else []
    for turn in sorted(wanted, key=lambda t: not (start <= t.starts_at and t.ends_at <= end)):
        span = {"starts_at": turn.starts_at, "ends_at": turn.ends_at}
        row_id = ids.pop() if ids else new_id()
        session.add(Duty(id=row_id, unit_id=unit_id, person_id=turn.person_id, rank=turn.rank, **span))
    session.flush()


def called(session: Session, person_ids: Sequence[str]) -> str:
    """Return the names, in that order, as a sentence lists them."""
    known = people(session, person_ids)
    return "、".join(known[person][0] for person in person_ids if person in known)
