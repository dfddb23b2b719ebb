"""What follows what: event → tasks. The one place where events meet jobs; read it as a table of contents.

Reminders stand not here: their tick plans from state and finds every delivery that is due, so that nothing depends on
an event having been seen (see `app.relay_process`).
"""

from __future__ import annotations

from typing import Final

from app.journal.relay import Happened, Reaction


def _evidence(event: Happened) -> list[str]:
    return [event.payload["evidence_id"]]


RENDER: Final = "render"
PUSH: Final = "push"

REACTIONS: Final[dict[str, tuple[Reaction, ...]]] = {
    # The bytes are whole and match their hash: look at them, make renditions, or say why not (A6).
    "evidence.received": (Reaction(RENDER, _evidence),),
}
