"""Spot checks through the door: who may look, what a blind second look sees, and that no unit learns too early."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from inspecting import FAKED, PLAN, Bureau
from lasting import shared
from marshmallow import Schema
from scenario import World
from sqlalchemy import select, text

from app import clock
from app.evidence.storage import DiskStore
from app.ids import new_id
from app.journal.models import Event
from app.oversight.findings import jobs as findings
from app.oversight.inspections import schemas_draws as lot_wire
from app.oversight.inspections import schemas_http as wire
from app.oversight.inspections.models import InspectionCase, InspectionDraw, InspectionLook
from app.oversight.inspections.schemas_results import InspectionResults
from app.people.models import Deputation, Membership
from app.people.permissions import LIAISON
from app.setup import add_member

pytestmark = pytest.mark.slow

__all__ = ["shared"]
BASE = "/api/v1/oversight/inspections"


@pytest.fixture(scope="module")
def bureau(shared: World) -> Bureau:
    return Bureau(shared)


def drawn(bureau: Bureau, count: int = 1, **plan: Any) -> list[str]:
    """Close tickets and draw all of them; return their ids."""
    bureau.plan(**plan)
    bureau.draw()
    tickets = [bureau.world.closed() for _ in range(count)]
    bureau.draw()
    return tickets


# ---------------------------------------------------------------- the draw


@pytest.mark.clause("A5")
def test_a_seed_is_committed_to_before_the_period_and_drawn_from_after_it(bureau: Bureau) -> None:
    [ticket_id] = drawn(bureau)
    with bureau.world.database.read() as session:
        case = session.scalars(select(InspectionCase).where(InspectionCase.ticket_id == ticket_id)).one()
        row = session.get_one(InspectionDraw, case.draw_id)
        assert row.drawn_at is not None and row.committed_at <= row.begins_at < row.ends_at <= row.drawn_at
        events = list(session.scalars(select(Event.name).where(Event.subject_id == row.id).order_by(Event.seq)))
    assert events == ["inspection.committed", "inspection.drawn"]
    known = bureau.world.liaison.call("GET", f"{BASE}/commitments").get_json()["commitments"]
    mine = next(c for c in known if c["id"] == row.id)
    assert mine["commitment"] == row.commitment and mine["seed"] is None
    assert any(c["population_hash"] is None and c["seed"] is None for c in known), "the next one is published already"


@pytest.mark.clause("A5")
def test_anyone_inside_can_draw_again_and_a_changed_frame_is_found(bureau: Bureau) -> None:
    [ticket_id] = drawn(bureau)
    draw_id = bureau.row(bureau.case_of(ticket_id)).draw_id
    whole = bureau.first.call("GET", f"{BASE}/draws/{draw_id}").get_json()
    assert whole["sample_ids"] == [ticket_id] and whole["chances"][ticket_id] == 1
    found = bureau.first.call("GET", f"{BASE}/draws/{draw_id}/verification").get_json()
    assert found == {
        "holds": True, "seed": True, "population": True, "sample": True, "chances": True, "foreign": []
    }  # fmt: skip
    frame = whole["frame"]
    tampered = {
        "population": ("frame", json.dumps([[*frame[0][:3], 9999, frame[0][4]]])),
        "sample": ("frame", json.dumps([])),
        "seed": ("seed", "0" * 64),
    }
    for what, (column, value) in tampered.items():
        with bureau.world.database.unit_of_work() as session:
            before = getattr(session.get_one(InspectionDraw, draw_id), column)
            _set(session, draw_id, column, value)
        again = bureau.first.call("GET", f"{BASE}/draws/{draw_id}/verification").get_json()
        assert again["holds"] is False and again[what] is False, what
        with bureau.world.database.unit_of_work() as session:
            _set(session, draw_id, column, before if isinstance(before, str) else json.dumps(before))
    foreign = [[ticket_id, *frame[0][1:4], "f" * 64]]
    with bureau.world.database.unit_of_work() as session:
        _set(session, draw_id, "frame", json.dumps(foreign))
    assert bureau.first.call("GET", f"{BASE}/draws/{draw_id}/verification").get_json()["foreign"] == [ticket_id]


def _set(session: Any, draw_id: str, column: str, value: str) -> None:
    bare = draw_id.replace("-", "") if session.get_bind().dialect.name == "sqlite" else draw_id
    session.execute(text(f"UPDATE inspection_draws SET {column} = :v WHERE id = :i"), {"v": value, "i": bare})


def test_a_plan_holds_from_the_next_period_and_one_that_ends_leaves_nothing_committed(bureau: Bureau) -> None:
    bureau.plan(share=50)
    bureau.draw()
    answer = bureau.first.call("GET", f"{BASE}/plan").get_json()
    assert answer["plan"]["share"] == 50 and answer["next_begins_at"] is not None
    running = _pending(bureau)
    bureau.plan(share=10, period="weekly")
    after = _pending(bureau)
    assert after[0] == running[0], "the period that has begun goes by the plan it began under"
    assert [kind for _, kind in after] == ["daily", "weekly"]
    bureau.plan(enabled=False)
    assert [kind for _, kind in _pending(bureau)] == ["daily"]
    known = bureau.world.liaison.call("GET", f"{BASE}/commitments").get_json()["commitments"]
    assert any(c["voided_at"] and c["seed"] for c in known)


def _pending(bureau: Bureau) -> list[tuple[str, str]]:
    with bureau.world.database.read() as session:
        query = (
            select(InspectionDraw.id, InspectionDraw.period)
            .where(
                InspectionDraw.jurisdiction_id == bureau.world.profile,
                InspectionDraw.drawn_at.is_(None),
                InspectionDraw.voided_at.is_(None),
            )
            .order_by(InspectionDraw.begins_at)
        )
        return [(i, kind) for i, kind in session.execute(query)]


def test_the_tick_can_run_twice_and_a_ticket_under_way_is_not_drawn_again(bureau: Bureau) -> None:
    [ticket_id] = drawn(bureau)
    assert bureau.tick() == 0
    bureau.draw()
    with bureau.world.database.read() as session:
        found = select(InspectionCase.id).where(InspectionCase.ticket_id == ticket_id)
        assert len(session.scalars(found).all()) == 1


# ---------------------------------------------------------------- who may look


@pytest.mark.clause("A5")
def test_whoever_handled_signed_or_led_a_ticket_does_not_check_it(bureau: Bureau) -> None:
    [ticket_id] = drawn(bureau)
    world, case_id = bureau.world, bureau.case_of(ticket_id)
    people = {
        "liaison": "handled", "leader": "signed", "station": "signed", "deputy": "led", "chief": "led",
    }  # fmt: skip
    for who in people:
        with world.database.unit_of_work() as session:
            add_member(session, world.people[who], world.units["station"], "supervisor", None)
        assert ticket_id not in bureau.queue(who), who
        answer = world.phone(who).call("GET", f"{BASE}/cases/{case_id}")
        assert answer.get_json()["code"] == "inspection_not_independent", who
        for name, args in (
            ("inspection.judge", {"look_id": new_id(), "verdict": "genuine"}), ("inspection.claim", {}),
        ):  # fmt: skip
            assert world.phone(who).refused(name, None, case_id=case_id, **args) == "inspection_not_independent", who
        assert bureau.first.refused(
            "inspection.assign", None, case_id=case_id, person_id=world.people[who].id
        ) == "inspection_not_independent"  # fmt: skip
    for who in people:
        _leave(world, who)
    assert ticket_id in bureau.queue()


def _leave(world: World, who: str) -> None:
    """End the person's term as a supervisor: the other tests want the town as it was."""
    with world.database.unit_of_work() as session:
        query = select(Membership).where(Membership.person_id == world.people[who].id, Membership.role == "supervisor")
        for row in session.scalars(query):
            row.until = clock.now()


