"""Arguments of the call-back commands. Which answers and reasons there are is the profile's to say."""

from __future__ import annotations

from marshmallow import fields, validate

from app.wire import Uid, Wire, Words

MOST_REASONS = 20


def _yes_or_no() -> fields.Boolean:
    return fields.Boolean(load_default=None, allow_none=True, truthy={True}, falsy={False})


class CallbackRecord(Wire):
    """callback.record; what was not asked, or not answered, is null."""

    callback_id = Uid(required=True)
    reached = fields.Boolean(required=True, truthy={True}, falsy={False})
    contacted = _yes_or_no()
    visited = _yes_or_no()
    solved = _yes_or_no()
    satisfaction = Words(32, load_default=None, allow_none=True)
    reasons = fields.List(Words(32), load_default=list, validate=validate.Length(max=MOST_REASONS))
    note = Words(2000, minimum=0, load_default=None, allow_none=True)
    follow_up = Words(2000, minimum=0, load_default=None, allow_none=True)


class CallbackSettle(Wire):
    """callback.settle: what came of it."""

    callback_id = Uid(required=True)
    note = Words(2000, minimum=2, required=True)


class ReviewReopen(Wire):
    """review.reopen: reasons, each to be answered by the next version of the reply."""

    reasons = fields.List(Words(1000, minimum=2), required=True, validate=validate.Length(min=1, max=MOST_REASONS))
