"""Wire shapes of what is watched about reminders."""

from __future__ import annotations

from marshmallow import fields

from app.wire import Wire


class PersonTold(Wire):
    """Somebody who was told, and since when it is answered."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    acknowledged_at = fields.String(required=True, allow_none=True)


class LastTold(PersonTold):
    """The latest line that went to somebody about a ticket."""

    title = fields.String(required=True)
    at = fields.String(required=True)


class LateUnit(Wire):
    """The unit that has the ticket."""

    id = fields.String(required=True)
    name = fields.String(required=True)


class LateTicket(Wire):
    """What it takes to know which ticket it is."""

    id = fields.String(required=True)
    number = fields.String(required=True)
    title = fields.String(required=True)
    state = fields.String(required=True)
    priority = fields.String(required=True)
    unit = fields.Nested(LateUnit, required=True, allow_none=True)


class Callee(Wire):
    """An official to call; the number is shown whole."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    phone = fields.String(required=True)


class LateRow(Wire):
    """A ticket with its nearest deadline."""

    ticket = fields.Nested(LateTicket, required=True)
    clock = fields.String(required=True)
    label = fields.String(required=True)
    due_at = fields.String(required=True)
    on_duty = fields.List(fields.Nested(Callee), required=True)
    told = fields.List(fields.Nested(LastTold), required=True)


class LateOut(Wire):
    """GET /reminders/late"""

    now = fields.String(required=True)
    tickets = fields.List(fields.Nested(LateRow), required=True)


class HeldUnit(LateUnit):
    """A unit in which somebody holds a role."""

    role = fields.String(required=True)


class TrialCall(Wire):
    """A trial call: how it ended, and who made it."""

    outcome = fields.String(required=True)
    note = fields.String(required=True)
    at = fields.String(required=True)
    by = fields.String(required=True)


class ReachRow(Callee):
    """How somebody answers; `unanswered` in a row, of the last 30 days; `calls` are the latest few trial calls."""

    units = fields.List(fields.Nested(HeldUnit), required=True)
    asked = fields.Integer(required=True)
    answered = fields.Integer(required=True)
    unanswered = fields.Integer(required=True)
    last_answer_at = fields.String(required=True, allow_none=True)
    last_seen_at = fields.String(required=True, allow_none=True)
    missed_check = fields.Boolean(required=True)
    on_leave = fields.Boolean(required=True)
    calls = fields.List(fields.Nested(TrialCall), required=True)
    unreachable = fields.Boolean(required=True)


class ReachOut(Wire):
    """GET /reminders/reachability"""

    people = fields.List(fields.Nested(ReachRow), required=True)


class LadderRow(Wire):
    """One reminder of a ticket: sent (`fired`), or waiting (`planned`) for `at`."""

    id = fields.String(required=True)
    kind = fields.String(required=True)
    state = fields.String(required=True)
    at = fields.String(required=True)
    rung = fields.Integer(required=True)
    title = fields.String(required=True, allow_none=True)
    roles = fields.List(fields.String(), required=True)
    told = fields.List(fields.Nested(PersonTold), required=True)


class LadderOut(Wire):
    """GET /tickets/{id}/reminders"""

    now = fields.String(required=True)
    reminders = fields.List(fields.Nested(LadderRow), required=True)
