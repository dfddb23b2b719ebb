"""Arguments of the request commands. How long a reason must be is the profile's to say."""

from __future__ import annotations

from marshmallow import fields, validate

from app.requests.rules import DECISIONS
from app.wire import Instant, Uid, Wire, Words


class AskReturn(Wire):
    """request.return"""

    request_id = Uid(required=True)
    reason = Words(4000, required=True)
    proposed_unit = Uid(load_default=None, allow_none=True)


class AskExtension(Wire):
    """request.extend"""

    request_id = Uid(required=True)
    reason = Words(4000, required=True)
    new_due_at = Instant(required=True)


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
