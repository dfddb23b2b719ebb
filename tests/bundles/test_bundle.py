"""A ticket's bundle, asked for, made, fetched and checked as an outsider does: with the command line alone."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from bundles.conftest import Town
from inspecting import Bureau
from scenario import CALLER, photo
from sealing.tsa import identity
from sqlalchemy import update

from app import clock
from app.bundles.jobs import KEPT, expire, path_of
from app.bundles.models import Bundle
from app.bundles.schemas import BundlesOut
from app.evidence.models import Evidence
from app.evidence.storage import DiskStore
from app.ids import new_id

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


def elsewhere(file: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `doorstep verify-bundle` as on another machine: no settings, no database, no network."""
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "DATABASE_URL": "sqlite:////nonexistent/x.db"}
    return subprocess.run(
        [sys.executable, "-m", "app.cli", "verify-bundle", str(file), *arguments],
        cwd=ROOT, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip


def members(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


@pytest.mark.clause(
    "A3", "K3.10", partial="the bundle is what a supervisor takes along; the verification itself is a request"
)
def test_a_bundle_proves_itself_on_another_machine(town: Town) -> None:
    ticket_id = town.handled()
    town.seal(1)
    file = town.file(ticket_id)
    number = town.world.station.ticket(ticket_id)["number"]
    found = elsewhere(file, "--tsa-ca", town.ca)
    assert found.returncode == 0, found.stdout + found.stderr
    assert f"工单 {number} 的证据包成立" in found.stdout
    assert "2 件原件的指纹都与登记时写入流水的一致" in found.stdout
    assert re.search(r"✓ 测试时间戳 于 .+ 为 .+ 的日根签名：流水第 1–\d+ 条当时已经存在", found.stdout)
    assert "最后 1 条记录尚未封存" in found.stdout, "that the bundle was asked for is not sealed yet, and said to be so"
    # Without the authority's certificate the bundle's own is used, and that is said.
    assert "只按包内自带的根证书核对" in elsewhere(file).stdout
    saved = town.folder / "roots.json"
    saved.write_bytes(town.world.app.test_client().get("/api/v1/roots").data)
    assert "天的日根与另存的一致" in elsewhere(file, "--roots", str(saved)).stdout


def test_it_holds_the_originals_the_journal_and_a_page_to_read(town: Town) -> None:
    ticket_id = town.handled()
    town.seal(2)
    inside = members(town.file(ticket_id))
    listed = json.loads(inside["manifest.json"])
    originals = [row for row in listed["files"] if row["role"] == "original"]
    assert {hashlib.sha256(inside[row["name"]]).hexdigest() for row in originals} == {
        hashlib.sha256(photo(shade)).hexdigest() for shade in (40, 200)
    }
    assert sum(row["role"] == "rendition" for row in listed["files"]) == 4
    lines = inside["journal.jsonl"].splitlines()
    assert hashlib.sha256(lines[-1]).hexdigest() == listed["journal"]["head"], "each line is what was hashed"
    assert {"samples", "issued_at", "device_id"} <= set(listed["evidence"][0]), "what the phone knew at the capture"
    page = inside["index.html"].decode()
    assert page.count("data:image/jpeg;base64,") == 2 and "<script" not in page and "http://" not in page
    for text in (
        "楼道感应灯不亮",
        "签收",
        "工作站审核通过，办结",
        "上级提级核查",
        "现场拍摄",
        listed["evidence"][0]["sha256"],
    ):
        assert text in page, text
    assert {name.split("/")[0] for name in inside} >= {"originals", "renditions", "stamps", "proof.json", "roots.jsonl"}


def test_the_callers_data_is_masked_unless_asked_for_with_a_reason(town: Town) -> None:
    told = f"请联系{CALLER['name']}，电话{CALLER['phone']}，住{CALLER['address']}"
    ticket_id = town.world.dispatched(content=told)
    for name, content in members(town.file(ticket_id)).items():
        for value in CALLER.values():
            assert value.encode() not in content, (name, value)
    supervisor = town.world.phone("supervisor")
    command = supervisor.command("bundle.make", ticket_id, bundle_id=new_id(), reason="须当面核实", unmasked=True)
    refused = supervisor.send_batch([command])["receipts"][0]
    assert (refused["status"], refused["code"]) == ("refused", "not_permitted")
    station = town.world.station
    bundle_id = town.made(ticket_id, station, unmasked=True, reason="须当面核实")
    file = town.folder / "open.zip"
    file.write_bytes(town.fetch(bundle_id, station))
    page = members(file)["index.html"].decode()
    assert all(value in page for value in CALLER.values()) and "包含诉求人的完整信息" in page
    events = [(e["name"], e["summary"]) for e in station.events(ticket_id)]
    assert ("caller.revealed", "查看诉求人信息：导出证据包：须当面核实") in events
    assert ("bundle.asked", "导出证据包（含诉求人信息）：须当面核实") in events
    assert events[-1][0] == "bundle.fetched", "who fetched it is journalled"
    other = supervisor.call("GET", f"/api/v1/bundles/{bundle_id}/file")
    assert (other.status_code, other.get_json()["code"]) == (403, "bundle_of_other")


def test_markup_in_what_people_wrote_stays_text(town: Town) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&"
    ticket_id = town.world.handling(title=evil[:60], content=evil)
    town.world.liaison.do("thread.post", ticket_id, message_id=new_id(), text=evil)
    page = members(town.file(ticket_id, reason=evil))["index.html"].decode()
    assert "<script" not in page and "<img src=x" not in page and "&lt;script&gt;" in page
    assert "default-src 'none'" in page


def test_a_checkers_photo_is_not_found_in_a_bundle(town: Town) -> None:
    """Until the verdict is told the unit must not even learn that the ticket was drawn."""
    bureau = Bureau(town.world)
    bureau.plan()
    bureau.draw()
    ticket_id = town.world.closed()
    bureau.draw()
    case_id, picture = bureau.case_of(ticket_id), photo(99)
    own = bureau.first.declare(ticket_id, picture, "check", case_id=case_id)
    assert bureau.first.upload(own, picture).status_code == 204
    leader = town.world.leader
    content = town.fetch(town.made(ticket_id, leader), leader)
    for trace in (own, case_id, hashlib.sha256(picture).hexdigest(), "抽查"):
        assert trace.encode() not in content, trace
    file = town.folder / "leader.zip"
    file.write_bytes(content)
    assert elsewhere(file, "--tsa-ca", town.ca).returncode == 0


def test_before_the_first_seal_it_says_what_it_cannot_prove(town: Town) -> None:
    ticket_id = town.world.handling()
    with_declared_only = town.world.liaison.declare(ticket_id, photo(91), "before")
    file = town.file(ticket_id)
    found = elsewhere(file)
    assert found.returncode == 0
    assert "尚未封存" in found.stdout and "文件没有上传" in found.stdout
    listed = json.loads(members(file)["manifest.json"])
    assert [(p["id"], p["original"], p["absent"]) for p in listed["evidence"]] == [
        (with_declared_only, None, "not_uploaded")
    ]


def test_every_seal_of_the_ticket_is_in_it(town: Town) -> None:
    ticket_id = town.world.dispatched()
    town.seal(3)
    town.world.liaison.do("ticket.sign", ticket_id)
    # What is recorded now belongs to a day that is sealed already: it stands in the next seal.
    town.seal(4)
    inside = members(town.file(ticket_id))
    proof = json.loads(inside["proof.json"])["seals"]
    assert [entry["length"] for entry in proof] == sorted({entry["length"] for entry in proof}) and len(proof) == 2
    assert len(inside["roots.jsonl"].splitlines()) == 2
    assert len([name for name in inside if name.endswith(".tsr")]) == 2


def test_who_may_have_one_made_and_how_far_it_is(town: Town) -> None:
    ticket_id = town.handled()
    for who in ("liaison", "neighbour", "admin"):
        phone = town.world.phone(who)
        command = phone.command("bundle.make", ticket_id, bundle_id=new_id(), reason="想要一份", unmasked=False)
        assert phone.send_batch([command])["receipts"][0]["status"] == "refused", who
        assert phone.call("GET", f"/api/v1/tickets/{ticket_id}/bundles").status_code in (403, 404), who
    leader = town.world.leader
    bundle_id = town.ask(ticket_id, leader)

    def shown() -> dict[str, Any]:
        body = leader.call("GET", f"/api/v1/tickets/{ticket_id}/bundles").get_json()
        assert BundlesOut().validate(body) == {}
        return dict(body["bundles"][0])

    assert (shown()["state"], shown()["done"], shown()["mine"]) == ("waiting", 0, True)
    early = leader.call("GET", f"/api/v1/bundles/{bundle_id}/file")
    assert (early.status_code, early.get_json()["code"]) == (409, "bundle_not_ready")
    again = leader.command("bundle.make", ticket_id, bundle_id=new_id(), reason="再要一份", unmasked=False)
    assert leader.send_batch([again])["receipts"][0]["code"] == "bundle_under_way"
    town.relay()
    town.perform(f"bundle:{bundle_id}")
    row = shown()
    content = town.fetch(bundle_id, leader)
    assert (row["state"], row["size"], row["done"]) == ("ready", len(content), row["total"])
    assert row["sha256"] == hashlib.sha256(content).hexdigest()
    answer = leader.call("GET", f"/api/v1/bundles/{bundle_id}/file", headers={"Range": "bytes=0-9"})
    assert answer.status_code == 206 and answer.data == content[:10]
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=evidence-")
    assert answer.headers["X-Content-Type-Options"] == "nosniff" and "no-store" in answer.headers["Cache-Control"]
    for who in ("liaison", "neighbour"):
        answer = town.world.phone(who).call("GET", f"/api/v1/bundles/{bundle_id}/file")
        assert answer.status_code in (403, 404), who
    assert town.world.app.test_client().get(f"/api/v1/bundles/{bundle_id}/file").status_code == 401


def test_it_is_removed_after_a_day(town: Town) -> None:
    bundle_id = town.made(town.world.dispatched())
    path = path_of(town.config.bundle_dir, bundle_id)
    stray = path.with_name(f"{new_id()}.part")
    stray.touch()
    expire(town.world.database, town.config.bundle_dir, clock.now() + KEPT - timedelta(minutes=5))
    assert path.is_file() and not stray.exists()
    assert path.stat().st_mode & 0o077 == 0
    expire(town.world.database, town.config.bundle_dir, clock.now() + KEPT + timedelta(minutes=5))
    assert not path.exists()
    gone = town.world.phone("supervisor").call("GET", f"/api/v1/bundles/{bundle_id}/file")
    assert (gone.status_code, gone.get_json()["detail"]) == (409, "这份证据包已过期删除，请稍候再下载，或重新导出。")


def test_of_a_damaged_original_no_bundle_is_made_and_it_is_said_which(town: Town) -> None:
    ticket_id = town.handled()
    piece = town.world.station.detail(ticket_id)["evidence"][0]
    store = DiskStore(town.config.evidence_dir)
    path = store.original(piece["sha256"])
    kept = path.read_bytes()
    for damage, word in ((kept[:-1] + b"x", "与封存的指纹不符"), (None, "缺失")):
        path.chmod(0o644)
        path.unlink() if damage is None else path.write_bytes(damage)
        town.made(ticket_id)
        row = town.world.station.call("GET", f"/api/v1/tickets/{ticket_id}/bundles").get_json()["bundles"][0]
        assert row["state"] == "failed" and piece["id"] in row["message"] and word in row["message"]
        path.write_bytes(kept)
    assert not list(town.config.bundle_dir.glob("*.part"))
    town.made(ticket_id)


def test_a_worker_that_died_makes_it_again(town: Town) -> None:
    ticket_id = town.world.dispatched()
    bundle_id = town.ask(ticket_id)
    town.relay()
    with town.world.database.unit_of_work() as session:
        session.execute(update(Bundle).where(Bundle.id == bundle_id).values(state="making"))
    path = path_of(town.config.bundle_dir, bundle_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".part").write_bytes(b"half of it")
    town.perform(f"bundle:{bundle_id}")
    file = town.folder / "again.zip"
    file.write_bytes(town.fetch(bundle_id))
    assert elsewhere(file, "--tsa-ca", town.ca).returncode == 0


def test_memory_stays_bounded_whatever_the_originals_weigh(town: Town) -> None:
    """Three recordings of 120 MB each, in a process that may allocate 160 MB beyond what it needs to start."""
    ticket_id = town.world.handling()
    store = DiskStore(town.config.evidence_dir)
    for number in range(3):
        content = town.folder / f"recording-{number}"
        with content.open("wb") as file:
            file.truncate(120 * 1024 * 1024)
            file.seek(0)
            file.write(bytes([number + 1]))
        with content.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        size, evidence_id = content.stat().st_size, new_id()
        about = {"kind": "audio", "phase": "call", "source": "recorder", "captured_at": clock.iso(clock.now())}
        town.world.liaison.do(
            "evidence.declare",
            ticket_id,
            evidence_id=evidence_id,
            sha256=digest,
            size=size,
            media_type="audio/mp4",
            **about,
        )
        store.adopt(content, digest)
        content.unlink()
        with town.world.database.unit_of_work() as session:
            values = {"state": "received", "received_at": clock.now()}
            session.execute(update(Evidence).where(Evidence.id == evidence_id).values(**values))
    bundle_id = town.ask(ticket_id)
    town.relay()
    code = (
        "import resource, app.worker as w, app.bundles.jobs, app.sealing.authority\n"
        "from app.evidence.storage import DiskStore\n"
        "from app.db import Database\nfrom config import Config\n"
        "config = Config.from_environ()\n"
        "used = int(open('/proc/self/statm').read().split()[5]) * resource.getpagesize()\n"
        "limit = used + 160 * 1024 * 1024\n"
        "resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))\n"
        "context = w.Context(config, Database(config.database_url), DiskStore(config.evidence_dir))\n"
        f"w.perform_with(context, 'bundle:{bundle_id}')\n"
        "from pathlib import Path\nfrom app.bundles.check import Trust, check\n"
        f"report = check(config.bundle_dir / '{bundle_id}.zip', Trust())\n"
        "assert not report.wrong, report.wrong\n"
    )
    env = dict(
        os.environ, SECRET_KEY=town.config.secret_key, VAR_DIR=str(town.config.var_dir),
        DATABASE_URL=town.config.database_url, TSA_CA=town.ca,
    )  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    row = town.world.station.call("GET", f"/api/v1/tickets/{ticket_id}/bundles").get_json()["bundles"][0]
    assert row["state"] == "ready" and row["size"] > 360 * 1024 * 1024


def test_the_key_and_a_foreign_authority_are_compared(town: Town) -> None:
    ticket_id = town.world.dispatched()
    town.seal(6)
    file = town.file(ticket_id)
    key = json.loads(members(file)["manifest.json"])["key"]
    assert elsewhere(file, "--key", key.upper()).returncode == 0
    found = elsewhere(file, "--key", "ab" * 32)
    assert found.returncode == 1 and "清单不是用您指定的公钥签名的" in found.stdout
    other = town.folder / "other.pem"
    other.write_bytes(identity("别家").pem)
    found = elsewhere(file, "--tsa-ca", str(other))
    assert found.returncode == 1 and "时间戳不成立：签名或证书链不成立" in found.stdout
