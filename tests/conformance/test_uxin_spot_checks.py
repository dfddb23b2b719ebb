"""乌审旗公安局: the caller is asked about the course, the pictures are looked at, the site is visited (四(八))."""

from __future__ import annotations

import pytest
from inspecting import Bureau
from scenario import World, photo

from app.ids import new_id

HERE = {"lat": 38.6, "lon": 108.84, "accuracy_m": 8.0, "samples": 5, "spread_m": 2.1, "span_s": 6.0}


@pytest.fixture(scope="module")
def bureau(shared: World) -> Bureau:
    return Bureau(World(shared.app, "uxin"))


@pytest.mark.clause("U4.8")
def test_a_finished_ticket_is_called_back_its_pictures_looked_at_and_its_site_visited(bureau: Bureau) -> None:
    world, checker = bureau.world, bureau.first
    bureau.plan()
    bureau.draw()
    ticket_id = world.closed()
    heard = {"solved": False, "satisfaction": "dissatisfied", "note": "反映人称民警未到现场"}
    world.call_back(ticket_id, **heard, reasons=[world.policy.callback.reasons[0].key])
    bureau.draw()
    case_id = bureau.case_of(ticket_id)
    (called,) = checker.detail(ticket_id)["callbacks"]
    assert called["satisfaction"] == "dissatisfied" and "未到现场" in called["note"]
    facts = bureau.shown("supervisor", case_id)["facts"]
    assert {p["phase"] for p in facts["photos"]} >= {"before", "after"}
    for seen in facts["photos"]:
        assert checker.call("GET", f"/api/v1/evidence/{seen['evidence_id']}/original").status_code == 200

    picture = photo(77)
    own = checker.declare(ticket_id, picture, "check", case_id=case_id, position=HERE)
    assert checker.upload(own, picture).status_code == 204
    found = {"check_id": new_id(), "case_id": case_id, "finding": "differs", "note": "现场与办理后照片不符"}
    checker.do("inspection.field_check", None, **found, position=HERE, evidence_ids=[own])
    (joined,) = bureau.shown("supervisor", case_id)["facts"]["field_checks"]
    assert (joined["label"], joined["note"]) == ("现场不符", "现场与办理后照片不符")
    assert world.liaison.detail(ticket_id)["inspections"] == []
    verdict = {"verdict": "faked", "grounds": ["photo_reused"], "note": "现场与办理后照片不符"}
    checker.do("inspection.judge", None, case_id=case_id, look_id=new_id(), **verdict)
    (told,) = world.liaison.detail(ticket_id)["inspections"]
    assert (told["label"], told["rectification"]["state"]) == ("弄虚作假", "open")
