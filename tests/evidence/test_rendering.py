"""What the worker notes: ready with its measures, or rejected with a reason; once, and on the ticket's chain."""

from __future__ import annotations

import io
from typing import Any

import pytest
import scenario
from evidence import corpus
from PIL import Image

from app import clock
from app.evidence import jobs
from app.evidence.models import Evidence
from app.evidence.queries import usable_evidence
from app.evidence.storage import DISPLAY, DiskStore
from app.verify import check, subjects
from config import Config

pytestmark = pytest.mark.slow


class Bench:
    """Declares, uploads and renders."""

    def __init__(self, world: scenario.World, config: Config, ticket_id: str) -> None:
        self.world, self.ticket_id = world, ticket_id
        self.store = DiskStore(config.evidence_dir)

    def received(self, content: bytes, **declared: Any) -> str:
        evidence_id = self.world.liaison.declare(self.ticket_id, content, "before", **declared)
        assert self.world.liaison.upload(evidence_id, content).status_code == 204
        return evidence_id

    def render(self, evidence_id: str) -> dict[str, Any]:
        jobs.render(self.world.database, self.store, evidence_id, clock.now())
        return self.shown(evidence_id)

    def shown(self, evidence_id: str) -> dict[str, Any]:
        return next(e for e in self.world.leader.detail(self.ticket_id)["evidence"] if e["id"] == evidence_id)

    def names(self) -> list[str]:
        return [event["name"] for event in self.world.leader.events(self.ticket_id)]


@pytest.fixture
def bench(world: scenario.World, config: Config, ticket_id: str) -> Bench:
    return Bench(world, config, ticket_id)


@pytest.mark.clause("A3", "A6")
def test_a_photo_becomes_ready_and_phones_hear_of_it(bench: Bench) -> None:
    evidence_id = bench.received(corpus.turned(6))
    before = bench.world.liaison.ticket(bench.ticket_id)["version"]
    shown = bench.render(evidence_id)
    assert shown["state"] == "ready" and shown["has_display"] and shown["has_thumb"] and not shown["has_audio"]
    assert (shown["width"], shown["height"]) == (3000, 2000)
    assert bench.world.liaison.ticket(bench.ticket_id)["version"] == before + 1
    assert bench.names().count("evidence.rendered") == 1


@pytest.mark.clause("A3")
def test_one_original_on_two_tickets_says_of_each_where_it_stands(bench: Bench, config: Config) -> None:
    content = corpus.encoded(corpus.scenery(1600, 1200))
    first, other = bench.received(content), bench.world.handling()
    second = bench.world.liaison.declare(other, content, "after", source="gallery")
    assert bench.world.liaison.upload(second, content).status_code == 204
    bench.render(first)
    jobs.render(bench.world.database, bench.store, second, clock.now())
    shown = bench.shown(first)
    pictures = [bench.world.leader.call("GET", f"/api/v1/evidence/{i}/display").data for i in (first, second)]
    assert pictures[0] != pictures[1], "the strip of one must not stand under the other"
    for content_ in pictures:
        image = Image.open(io.BytesIO(content_))
        assert image.size[0] == shown["display_width"] == 1600
    assert Image.open(io.BytesIO(pictures[0])).height == shown["display_height"] + shown["strip_px"]
    assert bench.store.original(shown["sha256"]).read_bytes() == content


def test_renditions_of_before_get_their_strip_and_damaged_originals_are_left(bench: Bench, config: Config) -> None:
    old, lost = bench.received(corpus.turned(1)), bench.received(corpus.turned(6))
    for evidence_id in (old, lost):
        bench.render(evidence_id)
    with bench.world.database.unit_of_work() as session:
        for evidence_id in (old, lost):
            row = session.get_one(Evidence, evidence_id)
            bench.store.put_rendition(row.sha256, DISPLAY, b"bare")
            row.strip_px = row.display_width = row.display_height = None
    assert bench.world.leader.call("GET", f"/api/v1/evidence/{old}/display").data == b"bare"
    bench.store.original(bench.shown(lost)["sha256"]).unlink()
    version = bench.world.liaison.ticket(bench.ticket_id)["version"]
    assert sorted(jobs.add_strips(bench.world.database, bench.store)) == sorted([(old, True), (lost, False)])
    assert bench.shown(old)["strip_px"] > 0 and bench.shown(lost)["strip_px"] is None
    assert bench.world.liaison.ticket(bench.ticket_id)["version"] == version + 1
    assert bench.world.leader.call("GET", f"/api/v1/evidence/{old}/display").data[:2] == b"\xff\xd8"
    assert [i for i, _ in jobs.add_strips(bench.world.database, bench.store)] == [lost]


