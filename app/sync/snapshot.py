"""Whole tickets as a phone holds them, put together from what each package says of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.evidence import queries as evidence
from app.fieldwork import queries as fieldwork
from app.oversight.callback import queries as callbacks
from app.oversight.escalations import queries as escalations
from app.replies import standing as replies
from app.requests import queries as requests
from app.tickets import joint_queries as joint
from app.tickets import queries as tickets

Part = Callable[[Session, Sequence[str]], dict[str, dict[str, Any]]]

_PARTS: tuple[Part, ...] = (
    tickets.wire_for,
    joint.wire_for,
    fieldwork.wire_for,
    evidence.wire_for,
    replies.wire_for,
    requests.wire_for,
    callbacks.wire_for,
    escalations.wire_for,
)
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
    "requests": [],
    "askable": [],
    "plans": [],
    "commitments": [],
}


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
    found = tickets.heads(session, ticket_ids, whole=True, within=within)
    ids = [ticket_id for ticket_id in ticket_ids if ticket_id in found]
    if not ids:
        return []
    open_kinds = requests.open_kinds(session, ids)
    parts = [part(session, ids) for part in _PARTS]
    for ticket_id in ids:
        ticket = found[ticket_id]
        ticket["open_requests"] = open_kinds.get(ticket_id, [])
        ticket["detail"] = _EMPTY | ticket["detail"]
        for part in parts:
            ticket["detail"] |= part.get(ticket_id, {})
    return [found[ticket_id] for ticket_id in ids]
