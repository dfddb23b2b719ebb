"""Looking for originals that are no longer what was sealed (A3)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.evidence import lifecycle
from app.evidence.models import Evidence
from app.evidence.storage import EvidenceStore
from app.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Damage:
    """One piece of evidence whose original is gone (`missing`) or has other bytes than were sealed."""

    number: str
    evidence_id: str
    missing: bool


def damaged(session: Session, store: EvidenceStore) -> Iterator[Damage]:
    """Yield every received original that is missing or changed; each file is read once."""
    query = (
        select(Evidence.id, Evidence.sha256, Evidence.state, Evidence.received_at, Ticket.number)
        .join(Ticket, Ticket.id == Evidence.ticket_id)
        .where(Evidence.received_at.is_not(None))
        .order_by(Evidence.sha256, Evidence.id)
    )
    judged, verdict = "", None
    for row in session.execute(query.execution_options(yield_per=500)):
        if not lifecycle.has_original(row.state, arrived=True):
            continue
        if row.sha256 != judged:
            judged, verdict = row.sha256, _verdict(store, row.sha256)
        if verdict is not None:
            yield Damage(row.number, row.id, verdict == "missing")


def _verdict(store: EvidenceStore, sha256: str) -> str | None:
    try:
        with store.original(sha256).open("rb") as file:
            return None if hashlib.file_digest(file, "sha256").hexdigest() == sha256 else "changed"
    except FileNotFoundError:
        return "missing"
