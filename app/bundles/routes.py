"""Evidence bundles of a ticket: how far they are, and the finished file."""

from __future__ import annotations

from typing import Any

from flask import Response, request, send_file
from flask_smorest import Blueprint

from app import clock
from app.bundles import queries, schemas
from app.bundles.jobs import path_of
from app.clock import Moment
from app.http import actor, config, database, json_response, signed_in
from app.journal.record import record
from app.problems import Problem
from app.tickets.models import Ticket

blueprint = Blueprint("bundles", __name__, url_prefix="/api/v1", description="证据包")
_ZIP = "application/zip"


@blueprint.get("/tickets/<uuid:ticket_id>/bundles")
@signed_in
@blueprint.response(200, schemas.BundlesOut)
def index(ticket_id: Any) -> Response:
    """List the ticket's newest bundles and how far each is. 403 for who may not have one made."""
    with database().read() as session:
        return json_response(queries.of_ticket(session, actor(), str(ticket_id)))


@blueprint.get("/bundles/<uuid:bundle_id>/file")
@signed_in
@blueprint.response(200, content_type=_ZIP, description="证据包，支持 Range")
def fetch(bundle_id: Any) -> Response:
    """Return the finished bundle as a download; who fetched it is journalled first."""
    at = Moment.of_server(clock.now())
    with database().unit_of_work() as session:
        row, ticket = queries.ready(session, actor(), str(bundle_id))
        path = path_of(config().bundle_dir, row.id)
        if not path.is_file():
            raise Problem("bundle_not_found")
        if not request.range or request.range.ranges[0][0] == 0:
            locked = session.get_one(Ticket, ticket.id, with_for_update=True)
            record(session, locked, "bundle.fetched", {"bundle_id": row.id}, at, by=actor())
            locked.version += 1
        name, digest = f"evidence-{ticket.number}.zip", row.sha256
    response = send_file(
        path, mimetype=_ZIP, as_attachment=True, download_name=name, conditional=True, etag=digest or ""
    )
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
