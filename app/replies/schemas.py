"""Arguments of the reply commands. Which parts and opinions exist, and how long, is the profile's to say."""

from __future__ import annotations

from marshmallow import fields, validate

from app.wire import Uid, Wire, Words

LONGEST_PART = 20_000
MOST_PARTS = 20
MOST_EVIDENCE = 200
REPORTED = "ticket_reported"
"""What `review.send_back` may acknowledge: the ticket was marked as to be reported to the city centre (D6.3)."""


class _Content(Wire):
    parts = fields.Dict(
        keys=Words(32),
        values=Words(LONGEST_PART, minimum=0),
        required=True,
        validate=validate.Length(max=MOST_PARTS),
    )
    opinion = Words(32, load_default=None, allow_none=True)
    evidence_ids = fields.List(Uid(), load_default=list, validate=validate.Length(max=MOST_EVIDENCE))


class DraftSave(_Content):
    """draft.save"""


class ReplySubmit(_Content):
    """reply.submit; a missing opinion is the gate's to name, with everything else that is missing."""

    reply_id = Uid(required=True)
    acknowledge = fields.List(Words(32), load_default=list, validate=validate.Length(max=20))


class ReplySignOff(Wire):
    """reply.sign_off"""

    reply_id = Uid(required=True)
    content_hash = fields.String(required=True, validate=validate.Regexp(r"\A[0-9a-f]{64}\Z"))
    note = Words(2000, minimum=0, load_default=None, allow_none=True)


class ReviewAccept(Wire):
    """review.accept"""

    reply_id = Uid(required=True)
    note = Words(2000, minimum=0, load_default=None, allow_none=True)


class ReplyReturn(Wire):
    """reply.decline: reasons, each to be answered by the next version."""

    reply_id = Uid(required=True)
    reasons = fields.List(Words(1000, minimum=2), required=True, validate=validate.Length(min=1, max=20))


class ReviewSendBack(ReplyReturn):
    """review.send_back; `acknowledge` says that the operator knows what speaks against it."""

    acknowledge = fields.List(fields.String(validate=validate.OneOf([REPORTED])), load_default=list)
