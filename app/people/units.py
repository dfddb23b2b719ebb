"""Commands on units: four levels, one tree (H3.2). That no work is left in a unit is asked by `app.handover`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.clock import Moment
from app.people import permissions
from app.people.models import Duty, Jurisdiction, Membership, Unit
from app.people.permissions import ADMIN, STATION, SUPERVISOR, Actor
from app.people.queries import descendants
from app.people.subjects import note, unit_of
from app.problems import Problem, require


def _require_may(actor: Actor, command: str, unit_id: str | None, label: str) -> None:
    require(permissions.judge(actor, command, actor.jurisdiction_id, unit_id, label))


def _require_unchanged(name: str, was: Any, now: Any) -> None:
    """Refuse what was written over something else than stands now: two who look after units at once see each other."""
    if was is not None and was != now:
        raise Problem("unit_changed", name=name)


def _require_free(session: Session, actor: Actor, name: str, but: str) -> None:
    query = select(Unit.id).where(
        Unit.jurisdiction_id == actor.jurisdiction_id, Unit.name == name, Unit.closed_at.is_(None), Unit.id != but
    )
    if session.scalar(query.limit(1)) is not None:
        raise Problem("unit_exists", name=name)


def _require_under(session: Session, actor: Actor, level: int, parent_id: str | None) -> None:
    """A unit of the first level stands alone; every other one may stand under one of a higher level."""
    if parent_id is not None and unit_of(session, actor, parent_id).level >= level:
        raise Problem("unit_level_wrong")


def open_unit(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Open a unit under another one, or at the top (H3.2).

    Raises `Problem` `not_permitted`, `id_taken`, `unit_exists`, `unit_not_found` (the parent), `unit_level_wrong`.
    """
    _require_may(actor, "unit.open", None, "新增单位")
    if session.get(Unit, args["unit_id"]) is not None:
        raise Problem("id_taken")
    _require_under(session, actor, args["level"], args["parent_id"])
    _require_free(session, actor, args["name"], args["unit_id"])
    unit = Unit(
        id=args["unit_id"],
        jurisdiction_id=actor.jurisdiction_id,
        parent_id=args["parent_id"],
        name=args["name"],
        level=args["level"],
        office=args["office"],
        phone=args["phone"],
    )
    session.add(unit)
    session.flush()
    payload = {"unit_id": unit.id, "unit": unit.name, "level": unit.level, "parent_id": unit.parent_id}
    note(session, actor, "unit.opened", payload, at)


def rename_unit(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Give a unit another name; its tickets keep it.

    Raises `Problem` `unit_not_found`, `unit_exists`, `unit_changed`.
    """
    _require_may(actor, "unit.rename", None, "变更单位名称")
    unit = unit_of(session, actor, args["unit_id"])
    _require_unchanged(unit.name, args["was"], unit.name)
    _require_free(session, actor, args["name"], unit.id)
    former, unit.name = unit.name, args["name"]
    note(session, actor, "unit.renamed", {"unit_id": unit.id, "from": former, "unit": unit.name}, at)


def move_unit(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Put a unit under another one, or at the top; what stands below it moves along.

    Raises `Problem` `unit_not_found`, `unit_level_wrong` when the tree would no longer lead from higher to lower.
    """
    _require_may(actor, "unit.move", None, "调整单位隶属")
    unit = unit_of(session, actor, args["unit_id"])
    _require_unchanged(unit.name, args["was"], {"level": unit.level, "parent_id": unit.parent_id})
    if args["parent_id"] in {unit.id, *descendants(session, [unit.id])[unit.id]}:
        raise Problem("unit_level_wrong")
    _require_under(session, actor, args["level"], args["parent_id"])
    highest = session.scalar(select(func.min(Unit.level)).where(Unit.parent_id == unit.id, Unit.closed_at.is_(None)))
    if highest is not None and highest <= args["level"]:
        raise Problem("unit_level_wrong")
    former, unit.parent_id, unit.level = unit.parent_id, args["parent_id"], args["level"]
    payload = {"unit_id": unit.id, "unit": unit.name, "from": former, "to": unit.parent_id, "level": unit.level}
    note(session, actor, "unit.moved", payload, at)


def reach_unit(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Say which section of the unit does the hotline's work and which number is answered day and night (K2.6, U5.1)."""
    unit = unit_of(session, actor, args["unit_id"])
    _require_may(actor, "unit.reach", unit.id, "变更单位联系方式")
    former = {"office": unit.office, "phone": unit.phone}
    _require_unchanged(unit.name, args["was"], former)
    unit.office, unit.phone = args["office"], args["phone"]
    payload = {"unit_id": unit.id, "unit": unit.name, "from": former}
    note(session, actor, "unit.reach_changed", payload | {"office": unit.office, "phone": unit.phone}, at)


def reach_station(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Say which number liaisons call in doubt (D2.1); most notices give none. Raises `Problem` `not_permitted`."""
    _require_may(actor, "station.reach", None, "变更工作站电话")
    place = session.get_one(Jurisdiction, actor.jurisdiction_id, with_for_update=True)
    _require_unchanged("工作站电话", args["was"], place.station_phone)
    former, place.station_phone = place.station_phone, args["phone"] or ""
    note(session, actor, "station.phone_changed", {"from": former or None, "to": args["phone"]}, at)


def close_unit(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Close a unit: roles and turns of duty in it end. That nothing is left to do is asked by `handover`, the command.

    Raises `Problem` `unit_not_found`, `unit_has_units`, `unit_is_office` while station, supervisors or administrators
    work there: ending those is a decision of its own.
    """
    _require_may(actor, "unit.close", None, "撤销单位")
    unit = unit_of(session, actor, args["unit_id"])
    below = select(func.count()).where(Unit.parent_id == unit.id, Unit.closed_at.is_(None))
    if count := session.scalar(below) or 0:
        raise Problem("unit_has_units", unit=unit.name, count=count)
    held = list(session.scalars(select(Membership).where(Membership.unit_id == unit.id, Membership.until.is_(None))))
    if any(row.role in (STATION, SUPERVISOR, ADMIN) for row in held):
        raise Problem("unit_is_office", unit=unit.name)
    for row in held:
        row.until = at.received
    for turn in session.scalars(select(Duty).where(Duty.unit_id == unit.id, Duty.ends_at > at.received)):
        turn.ends_at = max(turn.starts_at, at.received)
    unit.closed_at = at.received
    payload = {"unit_id": unit.id, "unit": unit.name, "roles_ended": len(held), "reason": args["reason"]}
    note(session, actor, "unit.closed", payload, at)
