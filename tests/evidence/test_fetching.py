"""Fetching originals and renditions: who may, in what form, and that nothing in them can run."""

from __future__ import annotations

import io

import pytest
import scenario
from evidence import corpus
from PIL import Image

from app import clock
from app.evidence.jobs import render
from app.evidence.storage import DiskStore
from app.ids import new_id
from config import Config

CONTENT = corpus.turned(6)


@pytest.fixture
def ready(world: scenario.World, ticket_id: str, config: Config) -> str:
    evidence_id = world.liaison.declare(ticket_id, CONTENT, "before")
    assert world.liaison.upload(evidence_id, CONTENT).status_code == 204
    render(world.database, DiskStore(config.evidence_dir), evidence_id, clock.now())
    return evidence_id


@pytest.mark.clause("A3", "A6")
def test_original_is_byte_for_byte_and_renditions_are_shown(world: scenario.World, ready: str) -> None:
    original = world.leader.call("GET", f"/api/v1/evidence/{ready}/original")
    assert original.status_code == 200 and original.data == CONTENT
    assert original.headers["Content-Disposition"].startswith("attachment; filename=before-")
    for name, edges in (("display", range(1920, 2305)), ("thumb", (320,))):
        answer = world.leader.call("GET", f"/api/v1/evidence/{ready}/{name}")
        image = Image.open(io.BytesIO(answer.data))
        assert answer.mimetype == "image/jpeg" and max(image.size) in edges and image.width > image.height
        assert not image.getexif()
        headers = answer.headers
        assert headers["X-Content-Type-Options"] == "nosniff" and "sandbox" in headers["Content-Security-Policy"]
        assert "private" in headers["Cache-Control"] and "public" not in headers["Cache-Control"]


def test_parts_and_unchanged_files_are_served_cheaply(world: scenario.World, ready: str) -> None:
    path = f"/api/v1/evidence/{ready}/original"
    part = world.liaison.call("GET", path, headers={"Range": "bytes=10-19"})
    assert part.status_code == 206 and part.data == CONTENT[10:20]
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(CONTENT)}"
    etag = world.liaison.call("GET", path).headers["ETag"]
    assert world.liaison.call("GET", path, headers={"If-None-Match": etag}).status_code == 304
    assert world.liaison.call("GET", path, headers={"Range": "bytes=99999999-"}).status_code == 416


def test_who_may_not_see_the_ticket_may_not_see_that_it_has_evidence(world: scenario.World, ready: str) -> None:
    for name in ("original", "display", "thumb"):
        answer = world.phone("neighbour").call("GET", f"/api/v1/evidence/{ready}/{name}")
        assert (answer.status_code, answer.get_json()["code"]) == (404, "evidence_not_found")
    assert world.app.test_client().get(f"/api/v1/evidence/{ready}/original").status_code == 401
    assert world.phone("supervisor").call("GET", f"/api/v1/evidence/{ready}/original").status_code == 200


def test_what_is_not_there_says_so(world: scenario.World, ticket_id: str, ready: str) -> None:
    declared = world.liaison.declare(ticket_id, b"x" * 10, "after")
    for name in ("original", "display"):
        answer = world.liaison.call("GET", f"/api/v1/evidence/{declared}/{name}")
        assert (answer.status_code, answer.get_json()["code"]) == (404, "evidence_not_ready")
    for path in (f"{ready}/audio", f"{new_id()}/original", f"{ready}/other", "x/original"):
        assert world.liaison.call("GET", f"/api/v1/evidence/{path}").status_code == 404