def test_a_deputy_of_the_leader_meanwhile_does_not_check_either_also_when_the_term_is_over(bureau: Bureau) -> None:
    [ticket_id] = drawn(bureau)
    world, now = bureau.world, clock.now()
    with world.database.unit_of_work() as session:
        session.add(
            Deputation(
                id=new_id(), principal_id=world.people["leader"].id, deputy_id=world.people["fourth"].id,
                since=now - timedelta(days=2), until=now - timedelta(milliseconds=1), reason="出差",
                appointed_by=world.people["admin"].id,
            )
        )  # fmt: skip
    case_id = bureau.case_of(ticket_id)
    refused = world.phone("fourth").refused(
        "inspection.judge", None, case_id=case_id, look_id=new_id(), verdict="genuine"
    )
    assert refused in ("inspection_not_independent",)
    with world.database.unit_of_work() as session:
        session.query(Deputation).filter(Deputation.deputy_id == world.people["fourth"].id).delete()


def test_nobody_but_supervisors_sees_a_case(bureau: Bureau) -> None:
    [ticket_id] = drawn(bureau)
    case_id = bureau.case_of(ticket_id)
    draw_id = bureau.row(case_id).draw_id
    for who in ("liaison", "leader", "station", "admin", "neighbour"):
        phone = bureau.world.phone(who)
        for path in ("queue", f"cases/{case_id}", "draws", f"draws/{draw_id}", f"draws/{draw_id}/verification"):
            assert phone.call("GET", f"{BASE}/{path}").get_json()["code"] == "not_permitted", (who, path)
        verdict = {"look_id": new_id(), "verdict": "genuine"}
        assert phone.refused("inspection.judge", None, case_id=case_id, **verdict) == "not_permitted"
        assert phone.refused("inspection.judge", None, case_id=new_id(), **verdict) == "not_permitted"


