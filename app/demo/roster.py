"""The demonstration's rosters: weeks planned, a colleague asked to take a turn, leave, days without anybody."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any, Final

from app.db import Database
from app.demo.player import Player
from app.demo.story import Cast
from app.ids import new_id
from app.people.permissions import LIAISON
from app.people.roster.rules import day_at, days_from

ZONE: Final = "Asia/Shanghai"
BEHIND, AHEAD = 14, 27
HOLE: Final = (9, 10)
"""Days from today that nobody planned: the station sees them as missing."""
ALONE: Final = (5, 6)
"""Days from today on which the only liaison of a small unit is away."""
_DAY: Final = timedelta(days=1)


def keep(database: Database, cast: Cast, now: datetime) -> None:
    """Let the unit with two liaisons plan its weeks, one ask the other for a day and take leave; another be left alone.

    A角 has this week, as without a roster, so that the stories' reminders reach whom they are about.
    """
    player, today = Player(database), day_at(now, ZONE)
    held: dict[str, list[str]] = defaultdict(list)
    for person in cast.town.people:
        for unit, role, _ in person.roles:
            if role == LIAISON:
                held[unit].append(person.key)
    unit = next(key for key, people in held.items() if len(people) == 2)
    first, second = held[unit]
    plan = {day: pair for day, pair in _weeks(today, first, second).items() if (day - today).days not in HOLE}
    ids = {first: cast.persons[first], second: cast.persons[second]}
    days = [{"day": day.isoformat(), "a": ids[a], "b": ids[b]} for day, (a, b) in plan.items()]
    args: dict[str, Any] = {"unit_id": cast.units[unit], "days": days, "replace": False}
    player.play(cast.persons["station"], "duty.plan", None, args, now - BEHIND * _DAY)

    theirs = next(day for day, (a, _) in plan.items() if day > today + _DAY and a == second)
    mine = next(day for day, (a, _) in plan.items() if day > theirs and a == first)
    args = {"swap_id": new_id(), "unit_id": cast.units[unit], "colleague": ids[first], "day": theirs.isoformat()}
    args |= {"return_day": mine.isoformat(), "note": "当天要到市里开会，换一天我来值。"}
    player.play(ids[second], "swap.ask", None, args, now - timedelta(hours=2))

    away = next(day for day, (a, _) in plan.items() if day > mine + _DAY and a == first)
    args = _leave(ids[first], away, away + _DAY, "年休假") | {"stand_in": ids[second]}
    player.play(ids[first], "leave.take", None, args, now - timedelta(hours=1))
    lone = next((people[0] for people in held.values() if len(people) == 1), None)
    if lone is not None:
        begins, ends = (today + n * _DAY for n in ALONE)
        args = _leave(cast.persons[lone], begins, ends, "外出培训") | {"uncovered_ok": True}
        player.play(cast.persons["station"], "leave.take", None, args, now - timedelta(hours=1))


def _weeks(today: date, first: str, second: str) -> dict[date, tuple[str, str]]:
    """Return day → A角 and B角: until this week's Sunday the first, then week by week the other and back."""
    sunday = today + (6 - today.weekday()) * _DAY
    found: dict[date, tuple[str, str]] = {}
    for day in days_from(today - BEHIND * _DAY, today + AHEAD * _DAY):
        week = max(0, (day - sunday).days + 6) // 7
        found[day] = (first, second) if week % 2 == 0 else (second, first)
    return found


def _leave(person_id: str, first: date, last: date, reason: str) -> dict[str, Any]:
    span = {"first": first.isoformat(), "last": last.isoformat()}
    return span | {"leave_id": new_id(), "person_id": person_id, "reason": reason}
