"""The application factory. Wiring, nothing else.

It stands here and not in `app/__init__.py`, so that importing a pure module or the worker does not load the web.
"""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app import docs_ui, health, http, queue, shell
from app.auth import Authenticator
from app.bundles import routes as bundle_routes
from app.channels import oauth_routes, own_routes, push_routes
from app.channels import routes as channel_routes
from app.chat import routes as chat_routes
from app.db import Database
from app.demo import routes as demo_routes
from app.demo import stage_routes
from app.evidence import routes as evidence_routes
from app.evidence import tus_routes
from app.fieldwork import routes as commitment_routes
from app.intake import admin_routes as intake_admin_routes
from app.intake import platform_routes
from app.intake import routes as intake_routes
from app.limits import limiter
from app.oversight import routes as oversight_routes
from app.oversight.findings import routes as finding_routes
from app.oversight.inspections import routes as inspection_routes
from app.people import routes as people_routes
from app.people import staff_routes
from app.people.roster import routes as roster_routes
from app.reminders import watch_routes as reminder_watch_routes
from app.reports import routes as report_routes
from app.rulebook import routes as rulebook_routes
from app.sealing import routes as sealing_routes
from app.sync import routes as sync_routes
from app.sync import ticket_routes
from app.version import VERSION
from config import Config

_DOCUMENTED = (
    health.probe,
    health.blueprint,
    people_routes.blueprint,
    staff_routes.blueprint,
    roster_routes.blueprint,
    sync_routes.blueprint,
    ticket_routes.blueprint,
    evidence_routes.blueprint,
    bundle_routes.blueprint,
    commitment_routes.blueprint,
    push_routes.blueprint,
    reminder_watch_routes.blueprint,
    report_routes.blueprint,
    rulebook_routes.blueprint,
    sealing_routes.blueprint,
    oversight_routes.blueprint,
    finding_routes.blueprint,
    inspection_routes.blueprint,
    intake_routes.blueprint,
    platform_routes.blueprint,
    intake_admin_routes.blueprint,
    channel_routes.blueprint,
    channel_routes.log_blueprint,
    own_routes.blueprint,
    demo_routes.blueprint,
)
_PLAIN = (
    chat_routes.blueprint,
    oauth_routes.blueprint,
    tus_routes.blueprint,
    stage_routes.blueprint,
    docs_ui.blueprint,
    shell.blueprint,
)


def create_app(config: Config, database: Database | None = None) -> Flask:
    """Return the WSGI application of a configuration; `database` may be handed over, else it is opened from it."""
    app = Flask(__name__, static_folder=None)
    app.config.update(
        API_TITLE="Doorstep 上门办",
        API_VERSION=VERSION,
        OPENAPI_VERSION="3.0.3",
        MAX_FORM_MEMORY_SIZE=http.BATCH_BYTES,
        RATELIMIT_STORAGE_URI=config.redis_url or "memory://",
        RATELIMIT_STORAGE_OPTIONS={"socket_connect_timeout": 1, "socket_timeout": 1} if config.redis_url else {},
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    database = database or Database(config.database_url)
    database.after_commit.append(queue.Doorbell(config.redis_url).ring)
    app.extensions |= {
        "doorstep.config": config,
        "doorstep.db": database,
        "doorstep.auth": Authenticator(config),
        "doorstep.beacon_key": http.beacon_key_of(config),
    }
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    http.install(app)
    limiter.init_app(app)
    api = http.ProblemApi(app)
    for blueprint in _DOCUMENTED:
        api.register_blueprint(blueprint)
    for plain in _PLAIN:
        app.register_blueprint(plain)
    app.extensions["doorstep.api"] = api
    return app
