"""What supervisors, the station and leaders watch across tickets."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import fields, validate

from app import clock
from app.http import actor, database, json_response, signed_in
from app.oversight import watching
from app.oversight.schemas_http import ConsultationsOut, EscalationsOut, LettersOut, RepeatedOut
from app.people.permissions import ROLES
from app.tickets.joint_rules import JOINT_DUTY, PRE_DISPATCH
from app.wire import Wire

blueprint = Blueprint("oversight", __name__, url_prefix="/api/v1/oversight", description="督查")


class EscalationsQuery(Wire):
    """GET /oversight/escalations"""

    state = fields.String(load_default="open", validate=validate.OneOf(["open", "closed", "all"]))
    to = fields.String(load_default=None, validate=validate.OneOf(ROLES))


class RepeatedQuery(Wire):
    """GET /oversight/repeated"""

    quarter = fields.String(load_default=None, validate=validate.Regexp(r"^(19|20|21)\d\dQ[1-4]$"))


class ConsultationsQuery(Wire):
    """GET /oversight/consultations"""

    kind = fields.String(load_default=None, validate=validate.OneOf([PRE_DISPATCH, JOINT_DUTY]))


class LettersQuery(Wire):
    """GET /oversight/assists"""

    which = fields.String(load_default="open", validate=validate.OneOf(["open", "late"]))


@blueprint.get("/escalations")
@signed_in
@blueprint.arguments(EscalationsQuery, location="query")
@blueprint.response(200, EscalationsOut)
def escalations(args: dict[str, Any]) -> Response:
    """List matters brought before supervisors and leaders, the oldest first. 403 not_permitted."""
    watching.require_watcher(actor())
    with database().read() as session:
        return json_response({"escalations": watching.escalated(session, actor(), args["state"], args["to"])})


@blueprint.get("/repeated")
@signed_in
@blueprint.arguments(RepeatedQuery, location="query")
@blueprint.response(200, RepeatedOut)
def repeated(args: dict[str, Any]) -> Response:
    """List the tickets dispatched again and again in a quarter, e.g. `2026Q4`; the present one unless named (X3.6)."""
    watching.require_watcher(actor())
    with database().read() as session:
        quarter = args["quarter"] or watching.this_quarter(session, actor(), clock.now())
        return json_response(watching.repeated(session, actor(), quarter))


@blueprint.get("/consultations")
@signed_in
@blueprint.arguments(ConsultationsQuery, location="query")
@blueprint.response(200, ConsultationsOut)
def consultations(args: dict[str, Any]) -> Response:
    """List consultations, the latest first; `kind=joint_duty` for disputed duty (K1.4, X2.2)."""
    watching.require_watcher(actor())
    with database().read() as session:
        return json_response({"consultations": watching.consultations(session, actor(), args["kind"])})


@blueprint.get("/assists")
@signed_in
@blueprint.arguments(LettersQuery, location="query")
@blueprint.response(200, LettersOut)
def assists(args: dict[str, Any]) -> Response:
    """List letters to helping units without a report, the first due first; `which=late` for those past it (X2.4)."""
    watching.require_watcher(actor())
    with database().read() as session:
        return json_response({"assists": watching.letters(session, actor(), clock.now(), args["which"])})
