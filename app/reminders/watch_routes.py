"""What will be late, who answers, and how a ticket's reminders climb."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint
from marshmallow import fields, validate

from app import clock
from app.http import actor, database, json_response, signed_in
from app.people.permissions import LEADING, STATION, SUPERVISOR
from app.problems import Problem
from app.reminders import schemas_http, watching
from app.tickets.case import visible_ticket
from app.wire import Wire

blueprint = Blueprint("reminders", __name__, url_prefix="/api/v1", description="提醒与催办")


class LateQuery(Wire):
    """GET /reminders/late"""

    hours = fields.Integer(load_default=24, validate=validate.Range(1, 24 * 14))


@blueprint.get("/reminders/late")
@signed_in
@blueprint.arguments(LateQuery, location="query")
@blueprint.response(200, schemas_http.LateOut)
def late(args: dict[str, Any]) -> Response:
    """List what is over its time or will be within `hours`, the first due first (A4). 403 not_permitted."""
    if not actor().has(STATION, SUPERVISOR, *LEADING):
        raise Problem("not_permitted", command="查看即将超时的工单")
    at = clock.now()
    with database().read() as session:
        rows = watching.about_to_be_late(session, actor(), at, timedelta(hours=args["hours"]))
    return json_response({"now": clock.iso(at), "tickets": rows})


@blueprint.get("/reminders/reachability")
@signed_in
@blueprint.response(200, schemas_http.ReachOut)
def reachability() -> Response:
    """List how people answer their reminders, those who do not first (D6.1, U5.1). 403 unless of the station."""
    if not actor().has(STATION):
        raise Problem("not_permitted", command="查看联络情况")
    with database().read() as session:
        return json_response({"people": watching.reachability(session, actor().jurisdiction_id, clock.now())})


@blueprint.get("/tickets/<uuid:ticket_id>/reminders")
@signed_in
@blueprint.response(200, schemas_http.LadderOut)
def ladder(ticket_id: UUID) -> Response:
    """List a ticket's reminders: who was told when and has answered, and who is next. 404 ticket_not_found."""
    at = clock.now()
    with database().read() as session:
        visible_ticket(session, actor(), str(ticket_id))
        return json_response({"now": clock.iso(at), "reminders": watching.ladder(session, str(ticket_id), at)})
