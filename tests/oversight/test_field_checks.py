"""A supervisor repeats the photo on the spot: it joins the case, is never the unit's, and the unit hears of it last."""

from __future__ import annotations

from typing import Any

import pytest
import scenario
from inspecting import Bureau
from lasting import shared
from scenario import World

from app import clock
from app.evidence import jobs
from app.evidence.storage import DiskStore
from app.ids import new_id
from app.verify import check, subjects

__all__ = ["shared"]
HERE = {"lat": 40.4079, "lon": 110.0331, "accuracy_m": 9.0, "samples": 6, "spread_m": 3.2, "span_s": 5.0}
PICTURE = scenario.photo(61)


@pytest.fixture(scope="module")
def bureau(shared: World) -> Bureau:
    return Bureau(shared)


def drawn(bureau: Bureau) -> tuple[str, str]:
    """A ticket and the case it was drawn as."""
    bureau.plan()
    bureau.draw()
    ticket_id = bureau.world.closed()
    bureau.draw()
    return ticket_id, bureau.case_of(ticket_id)


def checked(bureau: Bureau, ticket_id: str, case_id: str, **other: Any) -> str:
    """The supervisor was there, took a picture and said what was found; return the picture's id."""
    own = bureau.first.declare(ticket_id, PICTURE, "check", case_id=case_id, position=HERE)
    assert bureau.first.upload(own, PICTURE).status_code == 204
    said = {
        "check_id": new_id(),
        "case_id": case_id,
        "finding": "differs",
        "note": "现场没有这块指示牌",
        "position": HERE,
    }
    bureau.first.do("inspection.field_check", None, **said | {"evidence_ids": [own]} | other)
    return own


def rendered(bureau: Bureau, evidence_id: str) -> None:
    """Do what the worker does."""
    folder = bureau.world.app.extensions["doorstep.config"].evidence_dir
    jobs.render(bureau.world.database, DiskStore(folder), evidence_id, clock.now())


def on_case(bureau: Bureau, case_id: str) -> list[dict[str, Any]]:
    answer = bureau.first.call("GET", f"/api/v1/oversight/inspections/cases/{case_id}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.get_json()["facts"]["field_checks"]
    return found


@pytest.mark.clause("U4.8", partial="the site visited: what was found there, with photo and place")
def test_what_was_found_on_the_spot_joins_the_case(bureau: Bureau) -> None:
    ticket_id, case_id = drawn(bureau)
    before = next(e for e in bureau.first.detail(ticket_id)["evidence"] if e["phase"] == "before")
    own = checked(bureau, ticket_id, case_id, against_id=before["id"])
    rendered(bureau, own)
    (found,) = on_case(bureau, case_id)
    assert (found["finding"], found["label"], found["against_id"]) == ("differs", "现场不符", before["id"])
    assert found["position"]["samples"] == 6 and found["photos"][0]["state"] == "ready"
    assert found["photos"][0]["by"]["id"] == bureau.first.person_id
    bureau.first.do("inspection.judge", None, case_id=case_id, look_id=new_id(), verdict="genuine", grounds=[], note="")


def test_the_unit_hears_nothing_before_the_verdict_and_sees_the_photos_after(bureau: Bureau) -> None:
    ticket_id, case_id = drawn(bureau)
    liaison = bureau.world.liaison
    before, timeline = liaison.ticket(ticket_id), liaison.events(ticket_id)
    own = checked(bureau, ticket_id, case_id)
    rendered(bureau, own)
    assert liaison.ticket(ticket_id) == before and liaison.events(ticket_id) == timeline
    for name in ("original", "display", "thumb"):
        answer = liaison.call("GET", f"/api/v1/evidence/{own}/{name}")
        assert (answer.status_code, answer.get_json()["code"]) == (404, "evidence_not_found")
        assert bureau.first.call("GET", f"/api/v1/evidence/{own}/{name}").status_code == 200
    bureau.first.do("inspection.judge", None, case_id=case_id, look_id=new_id(), verdict="genuine", grounds=[], note="")
    (opened,) = [e for e in liaison.detail(ticket_id)["evidence"] if e["id"] == own]
    assert opened["phase"] == "check" and opened["ours"] is False
    assert liaison.call("GET", f"/api/v1/evidence/{own}/display").status_code == 200
    with bureau.world.database.read(snapshot=True) as session:
        assert not [name for name, *chain in subjects(session) if check(session, *chain)]


def test_only_a_supervisor_takes_it_and_only_for_the_case_and_ticket_it_is_of(bureau: Bureau) -> None:
    ticket_id, case_id = drawn(bureau)
    args = {"evidence_id": new_id(), "sha256": "a" * 64, "size": 9, "media_type": "image/jpeg", "kind": "photo"}
    args |= {"phase": "check", "captured_at": scenario.later(), "source": "camera", "case_id": case_id}
    assert bureau.world.liaison.refused("evidence.declare", ticket_id, **args) == "not_permitted"
    assert bureau.first.refused("evidence.declare", bureau.world.handling(), **args) == "ticket_not_found"
    assert bureau.first.refused("evidence.declare", ticket_id, **args | {"phase": "after"}) == "command_invalid"
    own = checked(bureau, ticket_id, case_id)
    second = bureau.world.phone("second")
    said = {"check_id": new_id(), "case_id": case_id, "finding": "agrees", "evidence_ids": [own]}
    assert second.refused("inspection.field_check", None, **said) == "inspection_photo_unknown"
    assert bureau.world.liaison.refused("inspection.field_check", None, **said) == "not_permitted"
    assert len(on_case(bureau, case_id)) == 1


def test_after_the_verdict_nothing_joins_any_more(bureau: Bureau) -> None:
    ticket_id, case_id = drawn(bureau)
    bureau.first.do("inspection.judge", None, case_id=case_id, look_id=new_id(), verdict="genuine", grounds=[], note="")
    args = {"evidence_id": new_id(), "sha256": "b" * 64, "size": 9, "media_type": "image/jpeg", "kind": "photo"}
    args |= {"phase": "check", "captured_at": scenario.later(), "source": "camera", "case_id": case_id}
    assert bureau.first.refused("evidence.declare", ticket_id, **args) == "inspection_told"
