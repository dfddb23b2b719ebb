"""`make run`: everything from an empty checkout to a printed address, and back to nothing on Ctrl-C."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType

from . import network, redis_server
from .banner import print_ready, shown_url
from .node_env import ensure_pwa
from .places import PYTHON, ROOT, private_folder, var_dir
from .python_env import ensure_packages
from .secret_files import describe_instance, ensure_secrets
from .steps import Stop, disk_errors_explained, require_space, run_quietly, say, step
from .supervise import Program, Supervisor, environment

_START_SECONDS = 60
_CERTIFICATE = Path(__file__).with_name("certificate.py")


def run() -> int:
    """Prepare what is missing, start everything, wait for the end. Gives the exit code."""
    began = time.monotonic()
    var, secure = var_dir(), os.environ.get("HTTPS", "") not in ("", "0")
    host = os.environ.get("HOST", "").strip() or ("0.0.0.0" if secure else "127.0.0.1")
    port = network.port_from_env()
    with disk_errors_explained(var), _only_instance(var):
        network.require_free(host, port)
        require_space(var, 200)
        say("上门办 Doorstep")
        # What signs photos is large and rarely wanted: it is installed only where it is configured.
        ensure_packages("runtime", *(["c2pa"] if os.environ.get("C2PA_CERT") else []))
        ensure_pwa()
        env, redis = _environment(var, host, port, secure)
        accounts = _prepare_data(env)
        return _serve(var, env, redis, accounts, began)


def _environment(var: Path, host: str, port: int, secure: bool) -> tuple[dict[str, str], redis_server.Redis]:
    redis = redis_server.prepare(var)
    env = environment(VAR_DIR=str(var), HOST=host, PORT=str(port), REDIS_URL=redis.url, **ensure_secrets(var))
    env.setdefault("DEMO", "1")
    if secure:
        folder = private_folder(var / "tls")
        with step("准备本地 HTTPS 证书"):
            run_quietly([PYTHON, _CERTIFICATE, folder, *network.lan_addresses()], what="生成证书")
        env.update(TLS_CERT=str(folder / "server.crt"), TLS_KEY=str(folder / "server.key"))
        env["SECURE_COOKIES"] = "1"
    if env["DEMO"] == "1":
        # Links in the demonstration's messages lead here; a real deployment says where it is known.
        env.setdefault("PUBLIC_URL", shown_url(env))
    describe_instance(var, env)
    return env, redis


def _prepare_data(env: Mapping[str, str]) -> list[dict[str, str]]:
    """Migrate, fill in the demonstration, and give its accounts."""
    commands = [["migrate"]] + ([["demo"], ["demo", "--accounts"]] if env["DEMO"] != "0" else [])
    with step("准备数据库与演示数据" if len(commands) > 1 else "准备数据库"):
        # In one process: loading the application three times is half of a second start.
        code = f"from app.cli import main\nfor command in {commands!r}: main(command, standalone_mode=False)"
        output = run_quietly([PYTHON, "-c", code], what="准备数据库", cwd=ROOT, env=env)
    if len(commands) == 1:
        return []
    accounts: list[dict[str, str]] = json.loads(output.splitlines()[-1])
    return accounts


def programs(redis: redis_server.Redis, env: Mapping[str, str]) -> list[Program]:
    """What runs, in the order of its start; stand-ins for WeChat, SMS and the like only for the demonstration."""
    unit = str(ROOT / "deploy" / "unit.sh")
    return [
        *([Program("redis", redis.command)] if redis.command else []),
        *([Program("fakes", [unit, "fakes", "--app", _own_address(env)])] if env["DEMO"] == "1" else []),
        Program("web", [unit, "web"]),
        Program("worker", [unit, "worker"], stop_seconds=20),
        Program("relay", [unit, "relay"]),
    ]


def _serve(
    var: Path, env: Mapping[str, str], redis: redis_server.Redis, accounts: list[dict[str, str]], began: float
) -> int:
    stopping = _stop_on_signals()
    everything = programs(redis, env)
    supervisor = Supervisor(var, everything, env)
    try:
        with step("启动服务"), _not_an_error_when(stopping):
            _start(supervisor, everything, redis)
            _wait_until_healthy(supervisor, everything, env, stopping)
        if not stopping.is_set():
            print_ready(env, redis.kind, accounts, _offer_certificate(env), time.monotonic() - began)
        while not stopping.wait(1.0):
            if supervisor.has_ended():
                raise Stop(f"进程管理器意外退出，日志：{supervisor.logs / 'supervisord.log'}")
    finally:
        if stopping.is_set():
            say("\n正在停止 …")
        supervisor.stop()
    say("已停止。")
    return 0


def _start(supervisor: Supervisor, everything: list[Program], redis: redis_server.Redis) -> None:
    """Redis first, and the others when it answers: a worker that finds no queue would die and look broken."""
    supervisor.start()
    for program in everything:
        supervisor.start_program(program.name)
        if program.name == "redis" and not redis_server.answers(redis.url, seconds=20):
            supervisor.check_alive(["redis"])
            raise Stop("内置的 Redis 没有在 20 秒内就绪：\n" + supervisor.tail("redis.log"))


def _wait_until_healthy(
    supervisor: Supervisor, everything: list[Program], env: Mapping[str, str], stopping: threading.Event
) -> None:
    """Return when /healthz answers 200 and every process has stayed up. Raises Stop when one has not."""
    names, deadline = [program.name for program in everything], time.monotonic() + _START_SECONDS
    answer = ""
    while not stopping.is_set():
        supervisor.check_alive(names)
        healthy, answer = _health(env)
        if healthy and set(supervisor.states().values()) == {"RUNNING"}:
            return
        if time.monotonic() > deadline:
            raise Stop(f"服务没有在 {_START_SECONDS} 秒内就绪（{answer}）：\n" + supervisor.tail("web.log"))
        stopping.wait(0.2)


def _own_address(env: Mapping[str, str]) -> str:
    """Where this machine itself reaches the product."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(env["HOST"], env["HOST"])
    return f"{'https' if 'TLS_CERT' in env else 'http'}://{f'[{host}]' if ':' in host else host}:{env['PORT']}"


