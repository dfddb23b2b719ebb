"""Sending what is on its way: one delivery, one job."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from app import clock
from app.channels.channel import Channel, Message, Outcome, Result
from app.channels.exits import Exits
from app.db import Database
from app.problems import Problem
from app.reach.kinds import GROUPS
from app.reminders import deliveries
from app.reminders.deliveries import Outgoing
from app.vault import Vault

Opener = Callable[[Outgoing], Channel]
NOT_CONFIGURED: Final = "not_configured"


def opener(exits: Exits) -> Opener:
    """Return what opens the channel of a delivery."""
    return lambda out: exits.channel(out.jurisdiction_id, out.channel)


def deliver(
    database: Database,
    open_channel: Opener,
    delivery_id: str,
    at: datetime | None = None,
    app_url: str | None = None,
    vault: Vault | None = None,
) -> Outcome | None:
    """Send one delivery if it is (still) due and wanted, and write down how it went.

    The network is spoken to between two transactions, never inside one. At least once: a worker killed after the
    service said yes sends again, and the message's topic makes it show once wherever the service can tell.
    """
    begun = at or clock.now()
    with database.unit_of_work() as session:
        out = deliveries.take(session, delivery_id, begun)
    if out is None:
        return None
    outcome = _send(open_channel, out, app_url, vault)
    with database.unit_of_work() as session:
        ended = at or clock.now()
        if outcome.result is Result.TAKEN:
            deliveries.delivered(session, delivery_id, ended)
        elif outcome.result is Result.GONE:
            deliveries.gone(session, delivery_id, ended, outcome.reason, outcome.code)
        elif outcome.result in (Result.NEXT, Result.REFUSED):
            refused = outcome.result is Result.REFUSED
            deliveries.passed(session, delivery_id, ended, outcome.reason, outcome.code, refused)
        else:
            final = outcome.result is Result.NEVER
            deliveries.failed(session, delivery_id, ended, outcome.reason, outcome.wait, final, outcome.code)
    return outcome


def _send(open_channel: Opener, out: Outgoing, app_url: str | None, vault: Vault | None) -> Outcome:
    try:
        channel, message = open_channel(out), _message(out, app_url, vault)
    except Problem as problem:  # sealed with another SECRET_KEY
        return Outcome(Result.NEVER, problem.message, code=problem.code)
    return channel.send(message)


def _message(out: Outgoing, app_url: str | None, vault: Vault | None) -> Message:
    address, keys = out.address, out.keys
    if out.channel in GROUPS and vault is not None:
        address, keys = opened(vault, address, keys)
    return Message(
        address=address,
        title=out.title,
        body=out.body,
        # 32 characters of base64url at most: exactly a UUID without its dashes.
        topic=out.notice_id.replace("-", ""),
        keep=out.keep,
        data={"notice_id": out.notice_id, "ticket_id": out.ticket_id, "kind": out.kind, "badge": out.badge},
        keys=keys,
        facts=out.facts,
        link=f"{app_url}/t/{out.ticket_id}" if app_url and out.ticket_id else app_url,
        urgent=out.urgent,
    )


def opened(vault: Vault, address: str, keys: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return a robot's address and keys in the clear."""
    return vault.open(address), {name: vault.open(value) for name, value in keys.items()}
