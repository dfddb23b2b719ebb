"""The demonstration's phones: a page on which one is the WeChat user, and sees what reaches whom. Only where it runs.

The page asks the stage (a process on loopback) through these routes: one address is all that a visitor needs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

import requests
from flask import Blueprint, Response, redirect, render_template_string, request, send_from_directory

from app import clock
from app.demo import climb
from app.demo.people import TOWNS
from app.demo.stage.settings import Settings
from app.demo.stage.setup import bound_accounts, openid_of, userid_of
from app.http import app_url, config, database, json_response
from app.limits import limiter
from app.people.permissions import ADMIN
from app.problems import Problem
from app.reminders import watching
from app.tickets import lifecycle
from app.tickets.models import Ticket

blueprint = Blueprint("stage", __name__, url_prefix="/demo")
_FOLDER: Final = Path(__file__).parent / "stage" / "page"
_SECONDS: Final = 20.0
"""WeChat waits three times five seconds for an answer; the stage does as well."""
_POLICY: Final = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"


@blueprint.before_request
def only_here() -> None:
    """Let nobody in outside the demonstration. Raises `Problem` `not_found`."""
    if not config().demo:
        raise Problem("not_found")


def _stage(method: str, path: str, **options: Any) -> dict[str, Any]:
    """Ask the stage. Raises `Problem` `demo_stage_away`."""
    port = Settings.read(config().var_dir).ports.get("desk")
    if port is None:
        raise Problem("demo_stage_away")
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(method, f"http://127.0.0.1:{port}{path}", timeout=_SECONDS, **options)
            answer.raise_for_status()
            found: dict[str, Any] = answer.json()
            return found
    except requests.RequestException as error:
        raise Problem("demo_stage_away") from error


@blueprint.get("")
def page() -> Response:
    """Return the page."""
    return _page(_FOLDER.joinpath("phones.html").read_text("utf-8"))


def _page(text: str) -> Response:
    response = Response(text, mimetype="text/html")
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/files/<name>")
def file(name: str) -> Response:
    """Return the page's script or style."""
    return send_from_directory(_FOLDER, name, max_age=0)


@blueprint.get("/people")
def people() -> Response:
    """List who has a phone here, town by town, and by which account they are bound."""
    with database().read() as session:
        accounts = bound_accounts(session)
    return json_response(
        {
            "towns": [
                {
                    "place": town.profile,
                    "name": town.name,
                    "people": [
                        {
                            "name": person.name, "phone": person.phone, "title": person.title or "",
                            "openid": openid_of(person.phone), "userid": userid_of(person.phone),
                            "bound": accounts.get(openid_of(person.phone)) or accounts.get(userid_of(person.phone), ""),
                        }
                        for person in town.people
                    ],
                }
                for town in TOWNS
            ]
        }
    )  # fmt: skip


@blueprint.get("/shown")
def shown() -> Response:
    """Return what has been seen since message `after`. 503 demo_stage_away."""
    return json_response(_stage("GET", "/shown", params={"after": request.args.get("after", "0")}))


@blueprint.post("/say")
@limiter.limit("60 per minute")
def say() -> Response:
    """Write to the account as a follower, and return its answer. 503 demo_stage_away."""
    body = request.get_json(silent=True) or {}
    return json_response(
        _stage("POST", "/say", json={name: body.get(name, "") for name in ("openid", "place", "text")})
    )


@blueprint.post("/climb")
@limiter.limit("6 per minute")
def begin() -> Response:
    """Dispatch a ticket whose 20 hours last two minutes. 409 demo_not_seeded."""
    try:
        found = climb.begin(database(), clock.now())
    except climb.NotSeeded as error:
        raise Problem("demo_not_seeded") from error
    body = {"ticket_id": found.ticket_id, "number": found.number, "sign_by": clock.iso(found.sign_by)}
    return json_response(body, 201)


@blueprint.get("/climb/<uuid:ticket_id>")
def progress(ticket_id: UUID) -> Response:
    """Return how far such a ticket's reminders have climbed. 404 ticket_not_found for any other ticket."""
    at = clock.now()
    with database().read() as session:
        ticket = session.get(Ticket, str(ticket_id))
        if ticket is None or not climb.is_hastened(ticket):
            raise Problem("ticket_not_found")
        body = {
            "now": clock.iso(at), "number": ticket.number, "state": lifecycle.LABELS[ticket.state],
            "signed_at": clock.iso(ticket.signed_at) if ticket.signed_at else None,
            "steps": watching.ladder(session, ticket.id, at),
        }  # fmt: skip
    return json_response(body)


@blueprint.get("/<any(wechat,wecom):service>/connect/oauth2/authorize")
def consent(service: str) -> Response:
    """Return the page on which the service asks for nothing: here it asks whose phone this is."""
    back, state = _way_back(), request.args.get("state", "")
    known = [
        (town, person, openid_of(person.phone) if service == "wechat" else userid_of(person.phone))
        for town in TOWNS
        for person in sorted(town.people, key=lambda p: all(role != ADMIN for _, role, _ in p.roles))
    ]
    choices = [
        {
            "town": town.name, "name": person.name, "title": person.title or "",
            "href": f"/demo/{service}/agree?"
            + urlencode({"account": account, "redirect_uri": back, "state": state}),
        }
        for town, person, account in known
    ]  # fmt: skip
    label = {"wechat": "微信", "wecom": "企业微信"}[service]
    text = _FOLDER.joinpath("consent.html").read_text("utf-8")
    return _page(render_template_string(text, label=label, choices=choices))


@blueprint.get("/<any(wechat,wecom):service>/agree")
@limiter.limit("30 per minute")
def agree(service: str) -> Response:
    """Go back to the product with a code that is good once, as the service sends a browser back."""
    back, account = _way_back(), request.args.get("account", "")
    code = _stage("POST", "/agree", json={"service": service, "account": account})["code"]
    query = {"code": code or "", "state": request.args.get("state", "")}
    return redirect(f"{back}?{urlencode(query)}", 303)  # type: ignore[return-value]


def _way_back() -> str:
    """Return where the browser goes back to: a page of ours that binds, and no other. Raises `Problem`."""
    back = request.args.get("redirect_uri", "")
    if not back.startswith(f"{app_url()}/oauth/"):
        raise Problem("demo_way_back_wrong")
    return back
