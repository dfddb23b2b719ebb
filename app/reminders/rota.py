"""Who is told of a reminder: the people behind its roles as they are at the tick's instant, asked for once a tick."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from app.people.models import Jurisdiction
from app.people.permissions import LEADING, STATION, SUPERVISOR
from app.people.queries import holders_of, members, names, people_with_role, unit_names
from app.people.roster.queries import on_duty
from app.reminders.due import BACKUP, ON_DUTY, Planned
from app.reminders.windows import DECIDER
from app.requests.queries import deciders
from app.tickets.models import Ticket

SIGNER: Final = "signer"
"""In `to` of a reminder: whoever's signature the reply waits for (H2.2b)."""


class Rota:
    """What one tick has asked about people, units and places at `at`; nothing in it is tied to a transaction.

    A hundred tickets of one unit ask once who is on duty. It lives for seconds: the next tick asks anew.
    """

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._people: dict[tuple[str, ...], list[str]] = {}
        self._names: dict[str, str] = {}
        self._units: dict[str, str | None] = {}
        self._zones: dict[str, str] = {}

    def recipients(self, session: Session, ticket: Ticket, item: Planned, roles: Iterable[str]) -> list[str]:
        """Return the persons to tell, A角 before B角, each once.

        When nobody holds the roles the station is told: a reminder that reaches no one would be a lost ticket. On a
        ladder that is the last rung's duty: one on which nobody stands is passed at once. Whoever caused the event
        knows already.
        """
        found: dict[str, None] = {}
        for role in roles:
            found |= dict.fromkeys(self._holders(session, ticket, item.unit_id, role))
        if item.rung and not item.last:
            return [person_id for person_id in found if person_id != item.actor_id]
        found = found or dict.fromkeys(self._holders(session, ticket, None, STATION))
        return [person_id for person_id in found if person_id != item.actor_id]

    def names(self, session: Session, person_ids: Collection[str]) -> dict[str, str]:
        """Return person id → name of those persons, and of others."""
        unknown = [person_id for person_id in person_ids if person_id not in self._names]
        self._names |= names(session, unknown)
        return self._names

    def unit_name(self, session: Session, unit_id: str | None) -> str | None:
        """Return a unit's name."""
        if unit_id is None:
            return None
        if unit_id not in self._units:
            self._units[unit_id] = unit_names(session, [unit_id]).get(unit_id)
        return self._units[unit_id]

    def zone(self, session: Session, jurisdiction_id: str) -> str:
        """Return a place's time zone."""
        if jurisdiction_id not in self._zones:
            self._zones[jurisdiction_id] = session.get_one(Jurisdiction, jurisdiction_id).zone
        return self._zones[jurisdiction_id]

    def _holders(self, session: Session, ticket: Ticket, unit_id: str | None, role: str) -> Sequence[str]:
        place, at = ticket.jurisdiction_id, self._at
        if role in (STATION, SUPERVISOR):
            return self._once((place, role), lambda: people_with_role(session, place, role, at))
        if role == DECIDER:
            told = [self._holders(session, ticket, unit_id, waited) for waited in deciders(session, ticket.id)]
            return list(dict.fromkeys(person_id for people in told for person_id in people))
        if unit_id is None:
            return []
        if role == SIGNER:
            signers = (ticket.signer or "").split(",")
            return self._once((SIGNER, unit_id, *signers), lambda: list(holders_of(session, unit_id, signers, at)))
        if role in LEADING:  # a chief often sits above the unit: the nearest is meant
            return self._once((unit_id, role), lambda: list(holders_of(session, unit_id, (role,), at)))
        if role in (ON_DUTY, BACKUP):
            return self._liaisons(session, unit_id)[role == BACKUP]
        return self._once(
            (unit_id, role), lambda: [person_id for _, person_id, _ in members(session, [unit_id], role, at)]
        )

    def _liaisons(self, session: Session, unit_id: str) -> tuple[list[str], list[str]]:
        first, others = (unit_id, ON_DUTY), (unit_id, BACKUP)
        if first not in self._people:
            self._people[first], self._people[others] = on_duty(session, unit_id, self._at)
        return self._people[first], self._people[others]

    def _once(self, key: tuple[str, ...], ask: Callable[[], list[str]]) -> list[str]:
        if key not in self._people:
            self._people[key] = ask()
        return self._people[key]
