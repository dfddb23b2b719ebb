"""Instants and texts at the edge: what goes out comes back, what cannot be kept does not come in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lasting import ENGINES, fresh_database
from marshmallow import ValidationError
from sqlalchemy import select

from app import clock
from app.db import Database
from app.ids import new_id
from app.sync.models import Deployment
from app.wire import ClockReading, Instant, Secret, Uid, Words, storable

instants = st.datetimes(timezones=st.just(UTC))


@given(instants)
def test_an_instant_survives_its_wire_form(at: datetime) -> None:
    text = clock.iso(at)
    assert len(text) == 24 and text.endswith("Z")
    assert clock.parse(text) == clock.to_millisecond(at)


@given(st.lists(instants, min_size=2, max_size=6))
def test_wire_forms_sort_like_the_instants(moments: list[datetime]) -> None:
    """SQLite keeps this text and compares it."""
    assert sorted(map(clock.iso, moments)) == [clock.iso(m) for m in sorted(moments)]


@given(st.integers(0, 253_402_300_799_999))
def test_epoch_milliseconds_go_and_come(milliseconds: int) -> None:
    assert clock.to_epoch_ms(clock.from_epoch_ms(milliseconds)) == milliseconds


def test_a_time_without_a_zone_has_no_meaning() -> None:
    for naive in ("2026-11-20T09:14:00", "2026-11-20"):
        with pytest.raises(ValueError):
            clock.parse(naive)
    with pytest.raises(ValueError):
        clock.iso(datetime(2026, 11, 20))
    assert clock.parse("2026-11-20T09:14:00.1239+08:00") == datetime(2026, 11, 20, 1, 14, 0, 123_000, tzinfo=UTC)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "at",
    [
        datetime(1, 1, 1, tzinfo=UTC), datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC),
        datetime(2026, 3, 29, 1, 30, 0, 1_000, tzinfo=UTC), datetime(9998, 12, 31, tzinfo=UTC),
        datetime(2026, 11, 20, 9, 14, 0, 999_999, tzinfo=timezone(timedelta(hours=8))),
    ],
)  # fmt: skip
def test_both_databases_give_back_the_same_instant(
    engine: str, at: datetime, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with fresh_database(engine, request, tmp_path) as url:
        database = Database(url)
        with database.unit_of_work() as session:
            session.scalars(select(Deployment)).one().since = at
        with database.read() as session:
            assert session.scalars(select(Deployment.since)).one() == clock.to_millisecond(at)
        database.engine.dispose()


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "2200-01-01T00:00:00Z", 7, None, "x"])
def test_arguments_hold_times_of_this_age_only(text: Any) -> None:
    with pytest.raises(ValidationError):
        Instant().deserialize(text)


def test_a_phones_clock_may_say_anything() -> None:
    assert ClockReading().deserialize("0001-01-01T00:00:00Z").year == 1
    assert ClockReading().deserialize("9999-12-31T23:59:59Z").year == 9999


@pytest.mark.parametrize("text", ["a\x00b", "\ud83d", "x\udfff"])
def test_text_no_database_keeps_is_refused_wherever_it_stands(text: str) -> None:
    for field in (Words(50), Secret()):
        with pytest.raises(ValidationError):
            field.deserialize(text)
    assert not storable({"a": [{"b": text}]}) and not storable({text: 1})


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
def test_all_other_text_can_be_kept(text: str) -> None:
    assert storable({text: [text, 1, None, True]}) and text.encode().decode() == text


def test_words_are_trimmed_and_secrets_are_not() -> None:
    assert (Words(9).deserialize("  话 \n"), Secret().deserialize(" 密 ")) == ("话", " 密 ")
    with pytest.raises(ValidationError):
        Words(9).deserialize("   ")


def test_an_id_is_canonical() -> None:
    known = new_id()
    assert Uid().deserialize(known.upper()) == known
    for text in (known.replace("-", ""), known + "0", "{" + known[1:], known[:-1] + "g", "", "\x00" * 36):
        with pytest.raises(ValidationError):
            Uid().deserialize(text)
