"""Applying commands: one unit of work each, one receipt each, committed together."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from marshmallow import ValidationError
from sqlalchemy import Table, bindparam, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import clock
from app.clock import Moment
from app.db import FOREIGN_KEY, UNIQUE, Database, broken_constraint
from app.people.permissions import Actor
from app.problems import Problem, sentence
from app.sync.models import ReceiptRow
from app.sync.registry import REGISTRY
from app.sync.timing import bound_claim, read_beacon
from app.tickets.models import Ticket
from app.wire import CALLED, UNSTORABLE, storable

log = logging.getLogger(__name__)
Envelope = dict[str, Any]
# Plain INSERT, not the unit of work: a receipt is written once and never changed.
_RECEIPTS = cast(Table, ReceiptRow.__table__)
_INSERT = insert(_RECEIPTS).inline()
_COLUMNS = tuple(_RECEIPTS.columns.keys())
_STORED = select(ReceiptRow).where(ReceiptRow.id.in_(bindparam("ids", expanding=True)))


def apply_batch(
    database: Database, actor: Actor, key: bytes, sent_at: datetime, commands: Sequence[Envelope]
) -> list[dict[str, Any]]:
    """Apply the commands in order and return a receipt for each.

    Raises `Problem` `command_id_reused` before anything is applied when an id came back with other content, and
    `database_busy` or `storage_full` when a unit could not be committed: commands before it keep their receipts,
    and the phone sends the batch again.
    """
    hashes = {c["id"]: content_hash(actor.person_id, c) for c in commands}
    stored = _stored(database, list(hashes))
    reused = [i for i, row in stored.items() if row.content_hash != hashes[i]]
    reused += [c["id"] for c in commands if content_hash(actor.person_id, c) != hashes[c["id"]]]
    if reused:
        raise Problem("command_id_reused", ids=sorted(set(reused)))
    answers = []
    for command in commands:
        known = stored.get(command["id"])
        if known is not None:
            answers.append(_wire(known, replayed=True))
            continue
        row, replayed = _apply(database, actor, command, hashes[command["id"]], _moment(key, sent_at, command))
        stored[row.id] = row
        answers.append(_wire(row, replayed))
    return answers


def content_hash(person_id: str, command: Envelope) -> str:
    """Return the SHA-256 over who says what: two commands with one id are the same only if these are."""
    content = {
        "person_id": person_id,
        "name": command["name"],
        "ticket_id": command["ticket_id"],
        "args": command["args"],
        "captured_at": clock.iso(command["captured_at"]),
        "beacon": command["beacon"],
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _moment(key: bytes, sent_at: datetime, command: Envelope) -> Moment:
    received = clock.now()
    beacon = read_beacon(key, command["beacon"])
    claimed = bound_claim(command["captured_at"], sent_at, received, beacon)
    return Moment(received=received, claimed=claimed, counted=received, command_id=command["id"], issued=beacon)


def _stored(database: Database, ids: Sequence[str]) -> dict[str, ReceiptRow]:
    with database.read() as session:
        rows = session.scalars(_STORED, {"ids": ids})
        return {row.id: row for row in rows}


def _apply(database: Database, actor: Actor, command: Envelope, digest: str, at: Moment) -> tuple[ReceiptRow, bool]:
    try:
        with database.unit_of_work() as session:
            _perform(session, actor, command, at)
            row = _receipt(session, actor, command, digest, at)
            _keep(session, row)
        return row, False
    except Problem as problem:
        if problem.status >= 500:
            raise
        return _refuse(database, actor, command, digest, at, problem)
    except IntegrityError as error:
        return _settle(database, actor, command, digest, at, error)


def _perform(session: Session, actor: Actor, command: Envelope, at: Moment) -> None:
    if command["name"] not in REGISTRY:
        raise Problem("command_unknown", name=command["name"][:64])
    schema, function = REGISTRY[command["name"]]
    if not storable(command["args"]):
        raise Problem("command_invalid", reason=UNSTORABLE.rstrip("。"))
    try:
        args = schema.load(command["args"])
    except ValidationError as error:
        raise Problem("command_invalid", reason=_first(error.messages), errors=error.normalized_messages()) from error
    function(session, actor, args | {"ticket_id": command["ticket_id"]}, at)


def _first(messages: Any) -> str:
    """Return the first of marshmallow's nested messages, with what people call the field."""
    called = ""
    while isinstance(messages, dict) and messages:
        name, messages = next(iter(messages.items()))
        called = CALLED.get(str(name)) or called or str(name)
    text = messages[0] if isinstance(messages, list) and messages else str(messages)
    return (f"“{called}”" * bool(called) + text).rstrip("。")


