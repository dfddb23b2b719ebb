"""Shapes of what an administrator sends and gets about profiles and the calendar."""

from __future__ import annotations

from typing import Final

from marshmallow import fields, validate

from app.wire import Instant, Wire, Words

LONGEST_TEXT: Final = 400_000
_YEARS: Final = validate.Range(2000, 2100)


class PolicyText(Wire):
    """A profile as it is written."""

    text = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_TEXT))


class PolicyPublish(PolicyText):
    """policy.publish"""

    note = Words(500, 0, load_default="")


class PolicyReplan(Wire):
    """policy.replan"""


class DayIn(Wire):
    """A day that differs from its weekday."""

    day = fields.Date(required=True)
    free = fields.Boolean(required=True)
    name = Words(32, 0, load_default="")


class CalendarPublish(Wire):
    """calendar.publish"""

    year = fields.Integer(required=True, strict=True, validate=_YEARS)
    source = Words(64, required=True)
    days = fields.List(fields.Nested(DayIn), required=True, validate=validate.Length(min=1, max=120))


class CalendarCorrect(Wire):
    """calendar.correct"""

    day = fields.Date(required=True)
    free = fields.Boolean(required=True, allow_none=True)
    name = Words(32, 0, load_default="")


class ItemOut(Wire):
    """One sentence of a profile."""

    text = fields.String(required=True)
    cite = fields.String(required=True)
    assumed = fields.Boolean(required=True)


class SectionOut(Wire):
    """One section of a profile."""

    title = fields.String(required=True)
    items = fields.List(fields.Nested(ItemOut), required=True)


class ProfileVersion(Wire):
    """One published version; `tickets` are those still open under it."""

    id = fields.String(required=True)
    version = fields.Integer(required=True)
    published_at = Instant(required=True)
    current = fields.Boolean(required=True)
    tickets = fields.Integer(required=True)


class RulesOut(Wire):
    """这里适用什么，依据哪一条."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    sections = fields.List(fields.Nested(SectionOut), required=True)
    versions = fields.List(fields.Nested(ProfileVersion), required=True)
    may_publish = fields.Boolean(required=True)


class TextOut(Wire):
    """A published version as it is written, to begin the next one from."""

    id = fields.String(required=True)
    text = fields.String(required=True)
    next_version = fields.Integer(required=True)


class ProfileFault(Wire):
    """What is wrong with a text."""

    key = fields.String(required=True)
    line = fields.Integer(required=True, allow_none=True)
    reason = fields.String(required=True)


class CheckedOut(Wire):
    """Whether a text can be published, and what it would then say."""

    ok = fields.Boolean(required=True)
    id = fields.String(required=True, allow_none=True)
    errors = fields.List(fields.Nested(ProfileFault), required=True)
    sections = fields.List(fields.Nested(SectionOut), required=True)


class EffectOut(Wire):
    """How one clock would have come out for last month's tickets."""

    clock = fields.String(required=True)
    label = fields.String(required=True)
    kind = fields.String(required=True)
    tickets = fields.Integer(required=True)
    earlier = fields.Integer(required=True)
    later = fields.Integer(required=True)
    same = fields.Integer(required=True)
    added = fields.Integer(required=True)
    dropped = fields.Integer(required=True)
    late_before = fields.Integer(required=True)
    late_after = fields.Integer(required=True)


class PreviewOut(Wire):
    """What a version would have done to last month's tickets."""

    policy_id = fields.String(required=True)
    since = Instant(required=True)
    tickets = fields.Integer(required=True)
    clocks = fields.List(fields.Nested(EffectOut), required=True)


class PublishedOut(Wire):
    """The version that holds for tickets dispatched from now on."""

    id = fields.String(required=True)


class CalendarDayOut(Wire):
    """A day that differs from its weekday."""

    day = fields.String(required=True)
    free = fields.Boolean(required=True)
    name = fields.String(required=True)


class CalendarYearOut(Wire):
    """A published year."""

    year = fields.Integer(required=True)
    source = fields.String(required=True)
    revision = fields.Integer(required=True)
    days = fields.List(fields.Nested(CalendarDayOut), required=True)


class RunOut(Wire):
    """Deadlines being computed again, or computed."""

    id = fields.String(required=True)
    reason = fields.String(required=True)
    asked_at = Instant(required=True)
    finished_at = Instant(required=True, allow_none=True)
    failed_at = Instant(required=True, allow_none=True)
    total = fields.Integer(required=True)
    done = fields.Integer(required=True)
    changed = fields.Integer(required=True)


class CalendarOut(Wire):
    """The calendar: published years, what still waits for one, the latest runs."""

    years = fields.List(fields.Nested(CalendarYearOut), required=True)
    provisional = fields.Integer(required=True)
    runs = fields.List(fields.Nested(RunOut), required=True)


class ReplanningOut(Wire):
    """Reminders being planned anew, or planned; `seconds_left` while that can be told."""

    id = fields.String(required=True)
    reason = fields.String(required=True)
    asked_at = Instant(required=True)
    started_at = Instant(required=True, allow_none=True)
    finished_at = Instant(required=True, allow_none=True)
    failed_at = Instant(required=True, allow_none=True)
    total = fields.Integer(required=True)
    done = fields.Integer(required=True)
    changed = fields.Integer(required=True)
    failed = fields.Integer(required=True)
    seconds_left = fields.Integer(required=True, allow_none=True)


class ReplanningsOut(Wire):
    """GET /policies/<profile>/replannings"""

    runs = fields.List(fields.Nested(ReplanningOut), required=True)
