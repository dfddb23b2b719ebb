"""Who answers for a unit at an instant, from its liaisons, the turns of its roster and who is on leave. Pure.

The ladder of reminders, the directory and the calendar all ask here, so that no two of them can disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

A: Final = "A"
B: Final = "B"
PLANNED: Final = "planned"
"""How it was found: the roster names somebody who is there."""
STAND_IN: Final = "stand_in"
"""Whoever would have been first is on leave; the stand-in, B角 or whoever is left is first (顶班)."""
BY_ROLE: Final = "role"
"""The roster says nothing: A角 is first, as without a roster."""
NOBODY: Final = "nobody"
"""Every liaison is on leave, or there is none: the ladder goes on to the leader and the station."""
_WORST: Final = (PLANNED, STAND_IN, BY_ROLE, NOBODY)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Member:
    """A liaison of the unit; A角 stand before B角 in every list of them."""

    person_id: str
    rank: str | None


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn of duty, from `starts_at` until before `ends_at`."""

    person_id: str
    rank: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Away:
    """A leave: from `starts_at` until before `ends_at` the person is not to be reminded first."""

    person_id: str
    stand_in: str | None
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Staff:
    """What is known of a unit for some time: liaisons, turns and leave."""

    members: Sequence[Member] = ()
    turns: Sequence[Turn] = ()
    away: Sequence[Away] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """Who is told first, who next, how that was found; `a` and `b` are who stands in the roster's two places."""

    first: tuple[str, ...]
    others: tuple[str, ...]
    how: str
    a: str | None = None
    b: str | None = None


@dataclass(frozen=True, slots=True)
class DayFound:
    """A day of the calendar: who is first in the course of it, who second, how at the worst; `part`: not all day."""

    day: date
    first: tuple[str, ...]
    second: tuple[str, ...]
    how: str
    part: bool = False
    planned: tuple[tuple[str, str], ...] = ()
    away: tuple[str, ...] = field(default=())


def span_of(day: date, zone: str) -> tuple[datetime, datetime]:
    """Return the first instant of the day in that zone and that of the next day, UTC."""
    local = ZoneInfo(zone)
    start, end = (datetime.combine(each, time(), local).astimezone(UTC) for each in (day, day + _DAY))
    return start, end


def day_at(at: datetime, zone: str) -> date:
    """Return the day it is in that zone."""
    return at.astimezone(ZoneInfo(zone)).date()


def said(start: datetime, end: datetime, zone: str) -> str:
    """Return a span as people say it: `12 月 11 日`, `12 月 30 日至 1 月 2 日`; with hours where it ends within a day.

    One that begins within a day, because it was said only then, is named by that day.
    """
    begins, ends = start.astimezone(ZoneInfo(zone)), end.astimezone(ZoneInfo(zone))
    if ends.time() != time():
        return f"{begins:%m-%d %H:%M} 至 {ends:%m-%d %H:%M}"
    first, last = begins.date(), ends.date() - _DAY
    if first >= last:
        return day_said(first)
    return f"{day_said(first)}至 {day_said(last) if last.month != first.month else f'{last.day} 日'}"


def day_said(day: date) -> str:
    """Return a day as people say it: `12 月 11 日`."""
    return f"{day.month} 月 {day.day} 日"


