"""The virtual environment: made once, filled with exactly the pinned and hashed packages."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from .places import PYTHON, ROOT, VENV, fingerprint, is_stamped
from .steps import StepFailed, Stop, require_space, run_quietly, step

_NO_PIP = (
    "这台机器的 Python {version} 没有带 ensurepip，无法建立虚拟环境。"
    "请先安装它（Debian / Ubuntu：sudo apt install python{version}-venv），再重新执行这条命令。"
)
_PIP_OPTIONS = ["--quiet", "--disable-pip-version-check", "--no-input", "--retries", "2", "--timeout", "30"]


def ensure_packages(*sets: str) -> None:
    """Make the virtual environment and install the named sets if they changed:
    "runtime", "c2pa", "dev", "bench", "node".

    Raises Stop with a sentence: no ensurepip, no network, disk full, or no wheel for this Python.
    """
    _ensure_venv()
    for name in ("build", *sets):
        file = ROOT / ("requirements.txt" if name == "runtime" else f"requirements-{name}.txt")
        stamp, value = VENV / f".stamp-{name}", fingerprint([file], platform.python_version())
        if is_stamped(stamp, value):
            continue
        require_space(ROOT, 700)
        with step(f"安装 Python 依赖（{file.name}）"):
            _install(file)
            stamp.write_text(value, encoding="utf-8")


def _install(file: Path) -> None:
    # --no-build-isolation: the two packages that exist as source only are built by the pinned setuptools of the
    # "build" set; isolation would fetch an unpinned one.
    command: list[str | Path] = [PYTHON, "-m", "pip", "install", *_PIP_OPTIONS]
    command += ["--no-build-isolation", "--require-hashes", "-r", file]
    try:
        run_quietly(command, what="安装 Python 依赖")
    except StepFailed as failure:
        if "no matching distribution" in str(failure).lower():
            version = platform.python_version()
            raise Stop(
                f"依赖中有软件包没有提供 Python {version}（{platform.machine()}）的版本。请改用 Python 3.11 至 3.14。"
            ) from failure
        raise


def _ensure_venv() -> None:
    if _works():
        return
    require_space(ROOT, 700)
    with step("建立 Python 虚拟环境（.venv）"):
        shutil.rmtree(VENV, ignore_errors=True)
        try:
            _create()
        except BaseException:
            # A half-made environment would look like a whole one next time.
            shutil.rmtree(VENV, ignore_errors=True)
            raise


def _works() -> bool:
    """The environment answers: a moved checkout or an upgraded system Python leaves a dead one behind."""
    if not PYTHON.exists() or not (VENV / "pyvenv.cfg").exists():
        return False
    try:
        done = subprocess.run([PYTHON, "-c", "import pip"], capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


def _create() -> None:
    if importlib.util.find_spec("ensurepip") is None and _can_apt():
        _apt_install_venv()
    if importlib.util.find_spec("ensurepip") is not None:
        run_quietly([sys.executable, "-m", "venv", VENV], what="建立虚拟环境")
        return
    # Without ensurepip a pip that is already on the machine can fill an empty environment.
    if importlib.util.find_spec("pip") is not None:
        run_quietly([sys.executable, "-m", "venv", "--without-pip", VENV], what="建立虚拟环境")
        run_quietly([sys.executable, "-m", "pip", "--python", PYTHON, "install", *_PIP_OPTIONS, "pip"], what="安装 pip")
        return
    raise Stop(_NO_PIP.format(version="{}.{}".format(*sys.version_info)))


def _can_apt() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _apt_install_venv() -> None:
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    run_quietly(["apt-get", "update", "-qq"], what="更新系统软件包列表", env=env)
    package = "python{}.{}-venv".format(*sys.version_info)
    run_quietly(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package], what=f"安装 {package}", env=env
    )
    importlib.invalidate_caches()
