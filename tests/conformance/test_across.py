"""Across profiles: offline work, true words, sealed evidence, workers (A1, A2, A3, A6).

Here is the server's half of A1 and A2; the phone's is proven by the journey in a real browser.
"""

from __future__ import annotations

import copy
import hashlib
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from conformance.background import background, command_line, eventually
from PIL import Image
from scenario import REPLY_PARTS, World, later, photo
from sqlalchemy import text

from app import clock
from app.ids import new_id
from config import Config

PHONE = "the phone's own half is proven by the journey"


@pytest.fixture(scope="module")
def config(shared: World) -> Config:
    found: Config = shared.app.extensions["doorstep.config"]
    return found


@pytest.fixture(scope="module")
def working(shared: World, config: Config) -> Iterator[World]:
    """The town with relay and worker running, as they do behind `make run`."""
    with background(config, "relay", "worker"):
        yield shared


def a_day_in_the_field(world: World, ticket_id: str, shots: tuple[bytes, bytes]) -> list[dict[str, Any]]:
    """What a phone gathered without a network, in the order it was done; captured by the phone's own clock."""
    make = world.liaison.command
    ids = [new_id(), new_id()]
    call = {"purpose": "first", "to": "caller", "channel": "phone", "outcome": "reached"}
    visit = {"mode": "solve", "met": "caller", "arrived_at": later(minutes=-20), "left_at": later(minutes=-5)}
    reply = {"reply_id": new_id(), "parts": REPLY_PARTS, "opinion": "satisfied", "evidence_ids": ids}
    work = [
        make("ticket.sign", ticket_id),
        make("contact.record", ticket_id, contact_id=new_id(), started_at=later(minutes=-30), **call),
        make("visit.record", ticket_id, visit_id=new_id(), **visit),
    ]
    for evidence_id, phase, shot in zip(ids, ("before", "after"), shots, strict=True):
        sealed = {"sha256": hashlib.sha256(shot).hexdigest(), "size": len(shot), "media_type": "image/jpeg"}
        about = {"kind": "photo", "phase": phase, "captured_at": later(minutes=-10), "source": "camera"}
        work.append(make("evidence.declare", ticket_id, evidence_id=evidence_id, **sealed, **about))
    work.append(make("draft.save", ticket_id, parts={"result": "写到一半"}, opinion=None, evidence_ids=ids))
    return [*work, make("reply.submit", ticket_id, **reply)]


@pytest.mark.clause("A1", partial=PHONE)
def test_a_day_of_work_without_a_network_arrives_at_once_and_once(world: World) -> None:
    ticket_id, shots = world.dispatched(ago=timedelta(hours=2)), (photo(51), photo(52))
    work = a_day_in_the_field(world, ticket_id, shots)
    first = world.liaison.send_batch(work)
    assert [r["status"] for r in first["receipts"]] == ["applied"] * len(work)
    assert first["tickets"][0]["state"] == "signing"
    whole = world.liaison.ticket(ticket_id)
    # The answer was lost on the way: the phone sends again, all of it, then piece by piece in any order.
    again = world.liaison.send_batch(work)["receipts"]
    assert [(r["id"], r["status"], r["replayed"]) for r in again] == [(c["id"], "applied", True) for c in work]
    for command in reversed(work):
        assert world.liaison.send_batch([command])["receipts"][0]["replayed"] is True
    assert world.liaison.ticket(ticket_id) == whole
    for row, shot in zip(whole["detail"]["evidence"], shots, strict=True):
        assert world.liaison.upload(row["id"], shot).status_code == 204
        stored = world.liaison.call("GET", f"/api/v1/evidence/{row['id']}/original")
        assert hashlib.sha256(stored.data).hexdigest() == row["sha256"]


@pytest.mark.clause("A1", partial=PHONE)
@pytest.mark.parametrize("days", [-400, 400])
def test_work_of_a_phone_whose_clock_is_wrong_by_years_is_not_lost(world: World, days: int) -> None:
    ticket_id, liaison = world.dispatched(), world.liaison
    beacon = liaison.pull()["beacon"]
    wrong = {"captured_at": later(24 * days), "beacon": beacon}
    command = liaison.command("ticket.sign", ticket_id) | wrong
    answer = liaison.call("POST", "/api/v1/sync/commands", json={"sent_at": later(24 * days), "commands": [command]})
    receipt = answer.get_json()["receipts"][0]
    assert receipt["status"] == "applied"
    known = clock.from_epoch_ms(int(beacon.split(".")[0]))
    assert known <= clock.parse(receipt["claimed_at"]) <= clock.parse(receipt["received_at"])


