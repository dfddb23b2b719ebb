"""Reads the bounds of findings that a profile sets itself; what it does not write keeps its default. Pure."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Final

from app.policies.believing import FINDINGS, FindingRules
from app.policies.table import Table

_CITED: Final = ("cite", "assumed")
_MOST_PERCENT: Final = 100


def findings(root: Table) -> FindingRules:
    """Return the bounds of findings of a profile."""
    return root.made_or_none("findings", _read) or FINDINGS


def _read(t: Table) -> FindingRules:
    found: dict[str, Any] = t.cited()
    for field in fields(FindingRules):
        if field.name in _CITED or not t.has(field.name):
            continue
        found[field.name] = t.texts(field.name) if field.name == "editors" else t.whole(field.name, least=1)
        if field.name.endswith("_percent") and found[field.name] > _MOST_PERCENT:
            raise t.wrong(field.name, f"不能大于 {_MOST_PERCENT}")
    return FindingRules(**found)
