"""Units and people from a spreadsheet: all or nothing, and harmless when it comes again."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.db import Database
from app.onboard import RosterInvalid, take_in
from app.people.models import Membership, Person, Unit
from app.setup import found

HEAD = "单位,层级,上级单位,姓名,手机号,岗位\n"
GOOD = HEAD + (
    "清河街道,2,,甲某,13700000001,联络员A\n清河街道,2,,乙某,13700000002,分管领导\n北滩村,4,清河街道,甲某,13700000001,联络员B\n"
)


@pytest.fixture
def database(database_url: str) -> Database:
    made = Database(database_url)
    found(made, "dalad", "工作站", "丙某", "13700000009", "a-first-password")
    return made


def _file(tmp_path: Path, content: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "roster.csv"
    path.write_bytes(content.encode(encoding))
    return path


def _counts(database: Database) -> tuple[int, ...]:
    with database.read() as session:
        return tuple(session.scalar(select(func.count()).select_from(t)) or 0 for t in (Unit, Person, Membership))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_units_people_and_roles_come_in_once(database: Database, tmp_path: Path, encoding: str) -> None:
    before = _counts(database)
    first = take_in(database, "dalad", _file(tmp_path, GOOD, encoding))
    assert (first.units, first.roles, len(first.passwords)) == (2, 3, 2)
    with database.read() as session:
        handed_out = select(Person.phone).where(Person.password_first)
        assert set(session.scalars(handed_out)) == set(first.passwords), "to be changed at the first sign-in"
    after = _counts(database)
    assert after == (before[0] + 2, before[1] + 2, before[2] + 3)
    again = take_in(database, "dalad", _file(tmp_path, GOOD, encoding))
    assert (again.units, again.roles, again.passwords) == (0, 0, {})
    assert _counts(database) == after


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("新单位,9,,丁某,13700000003,联络员A", "层级"),
        ("新单位,2,,丁某,1370000,联络员A", "手机号"),
        ("新单位,2,,丁某,13700000003,主任", "岗位"),
        ("新单位,2,不存在,丁某,13700000003,联络员A", "上级单位"),
        ("新单位,2,,另一人,13700000009,联络员A", "另一人"),
        (",2,,丁某,13700000003,联络员A", "单位"),
    ],
)
def test_one_bad_line_changes_nothing_and_is_named(database: Database, tmp_path: Path, line: str, words: str) -> None:
    before = _counts(database)
    with pytest.raises(RosterInvalid) as refused:
        take_in(database, "dalad", _file(tmp_path, GOOD + line + "\n"))
    assert refused.value.lines[-1].startswith("第 5 行") and words in refused.value.lines[-1]
    assert _counts(database) == before


def test_a_missing_column_is_named(database: Database, tmp_path: Path) -> None:
    with pytest.raises(RosterInvalid, match="岗位"):
        take_in(database, "dalad", _file(tmp_path, "单位,层级,上级单位,姓名,手机号\n"))


def test_an_unknown_jurisdiction_is_told(database: Database, tmp_path: Path) -> None:
    with pytest.raises(LookupError):
        take_in(database, "nowhere", _file(tmp_path, GOOD))