def test_a_supervisor_who_also_works_in_a_unit_does_not_see_the_sample_before_all_is_told(bureau: Bureau) -> None:
    [ticket_id] = drawn(bureau)
    case_id, world = bureau.case_of(ticket_id), bureau.world
    draw_id = bureau.row(case_id).draw_id
    with world.database.unit_of_work() as session:
        add_member(session, world.people["fourth"], world.units["water"], LIAISON, "B")
    assert world.phone("fourth").call("GET", f"{BASE}/draws/{draw_id}").get_json()["code"] == "not_permitted"
    bureau.judge("second", case_id)
    whole = world.phone("fourth").call("GET", f"{BASE}/draws/{draw_id}")
    assert whole.status_code == 200
    with world.database.unit_of_work() as session:
        query = select(Membership).where(Membership.person_id == world.people["fourth"].id, Membership.role == LIAISON)
        session.delete(session.scalars(query).one())


# ---------------------------------------------------------------- verdicts


def test_a_case_is_taken_on_by_one_given_back_and_passed_on(bureau: Bureau) -> None:
    [ticket_id] = drawn(bureau)
    case_id, world = bureau.case_of(ticket_id), bureau.world
    bureau.first.do("inspection.claim", None, case_id=case_id)
    assert bureau.queue()[ticket_id]["state"] == "mine"
    entry = bureau.queue("second")[ticket_id]
    assert (entry["state"], entry["taken_by"]) == ("taken", "督查员甲")
    assert world.phone("second").refused("inspection.claim", None, case_id=case_id) == "inspection_claimed"
    assert ticket_id in {t["id"] for t in bureau.first.pull()["tickets"]}, "what was taken on is on the phone"
    assert world.phone("second").refused("inspection.release", None, case_id=case_id) == "inspection_not_yours"
    bureau.first.do("inspection.release", None, case_id=case_id)
    bureau.first.do("inspection.assign", None, case_id=case_id, person_id=world.people["second"].id)
    bureau.first.do("inspection.assign", None, case_id=case_id, person_id=world.people["third"].id)
    assert bureau.queue("third")[ticket_id]["state"] == "mine"
    assert bureau.queue("second")[ticket_id]["state"] == "taken"
    bureau.tick(later=timedelta(hours=49))
    assert bureau.queue("second")[ticket_id]["state"] == "todo", "what nobody worked on for two days is free again"


