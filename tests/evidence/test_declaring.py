"""Evidence is sealed at capture: what is declared, by whom, and what may no longer be changed."""

from __future__ import annotations

import hashlib

import pytest
import scenario
from sqlalchemy import select

from app import clock
from app.evidence import media
from app.evidence.queries import usable_evidence
from app.ids import new_id
from app.journal.models import Event

pytestmark = pytest.mark.slow

CONTENT = scenario.photo(40)


def args_of(**other: object) -> dict[str, object]:
    return {
        "evidence_id": new_id(), "sha256": hashlib.sha256(CONTENT).hexdigest(), "size": len(CONTENT),
        "media_type": "image/jpeg", "kind": "photo", "phase": "before", "captured_at": scenario.later(),
        "source": "camera",
    } | other  # fmt: skip


def shown(phone: scenario.Phone, ticket_id: str) -> list[dict[str, object]]:
    return phone.detail(ticket_id)["evidence"]


@pytest.mark.clause("A3")
def test_declaring_seals_hash_size_and_place_in_the_journal(world: scenario.World, ticket_id: str) -> None:
    where = {"lat": 40.4088, "lon": 110.0401, "accuracy_m": 8.0, "datum": "gcj02", "at": scenario.later()}
    args = args_of(position=where, note="楼道 13812345678")
    world.liaison.do("evidence.declare", ticket_id, **args)
    (found,) = shown(world.leader, ticket_id)
    assert found["state"] == "declared" and found["received_bytes"] == 0 and found["has_display"] is False
    assert (found["sha256"], found["size"]) == (args["sha256"], args["size"])
    assert found["position"]["datum"] == "wgs84" and found["position"]["reported_datum"] == "gcj02"
    assert 0.0005 < abs(found["position"]["lat"] - 40.4088) < 0.003 or abs(found["position"]["lon"] - 110.0401) > 0.002
    assert "13812345678" not in str(found["note"])
    names = [event["name"] for event in world.liaison.events(ticket_id)]
    assert names.count("evidence.declared") == 1


@pytest.mark.clause("A3")
def test_several_fixes_the_bracket_of_time_and_the_device_are_kept(world: scenario.World, ticket_id: str) -> None:
    """What makes a claim checkable: how the fix came about, and between which of the server's own instants."""
    beacon = world.liaison.pull()["beacon"]
    fixes = {"samples": 7, "spread_m": 4.5, "span_s": 6.2}
    where = {"lat": 40.4088, "lon": 110.0401, "accuracy_m": 8.0, "at": scenario.later(), **fixes}
    command = world.liaison.command("evidence.declare", ticket_id, **args_of(position=where)) | {"beacon": beacon}
    assert world.liaison.send_batch([command])["receipts"][0]["status"] == "applied"
    (found,) = shown(world.leader, ticket_id)
    assert {name: found["position"][name] for name in fixes} == fixes
    issued, declared = clock.parse(found["issued_at"]), clock.parse(found["declared_at"])
    assert issued == clock.from_epoch_ms(int(beacon.partition(".")[0])) and issued <= declared <= clock.now()
    assert found["device"]["name"] == "测试机"
    with world.database.read() as session:
        event = session.scalars(select(Event).where(Event.name == "evidence.declared")).one()
        assert event.payload["issued_at"] == found["issued_at"] and event.payload["samples"] == 7
        assert event.payload["device_id"] == found["device"]["id"]


def test_a_phone_of_before_declares_as_ever(world: scenario.World, ticket_id: str) -> None:
    world.liaison.do("evidence.declare", ticket_id, **args_of(position={"lat": 40.4, "lon": 110.0}))
    (found,) = shown(world.leader, ticket_id)
    assert found["position"]["samples"] is None and found["issued_at"] is None


def test_a_forged_beacon_bounds_nothing(world: scenario.World, ticket_id: str) -> None:
    stated, _, mac = world.liaison.pull()["beacon"].partition(".")
    forged = f"{int(stated) - 86_400_000}.{mac}"
    command = world.liaison.command("evidence.declare", ticket_id, **args_of()) | {"beacon": forged}
    world.liaison.send_batch([command])
    assert shown(world.leader, ticket_id)[0]["issued_at"] is None


def test_the_phase_of_a_field_check_is_no_units(world: scenario.World, ticket_id: str) -> None:
    assert (
        world.liaison.refused("evidence.declare", ticket_id, **args_of(phase="check")) == "evidence_phase_of_supervisor"
    )


def test_declaring_the_same_again_changes_nothing(world: scenario.World, ticket_id: str) -> None:
    args = args_of()
    world.liaison.do("evidence.declare", ticket_id, **args)
    version = world.liaison.ticket(ticket_id)["version"]
    world.liaison.do("evidence.declare", ticket_id, **args)
    assert len(shown(world.liaison, ticket_id)) == 1
    assert world.liaison.ticket(ticket_id)["version"] == version


