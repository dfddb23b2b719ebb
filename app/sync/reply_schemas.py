"""Wire shapes of replies, of the chain of signatures and of call-backs."""

from __future__ import annotations

from marshmallow import fields, validate

from app.tickets.schemas_shown import Named
from app.wire import Wire


class Promise(Wire):
    """What a reply promises the caller, and by which local day."""

    text = fields.String(required=True)
    due_on = fields.String(required=True)


class ReasonAnswerOut(Wire):
    """What a version says to one reason of the last send-back."""

    reason = fields.String(required=True)
    text = fields.String(required=True)


class Said(Wire):
    """What a draft or a version says."""

    parts = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    opinion = fields.String(required=True, allow_none=True)
    evidence_ids = fields.List(fields.String(), required=True)
    fields_ = fields.Dict(
        attribute="fields", data_key="fields", keys=fields.String(), values=fields.String(), required=True
    )
    finish = fields.String(required=True, allow_none=True)
    commitment = fields.Nested(Promise, required=True, allow_none=True)
    basis = fields.String(required=True)
    statement = fields.String(required=True)
    answers = fields.List(fields.Nested(ReasonAnswerOut), required=True)


class Draft(Said):
    """The ticket's one draft, mirrored from the phone."""

    saved_at = fields.String(required=True)
    by = fields.Nested(Named, required=True)


class Signature(Wire):
    """One consent in the sign-off chain; `acting_for` in whose stead a deputy gave it, `ticked` what was checked."""

    role = fields.String(required=True)
    by = fields.Nested(Named, required=True)
    acting_for = fields.Nested(Named, required=True, allow_none=True)
    at = fields.String(required=True)
    note = fields.String(required=True, allow_none=True)
    ticked = fields.List(fields.String(), required=True)


class SentBack(Wire):
    """Who sent a reply back and why."""

    by = fields.Nested(Named, required=True)
    at = fields.String(required=True)
    reasons = fields.List(fields.String(), required=True)


class Changes(Wire):
    """What a version changed since version `since`: keys of parts and fields, names of others, ids of evidence."""

    since = fields.Integer(required=True)
    parts = fields.List(fields.String(), required=True)
    fields_ = fields.List(fields.String(), attribute="fields", data_key="fields", required=True)
    others = fields.List(fields.String(), required=True)
    evidence_added = fields.List(fields.String(), required=True)
    evidence_removed = fields.List(fields.String(), required=True)


class Reply(Said):
    """One submitted version of the reply."""

    id = fields.String(required=True)
    number = fields.Integer(required=True)
    unit_id = fields.String(required=True)
    content_hash = fields.String(required=True)
    state = fields.String(required=True)
    submitted_at = fields.String(required=True)
    by = fields.Nested(Named, required=True)
    signatures = fields.List(fields.Nested(Signature), required=True)
    sent_back = fields.Nested(SentBack, required=True, allow_none=True)
    changes = fields.Nested(Changes, required=True, allow_none=True)


class ChainStep(Wire):
    """One step of the chain: who may give it, and who has."""

    roles = fields.List(fields.String(), required=True)
    label = fields.String(required=True)
    cite = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(["done", "now", "later"]))
    by = fields.Nested(Named, required=True, allow_none=True)
    acting_for = fields.Nested(Named, required=True, allow_none=True)
    at = fields.String(required=True, allow_none=True)


class ChainHolder(Wire):
    """Who has the ticket now."""

    role = fields.String(required=True)
    name = fields.String(required=True)


class ReplyChain(Wire):
    """The whole chain of signatures, who holds the ticket now and since when."""

    steps = fields.List(fields.Nested(ChainStep), required=True)
    holder = fields.Nested(ChainHolder, required=True, allow_none=True)
    since = fields.String(required=True)


class Settled(Wire):
    """What came of what was left to follow."""

    by = fields.Nested(Named, required=True)
    at = fields.String(required=True)
    note = fields.String(required=True)


class FollowUp(Wire):
    """What a call-back left to follow."""

    text = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(["open", "closed"]))
    settled = fields.Nested(Settled, required=True, allow_none=True)


class CallbackOut(Wire):
    """One call to the caller about the answer."""

    id = fields.String(required=True)
    reply_id = fields.String(required=True, allow_none=True)
    reached = fields.Boolean(required=True)
    contacted = fields.Boolean(required=True, allow_none=True)
    visited = fields.Boolean(required=True, allow_none=True)
    solved = fields.Boolean(required=True, allow_none=True)
    satisfaction = fields.String(required=True, allow_none=True)
    reasons = fields.List(fields.String(), required=True)
    note = fields.String(required=True, allow_none=True)
    by = fields.Nested(Named, required=True)
    at = fields.String(required=True)
    follow_up = fields.Nested(FollowUp, required=True, allow_none=True)
