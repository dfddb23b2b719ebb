"""Rates of one's own jurisdiction: all units for station and supervisors, else the units one works in or leads."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app import clock
from app.http import actor, database, json_response, signed_in
from app.people.models import Jurisdiction
from app.people.permissions import LEADER, STATION, SUPERVISOR, not_permitted
from app.policies.queries import policy_of
from app.problems import Problem, require
from app.reports import queries, schemas
from app.reports.cases import Asked
from app.reports.rates import Rate, month_named, month_of, shown

blueprint = Blueprint("reports", __name__, url_prefix="/api/v1/reports", description="统计")


def _asked(session: Session, month: str | None) -> tuple[Asked, list[Rate], str]:
    """Return what the caller may ask about in that month. Raises `Problem` `not_permitted`, `request_invalid`."""
    at, who = clock.now(), actor()
    everything = who.has(STATION, SUPERVISOR)
    units = None if everything else who.in_sight()
    if not everything and not units:
        require(not_permitted("查看统计", LEADER, STATION, SUPERVISOR))
    place = session.get_one(Jurisdiction, who.jurisdiction_id)
    wanted = month_named(month, place.zone) if month else month_of(at, place.zone)
    if wanted is None:
        raise Problem("request_invalid", errors={"month": ["须写作 2026-11。"]})
    return Asked(place.id, wanted, at, units), shown(policy_of(session, place.policy_id).rates), place.zone


@blueprint.get("/rates")
@signed_in
@blueprint.arguments(schemas.RatesAsked, location="query")
@blueprint.response(200, schemas.RatesOut)
def rates(args: dict[str, Any]) -> Response:
    """Return the rates the profile shows, per unit and together (H1, K0). 403, 422 for a month that is none."""
    with database().read() as session:
        asked, chosen, zone = _asked(session, args["month"])
        body = {
            "month": asked.month.text,
            "zone": zone,
            "from": clock.iso(asked.month.starts),
            "until": clock.iso(asked.month.ends),
            "now": clock.iso(asked.at),
            "rates": [asdict(rate) for rate in chosen],
            **queries.figures(session, asked, chosen),
        }
    return json_response(body)


@blueprint.get("/rates/<rate>/tickets")
@signed_in
@blueprint.arguments(schemas.CasesAsked, location="query")
@blueprint.response(200, schemas.CasesOut)
def cases(args: dict[str, Any], rate: str) -> Response:
    """Return the tickets behind a figure, those that spoil it first. 404 for a rate the profile does not show."""
    with database().read() as session:
        asked, chosen, _ = _asked(session, args["month"])
        found = next((each for each in chosen if each.key == rate), None)
        unit_id = args["unit_id"]
        if found is None or (unit_id and asked.units is not None and unit_id not in asked.units):
            raise Problem("not_found")
        if unit_id:
            asked = Asked(asked.jurisdiction_id, asked.month, asked.at, [unit_id])
        start = (args["page"] - 1) * args["page_size"]
        body = queries.tickets_behind(session, asked, rate, args["counted"], start, args["page_size"])
    return json_response({"rate": asdict(found), "month": asked.month.text} | body)
