"""Beacons, and what a phone's claim about time is worth. Pure.

A phone's clock may be off by years. Every answer carries a beacon: the server's time with a MAC. A command names the
beacon the phone held when the person tapped, so the tap cannot be older than that beacon nor younger than its
arrival; between the two, the phone's own clock is believed, corrected by how wrong it was when sending.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime

from app import clock


def make_beacon(key: bytes, at: datetime) -> str:
    """Return `<epoch ms>.<mac>` for the instant."""
    text = str(clock.to_epoch_ms(at))
    return f"{text}.{_mac(key, text)}"


def read_beacon(key: bytes, beacon: str | None) -> datetime | None:
    """Return the instant of a beacon that this deployment made, None for anything else."""
    text, _, mac = (beacon or "").partition(".")
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        return None
    if not mac.isascii() or not hmac.compare_digest(mac, _mac(key, text)):
        return None
    return clock.from_epoch_ms(int(text))


def _mac(key: bytes, text: str) -> str:
    return base64.urlsafe_b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()[:12]).decode()


def bound_claim(captured: datetime, sent: datetime, received: datetime, beacon: datetime | None) -> datetime:
    """Return when the person tapped, as far as it can be believed.

    `captured` and `sent` are by the phone's clock, `received` by the server's; `beacon` is the last server time the
    phone provably knew before the tap. Without one, nothing earlier than the arrival is believed.
    """
    if beacon is None:
        return received
    try:
        corrected = captured + (received - sent)
    except OverflowError:  # readings thousands of years apart say nothing
        return received
    return min(max(corrected, beacon), received)
