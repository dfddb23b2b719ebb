"""Published versions never change, and the calendar is seeded once."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from app.db import Database
from app.policies.models import CalendarDay, CalendarYear, PolicyVersion
from app.policies.parse import parse_profile
from app.policies.publish import PROFILES, publish_profiles, seed_calendar
from app.policies.queries import calendar_of, latest_policy_id, policy_of
from app.policies.table import ProfileInvalid


@pytest.fixture
def database(database_url: str) -> Database:
    return Database(database_url)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of profiles of its own, with a profile that no migration has published."""
    text = (PROFILES / "dalad.toml").read_text("utf-8").replace('profile = "dalad"', 'profile = "trial"')
    text = re.sub(r"(?m)^version = \d+$", "version = 1", text, count=1)
    (tmp_path / "trial.toml").write_text(text, "utf-8")
    return tmp_path


def rewrite(folder: Path, old: str, new: str) -> None:
    file = folder / "trial.toml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def test_publishing_twice_publishes_once(database: Database, folder: Path) -> None:
    with database.unit_of_work() as session:
        assert publish_profiles(session, folder) == ["trial@1"]
    rewrite(folder, "# 达拉特旗：", "# 说明：")
    with database.unit_of_work() as session:
        assert publish_profiles(session, folder) == []
        count = select(func.count()).select_from(PolicyVersion).where(PolicyVersion.profile == "trial")
        assert session.scalar(count) == 1


def test_a_published_version_cannot_change(database: Database, folder: Path) -> None:
    with database.unit_of_work() as session:
        publish_profiles(session, folder)
    rewrite(folder, "hours = 20", "hours = 24")
    with pytest.raises(ProfileInvalid, match=r"trial\.toml.*version.*加一"), database.unit_of_work() as session:
        publish_profiles(session, folder)
    with database.read() as session:
        assert policy_of(session, "trial@1").clocks["sign"].span.hours == 20


def test_the_next_version_stands_beside_the_former(database: Database, folder: Path) -> None:
    with database.unit_of_work() as session:
        publish_profiles(session, folder)
    rewrite(folder, "hours = 20", "hours = 24")
    rewrite(folder, "version = 1", "version = 2")
    with database.unit_of_work() as session:
        assert publish_profiles(session, folder) == ["trial@2"]
    with database.read() as session:
        assert policy_of(session, "trial@1").clocks["sign"].span.hours == 20
        assert policy_of(session, "trial@2").clocks["sign"].span.hours == 24
        assert latest_policy_id(session, "trial") == "trial@2"


def test_a_policy_comes_back_as_it_was_written_and_is_kept(database: Database) -> None:
    with database.unit_of_work() as session:
        publish_profiles(session)
    with database.read() as session:
        policy = policy_of(session, "dalad@2")
        assert policy == parse_profile((PROFILES / "dalad.toml").read_text("utf-8"), "dalad.toml")
        assert policy_of(session, "dalad@2") is policy


def test_unpublished_policies_are_an_error(database: Database) -> None:
    with database.read() as session:
        with pytest.raises(LookupError, match="nowhere@9"):
            policy_of(session, "nowhere@9")
        with pytest.raises(LookupError, match="nowhere"):
            latest_policy_id(session, "nowhere")


def test_seeding_leaves_corrected_years_alone_and_fills_the_others(database: Database) -> None:
    with database.unit_of_work() as session:
        seed_calendar(session)
    with database.unit_of_work() as session:
        assert 2026 in calendar_of(session).years
        assert calendar_of(session).is_working(date(2026, 10, 10))
        assert not calendar_of(session).is_working(date(2026, 10, 1))
        session.execute(update(CalendarDay).where(CalendarDay.day == date(2026, 10, 10)).values(free=True))
        session.execute(update(CalendarYear).where(CalendarYear.year == 2026).values(revision=2))
    with database.unit_of_work() as session:
        assert seed_calendar(session) == []
        assert not calendar_of(session).is_working(date(2026, 10, 10))


def test_announcing_a_year_is_seen_at_once(database: Database) -> None:
    with database.unit_of_work() as session:
        seed_calendar(session)
        assert calendar_of(session).working_day_after(date(2026, 12, 31), 1).provisional
    with database.unit_of_work() as session:
        session.add(CalendarYear(year=2027, source="通知", revision=1))
        session.flush()
        session.add(CalendarDay(day=date(2027, 1, 1), year=2027, free=True, name="元旦"))
    with database.read() as session:
        found = calendar_of(session).working_day_after(date(2026, 12, 31), 1)
        assert (found.day, found.provisional) == (date(2027, 1, 4), False)
