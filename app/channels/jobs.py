"""Sending what is on its way: one job for all that is due, a line for each channel, a few hands on each line.

A line takes a batch in one transaction, hands it over with no transaction open, and writes down in another how it went.
A slow service holds up its own line only.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from app import clock
from app.channels.channel import Channel, Message, Outcome, Result
from app.channels.exits import Exits
from app.db import Database
from app.problems import Problem
from app.reach.kinds import GROUPS, MAIL
from app.reminders import deliveries
from app.reminders.taking import Outgoing, take
from app.reminders.taking_queries import CHANNELS, due_channels, first_due
from app.vault import Vault

_log = logging.getLogger(__name__)
Opener = Callable[[Outgoing], Channel]
NOT_CONFIGURED: Final = "not_configured"
SLICE: Final = 10.0
"""Seconds after which a job begins nothing new: other work that waits for the worker gets its turn."""
PROMPTLY: Final = 30.0
"""Seconds after being taken within which a delivery must be on its way: what is left of its lease is for the call."""
MOST: Final = {"sqlite": 50, "postgresql": 200}
"""Deliveries taken in one transaction; on SQLite nobody else can write meanwhile."""
HANDS: Final = 16
_FEW_HANDS: Final = {MAIL: 4, **dict.fromkeys(GROUPS, 2)}
"""Calls at once on the line of a channel: robots and mailboxes do not like to be crowded."""
_AHEAD: Final = 2.0
"""Seconds' worth of deliveries that a line has in hand, by the pace at which they were sent last."""
_LOOK: Final = 0.2
"""Seconds after which what has been sent is written down, and looked whether another channel has something."""
Sent = tuple[Outgoing, Outcome | None]


def opener(exits: Exits) -> Opener:
    """Return what opens the channel of a delivery; each is opened once, with the settings it then has."""
    opened: dict[tuple[str, str], Channel] = {}
    opening = threading.Lock()

    def open_channel(out: Outgoing) -> Channel:
        key = out.jurisdiction_id, out.channel
        with opening:
            if key not in opened:
                opened[key] = exits.channel(*key)
            return opened[key]

    return open_channel


@dataclass(frozen=True)
class Post:
    """What it takes to send: `now` is the clock by which everything is judged and noted."""

    database: Database
    open_channel: Opener
    app_url: str | None = None
    vault: Vault | None = None
    now: Callable[[], datetime] = clock.now


def send_due(post: Post, seconds: float = SLICE) -> int:
    """Send what is due on every channel until nothing is, or for so long; return how many deliveries were dealt with.

    At least once: a worker killed after the service said yes is followed by one that sends again, and the message's
    topic makes it show once wherever the service can tell. Several may run at once and share the work.
    """
    until, total = time.monotonic() + seconds, 0
    lines: dict[Future[int], str] = {}
    others: set[str] = set()
    with ThreadPoolExecutor(len(CHANNELS)) as pool:
        while True:
            if time.monotonic() < until:
                with post.database.read() as session:
                    due = due_channels(session, post.now())
                for channel in due.keys() - lines.values() - others:
                    lines[pool.submit(_line, post, channel, until)] = channel
            if not lines:
                return total
            for line in wait(lines, _LOOK, FIRST_COMPLETED).done:
                channel, dealt = lines.pop(line), line.result()
                total += dealt
                if not dealt:  # what is due there is in another worker's hands
                    others.add(channel)


