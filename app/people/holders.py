"""Who can do what is waited for, by name: read once for a unit and its roles, however many tickets wait there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from app.people.permissions import LEADING, LIAISON
from app.people.queries import holders_of, named_around, named_members

MOST_NAMES: Final = 3


def joined(people: Iterable[str]) -> str:
    """Return a few names and, where there are more, of how many these are the first; "" for nobody."""
    every = list(people)
    shown = "、".join(every[:MOST_NAMES])
    return shown if len(every) <= MOST_NAMES else f"{shown}等{len(every)}人"


class Holders:
    """The names for the answer to one request, as of one instant."""

    def __init__(self, session: Session, at: datetime) -> None:
        self._session, self._at = session, at
        self._known: dict[tuple[str, tuple[str, ...]], str] = {}

    def names(self, unit_id: str, roles: Iterable[str]) -> str:
        """Return who holds any of the roles towards a ticket of the unit, "" when nobody does.

        Leaders: of the nearest unit at or above it that has one, with who stands in for them now. Liaisons: the unit's
        own, A角 first. Station and supervisors: the whole jurisdiction's.
        """
        key = (unit_id, tuple(roles))
        if key not in self._known:
            self._known[key] = joined(dict.fromkeys(name for role in key[1] for name in self._of(unit_id, role)))
        return self._known[key]

    def _of(self, unit_id: str, role: str) -> list[str]:
        if role in LEADING:
            return list(holders_of(self._session, unit_id, (role,), self._at).values())
        if role == LIAISON:
            return named_members(self._session, unit_id, role, self._at)
        return named_around(self._session, unit_id, role, self._at)
