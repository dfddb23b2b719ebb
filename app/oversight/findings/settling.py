"""What becomes of the findings a ticket has when it is looked at again. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

RAISED: Final = "raised"
RETURNED: Final = "returned"
CHANGED: Final = "changed"
LAPSED: Final = "lapsed"
RENEWED: Final = "renewed"
"""The same finding by other rules, or in other words: noted, and no news to anybody."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A finding as it was left, or as it comes out now."""

    fingerprint: str
    words: tuple[str, str]
    """Its reason, and the rules it was found by."""
    lapsed: bool = False


def settle(known: Mapping[str, Standing], found: Mapping[str, Standing]) -> dict[str, str]:
    """Return finding id → what happened to it; those to which nothing did are left out.

    One that rests on other facts has changed, and is judged anew even when somebody dismissed it before.
    """
    happened = {i: _compared(known.get(i), now) for i, now in found.items()}
    happened |= {i: LAPSED for i, before in known.items() if i not in found and not before.lapsed}
    return {i: what for i, what in happened.items() if what is not None}


def _compared(before: Standing | None, now: Standing) -> str | None:
    if before is None:
        return RAISED
    if before.fingerprint != now.fingerprint:
        return CHANGED
    if before.lapsed:
        return RETURNED
    return RENEWED if before.words != now.words else None
