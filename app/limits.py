"""Rate limits by address, kept in Redis; with Redis away each process counts for itself rather than refusing."""

from __future__ import annotations

from flask import current_app
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

limiter = Limiter(
    get_remote_address, in_memory_fallback_enabled=True, headers_enabled=False, swallow_errors=True, default_limits=[]
)


def logins_per_minute() -> str:
    """Return the limit of sign-ins for one address."""
    return f"{current_app.extensions['doorstep.config'].logins_per_minute} per minute"
