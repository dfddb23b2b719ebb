"""Contact directory, accounts, deputations, trainings: of one's own jurisdiction, never of another (A7)."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import Response
from flask_smorest import Blueprint

from app import auth, clock
from app.clock import Moment
from app.http import actor, database, json_response, signed_in
from app.limits import limiter, logins_per_minute
from app.people import directory, schemas_http, trainings
from app.people.accounts import random_password, set_first_password
from app.people.models import Jurisdiction
from app.people.permissions import ADMIN, LIAISON, STATION, SUPERVISOR, not_permitted
from app.policies.queries import policy_of
from app.problems import require

blueprint = Blueprint("people", __name__, url_prefix="/api/v1/people", description="单位与人员")


@blueprint.get("/directory")
@signed_in
@blueprint.response(200, schemas_http.Directory)
def contact_directory() -> Response:
    """Return whom to call where, and which units lack somebody (X2.6, K2.6). 403 for who holds no role."""
    if not actor().grants:
        require(not_permitted("查看通讯录", LIAISON, STATION))
    with database().read() as session:
        return json_response(directory.contacts(session, actor().jurisdiction_id, clock.now()))


@blueprint.get("/accounts")
@signed_in
@blueprint.response(200, schemas_http.Account(many=True))
def accounts() -> Response:
    """List the accounts. 403 unless station, supervisor or administrator."""
    if not actor().has(STATION, SUPERVISOR, ADMIN):
        require(not_permitted("查看账号", STATION, SUPERVISOR, ADMIN))
    with database().read() as session:
        return json_response(directory.accounts(session, actor().jurisdiction_id, clock.now()))


@blueprint.post("/accounts/<uuid:person_id>/first-password")
@limiter.limit(logins_per_minute)
@signed_in
@blueprint.response(200, schemas_http.FirstPassword)
def first_password(person_id: Any) -> Response:
    """Put a new first password and return it, this once; sessions of the person end. 403, 404, 409 person_disabled."""
    password = random_password()
    hashed = auth.hash_password(password)
    with database().unit_of_work() as session:
        person = set_first_password(session, actor(), str(person_id), hashed, Moment.of_server(clock.now()))
        body = {"person": {"id": person.id, "name": person.name}, "password": password}
    return json_response(body)


@blueprint.get("/deputations")
@signed_in
@blueprint.response(200, schemas_http.DeputationOut(many=True))
def deputations() -> Response:
    """List deputations that run or are to come: one's own, or all for station, supervisors and administrators."""
    everyone = actor().has(STATION, SUPERVISOR, ADMIN)
    with database().read() as session:
        rows = directory.deputations(
            session, actor().jurisdiction_id, None if everyone else actor().person_id, clock.now()
        )
    return json_response(rows)


@blueprint.get("/training")
@signed_in
@blueprint.arguments(schemas_http.YearAsked, location="query")
@blueprint.response(200, schemas_http.TrainingYear)
def training(args: dict[str, Any]) -> Response:
    """Return a year's trainings, who still needs one and which new liaisons nobody has taught one to one (X2.7).

    Station, supervisors and administrators see everybody, others the people of the units they work in or lead.
    """
    at = clock.now()
    units = None if actor().has(STATION, SUPERVISOR, ADMIN) else actor().in_sight()
    with database().read() as session:
        place = session.get_one(Jurisdiction, actor().jurisdiction_id)
        year = args["year"] or at.astimezone(ZoneInfo(place.zone)).year
        wanted = policy_of(session, place.policy_id).people.training_per_year
        body = trainings.trainings_of(session, place.id, year, units)
        body |= trainings.lacking(session, place.id, year, wanted, units, at)
    return json_response(body)
