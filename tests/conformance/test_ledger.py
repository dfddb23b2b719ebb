"""The table of clauses must not flatter: what counts as done, partial and missing, and what it is computed from."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conformance.ledger import Evidence, clause_ids

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = """
import pytest

@pytest.mark.clause("D1")
def test_proven():
    assert True

@pytest.mark.clause("D2.1")
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_on_one_engine_only(engine):
    assert engine == "sqlite"

@pytest.mark.clause("D2.2", partial="the station's list is not looked at")
def test_a_part():
    assert True

@pytest.mark.clause("D2.3")
def test_broken():
    assert False

@pytest.fixture
def unprepared():
    raise OSError

@pytest.mark.clause("D2.4")
def test_never_began(unprepared):
    assert True

@pytest.mark.clause("A1", partial="the phone's half is proven elsewhere")
def test_one_half():
    assert True
"""
ELSEWHERE = """
import pytest

@pytest.mark.clause("A1")
def test_the_rest():
    assert True
"""


@pytest.mark.parametrize(
    ("evidence", "state"),
    [
        (Evidence(), "missing"),
        (Evidence(failed={"a"}), "missing"),
        (Evidence(passed={"a"}), "done"),
        (Evidence(passed={"a"}, failed={"b"}), "partial"),
        (Evidence(passed={"a"}, partial={"a"}), "partial"),
        (Evidence(passed={"a", "b"}, partial={"a"}), "done"),
        (Evidence(passed={"a", "b"}, partial={"a"}, failed={"c"}), "partial"),
    ],
)
def test_state_of_a_clause(evidence: Evidence, state: str) -> None:
    assert evidence.state() == state


def test_every_id_stands_once() -> None:
    ids = clause_ids()
    assert len(ids) == len(set(ids)) == 96


def run(folder: Path, source: str) -> str:
    """Run one conformance test file with the real plugin, in a folder of its own."""
    for name in ("conftest.py", "ledger.py", "plugin.py"):
        (folder / "tests" / "conformance").mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "tests" / "conformance" / name, folder / "tests" / "conformance" / name)
    for path in (ROOT / "tests").glob("*.py"):
        if not path.name.startswith("test_"):
            shutil.copy(path, folder / "tests" / path.name)
    for name in ("app", "config.py", "deploy", "docs", "pyproject.toml"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "tests" / "conformance" / "test_example.py").write_text(source)
    (folder / "tests" / "elsewhere").mkdir()
    (folder / "tests" / "elsewhere" / "test_rest.py").write_text(ELSEWHERE)
    command = [sys.executable, "-m", "pytest", "tests", "--conformance-table", "-p", "no:cacheprovider"]
    env = dict(os.environ, PYTHONDONTWRITEBYTECODE="1")
    both = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.run(command, cwd=folder, env=env, text=True, check=False, **both).stdout


@pytest.mark.slow
def test_the_table_says_what_the_tests_said(tmp_path: Path) -> None:
    lines = run(tmp_path, EXAMPLE).splitlines()
    table = {line.split()[0]: line.split()[1:] for line in lines if re.match(r"[DHUKXA]\d", line)}
    path = "tests/conformance/test_example.py::test_"
    assert table["D1"] == ["done", f"{path}proven"]
    assert table["D2.1"] == ["partial", f"{path}on_one_engine_only"]
    assert table["D2.2"] == ["partial", f"{path}a_part"]
    assert table["D2.3"] == ["missing", f"{path}broken"]
    assert table["D2.4"] == ["missing", f"{path}never_began"]
    assert table["A1"] == ["done", f"{path}one_half", "tests/elsewhere/test_rest.py::test_the_rest"]
    assert table["A7"] == ["missing"]
    assert lines[-1].startswith("=")


@pytest.mark.slow
def test_a_clause_nobody_knows_ends_the_run(tmp_path: Path) -> None:
    output = run(tmp_path, EXAMPLE.replace("D2.3", "D99"))
    assert "D99 not in docs/clauses.txt" in output
    assert "passed" not in output
