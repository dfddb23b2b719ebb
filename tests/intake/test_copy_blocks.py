"""Texts to paste where there is no interface."""

from __future__ import annotations

from datetime import timedelta

from intake.conftest import Office
from scenario import REPLY_PARTS, Phone, World, later

from app import clock
from app.ids import new_id


def blocks(phone: Phone, ticket_id: str) -> dict[str, str]:
    answer = phone.call("GET", f"/api/v1/tickets/{ticket_id}/copy-blocks")
    assert answer.status_code == 200, answer.text
    found = answer.get_json()["blocks"]
    assert all(block["label"] and block["text"] for block in found), "no empty block to puzzle over"
    return {block["key"]: block["text"] for block in found}


def local(instant: str) -> str:
    return clock.local_text(clock.parse(instant), "Asia/Shanghai")


def test_reply_contacts_visits_and_times(office: Office) -> None:
    world = office.world
    ticket_id = world.handling(ago=timedelta(hours=2))
    began = later(minutes=-30)
    world.liaison.contact(ticket_id, started_at=began, duration_s=95, note="约定下午上门")
    world.liaison.contact(ticket_id, outcome="no_answer", channel="wechat")
    world.liaison.reply(ticket_id)
    found = blocks(office.station, ticket_id)
    for key, text in REPLY_PARTS.items():
        assert found[f"part:{key}"] == text and text in found["reply"]
    assert found["opinion"] in found["reply"]
    assert [REPLY_PARTS[key] for key in REPLY_PARTS] == sorted(REPLY_PARTS.values(), key=found["reply"].index)
    first, second = found["contacts"].splitlines()
    assert first[5:16] == local(began) and "电话联系来电人：已联系上，通话 1 分 35 秒。约定下午上门" in first
    assert "微信" in second and "无人接听" in second
    assert "上门办，见到诉求人" in found["visits"]
    number = office.station.ticket(ticket_id)["number"]
    assert found["number"] == number and "受理：20" in found["times"] and "签收：20" in found["times"]
    assert blocks(world.liaison, ticket_id) == found


def test_before_anything_was_done_there_is_little_to_copy(office: Office) -> None:
    assert set(blocks(office.station, office.world.registered())) == {"number", "times"}


def test_the_newest_reply_and_what_was_not_visited(office: Office) -> None:
    world = office.world
    ticket_id = world.handling()
    world.liaison.reply(ticket_id)
    reply = world.leader.detail(ticket_id)["replies"][-1]
    world.leader.do("reply.decline", ticket_id, reply_id=reply["id"], reasons=["请写明处理结果"])
    world.liaison.do("visit.except", ticket_id, exception_id=new_id(), ground="declined", note="诉求人不愿见面")
    changed = REPLY_PARTS | {"result": "楼道照明已恢复正常，并已请诉求人查看，诉求人表示认可。"}
    world.liaison.reply(ticket_id, parts=changed)
    found = blocks(office.station, ticket_id)
    assert found["part:result"] == changed["result"] and "诉求人不愿见面" in found["exceptions"]


def test_callers_numbers_stay_masked_and_strangers_see_nothing(office: Office) -> None:
    world = office.world
    ticket_id = world.handling()
    world.liaison.contact(ticket_id, note="另留电话 13812345678")
    assert "13812345678" not in str(blocks(office.station, ticket_id))
    answer = world.phone("neighbour").call("GET", f"/api/v1/tickets/{ticket_id}/copy-blocks")
    assert answer.status_code == 404 and answer.get_json()["code"] == "ticket_not_found"


def test_who_answers_and_how_it_is_finished_where_a_profile_asks(office: Office) -> None:
    hedong = World(office.world.app, "hedong")
    found = blocks(hedong.station, hedong.closed())
    shown = hedong.station.call("GET", "/api/v1/tickets", query_string={"q": found["number"]}).get_json()["tickets"][0]
    reply = hedong.station.detail(shown["id"])["replies"][-1]
    assert reply["fields"] and {f"field:{key}": text for key, text in reply["fields"].items()}.items() <= found.items()
    assert found["finish"] and "办结：20" in found["times"]