def _receipt(
    session: Session | None, actor: Actor, command: Envelope, digest: str, at: Moment, problem: Problem | None = None
) -> ReceiptRow:
    ticket = session.get(Ticket, command["ticket_id"]) if session and command["ticket_id"] else None
    counted = session.info.get("counted", at.counted) if session else at.counted
    facts = dict(problem.facts) if problem else {}
    if problem and problem.errors:
        facts["errors"] = problem.errors
    return ReceiptRow(
        id=command["id"],
        person_id=actor.person_id,
        device_id=actor.device_id,
        name=command["name"],
        content_hash=digest,
        status="refused" if problem else "applied",
        code=problem.code if problem else None,
        facts=facts,
        ticket_id=command["ticket_id"],
        ticket_version=ticket.version if ticket else None,
        received_at=at.received,
        claimed_at=at.claimed,
        counted_at=counted,
    )


def _keep(session: Session, row: ReceiptRow) -> None:
    session.connection().execute(_INSERT, {name: getattr(row, name) for name in _COLUMNS})


def _refuse(
    database: Database, actor: Actor, command: Envelope, digest: str, at: Moment, problem: Problem
) -> tuple[ReceiptRow, bool]:
    """Store the refusal, unless the very command was applied meanwhile by another tab: then that receipt stands."""
    row = _receipt(None, actor, command, digest, at, problem)
    try:
        with database.unit_of_work() as session:
            known = session.get(ReceiptRow, row.id)
            if known is not None:
                return _same(known, digest), True
            _keep(session, row)
        return row, False
    except IntegrityError:  # the command's other copy stored its receipt in this very moment
        known = _stored(database, [row.id]).get(row.id)
        if known is None:
            raise
        return _same(known, digest), True


def _settle(
    database: Database, actor: Actor, command: Envelope, digest: str, at: Moment, error: IntegrityError
) -> tuple[ReceiptRow, bool]:
    """What only the database saw: a key taken at the last moment, or a row referred to that is not there.

    The key by the same command (its receipt answers), or by another's row. Anything else is a fault of ours.
    """
    known = _stored(database, [command["id"]]).get(command["id"])
    if known is not None:
        return _same(known, digest), True
    code = {UNIQUE: "id_taken", FOREIGN_KEY: "reference_unknown"}.get(broken_constraint(error) or "")
    if code is None:
        raise error
    log.warning("command %s %s: %s: %s", command["name"], command["id"], code, error.orig)
    return _refuse(database, actor, command, digest, at, Problem(code))


def _same(known: ReceiptRow, digest: str) -> ReceiptRow:
    if known.content_hash != digest:
        raise Problem("command_id_reused", ids=[known.id])
    return known


def _wire(row: ReceiptRow, replayed: bool) -> dict[str, Any]:
    return {
        "id": row.id,
        "status": row.status,
        "code": row.code,
        "message": sentence(row.code, row.facts) if row.code else None,
        "facts": row.facts,
        "received_at": clock.iso(row.received_at),
        "claimed_at": clock.iso(row.claimed_at),
        "counted_at": clock.iso(row.counted_at),
        "ticket_id": row.ticket_id,
        "ticket_version": row.ticket_version,
        "replayed": replayed,
    }
