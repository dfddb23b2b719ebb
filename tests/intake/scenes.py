"""What a command on imports, keys or webhooks needs to be there first; made through the public API."""

from __future__ import annotations

import io

from intake import exports
from scenario import World

from app import clock
from app.ids import new_id
from app.intake import jobs


def read_file(world: World) -> str:
    """A file that was uploaded and read, waiting for somebody to look at it."""
    data = {"file": (io.BytesIO(exports.text_table([exports.line()])), "export.csv")}
    answer = world.station.call("POST", "/api/v1/intake/files", data=data)
    assert answer.status_code == 201, answer.text
    file_id = str(answer.get_json()["id"])
    jobs.work(world.database, world.app.extensions["doorstep.config"].intake_dir, file_id, clock.now())
    return file_id


def key(world: World) -> str:
    """A platform's key."""
    key_id = new_id()
    body = {"key_id": key_id, "label": "市平台"}
    assert world.phone("admin").call("POST", "/api/v1/intake/keys", json=body).status_code == 201
    return key_id


def webhook(world: World) -> str:
    """An address that wants to hear results."""
    webhook_id = new_id()
    body = {"webhook_id": webhook_id, "label": "市平台", "url": "https://platform.example.org/", "kinds": ["closed"]}
    assert world.phone("admin").call("POST", "/api/v1/intake/webhooks", json=body).status_code == 201
    return webhook_id


def delivery(world: World) -> str:
    """A message on its way, which nobody sends."""
    delivery_id = new_id()
    world.phone("admin").do("webhook.test", None, webhook_id=webhook(world), delivery_id=delivery_id)
    return delivery_id
