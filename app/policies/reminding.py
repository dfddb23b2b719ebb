"""Reminders as a profile writes them: steps, how they climb when nobody answers, hours of quiet, trials. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta

from app.policies.facts import Cited


@dataclass(frozen=True, slots=True)
class ReminderRule(Cited):
    """One reminder: either `offset` from the `anchor` (start, due) of `clock`, or at once when `event` is recorded.

    It is due only while the clock is neither met nor stopped. `to` are roles of the ticket's unit, or the station.
    `title` is a Chinese sentence with `{number}`, `{title}` and `{due}`; no personal data of the caller. It comes again
    every `repeat`, `times` times, as long as it is still true. Unacknowledged it climbs the `ladder` of that name.
    `round_the_clock`: quiet hours do not hold it back.
    """

    kind: str
    to: tuple[str, ...]
    title: str
    clock: str | None = None
    anchor: str | None = None
    offset: timedelta = timedelta(0)
    event: str | None = None
    repeat: timedelta | None = None
    times: int = 0
    ladder: str | None = None
    round_the_clock: bool = False


@dataclass(frozen=True, slots=True)
class Rung:
    """Who is told next when nobody told so far has acknowledged for `after`."""

    to: tuple[str, ...]
    after: timedelta


@dataclass(frozen=True, slots=True)
class Ladder(Cited):
    """How an unacknowledged reminder climbs: A角 → B角 → leader → station, each after its time (A4).

    `title` is what the next one reads, with the same places as a reminder's. `round_the_clock` as for reminders.
    """

    key: str
    title: str
    rungs: tuple[Rung, ...]
    round_the_clock: bool = False


@dataclass(frozen=True, slots=True)
class Quiet(Cited):
    """Hours of the jurisdiction's day in which only what alerts day and night is sent; they may run past midnight."""

    since: time
    until: time


@dataclass(frozen=True, slots=True)
class Daily(Cited):
    """日提醒 (U2.1): at `at` of each day everybody is told what of theirs is open, due today and late."""

    at: time


@dataclass(frozen=True, slots=True)
class ReachCheck(Cited):
    """Weekly trial whether a person can be reached: on `weekday` (1 Monday … 7) at `at`, answered within `answer`."""

    weekday: int
    at: time
    answer: timedelta
