"""Progress lines, child processes, and the one sentence a person gets when a step cannot go on."""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

DISK_FULL = "磁盘空间不足：{where} 所在的磁盘已写满。请清理出至少 1 GB 空间后重试。"
NO_NETWORK = "{what}需要联网，但现在连不上网络。请检查网络或代理设置后重试；装好一次以后，启动不再需要联网。"

_NETWORK_SIGNS = (
    "temporary failure in name resolution", "name or service not known", "nodename nor servname", "failed to resolve",
    "newconnectionerror", "failed to establish a new connection", "connecttimeout", "read timed out",
    "network is unreachable", "connection refused", "connection reset", "proxyerror", "proxy error",
    "enotfound", "eai_again", "econnrefused", "etimedout", "enetunreach", "econnreset", "err_socket_timeout",
)  # fmt: skip
_DISK_SIGNS = ("no space left on device", "enospc", "disk quota exceeded", "edquot")


class Stop(Exception):
    """The command cannot go on; the text is a sentence for the person who typed it."""


class StepFailed(Stop):
    """A child process failed in a way that no sentence foresees; its last lines are shown."""


@contextlib.contextmanager
def step(title: str) -> Iterator[None]:
    """One progress line: the title at once, the seconds when done."""
    began = time.monotonic()
    print(f"  {title} …", end="", flush=True)
    try:
        yield
    except BaseException:
        print(" ✗", flush=True)
        raise
    print(f" {time.monotonic() - began:.1f} 秒", flush=True)


def run_quietly(
    command: Sequence[str | Path], *, what: str, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> str:
    """Run a child to its end and give its output; on failure raise the sentence that fits.

    `what` names the step in that sentence.
    """
    try:
        done = subprocess.run(
            [str(part) for part in command], cwd=cwd, env=dict(env) if env is not None else None, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        )  # fmt: skip
    except OSError as error:
        raise StepFailed(f"{what}失败：{command[0]} 无法执行（{error.strerror}）。") from error
    if done.returncode:
        raise explain(what, done.stdout, str(cwd or Path.cwd()))
    return done.stdout


def explain(what: str, output: str, where: str) -> Stop:
    """The sentence for a failed child, from what it printed."""
    lower = output.lower()
    if any(sign in lower for sign in _DISK_SIGNS):
        return Stop(DISK_FULL.format(where=where))
    if any(sign in lower for sign in _NETWORK_SIGNS):
        return Stop(NO_NETWORK.format(what=what))
    return StepFailed(f"{what}失败，它说：\n{_telling_lines(output)}")


def _telling_lines(output: str) -> str:
    """The first complaints and the end: npm follows an error with a screen of help, pip with advice."""
    complaints = [line for line in output.splitlines() if "error" in line.lower() and len(line.split()) > 2][:10]
    end = output.strip().splitlines()[-10:]
    return last_lines("\n".join([*(line for line in complaints if line not in end), *end]))


def last_lines(text: str, count: int = 25) -> str:
    """The tail of an output, indented so that it stands apart from our own lines."""
    return "\n".join("    " + line for line in text.strip().splitlines()[-count:])


def say(text: str = "") -> None:
    """A line to the person."""
    print(text, flush=True)


def fail(text: str) -> int:
    """The closing sentence on the error stream; gives the exit code."""
    sys.stdout.flush()
    print(text, file=sys.stderr, flush=True)
    return 1


@contextlib.contextmanager
def disk_errors_explained(where: Path) -> Iterator[None]:
    """Turn what our own writes may meet (full disk, quota, no permission, no such place) into sentences."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Stop(DISK_FULL.format(where=where)) from error
        if error.errno in (errno.EACCES, errno.EROFS, errno.EPERM):
            place = error.filename or where
            raise Stop(f"没有写入权限：{place}。请换一个可写的目录，例如 make run VAR_DIR=~/doorstep-var。") from error
        raise Stop(f"无法写入 {error.filename or where}：{error.strerror}。请检查 VAR_DIR 指向的目录。") from error


def require_space(folder: Path, megabytes: int) -> None:
    """Refuse to begin what would end in the middle with a full disk.

    Raises Stop when `folder` (or its nearest existing parent) has less than `megabytes` free.
    """
    place = folder
    while not place.exists():
        place = place.parent
    stat = os.statvfs(place)
    free = stat.f_bavail * stat.f_frsize // (1024 * 1024)
    if free < megabytes:
        raise Stop(f"磁盘空间不足：{place} 所在的磁盘只剩 {free} MB，至少需要 {megabytes} MB。请清理后重试。")
