"""What the routes of spot checks answer."""

from __future__ import annotations

from marshmallow import fields

from app.oversight.inspections.schemas import PlanFields
from app.tickets.schemas_shown import Named
from app.wire import Wire


def _text() -> fields.String:
    return fields.String(required=True)


def _maybe() -> fields.String:
    return fields.String(required=True, allow_none=True)


class InspectionTaskRound(Wire):
    """One answer of the unit, and what the supervisor said to it."""

    text = _text()
    evidence_ids = fields.List(fields.String(), required=True)
    by = fields.Nested(Named, required=True)
    at = _text()
    passed = fields.Boolean(required=True, allow_none=True)
    note = _maybe()
    reviewed_at = _maybe()


class InspectionTask(Wire):
    """What a unit has to put right; `state` open, answered, passed or waived."""

    state = _text()
    label = _text()
    due_at = _text()
    ended_at = _maybe()
    rounds = fields.List(fields.Nested(InspectionTaskRound), required=True)


class InspectionAppeal(Wire):
    """The unit's objection, and what became of it."""

    reason = _text()
    evidence_ids = fields.List(fields.String(), required=True)
    by = fields.Nested(Named, required=True)
    at = _text()
    decided_at = _maybe()
    granted = fields.Boolean(required=True, allow_none=True)
    verdict = _maybe()
    note = _maybe()


class TicketInspection(Wire):
    """A verdict that the unit knows of, as it stands on the ticket."""

    id = _text()
    verdict = _text()
    label = _text()
    grounds = fields.List(fields.String(), required=True)
    note = _maybe()
    told_at = _text()
    appeal_until = _maybe()
    rectification = fields.Nested(InspectionTask, required=True, allow_none=True)
    appeal = fields.Nested(InspectionAppeal, required=True, allow_none=True)


class InspectionSignal(Wire):
    """One reason to look: `severity` high, medium, low; null for what is no finding."""

    key = _text()
    label = _text()
    severity = _maybe()


class InspectionDraw(Wire):
    """One period: committed to, drawn, every case told."""

    id = _text()
    name = _text()
    period = _text()
    begins_at = _text()
    ends_at = _text()
    commitment = _text()
    committed_at = _text()
    drawn_at = _maybe()
    voided_at = _maybe()
    finished_at = _maybe()
    population = fields.Integer(required=True, allow_none=True)
    population_hash = _maybe()
    sample = fields.Integer(required=True, allow_none=True)


class InspectionDeskDraw(InspectionDraw):
    """A draw on a supervisor's desk; `told` of its cases are done."""

    told = fields.Integer(required=True)


class InspectionLook(Wire):
    """What somebody said of a case."""

    claimed_at = _text()
    judged_at = _maybe()
    verdict = _maybe()
    grounds = fields.List(fields.String(), required=True)
    note = _text()


class InspectedTicket(Wire):
    """Which ticket it is."""

    id = _text()
    number = _text()
    title = _text()
    state = _text()
    kind = _text()
    area = _text()
    unit = fields.Nested(Named, required=True, allow_none=True)
    closed_at = _maybe()


class InspectionEntry(Wire):
    """A case; `state` todo, mine, taken (by somebody else), judged (by me), settle (two verdicts differ)."""

    id = _text()
    draw_id = _text()
    place = fields.Integer(required=True)
    weight = fields.Float(required=True)
    chance = fields.Float(required=True)
    signals = fields.List(fields.Nested(InspectionSignal), required=True)
    state = _text()
    mine = fields.Nested(InspectionLook, required=True, allow_none=True)
    taken_by = _maybe()
    told_from = _maybe()


class InspectionQueueEntry(InspectionEntry):
    """A case in the queue."""

    ticket = fields.Nested(InspectedTicket, required=True)


class InspectionFollow(Wire):
    """A told case on which the unit, or a supervisor, still has to act."""

    case_id = _text()
    ticket = fields.Nested(InspectedTicket, required=True)
    verdict = _text()
    label = _text()
    told_at = _text()
    rectification = _text()
    due_at = _text()
    late = fields.Boolean(required=True)
    appealed = fields.Boolean(required=True)
    may_decide = fields.Boolean(required=True)


class InspectionQueue(Wire):
    """GET /oversight/inspections/queue"""

    now = _text()
    draws = fields.List(fields.Nested(InspectionDeskDraw), required=True)
    cases = fields.List(fields.Nested(InspectionQueueEntry), required=True)
    follow = fields.List(fields.Nested(InspectionFollow), required=True)


class InspectionShownLook(InspectionLook):
    """Somebody else's verdict, for whoever settles (without the name) and for all once it was told."""

    nth = fields.Integer(required=True)
    by = _maybe()


