"""Who is calling: passwords, access tokens, rotating refresh tokens, and the bearer check of every request."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.ids import new_id
from app.people.accounts import NO_PASSWORD
from app.people.models import Device, LoginFailures, LoginSession, Person
from app.people.permissions import Actor
from app.people.queries import actor_of
from app.people.sessions import failures_of, person_by_phone
from app.problems import Problem
from config import Config

_ALGORITHM = "HS256"
_AUDIENCE = "doorstep"
_HASHER = PasswordHasher()
_ABSENT = _HASHER.hash("nobody has this password")
"""Checked when no account matches, so that an unknown number takes as long as a wrong password."""
MIN_PASSWORD = 8
FORGIVEN_A_DAY = 5


def hash_password(password: str) -> str:
    """Return the argon2id hash."""
    return _HASHER.hash(password)


def _matches(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, password)
    except (Argon2Error, InvalidHashError):
        return False


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a successful login or refresh gives: `access` for the page's memory, `refresh` for the cookie."""

    access: str
    refresh: str
    person_id: str
    device_id: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A password compared with the hash that was `stored` at that moment."""

    stored: str
    matches: bool


class Authenticator:
    """Signs and checks tokens with the deployment's secret."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._access_key = self._key(b"access")
        self._refresh_key = self._key(b"refresh")
        self._failures_key = self._key(b"failures")

    def _key(self, purpose: bytes) -> bytes:
        return hmac.new(self._config.secret_key.encode(), b"doorstep/" + purpose, hashlib.sha256).digest()

    def check(self, session: Session, phone: str, password: str) -> Checked:
        """Compare the password with the account's. Reads only: argon2 takes a tenth of a second, and a unit that
        writes would keep every other writer waiting for it."""
        person = person_by_phone(session, phone)
        known = person is not None and person.disabled_at is None and person.password_hash != NO_PASSWORD
        stored = person.password_hash if person is not None and known else _ABSENT
        return Checked(stored, _matches(stored, password))

    def login(self, session: Session, args: dict[str, Any], checked: Checked, at: datetime) -> Tokens | Problem:
        """Open a session on the device for whom `check` has just found the password to be right.

        A refusal is returned, not raised: the count of failures must be committed with it. An account that was
        disabled or given another password between the two is as if the password had been wrong.
        """
        key = self._phone_key(args["phone"])
        failures = session.get(LoginFailures, key, with_for_update=True)
        if failures is not None and failures.locked_until is not None and failures.locked_until > at:
            return self._locked(failures.locked_until)
        person = person_by_phone(session, args["phone"])
        same = person is not None and person.disabled_at is None and person.password_hash == checked.stored
        if person is None or not same or not checked.matches:
            return self._failed(session, key, at)
        if failures is not None:
            session.delete(failures)
        device = _register(session, person, args["device"], at)
        login = LoginSession(
            id=new_id(),
            person_id=person.id,
            device_id=device.id,
            generation=1,
            rotated_at=at,
            expires_at=at + timedelta(seconds=self._config.refresh_seconds),
            forgiven=0,
        )
        session.add(login)
        return self._tokens(login, at)

    def _phone_key(self, phone: str) -> str:
        # Not the number itself: people type passwords into the wrong field.
        return hmac.new(self._failures_key, phone.encode(), hashlib.sha256).hexdigest()

    def _failed(self, session: Session, key: str, at: datetime) -> Problem:
        """Count a failure of the number, whether or not anyone has it: no list of accounts is to be had here."""
        failures = failures_of(session, key, at)
        failures.count += 1
        left = self._config.login_attempts - failures.count
        if left > 0:
            return Problem("credentials_wrong", attempts_left=left)
        failures.count = 0
        failures.locked_until = at + timedelta(seconds=self._config.lockout_seconds)
        return self._locked(failures.locked_until)

    @staticmethod
    def _locked(until: datetime) -> Problem:
        # Before anyone is signed in there is no jurisdiction whose zone would apply; all of China keeps one time.
        return Problem("account_locked", until=clock.local_text(until, "Asia/Shanghai"), until_at=clock.iso(until))

    def refresh(self, session: Session, token: str, at: datetime) -> Tokens | Problem:
        """Rotate a refresh token.

        The token before the current one gets the same successor: within `rotation_grace_seconds` always (two tabs
        that wake together are one honest user), later while nobody has used the successor, for a phone whose answer
        was lost on the air or whose browser was killed before it wrote the cookie down. A thief and an owner who
        take turns would look the same, so that is forgiven only a few times a day. Any older token, or one too
        many, means that a copy is about: the family ends.
        """
        login, generation = self._read_refresh(session, token)
        if login is None or login.ended_at is not None or login.expires_at <= at:
            return Problem("session_reused" if login is not None and login.reused else "session_expired")
        if generation == login.generation:
            login.generation += 1
            login.rotated_at = at
            login.expires_at = at + timedelta(seconds=self._config.refresh_seconds)
        elif generation != login.generation - 1 or not self._forgives(login, at):
            login.ended_at, login.reused = at, True
            return Problem("session_reused")
        if actor_of(session, login.person_id, login.device_id, at) is None:
            return Problem("device_revoked")
        device = session.get_one(Device, login.device_id)
        device.last_seen_at = at
        return self._tokens(login, at)

    def _forgives(self, login: LoginSession, at: datetime) -> bool:
        if at <= login.rotated_at + timedelta(seconds=self._config.rotation_grace_seconds):
            return True
        if login.forgiven_since is None or at > login.forgiven_since + timedelta(days=1):
            login.forgiven, login.forgiven_since = 0, at
        login.forgiven += 1
        return login.forgiven <= FORGIVEN_A_DAY

    def end(self, session: Session, token: str, at: datetime) -> None:
        """End the session of a refresh token; an unknown token changes nothing."""
        login, _ = self._read_refresh(session, token)
        if login is not None and login.ended_at is None:
            login.ended_at = at

    def identify(self, session: Session, header: str | None, at: datetime) -> Actor:
        """Return the actor of an `Authorization` header.

        Raises `Problem` `token_missing`, `token_invalid`, `token_expired`, `device_revoked`.
        """
        if not header or not header.startswith("Bearer "):
            raise Problem("token_missing")
        claims = self._claims(header[7:], at)
        actor = actor_of(session, claims["sub"], claims["did"], at)
        if actor is None:
            raise Problem("device_revoked")
        return actor

    def _claims(self, token: str, at: datetime) -> dict[str, Any]:
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._access_key,
                algorithms=[_ALGORITHM],
                audience=_AUDIENCE,
                options={"require": ["exp", "sub", "did"], "verify_exp": False, "verify_iat": False},
            )
            expires = int(claims["exp"])
        except (jwt.InvalidTokenError, ValueError, TypeError) as error:
            raise Problem("token_invalid") from error
        if clock.to_epoch_ms(at) >= expires * 1000:
            raise Problem("token_expired")
        return claims

    def _tokens(self, login: LoginSession, at: datetime) -> Tokens:
        expires = clock.to_epoch_ms(at) // 1000 + self._config.access_seconds
        claims = {"sub": login.person_id, "did": login.device_id, "aud": _AUDIENCE, "exp": expires}
        access = jwt.encode(claims, self._access_key, algorithm=_ALGORITHM)
        return Tokens(access, self._write_refresh(login), login.person_id, login.device_id)

    def _write_refresh(self, login: LoginSession) -> str:
        return f"{login.id}.{login.generation}.{self._mac(login.id, login.generation)}"

    def _mac(self, login_id: str, generation: int) -> str:
        return hmac.new(self._refresh_key, f"{login_id}.{generation}".encode(), hashlib.sha256).hexdigest()

    def _read_refresh(self, session: Session, token: str) -> tuple[LoginSession | None, int]:
        login_id, _, rest = token.partition(".")
        number, _, mac = rest.partition(".")
        if len(login_id) != 36 or not number.isascii() or not number.isdigit() or len(number) > 9:
            return None, 0
        if not hmac.compare_digest(mac.encode(), self._mac(login_id, int(number)).encode()):
            return None, 0
        return session.get(LoginSession, login_id, with_for_update=True), int(number)


