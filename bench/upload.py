"""Tickets per second when each brings two photos of 400 KB by tus, against the started web processes.

A ticket is what a phone sends after a visit: one batch (a contact of 2 KB, two declarations) and two uploads, each one
request (creation with the bytes) as the phone app makes it, or a creation and a PATCH. Baselines in the same run:
writing two plain files with fsync, and the same server software reading the same bytes and throwing them away.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app import clock
from app.db import Database
from app.ids import new_id
from bench import dataset
from bench.harness import (
    ROOT,
    Load,
    Phone,
    Row,
    create_database,
    drive,
    durable_postgres,
    folder,
    product,
    redis_server,
    row,
)
from bench.sync import _command, _login, _tickets_of

TICKETS = 10_000
SECONDS = 8.0
DEVICES = (8, 32)
SIZE = 400 * 1024
ODK_CENTRAL = {8: 45, 32: 48}
"""Submissions/s with two photos of 400 KB of ODK Central v2026.2.2 at 10,000 stored, measured on the same two cores as
its load generator and PostgreSQL 15 (docs/performance.md)."""
_BODY = os.urandom(SIZE)
_DISCARD = """
from flask import Flask, request
app = Flask(__name__)
@app.get("/healthz")
def healthz(): return "ok"
@app.post("/discard")
def discard():
    while request.stream.read(65536): pass
    return "", 204
"""


def run() -> Iterator[Row]:
    """Yield tickets/s on both databases at 8 and 32 devices, beside the baselines and the peer."""
    with folder() as place, durable_postgres() as server:
        root = Path(place)
        files = {devices: drive(devices, SECONDS, _plain_files(root / "plain")).rate() for devices in DEVICES}
        with _discarding(root) as port:
            thrown = {devices: drive(devices, SECONDS, _discard(port)).rate() for devices in DEVICES}
        urls = {"postgresql": create_database(server, "upload"), "sqlite": f"sqlite:///{root / 'upload.db'}"}
        for name, url in urls.items():
            database = Database(url)
            dataset.fill(database, TICKETS)
            database.engine.dispose()
            with product(url, root / f"var-{name}") as port:
                yield from _figures(name, port, files, thrown)


def _figures(name: str, port: int, files: dict[int, float], thrown: dict[int, float]) -> Iterator[Row]:
    for devices in DEVICES:
        load = _load(port, devices, at_once=True)
        count, rate, case = len(load.latencies), load.rate(), f"{name} {devices} devices"
        yield row("upload.tickets", f"{case}, two plain files with fsync", rate, "1/s", files[devices], count)
        yield row("upload.tickets", f"{case}, Flask reading and discarding", rate, "1/s", thrown[devices], count)
        yield row("upload.tickets", f"{case}, ODK Central", rate, "1/s", ODK_CENTRAL[devices], count)
        yield row("upload.p95", f"{case}, a second", load.p95(), "ms", 1000.0, count, higher_is_better=False)
        twice = _load(port, devices, at_once=False)
        yield row("upload.tickets", f"{case}, over POST and then PATCH", rate, "1/s", twice.rate(), count)


def _load(port: int, devices: int, at_once: bool) -> Load:
    logins = [_login(port, index) for index in range(devices)]

    def make(index: int) -> Callable[[], None]:
        token, beacon = logins[index]
        phone, mine = Phone(port, token), _tickets_of(index, TICKETS)
        wire = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

        def step() -> None:
            ticket_id = next(mine)
            photos = [(new_id(), _unique()) for _ in range(2)]
            commands = [_command(ticket_id, beacon), *(_declaration(ticket_id, beacon, *photo) for photo in photos)]
            answer = phone.post("/api/v1/sync/commands", {"sent_at": clock.iso(clock.now()), "commands": commands})
            refused = [receipt for receipt in answer["receipts"] if receipt["status"] != "applied"]
            if refused:
                raise RuntimeError(str(refused[0]))
            for evidence_id, content in photos:
                _upload(wire, token, evidence_id, content, at_once)

        return step

    return drive(devices, SECONDS, make)


def _unique() -> bytes:
    """Return a photo's worth of bytes that nobody sent before."""
    return b"\xff\xd8\xff" + os.urandom(32) + _BODY[35:]


def _declaration(ticket_id: str, beacon: str, evidence_id: str, content: bytes) -> dict[str, object]:
    args = {
        "evidence_id": evidence_id, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content),
        "media_type": "image/jpeg", "kind": "photo", "phase": "after", "captured_at": clock.iso(clock.now()),
        "source": "camera",
    }  # fmt: skip
    return _command(ticket_id, beacon) | {"name": "evidence.declare", "args": args}


def _upload(wire: http.client.HTTPConnection, token: str, evidence_id: str, content: bytes, at_once: bool) -> None:
    common = {"Authorization": f"Bearer {token}", "Tus-Resumable": "1.0.0"}
    octets = {"Content-Type": "application/offset+octet-stream"}
    metadata = "evidence_id " + base64.b64encode(evidence_id.encode()).decode()
    create = common | {"Upload-Length": str(len(content)), "Upload-Metadata": metadata}
    if at_once:
        _expect(wire, 201, "POST", "/files", content, create | octets)
        return
    _expect(wire, 201, "POST", "/files", b"", create)
    _expect(wire, 204, "PATCH", f"/files/{evidence_id}", content, common | octets | {"Upload-Offset": "0"})


def _expect(
    wire: http.client.HTTPConnection, status: int, method: str, path: str, body: bytes, headers: dict[str, str]
) -> None:
    wire.request(method, path, body, headers)
    response = wire.getresponse()
    answer = response.read()
    if response.status != status:
        raise RuntimeError(f"{method} {path}: {response.status} {answer[:300]!r}")


def _plain_files(place: Path) -> Callable[[int], Callable[[], None]]:
    place.mkdir(exist_ok=True)

    def make(_: int) -> Callable[[], None]:
        def step() -> None:
            for _ in range(2):
                with (place / new_id()).open("wb", buffering=0) as file:
                    file.write(_unique())
                    os.fsync(file.fileno())

        return step

    return make


def _discard(port: int) -> Callable[[int], Callable[[], None]]:
    def make(_: int) -> Callable[[], None]:
        wire = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

        def step() -> None:
            for _ in range(2):
                _expect(wire, 204, "POST", "/discard", _unique(), {"Content-Type": "application/octet-stream"})

        return step

    return make


@contextmanager
def _discarding(place: Path) -> Iterator[int]:
    """Run an application that keeps nothing under our own gunicorn settings."""
    (place / "discard_app.py").write_text(_DISCARD)
    port = redis_server.free_port()
    env = dict(os.environ, PORT=str(port), HOST="127.0.0.1", PYTHONPATH=str(place))
    command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "discard_app:app"]
    process = subprocess.Popen(command, cwd=ROOT, env=env)
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).close()
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(30)
