"""The only SELECTs on people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Select, and_, bindparam, exists, literal, or_, select
from sqlalchemy.orm import Session, aliased

from app.people.masking import mask_phone
from app.people.models import (
    Deputation,
    Device,
    Jurisdiction,
    Membership,
    Person,
    Unit,
)
from app.people.permissions import LEADER, LEADING, LIAISON, Actor, Grant


def _current(at: Any) -> Any:
    return and_(Membership.since <= at, or_(Membership.until.is_(None), Membership.until > at))


def _running(at: Any) -> Any:
    return and_(Deputation.since <= at, Deputation.until > at)


# Every request asks this: the statement is put together once, because that costs as much as running it. Whether
# anybody deputed anything is answered along the way: nearly nobody is a deputy, and asking costs a statement more.
_ACTOR = (
    select(
        Person.name,
        Person.jurisdiction_id,
        Person.disabled_at,
        Device.revoked_at,
        exists().where(Deputation.deputy_id == Person.id, _running(bindparam("at"))),
        Person.password_first,
        Membership.role,
        Membership.rank,
        Unit.id,
        Unit.name,
    )
    .select_from(Person)
    .join(Device, and_(Device.id == bindparam("device_id"), Device.person_id == Person.id), isouter=True)
    .join(Membership, and_(Membership.person_id == Person.id, _current(bindparam("at"))), isouter=True)
    .join(Unit, Unit.id == Membership.unit_id, isouter=True)
    .where(Person.id == bindparam("person_id"))
)


def actor_of(session: Session, person_id: str, device_id: str | None, at: datetime) -> Actor | None:
    """Return the person as an actor with the roles held at `at`, as self and as deputy.

    None when unknown, disabled or device revoked.
    """
    rows = session.execute(_ACTOR, {"person_id": person_id, "device_id": device_id, "at": at}).all()
    if not rows or rows[0][2] is not None or rows[0][3] is not None:
        return None
    own = [Grant(role, unit_id, unit_name, rank) for *_, role, rank, unit_id, unit_name in rows if role]
    grants = own + (_deputed(session, person_id, at) if rows[0][4] else [])
    return Actor(person_id, rows[0][0], rows[0][1], device_id, _reaching(session, grants), rows[0][5])


def _deputed(session: Session, person_id: str, at: datetime) -> list[Grant]:
    """Return the principals' own leading roles: what a principal holds as another's deputy goes no further."""
    query = (
        select(Membership.role, Unit.id, Unit.name, Membership.person_id)
        .join(Deputation, Deputation.principal_id == Membership.person_id)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(Deputation.deputy_id == person_id, _running(at), Membership.role.in_(LEADING), _current(at))
        .order_by(Deputation.since, Deputation.id, Membership.since, Membership.id)
    )
    return [Grant(role, unit, name, None, principal) for role, unit, name, principal in session.execute(query)]


def _reaching(session: Session, grants: list[Grant]) -> tuple[Grant, ...]:
    """Return the grants, those of leaders with all units below theirs."""
    below = descendants(session, {g.unit_id for g in grants if g.role in LEADING})
    return tuple(replace(g, below=below[g.unit_id]) if g.role in LEADING else g for g in grants)


def descendants(session: Session, unit_ids: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return unit id → the units below it, however far down, without itself."""
    tops = set(unit_ids)
    if not tops:
        return {}
    tree = select(Unit.parent_id.label("top"), Unit.id).where(Unit.parent_id.in_(tops)).cte("below", recursive=True)
    tree = tree.union(select(tree.c.top, Unit.id).join(tree, Unit.parent_id == tree.c.id))
    found: dict[str, set[str]] = {top: set() for top in tops}
    for top, unit_id in session.execute(select(tree.c.top, tree.c.id)):
        found[top].add(unit_id)
    return {top: frozenset(units) for top, units in found.items()}


