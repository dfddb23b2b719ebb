"""Tickets read online: the station's list, one ticket, its whole timeline, and the caller's data on request.

These stand on the sync floor, because a whole ticket is put together from packages above `tickets`.
"""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint
from marshmallow import fields
from sqlalchemy.orm import Session

from app import clock
from app.clock import Moment
from app.http import actor, config, database, json_response, signed_in
from app.oversight.watching import REPEATED_FROM
from app.people.models import Jurisdiction
from app.policies.queries import policy_of
from app.problems import Problem
from app.sync import snapshot
from app.sync.ticket_schemas import TicketOut, TimelineEntry
from app.tickets import board, queries
from app.tickets.case import visible_ticket
from app.tickets.reveal import reveal
from app.tickets.schemas_http import Chain, ListQuery, RevealArgs, Revealed
from app.wire import Wire

blueprint = Blueprint("tickets", __name__, url_prefix="/api/v1/tickets", description="工单")


class ListOut(Wire):
    """A page of rows; `next_cursor` null on the last one."""

    tickets = fields.List(fields.Nested(TicketOut), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class TimelineOut(Wire):
    """All events of a ticket."""

    events = fields.List(fields.Nested(TimelineEntry), required=True)
    chain = fields.Nested(Chain, required=True)


@blueprint.get("")
@signed_in
@blueprint.arguments(ListQuery, location="query")
@blueprint.response(200, ListOut)
def index(args: dict[str, Any]) -> Response:
    """List what the person may see, urgent first then by deadline (D2.2), or the newest first."""
    cursor = _read_cursor(args["cursor"], args["sort"])
    with database().read() as session:
        found = board.page(session, actor(), _filters(session, args), args["sort"], cursor, args["page_size"] + 1)
        page = found[: args["page_size"]]
        body = {
            "tickets": snapshot.rows(session, [row[0] for row in page]),
            "next_cursor": _write_cursor(page[-1]) if len(found) > len(page) else None,
            "counts": queries.counts(session, actor()),
        }
    return json_response(body)


def _filters(session: Session, args: dict[str, Any]) -> board.Filters:
    place = session.get_one(Jurisdiction, actor().jurisdiction_id)
    policy = policy_of(session, place.policy_id)
    again = policy.dispatch.repeat_limit or REPEATED_FROM
    return board.Filters(
        state=args["state"],
        unit_id=args["unit"],
        urgency=policy.urgency(args["priority"]) if args["priority"] else None,
        text=args["q"] or None,
        due_before=board.due_before(args["due"], clock.now(), place.zone) if args["due"] else None,
        assigned_from=again if args["repeated"] else None,
        escalated=args["escalated"],
    )


def _write_cursor(row: Any) -> str:
    values = [clock.iso(v) if isinstance(v, datetime) else v for v in row]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


def _read_cursor(cursor: str | None, sort: str) -> list[Any] | None:
    """Return the keys of the row a page begins after; a cursor of the other sorting is no cursor of this one."""
    if cursor is None:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor))
        keys = [str(UUID(values[0])), *values[1:]]
        if sort == "new":
            [_, at] = keys
            return [keys[0], clock.parse(at)]
        [_, urgency, due] = keys
        return [keys[0], int(urgency), None if due is None else clock.parse(due)]
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError, binascii.Error) as error:
        raise Problem("request_invalid", errors={"cursor": ["翻页标记无效，请从第一页重新查看。"]}) from error


@blueprint.get("/<uuid:ticket_id>")
@signed_in
@blueprint.response(200, TicketOut)
def show(ticket_id: Any) -> Response:
    """Return one ticket with its detail. 404 ticket_not_found for another unit's."""
    with database().read() as session:
        ticket = visible_ticket(session, actor(), str(ticket_id))
        return json_response(snapshot.whole(session, [ticket.id])[0])


@blueprint.get("/<uuid:ticket_id>/timeline")
@signed_in
@blueprint.response(200, TimelineOut)
def timeline(ticket_id: Any) -> Response:
    """Return every event of the ticket and the head of its hash chain."""
    with database().read() as session:
        ticket = visible_ticket(session, actor(), str(ticket_id))
        events = queries.timelines(session, [ticket.id], None).get(ticket.id, [])
        return json_response(
            {"events": events, "chain": {"length": ticket.journal_length, "head": ticket.journal_head}}
        )


@blueprint.post("/<uuid:ticket_id>/caller")
@signed_in
@blueprint.arguments(RevealArgs)
@blueprint.response(200, Revealed)
def caller(args: dict[str, Any], ticket_id: Any) -> Response:
    """Show the caller's data for a reason that is journalled first. 429 reveal_too_many."""
    at = Moment.of_server(clock.now())
    with database().unit_of_work() as session:
        shown = reveal(session, actor(), str(ticket_id), args["reason"], config().reveals_per_hour, at)
    return json_response(shown)
