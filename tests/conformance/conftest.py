"""Which clauses the product fulfils, computed from the tests that ran.

A test says what it proves with ``@pytest.mark.clause("D2.1")``; ``clause("D3.3", partial="why")`` says that it proves
only a part (see ledger.py for what follows from that).
"""

from __future__ import annotations

from collections import defaultdict

import pytest
from conformance.ledger import Evidence, clause_ids
from lasting import shared
from scenario import World

__all__ = ["shared", "world"]
_evidence = pytest.StashKey[dict[str, Evidence]]()


@pytest.fixture
def world(shared: World) -> World:
    """The town in which the clauses are tried; each test makes tickets of its own."""
    return shared


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
