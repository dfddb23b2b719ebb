"""Wire shapes of a whole ticket; what each of them means stands in the package it comes from."""

from __future__ import annotations

from marshmallow import fields, validate

from app.oversight.escalations.schemas import TicketEscalation
from app.oversight.inspections.schemas_http import TicketInspection
from app.sync.reply_schemas import CallbackOut, Draft, Reply, ReplyChain
from app.sync.request_schemas import Askable, CommitmentOut, PlanOut, Progress, Request
from app.tickets.schemas_shown import AssignmentOut, AssistOut, ConsultationOut, DirectAnswerOut
from app.wire import Wire


class Person(Wire):
    """Someone, by id and name."""

    id = fields.String(required=True)
    name = fields.String(required=True)


class Position(Wire):
    """A place in WGS-84 with what is known of the fix."""

    lat = fields.Float(required=True)
    lon = fields.Float(required=True)
    accuracy_m = fields.Float(allow_none=True)
    datum = fields.String()
    reported_datum = fields.String()
    at = fields.String(allow_none=True)


class SampledPosition(Position):
    """The best of several fixes: how many there were, how far from their middle (metres), over how many seconds."""

    samples = fields.Integer(allow_none=True)
    spread_m = fields.Float(allow_none=True)
    span_s = fields.Float(allow_none=True)


class Clock(Wire):
    """One clock of a ticket with the words that explain it."""

    clock = fields.String(required=True)
    label = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(["deadline", "guard", "target", "mark"]))
    started_at = fields.String(required=True)
    due_at = fields.String(required=True)
    met_at = fields.String(required=True, allow_none=True)
    stopped_at = fields.String(required=True, allow_none=True)
    provisional = fields.Boolean(required=True)
    derivation = fields.String(required=True)
    cite = fields.String(required=True)
    assumed = fields.Boolean(required=True)


