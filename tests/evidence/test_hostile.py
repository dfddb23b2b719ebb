"""Hostile photos have an outcome: renditions and prints, or a reason; never a crash, never more than 200 MB."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import scenario
from evidence import corpus, hostile

from app import clock
from app.evidence import fingerprints, jobs, likeness, photos, prints
from app.evidence.media import Rejected
from app.evidence.models import PhotoPrint
from app.evidence.storage import DiskStore
from config import Config

FILES = hostile.files()
MEMORY_MB = 200
_PROGRAM = """
import json, re, sys
from pathlib import Path
from app.evidence import photos, prints
from app.evidence.media import Rejected
def peak():
    return int(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1])
before = peak()
try:
    photo = photos.render(Path(sys.argv[1]), sys.argv[2])
    prints.taken(photo.thumb, photo.recapture)
    outcome = 'ready'
except Rejected as rejected:
    outcome = rejected.code
print(json.dumps([outcome, peak() - before]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_no_file_takes_the_worker_down_or_its_memory(name: str, tmp_path: Path) -> None:
    media_type, content = FILES[name]
    path = tmp_path / "original"
    path.write_bytes(content)
    command = [sys.executable, "-c", _PROGRAM, path, media_type]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr[-600:]
    outcome, added_kb = json.loads(done.stdout)
    assert outcome in ("ready", "photo_damaged", "photo_too_many_pixels", "evidence_mislabelled")
    assert added_kb < MEMORY_MB * 1024


@pytest.mark.parametrize("path", corpus.real("broken"), ids=lambda p: p.name)
def test_files_that_broke_other_readers_have_prints(path: Path) -> None:
    photo = photos.render(path, "image/jpeg")
    columns = prints.taken(photo.thumb, photo.recapture)
    assert len(columns["prints"]) == len(fingerprints.CROPS) * 32


@pytest.mark.parametrize("name", FILES)
def test_renditions_hold_nothing_of_what_was_hidden(name: str, tmp_path: Path) -> None:
    media_type, content = FILES[name]
    path = tmp_path / "original"
    path.write_bytes(content)
    try:
        photo = photos.render(path, media_type)
    except Rejected:
        return
    for made in (photo.display, photo.thumb):
        assert made.startswith(b"\xff\xd8\xff") and made.endswith(b"\xff\xd9")
        assert b"<script" not in made and b"PK\x03\x04" not in made
    assert all("\0" not in str(value) and "\x1b" not in str(value) for value in photo.facts.values())
    assert len(str(photo.facts)) < 600


@pytest.mark.slow
@pytest.mark.clause("A3", "A6")
def test_what_cannot_be_opened_is_kept_marked_and_never_served_as_something_active(
    world: scenario.World, config: Config, ticket_id: str
) -> None:
    store = DiskStore(config.evidence_dir)
    for name in ("JPEG of 0 x 0", "three bytes", "GIF that calls itself a JPEG", "noise after the first bytes",
                 "PNG that promises 2.5 gigapixels", "JPEG and page behind it"):  # fmt: skip
        media_type, content = FILES[name]
        evidence_id = world.liaison.declare(ticket_id, content, "before", media_type=media_type)
        assert world.liaison.upload(evidence_id, content).status_code == 204
        jobs.render(world.database, store, evidence_id, clock.now())
        shown: dict[str, Any] = next(e for e in world.leader.detail(ticket_id)["evidence"] if e["id"] == evidence_id)
        assert (shown["state"] == "ready") == (name == "JPEG and page behind it"), name
        assert shown["reason"] or shown["state"] == "ready"
        original = world.leader.call("GET", f"/api/v1/evidence/{evidence_id}/original")
        assert original.data == content, "kept to the byte, for a person to look at"
        assert original.headers["X-Content-Type-Options"] == "nosniff"
        assert original.mimetype in (media_type, "application/octet-stream") and "html" not in original.mimetype
        with world.database.read() as session:
            assert (session.get(PhotoPrint, evidence_id) is not None) == (shown["state"] == "ready")
            assert likeness.like(session, store, evidence_id) == []
