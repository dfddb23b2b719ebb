"""The state of each clause, from what its tests said.

Done: all its tests that ran passed, and at least one of them proves what the others leave out. Partial: some failed, or
each proves only a part. Missing: none passed. The ids stand in docs/clauses.txt.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

CLAUSES = Path(__file__).resolve().parents[2] / "docs" / "clauses.txt"


@dataclass
class Evidence:
    """Node ids of the tests that spoke for or against one clause."""

    passed: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    partial: set[str] = field(default_factory=set)

    def state(self) -> str:
        """done, partial or missing."""
        if not self.passed:
            return "missing"
        return "partial" if self.failed or self.passed == self.partial else "done"


def clause_ids() -> list[str]:
    """The ids, in the order of the requirements."""
    lines = CLAUSES.read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]
