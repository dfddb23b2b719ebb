"""What is told to whoever subscribed to results: which events, in which words. Planned with the relay, once each.

Told is what the platform needs to close its own book: number, state, when, and the reply. No name, number or address
of a caller is added to what the platform gave us itself, and none of our people's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert, or_, select
from sqlalchemy.orm import Session

from app import clock
from app.ids import new_id
from app.intake import lifecycle as ours
from app.intake.models import Webhook, WebhookDelivery
from app.journal.models import Event
from app.journal.relay import Happened
from app.people.models import Unit
from app.policies.policy import Policy
from app.policies.queries import policy_of
from app.replies.models import Reply
from app.tickets import lifecycle
from app.tickets.models import Assignment, DirectAnswer, Ticket

TASK: Final = "webhook"
TEST: Final = "test"
_ACCEPTED: Final = "审核通过"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One kind of message: its name for people, and the state of the ticket that it announces."""

    label: str
    state: str


KINDS: Final[Mapping[str, Outcome]] = {
    "dispatched": Outcome("已派单", lifecycle.DISPATCHED),
    "signed": Outcome("已签收", lifecycle.HANDLING),
    "returned": Outcome("已退回工作站", lifecycle.REGISTERED),
    "closed": Outcome("已办结", lifecycle.CLOSED),
    "reopened": Outcome("重新办理", lifecycle.REDO),
}
EVENTS: Final[Mapping[str, str]] = {
    "ticket.dispatched": "dispatched",
    "ticket.reassigned": "dispatched",
    "ticket.signed": "signed",
    "ticket.returned": "returned",
    "review.accepted": "closed",
    "ticket.answered_directly": "closed",
    "ticket.closed": "closed",
    "review.reopened": "reopened",
    "ticket.reopened": "reopened",
}
"""Event of the journal → kind of message."""


def plan(session: Session, happened: Sequence[Happened], at: datetime) -> list[tuple[str, str]]:
    """Write down what is to be told of these events, and return the tasks; runs in the relay's own transaction."""
    wanted = [(event, EVENTS[event.name]) for event in happened if event.name in EVENTS]
    if not wanted:
        return []
    hooks = session.scalars(select(Webhook).where(Webhook.active.is_(True))).all()
    if not hooks:
        return []
    tickets = select(Ticket.id, Ticket.jurisdiction_id, Ticket.number).where(
        Ticket.id.in_({event.subject_id for event, _ in wanted})
    )
    known = {row.id: row for row in session.execute(tickets)}
    rows = [
        _planned(hook, kind, at) | {"event_seq": event.seq, "ticket_id": row.id, "number": row.number}
        for event, kind in wanted
        if (row := known.get(event.subject_id)) is not None
        for hook in hooks
        if hook.jurisdiction_id == row.jurisdiction_id and kind in hook.kinds
    ]
    if rows:
        session.execute(insert(WebhookDelivery), rows)
    return [(TASK, row["id"]) for row in rows]


def _planned(hook: Webhook, kind: str, at: datetime) -> dict[str, Any]:
    return {
        "id": new_id(), "webhook_id": hook.id, "kind": kind, "state": ours.PENDING, "attempts": 0, "asked_at": at,
        "next_at": at, "event_seq": None, "ticket_id": None, "number": None, "ended_at": None, "answer": None,
    }  # fmt: skip


def plan_test(session: Session, hook: Webhook, delivery_id: str, at: datetime) -> None:
    """Write down a test message under the id the administrator's page will look for."""
    session.execute(insert(WebhookDelivery), [_planned(hook, TEST, at) | {"id": delivery_id}])


def message(session: Session, row: WebhookDelivery) -> dict[str, Any]:
    """Return the body of a message; the same however often it is sent, because events and replies never change."""
    if row.event_seq is None:
        return {"event_id": row.id, "kind": TEST, "label": "测试", "at": clock.iso(row.asked_at)}
    event = session.get_one(Event, row.event_seq)
    ticket = session.get_one(Ticket, event.subject_id)
    outcome = KINDS[row.kind]
    body: dict[str, Any] = {
        "event_id": row.id,
        "kind": row.kind,
        "label": outcome.label,
        "at": clock.iso(event.at),
        # Messages may overtake each other on their way: the higher number is the later news of a ticket.
        "sequence": event.subject_seq,
        "ticket_id": ticket.id,
        "number": ticket.number,
        "state": outcome.state,
        "state_label": lifecycle.LABELS[outcome.state],
        "unit": _unit(session, event),
    }
    if row.kind == "closed":
        body |= _closing(session, policy_of(session, ticket.policy_id), event)
    return body


def _unit(session: Session, event: Event) -> str | None:
    """Return the name of the unit that the event names, or that had the ticket when it happened."""
    had = (
        select(Assignment.unit_id)
        .where(Assignment.ticket_id == event.subject_id, Assignment.since <= event.at)
        .where(or_(Assignment.until.is_(None), Assignment.until > event.at))
        .order_by(Assignment.since.desc())
        .limit(1)
    )
    unit_id = event.payload.get("unit_id") or session.scalar(had)
    return session.scalar(select(Unit.name).where(Unit.id == unit_id)) if unit_id else None


def _closing(session: Session, policy: Policy, event: Event) -> dict[str, Any]:
    """Return how the ticket was closed (审核通过, 直接答复, or what was approved), and the reply if there is one."""
    direct = session.get(DirectAnswer, event.subject_id)
    if event.name == "ticket.answered_directly" and direct is not None:
        parts = [{"key": direct.way, "label": direct.label, "text": direct.text}] if direct.text else []
        return {"how": direct.label, "reply": {"parts": parts, "opinion": None, "content_hash": None}}
    reply = session.get(Reply, event.payload.get("reply_id"))
    how = event.payload.get("label") or _ACCEPTED
    return {"how": how, "reply": _reply(policy, reply) if reply is not None else None}


def _reply(policy: Policy, reply: Reply) -> dict[str, Any]:
    labels = {part.key: part.label for part in policy.reply.parts}
    opinions = {option.key: option.label for option in policy.reply.opinion.options}
    return {
        "parts": [{"key": k, "label": labels.get(k, k), "text": text} for k, text in ordered(policy, reply.parts)],
        "opinion": {"key": reply.opinion, "label": opinions.get(reply.opinion, reply.opinion)},
        "content_hash": reply.content_hash,
    }


def ordered(policy: Policy, parts: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the parts of a reply in the order of the profile's template."""
    keys = [part.key for part in policy.reply.parts]
    return [(k, parts[k]) for k in keys if parts.get(k)] + [(k, v) for k, v in parts.items() if k not in keys and v]