def ancestors(session: Session, unit_id: str) -> list[str]:
    """Return the unit and the units over it, the nearest first."""
    up = select(Unit.id, Unit.parent_id, literal(0).label("far")).where(Unit.id == unit_id).cte("over", recursive=True)
    up = up.union_all(
        select(Unit.id, Unit.parent_id, up.c.far + 1).join(up, Unit.id == up.c.parent_id).where(up.c.far < 8)
    )
    return list(session.scalars(select(up.c.id).order_by(up.c.far)))


def has_liaison(session: Session, unit_id: str, at: datetime) -> bool:
    """Return whether the unit has a liaison at `at` (D1)."""
    query = select(Membership.id).where(Membership.unit_id == unit_id, Membership.role == LIAISON, _current(at))
    return session.scalar(query.limit(1)) is not None


def members(session: Session, unit_ids: Iterable[str], role: str, at: datetime) -> list[tuple[str, str, str | None]]:
    """Return (unit id, person id, rank) of everyone who holds `role` in the units at `at`, rank A first."""
    query = (
        select(Membership.unit_id, Membership.person_id, Membership.rank)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.unit_id.in_(set(unit_ids)), Membership.role == role, _current(at))
        .where(Person.disabled_at.is_(None))
        .order_by(Membership.unit_id, Membership.rank.is_(None), Membership.rank, Membership.since)
    )
    return [(u, p, r) for u, p, r in session.execute(query)]


def holders(session: Session, jurisdiction_id: str, roles: Iterable[str], at: datetime) -> list[tuple[str, str, str]]:
    """Return (unit id, person id, role) of everyone who holds one of the roles in the jurisdiction at `at`."""
    query = (
        select(Membership.unit_id, Membership.person_id, Membership.role)
        .join(Unit, Unit.id == Membership.unit_id)
        .join(Person, Person.id == Membership.person_id)
        .where(Unit.jurisdiction_id == jurisdiction_id, Membership.role.in_(set(roles)), _current(at))
        .where(Person.disabled_at.is_(None))
        .order_by(Membership.since, Membership.id)
    )
    return [(unit_id, person_id, role) for unit_id, person_id, role in session.execute(query)]


def holders_of(session: Session, unit_id: str, roles: Iterable[str], at: datetime) -> dict[str, str]:
    """Return id → name of those who hold one of the roles in the nearest unit that has any, `unit_id` or above it.

    Who stands in for one of them now is among them, right after the principal.
    """
    units, deputy = ancestors(session, unit_id), aliased(Person)
    query = (
        select(Membership.unit_id, Person.id, Person.name, deputy.id, deputy.name)
        .join(Person, Person.id == Membership.person_id)
        .join(
            Deputation,
            and_(Deputation.principal_id == Person.id, _running(at), Membership.role.in_(LEADING)),
            isouter=True,
        )
        .join(deputy, and_(deputy.id == Deputation.deputy_id, deputy.disabled_at.is_(None)), isouter=True)
        .where(Membership.unit_id.in_(units), Membership.role.in_(set(roles)), _current(at))
        .where(Person.disabled_at.is_(None))
        .order_by(Membership.since, Person.name)
    )
    found: dict[str, dict[str, str]] = {}
    for unit, person_id, name, deputy_id, deputy_name in session.execute(query):
        here = found.setdefault(unit, {})
        here[person_id] = name
        if deputy_id is not None:
            here[deputy_id] = deputy_name
    return next((found[unit] for unit in units if unit in found), {})


def units_of(session: Session, person_id: str, role: str, at: datetime) -> set[str]:
    """Return the units in which the person holds `role` at `at`."""
    query = select(Membership.unit_id).where(Membership.person_id == person_id, Membership.role == role, _current(at))
    return set(session.scalars(query))


def people_with_role(session: Session, jurisdiction_id: str, role: str, at: datetime) -> list[str]:
    """Return the persons who hold `role` anywhere in the jurisdiction at `at` and whose account is not disabled."""
    query = (
        select(Membership.person_id)
        .join(Unit, Unit.id == Membership.unit_id)
        .join(Person, Person.id == Membership.person_id)
        .where(Unit.jurisdiction_id == jurisdiction_id, Membership.role == role, _current(at))
        .where(Person.disabled_at.is_(None))
        .distinct()
    )
    return list(session.scalars(query))


