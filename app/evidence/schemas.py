"""Arguments of the evidence commands."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from app.evidence.media import FAMILIES
from app.evidence.phases import CHECK, PHASES
from app.wire import Instant, PositionSchema, Uid, Wire, Words

SOURCES = ("camera", "gallery", "recorder", "file")


class SampledPosition(PositionSchema):
    """The best of several fixes and what the others say of it; phones of before send the fix alone."""

    samples = fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(1, 1000))
    spread_m = fields.Float(load_default=None, allow_none=True, validate=validate.Range(0, 1e6), allow_nan=False)
    span_s = fields.Float(load_default=None, allow_none=True, validate=validate.Range(0, 86_400), allow_nan=False)


class EvidenceDeclare(Wire):
    """evidence.declare"""

    evidence_id = Uid(required=True)
    sha256 = fields.String(required=True, validate=validate.Regexp(r"\A[0-9a-f]{64}\Z"))
    size = fields.Integer(required=True, strict=True, validate=validate.Range(0, 2**40))
    media_type = fields.String(required=True, validate=validate.Length(max=80))
    kind = fields.String(required=True, validate=validate.OneOf(list(FAMILIES)))
    phase = fields.String(required=True, validate=validate.OneOf(PHASES))
    captured_at = Instant(required=True)
    source = fields.String(required=True, validate=validate.OneOf(SOURCES))
    position = fields.Nested(SampledPosition, load_default=None, allow_none=True)
    duration_s = fields.Float(load_default=None, allow_none=True, validate=validate.Range(0, 86_400), allow_nan=False)
    note = Words(500, minimum=0, load_default="", allow_none=True)
    case_id = Uid(load_default=None, allow_none=True)

    @validates_schema
    def _of_a_check(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if data["case_id"] and data["phase"] != CHECK:
            raise ValidationError("抽查中拍摄的照片只能登记为现场核查。", "phase")


class EvidenceWithdraw(Wire):
    """evidence.withdraw"""

    evidence_id = Uid(required=True)
    reason = Words(500, minimum=2, required=True)
