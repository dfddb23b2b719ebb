"""Wire shapes of dispatch, of units working together, and of the station's own answer."""

from __future__ import annotations

from marshmallow import fields

from app.wire import Wire


class Named(Wire):
    """Someone, or a unit, by id and name."""

    id = fields.String(required=True)
    name = fields.String(required=True)


class AssignmentOut(Wire):
    """One unit's time with the ticket: on what ground, and whether it can hand it back (`binding`: it cannot)."""

    unit = fields.Nested(Named, required=True)
    ground = fields.String(required=True, allow_none=True)
    ground_label = fields.String(required=True, allow_none=True)
    grounds = fields.String(required=True)
    instructed_by = fields.String(required=True, allow_none=True)
    consultation_id = fields.String(required=True, allow_none=True)
    binding = fields.Boolean(required=True)
    by = fields.Nested(Named, required=True)
    since = fields.String(required=True)
    until = fields.String(required=True, allow_none=True)


class ConsultationOut(Wire):
    """One consultation: who took part, what was said, who handles the ticket."""

    id = fields.String(required=True)
    kind = fields.String(required=True)
    label = fields.String(required=True)
    on_site = fields.Boolean(required=True)
    held_at = fields.String(required=True)
    participants = fields.List(fields.Nested(Named), required=True)
    convened_by = fields.Nested(Named, required=True, allow_none=True)
    minutes = fields.String(required=True)
    agreed = fields.Boolean(required=True)
    lead = fields.Nested(Named, required=True)
    co_units = fields.List(fields.Nested(Named), required=True)
    named_by = fields.String(required=True, allow_none=True)
    by = fields.Nested(Named, required=True)
    at = fields.String(required=True)


class AssistOut(Wire):
    """One 办理联系单: who asked whom for what, by when; signed, reported."""

    id = fields.String(required=True)
    kind = fields.String(required=True)
    label = fields.String(required=True)
    unit = fields.Nested(Named, required=True)
    asking_unit = fields.Nested(Named, required=True, allow_none=True)
    asked_by = fields.Nested(Named, required=True)
    asked_at = fields.String(required=True)
    what = fields.String(required=True)
    due_at = fields.String(required=True, allow_none=True)
    signed_at = fields.String(required=True, allow_none=True)
    signed_by = fields.Nested(Named, required=True, allow_none=True)
    report = fields.String(required=True, allow_none=True)
    reported_at = fields.String(required=True, allow_none=True)
    reported_by = fields.Nested(Named, required=True, allow_none=True)
    ended_at = fields.String(required=True, allow_none=True)


class DirectAnswerOut(Wire):
    """What the station answered itself, without a unit."""

    way = fields.String(required=True)
    label = fields.String(required=True)
    text = fields.String(required=True)
    template = fields.String(required=True, allow_none=True)
    told_at = fields.String(required=True, allow_none=True)
    by = fields.Nested(Named, required=True)
    at = fields.String(required=True)
