"""What the routes of draws and plans answer: the lot, its commitment, and what a plan would have drawn."""

from __future__ import annotations

from marshmallow import fields

from app.oversight.inspections.schemas import PlanFields
from app.tickets.schemas_shown import Named
from app.wire import Wire


def required_text() -> fields.String:
    """Return a field that is always there."""
    return fields.String(required=True)


def nullable_text() -> fields.String:
    """Return a field that may be null."""
    return fields.String(required=True, allow_none=True)


class InspectionDraw(Wire):
    """One period: committed to, drawn, every case told."""

    id = required_text()
    name = required_text()
    period = required_text()
    begins_at = required_text()
    ends_at = required_text()
    commitment = required_text()
    committed_at = required_text()
    drawn_at = nullable_text()
    voided_at = nullable_text()
    finished_at = nullable_text()
    population = fields.Integer(required=True, allow_none=True)
    population_hash = nullable_text()
    sample = fields.Integer(required=True, allow_none=True)


class InspectionDeskDraw(InspectionDraw):
    """A draw on a supervisor's desk; `told` of its cases are done."""

    told = fields.Integer(required=True)


class InspectionCommitment(Wire):
    """What everybody may know of a draw; the seed once every case of it has been told."""

    id = required_text()
    name = required_text()
    begins_at = required_text()
    ends_at = required_text()
    commitment = required_text()
    committed_at = required_text()
    voided_at = nullable_text()
    population_hash = nullable_text()
    seed = nullable_text()


class InspectionCommitments(Wire):
    """GET /oversight/inspections/commitments"""

    commitments = fields.List(fields.Nested(InspectionCommitment), required=True)


class InspectionDraws(Wire):
    """GET /oversight/inspections/draws"""

    draws = fields.List(fields.Nested(InspectionDeskDraw), required=True)


class InspectionDesign(Wire):
    """Thousandths of the population and of the sample, and the minimum per stratum."""

    share = fields.Integer(required=True)
    minimum = fields.Integer(required=True)
    blind = fields.Integer(required=True)


class InspectionDrawWhole(InspectionDraw):
    """GET /oversight/inspections/draws/{id}: all that is needed to draw the sample again.

    `frame` rows are [ticket id, stratum, group, weight in hundredths, mark], `sample_ids` in the order of the queue.
    """

    algorithm = fields.Integer(required=True)
    seed = required_text()
    design = fields.Nested(InspectionDesign, required=True)
    frame = fields.List(fields.List(fields.Raw()), required=True)
    sample_ids = fields.List(fields.String(), required=True)
    second_ids = fields.List(fields.String(), required=True)
    chances = fields.Dict(keys=fields.String(), values=fields.Float(), required=True)


class InspectionVerification(Wire):
    """GET /oversight/inspections/draws/{id}/verification"""

    holds = fields.Boolean(required=True)
    seed = fields.Boolean(required=True)
    population = fields.Boolean(required=True)
    sample = fields.Boolean(required=True)
    chances = fields.Boolean(required=True)
    foreign = fields.List(fields.String(), required=True)


class InspectionPlan(PlanFields):
    """One version of the plan."""

    id = required_text()
    number = fields.Integer(required=True)
    note = required_text()
    by = fields.Nested(Named, required=True)
    at = required_text()


class InspectionWeightName(Wire):
    """A signal that can have a weight."""

    key = required_text()
    label = required_text()


class InspectionPlans(Wire):
    """GET /oversight/inspections/plan: the newest version (null before the first), those before it, what can weigh."""

    plan = fields.Nested(InspectionPlan, required=True, allow_none=True)
    former = fields.List(fields.Nested(InspectionPlan), required=True)
    first = fields.Nested(PlanFields, required=True)
    signals = fields.List(fields.Nested(InspectionWeightName), required=True)
    next_begins_at = nullable_text()


class InspectionPreviewPeriod(Wire):
    """One past period under the plan."""

    name = required_text()
    population = fields.Integer(required=True)
    sample = fields.Integer(required=True)


class InspectionPreviewUnit(Wire):
    """A unit under the plan, over the past periods."""

    unit = fields.Nested(Named, required=True)
    population = fields.Integer(required=True)
    expected = fields.Float(required=True)


class InspectionPreview(Wire):
    """POST /oversight/inspections/plan/preview"""

    at = required_text()
    periods = fields.List(fields.Nested(InspectionPreviewPeriod), required=True)
    flagged = fields.Integer(required=True)
    units = fields.List(fields.Nested(InspectionPreviewUnit), required=True)
