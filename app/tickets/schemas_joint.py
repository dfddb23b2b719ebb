"""Arguments of what the station does before a unit has a ticket, and of units working together."""

from __future__ import annotations

from marshmallow import fields, validate

from app.tickets.joint_rules import ASSIST, JOINT_DUTY, PRE_DISPATCH, WHISTLE
from app.tickets.schemas import ACKNOWLEDGEABLE
from app.wire import Instant, PositionSchema, Uid, Wire, Words


class Corrections(Wire):
    """What the centre found otherwise than registered; what is absent stays as it is."""

    title = Words(200, minimum=2)
    content = Words(20_000, minimum=2)
    kind = Words(16)
    source = Words(32)
    category = Words(120)
    priority = Words(16)
    area = Words(120)
    position = fields.Nested(PositionSchema)


class CentreSign(Wire):
    """ticket.centre_sign"""

    checked = fields.Boolean(required=True)
    corrections = fields.Nested(Corrections, load_default=dict)
    note = Words(1000, minimum=0, load_default="")


class AnswerDirectly(Wire):
    """ticket.answer_directly"""

    way = Words(24, required=True)
    text = Words(4000, minimum=0, load_default="")
    template = Words(120, load_default=None, allow_none=True)


class ConsultationRecord(Wire):
    """consultation.record"""

    consultation_id = Uid(required=True)
    kind = fields.String(required=True, validate=validate.OneOf([PRE_DISPATCH, JOINT_DUTY]))
    held_at = Instant(load_default=None, allow_none=True)
    on_site = fields.Boolean(load_default=False)
    participants = fields.List(Uid(), required=True, validate=validate.Length(1, 30))
    convened_by = Uid(load_default=None, allow_none=True)
    minutes = Words(8000, minimum=10, required=True)
    agreed = fields.Boolean(required=True)
    lead_unit_id = Uid(required=True)
    co_unit_ids = fields.List(Uid(), load_default=list, validate=validate.Length(max=30))
    named_by = Words(64, minimum=2, load_default=None, allow_none=True)


class AssistAsk(Wire):
    """assist.ask"""

    assist_id = Uid(required=True)
    kind = fields.String(load_default=ASSIST, validate=validate.OneOf([ASSIST, WHISTLE]))
    unit_id = Uid(required=True)
    what = Words(2000, minimum=4, required=True)
    due_at = Instant(load_default=None, allow_none=True)
    acknowledge = fields.List(fields.String(validate=validate.OneOf(ACKNOWLEDGEABLE)), load_default=list)


class AssistSign(Wire):
    """assist.sign"""

    assist_id = Uid(required=True)


class AssistReport(Wire):
    """assist.report"""

    assist_id = Uid(required=True)
    text = Words(4000, minimum=10, required=True)