@pytest.mark.clause("A2", partial=PHONE)
def test_one_refused_command_does_not_hold_up_the_others_and_says_why(world: World) -> None:
    ticket_id, liaison = world.dispatched(), world.liaison
    visit = {"visit_id": new_id(), "mode": "solve", "met": "caller", "arrived_at": later()}
    batch = [
        liaison.command("visit.record", ticket_id, **visit),
        liaison.command("ticket.sign", ticket_id),
        liaison.command("visit.record", ticket_id, **visit),
    ]
    refused, signed, visited = liaison.send_batch(batch)["receipts"]
    assert (refused["status"], refused["code"]) == ("refused", "state_wrong")
    assert refused["message"] == "工单现在是“待签收”，不能执行“记录上门”：请先由承办单位签收。"
    assert signed["status"] == visited["status"] == "applied"
    # A refusal is final for that command: asked again it is the same answer, not a second judgement.
    assert liaison.send_batch(batch[:1])["receipts"][0] == refused | {"replayed": True}


@pytest.mark.clause("A2", partial=PHONE)
def test_work_for_a_ticket_that_moved_on_meanwhile_is_refused_by_name(world: World) -> None:
    ticket_id, liaison = world.handling(), world.liaison
    offline = liaison.command("thread.post", ticket_id, message_id=new_id(), text="离线时写的话")
    world.station.do("ticket.reassign", ticket_id, unit_id=world.units["water"].id, reason="供水职责")
    answer = liaison.send_batch([offline])
    receipt = answer["receipts"][0]
    assert (receipt["status"], receipt["code"]) == ("refused", "ticket_reassigned")
    assert "改派" in receipt["message"] and "内容已保留" in receipt["message"]
    assert answer["tickets"] == [], "the ticket itself is no longer this unit's to see"
    changed = copy.deepcopy(offline)
    changed["args"]["text"] = "同一编号，另一句话"
    reused = liaison.call("POST", "/api/v1/sync/commands", json={"sent_at": later(), "commands": [changed]})
    assert (reused.status_code, reused.get_json()["code"]) == (422, "command_id_reused")


@pytest.mark.clause("A2", partial=PHONE)
def test_late_work_is_shown_as_late_with_both_instants(world: World) -> None:
    ticket_id, liaison = world.dispatched(ago=timedelta(hours=21)), world.liaison
    beacon = liaison.pull()["beacon"]
    command = liaison.command("ticket.sign", ticket_id) | {"captured_at": later(-2), "beacon": beacon}
    receipt = liaison.send_batch([command])["receipts"][0]
    assert receipt["status"] == "applied"
    assert receipt["counted_at"] == receipt["received_at"] > receipt["claimed_at"]
    event = liaison.events(ticket_id)[-1]
    assert event["late"] is True and event["claimed_at"] == receipt["claimed_at"]


@pytest.mark.clause("A2", partial=PHONE)
def test_received_is_said_of_a_file_only_when_its_last_byte_is_here(world: World) -> None:
    ticket_id, content = world.handling(), photo(61)
    evidence_id = world.liaison.declare(ticket_id, content, "before")

    def state() -> tuple[str, int]:
        row = next(e for e in world.liaison.detail(ticket_id)["evidence"] if e["id"] == evidence_id)
        return row["state"], row["received_bytes"]

    assert state() == ("declared", 0)
    half = len(content) // 2
    assert world.liaison.upload(evidence_id, content, first=half).status_code == 204
    assert state() == ("uploading", half)
    original = world.liaison.call("GET", f"/api/v1/evidence/{evidence_id}/original")
    assert original.get_json()["code"] == "evidence_not_ready"
    assert world.liaison.upload(evidence_id, content, start=half).status_code == 204
    assert state()[0] != "uploading" and state()[1] == len(content)


@pytest.mark.clause("A3")
def test_other_bytes_than_those_sealed_at_capture_are_refused(world: World) -> None:
    ticket_id, content = world.handling(), photo(71)
    evidence_id = world.liaison.declare(ticket_id, content, "before")
    forged = bytearray(content)
    forged[-3] ^= 1
    answer = world.liaison.upload(evidence_id, bytes(forged))
    assert (answer.status_code, answer.get_json()["code"]) == (460, "evidence_hash_mismatch")
    assert world.liaison.upload(evidence_id, content).status_code == 204
    kept = world.station.call("GET", f"/api/v1/evidence/{evidence_id}/original")
    assert kept.data == content
    names = [e["name"] for e in world.station.events(ticket_id)]
    assert names[-2:] == ["evidence.declared", "evidence.received"]


