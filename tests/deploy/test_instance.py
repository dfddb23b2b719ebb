"""What an instance keeps for itself: secrets, a private Redis, a certificate a phone can check."""

from __future__ import annotations

import secrets
import socket
import ssl
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from launcher import redis_server
from launcher.places import private_folder
from launcher.run import programs
from launcher.secret_files import ensure_secrets
from launcher.steps import Stop
from py_vapid import Vapid

CERTIFICATE = Path(__file__).resolve().parents[2] / "deploy" / "launcher" / "certificate.py"


def test_secrets_are_made_once_and_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET_KEY", "VAPID_PRIVATE_KEY"):
        monkeypatch.delenv(name, raising=False)
    first = ensure_secrets(tmp_path)
    assert ensure_secrets(tmp_path) == first
    assert len(first["SECRET_KEY"]) >= 32
    assert Vapid.from_string(first["VAPID_PRIVATE_KEY"]).public_key.curve.name == "secp256r1"
    assert stat.S_IMODE((tmp_path / "secrets.env").stat().st_mode) == 0o600
    assert ensure_secrets(private_folder(tmp_path / "other"))["SECRET_KEY"] != first["SECRET_KEY"]


def test_a_secret_of_the_environment_wins_and_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = secrets.token_hex(32)
    monkeypatch.setenv("SECRET_KEY", given)
    assert ensure_secrets(tmp_path)["SECRET_KEY"] == given
    assert given not in (tmp_path / "secrets.env").read_text()


def test_the_private_redis_keeps_everything_and_asks_for_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REDIS_URL", raising=False)
    chosen = redis_server.prepare(tmp_path)
    assert chosen.command is not None
    server = subprocess.Popen(chosen.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert redis_server.answers(chosen.url, seconds=10)
        port = chosen.url.rsplit(":", 1)[1]
        assert not redis_server.answers(f"redis://:wrong@127.0.0.1:{port}", seconds=0)
        assert not redis_server.answers(f"redis://127.0.0.1:{port}", seconds=0)
        config = (tmp_path / "redis" / "redis.conf").read_text()
        assert "appendfsync everysec" in config
        assert "maxmemory-policy noeviction" in config
    finally:
        server.terminate()
        server.wait(10)


def test_a_given_redis_that_does_not_answer_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{redis_server.free_port()}/0")
    with pytest.raises(Stop, match="没有应答"):
        redis_server.prepare(tmp_path)


def make_certificate(folder: Path, *addresses: str) -> None:
    subprocess.run([sys.executable, str(CERTIFICATE), str(folder), *addresses], check=True)


def test_a_client_that_trusts_the_authority_accepts_the_server(tmp_path: Path) -> None:
    make_certificate(tmp_path, "192.168.1.20")
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(tmp_path / "server.crt", tmp_path / "server.key")
    ours, theirs = socket.socketpair()
    greeting = threading.Thread(target=lambda: served.wrap_socket(theirs, server_side=True).send(b"ok"))
    greeting.start()
    trusting = ssl.create_default_context(cafile=str(tmp_path / "ca.crt"))
    with trusting.wrap_socket(ours, server_hostname="192.168.1.20") as connection:
        assert connection.recv(2) == b"ok"
    greeting.join()
    theirs.close()
    assert stat.S_IMODE((tmp_path / "ca.key").stat().st_mode) == 0o600


def test_the_certificate_is_renewed_only_when_addresses_change(tmp_path: Path) -> None:
    make_certificate(tmp_path, "192.168.1.20")
    authority, server = (tmp_path / "ca.crt").read_bytes(), (tmp_path / "server.crt").read_bytes()
    make_certificate(tmp_path, "192.168.1.20")
    assert (tmp_path / "server.crt").read_bytes() == server
    make_certificate(tmp_path, "192.168.1.21")
    assert (tmp_path / "server.crt").read_bytes() != server
    assert (tmp_path / "ca.crt").read_bytes() == authority, "a phone that trusts us once stays trusted"


def test_stand_ins_for_other_services_run_beside_a_demonstration_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REDIS_URL", raising=False)
    redis = redis_server.prepare(tmp_path)
    env = {"HOST": "0.0.0.0", "PORT": "8123"}
    shown = {program.name: list(program.command) for program in programs(redis, env | {"DEMO": "1"})}
    assert list(shown) == ["redis", "fakes", "web", "worker", "relay"]
    assert shown["fakes"][-3:] == ["fakes", "--app", "http://127.0.0.1:8123"], (
        "our own address, not the one for everybody"
    )
    for real in ("0", "", "no"):
        assert "fakes" not in {program.name for program in programs(redis, env | {"DEMO": real})}
