"""States of a request to change turns. Pure."""

from __future__ import annotations

from typing import Final

ASKED: Final = "asked"
AGREED: Final = "agreed"
DECLINED: Final = "declined"
WITHDRAWN: Final = "withdrawn"
LABELS: Final = {ASKED: "待答复", AGREED: "已同意", DECLINED: "已婉拒", WITHDRAWN: "已撤回"}
"""In the words of people; a request whose day has come unanswered is still `ASKED`, and too late."""
