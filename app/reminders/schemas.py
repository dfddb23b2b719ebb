"""Arguments of the reminder commands and wire shapes of Web Push."""

from __future__ import annotations

from marshmallow import fields, validate

from app.wire import Uid, Wire, Words


class Acknowledge(Wire):
    """reminder.acknowledge; `reminder_id` is the id of the person's notice."""

    reminder_id = Uid(required=True)


class Nudge(Wire):
    """reminder.nudge"""

    note = Words(200, load_default=None, allow_none=True)


class LogCall(Wire):
    """reach.log_call; `outcome` is how the call to the person's phone ended."""

    call_id = Uid(required=True)
    person_id = Uid(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(["answered", "no_answer", "off", "wrong"]))
    note = Words(200, load_default=None, allow_none=True)


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