def test_a_recording_becomes_ready_with_its_waveform(bench: Bench) -> None:
    evidence_id = bench.received(corpus.recording("audio/amr"), kind="audio", media_type="audio/amr", duration_s=99)
    shown = bench.render(evidence_id)
    assert shown["state"] == "ready" and shown["has_audio"] and len(shown["peaks"]) == 200
    assert shown["duration_s"] == pytest.approx(4.0, abs=0.2)
    answer = bench.world.leader.call("GET", f"/api/v1/evidence/{evidence_id}/audio")
    assert answer.mimetype == "audio/mp4" and answer.data[4:8] == b"ftyp"


def test_a_document_becomes_ready_as_it_is(bench: Bench) -> None:
    pdf = b"%PDF-1.7\n%%EOF\n"
    assert bench.render(bench.received(pdf, kind="document", media_type="application/pdf"))["state"] == "ready"


@pytest.mark.parametrize(
    ("content", "declared", "words"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", {}, "不符"),
        (corpus.encoded(corpus.scenery(400, 300))[:9000], {}, "损坏"),
        (corpus.huge_png(), {"media_type": "image/png"}, "像素"),
        (b"#EXTM3U\nhttp://127.0.0.1/", {"kind": "audio", "media_type": "audio/mpeg"}, "不符"),
        (b"PK\x03\x04", {"kind": "document", "media_type": "application/pdf"}, "不符"),
    ],
)
def test_what_is_no_evidence_is_rejected_with_a_reason(
    bench: Bench, content: bytes, declared: dict[str, str], words: str
) -> None:
    evidence_id = bench.received(content, **declared)
    shown = bench.render(evidence_id)
    assert shown["state"] == "rejected" and words in shown["reason"] and "{" not in shown["reason"]
    assert bench.names().count("evidence.rejected") == 1
    with bench.world.database.read() as session:
        assert evidence_id not in usable_evidence(session, bench.ticket_id)
    original = bench.world.leader.call("GET", f"/api/v1/evidence/{evidence_id}/original")
    assert original.data == content, "what was handed in can still be looked at"


def test_rendering_again_and_giving_up_late_change_nothing(bench: Bench) -> None:
    evidence_id = bench.received(corpus.turned(1))
    bench.render(evidence_id)
    version = bench.world.liaison.ticket(bench.ticket_id)["version"]
    bench.render(evidence_id)
    jobs.give_up(bench.world.database, evidence_id, clock.now())
    assert bench.shown(evidence_id)["state"] == "ready"
    assert bench.world.liaison.ticket(bench.ticket_id)["version"] == version


def test_what_was_withdrawn_while_it_waited_stays_withdrawn(bench: Bench) -> None:
    evidence_id = bench.received(corpus.turned(1))
    bench.world.liaison.do("evidence.withdraw", bench.ticket_id, evidence_id=evidence_id, reason="拍错了地方")
    assert bench.render(evidence_id)["state"] == "withdrawn"


def test_giving_up_tells_the_person(bench: Bench) -> None:
    evidence_id = bench.received(corpus.turned(1))
    jobs.give_up(bench.world.database, evidence_id, clock.now())
    assert bench.shown(evidence_id)["state"] == "rejected" and "重新拍摄" in bench.shown(evidence_id)["reason"]


def test_the_chain_holds_through_all_of_it(bench: Bench) -> None:
    for orientation in (1, 6):
        bench.render(bench.received(corpus.turned(orientation)))
    with bench.world.database.read(snapshot=True) as session:
        for _, subject_id, length, head in subjects(session):
            assert check(session, subject_id, length, head) is None
