"""What follows what: event → tasks. The one place where events meet jobs; read it as a table of contents.

Reminders of tickets stand not here: their tick plans from state and finds every delivery that is due, so that nothing
depends on an event having been seen (see `app.relay_process`).
"""

from __future__ import annotations

from typing import Final

from app.journal.relay import Happened, Reaction


def _evidence(event: Happened) -> list[str]:
    return [event.payload["evidence_id"]]


def _itself(event: Happened) -> list[str]:
    return [str(event.seq)]


RENDER: Final = "render"
PUSH: Final = "push"
TELL_STATION: Final = "tell_station"

REACTIONS: Final[dict[str, tuple[Reaction, ...]]] = {
    # The bytes are whole and match their hash: look at them, make renditions, or say why not (A6).
    "evidence.received": (Reaction(RENDER, _evidence),),
    # Who answers the phone has changed: the station is told (六(一), 六(二)).
    "person.phone_changed": (Reaction(TELL_STATION, _itself),),
    "membership.assigned": (Reaction(TELL_STATION, _itself),),
    "membership.ended": (Reaction(TELL_STATION, _itself),),
    "handover.executed": (Reaction(TELL_STATION, _itself),),
}
