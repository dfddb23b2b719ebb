"""An upstream platform hands requests over: who it is, whether it was here before, and an answer to every request."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from marshmallow import ValidationError
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import clock, signing
from app.clock import Moment
from app.db import Database
from app.ids import new_id
from app.intake import files
from app.intake.models import IntakeAnswer, IntakeCall, IntakeKey
from app.intake.translate import Vocabulary, flat
from app.people.permissions import STATION, Actor, Grant
from app.problems import Problem, sentence
from app.tickets import intake
from app.tickets.models import Ticket
from app.tickets.schemas import Intake
from app.vault import Vault
from app.wire import UNSTORABLE, storable

TAKEN: Final = "taken"
KNOWN: Final = "known"
REFUSED: Final = "refused"
MOST: Final = 100
"""Requests in one call."""
_SCHEMA: Final = Intake()


@dataclass(frozen=True, slots=True)
class Signed:
    """What a call says of itself in its headers, and its body to the letter."""

    key_id: str
    timestamp: str
    identity: str
    signature: str
    body: bytes


def authenticate(session: Session, vault: Vault, call: Signed, at: datetime) -> IntakeKey:
    """Return the key that signed the call.

    Raises `Problem`: `platform_unsigned`, `platform_clock_wrong`, `platform_signature_wrong`, `platform_key_revoked`.
    Only who signs rightly is told that a key was revoked.
    """
    seconds = signing.read_seconds(call.timestamp)
    if seconds is None or not signing.IDENTITY.fullmatch(call.identity) or not call.signature:
        raise Problem("platform_unsigned")
    if not signing.is_timely(seconds, clock.to_epoch_ms(at) // 1000):
        raise Problem("platform_clock_wrong", now=clock.iso(at))
    key = session.get(IntakeKey, call.key_id) if _looks_like_id(call.key_id) else None
    if key is None or not signing.holds(_secrets(vault, key, at), seconds, call.identity, call.body, call.signature):
        raise Problem("platform_signature_wrong")
    if key.revoked_at is not None:
        raise Problem("platform_key_revoked", label=key.label)
    return key


def _looks_like_id(text: str) -> bool:
    return len(text) == 36 and all(c in "0123456789abcdef-" for c in text) and text.count("-") == 4


def _secrets(vault: Vault, key: IntakeKey, at: datetime) -> list[str]:
    former = key.former_secret if key.former_until is not None and key.former_until > at else None
    return [vault.open(sealed) for sealed in (key.secret, former) if sealed]


def take(
    database: Database, key: IntakeKey, identity: str, body: bytes, requests: Sequence[Any]
) -> list[dict[str, Any]]:
    """Register the requests of a call, each with its answer in one unit of work, and return the answers in order.

    Coming again it continues where a crash left it and gives the same answers. Raises `Problem`
    `idempotency_key_reused` when the same key came with another body.
    """
    call_id = _call(database, key, identity, hashlib.sha256(body).hexdigest())
    with database.read() as session:
        vocabulary = files.vocabulary(session, key.jurisdiction_id)
        query = select(IntakeAnswer).where(IntakeAnswer.call_id == call_id)
        answered = {row.position: row for row in session.scalars(query)}
    for position, request in enumerate(requests):
        if position not in answered:
            answered[position] = _answer(database, key, vocabulary, call_id, position, request)
    return [_wire(answered[position]) for position in range(len(requests))]


def _call(database: Database, key: IntakeKey, identity: str, body_hash: str) -> str:
    """Return the id of the call, the first time and ever after."""
    query = select(IntakeCall).where(IntakeCall.key_id == key.id, IntakeCall.idempotency_key == identity)
    try:
        with database.unit_of_work() as session:
            known = session.scalar(query)
            if known is None:
                now = clock.now()
                known = IntakeCall(
                    id=new_id(), key_id=key.id, idempotency_key=identity, body_hash=body_hash, received_at=now
                )
                session.add(known)
                session.get_one(IntakeKey, key.id).last_used_at = now
    except IntegrityError:  # its copy came in this very moment
        with database.read() as session:
            known = session.scalars(query).one()
    if known.body_hash != body_hash:
        raise Problem("idempotency_key_reused")
    return known.id


def _answer(
    database: Database, key: IntakeKey, vocabulary: Vocabulary, call_id: str, position: int, request: Any
) -> IntakeAnswer:
    number = request.get("number") if isinstance(request, dict) else None
    row = IntakeAnswer(
        call_id=call_id, position=position, number=number[:40] if isinstance(number, str) else None, status=TAKEN,
        code=None, facts={}, ticket_id=new_id(),
    )  # fmt: skip
    try:
        args = load(vocabulary, request)
        with database.unit_of_work() as session:
            now = clock.now()
            moment = Moment(received=now, claimed=now, counted=now, command_id=new_id())
            via = f"接口 {key.label}"
            intake.take_in(session, _as_actor(key), args | {"ticket_id": row.ticket_id, "via": via}, moment)
            session.add(row)
        return row
    except Problem as problem:
        if problem.status >= 500:
            raise
        return _refused(database, key, row, problem)
    except IntegrityError:
        return _settle(database, key, row)


def _as_actor(key: IntakeKey) -> Actor:
    """The platform stands at the station's counter: it may register, and the journal names its key, not a person."""
    return Actor(
        person_id=key.id, name=key.label, jurisdiction_id=key.jurisdiction_id, grants=(Grant(STATION, unit_id=""),)
    )


