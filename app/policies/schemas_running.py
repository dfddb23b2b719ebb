"""Requests, dispatch, review and people of a policy as the phone gets them; see `app.policies.wire_running`."""

from __future__ import annotations

from marshmallow import fields

from app.wire import Wire


class Cited(Wire):
    """A value with the clause it comes from; `assumed` where the notice is silent (本地约定)."""

    cite = fields.String(required=True)
    assumed = fields.Boolean(required=True)


class NamedItem(Cited):
    """A choice with its Chinese label."""

    key = fields.String(required=True)
    label = fields.String(required=True)


class FieldRuleOut(NamedItem):
    """One field of a form."""

    hint = fields.String(required=True)
    format = fields.String(required=True)
    required = fields.Boolean(required=True)


class MaterialsOut(Cited):
    """How much evidence goes with a request."""

    min = fields.Integer(required=True)
    label = fields.String(required=True)
    hint = fields.String(required=True)
    phases = fields.List(fields.String(), required=True)


class VariantOut(NamedItem):
    """Another form of a request with a guard clock of its own."""

    clock = fields.String(required=True)


class StageOut(NamedItem):
    """One stage a request passes."""

    roles = fields.List(fields.String(), required=True)
    act = fields.String(required=True)


class RequestOut(Cited):
    """One kind of request."""

    kind = fields.String(required=True)
    label = fields.String(required=True)
    clock = fields.String(required=True, allow_none=True)
    extends = fields.String(required=True, allow_none=True)
    proposed_unit = fields.Boolean(required=True)
    proposed_needed = fields.Boolean(required=True)
    sources = fields.List(fields.String(), required=True, data_key="from")
    reason_min_chars = fields.Integer(required=True)
    reason_label = fields.String(required=True)
    hint = fields.String(required=True)
    next = fields.String(required=True)
    asked_by = fields.List(fields.String(), required=True)
    grounds = fields.List(fields.Nested(NamedItem), required=True)
    fields_ = fields.List(fields.Nested(FieldRuleOut), required=True, data_key="fields", attribute="fields")
    form = fields.String(required=True, allow_none=True)
    materials = fields.Nested(MaterialsOut, required=True, allow_none=True)
    pauses = fields.List(fields.String(), required=True)
    panel_of = fields.Integer(required=True, allow_none=True)
    needs_until = fields.Boolean(required=True)
    most = fields.Integer(required=True, allow_none=True)
    no_longer_than_original = fields.Boolean(required=True)
    least_days = fields.Integer(required=True, allow_none=True)
    verified = fields.Boolean(required=True)
    visited = fields.String(required=True, allow_none=True)
    told = fields.Boolean(required=True)
    variant = fields.Nested(VariantOut, required=True, allow_none=True)
    effect = fields.String(required=True)
    stages = fields.List(fields.Nested(StageOut), required=True)


class CentreOut(Cited):
    """What the centre does before it dispatches."""

    signs = fields.Boolean(required=True)
    contacts_first = fields.Boolean(required=True)


class AcceptOut(Cited):
    """What the unit does before it signs."""

    contact_first = fields.Boolean(required=True)


class GroundOut(NamedItem):
    """One ground of dispatch."""

    needs_leader = fields.Boolean(required=True)
    joint = fields.Boolean(required=True)


class DispatchOut(Cited):
    """How a ticket is dispatched."""

    grounds = fields.List(fields.Nested(GroundOut), required=True)
    repeat_limit = fields.Integer(required=True, allow_none=True)


class DirectOut(NamedItem):
    """A way of answering without a unit."""

    needs = fields.List(fields.String(), required=True)


class ReviewOut(Cited):
    """What the station checks before it accepts."""

    checklist = fields.List(fields.Nested(NamedItem), required=True)
    callback_before_close = fields.Boolean(required=True)


class CallbackRulesOut(Cited):
    """What a call-back asks."""

    satisfaction = fields.List(fields.Nested(NamedItem), required=True)
    reasons = fields.List(fields.Nested(NamedItem), required=True)
    reopen = fields.Boolean(required=True)


class CommitmentsOut(Cited):
    """What a promise to the caller needs."""

    min_chars = fields.Integer(required=True)
    max_chars = fields.Integer(required=True)
    longest_days = fields.Integer(required=True, allow_none=True)
    remind_days = fields.Integer(required=True)
    caller_told = fields.Boolean(required=True)


class PlanRulesOut(Cited):
    """What a plan needs."""

    min_chars = fields.Integer(required=True)
    max_chars = fields.Integer(required=True)


class EscalationOut(NamedItem):
    """When a ticket goes up by itself."""

    when = fields.String(required=True)
    to = fields.String(required=True)
