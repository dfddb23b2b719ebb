"""Arguments of the request commands. How long a reason must be and which fields a form has is the profile's to say."""

from __future__ import annotations

from marshmallow import fields, validate

from app.requests.rules import DECISIONS, FINDINGS, VOTES
from app.wire import Instant, Uid, Wire, Words


class EvaluatorArgs(Wire):
    """Somebody named for a panel, and in what capacity: 人大代表, 律师, …"""

    evaluator_id = Uid(required=True)
    name = Words(64, required=True)
    capacity = Words(64, required=True)


class Asking(Wire):
    """What every kind of request may carry."""

    request_id = Uid(required=True)
    reason = Words(4000, required=True)
    grounds = fields.List(Words(32), load_default=list, validate=validate.Length(max=30))
    fields_ = fields.Dict(
        keys=Words(32), values=Words(4000, minimum=0), load_default=dict, data_key="fields", attribute="fields"
    )
    evidence_ids = fields.List(Uid(), load_default=list, validate=validate.Length(max=50))
    variant = Words(24, load_default=None, allow_none=True)
    proposed_unit = Uid(load_default=None, allow_none=True)


class AskReturn(Asking):
    """request.return"""


class AskExtension(Asking):
    """request.extend"""

    new_due_at = Instant(required=True)


class Ask(Asking):
    """request.ask; `until` is the date of whatever moves no deadline."""

    kind = Words(24, required=True)
    new_due_at = Instant(load_default=None, allow_none=True)
    until = Instant(load_default=None, allow_none=True)
    panel = fields.List(fields.Nested(EvaluatorArgs), load_default=list, validate=validate.Length(max=50))


class Withdraw(Wire):
    """request.withdraw"""

    request_id = Uid(required=True)


class Decide(Wire):
    """request.decide"""

    request_id = Uid(required=True)
    decision = fields.String(required=True, validate=validate.OneOf(DECISIONS))
    note = Words(2000, required=True)


class RecordAnswer(Wire):
    """request.record_answer; `new_due_at` where the platform granted another date than the one asked for."""

    request_id = Uid(required=True)
    decision = fields.String(required=True, validate=validate.OneOf(DECISIONS))
    note = Words(2000, required=True)
    answered_at = Instant(load_default=None, allow_none=True)
    new_due_at = Instant(load_default=None, allow_none=True)


class Answer(Wire):
    """request.answer; `finding` where supervisors conclude what a check found (K3.10)."""

    request_id = Uid(required=True)
    text = Words(4000, minimum=5, required=True)
    evidence_ids = fields.List(Uid(), load_default=list, validate=validate.Length(max=50))
    finding = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(FINDINGS))


class Vote(Wire):
    """request.vote"""

    request_id = Uid(required=True)
    evaluator_id = Uid(required=True)
    vote = fields.String(required=True, validate=validate.OneOf(VOTES))
    note = Words(2000, minimum=0, load_default=None, allow_none=True)


class Resume(Wire):
    """ticket.resume"""

    note = Words(1000, minimum=2, required=True)
