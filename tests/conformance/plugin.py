"""Which clauses the product fulfils, computed from the tests that ran.

A test says what it proves with ``@pytest.mark.clause("D2.1")``; ``clause("D3.3", partial="why")`` says that it proves
only a part (see ledger.py for what follows from that). Every marked test of the run counts, in whatever folder.
"""

from __future__ import annotations

from collections import defaultdict

import pytest
from conformance.ledger import Evidence, clause_ids

CLAIM = "clause"


def claim_clauses(items: list[pytest.Item]) -> None:
    """Note which test speaks for which clauses, wherever it stands. A clause no document knows is a typing error."""
    known = set(clause_ids())
    for item in items:
        for mark in item.iter_markers("clause"):
            if unknown := set(mark.args) - known:
                raise pytest.UsageError(f"{item.nodeid}: clause {', '.join(sorted(unknown))} not in docs/clauses.txt")
            # A property travels with the report, also from a process of its own when tests run two at a time.
            item.user_properties.append((CLAIM, [list(mark.args), bool(mark.kwargs.get("partial"))]))


def _ledger(terminalreporter: pytest.TerminalReporter) -> dict[str, Evidence]:
    """What the run says of each clause; a failing fixture fails the clause, a skipped test proves nothing."""
    ledger: dict[str, Evidence] = defaultdict(Evidence)
    for outcome in ("passed", "failed", "error"):
        for report in terminalreporter.stats.get(outcome, ()):
            # A file that cannot be collected is an error without a test, and without properties.
            properties = getattr(report, "user_properties", ())
            for clauses, partial in (value for name, value in properties if name == CLAIM):
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
    ledger = _ledger(terminalreporter)
    states = {clause: ledger[clause].state() for clause in clause_ids()}
    if config.getoption("--conformance-table"):
        terminalreporter.section("conformance")
        for clause, state in states.items():
            # The engines a test ran on are its own business: one path each.
            tests = sorted({name.split("[", 1)[0] for name in ledger[clause].passed | ledger[clause].failed})
            terminalreporter.line(f"{clause:<6} {state:<8} {' '.join(tests)}".rstrip())
    sums = {state: list(states.values()).count(state) for state in ("done", "partial", "missing")}
    terminalreporter.line("conformance: " + ", ".join(f"{count} {state}" for state, count in sums.items()))
