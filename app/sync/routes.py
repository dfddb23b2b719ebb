"""The sync door over HTTP."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from app import clock
from app.http import actor, beacon_key, database, json_response, signed_in
from app.sync import pull as puller
from app.sync import schemas, snapshot
from app.sync.inbox import apply_batch
from app.sync.timing import make_beacon
from app.tickets import queries as tickets

blueprint = Blueprint("sync", __name__, url_prefix="/api/v1/sync", description="命令与同步")


@blueprint.post("/commands")
@signed_in
@blueprint.arguments(schemas.Batch)
@blueprint.response(200, schemas.BatchOut)
def commands(batch: dict[str, Any]) -> Response:
    """Apply a batch; refusals are receipts, not errors. 422 command_id_reused, 503 database_busy, 507 storage_full."""
    receipts = apply_batch(database(), actor(), beacon_key(), batch["sent_at"], batch["commands"])
    touched = list(dict.fromkeys(r["ticket_id"] for r in receipts if r["ticket_id"]))
    with database().read() as session:
        fresh = snapshot.whole(session, touched, within=tickets.visible_to(actor())) if touched else []
        epoch = puller.epoch_of(session)
    return json_response({"beacon": _beacon(), "epoch": epoch, "receipts": receipts, "tickets": fresh})


@blueprint.get("/pull")
@signed_in
@blueprint.arguments(schemas.PullQuery, location="query")
@blueprint.response(200, schemas.PullOut)
def pull(args: dict[str, Any]) -> Response:
    """Return what changed since `cookie`; without one, everything."""
    answer = puller.pull(database(), actor(), args["cookie"], clock.now())
    return json_response(answer | {"beacon": _beacon()})


def _beacon() -> str:
    return make_beacon(beacon_key(), clock.now())
