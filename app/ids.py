"""Server-made identifiers."""

from __future__ import annotations

import uuid_utils


def new_id() -> str:
    """Return a fresh UUIDv7 as text: it sorts by time, which keeps B-tree inserts at the right edge."""
    return str(uuid_utils.uuid7())
