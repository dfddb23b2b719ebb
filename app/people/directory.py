"""The SELECTs of the contact directory: a tree of units, whom to call, what is missing (X2.6, K2.6, U5.1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app import clock
from app.people.models import Deputation, Jurisdiction, Membership, Person, Unit
from app.people.permissions import CHIEF, LEADER, LEADING, LIAISON, REVIEWER, STATION, SUPERVISOR
from app.people.roster.queries import people
from app.people.roster.wire import ROWS, turns_shown
from app.policies.queries import policy_of
from app.policies.running import PeopleRules

COMING: Final = timedelta(days=15)
KEPT: Final = timedelta(days=35)
"""So far ahead the directory of everybody, and a phone of the unit, know of duty."""
MOST: Final = 90
_SHOWN: Final = {CHIEF: "chiefs", LEADER: "leaders", REVIEWER: "reviewers", LIAISON: "liaisons", STATION: "station"}
GAPS: Final = {
    "leader": "未明确{leader}",
    "office": "未明确工作股室",
    "liaison": "未明确{liaison}",
    "liaison_b": "{liaison}没有 B 角",
    "phone": "没有 24 小时电话，现在也无人值班",
}
"""What a unit may lack, said in the words of the place's roles: one leader, one office, one named person (K2.6),
AB角 (H3.2), a phone that is answered day and night (U5.1). Which of it is asked for is the profile's to say."""


def contacts(session: Session, jurisdiction_id: str, at: datetime) -> dict[str, Any]:
    """Return the directory: every open unit, parents before their children, with people, phones, duty and gaps.

    Numbers are those of officials and shown whole: a directory that cannot be dialled from is none.
    """
    place = session.get_one(Jurisdiction, jurisdiction_id)
    policy = policy_of(session, place.policy_id)
    rules, levels = policy.people, policy.people.levels
    units = session.scalars(
        select(Unit).where(Unit.jurisdiction_id == jurisdiction_id, Unit.closed_at.is_(None)).order_by(Unit.name)
    ).all()
    ids = [unit.id for unit in units]
    staff, duties = _people(session, ids, at), _duties(session, ids, at)
    rows = [_unit(unit, depth, rules, staff[unit.id], duties.get(unit.id, [])) for unit, depth in _as_tree(list(units))]
    missing = {gap: sum(gap in row["gaps"] for row in rows) for gap in GAPS}
    return {
        "station_phone": place.station_phone,
        "levels": [_level_name(levels, level) for level in range(1, 5)],
        "gaps": [
            {"key": key, "label": label.format_map(policy.roles), "units": missing[key]}
            for key, label in GAPS.items()
            if key in rules.needs
        ],
        "units": rows,
    }


def _as_tree(units: Sequence[Unit]) -> list[tuple[Unit, int]]:
    """Return the units with their depth, each parent right before its children; orphans of closed units at the top."""
    here = {unit.id for unit in units}
    below: dict[str | None, list[Unit]] = defaultdict(list)
    for unit in units:
        below[unit.parent_id if unit.parent_id in here else None].append(unit)
    found: list[tuple[Unit, int]] = []
    waiting = [(unit, 0) for unit in sorted(below[None], key=lambda u: (u.level, u.name), reverse=True)]
    while waiting:
        unit, depth = waiting.pop()
        found.append((unit, depth))
        waiting += [(child, depth + 1) for child in reversed(below[unit.id])]
    return found


def _level_name(levels: Sequence[str], level: int) -> str:
    return levels[level - 1] if level <= len(levels) else f"第{'一二三四'[level - 1]}级"


def _unit(
    unit: Unit, depth: int, rules: PeopleRules, people: dict[str, list[Any]], duty: list[dict[str, Any]]
) -> dict[str, Any]:
    on_duty = [turn for turn in duty if turn["now"]]
    return {
        "id": unit.id,
        "name": unit.name,
        "level": unit.level,
        "level_name": _level_name(rules.levels, unit.level),
        "parent_id": unit.parent_id,
        "depth": depth,
        "office": unit.office,
        "phone": unit.phone,
        **{key: people[role] for role, key in _SHOWN.items()},
        "duty": duty,
        "gaps": _gaps(unit, people, on_duty, rules.needs),
    }


def _gaps(unit: Unit, people: dict[str, list[Any]], on_duty: Sequence[Any], needs: Collection[str]) -> list[str]:
    # Neither the centre itself nor what stands over everything handles requests.
    if people[STATION] or people[SUPERVISOR] or unit.level == 1:
        return []
    liaisons = people[LIAISON]
    lacking = {
        "leader": not people[LEADER] and not people[CHIEF],
        "office": not unit.office,
        "liaison": not liaisons,
        "liaison_b": len({who["id"] for who in liaisons}) == 1,
        "phone": not unit.phone and not on_duty,
    }
    return [gap for gap in GAPS if gap in needs and lacking[gap]]


