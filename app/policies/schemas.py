"""The policy as the phone gets it; see `app.policies.wire`."""

from __future__ import annotations

from marshmallow import fields

from app.policies.schemas_running import (
    AcceptOut,
    CallbackRulesOut,
    CentreOut,
    Cited,
    CommitmentsOut,
    DirectOut,
    DispatchOut,
    EscalationOut,
    FieldRuleOut,
    NamedItem,
    PlanRulesOut,
    RequestOut,
    ReviewOut,
)
from app.wire import Wire


class StationOut(Cited):
    """Whom to call in doubt; the number that is dialled is the jurisdiction's, which the station keeps."""

    name = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True)


class TransitionOut(Wire):
    """One row of the life cycle."""

    command = fields.String(required=True)
    label = fields.String(required=True)
    sources = fields.List(fields.String(), required=True, data_key="from")
    target = fields.String(required=True, allow_none=True, data_key="to")
    roles = fields.List(fields.String(), required=True)


class ClockRuleOut(Cited):
    """What a clock is."""

    label = fields.String(required=True)
    kind = fields.String(required=True)


class ReplyPartOut(Cited):
    """One part of the reply."""

    key = fields.String(required=True)
    label = fields.String(required=True)
    hint = fields.String(required=True)
    min_chars = fields.Integer(required=True)
    max_chars = fields.Integer(required=True)
    required = fields.Boolean(required=True)


class OpinionOut(Cited):
    """How the caller's opinion is asked."""

    label = fields.String(required=True)
    options = fields.List(fields.Nested(NamedItem), required=True)


class PhotosOut(Cited):
    """How many photos a reply needs."""

    before = fields.Integer(required=True)
    after = fields.Integer(required=True)
    severity = fields.String(required=True)
    or_recording = fields.Boolean(required=True)


class VisitRequiredOut(Cited):
    """Whether a reply needs a visit."""

    required = fields.Boolean(required=True)
    severity = fields.String(required=True)


class FinishOut(NamedItem):
    """One way to finish a ticket."""

    hint = fields.String(required=True)
    form = fields.String(required=True, allow_none=True)
    opinions = fields.List(fields.String(), required=True)
    needs = fields.List(fields.String(), required=True)
    signers = fields.List(fields.String(), required=True)


class ContactDutyOut(Cited):
    """两次有效联系."""

    first = fields.Boolean(required=True)
    second = fields.Boolean(required=True)
    severity = fields.String(required=True)


class FaceToFaceOut(Cited):
    """Whose callers must be met in person, without exception."""

    sources = fields.List(fields.String(), required=True)
    priorities = fields.List(fields.String(), required=True)
    redo_from = fields.Integer(required=True, allow_none=True)
    severity = fields.String(required=True)


class RecordingOut(Cited):
    """Whether an answer by phone needs the recording of the call."""

    severity = fields.String(required=True)


class ReplyOut(Wire):
    """The reply template and what its pre-check needs."""

    parts = fields.List(fields.Nested(ReplyPartOut), required=True)
    opinion = fields.Nested(OpinionOut, required=True)
    empty_phrases = fields.List(fields.String(), required=True)
    fillers = fields.List(fields.String(), required=True)
    empty_cite = fields.String(required=True)
    photos = fields.Nested(PhotosOut, required=True)
    visit = fields.Nested(VisitRequiredOut, required=True)
    phrases = fields.List(fields.String(), required=True)
    fields_ = fields.List(fields.Nested(FieldRuleOut), required=True, data_key="fields", attribute="fields")
    finishes = fields.List(fields.Nested(FinishOut), required=True)
    contacts = fields.Nested(ContactDutyOut, required=True, allow_none=True)
    face_to_face = fields.Nested(FaceToFaceOut, required=True, allow_none=True)
    recording = fields.Nested(RecordingOut, required=True, allow_none=True)


class ModeOut(NamedItem):
    """One of 办 · 劝 · 谈."""

    hint = fields.String(required=True)


class ExceptionOut(NamedItem):
    """Why a visit may be missing; `attempts` failed calls must be on record first."""

    attempts = fields.Integer(required=True, allow_none=True)


class VisitOut(Wire):
    """Visits and their exceptions."""

    modes = fields.List(fields.Nested(ModeOut), required=True)
    exceptions = fields.List(fields.Nested(ExceptionOut), required=True)


class ProgressOut(Cited):
    """What a progress report needs."""

    min_chars = fields.Integer(required=True)
    max_chars = fields.Integer(required=True)
    empty_phrases = fields.List(fields.String(), required=True)
    fillers = fields.List(fields.String(), required=True)
    caller_told = fields.Boolean(required=True)
    late_reason_min_chars = fields.Integer(required=True, allow_none=True)


class SignOffOut(Cited):
    """One step of the sign-off chain."""

    role = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    label = fields.String(required=True)


class ReminderOut(Cited):
    """One step of the reminder schedule."""

    kind = fields.String(required=True)
    clock = fields.String(required=True, allow_none=True)
    anchor = fields.String(required=True, allow_none=True)
    offset_minutes = fields.Integer(required=True)
    event = fields.String(required=True, allow_none=True)
    to = fields.List(fields.String(), required=True)


class PolicyOut(Wire):
    """One published profile version, as data for the phone."""

    id = fields.String(required=True)
    jurisdiction = fields.String(required=True)
    name = fields.String(required=True)
    zone = fields.String(required=True)
    basis = fields.String(required=True)
    station = fields.Nested(StationOut, required=True)
    priorities = fields.List(fields.Nested(NamedItem), required=True)
    states = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    transitions = fields.List(fields.Nested(TransitionOut), required=True)
    clocks = fields.Dict(keys=fields.String(), values=fields.Nested(ClockRuleOut), required=True)
    reply = fields.Nested(ReplyOut, required=True)
    visit = fields.Nested(VisitOut, required=True)
    progress = fields.Nested(ProgressOut, required=True)
    requests = fields.List(fields.Nested(RequestOut), required=True)
    sign_off = fields.List(fields.Nested(SignOffOut), required=True)
    reminders = fields.List(fields.Nested(ReminderOut), required=True)
    roles = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    kinds = fields.List(fields.Nested(NamedItem), required=True)
    sources = fields.List(fields.Nested(NamedItem), required=True)
    centre = fields.Nested(CentreOut, required=True)
    accept = fields.Nested(AcceptOut, required=True)
    dispatch = fields.Nested(DispatchOut, required=True)
    direct = fields.List(fields.Nested(DirectOut), required=True)
    review = fields.Nested(ReviewOut, required=True)
    callback = fields.Nested(CallbackRulesOut, required=True)
    commitments = fields.Nested(CommitmentsOut, required=True, allow_none=True)
    plan = fields.Nested(PlanRulesOut, required=True, allow_none=True)
    failings = fields.List(fields.Nested(NamedItem), required=True)
    escalations = fields.List(fields.Nested(EscalationOut), required=True)
    rates = fields.List(fields.Nested(NamedItem), required=True)
    levels = fields.List(fields.String(), required=True)
    training_per_year = fields.Integer(required=True, allow_none=True)
