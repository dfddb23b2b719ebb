"""A caller's name, phone and address: masked wherever they could surface, shown one at a time and on the record."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path

import pytest
from lasting import fresh_database, world_on
from scenario import World
from sqlalchemy import select, update

from app import clock
from app.ids import new_id
from app.journal.models import Event
from app.people.masking import mask_about, mask_address, mask_name, mask_phone, mask_text
from app.reminders.models import Notice
from app.sync.models import ReceiptRow

SECRET = {"name": "欧阳慕青", "phone": "13977778888", "address": "树林召镇迎宾街金辉苑7号楼3单元1102室"}
LANDLINE = {"name": "慕容雪村", "phone": "0477-5218866", "address": "白塔街道和平路19号"}


def told(caller: dict[str, str]) -> dict[str, object]:
    """Intake arguments in which the citizen's data stand in every text as well."""
    everything = "".join(f"{value}，" for value in caller.values())
    return {
        "title": f"{caller['name']}反映楼道灯不亮 电话{caller['phone']}",
        "content": f"来电人{everything}家中老人出行不便，身份证152722196001012345。",
        "area": "", "caller": caller | {"anonymous": False, "confidential": False},
    }  # fmt: skip


def _written_down(world: World, ticket_id: str, words: str) -> None:
    """What names the caller in what liaison and station write freely."""
    world.liaison.contact(ticket_id, purpose="told", note=words)
    report = {"progress_id": new_id(), "caller_told": True, "text": words}
    world.liaison.do("progress.report", ticket_id, **report)
    matter = {"escalation_id": new_id(), "to": "supervisor", "reason": words}
    world.station.do("escalation.raise", ticket_id, **matter)


