"""Arguments of the commands on escalations, and their shape on the wire."""

from __future__ import annotations

from marshmallow import fields, validate

from app.people.permissions import CHIEF, LEADER, SUPERVISOR
from app.tickets.schemas_shown import Named
from app.wire import Uid, Wire, Words

TO = (SUPERVISOR, LEADER, CHIEF)


class EscalationRaise(Wire):
    """escalation.raise"""

    escalation_id = Uid(required=True)
    to = fields.String(required=True, validate=validate.OneOf(TO))
    reason = Words(2000, minimum=4, required=True)


class EscalationFollow(Wire):
    """escalation.follow; `lift_to` brings it before somebody higher, `reported_to` says whom outside was told."""

    escalation_id = Uid(required=True)
    note_id = Uid(required=True)
    text = Words(2000, minimum=2, required=True)
    reported_to = Words(64, minimum=2, load_default=None, allow_none=True)
    lift_to = fields.String(load_default=None, allow_none=True, validate=validate.OneOf([LEADER, CHIEF]))


class EscalationClose(Wire):
    """escalation.close"""

    escalation_id = Uid(required=True)
    conclusion = Words(4000, minimum=10, required=True)


class EscalationNoteOut(Wire):
    """One step in following an escalation."""

    text = fields.String(required=True)
    reported_to = fields.String(required=True, allow_none=True)
    lifted_to = fields.String(required=True, allow_none=True)
    by = fields.Nested(Named, required=True)
    role = fields.String(required=True)
    at = fields.String(required=True)


class TicketEscalation(Wire):
    """One matter brought before somebody above; open until it has a conclusion."""

    id = fields.String(required=True)
    rule = fields.String(required=True, allow_none=True)
    label = fields.String(required=True)
    to = fields.String(required=True)
    reason = fields.String(required=True)
    related = fields.List(fields.String(), required=True)
    raised_by = fields.Nested(Named, required=True, allow_none=True)
    raised_at = fields.String(required=True)
    notes = fields.List(fields.Nested(EscalationNoteOut), required=True)
    conclusion = fields.String(required=True, allow_none=True)
    closed_by = fields.Nested(Named, required=True, allow_none=True)
    closed_at = fields.String(required=True, allow_none=True)
