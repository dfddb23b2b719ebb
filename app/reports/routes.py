"""Rates of one's own jurisdiction: all units for station and supervisors, else the units one works in or leads."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

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
from app.reports.cases import CASES, Asked
from app.reports.rates import Period, Rate, days, month_named, month_of, shown

blueprint = Blueprint("reports", __name__, url_prefix="/api/v1/reports", description="统计")
LONGEST: Final = timedelta(days=366)


def _asked(session: Session, args: dict[str, Any]) -> tuple[Asked, list[Rate], str]:
    """Return what the caller may ask about in that period. Raises `Problem` `not_permitted`, `request_invalid`."""
    at, who = clock.now(), actor()
    everything = who.has(STATION, SUPERVISOR)
    units = None if everything else who.in_sight()
    if not everything and not units:
        require(not_permitted("查看统计", LEADER, STATION, SUPERVISOR))
    place = session.get_one(Jurisdiction, who.jurisdiction_id)
    wanted = _period(args, at, place.zone)
    return Asked(place.id, wanted, at, units), shown(policy_of(session, place.policy_id).rates), place.zone


def _period(args: dict[str, Any], at: datetime, zone: str) -> Period:
    first, last, month = args["first"], args["last"], args["month"]
    if first is None and last is None:
        wanted = month_named(month, zone) if month else month_of(at, zone)
        if wanted is None:
            raise Problem("request_invalid", errors={"month": ["须写作 2026-11。"]})
        return wanted
    if month or first is None or last is None:
        raise Problem("request_invalid", errors={"first": ["起止日期须同时给出，且不与月份并用。"]})
    if last < first or last - first > LONGEST:
        raise Problem("request_invalid", errors={"last": ["须不早于起始日期，且不超过 366 天。"]})
    return days(first, last, zone)


def _said(period: Period) -> dict[str, Any]:
    return {"month": period.month, "first": period.first.isoformat(), "last": period.last.isoformat()}


@blueprint.get("/rates")
@signed_in
@blueprint.arguments(schemas.FiguresAsked, location="query")
@blueprint.response(200, schemas.RatesOut)
def rates(args: dict[str, Any]) -> Response:
    """Return the rates shown here: per unit, together, and of the whole place (D3.1, H1, K0). 403, 422."""
    with database().read() as session:
        asked, chosen, zone = _asked(session, args)
        if args["rate"] is not None:
            chosen = [rate for rate in chosen if CASES[rate.key] is CASES[args["rate"]]]
        body = {
            **_said(asked.period),
            "zone": zone,
            "from": clock.iso(asked.period.starts),
            "until": clock.iso(asked.period.ends),
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
        asked, chosen, _ = _asked(session, args)
        found = next((each for each in chosen if each.key == rate), None)
        unit_id = args["unit_id"]
        if found is None or (unit_id and asked.units is not None and unit_id not in asked.units):
            raise Problem("not_found")
        if unit_id:
            asked = Asked(asked.jurisdiction_id, asked.period, asked.at, [unit_id])
        start = (args["page"] - 1) * args["page_size"]
        body = queries.tickets_behind(session, asked, rate, args["counted"], start, args["page_size"])
    return json_response({"rate": asdict(found), **_said(asked.period)} | body)