def load(vocabulary: Vocabulary, request: Any) -> dict[str, Any]:
    """Return a request as the arguments of `ticket.intake`; 投诉 is understood like `complaint`. Raises `Problem`."""
    if not isinstance(request, dict):
        raise Problem("command_invalid", reason="每张工单须是一组内容")
    if not storable(request):
        raise Problem("command_invalid", reason=UNSTORABLE.rstrip("。"))
    understood = {
        name: vocabulary.key_of(name, request[name]) or request[name]
        for name in ("kind", "source", "priority")
        if isinstance(request.get(name), str)
    }
    try:
        args: dict[str, Any] = _SCHEMA.load(request | understood)
    except ValidationError as error:
        told = [f"{field} {text}".rstrip("。") for field, text in flat(error.normalized_messages())]
        raise Problem("command_invalid", reason="；".join(told)[:500]) from error
    return args


def _refused(database: Database, key: IntakeKey, row: IntakeAnswer, problem: Problem) -> IntakeAnswer:
    """Keep why a request was not registered. A known number is no fault: platforms repeat what they are unsure of."""
    known = _known_id(database, key, row.number) if problem.code == "ticket_exists" else None
    facts = {} if known else dict(problem.facts)
    answer = IntakeAnswer(
        call_id=row.call_id, position=row.position, number=row.number, status=KNOWN if known else REFUSED,
        code=None if known else problem.code, facts=facts, ticket_id=known,
    )  # fmt: skip
    try:
        with database.unit_of_work() as session:
            session.add(answer)
        return answer
    except IntegrityError:
        return _settle(database, key, row)


def _settle(database: Database, key: IntakeKey, row: IntakeAnswer) -> IntakeAnswer:
    """Another copy of the call, or another call with the same number, was first: its outcome is the answer."""
    with database.read() as session:
        answered = session.get(IntakeAnswer, (row.call_id, row.position))
    if answered is not None:
        return answered
    if _known_id(database, key, row.number) is None:
        raise Problem("database_busy")
    return _refused(database, key, row, Problem("ticket_exists", number=row.number))


def _known_id(database: Database, key: IntakeKey, number: str | None) -> str | None:
    with database.read() as session:
        query = select(Ticket.id).where(Ticket.jurisdiction_id == key.jurisdiction_id, Ticket.number == number)
        return session.scalar(query)


def _wire(row: IntakeAnswer) -> dict[str, Any]:
    facts: Mapping[str, Any] = row.facts
    return {
        "number": row.number,
        "status": row.status,
        "ticket_id": row.ticket_id,
        "code": row.code,
        "message": sentence(row.code, dict(facts)) if row.code else None,
    }