def _line(post: Post, channel: str, until: float) -> int:
    """Send what is due on one channel; return how many deliveries were dealt with."""
    hands, most = _FEW_HANDS.get(channel, HANDS), MOST[post.database.engine.dialect.name]
    flying: dict[Future[Sent], None] = {}
    total, room = 0, 2 * hands
    pool = ThreadPoolExecutor(hands)
    try:
        while True:
            taken: dict[str, Outgoing | None] = {}
            if len(flying) <= room // 2 and time.monotonic() < until:
                taken, begun = take_batch(post, channel, min(most, room - len(flying))), time.monotonic()
                total += len(taken)
                for out in taken.values():
                    if out is not None:
                        flying[pool.submit(_hand_over_promptly, post, out, begun)] = None
            if not flying and not taken:
                return total
            begun = time.monotonic()
            done = wait(flying, _LOOK).done
            for sent in done:
                del flying[sent]
            note(post, [sent.result() for sent in done])
            pace = len(done) / max(time.monotonic() - begun, 0.01)
            room = int(min(max(pace * _AHEAD, 2 * hands), 2 * most))
    finally:
        pool.shutdown(cancel_futures=True)


def take_batch(post: Post, channel: str, limit: int) -> dict[str, Outgoing | None]:
    """Take up to `limit` due deliveries in hand; return id → what to send, None where nothing is (any more).

    One that cannot be made ready for whatever reason is put off by itself and holds up none of the others.
    """
    at = post.now()
    with post.database.read() as session:
        # Looked for first: on SQLite a writing transaction for nothing makes everybody else wait.
        if first_due(session, channel, at) is None:
            return {}
    try:
        with post.database.unit_of_work() as session:
            return take(session, channel, at, limit)
    except Problem:
        raise
    except Exception:
        with post.database.read() as session:
            first = first_due(session, channel, at)
    if first is None:
        return {}
    try:
        with post.database.unit_of_work() as session:
            return take(session, channel, at, 1, only=first)
    except Problem:
        raise
    except Exception as error:
        _log.exception("delivery %s cannot be made ready", first)
        with post.database.unit_of_work() as session:
            deliveries.put_off(session, first, at, type(error).__name__)
        return {first: None}


def _hand_over_promptly(post: Post, out: Outgoing, taken: float) -> Sent:
    """Hand over unless it has been in the line for too long: its lease must not run out on the way."""
    return out, hand_over(post, out) if time.monotonic() - taken < PROMPTLY else None


def hand_over(post: Post, out: Outgoing) -> Outcome:
    """Send one message and return how that ended."""
    try:
        channel, message = post.open_channel(out), _message(out, post.app_url, post.vault)
        return channel.send(message)
    except Problem as problem:  # sealed with another SECRET_KEY
        return Outcome(Result.NEVER, problem.message, code=problem.code)
    except Exception as error:
        # A channel raises nothing; one that does all the same must not keep the others from being written down.
        _log.exception("channel %s failed on delivery %s", out.channel, out.delivery_id)
        return Outcome(Result.LATER, "发送程序出错", code=type(error).__name__)


def note(post: Post, sent: Sequence[Sent]) -> None:
    """Write down how it went: what was taken all at once, everything else by itself; None was not sent at all."""
    at = post.now()
    arrived = [out.delivery_id for out, outcome in sent if outcome is not None and outcome.result is Result.TAKEN]
    unsent = [out.delivery_id for out, outcome in sent if outcome is None]
    if arrived or unsent:
        with post.database.unit_of_work() as session:
            deliveries.delivered(session, arrived, at)
            deliveries.give_back(session, unsent, at)
    for out, outcome in sent:
        if outcome is not None and outcome.result is not Result.TAKEN:
            with post.database.unit_of_work() as session:
                _note_failure(session, out.delivery_id, outcome, at)


def _note_failure(session: Session, delivery_id: str, outcome: Outcome, at: datetime) -> None:
    if outcome.result is Result.GONE:
        deliveries.gone(session, delivery_id, at, outcome.reason, outcome.code)
    elif outcome.result in (Result.NEXT, Result.REFUSED):
        refused = outcome.result is Result.REFUSED
        deliveries.passed(session, delivery_id, at, outcome.reason, outcome.code, refused)
    else:
        final = outcome.result is Result.NEVER
        deliveries.failed(session, delivery_id, at, outcome.reason, outcome.wait, final, outcome.code)


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
