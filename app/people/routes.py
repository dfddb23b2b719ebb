"""Signing in and out, devices, password."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app import auth, clock
from app.auth import Tokens
from app.http import actor, authenticator, config, database, json_response, signed_in
from app.limits import limiter, logins_per_minute
from app.people import schemas
from app.people.models import Device
from app.people.queries import actor_of, me_wire
from app.people.sessions import devices_of, open_sessions
from app.problems import Problem

blueprint = Blueprint("auth", __name__, url_prefix="/api/v1/auth", description="登录与设备")
_COOKIE = "doorstep_refresh"
_COOKIE_PATH = "/api/v1/auth"


def _require_own_page() -> None:
    """A custom header cannot be sent cross-site without a preflight: the guard for what the cookie alone authorises."""
    if request.headers.get("X-Doorstep") != "1":
        raise Problem("session_expired")


def _session_response(session: Session, tokens: Tokens) -> Response:
    who = actor_of(session, tokens.person_id, tokens.device_id, clock.now())
    if who is None:
        raise Problem("device_revoked")
    body = {"access_token": tokens.access, "expires_in": config().access_seconds, "me": me_wire(session, who)}
    response = json_response(body)
    response.set_cookie(
        _COOKIE,
        tokens.refresh,
        max_age=config().refresh_seconds,
        path=_COOKIE_PATH,
        httponly=True,
        samesite="Strict",
        secure=config().secure_cookies or request.is_secure,
    )
    return response


@blueprint.post("/login")
@limiter.limit(logins_per_minute)
@blueprint.arguments(schemas.Login)
@blueprint.response(200, schemas.SessionOut)
def login(args: dict[str, Any]) -> Response:
    """Sign in on a device. 401 credentials_wrong, 423 account_locked, 429 too_many_requests."""
    with database().read() as session:
        checked = authenticator().check(session, args["phone"], args["password"])
    with database().unit_of_work() as session:
        outcome = authenticator().login(session, args, checked, clock.now())
        response = None if isinstance(outcome, Problem) else _flushed(session, outcome)
    if isinstance(outcome, Problem):
        raise outcome
    assert response is not None
    return response


def _flushed(session: Session, tokens: Tokens) -> Response:
    session.flush()
    return _session_response(session, tokens)


@blueprint.post("/refresh")
@blueprint.response(200, schemas.SessionOut)
def refresh() -> Response:
    """Rotate the refresh cookie and return a fresh access token. 401 session_expired, session_reused."""
    _require_own_page()
    with database().unit_of_work() as session:
        outcome = authenticator().refresh(session, request.cookies.get(_COOKIE, ""), clock.now())
        response = None if isinstance(outcome, Problem) else _flushed(session, outcome)
    if isinstance(outcome, Problem):
        raise outcome
    assert response is not None
    return response


@blueprint.post("/logout")
@blueprint.response(204)
def logout() -> Response:
    """End this device's session. The phone asks only when nothing is unsent."""
    _require_own_page()
    with database().unit_of_work() as session:
        authenticator().end(session, request.cookies.get(_COOKIE, ""), clock.now())
    response = Response(status=204)
    response.delete_cookie(_COOKIE, path=_COOKIE_PATH)
    return response


@blueprint.get("/devices")
@signed_in
@blueprint.response(200, schemas.DeviceOut(many=True))
def devices() -> Response:
    """List the devices the person is registered on."""
    with database().read() as session:
        rows = devices_of(session, actor().person_id)
    return json_response(
        [
            {
                "id": d.id,
                "name": d.name,
                "platform": d.platform,
                "registered_at": clock.iso(d.registered_at),
                "last_seen_at": clock.iso(d.last_seen_at),
                "current": d.id == actor().device_id,
            }
            for d in rows
        ]
    )


@blueprint.delete("/devices/<uuid:device_id>")
@signed_in
@blueprint.response(204)
def revoke(device_id: Any) -> None:
    """Revoke a device: its sessions end and its access token is refused from now on."""
    at = clock.now()
    with database().unit_of_work() as session:
        device = session.get(Device, str(device_id), with_for_update=True)
        if device is None or device.person_id != actor().person_id:
            raise Problem("not_found")
        device.revoked_at = at
        for row in open_sessions(session, device.id):
            row.ended_at = at


@blueprint.post("/password")
@limiter.limit(logins_per_minute)
@signed_in
@blueprint.arguments(schemas.PasswordChange)
@blueprint.response(204)
def password(args: dict[str, Any]) -> None:
    """Change one's own password. 422 password_old_wrong, password_weak."""
    with database().read() as session:
        change = auth.judge_change(session, actor(), args["old"], args["new"])
    if isinstance(change, Problem):
        raise change
    with database().unit_of_work() as session:
        problem = auth.change_password(session, actor(), change)
    if problem is not None:
        raise problem
