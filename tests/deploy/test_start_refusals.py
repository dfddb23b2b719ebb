"""What a person reads when the product cannot start: one sentence with a way out, and an exit code."""

from __future__ import annotations

import ast
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from launcher import steps
from launcher.node_env import _new_enough

ROOT = Path(__file__).resolve().parents[2]


def start(tmp_path: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the start command as a person would, with a folder of its own."""
    return subprocess.run(
        [sys.executable, "deploy/doorstep.py", "run"], cwd=ROOT, timeout=60, capture_output=True, text=True,
        env={**os.environ, "VAR_DIR": str(tmp_path / "var"), **env}, check=False,
    )  # fmt: skip


def test_a_taken_port_is_named_and_another_one_proposed(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = start(tmp_path, PORT=str(port), HOST="127.0.0.1")
    assert done.returncode == 1
    assert done.stderr.strip() == (
        f"端口 {port} 已被占用。请先停止占用它的程序，或换一个端口：make run PORT={port + 1}"
    )


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({"PORT": "abc"}, "PORT 应为 1 到 65535 之间的数字"),
        ({"PORT": "70000"}, "PORT 应为 1 到 65535 之间的数字"),
        ({"HOST": "no.such.host.invalid"}, "不是这台机器认识的地址"),
        ({"VAR_DIR": "/proc/doorstep"}, "请检查 VAR_DIR 指向的目录"),
    ],
)
def test_a_setting_that_cannot_work_is_named(tmp_path: Path, env: dict[str, str], words: str) -> None:
    done = start(tmp_path, **env)
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_the_entry_can_be_read_by_an_old_python() -> None:
    source = (ROOT / "deploy" / "doorstep.py").read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 6))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr | ast.AnnAssign | ast.NamedExpr)]


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "磁盘空间不足"),
        ("npm error code ENOSPC", "磁盘空间不足"),
        ("Retrying … NewConnectionError: Failed to establish a new connection: [Errno 111] Connection refused", "联网"),
        ("npm error code EAI_AGAIN\nnpm error request failed", "联网"),
        ("npm error code EUSAGE: not in sync\n" + "npm error Usage:\n" * 50, "not in sync"),
    ],
)
def test_a_failed_child_is_explained_from_its_output(output: str, words: str) -> None:
    assert words in str(steps.explain("安装依赖", output, "/somewhere"))


def test_too_little_space_is_refused_before_anything_is_begun(tmp_path: Path) -> None:
    steps.require_space(tmp_path / "not" / "yet" / "there", 1)
    with pytest.raises(steps.Stop, match="至少需要 1000000000 MB"):
        steps.require_space(tmp_path, 1_000_000_000)


@pytest.mark.parametrize(
    ("version", "good"),
    [("20.18.3", False), ("20.19.0", True), ("21.7.0", False), ("22.11.0", False), ("22.12.0", True), ("24.1.0", True),
     ("18.20.4", False), ("", False)],
)  # fmt: skip
def test_only_a_node_that_can_build_the_app_is_taken(version: str, good: bool) -> None:
    assert _new_enough(version) is good
