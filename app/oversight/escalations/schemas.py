"""Arguments of the commands on escalations."""

from __future__ import annotations

from marshmallow import fields, validate

from app.people.permissions import CHIEF, LEADER, SUPERVISOR
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
