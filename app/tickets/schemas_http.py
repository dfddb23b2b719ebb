"""Wire shapes of the ticket pages that are read online."""

from __future__ import annotations

from marshmallow import fields, validate

from app.tickets import board, lifecycle
from app.wire import Uid, Wire, Words


class ListQuery(Wire):
    """GET /tickets"""

    state = fields.String(load_default=None, validate=validate.OneOf(list(lifecycle.LABELS)))
    q = Words(60, minimum=0, load_default="")
    unit = Uid(load_default=None)
    priority = Words(16, load_default=None)
    due = fields.String(load_default=None, validate=validate.OneOf(board.DUES))
    repeated = fields.Boolean(load_default=False)
    escalated = fields.Boolean(load_default=False)
    sort = fields.String(load_default="due", validate=validate.OneOf(board.SORTS))
    page_size = fields.Integer(load_default=50, validate=validate.Range(1, 100))
    cursor = fields.String(load_default=None, validate=validate.Length(max=200))


class RevealArgs(Wire):
    """POST /tickets/{id}/caller"""

    reason = Words(200, required=True)


class Revealed(Wire):
    """The caller, unmasked."""

    name = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)
    address = fields.String(required=True, allow_none=True)


class Chain(Wire):
    """Length and head of a ticket's journal, to compare with what a phone or a print says."""

    length = fields.Integer(required=True)
    head = fields.String(required=True)
