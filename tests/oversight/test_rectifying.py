"""Limits of rectifications: the unit is told before, the supervisors after, each once (A5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import inspected
import pytest
from lasting import shared
from scenario import World
from sqlalchemy import select

from app import clock
from app.oversight.inspections.models import InspectionRectification
from app.oversight.inspections.rectifying import AHEAD, tell_due

__all__ = ["shared"]
MS, HOUR = timedelta(milliseconds=1), timedelta(hours=1)
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def world(shared: World) -> Iterator[World]:
    """The town; each test makes cases of its own."""
    return shared


def told(world: World, who: str, ticket_id: str, kind: str) -> list[str]:
    return [n["title"] for n in world.phone(who).pull()["inbox"] if n["ticket_id"] == ticket_id and n["kind"] == kind]


def limit(world: World, ticket_id: str) -> datetime:
    due: str = world.liaison.detail(ticket_id)["inspections"][0]["rectification"]["due_at"]
    return clock.parse(due)


def waking(instant: datetime) -> datetime:
    """The instant itself, or when the quiet hours end that it lies in; these limits end at 17:30."""
    assert 7 <= instant.astimezone(ZONE).hour < 22
    return instant


@pytest.mark.clause("A5", partial="整改时限的提醒；抽取与判定另测")
def test_the_unit_is_told_a_day_before_and_the_supervisors_once_it_is_late(world: World) -> None:
    ticket_id, _ = inspected.at(world, "told")
    assert ticket_id is not None
    due = limit(world, ticket_id)
    soon = waking(due - AHEAD)
    tell_due(world.database, soon - MS)
    assert told(world, "liaison", ticket_id, "rectify_due") == []
    tell_due(world.database, soon)
    tell_due(world.database, soon + HOUR)
    for who in ("liaison", "deputy", "leader"):
        (line,) = told(world, who, ticket_id, "rectify_due")
        assert line.endswith(f"将于 {clock.local_text(due, 'Asia/Shanghai')} 到期，请整改并答复")
    assert told(world, "neighbour", ticket_id, "rectify_due") == []

    tell_due(world.database, due)
    assert told(world, "supervisor", ticket_id, "rectify_overdue") == [], "the last instant is still in time"
    tell_due(world.database, due + MS)
    tell_due(world.database, due + HOUR)
    (line,) = told(world, "supervisor", ticket_id, "rectify_overdue")
    assert "树林召镇人民政府的抽查整改已逾期未答复" in line
    assert told(world, "liaison", ticket_id, "rectify_overdue") == []
    with world.database.read() as session:
        task = session.scalars(
            select(InspectionRectification).where(InspectionRectification.ticket_id == ticket_id)
        ).one()
        assert (task.soon_told_at, task.late_told_at) == (soon, due + MS), "what has been told is not looked at again"


def test_who_has_answered_is_left_alone_until_asked_again(world: World) -> None:
    ticket_id, case_id = inspected.at(world, "rectified")
    assert ticket_id is not None
    first = limit(world, ticket_id)
    tell_due(world.database, first + HOUR)
    assert (
        told(world, "liaison", ticket_id, "rectify_due")
        == told(world, "supervisor", ticket_id, "rectify_overdue")
        == []
    )
    review = {"case_id": case_id, "passed": False, "note": "照片仍看不清门牌，请补拍"}
    world.phone("second").do("inspection.review", ticket_id, **review)
    again = limit(world, ticket_id)
    tell_due(world.database, waking(again - AHEAD))
    tell_due(world.database, again + HOUR)
    assert len(told(world, "liaison", ticket_id, "rectify_due")) == 1
    assert len(told(world, "supervisor", ticket_id, "rectify_overdue")) == 1


def test_an_appeal_interrupts_the_limit(world: World) -> None:
    ticket_id, _ = inspected.at(world, "appealed")
    assert ticket_id is not None
    tell_due(world.database, limit(world, ticket_id) + HOUR)
    assert told(world, "liaison", ticket_id, "rectify_due") == []
    assert told(world, "supervisor", ticket_id, "rectify_overdue") == []
