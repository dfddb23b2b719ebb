"""The tus protocol, request by request: nothing is acknowledged that is not on the disk, nothing accepted but the bytes
that were declared."""

from __future__ import annotations

import base64
import hashlib
import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import scenario
from evidence import corpus
from werkzeug.test import TestResponse

from app import clock
from app.evidence.storage import DiskStore
from app.evidence.uploads import Uploads
from app.ids import new_id
from config import Config

pytestmark = pytest.mark.slow

CONTENT = corpus.encoded(corpus.scenery(640, 480), quality=90)
TUS = {"Tus-Resumable": "1.0.0"}

protocol = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""These are about requests and files; which database stands behind makes no difference to them."""


def create(phone: scenario.Phone, evidence_id: str, size: int = len(CONTENT), **more: Any) -> TestResponse:
    metadata = "filename eC5qcGc=,evidence_id " + base64.b64encode(evidence_id.encode()).decode()
    headers = TUS | {"Upload-Length": str(size), "Upload-Metadata": metadata} | more.pop("headers", {})
    return phone.call("POST", "/files", headers=headers, **more)


def patch(phone: scenario.Phone, evidence_id: str, offset: int, content: bytes, **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    fixed = TUS | {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
    return phone.call("PATCH", f"/files/{evidence_id}", headers=fixed | named, data=content)


def offset_of(phone: scenario.Phone, evidence_id: str) -> int:
    answer = phone.call("HEAD", f"/files/{evidence_id}", headers=TUS)
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Upload-Length"] == str(len(CONTENT))
    return int(answer.headers["Upload-Offset"])


def state_of(phone: scenario.Phone, ticket_id: str, evidence_id: str) -> dict[str, Any]:
    return next(e for e in phone.detail(ticket_id)["evidence"] if e["id"] == evidence_id)


def code(answer: TestResponse) -> str:
    body = answer.get_json()
    assert answer.mimetype == "application/problem+json" and body["detail"] and "{" not in body["detail"]
    return str(body["code"])


def files_under(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def declared(world: scenario.World, ticket_id: str) -> str:
    return world.liaison.declare(ticket_id, CONTENT, "before")


@protocol
def test_options_tell_what_the_server_can_do_without_signing_in(client: Any) -> None:
    answer = client.options("/files")
    assert answer.status_code == 204 and answer.headers["Tus-Resumable"] == answer.headers["Tus-Version"] == "1.0.0"
    assert set(answer.headers["Tus-Extension"].split(",")) >= {"creation", "checksum", "expiration", "termination"}
    assert set(answer.headers["Tus-Checksum-Algorithm"].split(",")) == {"sha1", "sha256"}


@pytest.mark.clause("A3")
def test_an_upload_in_pieces_is_received_once_and_whole(
    world: scenario.World, ticket_id: str, declared: str, config: Config
) -> None:
    phone, half = world.liaison, len(CONTENT) // 2
    made = create(phone, declared)
    assert made.status_code == 201 and made.headers["Location"] == f"/files/{declared}"
    assert made.headers["Upload-Expires"].endswith("GMT")
    first = patch(phone, declared, 0, CONTENT[:half])
    assert first.status_code == 204 and first.headers["Upload-Offset"] == str(half)
    shown = state_of(world.leader, ticket_id, declared)
    assert (shown["state"], shown["received_bytes"]) == ("uploading", half)
    assert offset_of(phone, declared) == half
    last = patch(phone, declared, half, CONTENT[half:])
    assert last.status_code == 204 and last.headers["Upload-Offset"] == str(len(CONTENT))
    shown = state_of(world.leader, ticket_id, declared)
    assert (shown["state"], shown["received_bytes"]) == ("received", len(CONTENT))
    digest = hashlib.sha256(CONTENT).hexdigest()
    kept = DiskStore(config.evidence_dir).original(digest)
    assert kept.read_bytes() == CONTENT and kept.stat().st_mode & 0o777 == 0o444
    assert kept.relative_to(config.evidence_dir).parts[1:] == (digest[:2], digest[2:4], digest)
    assert files_under(config.upload_dir) == []
    assert [e["name"] for e in phone.events(ticket_id)].count("evidence.received") == 1


@protocol
def test_creation_with_the_whole_file_needs_one_request(world: scenario.World, ticket_id: str, declared: str) -> None:
    answer = create(world.liaison, declared, data=CONTENT, headers={"Content-Type": "application/offset+octet-stream"})
    assert answer.status_code == 201 and answer.headers["Upload-Offset"] == str(len(CONTENT))
    assert state_of(world.liaison, ticket_id, declared)["state"] == "received"


@protocol
def test_creating_again_returns_the_same_upload(world: scenario.World, declared: str) -> None:
    phone = world.liaison
    create(phone, declared)
    patch(phone, declared, 0, CONTENT[:100])
    again = create(phone, declared)
    assert again.status_code == 200 and again.headers["Upload-Offset"] == "100"
    assert again.headers["Location"] == f"/files/{declared}"


def test_what_was_received_already_is_told_and_not_sent_again(
    world: scenario.World, ticket_id: str, declared: str
) -> None:
    phone = world.liaison
    phone.upload(declared, CONTENT)
    assert offset_of(phone, declared) == len(CONTENT)
    again = create(phone, declared)
    assert again.status_code == 200 and again.headers["Upload-Offset"] == str(len(CONTENT))
    assert patch(phone, declared, len(CONTENT), b"").status_code == 204
    assert phone.call("DELETE", f"/files/{declared}", headers=TUS).status_code == 404
    assert [e["name"] for e in phone.events(ticket_id)].count("evidence.received") == 1


@protocol
def test_the_same_content_is_stored_once_but_must_be_brought_by_each(
    world: scenario.World, ticket_id: str, declared: str, config: Config
) -> None:
    world.liaison.upload(declared, CONTENT)
    twin = world.liaison.declare(ticket_id, CONTENT, "after")
    # Knowing a hash is no proof of holding the file.
    assert create(world.liaison, twin).headers["Upload-Offset"] == "0"
    assert patch(world.liaison, twin, 0, CONTENT).status_code == 204
    assert state_of(world.liaison, ticket_id, twin)["state"] == "received"
    assert len(files_under(config.evidence_dir)) == 1


@protocol
@pytest.mark.parametrize("size", [len(CONTENT) - 1, len(CONTENT) + 1, 0])
def test_another_length_than_declared_is_refused(world: scenario.World, declared: str, size: int) -> None:
    answer = create(world.liaison, declared, size)
    assert (answer.status_code, code(answer)) == (422, "upload_length_differs")


@protocol
def test_more_bytes_than_declared_are_refused(world: scenario.World, ticket_id: str, declared: str) -> None:
    phone = world.liaison
    create(phone, declared)
    answer = patch(phone, declared, 0, CONTENT + b"!")
    assert (answer.status_code, code(answer)) == (413, "upload_too_long")
    assert offset_of(phone, declared) == 0
    assert state_of(phone, ticket_id, declared)["state"] == "declared"


@pytest.mark.clause("A3")
def test_other_bytes_than_declared_are_refused_and_removed(
    world: scenario.World, ticket_id: str, declared: str, config: Config
) -> None:
    phone = world.liaison
    create(phone, declared)
    other = CONTENT[:-1] + bytes([CONTENT[-1] ^ 1])
    patch(phone, declared, 0, other[:1000])
    answer = patch(phone, declared, 1000, other[1000:])
    assert (answer.status_code, code(answer)) == (460, "evidence_hash_mismatch")
    assert files_under(config.evidence_dir) == []
    shown = state_of(phone, ticket_id, declared)
    assert (shown["state"], shown["received_bytes"], shown["received_at"]) == ("declared", 0, None)
    assert "evidence.received" not in [e["name"] for e in phone.events(ticket_id)]
    assert phone.upload(declared, CONTENT).status_code == 204, "the right file must still be welcome"


@protocol
@pytest.mark.parametrize("wrong", [0, 99, 101, 10_000_000])
def test_a_wrong_offset_is_told_the_right_one(world: scenario.World, declared: str, wrong: int) -> None:
    create(world.liaison, declared)
    patch(world.liaison, declared, 0, CONTENT[:100])
    answer = patch(world.liaison, declared, wrong, CONTENT[100:200])
    assert (answer.status_code, code(answer)) == (409, "upload_offset_wrong")
    assert answer.get_json()["facts"] == {"offset": 100}
    assert offset_of(world.liaison, declared) == 100


@protocol
@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_checksum_guards_one_request(world: scenario.World, declared: str, algorithm: str) -> None:
    phone = world.liaison
    create(phone, declared)
    right = base64.b64encode(hashlib.new(algorithm, CONTENT[:500]).digest()).decode()
    damaged = patch(phone, declared, 0, b"x" * 500, Upload_Checksum=f"{algorithm} {right}")
    assert (damaged.status_code, code(damaged)) == (460, "upload_checksum_mismatch")
    assert offset_of(phone, declared) == 0
    assert patch(phone, declared, 0, CONTENT[:500], Upload_Checksum=f"{algorithm} {right}").status_code == 204
    assert offset_of(phone, declared) == 500


@protocol
@pytest.mark.parametrize("value", ["md5 AAAA", "sha1", "sha1 ???"])
def test_an_unknown_checksum_is_refused(world: scenario.World, declared: str, value: str) -> None:
    create(world.liaison, declared)
    answer = patch(world.liaison, declared, 0, CONTENT[:9], Upload_Checksum=value)
    assert (answer.status_code, code(answer)) == (400, "upload_checksum_unknown")
    assert offset_of(world.liaison, declared) == 0


@protocol
def test_an_upload_can_be_dropped_and_begun_again(world: scenario.World, ticket_id: str, declared: str) -> None:
    phone = world.liaison
    create(phone, declared)
    patch(phone, declared, 0, CONTENT[:100])
    assert phone.call("DELETE", f"/files/{declared}", headers=TUS).status_code == 204
    assert phone.call("HEAD", f"/files/{declared}", headers=TUS).status_code == 404
    assert patch(phone, declared, 100, CONTENT[100:]).status_code == 404
    assert state_of(phone, ticket_id, declared)["state"] == "declared"
    assert phone.upload(declared, CONTENT).status_code == 204


@protocol
def test_an_unfinished_upload_expires_after_seven_days_of_rest(
    world: scenario.World, declared: str, config: Config
) -> None:
    create(world.liaison, declared)
    uploads = Uploads(config.upload_dir, DiskStore(config.evidence_dir))
    assert uploads.expire(clock.now() + timedelta(days=6, hours=23)) == 0
    assert uploads.expire(clock.now() + timedelta(days=7, minutes=1)) == 1
    assert world.liaison.call("HEAD", f"/files/{declared}", headers=TUS).status_code == 404
    assert world.liaison.upload(declared, CONTENT).status_code == 204


@protocol
def test_only_the_declaring_unit_may_bring_the_bytes(world: scenario.World, declared: str) -> None:
    for stranger in ("neighbour", "station", "supervisor"):
        answer = create(world.phone(stranger), declared)
        assert (answer.status_code, code(answer)) == (409, "evidence_not_declared")
        assert world.phone(stranger).call("HEAD", f"/files/{declared}", headers=TUS).status_code == 409
    assert create(world.phone("deputy"), declared).status_code == 201


@protocol
def test_a_ticket_reassigned_meanwhile_does_not_lose_the_photo(
    world: scenario.World, ticket_id: str, declared: str
) -> None:
    world.station.do("ticket.reassign", ticket_id, unit_id=world.units["water"].id, reason="属于水务公司职责")
    assert world.liaison.upload(declared, CONTENT).status_code == 204
    assert state_of(world.station, ticket_id, declared)["state"] == "received"


@protocol
def test_undeclared_evidence_is_refused(world: scenario.World) -> None:
    answer = create(world.liaison, new_id())
    assert (answer.status_code, code(answer)) == (409, "evidence_not_declared")


@protocol
@pytest.mark.parametrize(
    "metadata", ["", "evidence_id", "evidence_id !!!", "evidence_id bm90IGFuIGlk", "evidence_id /////w==", "other eA=="]
)
def test_metadata_without_a_good_id_is_refused(world: scenario.World, metadata: str) -> None:
    headers = TUS | {"Upload-Length": "5", "Upload-Metadata": metadata}
    answer = world.liaison.call("POST", "/files", headers=headers)
    assert (answer.status_code, code(answer)) == (400, "upload_request_invalid")


@protocol
@pytest.mark.parametrize("length", ["", "-1", "1e3", "٣", "9" * 40])
def test_a_length_that_is_no_number_is_refused(world: scenario.World, declared: str, length: str) -> None:
    answer = create(world.liaison, declared, headers={"Upload-Length": length})
    assert (answer.status_code, code(answer)) == (400, "upload_length_missing")


@protocol
def test_the_protocol_version_is_asked_for(world: scenario.World, declared: str) -> None:
    answer = world.liaison.call("HEAD", f"/files/{declared}")
    assert answer.status_code == 412 and answer.headers["Tus-Version"] == "1.0.0"


@protocol
def test_the_content_type_is_asked_for(world: scenario.World, declared: str) -> None:
    create(world.liaison, declared)
    answer = patch(world.liaison, declared, 0, b"x", Content_Type="image/jpeg")
    assert (answer.status_code, code(answer)) == (400, "upload_request_invalid")


@protocol
def test_without_a_token_nothing_is_said(client: Any) -> None:
    for method, path in (("POST", "/files"), ("HEAD", f"/files/{new_id()}"), ("PATCH", f"/files/{new_id()}")):
        assert client.open(path, method=method, headers=TUS).status_code == 401


@protocol
def test_clients_behind_old_proxies_override_the_method(world: scenario.World, declared: str) -> None:
    phone = world.liaison
    create(phone, declared)
    headers = TUS | {
        "X-HTTP-Method-Override": "PATCH", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream",
    }  # fmt: skip
    answer = phone.call("POST", f"/files/{declared}", headers=headers, data=CONTENT)
    assert answer.status_code == 204 and answer.headers["Upload-Offset"] == str(len(CONTENT))
    assert phone.call("POST", f"/files/{declared}", headers=TUS).status_code == 405


def test_a_crash_between_store_and_database_is_finished_by_the_next_question(
    world: scenario.World, ticket_id: str, declared: str, config: Config
) -> None:
    create(world.liaison, declared)
    uploads = Uploads(config.upload_dir, DiskStore(config.evidence_dir))
    uploads.append(declared, 0, [CONTENT], len(CONTENT))
    uploads.complete(declared, hashlib.sha256(CONTENT).hexdigest())
    # Here the process died: the file is in the store, the database knows nothing.
    assert state_of(world.liaison, ticket_id, declared)["state"] == "declared"
    assert offset_of(world.liaison, declared) == len(CONTENT)
    assert state_of(world.liaison, ticket_id, declared)["state"] == "received"
    assert files_under(config.upload_dir) == []


@contextmanager
def disk_that_ends_at(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond `size`: the kernel refuses the write as it does on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_full_disk_is_507_without_a_false_receipt(
    world: scenario.World, ticket_id: str, config: Config, tmp_path: Path
) -> None:
    content = os.urandom(3_000_000)
    declared = world.liaison.declare(ticket_id, content, "before")
    assert create(world.liaison, declared, len(content)).status_code == 201
    with disk_that_ends_at(1_000_000):
        answer = patch(world.liaison, declared, 0, content)
    assert (answer.status_code, code(answer)) == (507, "storage_full")
    kept = Uploads(config.upload_dir, DiskStore(config.evidence_dir)).offset(declared)
    assert kept == 1_000_000
    assert state_of(world.liaison, ticket_id, declared)["state"] in ("declared", "uploading")
    assert "evidence.received" not in [e["name"] for e in world.liaison.events(ticket_id)]
    assert not (config.evidence_dir / "originals").exists()
    # With room again the upload goes on where it stood.
    assert patch(world.liaison, declared, kept, content[kept:]).status_code == 204
    assert state_of(world.liaison, ticket_id, declared)["state"] == "received"
