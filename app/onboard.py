"""Bringing units and people in from a spreadsheet (CSV), as an operator gets them from the units (D1, H3.2)."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Database
from app.people.accounts import random_password
from app.people.models import Jurisdiction, Membership, Person, Unit
from app.people.permissions import ADMIN, CHIEF, LEADER, LIAISON, REVIEWER, STATION, SUPERVISOR
from app.setup import add_member, add_person, add_unit

COLUMNS: Final = ("单位", "层级", "上级单位", "姓名", "手机号", "岗位")
ROLES: Final = {
    "联络员A": (LIAISON, "A"),
    "联络员B": (LIAISON, "B"),
    "部门负责人": (REVIEWER, None),
    "分管领导": (LEADER, None),
    "主要领导": (CHIEF, None),
    "工作站": (STATION, None),
    "督查": (SUPERVISOR, None),
    "管理员": (ADMIN, None),
}
_PHONE: Final = re.compile(r"1[3-9]\d{9}")


class RosterInvalid(Exception):
    """The file cannot be taken in; `lines` says what is wrong where, in Chinese. Nothing was changed."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


@dataclass
class Taken:
    """What was new in a file: counts, and first passwords by phone number, to be handed out once."""

    units: int = 0
    roles: int = 0
    passwords: dict[str, tuple[str, str]] = field(default_factory=dict)


def take_in(database: Database, profile: str, path: Path) -> Taken:
    """Take in a roster; units and people already known are left as they are, so that a file may come again.

    Raises `RosterInvalid` with every faulty line, and `LookupError` when the jurisdiction was not founded.
    """
    rows = _read(path)
    with database.unit_of_work() as session:
        place = session.get(Jurisdiction, profile)
        if place is None:
            raise LookupError(profile)
        taken = Taken()
        units = {u.name: u for u in session.scalars(select(Unit).where(Unit.jurisdiction_id == place.id))}
        faults = _unknown_parents(rows, units)
        for number, row in rows:
            unit = units.get(row["单位"])
            if unit is None:
                parent = units.get(row["上级单位"])
                unit = add_unit(session, place, row["单位"], int(row["层级"]), parent.id if parent else None)
                units[unit.name] = unit
                taken.units += 1
            faults += _person(session, place, unit, number, row, taken)
        if faults:
            raise RosterInvalid(faults)
    return taken


def _read(path: Path) -> list[tuple[int, dict[str, str]]]:
    """Return (line, row); Excel on a Chinese Windows writes GB18030, everything else UTF-8 with or without a BOM."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", errors="replace")
    reader = csv.DictReader(text.splitlines())
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise RosterInvalid([f"缺少列：{'、'.join(missing)}。需要的列：{'、'.join(COLUMNS)}。"])
    rows = [(n, {k: (row[k] or "").strip() for k in COLUMNS}) for n, row in enumerate(reader, start=2)]
    faults = [f"第 {n} 行：{fault}" for n, row in rows for fault in _faults(row)]
    if faults:
        raise RosterInvalid(faults)
    return rows


def _faults(row: dict[str, str]) -> list[str]:
    found = []
    if not row["单位"]:
        found.append("没有填单位")
    if row["层级"] not in ("1", "2", "3", "4"):
        found.append("层级须是 1 至 4")
    if row["姓名"] and not _PHONE.fullmatch(row["手机号"]):
        found.append(f"“{row['姓名']}”的手机号须是 11 位")
    if row["姓名"] and row["岗位"] not in ROLES:
        found.append(f"岗位须是 {'、'.join(ROLES)} 之一")
    return found


def _unknown_parents(rows: list[tuple[int, dict[str, str]]], units: dict[str, Unit]) -> list[str]:
    seen = set(units)
    faults = []
    for number, row in rows:
        if row["上级单位"] and row["上级单位"] not in seen:
            faults.append(f"第 {number} 行：上级单位“{row['上级单位']}”须先出现")
        seen.add(row["单位"])
    return faults


def _person(
    session: Session, place: Jurisdiction, unit: Unit, number: int, row: dict[str, str], taken: Taken
) -> list[str]:
    if not row["姓名"]:
        return []
    person = session.scalar(select(Person).where(Person.phone == row["手机号"]))
    if person is not None and (person.name != row["姓名"] or person.jurisdiction_id != place.id):
        return [f"第 {number} 行：手机号已属于另一人"]
    if person is None:
        password = random_password()
        person = add_person(session, place, row["姓名"], row["手机号"], password, first=True)
        taken.passwords[person.phone] = (person.name, password)
    role, rank = ROLES[row["岗位"]]
    held = select(Membership.id).where(
        Membership.person_id == person.id,
        Membership.unit_id == unit.id,
        Membership.role == role,
        Membership.until.is_(None),
    )
    if session.scalar(held) is None:
        add_member(session, person, unit, role, rank)
        taken.roles += 1
    return []
