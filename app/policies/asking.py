"""The requests of a unit as a profile writes them: who asks, on which grounds, who decides, what follows. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from app.policies.facts import Cited, Option, ReplyField
from app.policies.timing import Span


@dataclass(frozen=True, slots=True)
class Reason(Cited):
    """The written reason of a request: least characters, label and hint."""

    min: int
    label: str
    hint: str


@dataclass(frozen=True, slots=True)
class Stage(Option):
    """One stage that a request passes.

    `act` decide: one of `roles` (in `relation` to the unit: here, around, above) agrees or refuses; record: an office
    outside decides and one of `roles` records its answer; answer: one of `roles` answers in words (督办单 by the unit,
    提级核查 by supervisors), and a refusal by the next stage sends it back to be answered anew; vote: a panel is named
    and votes. `within` is how long the stage may take.
    """

    roles: tuple[str, ...] = ()
    act: str = "decide"
    within: Span | None = None
    relation: str = "around"


@dataclass(frozen=True, slots=True)
class Materials(Cited):
    """At least `min` pieces of evidence go with the request, one at least of each phase in `phases` (U4.7)."""

    min: int
    label: str
    hint: str
    phases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Variant(Cited):
    """Another form of the request that has a guard clock of its own, e.g. 现场定责 (X3.2)."""

    key: str
    label: str
    clock: str


@dataclass(frozen=True, slots=True)
class RequestRule(Cited):
    """One kind of request of a unit.

    `clock` is the guard clock: asked after it the request is refused. `extends` is the deadline clock that an
    approval moves; when it is overdue the request is refused whatever the guard says. `stages` decide in order.

    `grounds`: at least one must be ticked. `fields`: what the `form` asks besides the reason. `most`: how often on
    one ticket. `no_longer_than_original`: each extension is at most the original limit (K2.5). `least_days`: the new
    date is at least that many days away. `verified`: a contact or visit of this unit since dispatch is on record
    (X2.1). `visited`: a visit of that mode is (U4.7). `told`: the caller has been told. `pauses`: clocks that stand
    still while it is undecided. `effect` of an approval: give_back, extend, suspend, terminate, file, exempt,
    noncompliant, none. `pre_close`: it may be asked once the reply is with the station. `proposed_needed`: the unit
    that should have the ticket must be named (K1.3, X3.2). `panel_of`: so many evaluators at least are named (K3.11).
    """

    kind: str
    label: str
    clock: str | None
    states: tuple[str, ...]
    reason: Reason
    stages: tuple[Stage, ...]
    extends: str | None = None
    proposed_unit: bool = False
    asked_by: tuple[str, ...] = ("liaison",)
    grounds: tuple[Option, ...] = ()
    fields: tuple[ReplyField, ...] = ()
    form: str | None = None
    materials: Materials | None = None
    most: int | None = None
    no_longer_than_original: bool = False
    least_days: int | None = None
    verified: bool = False
    visited: str | None = None
    told: bool = False
    variant: Variant | None = None
    effect: str = "none"
    pauses: tuple[str, ...] = ()
    pre_close: bool = False
    proposed_needed: bool = False
    panel_of: int | None = None

    @property
    def needs_until(self) -> bool:
        """Whether it cannot do without a date: a suspension ends, an order is answered, a demand is met by it."""
        return self.effect == "suspend" or self.panel_of is not None or any(s.act == "answer" for s in self.stages)

    def stage(self, key: str) -> Stage | None:
        """Return the stage of that key, if the request passes it."""
        return next((s for s in self.stages if s.key == key), None)
