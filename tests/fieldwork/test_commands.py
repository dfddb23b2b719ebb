"""Contacts, visits, exceptions and progress reports through the public API."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from scenario import CALLER, World, later
from sqlalchemy import text

from app.fieldwork.queries import broken_seals, field_facts
from app.geo import to_gcj02
from app.ids import new_id

PROGRESS = "已联系供热公司现场排查，确认二楼主管道堵塞，预计后天上午更换完毕。"


@pytest.fixture
def world(app: Flask) -> World:
    return World(app)


def _progress(**other: object) -> dict[str, object]:
    return {"progress_id": new_id(), "text": PROGRESS, "caller_told": True} | other


def test_a_contact_is_logged_before_signing_and_by_the_station_too(world: World) -> None:
    ticket_id = world.dispatched()
    world.liaison.contact(ticket_id, purpose="clarify", duration_s=95, note="回拨 13812345678，问清楼栋")
    world.liaison.contact(ticket_id, to="station", purpose="clarify", channel="wechat")
    world.station.contact(ticket_id, outcome="no_answer")
    first, second, third = world.liaison.detail(ticket_id)["contacts"]
    assert (first["purpose"], first["to"], first["outcome"]) == ("clarify", "caller", "reached")
    assert first["duration_s"] == 95
    assert first["note"] == "回拨 138****5678，问清楼栋"
    assert first["by"]["name"] == "联络员甲"
    assert (second["to"], second["channel"]) == ("station", "wechat")
    assert third["by"]["name"] == "站员甲"
    names = [event["name"] for event in world.station.events(ticket_id)]
    assert names.count("contact.recorded") == 3
    with world.database.read() as session:
        facts = field_facts(session, ticket_id)
    assert (facts.reached_contacts, facts.attempts) == (1, 0), "a call by the station is not the unit's"


def test_a_contact_carries_its_recording_and_no_other(world: World) -> None:
    ticket_id, elsewhere = world.handling(), world.handling()
    recording = world.liaison.declare(
        ticket_id, b"RIFF....WAVE", "call", kind="audio", media_type="audio/wav", source="file"
    )
    world.liaison.contact(ticket_id, evidence_ids=[recording])
    assert world.liaison.detail(ticket_id)["contacts"][0]["evidence_ids"] == [recording]
    args = {"contact_id": new_id(), "purpose": "first", "to": "caller", "channel": "phone", "outcome": "reached"}
    args |= {"started_at": later(), "evidence_ids": [recording]}
    assert world.liaison.refused("contact.record", elsewhere, **args) == "contact_evidence_unknown"


def test_a_visit_keeps_who_was_met_and_where_in_wgs84(world: World) -> None:
    ticket_id = world.handling()
    wgs = (40.40951, 110.02217)
    lat, lon = to_gcj02(*wgs)
    place = {"lat": lat, "lon": lon, "accuracy_m": 12.5, "datum": "gcj02", "at": later(minutes=-1)}
    world.liaison.visit(ticket_id, mode="persuade", met="family", met_name="李小红", position=place, note="说明政策")
    visit = world.liaison.detail(ticket_id)["visits"][0]
    assert (visit["mode"], visit["met"], visit["note"]) == ("persuade", "family", "说明政策")
    assert visit["met_name"] == "李**"
    assert visit["position"]["datum"] == "wgs84"
    assert visit["position"]["lat"] == pytest.approx(wgs[0], abs=1e-6)
    assert visit["position"]["lon"] == pytest.approx(wgs[1], abs=1e-6)
    assert visit["position"]["accuracy_m"] == 12.5
    assert visit["by"] == {"id": world.liaison.person_id, "name": "联络员甲"}


def test_a_visit_happens_between_the_request_and_now(world: World) -> None:
    ticket_id = world.handling(ago=timedelta(hours=2))
    liaison = world.liaison
    base = {"mode": "solve", "met": "caller"}

    def refused(**times: str) -> str:
        return liaison.refused("visit.record", ticket_id, **base, visit_id=new_id(), **times)

    assert refused(arrived_at=later(1)) == "not_valid_time"
    assert refused(arrived_at=later(-3)) == "not_valid_time"
    assert refused(arrived_at=later(24 * 400)) == "not_valid_time"
    assert refused(arrived_at=later(minutes=-5), left_at=later(minutes=-6)) == "not_valid_time"
    assert liaison.detail(ticket_id)["visits"] == []
    liaison.visit(ticket_id, arrived_at=later(-2), left_at=None)
    assert liaison.detail(ticket_id)["visits"][0]["left_at"] is None


def test_wrong_values_are_refused_with_the_field_named(world: World) -> None:
    ticket_id = world.handling()
    wrong = {"visit_id": "x", "mode": "solve", "arrived_at": "昨天", "met": "dog", "hat": 1}
    receipt = world.liaison.try_("visit.record", ticket_id, **wrong)
    assert (receipt["status"], receipt["code"]) == ("refused", "command_invalid")
    assert set(receipt["facts"]["errors"]) == {"visit_id", "arrived_at", "met", "hat"}
    args = {"visit_id": new_id(), "mode": "wave", "arrived_at": later(), "met": "caller"}
    assert world.liaison.refused("visit.record", ticket_id, **args) == "visit_mode_unknown"


def test_a_used_id_is_refused_whatever_the_ticket(world: World) -> None:
    ticket_id, visit_id = world.handling(), new_id()
    world.liaison.visit(ticket_id, visit_id=visit_id)
    args = {"visit_id": visit_id, "mode": "solve", "arrived_at": later(), "met": "caller"}
    assert world.liaison.refused("visit.record", world.handling(), **args) == "id_taken"
    assert len(world.liaison.detail(ticket_id)["visits"]) == 1


def test_unreachable_needs_three_failed_attempts_since_the_caller_was_last_reached(world: World) -> None:
    ticket_id, liaison = world.handling(ago=timedelta(hours=2)), world.liaison
    except_ = {"ground": "unreachable", "note": "三次拨打均无人接听"}
    liaison.contact(ticket_id, outcome="no_answer", ago=50)
    liaison.contact(ticket_id, outcome="reached", ago=40)
    for minutes, outcome in ((30, "no_answer"), (20, "refused")):
        liaison.contact(ticket_id, outcome=outcome, ago=minutes)
    receipt = liaison.try_("visit.except", ticket_id, exception_id=new_id(), **except_)
    assert receipt["code"] == "visit_attempts_missing"
    assert (receipt["facts"]["need"], receipt["facts"]["have"]) == (3, 2)
    assert "3 次" in receipt["message"] and "2 次" in receipt["message"]
    liaison.contact(ticket_id, outcome="no_answer", ago=10)
    liaison.do("visit.except", ticket_id, exception_id=new_id(), **except_)
    assert liaison.detail(ticket_id)["visit_exceptions"][0]["ground"] == "unreachable"


def test_anonymous_is_a_ground_only_for_an_anonymous_caller(world: World) -> None:
    known = world.handling()
    args = {"ground": "anonymous", "note": "未留下姓名电话"}
    assert world.liaison.refused("visit.except", known, exception_id=new_id(), **args) == "visit_not_anonymous"
    nameless = world.handling(caller={"anonymous": True, "confidential": False})
    world.liaison.do("visit.except", nameless, exception_id=new_id(), **args)
    world.liaison.do("visit.except", known, exception_id=new_id(), ground="declined", note="诉求人表示不必上门")


def test_progress_needs_substance_and_a_caller_who_was_told_each_time(world: World) -> None:
    ticket_id, liaison = world.handling(), world.liaison

    def refused(**other: object) -> str:
        return liaison.refused("progress.report", ticket_id, **_progress(**other))

    assert refused(text="正在办理中。") == "progress_empty"
    assert refused(text="管道已更换") == "progress_too_short"
    assert refused(caller_told=False) == "progress_caller_not_told"
    assert refused() == "progress_contact_missing"
    liaison.contact(ticket_id, outcome="no_answer")
    assert refused() == "progress_contact_missing"
    liaison.contact(ticket_id, purpose="second")
    liaison.do("progress.report", ticket_id, **_progress())
    assert refused() == "progress_contact_missing", "the next report needs a conversation of its own"
    liaison.visit(ticket_id, met="caller")
    liaison.do("progress.report", ticket_id, **_progress(text=PROGRESS + "材料已到场。"))
    shown = liaison.detail(ticket_id)["progress"]
    assert [row["text"] for row in shown] == [PROGRESS, PROGRESS + "材料已到场。"]
    assert shown[0]["caller_told"] is True and shown[0]["by"]["name"] == "联络员甲"


def test_two_reports_in_one_batch_need_two_conversations(world: World) -> None:
    ticket_id, liaison = world.handling(), world.liaison
    call = {"purpose": "second", "to": "caller", "channel": "phone", "outcome": "reached", "started_at": later()}
    commands = [
        liaison.command("contact.record", ticket_id, contact_id=new_id(), **call),
        liaison.command("progress.report", ticket_id, **_progress()),
        liaison.command("progress.report", ticket_id, **_progress()),
    ]
    codes = [receipt["code"] for receipt in liaison.send_batch(commands)["receipts"]]
    assert codes == [None, None, "progress_contact_missing"]


def test_another_units_work_stays_on_record_and_does_not_count(world: World) -> None:
    ticket_id = world.handling()
    world.liaison.visit(ticket_id)
    world.liaison.contact(ticket_id)
    world.station.do("ticket.reassign", ticket_id, unit_id=world.units["water"].id, reason="供水管道故障")
    with world.database.read() as session:
        facts = field_facts(session, ticket_id)
    assert (facts.visits, facts.conversations) == (0, 0)
    detail = world.phone("neighbour").detail(ticket_id)
    assert len(detail["visits"]) == len(detail["contacts"]) == 1
    late = {"visit_id": new_id(), "mode": "solve", "arrived_at": later(), "met": "caller"}
    assert world.liaison.refused("visit.record", ticket_id, **late) == "ticket_reassigned"


def test_nobody_else_does_the_units_field_work(world: World) -> None:
    ticket_id = world.handling()
    args = {"visit_id": new_id(), "mode": "solve", "arrived_at": later(), "met": "caller"}
    assert world.station.refused("visit.record", ticket_id, **args) == "not_permitted"
    assert world.leader.refused("visit.record", ticket_id, **args) == "not_permitted"
    assert world.phone("neighbour").refused("visit.record", ticket_id, **args) == "ticket_not_found"
    before = world.dispatched()
    assert world.liaison.refused("visit.record", before, **args) == "state_wrong"


def test_the_journal_holds_no_data_of_the_caller(world: World) -> None:
    ticket_id = world.handling()
    note = f"致电{CALLER['phone']}"
    world.liaison.contact(ticket_id, note=note)
    world.liaison.visit(ticket_id, met_name=CALLER["name"], note=note)
    world.liaison.do("progress.report", ticket_id, **_progress(text=PROGRESS + note))
    with world.database.read() as session:
        payloads = " ".join(session.scalars(text("SELECT payload FROM journal_events")))
    assert CALLER["name"] not in payloads and CALLER["phone"] not in payloads
    assert "138****5678" in payloads


def test_a_record_changed_behind_the_program_is_found(world: World) -> None:
    ticket_id = world.handling()
    world.liaison.contact(ticket_id, note="约定下午上门")
    world.liaison.visit(ticket_id, position={"lat": 40.4, "lon": 110.02})
    world.liaison.do("visit.except", ticket_id, exception_id=new_id(), ground="declined", note="家人不愿见面")
    world.liaison.do("progress.report", ticket_id, **_progress())
    with world.database.read(snapshot=True) as session:
        assert list(broken_seals(session)) == []
    with world.database.unit_of_work() as session:
        session.execute(text("UPDATE visits SET met_name = '别人'"))
        session.execute(text("UPDATE contacts SET outcome = 'no_answer'"))
        session.execute(text("DELETE FROM visit_exceptions"))
    with world.database.read(snapshot=True) as session:
        found = {(broken.table, broken.reason) for broken in broken_seals(session)}
    assert found == {("visits", "changed"), ("contacts", "changed"), ("visit_exceptions", "missing")}