def _health(env: Mapping[str, str]) -> tuple[bool, str]:
    secure = "TLS_CERT" in env
    # Only our own process can answer on a port that was free a moment ago: its certificate needs no proof here.
    context = ssl._create_unverified_context() if secure else None
    try:
        url = f"{_own_address(env)}/healthz"
        # No proxy: a company's proxy has no way to this machine's loopback.
        handlers = [urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)]
        with urllib.request.build_opener(*handlers).open(url, timeout=5) as response:
            return response.status == 200, str(response.status)
    except urllib.error.HTTPError as error:
        return False, f"/healthz 回答 {error.code}"
    except OSError as error:
        return False, str(error)


def _offer_certificate(env: Mapping[str, str]) -> int | None:
    if "TLS_CERT" not in env:
        return None
    return network.offer_certificate(Path(env["TLS_CERT"]).with_name("ca.crt"), int(env["PORT"]) + 1)


@contextlib.contextmanager
def _not_an_error_when(stopping: threading.Event) -> Iterator[None]:
    """Ctrl-C in the middle of the start also reaches what is being started: its failure is then no news."""
    try:
        yield
    except Stop:
        if not stopping.is_set():
            raise


def _stop_on_signals() -> threading.Event:
    """Ctrl-C, kill and a closed terminal all mean: stop everything."""
    stopping = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    return stopping


@contextlib.contextmanager
def _only_instance(var: Path) -> Iterator[None]:
    """Two instances over one folder would share a SQLite file and a Redis log."""
    private_folder(var)
    private_folder(var / "log")
    lock = private_folder(var / "run") / "lock"
    with open(lock, "a", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Stop(
                f"{var} 里的实例已经在运行。要再开一个，请用另一个目录和端口：make run VAR_DIR=… PORT=…"
            ) from error
        yield
