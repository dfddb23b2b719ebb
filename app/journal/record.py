"""Writing an event, in the caller's transaction."""

from __future__ import annotations

from typing import Any, Protocol

from sqlalchemy.orm import Session

from app import clock
from app.clock import Moment
from app.journal.chain import GENESIS, Link, digest
from app.journal.models import Event


class Subject(Protocol):
    """A row that events are about; the caller holds its lock."""

    id: str
    journal_length: int
    journal_head: str


class By(Protocol):
    """Who did it."""

    @property
    def person_id(self) -> str: ...
    @property
    def device_id(self) -> str | None: ...


def record(
    session: Session,
    subject: Subject,
    name: str,
    payload: dict[str, Any],
    at: Moment,
    by: By | None = None,
    role: str | None = None,
) -> Event:
    """Append event `name` to the subject's chain and return it; commits nothing.

    `payload` must be plain JSON (instants in wire form) and hold no caller's name, phone or address: the journal is
    shown to many and never pruned. The claimed instant is added when it differs from the received one.
    """
    body = dict(payload)
    if at.claimed != at.received:
        body["claimed_at"] = clock.iso(at.claimed)
    link = Link(
        subject_id=subject.id,
        subject_seq=subject.journal_length + 1,
        name=name,
        at=clock.iso(at.received),
        actor_id=by.person_id if by else None,
        role=role,
        device_id=by.device_id if by else None,
        command_id=at.command_id,
        payload=body,
        prev_hash=subject.journal_head or GENESIS,
    )
    event = Event(**{n: getattr(link, n) for n in Link.__slots__} | {"at": at.received, "hash": digest(link)})
    subject.journal_length = link.subject_seq
    subject.journal_head = event.hash
    session.add(event)
    session.info["events"] = session.info.get("events", 0) + 1
    return event