def test_a_bad_verdict_says_why(bureau: Bureau) -> None:
    [ticket_id] = drawn(bureau)
    case = {"case_id": bureau.case_of(ticket_id), "look_id": new_id()}
    refused = bureau.first.refused
    assert refused("inspection.judge", None, **case, verdict="doubtful") == "inspection_grounds_missing"
    unknown = {"verdict": "faked", "grounds": ["photo_unclear"]}
    assert refused("inspection.judge", None, **case, **unknown) == "inspection_ground_unknown"
    wordless = {"verdict": "faked", "grounds": ["photo_reused"]}
    assert refused("inspection.judge", None, **case, **wordless) == "inspection_note_missing"
    with_ground = {"verdict": "genuine", "grounds": ["photo_reused"]}
    assert refused("inspection.judge", None, **case, **with_ground) == "inspection_ground_unknown"
    assert refused("inspection.judge", None, **case, verdict="perhaps") == "command_invalid"
    bureau.first.do("inspection.judge", None, **case, verdict="doubtful", grounds=["photo_unclear"])
    again = {"case_id": case["case_id"], "look_id": new_id(), "verdict": "genuine"}
    assert refused("inspection.judge", None, **again) == "inspection_judged"


@pytest.mark.clause("A5")
def test_a_second_checker_does_not_see_what_the_first_one_said(bureau: Bureau) -> None:
    [ticket_id] = drawn(bureau, blind=100)
    case_id = bureau.case_of(ticket_id)
    before = bureau.queue("second")[ticket_id], bureau.shown("second", case_id)
    bureau.judge("supervisor", case_id, **FAKED)
    after = bureau.queue("second")[ticket_id], bureau.shown("second", case_id)
    assert after == before, "not even that there was a first look"
    assert bureau.row(case_id).state == "open"
    mine = bureau.shown("supervisor", case_id)
    assert mine["mine"]["verdict"] == "faked" and mine["looks"] == [] and mine["verdict"] is None
    agreed = bureau.judge("second", case_id, **FAKED | {"grounds": ["photo_screen"], "note": "翻拍另一张照片"})
    assert agreed["status"] == "applied"
    told = bureau.row(case_id)
    assert (told.state, told.verdict) == ("told", "faked")
    assert told.grounds == ["photo_reused", "photo_screen"]
    assert [look["by"] for look in bureau.shown("third", case_id)["looks"]] == ["督查员甲", "督查员second"]


def test_who_disagree_are_settled_by_a_third_who_sees_both(bureau: Bureau) -> None:
    [ticket_id] = drawn(bureau, blind=100)
    case_id = bureau.case_of(ticket_id)
    bureau.judge("supervisor", case_id, **FAKED)
    bureau.judge("second", case_id)
    assert bureau.row(case_id).state == "settling"
    for who in ("supervisor", "second"):
        assert bureau.queue(who)[ticket_id]["state"] == "judged"
        assert bureau.shown(who, case_id)["looks"] == []
        judged = {"case_id": case_id, "look_id": new_id(), "verdict": "genuine"}
        assert bureau.world.phone(who).refused("inspection.judge", None, **judged) == "inspection_judged"
    assert bureau.queue("third")[ticket_id]["state"] == "settle"
    seen = bureau.shown("third", case_id)["looks"]
    assert [(look["verdict"], look["by"]) for look in seen] == [("faked", None), ("genuine", None)]
    bureau.judge("third", case_id, "doubtful", grounds=["place_far"])
    assert (bureau.row(case_id).state, bureau.row(case_id).verdict) == ("told", "doubtful")


