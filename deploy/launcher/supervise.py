"""One supervisord over everything: its configuration, its start, its word about the processes, its stop."""

from __future__ import annotations

import http.client
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
import xmlrpc.client
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .places import PYTHON, ROOT, write_private
from .steps import Stop, last_lines

_DEAD = {"BACKOFF", "FATAL", "EXITED", "UNKNOWN"}
_TETHER = Path(__file__).with_name("tether.py")


@dataclass(frozen=True)
class Program:
    """One process to keep alive. Started and stopped in the order of the list it stands in (stopped in reverse)."""

    name: str
    command: Sequence[str]
    stop_seconds: int = 15


class Supervisor:
    """supervisord in its own session: signals reach it only through us, so everything is stopped once, in order."""

    def __init__(self, var: Path, programs: Sequence[Program], env: Mapping[str, str]) -> None:
        self.logs, self._run, self._env = var / "log", var / "run", dict(env)
        self._programs = programs
        socket_folder = self._run if len(str(self._run)) < 80 else Path(tempfile.mkdtemp(prefix="doorstep-"))
        self._socket = socket_folder / "supervisor.sock"  # a socket's path may not exceed about 100 bytes
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start supervisord; the programs wait for `start_program`."""
        config = self._run / "supervisord.conf"
        write_private(config, self._config())
        self._socket.unlink(missing_ok=True)  # left behind by one that was killed; we hold the folder's lock
        command = [PYTHON, _TETHER, PYTHON, "-m", "supervisor.supervisord", "--nodaemon", "--configuration", config]
        with open(self.logs / "supervisord.err", "wb") as errors:
            self._process = subprocess.Popen(
                [str(part) for part in command], cwd=ROOT, env=self._env, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=errors, stderr=errors,
            )  # fmt: skip
        deadline = time.monotonic() + 15
        while not self._socket.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise Stop("进程管理器没有启动，最后的输出：\n" + self.tail("supervisord.err"))
            time.sleep(0.05)

    def start_program(self, name: str) -> None:
        """Start one program, without waiting for it."""
        self._call("supervisor.startProcess", name, False)

    def states(self) -> dict[str, str]:
        """Program name → STARTING, RUNNING, BACKOFF, FATAL …"""
        return {info["name"]: info["statename"] for info in self._call("supervisor.getAllProcessInfo")}

    def check_alive(self, names: Sequence[str]) -> None:
        """Raise Stop, with the last lines of its log, when one of the programs has died."""
        states = self.states()
        for name in names:
            if states.get(name) in _DEAD:
                raise Stop(f"进程 {name} 启动后退出了，日志 {self.logs / (name + '.log')} 的最后几行：\n"
                           + self.tail(name + ".log"))  # fmt: skip

    def tail(self, name: str) -> str:
        """The last lines of a log file."""
        path = self.logs / name
        return last_lines(path.read_text(encoding="utf-8", errors="replace")) if path.exists() else "    （没有日志）"

    def has_ended(self) -> bool:
        """Whether supervisord itself is gone."""
        return self._process is None or self._process.poll() is not None

    def stop(self) -> None:
        """Stop everything, in reverse order, politely first; returns when nothing is left."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(sum(program.stop_seconds for program in self._programs) + 10)
            except subprocess.TimeoutExpired:
                self._process.kill()  # the tethers take the rest down
                self._process.wait()
        if self._socket.parent != self._run:
            self._socket.unlink(missing_ok=True)
            self._socket.parent.rmdir()

    def _call(self, method: str, *args: object) -> list[dict[str, str]]:
        try:
            with xmlrpc.client.ServerProxy("http://supervisor", transport=_UnixTransport(self._socket)) as proxy:
                return getattr(proxy, method)(*args)  # type: ignore[no-any-return]
        except xmlrpc.client.Fault as fault:
            raise Stop(f"进程管理器拒绝了操作：{fault.faultString}") from fault
        except OSError as error:
            raise Stop("进程管理器没有应答，最后的输出：\n" + self.tail("supervisord.err")) from error

    def _config(self) -> str:
        lines = [
            "[supervisord]", "nodaemon=true", "silent=true", "loglevel=info", "minfds=1024",
            f"logfile={_plain(self.logs / 'supervisord.log')}", "logfile_maxbytes=1MB", "logfile_backups=1",
            f"pidfile={_plain(self._run / 'supervisord.pid')}", f"childlogdir={_plain(self.logs)}",
            "[unix_http_server]", f"file={_plain(self._socket)}", "chmod=0700",
            "[rpcinterface:supervisor]",
            "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
        ]  # fmt: skip
        for priority, program in enumerate(self._programs, start=1):
            command = [str(PYTHON), "-S", "-E", str(_TETHER), *program.command]
            lines += [
                f"[program:{program.name}]", f"command={_plain(shlex.join(command))}", f"directory={_plain(ROOT)}",
                f"priority={priority}", "autostart=false", "autorestart=true", "startsecs=2", "startretries=1000",
                f"stopwaitsecs={program.stop_seconds}", "killasgroup=true", "redirect_stderr=true",
                f"stdout_logfile={_plain(self.logs / (program.name + '.log'))}",
                "stdout_logfile_maxbytes=5MB", "stdout_logfile_backups=2",
            ]  # fmt: skip
        return "\n".join(lines) + "\n"


def _plain(value: object) -> str:
    """A value for supervisord's configuration, which expands % (in log paths twice) and takes ` ;` for a comment."""
    text = str(value)
    if "%" in text or ";" in text:
        raise Stop(f"目录名里不能有 % 或 ; ：{text}。请换一个目录。")
    return text


class _UnixTransport(xmlrpc.client.Transport):
    """XML-RPC over the supervisor's socket."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = str(path)

    def make_connection(self, host: object) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection("supervisor", timeout=10)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(10)
        connection.sock.connect(self._path)
        return connection


def environment(**more: str) -> dict[str, str]:
    """What every process of the product gets: ours plus a few settings that save memory or keep output readable."""
    env = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    env.update(PYTHONUNBUFFERED="1", PYTHONUTF8="1", PYTHONPATH=str(ROOT))
    # numpy's BLAS and glibc both reserve memory per thread; nothing here multiplies matrices.
    env.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MALLOC_ARENA_MAX="2")
    env.update(more)
    if sys.platform == "darwin":
        env["OBJC_DISABLE_INITIALIZE_FORK_SAFETY"] = "YES"  # RQ forks a work horse per job
    return env
