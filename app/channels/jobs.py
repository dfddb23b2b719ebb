"""Sending what is on its way: one delivery, one job."""

from __future__ import annotations

from datetime import datetime

from app import clock
from app.channels.channel import Address, Channel, Message, Outcome, Result
from app.channels.null import NullChannel
from app.channels.webpush import WebPush
from app.db import Database
from app.reminders import deliveries
from app.reminders.deliveries import Outgoing
from config import Config


def channel_of(config: Config) -> Channel:
    """Return the deployment's push channel, or the null one when no VAPID key is configured."""
    if config.vapid_private_key is None or config.vapid_subject is None:
        return NullChannel()
    return WebPush(config.vapid_private_key, config.vapid_subject, local=config.demo)


def deliver(database: Database, channel: Channel, delivery_id: str, at: datetime | None = None) -> Outcome | None:
    """Send one delivery if it is (still) due and wanted, and write down how it went.

    The network is spoken to between two transactions, never inside one. At least once: a worker killed after the
    push service said yes sends again, and the message's topic makes the phone show it once.
    """
    begun = at or clock.now()
    with database.unit_of_work() as session:
        out = deliveries.take(session, delivery_id, begun)
    if out is None:
        return None
    outcome = channel.send(_message(out))
    with database.unit_of_work() as session:
        ended = at or clock.now()
        if outcome.result is Result.TAKEN:
            deliveries.delivered(session, delivery_id, ended)
        elif outcome.result is Result.GONE:
            deliveries.gone(session, delivery_id, outcome.reason)
        else:
            final = outcome.result is Result.NEVER
            deliveries.failed(session, delivery_id, ended, outcome.reason, outcome.wait, final)
    return outcome


def _message(out: Outgoing) -> Message:
    return Message(
        address=Address(out.endpoint, out.p256dh, out.auth),
        title=out.title,
        body=out.body,
        # 32 characters of base64url at most: exactly a UUID without its dashes.
        topic=out.notice_id.replace("-", ""),
        keep=out.keep,
        data={"notice_id": out.notice_id, "ticket_id": out.ticket_id, "kind": out.kind, "badge": out.badge},
    )