def _register(session: Session, person: Person, claim: dict[str, Any], at: datetime) -> Device:
    """Return the person's device with the phone's own id, registering it when it is new or was revoked."""
    from_before = [d for d in _devices(session, person.id, claim["id"]) if d.revoked_at is None]
    if from_before:
        device = from_before[0]
        device.name, device.platform, device.last_seen_at = claim["name"], claim["platform"], at
        return device
    device = Device(
        id=new_id(),
        person_id=person.id,
        client_id=claim["id"],
        name=claim["name"],
        platform=claim["platform"],
        registered_at=at,
        last_seen_at=at,
    )
    session.add(device)
    session.flush()
    return device


def _devices(session: Session, person_id: str, client_id: str) -> list[Device]:
    return list(session.scalars(select(Device).where(Device.person_id == person_id, Device.client_id == client_id)))


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A change that is in order: the hash that was `stored` when it was judged, and the `fresh` one."""

    stored: str
    fresh: str


def judge_change(session: Session, actor: Actor, old: str, new: str) -> NewPassword | Problem:
    """Check the old password and hash the new one, reading only; see `Authenticator.check`."""
    person = session.get_one(Person, actor.person_id)
    if not _matches(person.password_hash, old):
        return Problem("password_old_wrong")
    if len(new) < MIN_PASSWORD or new in (old, person.phone):
        return Problem("password_weak", min=MIN_PASSWORD)
    return NewPassword(person.password_hash, hash_password(new))


def change_password(session: Session, actor: Actor, change: NewPassword) -> Problem | None:
    """Set a new password; other sessions stay open. Returns the refusal when another change came first."""
    person = session.get_one(Person, actor.person_id, with_for_update=True)
    if person.password_hash != change.stored:
        return Problem("password_old_wrong")
    person.password_hash, person.password_first = change.fresh, False
    return None
