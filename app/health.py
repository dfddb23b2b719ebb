"""Is it alive, and which version: for the supervisor, for phones and for people."""

from __future__ import annotations

from flask import Response
from flask_smorest import Blueprint
from marshmallow import fields
from sqlalchemy import text

from app import clock
from app.http import config, database, json_response
from app.shell import build_id
from app.sync.pull import epoch_of
from app.version import MIN_CLIENT, VERSION
from app.wire import Wire

probe = Blueprint("health", __name__, description="存活检查")
blueprint = Blueprint("version", __name__, url_prefix="/api/v1", description="版本")


class VersionOut(Wire):
    """What runs here; `build` is the phone app's build, `epoch` the deployment's."""

    version = fields.String(required=True)
    build = fields.String(required=True)
    epoch = fields.String(required=True)
    server_time = fields.String(required=True)
    min_client = fields.Integer(required=True)


@probe.get("/healthz")
def healthz() -> Response:
    """Answer 200 when the database answers; 503 database_busy otherwise."""
    with database().read() as session:
        session.execute(text("SELECT 1"))
    return json_response({"status": "ok"})


@blueprint.get("/version")
@blueprint.response(200, VersionOut)
def version() -> Response:
    """Return version, build, epoch and the server's time; needs no sign-in."""
    with database().read() as session:
        epoch = epoch_of(session)
    body = {
        "version": VERSION,
        "build": build_id(config().pwa_dir) or "none",
        "epoch": epoch,
        "server_time": clock.iso(clock.now()),
        "min_client": MIN_CLIENT,
    }
    return json_response(body)