def days_from(first: date, last: date) -> list[date]:
    """Return the days from `first` to `last`, both among them."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def answer(staff: Staff, at: datetime) -> Answer:
    """Return who answers for the unit at `at` (D6.1, H3.2, U5.1).

    On duty first: A角 of the roster; where the roster has a B角 alone, that one; where it says nothing, A角 by role;
    where nobody has a rank, everybody. Who is on leave is replaced by the stand-in that was named, else by who is next.
    Who has a turn but is no liaison of the unit any more is passed over.
    """
    here = [member.person_id for member in staff.members]
    gone = {leave.person_id: leave.stand_in for leave in staff.away if leave.starts_at <= at < leave.ends_at}
    held = [t for t in staff.turns if t.starts_at <= at < t.ends_at and t.person_id in here]
    held.sort(key=lambda turn: (turn.rank, turn.starts_at))
    places = {rank: _covered((t.person_id for t in held if t.rank == rank), gone, here) for rank in (A, B)}
    ranked = [member.person_id for member in staff.members if member.rank == A] or here
    wanted = [turn.person_id for turn in held if turn.rank == held[0].rank] if held else ranked
    left = [person for person in here if person not in gone]
    first = places[A] or places[B] or _covered(ranked, gone, here) or left
    if not first:
        return Answer((), tuple(here), NOBODY)
    how = STAND_IN if first != list(dict.fromkeys(wanted)) else PLANNED if held else BY_ROLE
    second = [person for person in (*places[B], *left) if person not in first]
    backup = next((person for person in places[B] if person not in first), None)
    return Answer(tuple(first), tuple(dict.fromkeys(second)), how, next(iter(places[A]), None), backup)


def _covered(people: Iterable[str], gone: Mapping[str, str | None], here: Sequence[str]) -> list[str]:
    """Return who is there of them, or in their place; each once."""
    found = (_there(person, gone) for person in people)
    return list(dict.fromkeys(person for person in found if person is not None and person in here))


def _there(person: str | None, gone: Mapping[str, str | None]) -> str | None:
    """Follow who stands in for whom until somebody is there; None where that leads nowhere or round in a circle."""
    seen: set[str] = set()
    while person is not None and person in gone:
        if person in seen:
            return None
        seen.add(person)
        person = gone[person]
    return person


def edges(staff: Staff, start: datetime, end: datetime) -> list[datetime]:
    """Return the instants within the span at which something begins or ends, `start` first."""
    spans = [(turn.starts_at, turn.ends_at) for turn in staff.turns]
    spans += [(leave.starts_at, leave.ends_at) for leave in staff.away]
    return sorted({start, *(instant for span in spans for instant in span if start < instant < end)})


def stretches(staff: Staff, start: datetime, end: datetime) -> list[tuple[datetime, datetime, Answer]]:
    """Return who answers from when until when, from `start` to `end` without a hole."""
    found: list[tuple[datetime, datetime, Answer]] = []
    points = edges(staff, start, end)
    for begins, ends in zip(points, [*points[1:], end], strict=True):
        now = answer(staff, begins)
        if found and found[-1][2] == now:
            found[-1] = (found[-1][0], ends, now)
        else:
            found.append((begins, ends, now))
    return found


def day_of(staff: Staff, day: date, zone: str, now: datetime) -> DayFound:
    """Return a day as the calendar shows it: today from `now` on, days that are over as they were."""
    start, end = span_of(day, zone)
    if start < now < end:
        start = now
    parts = [found for _, _, found in stretches(staff, start, end)]
    first = tuple(dict.fromkeys(person for part in parts for person in part.first))
    second = tuple(dict.fromkeys(person for part in parts for person in part.others[:1] if person not in first))
    planned = [(t.rank, t.person_id) for t in staff.turns if t.starts_at < end and t.ends_at > start]
    away = [leave.person_id for leave in staff.away if leave.starts_at < end and leave.ends_at > start]
    worst = max((part.how for part in parts), key=_WORST.index)
    several = len({part.first for part in parts}) > 1
    return DayFound(
        day, first, second, worst, several, tuple(sorted(dict.fromkeys(planned))), tuple(dict.fromkeys(away))
    )


def bare(staff: Staff, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """Return the stretches of the span in which no liaison is left."""
    return [(begins, ends) for begins, ends, found in stretches(staff, start, end) if found.how == NOBODY]


def segments(turns: Sequence[Turn], start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, list[Turn]]]:
    """Yield the span in pieces in which the same turns run, with those turns."""
    points = edges(Staff(turns=turns), start, end)
    for begins, ends in zip(points, [*points[1:], end], strict=True):
        yield begins, ends, [turn for turn in turns if turn.starts_at <= begins < turn.ends_at]
