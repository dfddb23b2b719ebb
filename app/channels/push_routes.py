"""Web Push for the signed-in person's device: key, subscription, trial."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from app import clock
from app.channels.endpoints import canonical, judge_endpoint, judge_keys
from app.channels.vapid import public_key
from app.http import actor, config, database, json_response, signed_in
from app.limits import limiter
from app.problems import Problem, require
from app.reminders import schemas, subscriptions

blueprint = Blueprint("push", __name__, url_prefix="/api/v1/push", description="消息推送")


@blueprint.get("/key")
@signed_in
@blueprint.response(200, schemas.PushKey)
def key() -> Response:
    """Return the key to subscribe with. 404 push_unavailable when the deployment has none."""
    private, subject = config().vapid_private_key, config().vapid_subject
    if private is None or subject is None:
        raise Problem("push_unavailable")
    return json_response({"key": public_key(private)})


@blueprint.post("/subscriptions")
@signed_in
@limiter.limit("30 per minute")
@blueprint.arguments(schemas.Subscription)
@blueprint.response(201)
def subscribe(args: dict[str, Any]) -> Response:
    """Keep this device's push subscription. 422 push_endpoint_refused."""
    endpoint, keys = args["endpoint"], args["keys"]
    require(judge_endpoint(endpoint, config().demo))
    require(judge_keys(keys["p256dh"], keys["auth"]))
    p256dh, auth = canonical(keys["p256dh"]), canonical(keys["auth"])
    with database().unit_of_work() as session:
        subscriptions.subscribe(session, actor(), endpoint, p256dh, auth, clock.now())
    return json_response({}, 201)


@blueprint.delete("/subscriptions")
@signed_in
@blueprint.arguments(schemas.Endpoint)
@blueprint.response(204)
def unsubscribe(args: dict[str, Any]) -> None:
    """Forget a push subscription of one's own; an unknown one is no error."""
    with database().unit_of_work() as session:
        subscriptions.unsubscribe(session, actor(), args["endpoint"])


@blueprint.post("/test")
@signed_in
@limiter.limit("6 per minute")
@blueprint.response(202)
def test() -> Response:
    """Send a trial reminder to this device. 409 push_not_subscribed."""
    with database().unit_of_work() as session:
        subscriptions.send_test(session, actor(), clock.now())
    return json_response({}, 202)
