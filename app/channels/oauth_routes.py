"""Where WeChat and WeCom bring the browser back to. Nobody is signed in here: the state says who asked."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request

from app import clock
from app.channels import bindings
from app.channels.exits import Exits
from app.channels.outside import Unreachable
from app.channels.own_routes import account_of
from app.http import app_url, config, database
from app.limits import limiter
from app.problems import Problem
from app.reach.kinds import WECHAT, WECOM

blueprint = Blueprint("oauth", __name__, url_prefix="/oauth")


@blueprint.get("/<channel>")
@limiter.limit("60 per minute")
def back(channel: str) -> Response:
    """Bind the account behind the code to the person behind the state, and show how it went in the app."""
    if channel not in (WECHAT, WECOM):
        raise Problem("not_found")
    try:
        outcome = _bind(channel, request.args.get("state", ""), request.args.get("code", ""))
    except Problem as problem:
        outcome = problem.code
    return redirect(f"{app_url()}/me/channels?bound={channel}&outcome={outcome}", 303)  # type: ignore[return-value]


def _bind(channel: str, state: str, code: str) -> str:
    now = clock.now()
    with database().unit_of_work() as session:
        person_id, place = bindings.spend(session, channel, state, now)
    try:
        address = account_of(Exits(config(), database()), place, channel).who(code)
    except Unreachable:
        return "refused"
    with database().unit_of_work() as session:
        bindings.bind(session, person_id, channel, address, clock.now())
    return "ok"
