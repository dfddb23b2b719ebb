"""Binding an account to a person: a state that is good once and not for long, and the address that comes back."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.channels.models import Binding
from app.clock import Moment
from app.ids import new_id
from app.people.models import Jurisdiction, Person
from app.people.permissions import Actor
from app.people.queries import actor_of
from app.people.subjects import note
from app.problems import Problem
from app.reach.kinds import LABELS, MAIL
from app.reach.models import ContactPoint
from app.reach.queries import address_hash, point_at, points_of
from app.reminders.deliveries import forget

LIFE: Final = timedelta(minutes=10)
CODE_LIFE: Final = timedelta(minutes=15)
CODE_DIGITS: Final = 6


def begin(session: Session, actor: Actor, channel: str, at: datetime) -> str:
    """Return a fresh state for the way to the service and back; nobody who reads the table can make one of it."""
    session.execute(delete(Binding).where(Binding.expires_at < at - timedelta(days=1)))
    state = secrets.token_urlsafe(24)
    session.add(
        Binding(
            id=_digest(state), channel=channel, person_id=actor.person_id, device_id=actor.device_id,
            expires_at=at + LIFE,
        )
    )  # fmt: skip
    return state


def spend(session: Session, channel: str, state: str, at: datetime) -> tuple[str, str]:
    """Spend a state and return (person id, jurisdiction id). Raises `Problem` `binding_over`.

    It is spent before the service is asked: whatever follows, it cannot be used again.
    """
    row = session.get(Binding, _digest(state), with_for_update=True)
    if row is None or row.channel != channel or row.used_at is not None or row.expires_at <= at:
        raise Problem("binding_over")
    row.used_at = at
    person = session.get_one(Person, row.person_id)
    return person.id, person.jurisdiction_id


def bind(session: Session, person_id: str, channel: str, address: str, at: datetime) -> ContactPoint:
    """Give the person the address, verified; in place of their former one, and of a former owner's.

    Raises `Problem` `binding_over` when the account was disabled meanwhile.
    """
    actor = actor_of(session, person_id, None, at)
    if actor is None:
        raise Problem("binding_over")
    # The place's row is locked first, by everybody who binds: two bindings of one address come one after the other.
    session.get_one(Jurisdiction, actor.jurisdiction_id, with_for_update=True)
    found = point_at(session, channel, address)
    for former in points_of(session, person_id, channel):
        if found is None or former.id != found.id:
            forget(session, former.id)
    if found is not None and found.person_id != person_id:
        forget(session, found.id)
        session.expunge(found)
        found = None
    if found is None:
        found = ContactPoint(
            id=new_id(), channel=channel, person_id=person_id, address=address, keys={}, created_at=at,
            address_hash=address_hash(address), label=_shown(channel, address),
        )  # fmt: skip
        session.add(found)
    found.verified_at, found.refused_at, found.refused_why = at, None, None
    told = {"person_id": person_id, "name": actor.name, "label": LABELS[channel]}
    note(session, actor, "contact.bound", told, Moment.of_server(at))
    return found


def mail_code(session: Session, actor: Actor, address: str, at: datetime) -> str:
    """Return a code to be mailed to the address; a former code ends."""
    code = "".join(secrets.choice("0123456789") for _ in range(CODE_DIGITS))
    former = Binding.person_id == actor.person_id, Binding.channel == MAIL
    session.execute(delete(Binding).where(*former))
    session.add(
        Binding(
            id=_digest(f"{actor.person_id}/{code}"), channel=MAIL, person_id=actor.person_id,
            device_id=actor.device_id, address=address, expires_at=at + CODE_LIFE,
        )
    )  # fmt: skip
    return code


def confirm_mail(session: Session, actor: Actor, code: str, at: datetime) -> None:
    """Bind the mailbox whose code this is. Raises `Problem` `mail_code_wrong`, `contact_taken`."""
    row = session.get(Binding, _digest(f"{actor.person_id}/{code}"), with_for_update=True)
    if row is None or row.address is None or row.used_at is not None or row.expires_at <= at:
        raise Problem("mail_code_wrong")
    row.used_at = at
    bind(session, actor.person_id, MAIL, row.address, at)


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()


def _shown(channel: str, address: str) -> str:
    if channel != MAIL:
        return ""
    name, _, host = address.partition("@")
    return f"{name[:2]}***@{host}"[:64]
