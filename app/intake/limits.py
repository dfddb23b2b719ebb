"""How much one file may hold, and what is said when it holds something else. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

MAX_BYTES: Final = 20 * 1024 * 1024
MAX_ROWS: Final = 20_000
MAX_COLUMNS: Final = 100
MAX_UNPACKED: Final = 200 * 1024 * 1024
"""Bytes of all parts of a workbook together; 20,000 requests of a thousand characters are 60 MB."""
MAX_RATIO: Final = 200
"""How often smaller a part may be packed; real sheets pack 10 to 40 times."""
MAX_PARTS: Final = 1000
KEPT: Final = timedelta(days=30)
"""How long the rows of an ended import can be looked at; the tickets themselves stay."""


class Unreadable(Exception):
    """The file as a whole cannot be taken in; the text says why and what to do, in Chinese, without a full stop."""
