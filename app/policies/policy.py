"""What a jurisdiction's notice says, as values. Pure.

A `Policy` is one published version of one profile; every value that the notice fixes carries the clause it comes
from (`cite`), and every value that the notice leaves open is marked `assumed`, shown to people as 本地约定. The parts
stand by topic in `facts`, `timing`, `reminding`, `answering`, `asking` and `running`, and are all to be had from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.policies.answering import (
    ContactDuty,
    FaceToFace,
    Finish,
    Opinion,
    Photos,
    ProgressRules,
    RecordingDuty,
    ReplyPart,
    ReplyRules,
    VisitDuty,
    VisitException,
    VisitMode,
    VisitRules,
)
from app.policies.asking import Materials, Reason, RequestRule, Stage, Variant
from app.policies.facts import Cited, Length, Option, Phrases, ReplyField
from app.policies.reminding import Daily, Ladder, Quiet, ReachCheck, ReminderRule, Rung
from app.policies.running import (
    AcceptRules,
    CallbackRules,
    CentreRules,
    CommitmentRules,
    DirectWay,
    DispatchRules,
    Escalation,
    Ground,
    PeopleRules,
    PlanRules,
    ReviewRules,
    Running,
)
from app.policies.timing import Before, ClockRule, Span, SpanWhen, WorkingDay

__all__ = [
    "AcceptRules", "Basis", "Before", "CallbackRules", "CentreRules", "Cited", "ClockRule", "CommitmentRules",
    "ContactDuty", "Daily", "DirectWay", "DispatchRules", "Escalation", "FaceToFace", "Finish", "Ground", "Ladder",
    "LateSync", "Length", "Materials", "Opinion", "Option", "PeopleRules", "Photos", "Phrases", "PlanRules", "Policy",
    "Priority", "ProgressRules", "Quiet", "ReachCheck", "Reason", "RecordingDuty", "ReminderRule", "ReplyField",
    "ReplyPart", "ReplyRules", "RequestRule", "ReviewRules", "Rung", "Running", "SignOffStep", "Span", "SpanWhen",
    "Stage", "Station", "Variant", "VisitDuty", "VisitException", "VisitMode", "VisitRules", "WorkingDay",
]  # fmt: skip

BOUNDED_CLAIM: Final = "bounded-claim"
"""`LateSync.rule`: the phone's capture time counts, as far as `sync.timing` could bound it."""
STATION: Final = "station"
"""Role that ends every sign-off chain: it works for the jurisdiction, not in the handling unit."""


@dataclass(frozen=True, slots=True)
class Basis:
    """The notice itself: full title, who issued it, the day in ISO form."""

    title: str
    issued_by: str
    issued_on: str


@dataclass(frozen=True, slots=True)
class Station(Cited):
    """Whom a liaison calls when a ticket is in doubt (D2.1); `phone` None where the notice gives no number."""

    name: str
    phone: str | None


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
class SignOffStep(Cited):
    """One signature on a reply, in order, by one of `roles`; the station's acceptance is the last."""

    role: str
    label: str
    others: tuple[str, ...] = ()

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles that may give this signature, the usual one first (H2.2b 分管领导或主要领导)."""
        return (self.role, *self.others)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy(Running):
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
    ladders: tuple[Ladder, ...] = ()
    quiet: Quiet | None = None
    daily: Daily | None = None
    reach_check: ReachCheck | None = None

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
        return tuple(key for key, rule in self.clocks.items() if moment in rule.met_when)

    def unit_signers(self) -> tuple[str, ...]:
        """Return the roles inside the unit that sign a reply, in order, before it reaches the station."""
        return tuple(step.role for step in self.sign_off if step.role != STATION)
