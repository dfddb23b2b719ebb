"""The roster: a unit's month, one's own days, a plan before it is written, days without anybody."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app import clock
from app.http import actor, database, json_response, signed_in
from app.people import permissions
from app.people.models import Jurisdiction, Unit
from app.people.permissions import ADMIN, LEADING, LIAISON, STATION, SUPERVISOR, not_permitted
from app.people.roster import gaps, preview, schemas_http, wire
from app.people.roster.changes import Pattern
from app.people.roster.rules import day_at
from app.problems import Problem, require

blueprint = Blueprint("roster", __name__, url_prefix="/api/v1/people/roster", description="值班表")


def _unit(session: Session, unit_id: Any) -> Unit:
    unit = session.get(Unit, str(unit_id))
    if unit is None or unit.jurisdiction_id != actor().jurisdiction_id or unit.closed_at is not None:
        raise Problem("unit_not_found")
    return unit


@blueprint.get("/units/<uuid:unit_id>")
@signed_in
@blueprint.arguments(schemas_http.MonthAsked, location="query")
@blueprint.response(200, schemas_http.RosterMonth)
def month(args: dict[str, Any], unit_id: Any) -> Response:
    """Return a month of a unit's roster: like the directory, for whoever holds a role here (D6.1, U5.1). 403, 404."""
    if not actor().grants:
        require(not_permitted("查看值班表", LIAISON, STATION))
    at = clock.now()
    with database().read() as session:
        unit = _unit(session, unit_id)
        today = day_at(at, session.get_one(Jurisdiction, unit.jurisdiction_id).zone)
        asked = date.fromisoformat(f"{args['month']}-01") if args["month"] else today
        return json_response(wire.month_wire(session, actor(), unit, asked, at))


@blueprint.post("/units/<uuid:unit_id>/preview")
@signed_in
@blueprint.arguments(schemas_http.PlanAsked)
@blueprint.response(200, schemas_http.PlanPreview)
def preview_plan(args: dict[str, Any], unit_id: Any) -> Response:
    """Return what a pattern would give, without writing it; holidays and make-up days in it (D6.1).

    403 for who does not plan this unit, 404, 422 `duty_invalid` for people who are no liaisons of it.
    """
    pattern = Pattern(tuple(args["people"]), args["every"], args["backup"], args["apart"])
    with database().read() as session:
        unit = _unit(session, unit_id)
        require(permissions.judge(actor(), "duty.plan", unit.jurisdiction_id, unit.id, "排定值班表"))
        span = args["first"], args["last"]
        return json_response(preview.preview_wire(session, unit, pattern, *span, args["replace"], clock.now()))


@blueprint.get("/mine")
@signed_in
@blueprint.response(200, schemas_http.OwnRoster)
def mine() -> Response:
    """Return one's own next turns, requests to and from one, and one's leave."""
    with database().read() as session:
        return json_response(wire.mine_wire(session, actor(), clock.now()))


@blueprint.get("/gaps")
@signed_in
@blueprint.arguments(schemas_http.DaysAsked, location="query")
@blueprint.response(200, schemas_http.RosterGaps)
def days_without(args: dict[str, Any]) -> Response:
    """List the coming days on which units have nobody (D6.1, U5.1): all units for the station, else those in sight."""
    everybody = actor().has(STATION, SUPERVISOR, ADMIN)
    if not everybody and not actor().has(LIAISON, *LEADING):
        require(not_permitted("查看值班缺口", STATION))
    with database().read() as session:
        within = None if everybody else actor().in_sight()
        body = gaps.gaps_wire(session, actor().jurisdiction_id, within, args["days"], clock.now())
    return json_response(body)
