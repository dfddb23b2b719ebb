"""The life of one bundle. Pure; the only module that compares its states."""

from __future__ import annotations

from typing import Final

WAITING: Final = "waiting"
MAKING: Final = "making"
READY: Final = "ready"
FAILED: Final = "failed"
EXPIRED: Final = "expired"
UNDER_WAY: Final = (WAITING, MAKING)
LABELS: Final = {
    WAITING: "等待制作",
    MAKING: "正在制作",
    READY: "可以下载",
    FAILED: "制作失败",
    EXPIRED: "已过期删除",
}


def awaits_making(state: str) -> bool:
    """Return whether a worker has yet to make it, or may make it again after it died."""
    return state in UNDER_WAY


def is_ready(state: str) -> bool:
    """Return whether it can be fetched."""
    return state == READY
