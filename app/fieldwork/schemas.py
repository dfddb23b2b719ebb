"""Arguments of the fieldwork commands. Which modes and grounds exist is the profile's to say, not the schema's."""

from __future__ import annotations

from marshmallow import fields, validate

from app.fieldwork.rules import OUTCOMES_OF_PROMISE
from app.wire import Instant, PositionSchema, Uid, Wire, Words

PURPOSES = ("first", "second", "clarify", "told")
PARTIES = ("caller", "station")
CHANNELS = ("phone", "wechat", "in_person", "other")
OUTCOMES = ("reached", "no_answer", "refused", "wrong_number")
MET = ("caller", "family", "representative")
LONGEST_CALL_S = 24 * 3600


class ContactRecord(Wire):
    """contact.record"""

    contact_id = Uid(required=True)
    purpose = fields.String(required=True, validate=validate.OneOf(PURPOSES))
    to = fields.String(required=True, validate=validate.OneOf(PARTIES))
    channel = fields.String(required=True, validate=validate.OneOf(CHANNELS))
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    started_at = Instant(required=True)
    duration_s = fields.Integer(
        strict=True, load_default=None, allow_none=True, validate=validate.Range(0, LONGEST_CALL_S)
    )
    note = Words(2000, minimum=0, load_default=None, allow_none=True)
    evidence_ids = fields.List(Uid(), load_default=list, validate=validate.Length(max=50))


class VisitRecord(Wire):
    """visit.record"""

    visit_id = Uid(required=True)
    mode = Words(16, required=True)
    arrived_at = Instant(required=True)
    left_at = Instant(load_default=None, allow_none=True)
    met = fields.String(required=True, validate=validate.OneOf(MET))
    met_name = Words(64, minimum=0, load_default=None, allow_none=True)
    position = fields.Nested(PositionSchema, load_default=None, allow_none=True)
    note = Words(2000, minimum=0, load_default=None, allow_none=True)


class VisitExcept(Wire):
    """visit.except"""

    exception_id = Uid(required=True)
    ground = Words(24, required=True)
    note = Words(2000, minimum=2, required=True)


class ProgressReportArgs(Wire):
    """progress.report; how long the text must be is the profile's to say."""

    progress_id = Uid(required=True)
    text = Words(20_000, required=True)
    reason = Words(4000, minimum=0, load_default=None, allow_none=True)
    caller_told = fields.Boolean(required=True, truthy={True}, falsy={False})


class PlanStep(Wire):
    """One step of a plan, by when, and whether it is done."""

    text = Words(500, required=True)
    due_at = Instant(required=True)
    done = fields.Boolean(load_default=False, truthy={True}, falsy={False})


class PlanFile(Wire):
    """plan.file; a plan filed again replaces the one before"""

    plan_id = Uid(required=True)
    text = Words(20_000, required=True)
    steps = fields.List(fields.Nested(PlanStep), required=True, validate=validate.Length(min=1, max=50))


class CommitmentMake(Wire):
    """commitment.make"""

    commitment_id = Uid(required=True)
    text = Words(2000, minimum=5, required=True)
    due_at = Instant(required=True)


class Following(Wire):
    """The promise that replaces one that cannot be kept."""

    commitment_id = Uid(required=True)
    due_at = Instant(required=True)


class CommitmentSettle(Wire):
    """commitment.settle"""

    commitment_id = Uid(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES_OF_PROMISE))
    note = Words(2000, minimum=2, required=True)
    evidence_ids = fields.List(Uid(), load_default=list, validate=validate.Length(max=50))
    following = fields.Nested(Following, load_default=None, allow_none=True)