def _people(session: Session, unit_ids: Iterable[str], at: datetime) -> dict[str, dict[str, list[dict[str, Any]]]]:
    found: dict[str, dict[str, list[dict[str, Any]]]] = {
        unit: {role: [] for role in (*_SHOWN, SUPERVISOR)} for unit in unit_ids
    }
    query = (
        select(Membership.unit_id, Membership.role, Membership.rank, Person.id, Person.name, Person.phone)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.unit_id.in_(found), Membership.role.in_((*_SHOWN, SUPERVISOR)))
        .where(Membership.since <= at, or_(Membership.until.is_(None), Membership.until > at))
        .where(Person.disabled_at.is_(None))
        .order_by(Membership.rank.is_(None), Membership.rank, Person.name)
    )
    rows = session.execute(query).all()
    deputies = _deputies(session, {row.id for row in rows if row.role in LEADING}, at)
    for unit_id, role, rank, person_id, name, phone in rows:
        who = {"id": person_id, "name": name, "rank": rank, "phone": phone}
        found[unit_id][role].append(who | {"deputy": deputies.get(person_id) if role in LEADING else None})
    return found


def _deputies(session: Session, principals: Iterable[str], at: datetime) -> dict[str, dict[str, Any]]:
    query = (
        select(Deputation.principal_id, Person.id, Person.name, Person.phone, Deputation.until)
        .join(Person, Person.id == Deputation.deputy_id)
        .where(Deputation.principal_id.in_(set(principals)), Deputation.since <= at, Deputation.until > at)
    )
    return {
        principal: {"id": identity, "name": name, "phone": phone, "until": clock.iso(until)}
        for principal, identity, name, phone, until in session.execute(query)
    }


def _duties(session: Session, unit_ids: Iterable[str], at: datetime) -> dict[str, list[dict[str, Any]]]:
    turns = turns_shown(session, unit_ids, at, at + COMING, ROWS)
    known = people(session, {person for rows in turns.values() for person, *_ in rows})
    return {
        unit: [
            {
                "person_id": person,
                "name": known[person][0],
                "phone": known[person][1],
                "rank": rank,
                "from": clock.iso(starts),
                "until": clock.iso(ends),
                "now": starts <= at,
            }
            for person, rank, starts, ends in rows
        ]
        for unit, rows in turns.items()
    }


def own_duty(session: Session, unit_ids: Iterable[str], at: datetime) -> dict[str, list[dict[str, Any]]]:
    """Return the coming turns of those units as phones keep them, to be read without a network."""
    turns = turns_shown(session, unit_ids, at, at + KEPT, MOST)
    known = people(session, {person for rows in turns.values() for person, *_ in rows})
    return {
        unit: [
            {
                "person_id": person,
                "name": known[person][0],
                "rank": rank,
                "from": clock.iso(starts),
                "until": clock.iso(ends),
            }
            for person, rank, starts, ends in rows
        ]
        for unit, rows in turns.items()
    }


def accounts(session: Session, jurisdiction_id: str, at: datetime) -> list[dict[str, Any]]:
    """Return every account of the jurisdiction with its roles, those in use first; for who looks after accounts."""
    roles: dict[str, list[dict[str, Any]]] = defaultdict(list)
    held = (
        select(Membership.person_id, Membership.role, Membership.rank, Unit.id, Unit.name)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(Unit.jurisdiction_id == jurisdiction_id)
        .where(Membership.since <= at, or_(Membership.until.is_(None), Membership.until > at))
        .order_by(Unit.level, Unit.name, Membership.role)
    )
    for person_id, role, rank, unit_id, unit_name in session.execute(held):
        roles[person_id].append({"role": role, "rank": rank, "unit_id": unit_id, "unit_name": unit_name})
    query = select(Person).where(Person.jurisdiction_id == jurisdiction_id)
    return [
        {
            "id": who.id,
            "name": who.name,
            "phone": who.phone,
            "password_first": who.password_first,
            "disabled_at": None if who.disabled_at is None else clock.iso(who.disabled_at),
            "roles": roles[who.id],
        }
        for who in session.scalars(query.order_by(Person.disabled_at.is_not(None), Person.name, Person.id))
    ]


def deputations(session: Session, jurisdiction_id: str, person_id: str | None, at: datetime) -> list[dict[str, Any]]:
    """Return the deputations that run or are to come, all of the jurisdiction or those one person is part of."""
    query = (
        select(Deputation)
        .join(Person, Person.id == Deputation.principal_id)
        .where(Person.jurisdiction_id == jurisdiction_id, Deputation.until > at, Deputation.until > Deputation.since)
        .order_by(Deputation.since, Deputation.id)
    )
    if person_id is not None:
        query = query.where(or_(Deputation.principal_id == person_id, Deputation.deputy_id == person_id))
    rows = list(session.scalars(query))
    wanted = {who for row in rows for who in (row.principal_id, row.deputy_id, row.appointed_by)}
    called = dict(session.execute(select(Person.id, Person.name).where(Person.id.in_(wanted))).all()) if wanted else {}
    return [
        {
            "id": row.id,
            "principal": {"id": row.principal_id, "name": called[row.principal_id]},
            "deputy": {"id": row.deputy_id, "name": called[row.deputy_id]},
            "appointed_by": {"id": row.appointed_by, "name": called[row.appointed_by]},
            "since": clock.iso(row.since),
            "until": clock.iso(row.until),
            "reason": row.reason,
            "now": row.since <= at,
        }
        for row in rows
    ]
