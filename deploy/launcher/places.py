"""Where things are: the checkout, its virtual environment, and the instance's own folder (VAR_DIR)."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
PWA = ROOT / "pwa"


def var_dir() -> Path:
    """The instance's folder: database, evidence, secrets, logs. VAR_DIR, else var/ in the checkout."""
    return Path(os.environ.get("VAR_DIR") or ROOT / "var").expanduser().resolve()


def private_folder(path: Path) -> Path:
    """The folder, made if missing, then readable by its owner alone; one that exists keeps its permissions."""
    if not path.is_dir():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=0o700)
    return path


def write_private(path: Path, text: str) -> None:
    """Write a file nobody else may read; a half-written one is never seen."""
    fresh = path.with_name(path.name + ".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)


def fingerprint(files: Iterable[Path], *more: str) -> str:
    """One hash over names and contents: the same when nothing changed, so a step can be skipped."""
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    for text in more:
        digest.update(text.encode() + b"\0")
    return digest.hexdigest()


def is_stamped(stamp: Path, value: str) -> bool:
    """Whether the step that wrote `stamp` ended well with the same inputs."""
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == value
