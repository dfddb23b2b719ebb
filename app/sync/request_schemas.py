"""Wire shapes of requests, of what can be asked for, of plans and of commitments."""

from __future__ import annotations

from marshmallow import fields

from app.tickets.schemas_shown import Named
from app.wire import Wire


class Decision(Wire):
    """One decision or answer on a request; `acting_for` the principal of a deputy."""

    stage = fields.String(required=True)
    decision = fields.String(required=True)
    note = fields.String(required=True, allow_none=True)
    evidence_ids = fields.List(fields.String(), required=True)
    new_due_at = fields.String(required=True, allow_none=True)
    answered_at = fields.String(required=True, allow_none=True)
    by = fields.Nested(Named, required=True)
    acting_for = fields.Nested(Named, required=True, allow_none=True)
    at = fields.String(required=True)


class EvaluatorOut(Wire):
    """One member of a panel, with the vote once it is cast (K3.11)."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    capacity = fields.String(required=True)
    vote = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    voted_at = fields.String(required=True, allow_none=True)


class Request(Wire):
    """A request of any kind; while it waits, for which roles, held by whom, since when, to be decided by when."""

    id = fields.String(required=True)
    kind = fields.String(required=True)
    state = fields.String(required=True)
    reason = fields.String(required=True)
    grounds = fields.List(fields.String(), required=True)
    # Named `form` here, since a schema's own `fields` would hide; on the wire it is `fields`.
    form = fields.Dict(keys=fields.String(), values=fields.String(), required=True, data_key="fields")
    evidence_ids = fields.List(fields.String(), required=True)
    variant = fields.String(required=True, allow_none=True)
    proposed_unit = fields.String(required=True, allow_none=True)
    new_due_at = fields.String(required=True, allow_none=True)
    until = fields.String(required=True, allow_none=True)
    asked_at = fields.String(required=True)
    by = fields.Nested(Named, required=True, allow_none=True)
    role = fields.String(required=True, allow_none=True)
    outcome = fields.String(required=True, allow_none=True)
    supported_by = fields.String(required=True, allow_none=True)
    waits_for = fields.List(fields.String(), required=True)
    held_by = fields.String(required=True)
    waits_since = fields.String(required=True, allow_none=True)
    decide_by = fields.String(required=True, allow_none=True)
    decide_why = fields.String(required=True, allow_none=True)
    decisions = fields.List(fields.Nested(Decision), required=True)
    panel = fields.List(fields.Nested(EvaluatorOut), required=True)


class Askable(Wire):
    """Whether one kind (or its variant) can be asked for now; if not, the sentence says why and what to do instead."""

    kind = fields.String(required=True)
    variant = fields.String(required=True, allow_none=True)
    allowed = fields.Boolean(required=True)
    code = fields.String(required=True, allow_none=True)
    message = fields.String(required=True, allow_none=True)
    until = fields.String(required=True, allow_none=True)
    used = fields.Integer(required=True)
    most = fields.Integer(required=True, allow_none=True)


class Progress(Wire):
    """One progress report; `reason` why the limit was not kept (U2.2)."""

    id = fields.String(required=True)
    text = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)
    caller_told = fields.Boolean(required=True)
    by = fields.Nested(Named, required=True)
    at = fields.String(required=True)


class PlanStepOut(Wire):
    """One step of a plan."""

    text = fields.String(required=True)
    due_at = fields.String(required=True)
    done = fields.Boolean(required=True)


class PlanOut(Wire):
    """One version of the plan of a complex case (K2.7)."""

    id = fields.String(required=True)
    number = fields.Integer(required=True)
    text = fields.String(required=True)
    steps = fields.List(fields.Nested(PlanStepOut), required=True)
    by = fields.Nested(Named, required=True)
    at = fields.String(required=True)


class CommitmentOut(Wire):
    """A promise to the caller, and what became of it (H2.1d)."""

    id = fields.String(required=True)
    origin = fields.String(required=True)
    text = fields.String(required=True)
    due_at = fields.String(required=True)
    made_at = fields.String(required=True)
    by = fields.Nested(Named, required=True)
    outcome = fields.String(required=True, allow_none=True)
    settled_at = fields.String(required=True, allow_none=True)
    settled_note = fields.String(required=True, allow_none=True)
    evidence_ids = fields.List(fields.String(), required=True)
    replaced_by = fields.String(required=True, allow_none=True)
