"""Arguments of the reply commands. Which parts and opinions exist, and how long, is the profile's to say."""

from __future__ import annotations

from datetime import date

from marshmallow import ValidationError, fields, validate

from app.wire import Uid, Wire, Words

LONGEST_PART = 20_000
MOST_PARTS = 20
MOST_EVIDENCE = 200
REPORTED = "ticket_reported"
"""What `review.send_back` may acknowledge: the ticket was marked as to be reported to the city centre (D6.3)."""


def _is_day(text: str) -> None:
    try:
        date.fromisoformat(text)
    except ValueError as error:
        raise ValidationError("应为 2026-12-01 这样的日期。") from error


class Commitment(Wire):
    """What is promised to the caller, and by which local day (H2.1d)."""

    text = Words(2000, required=True, minimum=0)
    due_on = fields.String(required=True, validate=[validate.Length(equal=10), _is_day])


class Answer(Wire):
    """What a version says to one reason of the last send-back; `reason` repeats it word for word."""

    reason = Words(1000, required=True)
    text = Words(2000, required=True, minimum=0)


class _Content(Wire):
    parts = fields.Dict(
        keys=Words(32),
        values=Words(LONGEST_PART, minimum=0),
        required=True,
        validate=validate.Length(max=MOST_PARTS),
    )
    opinion = Words(32, load_default=None, allow_none=True)
    evidence_ids = fields.List(Uid(), load_default=list, validate=validate.Length(max=MOST_EVIDENCE))
    fields_ = fields.Dict(
        data_key="fields",
        attribute="fields",
        keys=Words(32),
        values=Words(200, minimum=0),
        load_default=dict,
        validate=validate.Length(max=MOST_PARTS),
    )
    finish = Words(32, load_default=None, allow_none=True)
    commitment = fields.Nested(Commitment, load_default=None, allow_none=True)
    basis = Words(LONGEST_PART, minimum=0, load_default="")
    statement = Words(LONGEST_PART, minimum=0, load_default="")
    answers = fields.List(fields.Nested(Answer), load_default=list, validate=validate.Length(max=MOST_PARTS))


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
    """review.accept; `checklist` are the keys of the profile's list that were ticked."""

    reply_id = Uid(required=True)
    checklist = fields.List(Words(32), load_default=list, validate=validate.Length(max=MOST_PARTS))
    note = Words(2000, minimum=0, load_default=None, allow_none=True)


class ReplyReturn(Wire):
    """reply.decline: reasons, each to be answered by the next version."""

    reply_id = Uid(required=True)
    reasons = fields.List(Words(1000, minimum=2), required=True, validate=validate.Length(min=1, max=20))


class ReviewSendBack(ReplyReturn):
    """review.send_back; `acknowledge` says that the operator knows what speaks against it."""

    acknowledge = fields.List(fields.String(validate=validate.OneOf([REPORTED])), load_default=list)