@pytest.mark.clause("K4.16", partial="in the profile of dalad; the clause is Kundulun's")
@pytest.mark.parametrize("caller", [SECRET, LANDLINE])
def test_no_answer_log_or_journal_holds_them(
    shared: World, caller: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        ticket_id = shared.handling(**told(caller))
        _written_down(shared, ticket_id, f"{caller['name']}说{caller['phone']}打不通，约定晚上八点以后再到家里查看。")
        answers = []
        for who in ("liaison", "leader", "station", "supervisor", "neighbour"):
            phone = shared.phone(who)
            paths = (
                f"/api/v1/tickets/{ticket_id}", f"/api/v1/tickets/{ticket_id}/timeline", "/api/v1/sync/pull",
                "/api/v1/tickets?sort=new&page_size=100", f"/api/v1/tickets?q={caller['phone'][-4:]}",
            )  # fmt: skip
            answers += [phone.call("GET", path) for path in paths]
        batch = [shared.liaison.command("thread.post", ticket_id, message_id=new_id(), text="收到")]
        body = {"sent_at": clock.iso(clock.now()), "commands": batch}
        answers.append(shared.liaison.call("POST", "/api/v1/sync/commands", json=body))
        refused = shared.station.call("POST", "/api/v1/sync/commands", json={"sent_at": clock.iso(clock.now()),
            "commands": [shared.station.command("ticket.intake", new_id(), **shared.intake_args(**told(caller)) | {
                "number": shared.liaison.ticket(ticket_id)["number"]})]})  # fmt: skip
        assert refused.get_json()["receipts"][0]["code"] == "ticket_exists"
        answers.append(refused)
    with shared.database.read() as session:
        journal = [str(e) for e in session.scalars(select(Event.payload).where(Event.subject_id == ticket_id))]
        receipts = [str(facts) for facts in session.scalars(select(ReceiptRow.facts))]
        notices = [f"{title} {body}" for title, body in session.execute(select(Notice.title, Notice.body))]
    assert any(ticket_id in a.text for a in answers[:5])
    for value in (*caller.values(), "152722196001012345"):
        for answer in answers:
            assert value not in answer.text, answer.request.path
        for text in (caplog.text, *journal, *receipts, *notices):
            assert value not in text


def test_what_is_shown_instead_is_of_use(shared: World) -> None:
    detail = shared.liaison.detail(shared.handling(**told(SECRET)))
    assert detail["caller"] == {
        "name": "欧**", "phone": "139****8888", "address": "树林召镇迎宾街金辉苑 ***", "anonymous": False,
    }  # fmt: skip
    assert detail["content"].startswith("来电人欧**，139****8888，树林召镇迎宾街金辉苑 ***，家中老人")


@pytest.mark.parametrize(
    ("function", "value", "shown"),
    [
        (mask_name, "王小明", "王**"), (mask_name, "李四", "李*"), (mask_name, "林", "林*"), (mask_name, None, ""),
        (mask_name, "欧阳慕青云", "欧**"), (mask_phone, "13812345678", "138****5678"), (mask_phone, "12345", "***45"),
        (mask_phone, "", ""), (mask_phone, "+8613812345678", "+86*******5678"),
        (mask_address, "清河街道平安巷6号", "清河街道平安巷 ***"), (mask_address, "北滩村三组", "北滩村 ***"),
        (mask_address, "树林召镇", "树林召镇"), (mask_address, None, ""),
        (mask_text, "打138 1234 5678或138-1234-5678", "打138****5678或138****5678"),
        (mask_text, "编号202611200001号", "编号202611200001号"),
        (mask_text, "身份证15272219600101234X", "身份证152722********234X"),
    ],
)  # fmt: skip
def test_masks(function: object, value: object, shown: str) -> None:
    assert function(value) == shown  # type: ignore[operator]


def test_a_name_of_one_letter_does_not_spoil_the_text() -> None:
    assert mask_about("王府井路王某", "王", None, None) == "王府井路王某"


def test_a_look_needs_a_reason_and_is_on_the_record_first(shared: World) -> None:
    ticket_id = shared.handling(**told(SECRET))
    url = f"/api/v1/tickets/{ticket_id}/caller"
    for reason in ("", " ", "看", None, 7, "\x00原因", "长" * 201):
        answer = shared.liaison.call("POST", url, json={"reason": reason})
        assert answer.status_code == 422, reason
        assert SECRET["name"] not in answer.text
    assert [e["name"] for e in shared.liaison.events(ticket_id)][-1] == "ticket.signed"
    version = shared.liaison.ticket(ticket_id)["version"]
    answer = shared.liaison.call("POST", url, json={"reason": " 约上门时间 "})
    assert (answer.status_code, answer.get_json()) == (200, SECRET)
    event = shared.station.events(ticket_id)[-1]
    assert (event["name"], event["by"]["name"]) == ("caller.revealed", "联络员甲")
    assert event["summary"] == "查看诉求人信息：约上门时间"
    assert shared.liaison.ticket(ticket_id)["version"] == version + 1, "everybody's timeline shows who looked"


def test_whoever_may_not_work_on_it_may_not_look(shared: World) -> None:
    ticket_id = shared.handling()
    for who, status in (("supervisor", 403), ("neighbour", 404), ("admin", 404), ("leader", 200), ("station", 200)):
        answer = shared.phone(who).call("POST", f"/api/v1/tickets/{ticket_id}/caller", json={"reason": "核实情况"})
        assert answer.status_code == status, who


def test_no_look_without_its_journal_row(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    with fresh_database("sqlite", request, tmp_path) as url:
        world = world_on(url, tmp_path)
        ticket_id = world.handling()
        with world.database.engine.begin() as connection:
            connection.exec_driver_sql(
                "CREATE TRIGGER full BEFORE INSERT ON journal_events BEGIN SELECT RAISE(ABORT, 'no'); END"
            )
        answer = world.liaison.call("POST", f"/api/v1/tickets/{ticket_id}/caller", json={"reason": "约上门时间"})
        assert answer.status_code == 500
        assert "王小明" not in answer.text and "13812345678" not in answer.text


def test_looks_are_limited_by_the_hour_and_by_person(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    with fresh_database("sqlite", request, tmp_path) as url:
        world = world_on(url, tmp_path, reveals_per_hour=3)
        tickets = [world.handling() for _ in range(2)]

        def look(who: str, ticket_id: str) -> tuple[int, str]:
            answer = world.phone(who).call("POST", f"/api/v1/tickets/{ticket_id}/caller", json={"reason": "核实"})
            return answer.status_code, answer.text

        assert [look("liaison", tickets[n % 2])[0] for n in range(4)] == [200, 200, 200, 429]
        status, text = look("liaison", tickets[0])
        assert status == 429 and "reveal_too_many" in text and "王小明" not in text
        assert [e["name"] for e in world.liaison.events(tickets[0])].count("caller.revealed") == 2
        assert look("leader", tickets[0])[0] == 200, "another person's looks are another person's"
        with world.database.unit_of_work() as session:
            old = clock.now() - timedelta(hours=1, seconds=1)
            session.execute(update(Event).where(Event.name == "caller.revealed").values(at=old))
        assert look("liaison", tickets[0])[0] == 200