def test_a_verdict_is_corrected_by_its_giver_alone_and_only_before_it_is_told(bureau: Bureau) -> None:
    [ticket_id] = drawn(bureau, hold_minutes=30)
    case_id, world = bureau.case_of(ticket_id), bureau.world
    bureau.judge("supervisor", case_id, **FAKED)
    assert bureau.row(case_id).state == "held"
    new = {"case_id": case_id, "verdict": "genuine", "grounds": [], "note": "", "reason": "看错了工单"}
    assert world.phone("second").refused("inspection.correct", None, **new) == "inspection_not_yours"
    bureau.first.do("inspection.correct", None, **new)
    with world.database.read() as session:
        look = session.scalars(select(InspectionLook).where(InspectionLook.case_id == case_id)).one()
        assert (look.verdict, [f["verdict"] for f in look.former]) == ("genuine", ["faked"])
        names = select(Event.name).where(Event.subject_id == bureau.row(case_id).draw_id).order_by(Event.seq)
        assert list(session.scalars(names))[-2:] == ["inspection.judged", "inspection.corrected"]
    assert world.phone("second").refused("inspection.announce", None, case_id=case_id) == "inspection_not_yours"
    bureau.tick(later=timedelta(minutes=29))
    assert bureau.row(case_id).state == "held"
    bureau.tick(later=timedelta(minutes=31))
    assert bureau.row(case_id).state == "told"
    assert bureau.first.refused("inspection.correct", None, **new) == "inspection_told"
    assert bureau.first.refused("inspection.announce", None, case_id=case_id) == "inspection_told"


def test_a_correction_can_undo_an_agreement_but_not_what_somebody_settles(bureau: Bureau) -> None:
    [ticket_id] = drawn(bureau, blind=100, hold_minutes=30)
    case_id = bureau.case_of(ticket_id)
    bureau.judge("supervisor", case_id)
    assert bureau.first.refused("inspection.announce", None, case_id=case_id) == "inspection_not_open"
    bureau.judge("second", case_id)
    assert bureau.row(case_id).state == "held"
    new = {"case_id": case_id, "reason": "漏看一张照片", **FAKED}
    bureau.world.phone("second").do("inspection.correct", None, **new)
    assert (bureau.row(case_id).state, bureau.row(case_id).verdict) == ("settling", None)
    bureau.world.phone("third").do("inspection.claim", None, case_id=case_id)
    assert bureau.first.refused("inspection.correct", None, **new) == "inspection_not_open"


# ---------------------------------------------------------------- what the unit knows


@pytest.mark.clause("A5")
def test_a_unit_does_not_learn_that_it_was_drawn(bureau: Bureau) -> None:
    """Everything a liaison's phone can ask is the same to the letter before the draw and after a verdict on hold."""
    world = bureau.world
    bureau.plan(blind=100, hold_minutes=60)
    bureau.draw()
    ticket_id = world.closed()
    before = {who: _all_that(world, who, ticket_id) for who in ("liaison", "deputy", "leader")}
    bureau.draw()
    case_id = bureau.case_of(ticket_id)
    bureau.first.do("inspection.claim", None, case_id=case_id)
    bureau.judge("supervisor", case_id, **FAKED)
    bureau.judge("second", case_id)
    bureau.judge("third", case_id, **FAKED)
    assert bureau.row(case_id).state == "held"
    for who, seen in before.items():
        assert _all_that(world, who, ticket_id) == seen, who
    bureau.tick(later=timedelta(minutes=61))
    assert _all_that(world, "liaison", ticket_id) != before["liaison"]
    assert world.liaison.detail(ticket_id)["inspections"][0]["verdict"] == "faked"
    assert "督查员" not in json.dumps(world.liaison.ticket(ticket_id), ensure_ascii=False), "nor who judged"


def _all_that(world: World, who: str, ticket_id: str) -> dict[str, Any]:
    phone = world.phone(who)
    pulled = phone.pull()
    results = phone.call("GET", f"{BASE}/results").get_json()
    return {
        "ticket": phone.ticket(ticket_id),
        "events": phone.events(ticket_id),
        "tickets": sorted(pulled["tickets"], key=lambda t: t["id"]),
        "inbox": pulled["inbox"],
        "units": pulled["units"],
        "results": {key: results.get(key) for key in ("units", "total", "code")},
    }


def test_the_seed_is_published_only_when_the_last_case_is_told(bureau: Bureau) -> None:
    one, two = drawn(bureau, 2)
    draw_id = bureau.row(bureau.case_of(one)).draw_id

    def seed() -> str | None:
        known = bureau.world.liaison.call("GET", f"{BASE}/commitments").get_json()["commitments"]
        found: str | None = next(c["seed"] for c in known if c["id"] == draw_id)
        return found

    bureau.judge("supervisor", bureau.case_of(one))
    assert seed() is None, "with it a unit could reckon which of its other tickets were drawn"
    bureau.judge("supervisor", bureau.case_of(two))
    assert seed() is not None