class InspectionChoiceGround(Wire):
    """One ground."""

    key = _text()
    label = _text()


class InspectionChoice(Wire):
    """One verdict and its grounds."""

    verdict = _text()
    label = _text()
    grounds = fields.List(fields.Nested(InspectionChoiceGround), required=True)


class InspectionApart(Wire):
    """How far and where: metres, degrees from north, and the wind's name."""

    metres = fields.Float(required=True)
    bearing = fields.Integer(required=True)
    wind = _text()


class InspectionSeal(Wire):
    """The hash sealed at capture; `whole`: the original lies here and matches it."""

    sha256 = _text()
    whole = fields.Boolean(required=True)


class InspectionPhotoFacts(Wire):
    """Where and when a photo was taken, beside the ticket's place, the visit, dispatch and upload."""

    evidence_id = _text()
    phase = _text()
    accuracy_m = fields.Float(required=True, allow_none=True)
    to_place = fields.Nested(InspectionApart, required=True, allow_none=True)
    to_visit = fields.Nested(InspectionApart, required=True, allow_none=True)
    after_dispatch_s = fields.Integer(required=True, allow_none=True)
    upload_s = fields.Integer(required=True, allow_none=True)
    sealed = fields.Nested(InspectionSeal, required=True)


class InspectionPairFacts(Wire):
    """A photo of before and one of after."""

    before_id = _text()
    after_id = _text()
    apart = fields.Nested(InspectionApart, required=True, allow_none=True)
    gap_s = fields.Integer(required=True, allow_none=True)
    same_bytes = fields.Boolean(required=True)


class InspectionVisitFacts(Wire):
    """A visit's place beside the ticket's."""

    id = _text()
    arrived_at = _text()
    left_at = _maybe()
    accuracy_m = fields.Float(required=True, allow_none=True)
    to_place = fields.Nested(InspectionApart, required=True, allow_none=True)


class InspectionPlace(Wire):
    """WGS-84 degrees."""

    lat = fields.Float(required=True)
    lon = fields.Float(required=True)


class InspectionFacts(Wire):
    """What is compared on a case."""

    place = fields.Nested(InspectionPlace, required=True, allow_none=True)
    reply_id = _maybe()
    photos = fields.List(fields.Nested(InspectionPhotoFacts), required=True)
    pairs = fields.List(fields.Nested(InspectionPairFacts), required=True)
    visits = fields.List(fields.Nested(InspectionVisitFacts), required=True)
    field_checks = fields.List(fields.Dict(), required=True)


class InspectionCase(InspectionEntry):
    """GET /oversight/inspections/cases/{id}; the ticket itself comes from /tickets/{id}."""

    ticket_id = _text()
    draw = fields.Nested(InspectionDraw, required=True)
    told_at = _maybe()
    verdict = _maybe()
    looks = fields.List(fields.Nested(InspectionShownLook), required=True)
    choices = fields.List(fields.Nested(InspectionChoice), required=True)
    facts = fields.Nested(InspectionFacts, required=True)


class InspectionCommitment(Wire):
    """What everybody may know of a draw; the seed once every case of it has been told."""

    id = _text()
    name = _text()
    begins_at = _text()
    ends_at = _text()
    commitment = _text()
    committed_at = _text()
    voided_at = _maybe()
    population_hash = _maybe()
    seed = _maybe()


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
    seed = _text()
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

    id = _text()
    number = fields.Integer(required=True)
    note = _text()
    by = fields.Nested(Named, required=True)
    at = _text()


class InspectionWeightName(Wire):
    """A signal that can have a weight."""

    key = _text()
    label = _text()


class InspectionPlans(Wire):
    """GET /oversight/inspections/plan: the newest version (null before the first), those before it, what can weigh."""

    plan = fields.Nested(InspectionPlan, required=True, allow_none=True)
    former = fields.List(fields.Nested(InspectionPlan), required=True)
    first = fields.Nested(PlanFields, required=True)
    signals = fields.List(fields.Nested(InspectionWeightName), required=True)
    next_begins_at = _maybe()


class InspectionPreviewPeriod(Wire):
    """One past period under the plan."""

    name = _text()
    population = fields.Integer(required=True)
    sample = fields.Integer(required=True)


class InspectionPreviewUnit(Wire):
    """A unit under the plan, over the past periods."""

    unit = fields.Nested(Named, required=True)
    population = fields.Integer(required=True)
    expected = fields.Float(required=True)


class InspectionPreview(Wire):
    """POST /oversight/inspections/plan/preview"""

    at = _text()
    periods = fields.List(fields.Nested(InspectionPreviewPeriod), required=True)
    flagged = fields.Integer(required=True)
    units = fields.List(fields.Nested(InspectionPreviewUnit), required=True)
