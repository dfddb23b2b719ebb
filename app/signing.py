"""Signatures of machines: one scheme for what a platform sends us and for what we send. Pure.

`v1=` and the hexadecimal HMAC-SHA256 over `<seconds since 1970>.<id>.` and the body as it was sent. The id (of the
request or the message) holds no dot, so that no two messages have the same bytes signed.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from typing import Final

WINDOW_SECONDS: Final = 300
"""How far a signature's time may be from ours, either way."""
IDENTITY: Final = re.compile(r"[A-Za-z0-9_-]{8,80}")
_SECONDS: Final = re.compile(r"\d{9,11}")


def sign(secret: str, seconds: int, identity: str, body: bytes) -> str:
    """Return the signature of a message."""
    digest = hmac.new(secret.encode(), f"{seconds}.{identity}.".encode() + body, hashlib.sha256).hexdigest()
    return f"v1={digest}"


def holds(secrets: Iterable[str], seconds: int, identity: str, body: bytes, signature: str) -> bool:
    """Return whether the signature was made with one of the secrets; takes as long for a wrong one as for a right."""
    given = signature.encode()
    matches = [hmac.compare_digest(sign(secret, seconds, identity, body).encode(), given) for secret in secrets]
    return any(matches)


def read_seconds(text: str) -> int | None:
    """Return the seconds of a timestamp header, None for anything else."""
    return int(text) if text.isascii() and _SECONDS.fullmatch(text) else None


def is_timely(seconds: int, now_seconds: int) -> bool:
    """Return whether a signature made then may be used now."""
    return abs(now_seconds - seconds) <= WINDOW_SECONDS
