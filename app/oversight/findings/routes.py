"""What is doubtful about evidence, for station and supervisors."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from app.http import actor, database, json_response, signed_in
from app.oversight.findings import queries
from app.oversight.findings.queries import Wanted
from app.oversight.findings.rules import OPEN
from app.oversight.findings.schemas import FindingsOut, FindingsQuery, TicketFindingsOut
from app.tickets.case import visible_ticket

blueprint = Blueprint("findings", __name__, url_prefix="/api/v1/oversight", description="佐证疑点")


@blueprint.get("/findings")
@signed_in
@blueprint.arguments(FindingsQuery, location="query")
@blueprint.response(200, FindingsOut)
def findings(args: dict[str, Any]) -> Response:
    """List doubtful evidence in sight, the gravest first; 200 at most. 403 not_permitted."""
    queries.require_watcher(actor())
    wanted = Wanted(args["state"], args["kind"], args["severity"], args["unit"], args["ticket"])
    with database().read() as session:
        found = {
            "findings": queries.listing(session, actor(), wanted),
            "counts": queries.counts(session, actor(), wanted),
            "run": queries.run_of(session, actor().jurisdiction_id),
        }
    return json_response(found)


@blueprint.get("/tickets/<uuid:ticket_id>/findings")
@signed_in
@blueprint.response(200, TicketFindingsOut)
def of_ticket(ticket_id: object) -> Response:
    """List every finding of one ticket, also dismissed and lapsed ones. 403 not_permitted, 404 ticket_not_found."""
    queries.require_watcher(actor())
    with database().read() as session:
        ticket = visible_ticket(session, actor(), str(ticket_id))
        found = queries.listing(session, actor(), Wanted(state="all", ticket_id=ticket.id))
    return json_response({"findings": sorted(found, key=lambda f: f["state"] != OPEN)})
