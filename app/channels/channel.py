"""What every channel is: a message goes in, an outcome comes out. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes, in the channel's own terms (for Web Push: endpoint and the browser's two keys)."""

    endpoint: str
    p256dh: str = ""
    auth: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one address; no name, phone or address of a caller is ever in it (U5.3).

    `topic` replaces an earlier message of the same topic at the receiver: sending twice shows once. `keep` is how
    long the service should hold it for a device that is off.
    """

    address: Address
    title: str
    body: str
    topic: str
    keep: timedelta
    data: dict[str, Any] = field(default_factory=dict)


class Result(Enum):
    """How a sending ended: taken over; try again later; the address is no more; it can never work."""

    TAKEN = "taken"
    LATER = "later"
    GONE = "gone"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of one sending. `reason` is for the delivery log, `wait` what the service asked for."""

    result: Result
    reason: str = ""
    wait: timedelta | None = None


class Channel(Protocol):
    """A way to reach a person. `send` raises nothing for what the other side or the network does."""

    def send(self, message: Message) -> Outcome:
        """Hand the message over, in bounded time."""
        ...
