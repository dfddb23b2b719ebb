"""Accounts: enrolling, handing out a first password, disabling. That no work is left is asked by `app.handover`."""

from __future__ import annotations

import secrets
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import Moment
from app.people import permissions
from app.people.masking import mask_phone
from app.people.models import Deputation, Device, Jurisdiction, LoginSession, Membership, Person, Unit
from app.people.permissions import ADMIN, LEADING, LIAISON, Actor
from app.people.subjects import employed, note
from app.problems import Problem, require

NO_PASSWORD: Final = "!"  # noqa: S105 - no argon2 hash: nothing matches it
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"


def random_password() -> str:
    """Return a password of ten letters and digits that are not mistaken for one another."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(10))


def enrol(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Give somebody an account. It opens with the first password, which is asked for on its own, online.

    Raises `Problem` `not_permitted`, `id_taken`, `phone_taken`.
    """
    require(permissions.judge(actor, "person.enrol", actor.jurisdiction_id, None, "登记人员"))
    if session.get(Person, args["person_id"]) is not None:
        raise Problem("id_taken")
    if session.scalar(select(Person.id).where(Person.phone == args["phone"])) is not None:
        raise Problem("phone_taken")
    person = Person(
        id=args["person_id"],
        jurisdiction_id=actor.jurisdiction_id,
        name=args["name"],
        phone=args["phone"],
        password_hash=NO_PASSWORD,
        password_first=True,
    )
    session.add(person)
    session.flush()
    payload = {"person_id": person.id, "name": person.name, "phone": mask_phone(person.phone)}
    note(session, actor, "person.enrolled", payload, at)


def set_first_password(session: Session, actor: Actor, person_id: str, hashed: str, at: Moment) -> Person:
    """Put a password that must be changed at the first sign-in, for a new account or one whose owner forgot theirs.

    It ends every session of the person. The password itself is made and shown once by the route: a command would
    leave it in the phone's outbox. Raises `Problem` `not_permitted`, `person_not_found`, `person_disabled`.
    """
    require(permissions.judge(actor, "person.first_password", actor.jurisdiction_id, None, "发放初始密码"))
    person = employed(session, actor, person_id)
    require_not_higher(session, actor, person, "发放初始密码")
    person.password_hash, person.password_first = hashed, True
    end_sessions(session, person.id, at)
    note(session, actor, "person.first_password_given", {"person_id": person.id, "name": person.name}, at)
    return person


def end_sessions(session: Session, person_id: str, at: Moment) -> None:
    """End the person's sessions; a device that was handed in must not stay signed in."""
    query = select(LoginSession).where(LoginSession.person_id == person_id, LoginSession.ended_at.is_(None))
    for row in session.scalars(query):
        row.ended_at = at.received


def require_not_higher(session: Session, actor: Actor, person: Person, label: str) -> None:
    """Refuse one who is no administrator towards those at the station and above: a password would be a way up."""
    high = select(Membership.id).where(
        Membership.person_id == person.id,
        Membership.until.is_(None),
        Membership.role.not_in((LIAISON, *LEADING)),
    )
    if not actor.has(ADMIN) and session.scalar(high.limit(1)) is not None:
        require(permissions.not_permitted(label, ADMIN))


def administrators(session: Session, jurisdiction_id: str) -> list[str]:
    """Return the person of each administrator's role, and keep others from changing them meanwhile."""
    session.get_one(Jurisdiction, jurisdiction_id, with_for_update=True)
    query = (
        select(Membership.person_id)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(Unit.jurisdiction_id == jurisdiction_id, Membership.role == ADMIN, Membership.until.is_(None))
    )
    return list(session.scalars(query))


def disable(session: Session, actor: Actor, args: dict[str, Any], at: Moment) -> None:
    """Close an account: roles, deputations, devices and sessions end at once.

    Raises `Problem` `not_permitted`, `person_not_found`, `person_disabled`, `last_admin`. That no work is left in hand
    is asked by `handover`, the command.
    """
    require(permissions.judge(actor, "person.disable", actor.jurisdiction_id, None, "停用账号"))
    person = employed(session, actor, args["person_id"])
    require_not_higher(session, actor, person, "停用账号")
    if set(administrators(session, actor.jurisdiction_id)) == {person.id}:
        raise Problem("last_admin")
    person.disabled_at = at.received
    end_sessions(session, person.id, at)
    for device in session.scalars(select(Device).where(Device.person_id == person.id, Device.revoked_at.is_(None))):
        device.revoked_at = at.received
    involved = (Deputation.principal_id == person.id) | (Deputation.deputy_id == person.id)
    for deputation in session.scalars(select(Deputation).where(involved, Deputation.until > at.received)):
        deputation.until = max(deputation.since, at.received)
    held = select(Membership, Unit.name).join(Unit, Unit.id == Membership.unit_id)
    ended = []
    for row, unit in session.execute(held.where(Membership.person_id == person.id, Membership.until.is_(None))):
        row.until = at.received
        ended.append({"unit_id": row.unit_id, "unit": unit, "role": row.role})
    payload = {"person_id": person.id, "name": person.name, "roles": ended, "reason": args["reason"]}
    note(session, actor, "person.disabled", payload, at)
