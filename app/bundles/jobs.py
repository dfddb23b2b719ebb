"""What workers and the relay do with bundles: make one, give one up, remove those that are old."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, update

from app.bundles import lifecycle
from app.bundles.contents import gather
from app.bundles.make import Made, Order, OriginalBroken, make, total_bytes
from app.bundles.models import Bundle
from app.clock import Moment
from app.db import Database
from app.evidence.storage import EvidenceStore, full_disk_told, make_directories, sync_directory
from app.journal.record import record
from app.tickets.models import Ticket

TASK: Final = "bundle"
KEPT: Final = timedelta(hours=24)
"""How long a finished bundle can be fetched: it holds everything, and can be made again."""


@dataclass(frozen=True)
class Workshop:
    """What making a bundle needs: where originals lie, where bundles go, what signs, whom its stamps lead to."""

    store: EvidenceStore
    folder: Path
    key: Ed25519PrivateKey
    ca_file: Path | None = None


def path_of(folder: Path, bundle_id: str) -> Path:
    """Return where a finished bundle lies."""
    return folder / f"{bundle_id}.zip"


def work(database: Database, workshop: Workshop, bundle_id: str, now: Callable[[], datetime]) -> None:
    """Make a bundle that was asked for. Safe to run again; raises what a later attempt may cure."""
    with database.read(snapshot=True) as session:
        row = session.get(Bundle, bundle_id)
        if row is None or not lifecycle.awaits_making(row.state):
            return
        contents = gather(session, row)
        order = Order(row.id, row.reason, row.unmasked, now())
    _set(database, bundle_id, state=lifecycle.MAKING, total=total_bytes(contents), done=0)
    ca = workshop.ca_file.read_bytes() if workshop.ca_file else None
    target = path_of(workshop.folder, bundle_id)
    partial = target.with_suffix(".part")
    try:
        with full_disk_told():
            make_directories(workshop.folder)
            with open(partial, "w+b", opener=_private) as out:
                made = make(
                    out, contents, workshop.store, order, workshop.key, ca,
                    lambda done: _set(database, bundle_id, done=done),
                )  # fmt: skip
                out.flush()
                os.fsync(out.fileno())
            os.replace(partial, target)
            sync_directory(workshop.folder)
    except OriginalBroken as broken:
        what = "缺失" if broken.missing else "与封存的指纹不符"
        message = f"佐证 {broken.evidence_id} 的原件{what}，不能制作证据包，请管理员执行 doorstep verify-files。"
        _fail(database, bundle_id, message, now())
        return
    finally:
        partial.unlink(missing_ok=True)
    _finish(database, bundle_id, made, now())


def give_up(database: Database, bundle_id: str, at: datetime) -> None:
    """Note that it was tried again and again in vain, so that nobody waits for ever."""
    _fail(database, bundle_id, "多次制作未成功，请稍后重试或联系管理员。", at)


def expire(database: Database, folder: Path, at: datetime) -> None:
    """Remove bundles whose time is over, and files that no bundle knows of."""
    with database.unit_of_work() as session:
        over = (Bundle.state == lifecycle.READY, Bundle.expires_at <= at)
        session.execute(update(Bundle).where(*over).values(state=lifecycle.EXPIRED))
    with database.read() as session:
        kept = set(session.scalars(select(Bundle.id).where(Bundle.state.in_((*lifecycle.UNDER_WAY, lifecycle.READY)))))
    for path in (*folder.glob("*.zip"), *folder.glob("*.part")):
        if path.stem not in kept:
            path.unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _set(database: Database, bundle_id: str, **values: object) -> None:
    with database.unit_of_work() as session:
        session.execute(update(Bundle).where(Bundle.id == bundle_id).values(**values))


def _fail(database: Database, bundle_id: str, message: str, at: datetime) -> None:
    with database.unit_of_work() as session:
        row = session.get(Bundle, bundle_id, with_for_update=True)
        if row is not None and lifecycle.awaits_making(row.state):
            row.state, row.message, row.ended_at = lifecycle.FAILED, message, at


def _finish(database: Database, bundle_id: str, made: Made, at: datetime) -> None:
    with database.unit_of_work() as session:
        asked = session.get_one(Bundle, bundle_id)
        ticket = session.get_one(Ticket, asked.ticket_id, with_for_update=True)
        row = session.get_one(Bundle, bundle_id, with_for_update=True)
        if not lifecycle.awaits_making(row.state):
            return
        row.state, row.size, row.sha256 = lifecycle.READY, made.size, made.sha256
        row.done, row.ended_at, row.expires_at = row.total, at, at + KEPT
        payload = {"bundle_id": row.id, "sha256": made.sha256, "size": made.size, "manifest": made.manifest_sha256}
        record(session, ticket, "bundle.made", payload, Moment.of_server(at))
        ticket.version += 1
