"""Whole tickets as a phone holds them, put together from what each package says of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.evidence import queries as evidence
from app.evidence.models import Evidence
from app.fieldwork import queries as fieldwork
from app.oversight.callback import queries as callbacks
from app.oversight.callback.models import Callback
from app.oversight.escalations import queries as escalations
from app.oversight.escalations.models import Escalation
from app.oversight.inspections import queries as inspections
from app.oversight.inspections.models import InspectionCase
from app.people.masking import hide_caller
from app.replies import queries as replies
from app.replies import standing
from app.requests import queries as requests
from app.requests.models import Request
from app.tickets import joint_queries as joint
from app.tickets import queries as tickets
from app.tickets.basis import asked

_FILLED: Any = select(
    *tickets.ADDS,
    *joint.ADDS,
    *fieldwork.ADDS,
    *evidence.ADDS,
    *replies.ADDS,
    *requests.ADDS,
    *callbacks.ADDS,
    *escalations.ADDS,
    *inspections.ADDS,
)
# These have one table that decides whether there is anything to say.
_OPTIONAL: dict[str, Callable[[Session, Sequence[str]], dict[str, dict[str, Any]]]] = {
    Evidence.__tablename__: evidence.wire_for,
    Callback.__tablename__: callbacks.wire_for,
    Escalation.__tablename__: escalations.wire_for,
    InspectionCase.__tablename__: inspections.wire_for,
}
_EMPTY: dict[str, Any] = {
    "contacts": [],
    "visits": [],
    "visit_exceptions": [],
    "progress": [],
    "evidence": [],
    "draft": None,
    "replies": [],
    "chain": None,
    "reasons_open": [],
    "callbacks": [],
    "escalations": [],
    "inspections": [],
    "requests": [],
    "askable": [],
    "plans": [],
    "commitments": [],
}


_WRITTEN = (
    "contacts", "visits", "visit_exceptions", "progress", "plans", "commitments", "evidence", "callbacks",
    "escalations", "assists", "consultations",
)  # fmt: skip
"""Where liaisons and the station write freely. Replies and requests are shown as they were signed."""


def rows(session: Session, ticket_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Return the tickets in the order asked, rows only (`detail` null); an unknown id is left out."""
    heads = tickets.heads(session, ticket_ids)
    open_kinds = requests.open_kinds(session, ticket_ids)
    for ticket_id, head in heads.items():
        head["open_requests"] = open_kinds.get(ticket_id, [])
    return [heads[ticket_id] for ticket_id in ticket_ids if ticket_id in heads]


def whole(
    session: Session, ticket_ids: Sequence[str], within: ColumnElement[bool] | None = None
) -> list[dict[str, Any]]:
    """Return the tickets in the order asked, with their detail; only those that meet the condition `within`."""
    basis = tickets.basis(session, ticket_ids, _FILLED, within)
    ids = [ticket_id for ticket_id in ticket_ids if ticket_id in basis.rows]
    if not ids:
        return []
    found = tickets.wholes(session, basis)
    open_kinds = requests.open_kinds(session, ids) if asked(Request, basis.filled) else {}
    parts = [
        joint.wire_for(session, basis),
        fieldwork.wire_for(session, ids, basis.filled),
        standing.wire_for(session, basis),
        requests.wire_for(session, basis),
        *(wire_for(session, ids) for table, wire_for in _OPTIONAL.items() if table in basis.filled),
    ]
    for ticket_id in ids:
        ticket = found[ticket_id]
        ticket["open_requests"] = open_kinds.get(ticket_id, [])
        ticket["detail"] = _EMPTY | ticket["detail"]
        for part in parts:
            ticket["detail"] |= part.get(ticket_id, {})
        row = basis.rows[ticket_id]
        caller = row.caller_name, row.caller_phone, row.caller_address
        ticket["detail"] |= {
            key: hide_caller(ticket["detail"][key], *caller) for key in _WRITTEN if ticket["detail"][key]
        }
    return [found[ticket_id] for ticket_id in ids]
