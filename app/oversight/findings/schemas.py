"""Arguments of the commands on findings, and their shape on the wire."""

from __future__ import annotations

from marshmallow import fields, validate

from app.oversight.findings.rules import LABELS, OPEN, SEVERITIES, STATES
from app.oversight.schemas_http import WatchedTicket
from app.tickets.schemas_shown import Named
from app.wire import Uid, Wire, Words


class FindingDismiss(Wire):
    """finding.dismiss: the reason is remembered as long as the finding rests on the same facts."""

    finding_id = Uid(required=True)
    reason = Words(500, minimum=2, required=True)


class FindingRestore(Wire):
    """finding.restore"""

    finding_id = Uid(required=True)


class FindingsQuery(Wire):
    """GET /oversight/findings"""

    state = fields.String(load_default=OPEN, validate=validate.OneOf([*STATES, "all"]))
    kind = fields.String(load_default=None, validate=validate.OneOf(list(LABELS)))
    severity = fields.String(load_default=None, validate=validate.OneOf(SEVERITIES))
    unit = Uid(load_default=None)
    ticket = Uid(load_default=None)


class PieceOut(Wire):
    """One piece of evidence as a finding shows it."""

    id = fields.String(required=True)
    kind = fields.String(required=True)
    phase = fields.String(required=True)
    source = fields.String(required=True)
    sha256 = fields.String(required=True)
    state = fields.String(required=True)
    captured_at = fields.String(required=True)
    duration_s = fields.Float(required=True, allow_none=True)
    has_thumb = fields.Boolean(required=True)
    has_audio = fields.Boolean(required=True)
    peaks = fields.List(fields.Float(), required=True, allow_none=True)
    by = fields.Nested(Named, required=True)


class ComparedOut(Wire):
    """What a finding compares with: a ticket, and its evidence where it is one piece."""

    ticket = fields.Nested(WatchedTicket, required=True)
    evidence = fields.Nested(PieceOut, required=True, allow_none=True)


class DismissedOut(Wire):
    """Who dismissed a finding, and why."""

    by = fields.Nested(Named, required=True)
    at = fields.String(required=True)
    reason = fields.String(required=True)


class FindingOut(Wire):
    """Something doubtful about one piece of evidence; a hint to people, never a verdict."""

    id = fields.String(required=True)
    kind = fields.String(required=True)
    label = fields.String(required=True)
    severity = fields.String(required=True, validate=validate.OneOf(SEVERITIES))
    severity_label = fields.String(required=True)
    reason = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    ticket = fields.Nested(WatchedTicket, required=True)
    evidence = fields.Nested(PieceOut, required=True)
    compared = fields.Nested(ComparedOut, required=True, allow_none=True)
    raised_at = fields.String(required=True)
    changed_at = fields.String(required=True)
    lapsed_at = fields.String(required=True, allow_none=True)
    dismissed = fields.Nested(DismissedOut, required=True, allow_none=True)


class FindingCounts(Wire):
    """How many of each severity."""

    high = fields.Integer(required=True)
    medium = fields.Integer(required=True)
    low = fields.Integer(required=True)


class FindingRunOut(Wire):
    """How far looking at every ticket by new rules has come."""

    total = fields.Integer(required=True)
    done = fields.Integer(required=True)
    changed = fields.Integer(required=True)
    asked_at = fields.String(required=True)
    finished_at = fields.String(required=True, allow_none=True)
    failed_at = fields.String(required=True, allow_none=True)


class FindingsOut(Wire):
    """GET /oversight/findings"""

    findings = fields.List(fields.Nested(FindingOut), required=True)
    counts = fields.Nested(FindingCounts, required=True)
    run = fields.Nested(FindingRunOut, required=True, allow_none=True)


class TicketFindingsOut(Wire):
    """GET /oversight/tickets/{ticket_id}/findings"""

    findings = fields.List(fields.Nested(FindingOut), required=True)
