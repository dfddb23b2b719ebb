"""Which clauses the product fulfils, computed from the tests that ran.

A test says what it proves with ``@pytest.mark.clause("D2.1")``; ``clause("D3.3", partial="why")`` says that it proves
only a part (see ledger.py for what follows from that). Every marked test of the run counts, in whatever folder.
"""

from __future__ import annotations

from collections import defaultdict

import pytest
from conformance.ledger import Evidence, clause_ids
from lasting import shared
from scenario import World

__all__ = ["shared", "world"]
Claims = dict[str, list[tuple[tuple[str, ...], bool]]]
_claims = pytest.StashKey[Claims]()


@pytest.fixture
def world(shared: World) -> World:
    """The town in which the clauses are tried; each test makes tickets of its own."""
    return shared


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Note which test speaks for which clauses, wherever it stands. A clause no document knows is a typing error."""
    known = set(clause_ids())
    claims = config.stash.setdefault(_claims, {})
    for item in items:
        for mark in item.iter_markers("clause"):
            if unknown := set(mark.args) - known:
                raise pytest.UsageError(f"{item.nodeid}: clause {', '.join(sorted(unknown))} not in docs/clauses.txt")
            claims.setdefault(item.nodeid, []).append((mark.args, bool(mark.kwargs.get("partial"))))


def _ledger(terminalreporter: pytest.TerminalReporter, claims: Claims) -> dict[str, Evidence]:
    """What the run says of each clause; a failing fixture fails the clause, a skipped test proves nothing."""
    ledger: dict[str, Evidence] = defaultdict(Evidence)
    for outcome in ("passed", "failed", "error"):
        for report in terminalreporter.stats.get(outcome, ()):
            for clauses, partial in claims.get(report.nodeid, ()):
                for clause in clauses:
                    if outcome != "passed":
                        ledger[clause].failed.add(report.nodeid)
                    elif report.when == "call":
                        ledger[clause].passed.add(report.nodeid)
                        if partial:
                            ledger[clause].partial.add(report.nodeid)
    return ledger


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table, or its sums."""
    ledger = _ledger(terminalreporter, config.stash.get(_claims, {}))
    states = {clause: ledger[clause].state() for clause in clause_ids()}
    if config.getoption("--conformance-table"):
        terminalreporter.section("conformance")
        for clause, state in states.items():
            # The engines a test ran on are its own business: one path each.
            tests = sorted({name.split("[", 1)[0] for name in ledger[clause].passed | ledger[clause].failed})
            terminalreporter.line(f"{clause:<6} {state:<8} {' '.join(tests)}".rstrip())
    sums = {state: list(states.values()).count(state) for state in ("done", "partial", "missing")}
    terminalreporter.line("conformance: " + ", ".join(f"{count} {state}" for state, count in sums.items()))
