"""Wire shapes of the published roots."""

from __future__ import annotations

from marshmallow import fields, validate

from app.wire import Wire


class RootsAsked(Wire):
    """Query of GET /roots: the page of days before `before`."""

    before = fields.Date(load_default=None)
    limit = fields.Integer(load_default=31, validate=validate.Range(1, 366))


class StampOut(Wire):
    """A root's time stamp; without `at` it is still being tried, `error` says why it is not there yet."""

    authority = fields.String(required=True)
    at = fields.String(required=True, allow_none=True)
    attempts = fields.Integer(required=True)
    error = fields.String(required=True, allow_none=True)


class RootOut(Wire):
    """One day's seal: `document` is what was hashed, its SHA-256 is `root`."""

    day = fields.String(required=True)
    root = fields.String(required=True)
    previous = fields.String(required=True)
    document = fields.String(required=True)
    leaves = fields.Integer(required=True)
    sealed_at = fields.String(required=True)
    stamp = fields.Nested(StampOut, required=True, allow_none=True)


class RootsOut(Wire):
    """GET /roots, the newest first; `older` when there are days before these; `stamping` when stamps are asked for."""

    zone = fields.String(required=True)
    stamping = fields.Boolean(required=True)
    older = fields.Boolean(required=True)
    roots = fields.List(fields.Nested(RootOut), required=True)


class DayOut(RootOut):
    """GET /roots/<day>; `answer` is the authority's RFC 3161 response in base64."""

    answer = fields.String(required=True, allow_none=True)
