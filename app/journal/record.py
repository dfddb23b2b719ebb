"""Writing an event, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, cast

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from app import clock
from app.clock import Moment
from app.journal.chain import GENESIS, Link, digest
from app.journal.models import Event

# Plain INSERT, not an object: the journal is only ever added to, and the unit of work would cost three times as much.
_INSERT = insert(cast(Table, Event.__table__)).inline()


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
) -> None:
    """Append event `name` to the subject's chain; commits nothing.

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
    row = {name: getattr(link, name) for name in Link.__slots__} | {"at": at.received, "hash": digest(link)}
    session.connection().execute(_INSERT, row)
    subject.journal_length, subject.journal_head = link.subject_seq, row["hash"]
    session.info["events"] = session.info.get("events", 0) + 1


def record_many(session: Session, subjects: Sequence[tuple[Subject, dict[str, Any]]], name: str, at: Moment) -> None:
    """Append event `name` to the chain of each subject with its own payload, by nobody's hand, in one statement.

    A subject may come more than once: its events are chained in the order given.

    The caller holds the locks and writes the subjects' new length and head itself; see `record` for the payloads.
    """
    rows = []
    for subject, payload in subjects:
        link = Link(
            subject_id=subject.id,
            subject_seq=subject.journal_length + 1,
            name=name,
            at=clock.iso(at.received),
            actor_id=None,
            role=None,
            device_id=None,
            command_id=None,
            payload=payload,
            prev_hash=subject.journal_head or GENESIS,
        )
        row = {name: getattr(link, name) for name in Link.__slots__} | {"at": at.received, "hash": digest(link)}
        subject.journal_length, subject.journal_head = link.subject_seq, row["hash"]
        rows.append(row)
    if rows:
        session.connection().execute(_INSERT, rows)
        session.info["events"] = session.info.get("events", 0) + len(rows)
