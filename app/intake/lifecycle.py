"""The states of a file on its way in, of one of its rows, and of a message on its way out. Pure."""

from __future__ import annotations

from typing import Final

UPLOADED: Final = "uploaded"
UNMAPPED: Final = "unmapped"
JUDGING: Final = "judging"
PREVIEW: Final = "preview"
REGISTERING: Final = "registering"
DONE: Final = "done"
UNREADABLE: Final = "unreadable"
STOPPED: Final = "stopped"
DISCARDED: Final = "discarded"

FILE_LABELS: Final = {
    UPLOADED: "读取中",
    UNMAPPED: "待选列",
    JUDGING: "核对中",
    PREVIEW: "待确认",
    REGISTERING: "登记中",
    DONE: "已完成",
    UNREADABLE: "无法读取",
    STOPPED: "已中断",
    DISCARDED: "已放弃",
}
UNDER_WAY: Final = (UPLOADED, JUDGING, REGISTERING)
"""The worker has something to do."""
MAPPABLE: Final = (UNMAPPED, PREVIEW, STOPPED)
CONFIRMABLE: Final = (PREVIEW, STOPPED)
DISCARDABLE: Final = (UNMAPPED, PREVIEW, STOPPED, UNREADABLE)
OPEN: Final = (UPLOADED, UNMAPPED, JUDGING, PREVIEW)
"""The very same file coming again finds this one instead of beginning anew."""
ENDED: Final = (DONE, UNREADABLE, DISCARDED)

READY: Final = "ready"
REFUSED: Final = "refused"
KNOWN: Final = "known"
TAKEN: Final = "taken"
RAW: Final = "raw"
"""Read, not judged yet (or above the header, where nothing is judged)."""

ROW_LABELS: Final = {READY: "可登记", REFUSED: "有误", KNOWN: "已有", TAKEN: "已登记", RAW: "未核对"}

PENDING: Final = "pending"
DELIVERED: Final = "delivered"
DEAD: Final = "dead"
DELIVERY_LABELS: Final = {PENDING: "待送达", DELIVERED: "已送达", DEAD: "已放弃"}
