"""Sending what is due, one after the other, as tests want to see it."""

from __future__ import annotations

from datetime import datetime

from app.channels.channel import Outcome
from app.channels.jobs import Opener, Post, hand_over, note, take_batch
from app.db import Database
from app.reminders.taking_queries import due_channels
from app.vault import Vault


def send_each(
    database: Database,
    open_channel: Opener,
    at: datetime,
    app_url: str | None = None,
    vault: Vault | None = None,
) -> list[Outcome | None]:
    """Send until nothing is due at `at`; return how each ended, None for what was not sent any more."""
    post, outcomes = Post(database, open_channel, app_url, vault, lambda: at), list[Outcome | None]()
    while True:
        with database.read() as session:
            due = due_channels(session, at)
        if not due:
            return outcomes
        for out in take_batch(post, min(due, key=lambda channel: due[channel]), 1).values():
            outcomes.append(hand_over(post, out) if out is not None else None)
            note(post, [(out, outcomes[-1])] if out is not None else [])
