"""Calls that need a token which the service gives for two hours: kept in the database, renewed when it has run out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from app.channels.answers import Meaning, outcome_of, renews
from app.channels.channel import Outcome
from app.channels.models import ChannelToken
from app.channels.outside import Outside, Unreachable
from app.db import Database
from app.problems import Problem
from app.vault import Vault

EARLY: Final = timedelta(minutes=5)
"""A token is renewed this long before its time: a call must not start with one that ends on the way."""
ACCESS: Final = "access_token"


@dataclass(frozen=True)
class Tokens:
    """Tokens of one place and channel. Between reading and keeping one the network is spoken to, never inside.

    `turn` is held by the thread that gets a new one, so that those beside it wait and do not get one each; `held` are
    the tokens as they were read last.
    """

    database: Database
    vault: Vault
    place: str
    channel: str
    now: Callable[[], datetime]
    turn: threading.Lock = field(default_factory=threading.Lock)
    held: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    def known(self, name: str, refused: str | None = None) -> str | None:
        """Return a token that is still good; None too when it was sealed with another secret key.

        It is read again when the one in hand was `refused`: another process may have a newer one by now.
        """
        value, until = self.held.get(name, (None, None))
        if value is not None and until is not None and until > self.now() and value != refused:
            return value
        with self.database.read() as session:
            row = session.get(ChannelToken, (self.place, self.channel, name))
            if row is None or row.expires_at <= self.now():
                return None
            try:
                value, until = self.vault.open(row.value), row.expires_at
            except Problem:
                return None
        self.held[name] = value, until
        return value

    def keep(self, name: str, value: str, seconds: int) -> None:
        """Keep a token that is good for that long."""
        self.held.pop(name, None)
        with self.database.unit_of_work() as session:
            session.merge(
                ChannelToken(
                    jurisdiction_id=self.place,
                    channel=self.channel,
                    name=name,
                    value=self.vault.seal(value),
                    expires_at=self.now() + max(timedelta(seconds=seconds) - EARLY, timedelta(minutes=1)),
                )
            )


@dataclass(frozen=True)
class Service:
    """A service with tokens. `fetch` gets one: its argument says that the present one was refused."""

    name: str
    host: str
    table: Mapping[Any, Meaning]
    outside: Outside
    tokens: Tokens
    fetch: Callable[[bool], tuple[str, int]]

    def token(self, refused: str | None = None) -> str:
        """Return a token other than the one that was refused. Raises `Unreachable`."""
        known = self.tokens.known(ACCESS, refused)
        if known is not None and known != refused:
            return known
        with self.tokens.turn:
            known = self.tokens.known(ACCESS, refused)
            if known is not None and known != refused:
                return known
            value, seconds = self.fetch(False)
            if value == refused:
                # The service says it is good, and refuses it: it must be made to give another.
                value, seconds = self.fetch(True)
            self.tokens.keep(ACCESS, value, seconds)
            return value

    def call(self, method: str, path: str, body: Any = None, **params: str) -> dict[str, Any]:
        """Return what the service answered, with its code in `errcode`. Raises `Unreachable`."""
        token = self.token()
        answer = self._ask(method, path, token, params, body)
        if renews(self.table, answer.get("errcode", 0)):
            answer = self._ask(method, path, self.token(refused=token), params, body)
        return answer

    def _ask(self, method: str, path: str, token: str, params: Mapping[str, str], body: Any) -> dict[str, Any]:
        return self.outside.ask(method, self.host + path, params={**params, "access_token": token}, body=body)

    def outcome(self, answer: Mapping[str, Any]) -> Outcome:
        """Return what an answer means."""
        return outcome_of(self.table, self.name, answer.get("errcode", 0), str(answer.get("errmsg", "")))

    def require(self, answer: Mapping[str, Any]) -> None:
        """Raise `Unreachable` unless the answer says yes."""
        if answer.get("errcode", 0) != 0:
            raise Unreachable(self.outcome(answer))
