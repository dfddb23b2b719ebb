"""What the detectors know of a ticket's evidence, and what they find. Pure values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

HIGH: Final = "high"
MEDIUM: Final = "medium"
LOW: Final = "low"
SEVERITIES: Final = (HIGH, MEDIUM, LOW)
SEVERITY_LABELS: Final = {HIGH: "高度可疑", MEDIUM: "可疑", LOW: "提示"}

SAME_CALLER: Final = "same_caller"
SAME_AREA: Final = "same_area"
ELSEWHERE: Final = "elsewhere"
"""How near another ticket's matter is: of the same caller, in the same area, or neither."""


FILE: Final = "file"
COPY: Final = "copy"
ALIKE: Final = "alike"
SOUND: Final = "sound"


@dataclass(frozen=True, slots=True)
class Fix:
    """Where a phone said it stood, in WGS-84 degrees; `at` when the fix was taken."""

    lat: float
    lon: float
    accuracy_m: float | None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of evidence. `taken_at` and what follows are what the file itself says; `fix` is what the phone
    declared. Lengths in seconds; `silent` and `repeated` are shares of a recording from 0 to 1."""

    id: str
    kind: str
    phase: str
    source: str
    sha256: str
    person_id: str
    unit_id: str | None
    captured_at: datetime
    declared_at: datetime
    received_at: datetime | None = None
    held_at: datetime | None = None
    """When the server had issued the last thing the phone knew at capture; no capture is older than that."""
    fix: Fix | None = None
    unreadable: str | None = None
    """Why the file cannot be shown, in a sentence."""
    mislabelled: bool = False
    taken_at: datetime | None = None
    gps: Fix | None = None
    device_id: str | None = None
    model: str | None = None
    software: tuple[str, ...] = ()
    declared_s: float | None = None
    measured_s: float | None = None
    silent: float | None = None
    repeated: float | None = None
    recapture: str | None = None
    """The sign by which the picture looks like a photo of a screen: moire, grid or banding."""

    @property
    def first(self) -> tuple[bool, datetime, str]:
        """Sorts the original before its copy: what was taken in the page before what came from a file, then by time."""
        return (self.source not in ("camera", "recorder"), self.declared_at, self.id)


@dataclass(frozen=True, slots=True)
class Match:
    """Evidence on another ticket that is, or looks or sounds like, an item of this one.

    `how` is file (the same bytes), copy (one exposure, altered), alike (looks so, and may be another) or sound, of
    which `seconds` are the same.
    """

    item_id: str
    how: str
    evidence_id: str
    ticket_id: str
    number: str
    phase: str
    relation: str
    first: tuple[bool, datetime, str]
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Pair:
    """Two photos of this ticket that look alike: `how` is copy or alike."""

    one: str
    other: str
    how: str


@dataclass(frozen=True, slots=True)
class Stay:
    """One visit: when the person was there, and the fix of the check-in."""

    id: str
    person_id: str
    arrived_at: datetime
    left_at: datetime | None
    fix: Fix | None


@dataclass(frozen=True, slots=True)
class Call:
    """One recorded contact, with how long it is said to have lasted and the recordings that belong to it."""

    started_at: datetime
    duration_s: int | None
    evidence_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One fix of a person on this or another ticket: a photo (`evidence_id`) or a check-in."""

    person_id: str
    at: datetime
    fix: Fix
    ticket_id: str
    number: str
    area: str
    evidence_id: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the detectors look at for one ticket; `models` maps a device to the camera it usually writes."""

    ticket_id: str
    number: str
    zone: str
    area: str
    received_at: datetime
    dispatched_at: datetime | None
    place: Fix | None
    items: tuple[Item, ...] = ()
    stays: tuple[Stay, ...] = ()
    calls: tuple[Call, ...] = ()
    matches: tuple[Match, ...] = ()
    pairs: tuple[Pair, ...] = ()
    steps: tuple[Step, ...] = ()
    models: Mapping[str, str] = field(default_factory=dict)

    def item(self, evidence_id: str) -> Item:
        """Return one item. Raises `StopIteration` when the ticket has none of that id."""
        return next(item for item in self.items if item.id == evidence_id)


@dataclass(frozen=True, slots=True)
class Found:
    """One finding: what is doubtful about which evidence, compared with what, and the measures it rests on.

    `facts` decide whether a finding is still the one that somebody dismissed; they are rounded so that a metre or a
    second does not make it another.
    """

    kind: str
    severity: str
    evidence_id: str
    reason: str
    facts: Mapping[str, Any]
    other_evidence_id: str | None = None
    other_ticket_id: str | None = None
