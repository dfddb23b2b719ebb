"""What the board of results answers."""

from __future__ import annotations

from marshmallow import fields

from app.tickets.schemas_shown import Named
from app.wire import Wire


class InspectionInterval(Wire):
    """A share between 0 and 1, and its 95 % interval."""

    share = fields.Float(required=True)
    low = fields.Float(required=True)
    high = fields.Float(required=True)


class InspectionVerdictCounts(Wire):
    """Cases per verdict."""

    genuine = fields.Integer(required=True)
    doubtful = fields.Integer(required=True)
    faked = fields.Integer(required=True)


class InspectionResult(Wire):
    """Cases and how many of them are bad: `raw` as counted, `estimate` for all that were answered."""

    cases = fields.Integer(required=True)
    bad = fields.Integer(required=True)
    raw = fields.Nested(InspectionInterval, required=True, allow_none=True)
    estimate = fields.Nested(InspectionInterval, required=True, allow_none=True)


class InspectionUnitResult(InspectionResult):
    """One unit's."""

    unit = fields.Nested(Named, required=True)
    verdicts = fields.Nested(InspectionVerdictCounts, required=True)


class InspectionAgreement(Wire):
    """Cohen's κ of first and blind second looks."""

    pairs = fields.Integer(required=True)
    agreed = fields.Integer(required=True)
    kappa = fields.Float(required=True, allow_none=True)
    low = fields.Float(required=True, allow_none=True)
    high = fields.Float(required=True, allow_none=True)


class InspectionChecker(Wire):
    """How often a checker said what."""

    person = fields.Nested(Named, required=True)
    verdicts = fields.Nested(InspectionVerdictCounts, required=True)


class InspectionCheckers(Wire):
    """Agreement, and each checker."""

    agreement = fields.Nested(InspectionAgreement, required=True)
    people = fields.List(fields.Nested(InspectionChecker), required=True)


class InspectionYield(Wire):
    """How often a signal was right; `suggested` beside the plan's `weight`."""

    signal = fields.String(required=True)
    label = fields.String(required=True)
    flagged = fields.Integer(required=True)
    bad = fields.Integer(required=True)
    precision = fields.Nested(InspectionInterval, required=True, allow_none=True)
    lift = fields.Float(required=True, allow_none=True)
    suggested = fields.Float(required=True, allow_none=True)
    weight = fields.Float(required=True, allow_none=True)


class InspectionResults(Wire):
    """GET /oversight/inspections/results; `checkers` and `findings` are for supervisors and administrators."""

    since = fields.String(required=True)
    until = fields.String(required=True)
    units = fields.List(fields.Nested(InspectionUnitResult), required=True)
    total = fields.Nested(InspectionResult, required=True)
    checkers = fields.Nested(InspectionCheckers, required=True, allow_none=True)
    findings = fields.List(fields.Nested(InspectionYield), required=True, allow_none=True)
