"""Sealing what was recorded in the field: its hash stands in the journal's chain (A3).

The journal itself keeps no notes, names or positions (it is shown to many and never pruned); the hash makes a later
change to the row detectable without repeating it there.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any, Final

from app import clock
from app.fieldwork.models import Commitment, Contact, ProgressReport, Visit, VisitException, WorkPlan

Sealed = Contact | Visit | VisitException | ProgressReport | WorkPlan | Commitment

# Named one by one: a column added by a later release must not break the seals of older rows.
FIELDS: Final[dict[type[Sealed], tuple[str, ...]]] = {
    Contact: (
        "id", "ticket_id", "unit_id", "purpose", "to", "channel", "outcome", "started_at", "duration_s", "note",
        "evidence_ids", "by", "recorded_at",
    ),
    Visit: (
        "id", "ticket_id", "unit_id", "mode", "arrived_at", "left_at", "met", "met_name", "latitude", "longitude",
        "accuracy_m", "position_at", "note", "by", "recorded_at",
    ),
    VisitException: ("id", "ticket_id", "unit_id", "ground", "note", "by", "recorded_at"),
    ProgressReport: ("id", "ticket_id", "unit_id", "text", "caller_told", "conversations", "by", "recorded_at"),
    WorkPlan: ("id", "ticket_id", "unit_id", "number", "text", "steps", "by", "recorded_at"),
    # What was promised, not what became of it: settling a promise is an event of its own.
    Commitment: ("id", "ticket_id", "unit_id", "origin", "origin_id", "text", "due_at", "by", "made_at"),
}  # fmt: skip
LATER: Final[dict[type[Sealed], tuple[str, ...]]] = {ProgressReport: ("reason",)}
"""Fields that came with a later release: sealed where they are filled, so that older seals still hold."""


def seal(row: Sealed) -> str:
    """Return the SHA-256 over the row's sealed fields in canonical JSON."""
    content = {name: _plain(getattr(row, name)) for name in FIELDS[type(row)]}
    later = {name: _plain(getattr(row, name)) for name in LATER.get(type(row), ())}
    content |= {name: value for name, value in later.items() if value is not None}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    return clock.iso(value) if isinstance(value, datetime) else value
