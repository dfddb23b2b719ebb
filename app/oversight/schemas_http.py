"""Wire shapes of what is watched across tickets."""

from __future__ import annotations

from marshmallow import fields

from app.oversight.escalations.schemas import TicketEscalation
from app.tickets.schemas_shown import AssistOut, ConsultationOut, Named
from app.wire import Wire


class WatchedTicket(Wire):
    """Which ticket it is about."""

    id = fields.String(required=True)
    number = fields.String(required=True)
    title = fields.String(required=True)
    state = fields.String(required=True)
    kind = fields.String(required=True)
    area = fields.String(required=True)
    unit = fields.Nested(Named, required=True, allow_none=True)


class EscalatedTicket(WatchedTicket):
    """Which ticket it is about, and what waits on it: a check on the same cause is the same matter."""

    open_requests = fields.List(fields.String(), required=True)


class WatchedEscalation(TicketEscalation):
    """One matter brought before somebody above, and its ticket."""

    ticket = fields.Nested(EscalatedTicket, required=True)


class EscalationsOut(Wire):
    """GET /oversight/escalations"""

    escalations = fields.List(fields.Nested(WatchedEscalation), required=True)


class RepeatedTicket(WatchedTicket):
    """A ticket that went from unit to unit; `units` in turn."""

    assigned_count = fields.Integer(required=True)
    units = fields.List(fields.Nested(Named), required=True)
    unresolved = fields.Boolean(required=True)
    escalations = fields.List(fields.Nested(TicketEscalation), required=True)


class RepeatedOut(Wire):
    """GET /oversight/repeated; `from_count` is the least number of dispatches listed."""

    quarter = fields.String(required=True)
    from_count = fields.Integer(required=True)
    tickets = fields.List(fields.Nested(RepeatedTicket), required=True)


class WatchedConsultation(ConsultationOut):
    """One consultation, and its ticket."""

    ticket = fields.Nested(WatchedTicket, required=True)


class ConsultationsOut(Wire):
    """GET /oversight/consultations"""

    consultations = fields.List(fields.Nested(WatchedConsultation), required=True)


class Letter(AssistOut):
    """One 办理联系单 without a report; `late`: its time has passed."""

    late = fields.Boolean(required=True)
    ticket = fields.Nested(WatchedTicket, required=True)


class LettersOut(Wire):
    """GET /oversight/assists"""

    assists = fields.List(fields.Nested(Letter), required=True)
