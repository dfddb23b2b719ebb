"""Spot checks for supervisors; commitments for everybody; results for those they concern."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import fields, validate

from app import clock
from app.http import actor, database, json_response, signed_in
from app.oversight.inspections import boards, desk, lots, opening, queries, schemas, verifying
from app.oversight.inspections import schemas_draws as lot_wire
from app.oversight.inspections import schemas_http as wire
from app.oversight.inspections.case_page import facts_of
from app.oversight.inspections.plans import newest_plan
from app.oversight.inspections.schemas_results import InspectionResults
from app.people.permissions import ADMIN, STATION, SUPERVISOR
from app.policies.queries import policy_of
from app.problems import Problem
from app.tickets.models import Ticket
from app.wire import Wire

blueprint = Blueprint("inspections", __name__, url_prefix="/api/v1/oversight/inspections", description="抽查")


class ResultsQuery(Wire):
    """GET /oversight/inspections/results"""

    days = fields.Integer(load_default=90, validate=validate.Range(1, 3660))


@blueprint.get("/queue")
@signed_in
@blueprint.response(200, wire.InspectionQueue)
def queue() -> Response:
    """Return what a supervisor may look at, riskiest first, and what units have answered. 403 for all others."""
    queries.require_supervisor(actor())
    with database().read(snapshot=True) as session:
        return json_response(desk.Desk(session, actor(), clock.now()).queue())


@blueprint.get("/cases/<case_id>")
@signed_in
@blueprint.response(200, wire.InspectionCase)
def case(case_id: str) -> Response:
    """Return one case: what to compare, and what may be known of others' verdicts. 403, 404."""
    at = clock.now()
    with database().read(snapshot=True) as session:
        row = queries.visible_case(session, actor(), lots.uid(case_id), at)
        policy = policy_of(session, session.get_one(Ticket, row.ticket_id).policy_id)
        body = desk.Desk(session, actor(), at).case(row, policy) | {"facts": facts_of(session, row)}
    return json_response(body)


@blueprint.get("/commitments")
@signed_in
@blueprint.response(200, lot_wire.InspectionCommitments)
def commitments() -> Response:
    """Return the hashes published before each period; the seed as well once nothing can be foreseen with it (A5)."""
    with database().read() as session:
        return json_response({"commitments": lots.commitments(session, actor().jurisdiction_id)})


@blueprint.get("/draws")
@signed_in
@blueprint.response(200, lot_wire.InspectionDraws)
def draws() -> Response:
    """Return the draws, the latest first. 403 for all but supervisors."""
    queries.require_supervisor(actor())
    with database().read() as session:
        return json_response({"draws": lots.listing(session, actor().jurisdiction_id)})


@blueprint.get("/draws/<draw_id>")
@signed_in
@blueprint.response(200, lot_wire.InspectionDrawWhole)
def draw(draw_id: str) -> Response:
    """Return all that is needed to draw a sample again. 403, 404, 409 before it was drawn.

    Until every case has been told only supervisors who handle and lead nothing may see it.
    """
    with database().read(snapshot=True) as session:
        return json_response(lots.whole(session, lots.visible(session, actor(), draw_id)))


@blueprint.get("/draws/<draw_id>/verification")
@signed_in
@blueprint.response(200, lot_wire.InspectionVerification)
def verification(draw_id: str) -> Response:
    """Draw again from what is stored, and say what holds. 403, 404, 409."""
    with database().read(snapshot=True) as session:
        found = verifying.rerun(session, lots.visible(session, actor(), draw_id))
    return json_response(asdict(found) | {"holds": found.holds})


@blueprint.get("/plan")
@signed_in
@blueprint.response(200, lot_wire.InspectionPlans)
def plan() -> Response:
    """Return the plan in force, its former versions and what can be given a weight. 403."""
    opening.allow(actor(), "inspection.plan")
    with database().read() as session:
        return json_response(lots.plans_wire(session, actor().jurisdiction_id, clock.now()))


@blueprint.post("/plan/preview")
@signed_in
@blueprint.arguments(schemas.PlanFields)
@blueprint.response(200, lot_wire.InspectionPreview)
def preview(args: dict[str, Any]) -> Response:
    """Return what a plan would have drawn of the last periods, without saying which tickets. 403, 422."""
    opening.allow(actor(), "inspection.plan")
    with database().read(snapshot=True) as session:
        tried = lots.plan_tried(actor().jurisdiction_id, args)
        return json_response(boards.preview(session, actor().jurisdiction_id, tried, clock.now()))


@blueprint.get("/results")
@signed_in
@blueprint.arguments(ResultsQuery, location="query")
@blueprint.response(200, InspectionResults)
def results(args: dict[str, Any]) -> Response:
    """Return what the told verdicts of the last days say, per unit. 403 for who neither checks nor leads."""
    who, until = actor(), clock.now()
    everything = who.has(SUPERVISOR, STATION, ADMIN)
    units = None if everything else who.in_sight()
    if not everything and not units:
        raise Problem("not_permitted", command="查看抽查结果")
    since, place = until - timedelta(days=args["days"]), who.jurisdiction_id
    inside = who.has(SUPERVISOR, ADMIN)
    with database().read(snapshot=True) as session:
        body: dict[str, Any] = {"since": clock.iso(since), "until": clock.iso(until)}
        body |= boards.board(session, place, since, until, units)
        newest = newest_plan(session, place)
        body |= {
            "checkers": boards.checkers(session, place, since, until) if inside else None,
            "findings": boards.findings(session, place, since, until, newest) if inside else None,
        }
    return json_response(body)
