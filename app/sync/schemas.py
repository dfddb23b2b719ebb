"""Wire shapes of the sync door."""

from __future__ import annotations

from marshmallow import fields, validate

from app.people.schemas import Me
from app.policies.schemas import PolicyOut
from app.sync.ticket_schemas import TicketOut
from app.wire import ClockReading, Uid, Wire, Words

MAX_COMMANDS = 50


class Envelope(Wire):
    """One command as a phone sends it; `args` is checked by the command's own schema."""

    id = Uid(required=True)
    name = Words(64, required=True)
    ticket_id = Uid(load_default=None, allow_none=True)
    args = fields.Dict(keys=fields.String(), required=True)
    captured_at = ClockReading(required=True)
    beacon = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=64))


class Batch(Wire):
    """POST /sync/commands"""

    sent_at = ClockReading(required=True)
    commands = fields.List(fields.Nested(Envelope), required=True, validate=validate.Length(min=1, max=MAX_COMMANDS))


class Receipt(Wire):
    """The answer to one command."""

    id = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf(["applied", "refused"]))
    code = fields.String(required=True, allow_none=True)
    message = fields.String(required=True, allow_none=True)
    facts = fields.Dict(required=True)
    received_at = fields.String(required=True)
    claimed_at = fields.String(required=True)
    counted_at = fields.String(required=True)
    ticket_id = fields.String(required=True, allow_none=True)
    ticket_version = fields.Integer(required=True, allow_none=True)
    replayed = fields.Boolean(required=True)


class PullQuery(Wire):
    """GET /sync/pull"""

    cookie = fields.String(load_default=None, validate=validate.Length(max=48))


class BatchOut(Wire):
    """Answer to a batch of commands."""

    beacon = fields.String(required=True)
    epoch = fields.String(required=True)
    receipts = fields.List(fields.Nested(Receipt), required=True)
    tickets = fields.List(fields.Nested(TicketOut), required=True)


class Notice(Wire):
    """One entry of the inbox."""

    id = fields.String(required=True)
    kind = fields.String(required=True)
    ticket_id = fields.String(required=True, allow_none=True)
    title = fields.String(required=True)
    body = fields.String(required=True)
    at = fields.String(required=True)
    acknowledged_at = fields.String(required=True, allow_none=True)


class UnitPerson(Wire):
    """A liaison or leader as the directory shows them."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    rank = fields.String(required=True, allow_none=True)
    phone_masked = fields.String(required=True)


class DutyOut(Wire):
    """One turn of duty."""

    person_id = fields.String(required=True)
    name = fields.String(required=True)
    rank = fields.String(required=True)
    starts_at = fields.String(required=True, data_key="from")
    ends_at = fields.String(required=True, data_key="until")


class Unit(Wire):
    """A unit of the directory."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    level = fields.Integer(required=True)
    parent_id = fields.String(required=True, allow_none=True)
    has_liaison = fields.Boolean(required=True)
    liaisons = fields.List(fields.Nested(UnitPerson), required=True)
    leaders = fields.List(fields.Nested(UnitPerson), required=True)
    duty = fields.List(fields.Nested(DutyOut), required=True)


class PullOut(Wire):
    """Answer to GET /sync/pull; with `unchanged` only `beacon` stands beside it."""

    unchanged = fields.Boolean(required=True)
    beacon = fields.String(required=True)
    epoch = fields.String()
    cookie = fields.String()
    reset = fields.Boolean()
    more = fields.Boolean()
    tickets = fields.List(fields.Nested(TicketOut))
    inbox = fields.List(fields.Nested(Notice))
    policies = fields.List(fields.Nested(PolicyOut))
    units = fields.List(fields.Nested(Unit), allow_none=True)
    me = fields.Nested(Me, allow_none=True)
    gone = fields.List(fields.String())
