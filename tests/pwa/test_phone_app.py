"""The phone app's own checks, as part of the one test run: unit tests, types, lint."""

from __future__ import annotations

import subprocess

import pytest
from launcher.node_env import Node, ensure_modules, find_node
from launcher.places import PWA


@pytest.fixture(scope="module")
def node() -> Node:
    """Node with the app's packages installed."""
    found = find_node()
    ensure_modules(found)
    return found


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("script", ["test", "typecheck", "lint"])
def test_the_phone_app_passes_its_own_checks(node: Node, script: str) -> None:
    done = subprocess.run(
        [*node.npm, "run", "--silent", script], cwd=PWA, env=node.env(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]
