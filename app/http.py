"""HTTP edges: problem+json for every fault, bearer check, security headers, compression. Wiring only."""

from __future__ import annotations

import functools
import hashlib
import hmac
import logging
from collections.abc import Callable
from typing import Any, TypeVar, cast

import brotli
from flask import Flask, Response, current_app, g, json, request
from flask_smorest import Api
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException

from app import clock
from app.auth import Authenticator
from app.db import Database
from app.people.permissions import Actor
from app.problems import Problem
from config import Config

log = logging.getLogger(__name__)
View = TypeVar("View", bound=Callable[..., Any])
_COMPRESS_FROM = 400
_CHANGES_PASSWORD = "auth.password"  # noqa: S105 - an endpoint: the one open to a password that was handed out
_BY_STATUS = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large", 429: "too_many_requests"}
BATCH_BYTES = 1024 * 1024
FILE_BYTES = 21 * 1024 * 1024
"""A table of requests (`intake.limits`) and what a browser's form wraps around it."""
_FILE_PATHS = ("/api/v1/intake/files",)


def database() -> Database:
    """Return the application's database."""
    return cast(Database, current_app.extensions["doorstep.db"])


def config() -> Config:
    """Return the application's configuration."""
    return cast(Config, current_app.extensions["doorstep.config"])


def authenticator() -> Authenticator:
    """Return the signer and checker of tokens."""
    return cast(Authenticator, current_app.extensions["doorstep.auth"])


def app_url() -> str:
    """Return where people open the app: as the operator says, else as this request was made."""
    return config().public_url or request.host_url.rstrip("/")


def beacon_key_of(config: Config) -> bytes:
    """Return the key of the deployment's beacons, derived from its secret."""
    return hmac.new(config.secret_key.encode(), b"doorstep/beacon", hashlib.sha256).digest()


def beacon_key() -> bytes:
    """Return the key that beacons are signed with."""
    return cast(bytes, current_app.extensions["doorstep.beacon_key"])


def signed_in(view: View) -> View:
    """Require a valid bearer token; `actor()` is then who it belongs to."""

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        with database().read() as session:
            g.actor = authenticator().identify(session, request.headers.get("Authorization"), clock.now())
        if g.actor.password_first and request.endpoint != _CHANGES_PASSWORD:
            raise Problem("password_must_change")
        return view(*args, **kwargs)

    guarded.needs_sign_in = True  # type: ignore[attr-defined]
    return cast(View, guarded)


def actor() -> Actor:
    """Return the signed-in person of this request."""
    return cast(Actor, g.actor)


def problem_response(problem: Problem) -> Response:
    """Return the RFC 9457 answer for a problem."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": problem.code,
        "status": problem.status,
        "code": problem.code,
        "detail": problem.message,
        "facts": problem.facts,
    }
    if problem.errors:
        body["errors"] = problem.errors
    response = Response(json.dumps(body, ensure_ascii=False), problem.status, mimetype="application/problem+json")
    if problem.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="doorstep"'
    return response


def json_response(body: Any, status: int = 200) -> Response:
    """Return compact JSON; large answers are compressed by `_compress`."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), sort_keys=False)
    return Response(text, status, mimetype="application/json")


class ProblemApi(Api):
    """flask-smorest's API with problem+json in place of its own error body."""

    def handle_http_exception(self, error: HTTPException) -> Response:  # type: ignore[override]
        """Return the problem of an HTTP error."""
        return _http_error(error)


def install(app: Flask) -> None:
    """Put error handlers and response hooks on the application."""
    app.register_error_handler(Problem, problem_response)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(ValidationError, _invalid)
    app.register_error_handler(RecursionError, _too_deep)
    app.register_error_handler(Exception, _unexpected)
    app.before_request(_bounded)
    app.after_request(_compress)
    app.after_request(_headers)


def _bounded() -> None:
    """Read no more than a batch may hold, however the body is framed; files come by their own door."""
    if request.path.startswith("/api/"):
        request.max_content_length = FILE_BYTES if request.path in _FILE_PATHS else BATCH_BYTES


def _http_error(error: HTTPException) -> Response:
    if error.code is not None and error.code < 400:
        return cast(Response, error.get_response())
    data = getattr(error, "data", None)
    if error.code == 422 and isinstance(data, dict):
        return problem_response(_invalid_problem(data.get("messages", {})))
    if error.code == 400 and request.is_json:
        return problem_response(Problem("body_not_json"))
    code = _BY_STATUS.get(error.code or 500, "request_invalid" if (error.code or 500) < 500 else "internal_error")
    facts: dict[str, Any] = (
        {"limit_kb": (request.max_content_length or BATCH_BYTES) // 1024} if code == "body_too_large" else {}
    )
    response = problem_response(Problem(code, **facts))
    if error.code and code in ("request_invalid", "internal_error"):
        response.status_code = error.code
    retry = error.get_response().headers.get("Retry-After") if error.code == 429 else None
    if retry:
        response.headers["Retry-After"] = retry
    return response


def _invalid_problem(messages: Any) -> Problem:
    """webargs nests messages by location (`json`, `query`): the person only cares for the fields."""
    inner = next(iter(messages.values()), {}) if isinstance(messages, dict) and len(messages) == 1 else messages
    if inner == ["Invalid JSON body."]:
        return Problem("body_not_json")
    code = "batch_invalid" if request.path.endswith("/sync/commands") else "request_invalid"
    return Problem(code, errors=inner if isinstance(inner, dict) else {"_": inner})


def _invalid(error: ValidationError) -> Response:
    messages = error.normalized_messages()
    return problem_response(Problem("request_invalid", errors=messages))


def _too_deep(error: RecursionError) -> Response:
    """JSON nested a thousand levels deep is no message of ours; the parser gives up on it in its own way."""
    log.warning("nested too deep on %s %s", request.method, request.path, exc_info=error)
    return problem_response(Problem("body_not_json"))


def _unexpected(error: Exception) -> Response:
    if isinstance(error, ValueError) and "integer string conversion" in str(error):
        # A number of thousands of digits: the JSON parser lets Python's own refusal through.
        return problem_response(Problem("body_not_json"))
    log.exception("unexpected fault on %s %s", request.method, request.path, exc_info=error)
    return problem_response(Problem("internal_error"))


def _headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    if response.mimetype == "text/html":
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("X-Frame-Options", "DENY")
    if request.path.startswith("/api/"):
        headers.setdefault("Cache-Control", "no-store")
    return response


def _compress(response: Response) -> Response:
    """Compress JSON for the phone: brotli where it is understood. Files are stored compressed or are media already."""
    if (
        response.direct_passthrough
        or response.mimetype not in ("application/json", "application/problem+json")
        or "br" not in request.accept_encodings
        or (response.content_length or 0) < _COMPRESS_FROM
    ):
        return response
    response.set_data(brotli.compress(response.get_data(), quality=5))
    response.headers["Content-Encoding"] = "br"
    response.vary.add("Accept-Encoding")
    return response
