"""What a profile asks of the centre and of people: dispatch, review, call-back, escalation, staff. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from app.policies.believing import FINDINGS, FindingRules
from app.policies.facts import Cited, Length, Option
from app.policies.inspecting import CONVENTION, InspectionRules

UNIT_NEEDS: Final = MappingProxyType({
    "leader": "{leader}", "office": "工作股室", "liaison": "{liaison}", "liaison_b": "{liaison} B 角",
    "phone": "24 小时畅通的电话或值班",
})  # fmt: skip
"""What a notice may ask every handling unit to name, in the words of its own roles."""
BASIC_NEEDS: Final = ("leader", "liaison")
ROLES: Final = ("liaison", "reviewer", "leader", "chief", "station", "supervisor", "admin")


@dataclass(frozen=True, slots=True)
class CentreRules(Cited):
    """`signs`: the centre signs before it may dispatch (K1.1, U3.1).

    `contacts_first`: it has tried to reach the caller before it may dispatch (X3.1).
    """

    signs: bool = False
    contacts_first: bool = False


@dataclass(frozen=True, slots=True)
class AcceptRules(Cited):
    """`contact_first`: the unit has tried to reach the caller before it signs (X3.1); anonymous callers exempt."""

    contact_first: bool = False


@dataclass(frozen=True, slots=True)
class Ground(Option):
    """One ground of dispatch (K1.2).

    `needs_leader`: the leader who instructed it is named. `joint`: units that help the lead are named (主办、协办).
    """

    needs_leader: bool = False
    joint: bool = False


@dataclass(frozen=True, slots=True)
class DispatchRules(Cited):
    """Grounds of dispatch, empty for free text; more than `repeat_limit` assignments go to the leader (X3.6)."""

    grounds: tuple[Ground, ...] = ()
    repeat_limit: int | None = None

    def ground(self, key: str) -> Ground | None:
        """Return the ground of that key, if the profile knows it."""
        return next((g for g in self.grounds if g.key == key), None)


@dataclass(frozen=True, slots=True)
class DirectWay(Option):
    """A way in which the station answers without a unit (U3.1, X3.8); `needs` of text, told, template."""

    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReviewRules(Cited):
    """What the station checks on a reply, and whether the caller is called back before it closes (X3.5)."""

    checklist: tuple[Option, ...] = ()
    callback_before_close: bool = False


@dataclass(frozen=True, slots=True)
class CallbackRules(Cited):
    """Answers and reasons of a call-back (H2.2e); `reopen`: a dissatisfied caller's ticket may go back to the unit."""

    satisfaction: tuple[Option, ...] = ()
    reasons: tuple[Option, ...] = ()
    reopen: bool = False


@dataclass(frozen=True, slots=True)
class CommitmentRules(Cited):
    """A promise to the caller with a date (H2.1d): what it says, how far away, when its keeper is reminded.

    `longest_days` is the furthest date, None for any; `remind_days` before it people are reminded.
    """

    length: Length
    longest_days: int | None
    remind_days: int
    caller_told: bool


@dataclass(frozen=True, slots=True)
class PlanRules(Cited):
    """The plan of a complex case: how it will be solved, and by when each step (K2.7, U5.2)."""

    length: Length


@dataclass(frozen=True, slots=True)
class Escalation(Option):
    """When a ticket goes up by itself (K3.10, X3.6, X2.8, U2.3), and `to` which role.

    `when` redo, assignments, same_caller (of the same caller within `days`), group (same category and area within
    `days`): at least `count` times. ground, category: the dispatch ground, or the category or kind, is one of
    `values`. What has no conclusion after `handle_days` is lifted to the next above (U2.3).
    """

    when: str
    count: int
    days: int | None
    to: str
    values: tuple[str, ...] = ()
    handle_days: int | None = None


@dataclass(frozen=True, slots=True)
class PeopleRules(Cited):
    """Names of the levels of units from the top (H3.2), and how many trainings a liaison has each year (X2.7).

    `needs` is what every handling unit has to name, of `UNIT_NEEDS`: a notice that asks for nobody but a contact person
    makes no gap of a missing section.
    """

    levels: tuple[str, ...] = ()
    training_per_year: int | None = None
    needs: tuple[str, ...] = BASIC_NEEDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """All of the above; every default is a profile that says nothing of it."""

    roles: Mapping[str, str]
    kinds: tuple[Option, ...] = ()
    sources: tuple[Option, ...] = ()
    centre: CentreRules = CentreRules(cite="")
    accept: AcceptRules = AcceptRules(cite="")
    dispatch: DispatchRules = DispatchRules(cite="")
    direct: tuple[DirectWay, ...] = ()
    review: ReviewRules = ReviewRules(cite="")
    callback: CallbackRules = CallbackRules(cite="")
    commitments: CommitmentRules | None = None
    plan: PlanRules | None = None
    failings: tuple[Option, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    rates: tuple[Option, ...] = ()
    people: PeopleRules = PeopleRules(cite="")
    findings: FindingRules = FINDINGS
    inspections: InspectionRules = CONVENTION
