"""Evidence that is taken in a spot check: the room of checks lies above this floor and furnishes it at start.

Nothing of a check may reach the unit before there is a verdict (A5): what happens to its photos is therefore written
on the check's own chain, and the ticket that they show never moves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.orm import Session

from app.clock import Moment
from app.journal.record import Subject
from app.people.permissions import Actor
from app.tickets.models import Ticket


class OpenCheck(Protocol):
    """A check that is locked for a supervisor's command."""

    @property
    def ticket(self) -> Ticket: ...
    @property
    def unit_id(self) -> str: ...
    def record(self, name: str, payload: dict[str, Any]) -> None: ...


@dataclass(frozen=True)
class Room:
    """`open` asks permission and independence and locks; `chain` locks and returns where a check's events stand."""

    open: Callable[[Session, Actor, str, Moment], OpenCheck]
    chain: Callable[[Session, str], Subject]


_rooms: list[Room] = []


def furnish(room: Room) -> None:
    """Say who opens checks; called once when that package is loaded."""
    _rooms[:] = [room]


def room() -> Room:
    """Return who opens checks. Raises `LookupError` in a process that has not loaded them."""
    if not _rooms:
        raise LookupError("no package of checks was loaded")
    return _rooms[0]
