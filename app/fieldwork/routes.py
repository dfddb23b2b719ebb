"""The ledger of commitments, read online (H2.1d)."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import fields, validate

from app import clock
from app.fieldwork.ledger import entries
from app.http import actor, database, json_response, signed_in
from app.wire import Uid, Wire

blueprint = Blueprint("commitments", __name__, url_prefix="/api/v1/commitments", description="承诺台账")
STATES = ("open", "overdue", "settled")


class LedgerQuery(Wire):
    """Which entries: `after` is the `next` of the page before."""

    state = fields.String(load_default="open", validate=validate.OneOf(STATES))
    unit = Uid(load_default=None, allow_none=True)
    after = Uid(load_default=None, allow_none=True)


class LedgerName(Wire):
    """Somebody or a unit, by id and name."""

    id = fields.String(required=True)
    name = fields.String(required=True)


class LedgerTicket(Wire):
    """The ticket on which a promise was made."""

    id = fields.String(required=True)
    number = fields.String(required=True)
    title = fields.String(required=True)


class LedgerEntry(Wire):
    """One promise in the ledger; `overdue` when its date has passed and it is not settled."""

    id = fields.String(required=True)
    ticket = fields.Nested(LedgerTicket, required=True)
    unit = fields.Nested(LedgerName, required=True)
    by = fields.Nested(LedgerName, required=True)
    origin = fields.String(required=True)
    text = fields.String(required=True)
    due_at = fields.String(required=True)
    made_at = fields.String(required=True)
    overdue = fields.Boolean(required=True)
    outcome = fields.String(required=True, allow_none=True)
    settled_at = fields.String(required=True, allow_none=True)
    settled_note = fields.String(required=True, allow_none=True)
    evidence_ids = fields.List(fields.String(), required=True)
    replaced_by = fields.String(required=True, allow_none=True)


class Ledger(Wire):
    """A page of the ledger; `next` null on the last one."""

    commitments = fields.List(fields.Nested(LedgerEntry), required=True)
    next = fields.String(required=True, allow_none=True)


@blueprint.get("")
@signed_in
@blueprint.arguments(LedgerQuery, location="query")
@blueprint.response(200, Ledger)
def index(args: dict[str, Any]) -> Response:
    """List the promises on tickets in sight: the next due first, or the last settled first."""
    with database().read() as session:
        found, following = entries(
            session, actor(), clock.now(), state=args["state"], unit_id=args["unit"], after=args["after"]
        )
    return json_response({"commitments": found, "next": following})
