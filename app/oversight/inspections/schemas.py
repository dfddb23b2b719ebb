"""Arguments of the commands of spot checks. Which grounds there are is the profile's to say."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates

from app.oversight.inspections.periods import KINDS
from app.policies.inspecting import VERDICTS
from app.wire import Uid, Wire, Words

CLOSED, ANSWERED = "closed", "answered"
POPULATIONS = (CLOSED, ANSWERED)
SPREADS = ("unit", "kind")
MOST_GROUNDS = 10
MOST_MATERIALS = 30
MOST_WEIGHTS = 60


class PlanFields(Wire):
    """How much is drawn of what; shares in percent, weights as multiples of a ticket nothing speaks against."""

    enabled = fields.Boolean(load_default=True, truthy={True}, falsy={False})
    period = fields.String(required=True, validate=validate.OneOf(KINDS))
    population = fields.String(load_default=CLOSED, validate=validate.OneOf(POPULATIONS))
    share = fields.Float(required=True, allow_nan=False, validate=validate.Range(0.1, 100))
    minimum = fields.Integer(required=True, strict=True, validate=validate.Range(0, 50))
    spread = fields.List(
        fields.String(validate=validate.OneOf(SPREADS)), required=True, validate=validate.Length(max=len(SPREADS))
    )
    blind = fields.Float(required=True, allow_nan=False, validate=validate.Range(0, 100))
    hold_minutes = fields.Integer(required=True, strict=True, validate=validate.Range(0, 7 * 24 * 60))
    weights = fields.Dict(
        keys=Words(40),
        values=fields.Float(allow_nan=False, validate=validate.Range(1, 100)),
        required=True,
        validate=validate.Length(max=MOST_WEIGHTS),
    )

    @validates("spread")
    def _once(self, value: list[str], **_kwargs: Any) -> None:
        if len(set(value)) != len(value):
            raise ValidationError("同一项写了两次。")


class InspectionPlanned(PlanFields):
    """inspection.plan: the next version; `note` says why it was changed."""

    plan_id = Uid(required=True)
    note = Words(500, minimum=2, required=True)


class CaseNamed(Wire):
    """inspection.claim, inspection.release, inspection.announce"""

    case_id = Uid(required=True)


class InspectionAssign(CaseNamed):
    """inspection.assign"""

    person_id = Uid(required=True)


class VerdictFields(CaseNamed):
    """What a verdict says."""

    verdict = fields.String(required=True, validate=validate.OneOf(list(VERDICTS)))
    grounds = fields.List(Words(32), load_default=list, validate=validate.Length(max=MOST_GROUNDS))
    note = Words(2000, minimum=0, load_default="")


class InspectionJudge(VerdictFields):
    """inspection.judge"""

    look_id = Uid(required=True)


class InspectionCorrect(VerdictFields):
    """inspection.correct: the whole verdict again, and why."""

    reason = Words(500, minimum=2, required=True)


class InspectionRectify(CaseNamed):
    """inspection.rectify: what the unit did, and what shows it."""

    text = Words(4000, minimum=10, required=True)
    evidence_ids = fields.List(Uid(), load_default=list, validate=validate.Length(max=MOST_MATERIALS))


class InspectionReview(CaseNamed):
    """inspection.review: whether that is enough."""

    passed = fields.Boolean(required=True, truthy={True}, falsy={False})
    note = Words(2000, minimum=2, required=True)


class InspectionAppealed(CaseNamed):
    """inspection.appeal"""

    reason = Words(4000, minimum=10, required=True)
    evidence_ids = fields.List(Uid(), load_default=list, validate=validate.Length(max=MOST_MATERIALS))


class InspectionDecide(CaseNamed):
    """inspection.decide: `verdict` and `grounds` are those that stand from now on, when the appeal is granted."""

    granted = fields.Boolean(required=True, truthy={True}, falsy={False})
    verdict = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(list(VERDICTS)))
    grounds = fields.List(Words(32), load_default=list, validate=validate.Length(max=MOST_GROUNDS))
    note = Words(2000, minimum=5, required=True)
