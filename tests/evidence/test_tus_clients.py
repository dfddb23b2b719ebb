"""The real clients against the real server: tuspy, tus-js-client, dead connections, kill -9."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import socket
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
import scenario
from evidence import corpus
from evidence.live import ROOT, LiveServer
from tusclient import client as tus
from tusclient.exceptions import TusUploadFailed

from app.evidence.storage import DiskStore
from config import Config

pytestmark = [pytest.mark.parametrize("database_url", ["sqlite"], indirect=True), pytest.mark.slow]
CONTENT = corpus.encoded(corpus.scenery(1600, 1200), quality=92)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
TUS = {"Tus-Resumable": "1.0.0"}


class Sender:
    """The liaison's phone as a client of the live server."""

    def __init__(self, world: scenario.World, live: LiveServer, config: Config, ticket_id: str) -> None:
        self.phone, self.live, self.ticket_id = world.liaison, live, ticket_id
        self.store = DiskStore(config.evidence_dir)
        body = {
            "phone": world.people["liaison"].phone, "password": scenario.PASSWORD,
            "device": {"id": "0192f6f0-0000-7000-8000-000000000001", "name": "测试机", "platform": "test"},
        }  # fmt: skip
        answer = requests.post(f"{live.url}/api/v1/auth/login", json=body, timeout=10)
        self.token = answer.json()["access_token"]
        self.headers = {"Authorization": f"Bearer {self.token}"}
        self.evidence_id = self.phone.declare(ticket_id, CONTENT, "before")
        self.url = f"{live.url}/files/{self.evidence_id}"

    def uploader(self, **options: Any) -> Any:
        client = tus.TusClient(f"{self.live.url}/files", headers=self.headers)
        metadata = {"evidence_id": self.evidence_id}
        return client.uploader(file_stream=self.stream(), metadata=metadata, **options)

    @staticmethod
    def stream(content: bytes = CONTENT) -> Any:
        import io

        return io.BytesIO(content)

    def create(self) -> None:
        metadata = "evidence_id " + base64.b64encode(self.evidence_id.encode()).decode()
        headers = self.headers | TUS | {"Upload-Length": str(len(CONTENT)), "Upload-Metadata": metadata}
        answer = requests.post(f"{self.live.url}/files", headers=headers, timeout=10)
        assert answer.status_code in (200, 201), answer.text

    def patch(self, offset: int, content: bytes) -> requests.Response:
        headers = self.headers | TUS | {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        return requests.patch(self.url, headers=headers, data=content, timeout=30)

    def offset(self) -> int:
        answer = requests.head(self.url, headers=self.headers | TUS, timeout=10)
        assert answer.status_code == 200
        return int(answer.headers["Upload-Offset"])

    def begin_patch(self, offset: int, promised: int, sent: bytes) -> socket.socket:
        """Open a connection, promise `promised` bytes, send fewer, and leave it open."""
        wire = socket.create_connection(("127.0.0.1", self.live.port), timeout=20)
        head = (
            f"PATCH /files/{self.evidence_id} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.token}\r\n"
            f"Tus-Resumable: 1.0.0\r\nUpload-Offset: {offset}\r\nContent-Length: {promised}\r\n"
            "Content-Type: application/offset+octet-stream\r\n\r\n"
        )
        wire.sendall(head.encode() + sent)
        return wire

    def assert_received_once(self) -> None:
        (shown,) = self.phone.detail(self.ticket_id)["evidence"]
        assert shown["state"] == "received" and shown["received_bytes"] == len(CONTENT)
        assert self.store.original(SHA256).read_bytes() == CONTENT
        assert [e["name"] for e in self.phone.events(self.ticket_id)].count("evidence.received") == 1


@pytest.fixture
def sender(world: scenario.World, live: LiveServer, config: Config, ticket_id: str) -> Sender:
    return Sender(world, live, config, ticket_id)


@pytest.mark.parametrize("checksum", [False, True])
def test_tuspy_uploads_in_chunks(sender: Sender, checksum: bool) -> None:
    sender.uploader(chunk_size=64 * 1024, upload_checksum=checksum).upload()
    sender.assert_received_once()


def test_tuspy_goes_on_after_the_server_was_killed(sender: Sender) -> None:
    first = sender.uploader(chunk_size=64 * 1024)
    first.upload(stop_at=128 * 1024)
    acknowledged = first.offset
    sender.live.kill()
    sender.live.start()
    again = sender.uploader(chunk_size=64 * 1024, url=first.url)
    assert again.offset == acknowledged
    again.upload()
    sender.assert_received_once()


def test_killed_while_bytes_arrive_it_keeps_what_is_on_the_disk(sender: Sender) -> None:
    sender.create()
    wire = sender.begin_patch(0, len(CONTENT), CONTENT[:200_000])
    _wait_for(lambda: sender.offset() > 0)
    sender.live.kill()
    wire.close()
    sender.live.start()
    kept = sender.offset()
    assert 0 < kept <= 200_000
    assert sender.patch(kept, CONTENT[kept:]).status_code == 204
    sender.assert_received_once()


@pytest.mark.parametrize("sent", [0, 1, 65_535, 65_536, 65_537, 300_000])
def test_a_dropped_connection_keeps_its_bytes(sender: Sender, sent: int) -> None:
    sender.create()
    sender.begin_patch(0, len(CONTENT), CONTENT[:sent]).close()
    _wait_for(lambda: sender.offset() == sent)
    assert sender.patch(sent, CONTENT[sent:]).status_code == 204
    sender.assert_received_once()


def test_a_phone_that_changed_networks_is_not_shut_out_by_its_dead_connection(sender: Sender) -> None:
    sender.create()
    dead = sender.begin_patch(0, len(CONTENT), CONTENT[:65_536])
    _wait_for(lambda: sender.offset() == 65_536)
    assert sender.patch(65_536, CONTENT[65_536:]).status_code == 204
    sender.assert_received_once()
    dead.sendall(CONTENT[65_536:])
    answer = dead.recv(4096)
    dead.close()
    assert answer.startswith((b"HTTP/1.1 404", b"HTTP/1.1 409"))
    sender.assert_received_once()


def test_the_same_bytes_from_eight_connections_are_received_once(sender: Sender) -> None:
    sender.create()
    with ThreadPoolExecutor(8) as pool:
        answers = [f.result().status_code for f in [pool.submit(sender.patch, 0, CONTENT) for _ in range(8)]]
    assert 204 in answers and set(answers) <= {204, 404, 409}
    sender.assert_received_once()


def test_a_refusal_reaches_a_client_that_is_still_sending(sender: Sender) -> None:
    sender.create()
    answer = sender.patch(1, os.urandom(len(CONTENT) - 1))
    assert answer.status_code == 409 and answer.json()["code"] == "upload_offset_wrong"


def test_tuspy_hears_that_other_bytes_were_refused(sender: Sender) -> None:
    uploader = sender.uploader(chunk_size=10**9)
    uploader.file_stream = sender.stream(CONTENT[:-1] + b"?")
    with pytest.raises(TusUploadFailed) as failure:
        uploader.upload()
    assert failure.value.status_code == 460
    assert json.loads(failure.value.response_content)["code"] == "evidence_hash_mismatch"


def test_forty_slow_phones_do_not_keep_others_waiting(world: scenario.World, config: Config, ticket_id: str) -> None:
    # One worker gets them all: with two, chance decides how many each takes, and the worst share is what counts.
    alone = LiveServer(config, workers=1)
    alone.start()
    try:
        _forty_slow_phones(Sender(world, alone, config, ticket_id))
    finally:
        alone.stop()


def _forty_slow_phones(sender: Sender) -> None:
    sender.create()
    slow = [sender.begin_patch(0, len(CONTENT), b"") for _ in range(40)]
    try:
        began = time.monotonic()
        assert requests.get(f"{sender.live.url}/healthz", timeout=5).ok
        assert time.monotonic() - began < 2
    finally:
        for wire in slow:
            wire.close()


@pytest.fixture(scope="session")
def tus_js(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Node and the CommonJS entry of tus-js-client: the phone app's own, or the same version installed aside."""
    node = shutil.which("node")
    assert node, "Node is needed; make run brings it"
    lock = json.loads((ROOT / "pwa" / "package-lock.json").read_text())
    version = lock["packages"]["node_modules/tus-js-client"]["version"]
    folder = ROOT / "pwa" / "node_modules" / "tus-js-client"
    if not folder.exists():
        aside = tmp_path_factory.mktemp("tus-js")
        subprocess.run(["npm", "install", "--no-save", f"tus-js-client@{version}"], cwd=aside, check=True, timeout=240)
        folder = aside / "node_modules" / "tus-js-client"
    return node, str(folder / "lib.es5" / "node" / "index.js")


def _js(tus_js: tuple[str, str], sender: Sender, mode: str, tmp_path: Path) -> dict[str, Any]:
    file = tmp_path / "photo.jpg"
    file.write_bytes(CONTENT)
    script = Path(__file__).with_name("tus_client.mjs")
    arguments = [tus_js[1], f"{sender.live.url}/files", sender.token, sender.evidence_id, str(file), mode]
    done = subprocess.run([tus_js[0], str(script), *arguments], capture_output=True, text=True, check=True, timeout=60)
    outcome: dict[str, Any] = json.loads(done.stdout)
    return outcome


@pytest.mark.parametrize("mode", ["whole", "at-creation"])
def test_tus_js_client_uploads(tus_js: tuple[str, str], sender: Sender, tmp_path: Path, mode: str) -> None:
    assert _js(tus_js, sender, mode, tmp_path).get("done") is True
    sender.assert_received_once()


def test_tus_js_client_that_lost_its_notes_sends_only_the_rest(
    tus_js: tuple[str, str], sender: Sender, tmp_path: Path
) -> None:
    sender.create()
    assert sender.patch(0, CONTENT[:100_000]).status_code == 204
    outcome = _js(tus_js, sender, "at-creation", tmp_path)
    assert outcome["done"] and outcome["requests"][0] == "POST 200"
    sender.assert_received_once()


def test_tus_js_client_resumes_and_begins_again(tus_js: tuple[str, str], sender: Sender, tmp_path: Path) -> None:
    stopped = _js(tus_js, sender, "abort", tmp_path)
    assert stopped["aborted"] and 0 < sender.offset() < len(CONTENT)
    resumed = _js(tus_js, sender, stopped["url"], tmp_path)
    assert resumed["done"] and resumed["requests"][0] == "HEAD 200"
    sender.assert_received_once()
    # A phone that lost its notes creates once more: told that all is here, it sends nothing.
    again = _js(tus_js, sender, "whole", tmp_path)
    assert again["done"] and again["requests"][-1] == "HEAD 200"
    sender.assert_received_once()


def _wait_for(condition: Any) -> None:
    for _ in range(200):
        if condition():
            return
        threading.Event().wait(0.05)
    raise AssertionError("it did not happen within ten seconds")