def named_members(session: Session, unit_id: str, role: str, at: datetime) -> list[str]:
    """Return the names of those who hold `role` in the unit at `at`, rank A first."""
    people = [person_id for _, person_id, _ in members(session, (unit_id,), role, at)]
    known = names(session, people)
    return [known[person_id] for person_id in people]


def named_around(session: Session, unit_id: str, role: str, at: datetime) -> list[str]:
    """Return the names of those who hold `role` anywhere in the unit's jurisdiction at `at`."""
    place = select(Unit.jurisdiction_id).where(Unit.id == unit_id).scalar_subquery()
    query = (
        select(Person.name)
        .join(Membership, Membership.person_id == Person.id)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(Unit.jurisdiction_id == place, Membership.role == role, _current(at), Person.disabled_at.is_(None))
        .order_by(Membership.since, Person.name)
    )
    return list(session.scalars(query))


def names(session: Session, person_ids: Iterable[str | None]) -> dict[str, str]:
    """Return person id → name."""
    wanted = {p for p in person_ids if p}
    if not wanted:
        return {}
    return dict(session.execute(select(Person.id, Person.name).where(Person.id.in_(wanted))).all())


def unit_names(session: Session, unit_ids: Iterable[str | None]) -> dict[str, str]:
    """Return unit id → name."""
    wanted = {u for u in unit_ids if u}
    if not wanted:
        return {}
    return dict(session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(wanted))).all())


def directory(
    session: Session, jurisdiction_id: str, at: datetime, duty: Mapping[str, Any] = MappingProxyType({})
) -> list[dict[str, Any]]:
    """Return the units of a jurisdiction with liaisons and leaders, as the wire's `Unit`; `duty` by unit as given."""
    units = session.scalars(_units(jurisdiction_id)).all()
    people: dict[str, dict[str, list[dict[str, Any]]]] = {u.id: {LIAISON: [], LEADER: []} for u in units}
    query = (
        select(Membership.unit_id, Membership.role, Membership.rank, Person.id, Person.name, Person.phone)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.unit_id.in_(people), Membership.role.in_((LIAISON, LEADER)), _current(at))
        .order_by(Membership.rank, Person.name)
    )
    for unit_id, role, rank, person_id, name, phone in session.execute(query):
        people[unit_id][role].append({"id": person_id, "name": name, "rank": rank, "phone_masked": mask_phone(phone)})
    return [
        {
            "id": u.id,
            "name": u.name,
            "level": u.level,
            "parent_id": u.parent_id,
            "has_liaison": bool(people[u.id][LIAISON]),
            "liaisons": people[u.id][LIAISON],
            "leaders": people[u.id][LEADER],
            "duty": duty.get(u.id, []),
        }
        for u in units
    ]


def _units(jurisdiction_id: str) -> Select[Unit]:
    return (
        select(Unit)
        .where(Unit.jurisdiction_id == jurisdiction_id, Unit.closed_at.is_(None))
        .order_by(Unit.level, Unit.name)
    )


def me_wire(session: Session, actor: Actor) -> dict[str, Any]:
    """Return the wire's `Me` of the actor."""
    person = session.get_one(Person, actor.person_id)
    place = session.get_one(Jurisdiction, actor.jurisdiction_id)
    called = names(session, [g.acting_for for g in actor.grants])
    return {
        "id": person.id,
        "name": person.name,
        "phone_masked": mask_phone(person.phone),
        "jurisdiction": {
            "id": place.id,
            "name": place.name,
            "zone": place.zone,
            "station_phone": place.station_phone,
        },
        "roles": [
            {
                "role": g.role,
                "unit_id": g.unit_id,
                "unit_name": g.unit_name,
                "rank": g.rank,
                "below": sorted(g.below),
                "acting_for": g.acting_for and {"id": g.acting_for, "name": called.get(g.acting_for, "")},
            }
            for g in actor.grants
        ],
        "device_id": actor.device_id,
        "password_first": actor.password_first,
    }
