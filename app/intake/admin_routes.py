"""Keys of platforms and addresses for results. Routes and not commands: what shows a secret must not be a receipt that
is kept, and no phone's outbox may hold one (docs/adr/0007).
"""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from app import clock
from app.clock import Moment
from app.http import actor, config, database, json_response, signed_in
from app.intake import administration, queries, schemas
from app.intake.commands import allow, hook_of
from app.intake.outcomes import KINDS
from app.vault import Vault

blueprint = Blueprint("intake_admin", __name__, url_prefix="/api/v1/intake", description="接口密钥与结果推送")


def _vault() -> Vault:
    return Vault(config().secret_key)


def _now() -> Moment:
    return Moment.of_server(clock.now())


@blueprint.get("/keys")
@signed_in
@blueprint.response(200, schemas.KeyList)
def keys() -> Response:
    """List the keys of upstream platforms, without their secrets."""
    allow(actor(), "intake.key")
    with database().read() as session:
        return json_response({"keys": queries.keys_of(session, actor().jurisdiction_id)})


@blueprint.post("/keys")
@signed_in
@blueprint.arguments(schemas.NewKey)
@blueprint.response(201, schemas.SecretOut)
def new_key(args: dict[str, Any]) -> Response:
    """Make a key for a platform; its secret is shown in this answer and never again."""
    with database().unit_of_work() as session:
        secret = administration.new_key(session, _vault(), actor(), args, _now())
    return json_response({"id": args["key_id"], "secret": secret}, 201)


@blueprint.post("/keys/<uuid:key_id>/secret")
@signed_in
@blueprint.response(200, schemas.SecretOut)
def rotate_key(key_id: Any) -> Response:
    """Give a key a new secret; the former one works for another day."""
    with database().unit_of_work() as session:
        secret = administration.rotate_key(session, _vault(), actor(), str(key_id), _now())
    return json_response({"id": str(key_id), "secret": secret})


@blueprint.get("/webhooks")
@signed_in
@blueprint.response(200, schemas.WebhookList)
def webhooks() -> Response:
    """List the addresses that are told results, with how many messages wait or were given up."""
    allow(actor(), "webhook.set")
    with database().read() as session:
        found = queries.hooks_of(session, actor().jurisdiction_id)
    kinds = [{"key": key, "label": kind.label} for key, kind in KINDS.items()]
    return json_response({"webhooks": found, "kinds": kinds})


@blueprint.post("/webhooks")
@signed_in
@blueprint.arguments(schemas.NewWebhook)
@blueprint.response(201, schemas.SecretOut)
def new_webhook(args: dict[str, Any]) -> Response:
    """Tell results to an address; the secret its messages are signed with is shown in this answer and never again."""
    with database().unit_of_work() as session:
        secret = administration.new_webhook(session, _vault(), actor(), args, config().demo, _now())
    return json_response({"id": args["webhook_id"], "secret": secret}, 201)


@blueprint.route("/webhooks/<uuid:webhook_id>", methods=["PATCH"])
@signed_in
@blueprint.arguments(schemas.ChangedWebhook)
@blueprint.response(204)
def change_webhook(args: dict[str, Any], webhook_id: Any) -> None:
    """Change the name, the address or the kinds of results, or switch it off and on."""
    with database().unit_of_work() as session:
        administration.change_webhook(session, actor(), str(webhook_id), args, config().demo, _now())


@blueprint.post("/webhooks/<uuid:webhook_id>/secret")
@signed_in
@blueprint.response(200, schemas.SecretOut)
def rotate_webhook(webhook_id: Any) -> Response:
    """Give an address a new secret; every message from now on is signed with it."""
    with database().unit_of_work() as session:
        secret = administration.rotate_webhook(session, _vault(), actor(), str(webhook_id), _now())
    return json_response({"id": str(webhook_id), "secret": secret})


@blueprint.get("/webhooks/<uuid:webhook_id>/deliveries")
@signed_in
@blueprint.arguments(schemas.DeliveriesQuery, location="query")
@blueprint.response(200, schemas.DeliveriesOut)
def deliveries(args: dict[str, Any], webhook_id: Any) -> Response:
    """Return a page of the delivery log of an address; `state=dead` are the messages that were given up."""
    allow(actor(), "webhook.set")
    with database().read() as session:
        hook = hook_of(session, actor(), str(webhook_id), lock=False)
        found = queries.deliveries_of(session, hook.id, args["state"], args["before"], args["page_size"])
    return json_response(found)