class Contact(Wire):
    """One recorded contact."""

    id = fields.String(required=True)
    purpose = fields.String(required=True)
    to = fields.String(required=True)
    channel = fields.String(required=True)
    outcome = fields.String(required=True)
    started_at = fields.String(required=True)
    duration_s = fields.Integer(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    by = fields.Nested(Person, required=True)
    recorded_at = fields.String(required=True)
    evidence_ids = fields.List(fields.String(), required=True)


class Visit(Wire):
    """One recorded visit at the door."""

    id = fields.String(required=True)
    mode = fields.String(required=True)
    arrived_at = fields.String(required=True)
    left_at = fields.String(required=True, allow_none=True)
    met = fields.String(required=True)
    met_name = fields.String(required=True, allow_none=True)
    position = fields.Nested(Position, required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    by = fields.Nested(Person, required=True)
    recorded_at = fields.String(required=True)


class VisitException(Wire):
    """Why no visit took place."""

    id = fields.String(required=True)
    ground = fields.String(required=True)
    note = fields.String(required=True, allow_none=True)
    by = fields.Nested(Person, required=True)
    recorded_at = fields.String(required=True)


class Evidence(Wire):
    """One piece of evidence and how far it has come; `ours`: of the unit that has the ticket, or of one that helps."""

    id = fields.String(required=True)
    kind = fields.String(required=True)
    phase = fields.String(required=True)
    sha256 = fields.String(required=True)
    size = fields.Integer(required=True)
    media_type = fields.String(required=True)
    captured_at = fields.String(required=True)
    source = fields.String(required=True)
    position = fields.Nested(SampledPosition, required=True, allow_none=True)
    duration_s = fields.Float(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    state = fields.String(required=True)
    received_bytes = fields.Integer(required=True)
    reason = fields.String(required=True, allow_none=True)
    has_display = fields.Boolean(required=True)
    has_thumb = fields.Boolean(required=True)
    has_audio = fields.Boolean(required=True)
    peaks = fields.List(fields.Float(), required=True, allow_none=True)
    by = fields.Nested(Person, required=True)
    declared_at = fields.String(required=True)
    received_at = fields.String(required=True, allow_none=True)
    width = fields.Integer(required=True, allow_none=True)
    height = fields.Integer(required=True, allow_none=True)
    ours = fields.Boolean(required=True)
    issued_at = fields.String(required=True, allow_none=True)
    device = fields.Nested(Person, required=True, allow_none=True)
    display_width = fields.Integer(required=True, allow_none=True)
    display_height = fields.Integer(required=True, allow_none=True)
    strip_px = fields.Integer(required=True, allow_none=True)


class MessageOut(Wire):
    """One message of the thread."""

    id = fields.String(required=True)
    text = fields.String(required=True)
    by = fields.Nested(Person, required=True)
    role = fields.String(required=True)
    at = fields.String(required=True)


class Reported(Wire):
    """The station's mark that a ticket goes to the city centre."""

    by = fields.Nested(Person, required=True)
    at = fields.String(required=True)
    note = fields.String(required=True)


class TimelineEntry(Wire):
    """One thing that happened, for people to read."""

    seq = fields.Integer(required=True)
    name = fields.String(required=True)
    at = fields.String(required=True)
    by = fields.Nested(Person, required=True, allow_none=True)
    role = fields.String(required=True, allow_none=True)
    summary = fields.String(required=True)
    claimed_at = fields.String(required=True, allow_none=True)
    late = fields.Boolean(required=True)


class CallerOut(Wire):
    """The caller, masked."""

    name = fields.String(required=True)
    phone = fields.String(required=True)
    address = fields.String(required=True)
    anonymous = fields.Boolean(required=True)


class Detail(Wire):
    """What stands on a ticket's page beyond its row."""

    content = fields.String(required=True)
    category = fields.String(required=True, allow_none=True)
    caller = fields.Nested(CallerOut, required=True)
    contacts = fields.List(fields.Nested(Contact), required=True)
    visits = fields.List(fields.Nested(Visit), required=True)
    visit_exceptions = fields.List(fields.Nested(VisitException), required=True)
    evidence = fields.List(fields.Nested(Evidence), required=True)
    draft = fields.Nested(Draft, required=True, allow_none=True)
    replies = fields.List(fields.Nested(Reply), required=True)
    chain = fields.Nested(ReplyChain, required=True, allow_none=True)
    reasons_open = fields.List(fields.String(), required=True)
    callbacks = fields.List(fields.Nested(CallbackOut), required=True)
    requests = fields.List(fields.Nested(Request), required=True)
    askable = fields.List(fields.Nested(Askable), required=True)
    plans = fields.List(fields.Nested(PlanOut), required=True)
    commitments = fields.List(fields.Nested(CommitmentOut), required=True)
    progress = fields.List(fields.Nested(Progress), required=True)
    messages = fields.List(fields.Nested(MessageOut), required=True)
    reported_to_centre = fields.Nested(Reported, required=True, allow_none=True)
    centre_signed_at = fields.String(required=True, allow_none=True)
    assignments = fields.List(fields.Nested(AssignmentOut), required=True)
    consultations = fields.List(fields.Nested(ConsultationOut), required=True)
    assists = fields.List(fields.Nested(AssistOut), required=True)
    direct_answer = fields.Nested(DirectAnswerOut, required=True, allow_none=True)
    escalations = fields.List(fields.Nested(TicketEscalation), required=True)
    inspections = fields.List(fields.Nested(TicketInspection), required=True)
    timeline = fields.List(fields.Nested(TimelineEntry), required=True)


class Holder(Wire):
    """Who has to act now, since when."""

    role = fields.String(required=True)
    name = fields.String(required=True)
    since = fields.String(required=True)


class TicketOut(Wire):
    """A ticket as a phone holds it; `detail` null means that only the row has been sent so far."""

    id = fields.String(required=True)
    version = fields.Integer(required=True)
    number = fields.String(required=True)
    policy_id = fields.String(required=True)
    title = fields.String(required=True)
    state = fields.String(required=True)
    state_since = fields.String(required=True)
    priority = fields.String(required=True)
    kind = fields.String(required=True)
    source = fields.String(required=True)
    area = fields.String(required=True)
    unit = fields.Nested(Person, required=True, allow_none=True)
    handler = fields.Nested(Person, required=True, allow_none=True)
    received_at = fields.String(required=True)
    dispatched_at = fields.String(required=True, allow_none=True)
    signed_at = fields.String(required=True, allow_none=True)
    closed_at = fields.String(required=True, allow_none=True)
    closed_how = fields.String(required=True, allow_none=True)
    exempt = fields.Boolean(required=True)
    suspended_until = fields.String(required=True, allow_none=True)
    redo_count = fields.Integer(required=True)
    assigned_count = fields.Integer(required=True)
    escalated = fields.Boolean(required=True)
    confidential = fields.Boolean(required=True)
    position = fields.Nested(Position, required=True, allow_none=True)
    holder = fields.Nested(Holder, required=True, allow_none=True)
    clocks = fields.List(fields.Nested(Clock), required=True)
    open_requests = fields.List(fields.String(), required=True)
    detail = fields.Nested(Detail, required=True, allow_none=True)
