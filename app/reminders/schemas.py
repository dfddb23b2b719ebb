"""Arguments of the reminder commands and wire shapes of Web Push."""

from __future__ import annotations

from marshmallow import fields

from app.wire import Uid, Wire, Words


class Acknowledge(Wire):
    """reminder.acknowledge; `reminder_id` is the id of the person's notice."""

    reminder_id = Uid(required=True)


class PushKey(Wire):
    """GET /push/key"""

    key = fields.String(required=True)


class PushKeys(Wire):
    """What the browser gave for encrypting to it."""

    p256dh = Words(200, required=True)
    auth = Words(100, required=True)


class Endpoint(Wire):
    """DELETE /push/subscriptions"""

    endpoint = Words(1000, required=True)


class Subscription(Endpoint):
    """POST /push/subscriptions"""

    keys = fields.Nested(PushKeys, required=True)
