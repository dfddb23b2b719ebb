"""What the routes of spot checks answer about cases; draws and plans have `schemas_draws`."""

from __future__ import annotations

from marshmallow import fields

from app.oversight.inspections.schemas_draws import InspectionDeskDraw, InspectionDraw, nullable_text, required_text
from app.tickets.schemas_shown import Named
from app.wire import Wire


class InspectionTaskRound(Wire):
    """One answer of the unit, and what the supervisor said to it."""

    text = required_text()
    evidence_ids = fields.List(fields.String(), required=True)
    by = fields.Nested(Named, required=True)
    at = required_text()
    passed = fields.Boolean(required=True, allow_none=True)
    note = nullable_text()
    reviewed_at = nullable_text()


class InspectionTask(Wire):
    """What a unit has to put right; `state` open, answered, passed or waived."""

    state = required_text()
    label = required_text()
    due_at = required_text()
    ended_at = nullable_text()
    rounds = fields.List(fields.Nested(InspectionTaskRound), required=True)


class InspectionAppeal(Wire):
    """The unit's objection, and what became of it."""

    reason = required_text()
    evidence_ids = fields.List(fields.String(), required=True)
    by = fields.Nested(Named, required=True)
    at = required_text()
    decided_at = nullable_text()
    granted = fields.Boolean(required=True, allow_none=True)
    verdict = nullable_text()
    note = nullable_text()


class TicketInspection(Wire):
    """A verdict that the unit knows of, as it stands on the ticket."""

    id = required_text()
    verdict = required_text()
    label = required_text()
    grounds = fields.List(fields.String(), required=True)
    note = nullable_text()
    told_at = required_text()
    appeal_until = nullable_text()
    rectification = fields.Nested(InspectionTask, required=True, allow_none=True)
    appeal = fields.Nested(InspectionAppeal, required=True, allow_none=True)


class InspectionSignal(Wire):
    """One reason to look: `severity` high, medium, low; null for what is no finding."""

    key = required_text()
    label = required_text()
    severity = nullable_text()


class InspectionLook(Wire):
    """What somebody said of a case."""

    claimed_at = required_text()
    judged_at = nullable_text()
    verdict = nullable_text()
    grounds = fields.List(fields.String(), required=True)
    note = required_text()


class InspectedTicket(Wire):
    """Which ticket it is."""

    id = required_text()
    number = required_text()
    title = required_text()
    state = required_text()
    kind = required_text()
    area = required_text()
    unit = fields.Nested(Named, required=True, allow_none=True)
    closed_at = nullable_text()


class InspectionEntry(Wire):
    """A case; `state` todo, mine, taken (by somebody else), judged (by me), settle (two verdicts differ)."""

    id = required_text()
    draw_id = required_text()
    place = fields.Integer(required=True)
    weight = fields.Float(required=True)
    chance = fields.Float(required=True)
    signals = fields.List(fields.Nested(InspectionSignal), required=True)
    state = required_text()
    mine = fields.Nested(InspectionLook, required=True, allow_none=True)
    taken_by = nullable_text()
    told_from = nullable_text()


class InspectionQueueEntry(InspectionEntry):
    """A case in the queue."""

    ticket = fields.Nested(InspectedTicket, required=True)


class InspectionFollow(Wire):
    """A told case on which the unit, or a supervisor, still has to act."""

    case_id = required_text()
    ticket = fields.Nested(InspectedTicket, required=True)
    verdict = required_text()
    label = required_text()
    told_at = required_text()
    rectification = required_text()
    due_at = required_text()
    late = fields.Boolean(required=True)
    appealed = fields.Boolean(required=True)
    may_decide = fields.Boolean(required=True)


class InspectionQueue(Wire):
    """GET /oversight/inspections/queue"""

    now = required_text()
    draws = fields.List(fields.Nested(InspectionDeskDraw), required=True)
    cases = fields.List(fields.Nested(InspectionQueueEntry), required=True)
    follow = fields.List(fields.Nested(InspectionFollow), required=True)


class InspectionShownLook(InspectionLook):
    """Somebody else's verdict, for whoever settles (without the name) and for all once it was told."""

    nth = fields.Integer(required=True)
    by = nullable_text()


class InspectionChoiceGround(Wire):
    """One ground."""

    key = required_text()
    label = required_text()


class InspectionChoice(Wire):
    """One verdict and its grounds."""

    verdict = required_text()
    label = required_text()
    grounds = fields.List(fields.Nested(InspectionChoiceGround), required=True)


class InspectionApart(Wire):
    """How far and where: metres, degrees from north, and the wind's name."""

    metres = fields.Float(required=True)
    bearing = fields.Integer(required=True)
    wind = required_text()


class InspectionSeal(Wire):
    """The hash sealed at capture; `whole`: the original lies here and matches it."""

    sha256 = required_text()
    whole = fields.Boolean(required=True)


class InspectionPhotoFacts(Wire):
    """Where and when a photo was taken, beside the ticket's place, the visit, dispatch and upload."""

    evidence_id = required_text()
    phase = required_text()
    accuracy_m = fields.Float(required=True, allow_none=True)
    to_place = fields.Nested(InspectionApart, required=True, allow_none=True)
    to_visit = fields.Nested(InspectionApart, required=True, allow_none=True)
    after_dispatch_s = fields.Integer(required=True, allow_none=True)
    upload_s = fields.Integer(required=True, allow_none=True)
    sealed = fields.Nested(InspectionSeal, required=True)


class InspectionPairFacts(Wire):
    """A photo of before and one of after."""

    before_id = required_text()
    after_id = required_text()
    apart = fields.Nested(InspectionApart, required=True, allow_none=True)
    gap_s = fields.Integer(required=True, allow_none=True)
    same_bytes = fields.Boolean(required=True)


class InspectionVisitFacts(Wire):
    """A visit's place beside the ticket's."""

    id = required_text()
    arrived_at = required_text()
    left_at = nullable_text()
    accuracy_m = fields.Float(required=True, allow_none=True)
    to_place = fields.Nested(InspectionApart, required=True, allow_none=True)


class InspectionPlace(Wire):
    """WGS-84 degrees."""

    lat = fields.Float(required=True)
    lon = fields.Float(required=True)


class InspectionFacts(Wire):
    """What is compared on a case."""

    place = fields.Nested(InspectionPlace, required=True, allow_none=True)
    reply_id = nullable_text()
    photos = fields.List(fields.Nested(InspectionPhotoFacts), required=True)
    pairs = fields.List(fields.Nested(InspectionPairFacts), required=True)
    visits = fields.List(fields.Nested(InspectionVisitFacts), required=True)
    field_checks = fields.List(fields.Dict(), required=True)


class InspectionCase(InspectionEntry):
    """GET /oversight/inspections/cases/{id}; the ticket itself comes from /tickets/{id}."""

    ticket_id = required_text()
    draw = fields.Nested(InspectionDraw, required=True)
    told_at = nullable_text()
    verdict = nullable_text()
    looks = fields.List(fields.Nested(InspectionShownLook), required=True)
    choices = fields.List(fields.Nested(InspectionChoice), required=True)
    facts = fields.Nested(InspectionFacts, required=True)