@pytest.mark.clause("A3")
@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        ("UPDATE visits SET met = 'family' WHERE ticket_id = :id", "上门记录"),
        ("UPDATE contacts SET started_at = recorded_at WHERE ticket_id = :id", "联系记录"),
        ("DELETE FROM visits WHERE ticket_id = :id", "被删除"),
        ("UPDATE replies SET opinion = 'dissatisfied' WHERE ticket_id = :id", "回复"),
        ("UPDATE journal_events SET name = 'visit.excepted' WHERE subject_id = :id AND subject_seq = 5", "内容被改"),
        ("DELETE FROM journal_events WHERE subject_id = :id AND subject_seq = 4", "缺少记录"),
    ],
)
def test_every_later_change_of_a_record_is_found(world: World, config: Config, tamper: str, said: str) -> None:
    number = f"V{new_id()[-10:]}"
    ticket_id = world.handling(number=number)
    world.liaison.contact(ticket_id, ago=3)
    world.liaison.reply(ticket_id)
    clean = command_line(config, "verify", number)
    assert clean.returncode == 0, clean.stdout + clean.stderr
    with world.database.unit_of_work() as session:
        # The journal names its subject as text; everywhere else ids are SQLite's uuid, written without dashes.
        bare = session.get_bind().dialect.name == "sqlite" and "journal_events" not in tamper
        done = session.execute(text(tamper), {"id": ticket_id.replace("-", "") if bare else ticket_id})
        assert done.rowcount == 1
    found = command_line(config, "verify", number)
    assert found.returncode == 1, found.stdout
    assert number in found.stdout and said in found.stdout


@pytest.mark.clause("A3")
def test_a_bundle_of_a_ticket_verifies_elsewhere_and_fails_after_one_byte(
    working: World, config: Config, tmp_path: Path
) -> None:
    ticket_id, supervisor = working.closed(), working.phone("supervisor")
    supervisor.do("bundle.make", ticket_id, bundle_id=new_id(), reason="上级提级核查", unmasked=False)

    def finished() -> dict[str, Any] | None:
        row = supervisor.call("GET", f"/api/v1/tickets/{ticket_id}/bundles").get_json()["bundles"][0]
        return row if row["state"] not in ("waiting", "making") else None

    row = eventually(finished)
    assert row["state"] == "ready", row["message"]
    content = supervisor.call("GET", f"/api/v1/bundles/{row['id']}/file").data
    assert hashlib.sha256(content).hexdigest() == row["sha256"]
    file = tmp_path / "bundle.zip"
    file.write_bytes(content)
    found = command_line(config, "verify-bundle", str(file))
    assert found.returncode == 0, found.stdout + found.stderr
    for at in (0, len(content) // 3, len(content) // 2, len(content) - 1):
        file.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        assert command_line(config, "verify-bundle", str(file)).returncode == 1, at


@pytest.mark.clause("A6")
def test_the_phone_does_not_wait_while_workers_compress_and_check(working: World) -> None:
    ticket_id, liaison = working.handling(), working.liaison
    big, broken = photo(81, 3200, 2400), photo(82)[:200]
    ids = [liaison.declare(ticket_id, content, "before") for content in (big, broken)]
    assert [liaison.upload(i, c).status_code for i, c in zip(ids, (big, broken), strict=True)] == [204, 204]

    def settled() -> dict[str, dict[str, Any]] | None:
        rows = {e["id"]: e for e in liaison.detail(ticket_id)["evidence"]}
        return rows if all(row["state"] in ("ready", "rejected") for row in rows.values()) else None

    rows = eventually(settled)
    good, bad = (rows[i] for i in ids)
    assert (good["state"], good["has_display"], good["has_thumb"]) == ("ready", True, True)
    assert (good["width"], good["height"]) == (3200, 2400)
    for rendition, longest in (("display", 2304), ("thumb", 320)):
        answer = liaison.call("GET", f"/api/v1/evidence/{ids[0]}/{rendition}")
        assert max(Image.open(io.BytesIO(answer.data)).size) <= longest
    assert liaison.call("GET", f"/api/v1/evidence/{ids[0]}/original").data == big
    assert bad["state"] == "rejected" and bad["reason"].endswith("。")


@pytest.mark.clause("A6")
def test_uploads_and_commands_are_taken_while_no_worker_is_there(world: World) -> None:
    ticket_id, content = world.handling(), photo(91)
    evidence_id = world.liaison.declare(ticket_id, content, "after")
    assert world.liaison.upload(evidence_id, content).status_code == 204
    row = world.liaison.detail(ticket_id)["evidence"][0]
    assert row["state"] in ("received", "ready") and row["received_bytes"] == len(content)
