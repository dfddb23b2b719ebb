"""What a profile asks of visits and replies. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from app.policies.asking import Reason
from app.policies.facts import Cited, Length, Option, Phrases, ReplyField


@dataclass(frozen=True, slots=True)
class ReplyPart(Cited):
    """One part of a reply."""

    key: str
    label: str
    hint: str
    required: bool
    length: Length


@dataclass(frozen=True, slots=True)
class Opinion(Cited):
    """Whether the caller is satisfied: asked as a choice, not as text."""

    label: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Photos(Cited):
    """How many photos from before and after the handling; `severity` block or warn.

    `or_recording`: a kept recording of a call to the caller stands for them (U4.5 照片或通话记录).
    """

    before: int
    after: int
    severity: str
    or_recording: bool = False


@dataclass(frozen=True, slots=True)
class VisitDuty(Cited):
    """Whether a reply needs a visit (or a recorded exception); `severity` block or warn."""

    required: bool
    severity: str


@dataclass(frozen=True, slots=True)
class Finish(Cited):
    """One way to finish a ticket (U3.2): asked for with the reply when the caller's opinion is among `opinions`,
    none of which means any.

    `needs` of commitment (a date is promised), basis (policy basis or reason), statement (情况说明).
    `signers` are further roles that sign after the ordinary chain, before the station; `form` is the paper they sign.
    """

    key: str
    label: str
    opinions: tuple[str, ...]
    needs: tuple[str, ...] = ()
    signers: tuple[str, ...] = ()
    hint: str = ""
    form: str | None = None


@dataclass(frozen=True, slots=True)
class ContactDuty(Cited):
    """两次有效联系 (H2.1a): a `first` contact after receipt, a `second` after handling; `severity` block or warn."""

    first: bool
    second: bool
    severity: str


@dataclass(frozen=True, slots=True)
class FaceToFace(Cited):
    """三个见面 (H2.1b): tickets of these sources or priorities, or redone `redo_from` times, need a visit in person.

    No recorded exception stands for it. `severity` block or warn.
    """

    sources: tuple[str, ...]
    priorities: tuple[str, ...]
    redo_from: int | None
    severity: str

    def applies(self, source: str, priority: str, redo_count: int) -> bool:
        """Return whether the caller of such a ticket must be met in person."""
        often = self.redo_from is not None and redo_count >= self.redo_from
        return often or source in self.sources or priority in self.priorities


@dataclass(frozen=True, slots=True)
class RecordingDuty(Cited):
    """Answered by phone and without a visit: the call's recording is attached (U4.4); `severity` block or warn."""

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
    fields: tuple[ReplyField, ...] = ()
    finishes: tuple[Finish, ...] = ()
    contacts: ContactDuty | None = None
    face_to_face: FaceToFace | None = None
    recording: RecordingDuty | None = None

    def finish(self, key: str | None) -> Finish | None:
        """Return the way of finishing of that key, if the profile knows it."""
        return next((f for f in self.finishes if f.key == key), None)


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
    """What a progress report needs; `caller_told` when the caller must have been told as well (D4.2).

    `late_reason`: once the ticket is overdue the report says why as well (U2.2).
    """

    length: Length
    empty: Phrases
    caller_told: bool
    late_reason: Reason | None = None
