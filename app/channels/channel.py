"""What every channel is: a message goes in, an outcome comes out. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one address; no name, phone or address of a caller is ever in it (U5.3).

    `address` is in the channel's own terms: endpoint, openid, userid, number, mailbox, a robot's address; `keys` what
    else it takes to write there. `topic` is the same at every attempt: where the service lets us, sending twice shows
    once. `keep` is how long the service should hold it for a device that is off. `facts` are title and body in pieces,
    for services that want a form filled in; `link` opens the ticket.
    """

    address: str
    title: str
    body: str
    topic: str
    keep: timedelta
    data: Mapping[str, Any] = field(default_factory=dict)
    keys: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    link: str | None = None
    urgent: bool = True


class Result(Enum):
    """How a sending ended."""

    TAKEN = "taken"
    """The service has it."""
    LATER = "later"
    """Try again, after `wait` when the service said how long."""
    NEXT = "next"
    """Not this message by this channel; the address stays good."""
    REFUSED = "refused"
    """The person wants nothing more from us by this channel; nothing is sent there until they bind it again."""
    GONE = "gone"
    """The address is no more."""
    NEVER = "never"
    """It cannot work as it is set up: somebody must look."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of one sending. `reason` is for the delivery log, `code` the service's own, `wait` what it asked for."""

    result: Result
    reason: str = ""
    wait: timedelta | None = None
    code: str | None = None


class Channel(Protocol):
    """A way to reach a person. `send` raises nothing for what the other side or the network does."""

    def send(self, message: Message) -> Outcome:
        """Hand the message over, in bounded time."""
        ...


TAKEN = Outcome(Result.TAKEN)
