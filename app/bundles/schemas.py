"""Wire shapes of evidence bundles."""

from __future__ import annotations

from marshmallow import fields, validate

from app.bundles import lifecycle
from app.wire import Uid, Wire, Words


class BundleMake(Wire):
    """bundle.make"""

    bundle_id = Uid(required=True)
    reason = Words(200, minimum=4, required=True)
    unmasked = fields.Boolean(load_default=False)


class Asker(Wire):
    """Who asked for it."""

    id = fields.String(required=True)
    name = fields.String(required=True)


class BundleOut(Wire):
    """A bundle: `done` of `total` bytes of originals are written; `size` and `sha256` are the finished file's."""

    id = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(list(lifecycle.LABELS)))
    state_label = fields.String(required=True)
    reason = fields.String(required=True)
    unmasked = fields.Boolean(required=True)
    by = fields.Nested(Asker, required=True)
    asked_at = fields.String(required=True)
    done = fields.Integer(required=True)
    total = fields.Integer(required=True)
    size = fields.Integer(required=True, allow_none=True)
    sha256 = fields.String(required=True, allow_none=True)
    message = fields.String(required=True, allow_none=True)
    expires_at = fields.String(required=True, allow_none=True)
    mine = fields.Boolean(required=True)


class BundlesOut(Wire):
    """GET /tickets/<id>/bundles, the newest first; `may_unmask` when the asker may see the caller's data."""

    may_unmask = fields.Boolean(required=True)
    bundles = fields.List(fields.Nested(BundleOut), required=True)