# ---------------------------------------------------------------- afterwards


@pytest.mark.clause("A5")
def test_a_unit_puts_right_what_was_found_and_is_told_to_do_it_again(bureau: Bureau) -> None:
    [ticket_id] = drawn(bureau)
    world, case_id = bureau.world, bureau.case_of(ticket_id)
    answer = {"case_id": case_id, "text": "已重新到现场办理并补拍照片，详见佐证。"}
    assert world.liaison.refused("inspection.rectify", ticket_id, **answer) == "inspection_not_found"
    bureau.judge("supervisor", case_id, **FAKED)
    shown = world.liaison.detail(ticket_id)["inspections"][0]
    assert shown["label"] == "弄虚作假" and shown["grounds"] == ["使用旧照片或其他工单的照片"]
    assert shown["rectification"]["state"] == "open" and shown["rectification"]["due_at"] > shown["told_at"]
    assert world.phone("neighbour").refused("inspection.rectify", ticket_id, **answer) == "ticket_not_found"
    unknown = answer | {"evidence_ids": [new_id()]}
    assert world.liaison.refused("inspection.rectify", ticket_id, **unknown) == "proof_unknown"
    world.liaison.do("inspection.rectify", ticket_id, **answer)
    assert world.liaison.refused("inspection.rectify", ticket_id, **answer) == "inspection_rectification_not_open"
    follow = bureau.first.call("GET", f"{BASE}/queue").get_json()["follow"]
    assert [f["rectification"] for f in follow if f["case_id"] == case_id] == ["answered"]
    bureau.first.do("inspection.review", ticket_id, case_id=case_id, passed=False, note="照片仍看不出变化")
    assert world.liaison.detail(ticket_id)["inspections"][0]["rectification"]["state"] == "open"
    world.phone("leader").do("inspection.rectify", ticket_id, **answer)
    bureau.first.do("inspection.review", ticket_id, case_id=case_id, passed=True, note="整改到位")
    task = world.liaison.detail(ticket_id)["inspections"][0]["rectification"]
    assert (task["state"], [r["passed"] for r in task["rounds"]]) == ("passed", [False, True])
    names = [event["name"] for event in world.liaison.events(ticket_id)]
    assert names[-5:] == ["inspection.told"] + ["inspection.rectified", "inspection.reviewed"] * 2


def test_a_closed_ticket_stays_with_the_unit_while_it_has_to_answer(bureau: Bureau) -> None:
    [ticket_id] = drawn(bureau)
    bureau.judge("supervisor", bureau.case_of(ticket_id), **FAKED)
    bare = ticket_id.replace("-", "")
    with bureau.world.database.unit_of_work() as session:
        sqlite = session.get_bind().dialect.name == "sqlite"
        long_ago = clock.now() - timedelta(days=30)
        session.execute(
            text("UPDATE tickets SET closed_at = :at WHERE id = :id"),
            {"at": clock.iso(long_ago) if sqlite else long_ago, "id": bare if sqlite else ticket_id},
        )
    assert ticket_id in {t["id"] for t in bureau.world.liaison.pull()["tickets"]}
    bureau.first.do("inspection.review", ticket_id, case_id=bureau.case_of(ticket_id), passed=True, note="免予整改")
    assert bureau.world.liaison.detail(ticket_id)["inspections"][0]["rectification"]["state"] == "waived"