@pytest.mark.parametrize(
    "change", [{"sha256": "0" * 64}, {"size": 7}, {"phase": "after"}, {"captured_at": "2026-11-01T00:00:00Z"}]
)
def test_a_sealed_fact_cannot_be_declared_otherwise(
    world: scenario.World, ticket_id: str, change: dict[str, object]
) -> None:
    args = args_of()
    world.liaison.do("evidence.declare", ticket_id, **args)
    assert world.liaison.refused("evidence.declare", ticket_id, **args | change) == "id_taken"
    assert world.liaison.refused("evidence.declare", world.handling(), **args) == "id_taken"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"size": 0}, "evidence_empty"),
        ({"size": media.MAX_SIZE["photo"] + 1}, "evidence_too_big"),
        ({"media_type": "image/svg+xml"}, "evidence_type_wrong"),
        ({"media_type": "text/html"}, "evidence_type_wrong"),
        ({"kind": "audio"}, "evidence_type_wrong"),
        ({"sha256": "A" * 64}, "command_invalid"),
        ({"sha256": "ab"}, "command_invalid"),
        ({"phase": "during"}, "command_invalid"),
        ({"position": {"lat": 91, "lon": 0}}, "command_invalid"),
        ({"extra": 1}, "command_invalid"),
    ],
)
def test_what_cannot_be_evidence_is_refused_and_leaves_nothing(
    world: scenario.World, ticket_id: str, change: dict[str, object], code: str
) -> None:
    answer = world.liaison.try_("evidence.declare", ticket_id, **args_of(**change))
    assert (answer["status"], answer["code"]) == ("refused", code)
    assert answer["message"]
    assert shown(world.liaison, ticket_id) == []


def test_only_the_unit_that_has_the_ticket_declares(world: scenario.World, ticket_id: str) -> None:
    assert world.phone("neighbour").refused("evidence.declare", ticket_id, **args_of()) == "ticket_not_found"
    assert world.leader.refused("evidence.declare", ticket_id, **args_of()) == "not_permitted"


def test_what_the_station_hands_in_is_not_the_units(world: scenario.World, ticket_id: str) -> None:
    world.station.do("evidence.declare", ticket_id, **args_of())
    assert [piece["ours"] for piece in shown(world.liaison, ticket_id)] == [False]
    with world.database.read() as session:
        assert usable_evidence(session, ticket_id) == {}
        assert len(usable_evidence(session, ticket_id, anybodys=True)) == 1


def test_withdrawn_evidence_stays_on_record_and_counts_no_longer(world: scenario.World, ticket_id: str) -> None:
    evidence_id = world.liaison.declare(ticket_id, CONTENT, "before")
    other = world.liaison.declare(ticket_id, CONTENT, "after")
    world.liaison.do("evidence.withdraw", ticket_id, evidence_id=evidence_id, reason="拍错了地方")
    assert {e["id"]: e["state"] for e in shown(world.leader, ticket_id)} == {
        evidence_id: "withdrawn",
        other: "declared",
    }
    with world.database.read() as session:
        assert list(usable_evidence(session, ticket_id)) == [other]
    assert world.liaison.upload(evidence_id, CONTENT).status_code == 204, "nothing that was sealed is lost"
    assert world.liaison.upload(evidence_id, CONTENT).status_code == 409, "it is whole: nothing more is taken"
    assert world.leader.call("GET", f"/api/v1/evidence/{evidence_id}/original").data == CONTENT
    (taken_back,) = [e for e in shown(world.leader, ticket_id) if e["id"] == evidence_id]
    assert (taken_back["state"], taken_back["received_bytes"]) == ("withdrawn", len(CONTENT))
    assert taken_back["received_at"] is not None
    names = [event["name"] for event in world.liaison.events(ticket_id)]
    assert names.count("evidence.received") == 1
    assert (
        world.liaison.refused("evidence.withdraw", ticket_id, evidence_id=new_id(), reason="没有这份")
        == "evidence_not_found"
    )


def test_evidence_of_the_unit_before_does_not_count_for_the_next(world: scenario.World, ticket_id: str) -> None:
    world.liaison.declare(ticket_id, CONTENT, "before")
    world.station.do("ticket.reassign", ticket_id, unit_id=world.units["water"].id, reason="属于水务公司职责")
    with world.database.read() as session:
        assert usable_evidence(session, ticket_id) == {}
    assert [piece["ours"] for piece in shown(world.station, ticket_id)] == [False]


def test_capture_times_far_off_are_kept_as_claimed(world: scenario.World, ticket_id: str) -> None:
    wrong = scenario.later(hours=24 * 400)
    world.liaison.do("evidence.declare", ticket_id, **args_of(captured_at=wrong))
    (found,) = shown(world.liaison, ticket_id)
    assert found["captured_at"] == wrong
    assert abs((clock.parse(str(found["declared_at"])) - clock.now()).total_seconds()) < 60
