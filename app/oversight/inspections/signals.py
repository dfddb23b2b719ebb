"""What speaks for looking at a ticket: work done again, and what workers found on its evidence."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from typing import Any, Final

REDO: Final = "redo"
"""Key of the signal that an answer was sent back for redo."""
SIGNAL_LABELS: Final = {REDO: "曾发回重办"}


@dataclass(frozen=True, slots=True)
class Signal:
    """One reason to look: `severity` high, medium, low for findings, None for what is no finding."""

    key: str
    label: str
    severity: str | None = None


def of_ticket(redo_count: int, found: Iterable[Signal]) -> list[Signal]:
    """Return the signals of a ticket in a stable order, the gravest first."""
    signals = [Signal(REDO, SIGNAL_LABELS[REDO])] if redo_count else []
    return sorted([*found, *signals], key=lambda s: (_RANK.get(s.severity or "", 3), s.key))


_RANK: Final = {"high": 0, "medium": 1, "low": 2}


def pairs(signals: Collection[Signal]) -> list[tuple[str, str | None]]:
    """Return (key, severity), as weights are looked up."""
    return [(s.key, s.severity) for s in signals]


def stored(signals: Collection[Signal]) -> list[dict[str, Any]]:
    """Return the signals as a case keeps them."""
    return [asdict(s) for s in signals]