@pytest.mark.clause("A5")
def test_an_appeal_is_decided_by_somebody_who_did_not_judge(bureau: Bureau) -> None:
    [ticket_id] = drawn(bureau)
    world, case_id = bureau.world, bureau.case_of(ticket_id)
    appeal = {"case_id": case_id, "reason": "照片是同一地点两次办理，并非重复使用，请复核。"}
    bureau.judge("supervisor", case_id, **FAKED)
    world.liaison.do("inspection.appeal", ticket_id, **appeal)
    assert world.liaison.refused("inspection.appeal", ticket_id, **appeal) == "inspection_appealed"
    decision = {"case_id": case_id, "granted": True, "verdict": "genuine", "note": "经核对原件，不是同一张照片"}
    assert bureau.first.refused("inspection.decide", ticket_id, **decision) == "inspection_appeal_own"
    second = world.phone("second")
    same = decision | {"verdict": "faked", "grounds": ["photo_reused"]}
    assert second.refused("inspection.decide", ticket_id, **same) == "inspection_verdict_same"
    second.do("inspection.decide", ticket_id, **decision)
    assert second.refused("inspection.decide", ticket_id, **decision) == "inspection_appeal_none"
    shown = world.liaison.detail(ticket_id)["inspections"][0]
    assert shown["verdict"] == "genuine" and shown["appeal"]["granted"] is True
    assert shown["rectification"]["state"] == "waived"


def test_a_refused_appeal_gives_back_the_time_it_took(bureau: Bureau) -> None:
    [ticket_id] = drawn(bureau)
    world, case_id = bureau.world, bureau.case_of(ticket_id)
    bureau.judge("supervisor", case_id, **FAKED)
    due = world.liaison.detail(ticket_id)["inspections"][0]["rectification"]["due_at"]
    world.liaison.do("inspection.appeal", ticket_id, case_id=case_id, reason="照片是同一地点两次办理，请复核。")
    world.phone("second").do("inspection.decide", ticket_id, case_id=case_id, granted=False, note="两张照片逐像素相同")
    shown = world.liaison.detail(ticket_id)["inspections"][0]
    assert shown["verdict"] == "faked" and shown["rectification"]["due_at"] > due


def test_there_is_nothing_to_appeal_against_being_found_honest(bureau: Bureau) -> None:
    [ticket_id] = drawn(bureau)
    case_id = bureau.case_of(ticket_id)
    bureau.judge("supervisor", case_id)
    args = {"case_id": case_id, "reason": "希望再次核实本单位的办理。"}
    assert bureau.world.liaison.refused("inspection.appeal", ticket_id, **args) == "inspection_no_appeal"
    told = bureau.world.liaison.detail(ticket_id)["inspections"][0]
    assert told["label"] == "属实" and told["rectification"] is None


@pytest.mark.clause("A5")
def test_results_count_the_verdict_that_stands(bureau: Bureau) -> None:
    for case in map(bureau.case_of, drawn(bureau, 2, blind=100)):
        bureau.judge("supervisor", case, **FAKED)
        bureau.judge("second", case, **FAKED)
    answer = bureau.first.call("GET", f"{BASE}/results").get_json()
    town = next(u for u in answer["units"] if u["unit"]["id"] == bureau.world.units["town"].id)
    with bureau.world.database.read() as session:
        # Some were told by a relay of tomorrow.
        rows = list(session.scalars(select(InspectionCase.verdict).where(InspectionCase.told_at <= clock.now())))
    assert town["cases"] == len(rows)
    assert town["verdicts"]["faked"] == rows.count("faked") and town["bad"] == len(rows) - rows.count("genuine")
    assert town["raw"]["low"] <= town["raw"]["share"] <= town["raw"]["high"]
    assert answer["checkers"]["agreement"]["pairs"] >= 2
    own = bureau.world.phone("leader").call("GET", f"{BASE}/results").get_json()
    assert [u["unit"]["id"] for u in own["units"]] == [bureau.world.units["town"].id]
    assert own["checkers"] is None and own["findings"] is None
    assert bureau.world.phone("neighbour").call("GET", f"{BASE}/results").get_json()["units"] == []


def test_a_plan_is_tried_before_it_holds(bureau: Bureau) -> None:
    body = {k: v for k, v in PLAN.items() if k != "note"}
    answer = bureau.first.call("POST", f"{BASE}/plan/preview", json=body)
    assert answer.status_code == 200 and len(answer.get_json()["periods"]) == 4
    wrong = bureau.first.call("POST", f"{BASE}/plan/preview", json=body | {"share": 0})
    assert wrong.status_code == 422
    assert bureau.world.liaison.call("POST", f"{BASE}/plan/preview", json=body).status_code == 403


