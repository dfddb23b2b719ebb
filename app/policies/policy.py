"""What a jurisdiction's notice says, as values. Pure.

A `Policy` is one published version of one profile; every value that the notice fixes carries the clause it comes
from (`cite`), and every value that the notice leaves open is marked `assumed`, shown to people as 本地约定.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Final

BOUNDED_CLAIM: Final = "bounded-claim"
"""`LateSync.rule`: the phone's capture time counts, as far as `sync.timing` could bound it."""
STATION: Final = "station"
"""Role that ends every sign-off chain: it works for the jurisdiction, not in the handling unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """A fact with its clause, e.g. `二(一)`; `assumed` where the notice is silent and a local convention fills in."""

    cite: str
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Basis:
    """The notice itself: full title, who issued it, the day in ISO form."""

    title: str
    issued_by: str
    issued_on: str


@dataclass(frozen=True, slots=True)
class Station(Cited):
    """Whom a liaison calls when a ticket is in doubt (D2.1)."""

    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class LateSync(Cited):
    """Which instant of a command made offline counts for deadlines: `received` or `bounded-claim`."""

    rule: str


@dataclass(frozen=True, slots=True)
class Priority(Cited):
    """One priority of a ticket; the first of the list comes first in every list of tickets (D2.2)."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class WorkingDay(Cited):
    """When the working day ends, local wall time: a limit counted in working days falls due then."""

    closes: time


@dataclass(frozen=True, slots=True)
class Span(Cited):
    """A length of time: elapsed `hours`, or `working_days`, or `calendar_days` counted from the day after."""

    hours: int | None = None
    working_days: int | None = None
    calendar_days: int | None = None


@dataclass(frozen=True, slots=True)
class Before(Cited):
    """An instant that many elapsed hours before another clock falls due."""

    clock: str
    hours: int


@dataclass(frozen=True, slots=True)
class ClockRule(Cited):
    """How one clock of a ticket is computed.

    `kind` deadline: its miss is recorded; guard: afterwards a command is refused; target: an internal aim.
    Exactly one of: `span` alone; `given` (a field of the ticket that carries the instant) with `span` as the
    fallback; `before`. `met_when` names the moment that meets it (see `app.policies.parse.MOMENTS`), None for a guard.
    """

    key: str
    label: str
    kind: str
    starts: str
    span: Span | None = None
    given: str | None = None
    before: Before | None = None
    met_when: str | None = None


@dataclass(frozen=True, slots=True)
class Length(Cited):
    """Least and most characters of a text; the least counts what is left without punctuation and blanks."""

    min: int
    max: int


@dataclass(frozen=True, slots=True)
class Phrases(Cited):
    """Wording that says nothing: a text made only of `phrases` and `fillers` is refused."""

    phrases: tuple[str, ...]
    fillers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReplyPart(Cited):
    """One part of a reply."""

    key: str
    label: str
    hint: str
    required: bool
    length: Length


@dataclass(frozen=True, slots=True)
class Option(Cited):
    """One choice of a list."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Opinion(Cited):
    """Whether the caller is satisfied: asked as a choice, not as text."""

    label: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Photos(Cited):
    """How many photos from before and after the handling; `severity` block or warn."""

    before: int
    after: int
    severity: str


@dataclass(frozen=True, slots=True)
class VisitDuty(Cited):
    """Whether a reply needs a visit (or a recorded exception); `severity` block or warn."""

    required: bool
    severity: str


@dataclass(frozen=True, slots=True)
class ReplyRules(Cited):
    """What a reply must contain before it may be submitted."""

    parts: tuple[ReplyPart, ...]
    opinion: Opinion
    empty: Phrases
    photos: Photos
    visit: VisitDuty
    snippets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VisitMode(Cited):
    """One way of the 三上门: what for."""

    key: str
    label: str
    hint: str


@dataclass(frozen=True, slots=True)
class VisitException(Cited):
    """A ground for not visiting; `attempts` recorded attempts to reach the caller must come first, if set."""

    key: str
    label: str
    attempts: int | None


@dataclass(frozen=True, slots=True)
class VisitRules(Cited):
    """The modes of a visit and the grounds for going without one."""

    modes: tuple[VisitMode, ...]
    exceptions: tuple[VisitException, ...]

    def exception(self, key: str) -> VisitException | None:
        """Return the ground of that key, if the profile knows it."""
        return next((e for e in self.exceptions if e.key == key), None)


@dataclass(frozen=True, slots=True)
class ProgressRules(Cited):
    """What a progress report needs; `caller_told` when the caller must have been told as well (D4.2)."""

    length: Length
    empty: Phrases
    caller_told: bool


@dataclass(frozen=True, slots=True)
class Reason(Cited):
    """The written reason of a request: least characters, label and hint."""

    min: int
    label: str
    hint: str


@dataclass(frozen=True, slots=True)
class RequestRule(Cited):
    """One kind of request of a unit.

    `clock` is the guard clock: asked after it the request is refused. `extends` is the deadline clock that an
    approval moves; when it is overdue the request is refused whatever the guard says. `stages` decide in order.
    """

    kind: str
    label: str
    clock: str
    states: tuple[str, ...]
    reason: Reason
    stages: tuple[Option, ...]
    extends: str | None = None
    proposed_unit: bool = False


@dataclass(frozen=True, slots=True)
class SignOffStep(Cited):
    """One signature on a reply, in order; the station's acceptance is the last."""

    role: str
    label: str


@dataclass(frozen=True, slots=True)
class ReminderRule(Cited):
    """One reminder: either `offset` from the `anchor` (start, due) of `clock`, or at once when `event` is recorded.

    It is due only while the clock is neither met nor stopped. `to` are roles of the ticket's unit, or the station.
    `title` is a Chinese sentence with `{number}`, `{title}` and `{due}`; no personal data of the caller.
    """

    kind: str
    to: tuple[str, ...]
    title: str
    clock: str | None = None
    anchor: str | None = None
    offset: timedelta = timedelta(0)
    event: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """One published version of one profile; `id` is `<profile>@<version>`."""

    profile: str
    version: int
    name: str
    zone: str
    basis: Basis
    station: Station
    late_sync: LateSync
    priorities: tuple[Priority, ...]
    working_day: WorkingDay
    clocks: Mapping[str, ClockRule]
    reply: ReplyRules
    visit: VisitRules
    progress: ProgressRules
    requests: Mapping[str, RequestRule]
    sign_off: tuple[SignOffStep, ...]
    reminders: tuple[ReminderRule, ...]

    @property
    def id(self) -> str:
        """Identity of this version."""
        return f"{self.profile}@{self.version}"

    def urgency(self, priority: str) -> int:
        """Return the rank of a priority, 0 first (D2.2); an unknown one ranks last."""
        keys = [p.key for p in self.priorities]
        return keys.index(priority) if priority in keys else len(keys)

    def clocks_met(self, moment: str) -> tuple[str, ...]:
        """Return the keys of the clocks that `moment` meets, e.g. `signed` or `at_station`."""
        return tuple(key for key, rule in self.clocks.items() if rule.met_when == moment)

    def unit_signers(self) -> tuple[str, ...]:
        """Return the roles inside the unit that sign a reply, in order, before it reaches the station."""
        return tuple(step.role for step in self.sign_off if step.role != STATION)
