"""Which clauses the product fulfils, computed from the tests that ran.

A test says what it proves with ``@pytest.mark.clause("D2.1")``; ``clause("D3.3", partial="why")`` says that it proves
only a part. A clause is done when all its tests passed and none is partial, partial when only some did or one is,
missing when none passed. The ids stand in docs/clauses.txt.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from lasting import shared
from scenario import World

__all__ = ["shared", "world"]
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
        return "partial" if self.failed or self.partial else "done"


_evidence = pytest.StashKey[dict[str, Evidence]]()


@pytest.fixture
def world(shared: World) -> World:
    """The town in which the clauses are tried; each test makes tickets of its own."""
    return shared


def clause_ids() -> list[str]:
    """The ids, in the order of the requirements."""
    lines = CLAUSES.read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def pytest_configure(config: pytest.Config) -> None:
    """One ledger per run."""
    config.stash[_evidence] = defaultdict(Evidence)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A clause that no document knows is a typing error, and would count for nothing."""
    known = set(clause_ids())
    for item in items:
        for mark in item.iter_markers("clause"):
            if unknown := set(mark.args) - known:
                raise pytest.UsageError(f"{item.nodeid}: clause {', '.join(sorted(unknown))} not in docs/clauses.txt")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):  # type: ignore[no-untyped-def]
    """Note each marked test's outcome; a failing fixture fails the clause, a skipped test proves nothing."""
    report: pytest.TestReport = yield
    ledger = item.config.stash[_evidence]
    for mark in item.iter_markers("clause"):
        for clause in mark.args:
            if report.failed:
                ledger[clause].failed.add(item.nodeid)
            elif report.when == "call" and report.passed:
                ledger[clause].passed.add(item.nodeid)
                if mark.kwargs.get("partial"):
                    ledger[clause].partial.add(item.nodeid)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table, or its sums."""
    ledger = config.stash[_evidence]
    states = {clause: ledger[clause].state() for clause in clause_ids()}
    if config.getoption("--conformance-table"):
        terminalreporter.section("conformance")
        for clause, state in states.items():
            # The engines a test ran on are its own business: one path each.
            tests = sorted({name.split("[", 1)[0] for name in ledger[clause].passed | ledger[clause].failed})
            terminalreporter.line(f"{clause:<6} {state:<8} {' '.join(tests)}".rstrip())
    sums = {state: list(states.values()).count(state) for state in ("done", "partial", "missing")}
    terminalreporter.line("conformance: " + ", ".join(f"{count} {state}" for state, count in sums.items()))
