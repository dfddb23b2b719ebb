"""Lengths of time and clocks as a profile writes them. Pure; `app.policies.deadlines` computes with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from app.policies.facts import Cited


@dataclass(frozen=True, slots=True)
class WorkingDay(Cited):
    """When the working day ends, local wall time: a limit counted in working days falls due then."""

    closes: time


@dataclass(frozen=True, slots=True)
class Span(Cited):
    """A length of time: elapsed `hours`, or `working_days`, or `calendar_days` counted from the day after.

    With `includes_start` the day of receipt is day 1 (K2.5); one that is no working day leaves day 1 to the next.
    Hours are over `pace` times as fast: 1 everywhere but on tickets of `policies.pace`.
    """

    hours: int | None = None
    working_days: int | None = None
    calendar_days: int | None = None
    includes_start: bool = False
    pace: int = 1


@dataclass(frozen=True, slots=True)
class SpanWhen:
    """A span for tickets of these kinds, sources and priorities; an empty list of one means any (K2.5, X3.3)."""

    kinds: tuple[str, ...]
    sources: tuple[str, ...]
    priorities: tuple[str, ...]
    span: Span

    def fits(self, kind: str, source: str, priority: str) -> bool:
        """Return whether a ticket of that kind, source and priority has this span."""
        asked = ((self.kinds, kind), (self.sources, source), (self.priorities, priority))
        return all(not wanted or value in wanted for wanted, value in asked)


@dataclass(frozen=True, slots=True)
class Before(Cited):
    """An instant that many elapsed `hours`, or whole `working_days`, before another clock falls due"""

    clock: str
    hours: int | None = None
    working_days: int | None = None
    calendar_days: int | None = None
    pace: int = 1
    """As a span's."""


@dataclass(frozen=True, slots=True)
class Only:
    """The clock runs only on tickets whose `clock` has (or, not `special`, has not) a limit of its own.

    A limit of its own came with the ticket or is one of the clock's `spans` (X2.5 特殊回复时限).
    """

    clock: str
    special: bool


@dataclass(frozen=True, slots=True)
class ClockRule(Cited):
    """How one clock of a ticket is computed.

    `kind` deadline: its miss is recorded; guard: afterwards a command is refused; target: an internal aim; mark: a
    point in time that only reminders look at. `starts` is the event that starts it: intake, dispatch, sign, reopen.
    Exactly one of: `span` alone (with `spans`, whose first fit wins over it); `given` (a field of the ticket that
    carries the instant) with `span` as the fallback; `before`. `met_when` names the moments that meet it (see
    `app.policies.parse.MOMENTS`), none for a guard. `suspends`: it stands still while the ticket is suspended (挂单).
    `only` says which tickets have it at all.
    """

    key: str
    label: str
    kind: str
    starts: str
    span: Span | None = None
    given: str | None = None
    before: Before | None = None
    met_when: tuple[str, ...] = ()
    spans: tuple[SpanWhen, ...] = ()
    suspends: bool = False
    only: Only | None = None

    def span_for(self, kind: str, source: str, priority: str) -> Span | None:
        """Return the span of a ticket of that kind, source and priority."""
        return next((s.span for s in self.spans if s.fits(kind, source, priority)), self.span)
