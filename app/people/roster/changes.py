"""What becomes of the turns of a roster when it changes: laid over, handed on, planned for weeks ahead. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from app.people.roster.rules import A, B, Turn, segments
from app.policies.calendar import WorkCalendar

DAY: Final = "day"
WEEK: Final = "week"
"""How often the rotation goes on to the next: every day, or every Monday."""
NEXT: Final = "next"
NONE: Final = "none"
"""B角 of a planned day: whoever is next in the order, or nobody; else a person's id."""


@dataclass(frozen=True, slots=True)
class DayPlan:
    """Who is to be A角 and B角 of a day; `rests`: a day off, `skipped` are those passed over because of leave."""

    day: date
    a: str | None
    b: str | None
    rests: bool = False
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pattern:
    """How days are dealt out: the order of people, how often it goes on, who is B角, and whether rest days are apart.

    `apart`: days off are dealt one by one in an order of their own, so that nobody has all of the weekends.
    """

    people: tuple[str, ...]
    every: str = WEEK
    backup: str = NEXT
    apart: bool = False


def without(turns: Sequence[Turn], start: datetime, end: datetime, ranks: Sequence[str] = (A, B)) -> list[Turn]:
    """Return the turns with nothing of those ranks left between `start` and `end`."""
    found: list[Turn] = []
    for turn in turns:
        if turn.rank not in ranks or turn.ends_at <= start or turn.starts_at >= end:
            found.append(turn)
            continue
        if turn.starts_at < start:
            found.append(replace(turn, ends_at=start))
        if turn.ends_at > end:
            found.append(replace(turn, starts_at=end))
    return found


def laid(turns: Sequence[Turn], new: Turn) -> list[Turn]:
    """Return the turns with the new one in the place of whatever stood there in its rank."""
    return [*without(turns, new.starts_at, new.ends_at, (new.rank,)), new]


def handed(turns: Sequence[Turn], giver: str, taker: str, start: datetime, end: datetime) -> list[Turn] | None:
    """Return the turns after `taker` took what `giver` had between `start` and `end`; None when that was nothing.

    Where the taker holds the other rank of the same hours the two change places: nobody is A角 and B角 at once.
    """
    found, had = without(turns, start, end), False
    for begins, ends, running in segments(turns, start, end):
        mine = any(turn.person_id == giver for turn in running)
        had = had or mine
        for turn in running:
            person = _exchanged(turn.person_id, giver, taker) if mine else turn.person_id
            found.append(replace(turn, person_id=person, starts_at=begins, ends_at=ends))
    return joined(found) if had else None


def _exchanged(person: str, giver: str, taker: str) -> str:
    return taker if person == giver else giver if person == taker else person


def joined(turns: Sequence[Turn]) -> list[Turn]:
    """Return the turns with those of one person that follow each other without a gap made one."""
    found: list[Turn] = []
    for turn in sorted(turns, key=lambda t: (t.rank, t.starts_at)):
        last = found[-1] if found else None
        if last and (last.rank, last.person_id, last.ends_at) == (turn.rank, turn.person_id, turn.starts_at):
            found[-1] = replace(last, ends_at=turn.ends_at)
        else:
            found.append(turn)
    return found


def doubled(turns: Sequence[Turn], start: datetime, end: datetime) -> str | None:
    """Return somebody who would hold two turns at once within the span, or None."""
    for _, _, running in segments(turns, start, end):
        people = [turn.person_id for turn in running]
        twice = next((person for person in people if people.count(person) > 1), None)
        if twice is not None:
            return twice
    return None


def rotation(
    pattern: Pattern, days: Sequence[date], calendar: WorkCalendar, away: Mapping[date, frozenset[str]]
) -> list[DayPlan]:
    """Return the plan of consecutive days. Who is on leave on a day is passed over, without losing the place in turn.

    By weeks the order goes on each Monday, by days each day; with `apart` each day off takes the next of an order that
    begins with the last person, so that whoever opens the week does not open the weekends, too.
    """
    found: list[DayPlan] = []
    turn, resting, last = 0, 0, None
    for day in days:
        rests = not calendar.is_working(day)
        order = pattern.people
        if rests and pattern.apart:
            order, at, resting = tuple(reversed(pattern.people)), resting, resting + 1
        else:
            if last is not None and (pattern.every == DAY or day.isocalendar()[:2] != last.isocalendar()[:2]):
                turn += 1
            at, last = turn, day
        found.append(_dealt(day, rests, order, at, pattern.backup, away.get(day, frozenset())))
    return found


def _dealt(day: date, rests: bool, order: Sequence[str], at: int, backup: str, away: frozenset[str]) -> DayPlan:
    ring = [order[(at + step) % len(order)] for step in range(len(order))]
    there = [person for person in ring if person not in away]
    if not there:
        return DayPlan(day, None, None, rests, tuple(ring))
    skipped = tuple(ring[: ring.index(there[0])])
    rest = [person for person in there[1:] if person != there[0]]
    if backup == NEXT:
        second = rest[0] if rest else None
    else:
        second = backup if backup not in (NONE, there[0]) and backup not in away else None
    return DayPlan(day, there[0], second, rests, skipped)
