"""Arguments of the ticket commands."""

from __future__ import annotations

from marshmallow import fields, validate

from app.wire import Instant, PositionSchema, Uid, Wire, Words

KINDS = ("consult", "help", "complaint", "suggestion", "report")
"""Kinds of a place whose profile lists none."""
ACKNOWLEDGEABLE = ("unit_without_liaison",)


class Caller(Wire):
    """Who asked; everything may be missing when the caller stays anonymous."""

    name = Words(64, load_default=None, allow_none=True)
    phone = Words(32, load_default=None, allow_none=True)
    address = Words(240, load_default=None, allow_none=True)
    anonymous = fields.Boolean(load_default=False)
    confidential = fields.Boolean(load_default=False)


class Intake(Wire):
    """ticket.intake"""

    number = Words(40, required=True)
    title = Words(200, required=True)
    content = Words(20_000, required=True)
    kind = Words(16, required=True)
    source = Words(32, required=True)
    priority = Words(16, load_default="normal")
    area = Words(120, minimum=0, load_default="")
    category = Words(120, load_default=None, allow_none=True)
    caller = fields.Nested(Caller, required=True)
    position = fields.Nested(PositionSchema, load_default=None, allow_none=True)
    received_at = Instant(load_default=None, allow_none=True)
    feedback_by = Instant(load_default=None, allow_none=True)


class Letter(Wire):
    """What helping units are asked to do, and until when."""

    what = Words(2000, minimum=4, load_default=None, allow_none=True)
    due_at = Instant(load_default=None, allow_none=True)


class Basis(Wire):
    """Why this unit: a ground of the profile, a leader's instruction, a consultation; and who helps."""

    ground = Words(24, load_default=None, allow_none=True)
    instructed_by = Words(64, minimum=2, load_default=None, allow_none=True)
    consultation_id = Uid(load_default=None, allow_none=True)
    co_units = fields.List(Uid(), load_default=list, validate=validate.Length(max=30))
    letter = fields.Nested(Letter, load_default=dict)


class Dispatch(Basis):
    """ticket.dispatch"""

    unit_id = Uid(required=True)
    grounds = Words(500, minimum=0, load_default="")
    feedback_by = Instant(load_default=None, allow_none=True)
    acknowledge = fields.List(fields.String(validate=validate.OneOf(ACKNOWLEDGEABLE)), load_default=list)


class Reassign(Basis):
    """ticket.reassign"""

    unit_id = Uid(required=True)
    reason = Words(500, minimum=2, required=True)
    acknowledge = fields.List(fields.String(validate=validate.OneOf(ACKNOWLEDGEABLE)), load_default=list)


class Nothing(Wire):
    """A command without arguments."""


class ReportToCentre(Wire):
    """ticket.report_to_centre"""

    note = Words(1000, minimum=2, required=True)


class Post(Wire):
    """thread.post"""

    message_id = Uid(required=True)
    text = Words(2000, required=True)
