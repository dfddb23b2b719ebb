"""The door of an upstream platform: signed, not signed in."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final, cast

from flask import Response, g, json, request
from flask_smorest import Blueprint

from app import clock
from app.http import config, database, json_response
from app.intake import platform, schemas
from app.intake.models import IntakeKey
from app.intake.platform import Signed
from app.limits import limiter
from app.problems import Problem
from app.vault import Vault

blueprint = Blueprint("platform", __name__, url_prefix="/api/v1/intake", description="上级平台报送工单（HMAC 签名）")
HEADERS: Final = ("X-Doorstep-Key", "X-Doorstep-Timestamp", "Idempotency-Key", "X-Doorstep-Signature")
_CALLS: Final = "600 per minute"
View = Callable[..., Any]


def signed_by_platform(view: View) -> View:
    """Require a valid signature over time, idempotency key and body; `g.platform_key` is then whose it is."""

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        key_id, timestamp, identity, signature = (request.headers.get(name, "") for name in HEADERS)
        call = Signed(key_id, timestamp, identity, signature, request.get_data(cache=True))
        with database().read() as session:
            g.platform_key = platform.authenticate(session, Vault(config().secret_key), call, clock.now())
        return view(*args, **kwargs)

    guarded.needs_sign_in = True  # type: ignore[attr-defined]
    return guarded


@blueprint.post("/tickets")
@limiter.limit(_CALLS)
@signed_by_platform
@blueprint.doc(
    parameters=[{"in": "header", "name": name, "required": True, "schema": {"type": "string"}} for name in HEADERS],
    requestBody={
        "required": True,
        "content": {"application/json": {"schema": {"type": "object"}}},
        "description": "一张工单，或 {tickets: [工单…]}（至多 100 张）；内容同 ticket.intake，类型等可写中文",
    },
)
@blueprint.response(200, schemas.AnswersOut)
def take() -> Response:
    """Register one request or up to a hundred. The same call again gives the same answers; see docs/intake.md."""
    requests = _requests()
    key = cast(IntakeKey, g.platform_key)
    answers = platform.take(database(), key, request.headers["Idempotency-Key"], request.get_data(), requests)
    return json_response({"results": answers})


def _requests() -> list[Any]:
    try:
        body = json.loads(request.get_data())
    except ValueError:
        raise Problem("body_not_json") from None
    found = body.get("tickets", [body]) if isinstance(body, dict) else None
    if not isinstance(found, list) or not 1 <= len(found) <= platform.MOST:
        raise Problem("platform_batch_invalid", most=platform.MOST)
    return found