def test_what_is_read_is_what_the_interface_says(bureau: Bureau) -> None:
    """Field by field, with something in every list."""
    one, two = drawn(bureau, 2, blind=100)
    for who, case in (("supervisor", bureau.case_of(one)), ("second", bureau.case_of(one))):
        bureau.judge(who, case, **FAKED)
    bureau.world.liaison.do("inspection.rectify", one, case_id=bureau.case_of(one), text="已重新到现场办理并补拍照片。")
    bureau.judge("supervisor", bureau.case_of(two))
    bureau.judge("second", bureau.case_of(two), **FAKED)
    draw_id = bureau.row(bureau.case_of(two)).draw_id
    reads: dict[str, Schema] = {
        "queue": wire.InspectionQueue(),
        f"cases/{bureau.case_of(two)}": wire.InspectionCase(),
        "commitments": lot_wire.InspectionCommitments(),
        "draws": lot_wire.InspectionDraws(),
        f"draws/{draw_id}": lot_wire.InspectionDrawWhole(),
        f"draws/{draw_id}/verification": lot_wire.InspectionVerification(),
        "plan": lot_wire.InspectionPlans(),
        "results": InspectionResults(),
    }
    third = bureau.world.phone("third")
    for path, schema in reads.items():
        body = third.call("GET", f"{BASE}/{path}").get_json()
        assert schema.validate(body) == {}, path
        assert all(body.get(key, True) for key in ("cases", "follow", "draws", "frame", "units", "looks")), path
    body = {k: v for k, v in PLAN.items() if k != "note"}
    tried = third.call("POST", f"{BASE}/plan/preview", json=body).get_json()
    assert lot_wire.InspectionPreview().validate(tried) == {}
    for path in ("cases", "draws"):
        for nothing in (new_id(), "x"):
            answer = third.call("GET", f"{BASE}/{path}/{nothing}").get_json()
            assert answer["code"] in ("inspection_not_found", "inspection_draw_not_found")


@pytest.mark.clause("U4.8", "X3.5", partial="call-backs are tried in their own places")
def test_a_checker_has_the_pictures_and_where_they_were_taken_before_him(bureau: Bureau) -> None:
    bureau.plan()
    bureau.draw()
    ticket_id = bureau.world.closed(position={"lat": 40.4075, "lon": 110.0338})
    bureau.draw()
    facts = bureau.shown("supervisor", bureau.case_of(ticket_id))["facts"]
    ticket = bureau.first.ticket(ticket_id)
    assert [p["phase"] for p in facts["photos"]] == ["before", "after"]
    assert all(p["sealed"]["whole"] and p["upload_s"] is not None for p in facts["photos"])
    assert facts["place"] == {"lat": 40.4075, "lon": 110.0338}
    [pair] = facts["pairs"]
    assert pair["gap_s"] is not None and pair["same_bytes"] is False
    for photo in facts["photos"]:
        answer = bureau.first.call("GET", f"/api/v1/evidence/{photo['evidence_id']}/original")
        assert answer.status_code == 200
    assert ticket["detail"]["visits"] and ticket["detail"]["contacts"] is not None


def test_findings_weigh_in_the_draw_and_stand_on_the_case(bureau: Bureau) -> None:
    world = bureau.world
    bureau.plan()
    bureau.draw()
    ticket_id = world.closed()
    photo_id = world.liaison.declare(ticket_id, b"another" * 9, "after", source="gallery")
    assert photo_id
    store = DiskStore(world.app.extensions["doorstep.config"].evidence_dir)
    findings.look(world.database, store, ticket_id, clock.now())
    bureau.draw()
    case = bureau.row(bureau.case_of(ticket_id))
    shown = bureau.shown("supervisor", case.id)
    assert "gallery" in {s["key"] for s in shown["signals"]}
    assert "gallery" not in json.dumps(world.liaison.detail(ticket_id)["inspections"])
    assert any(s["key"] == "gallery" for s in bureau.first.call("GET", f"{BASE}/plan").get_json()["signals"])
