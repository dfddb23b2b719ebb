"""湖口县: an extension asked for three times and given twice, then an appeal that the chief and the city decide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from time import monotonic, sleep
from typing import Any

import pytest
from journey.album import Album
from playwright.sync_api import expect
from tour import hands
from tour.stage import Stage

from app import clock
from app.ids import new_id

pytestmark = [pytest.mark.journey, pytest.mark.slow]
TOWN = "hukou"
LATER = "收集池盖板须定制，已先行增加清运频次，并向诉求人说明，预计下周到货安装。"
APPEAL = "中转站选址符合规划，整体搬迁没有政策和法律依据；已两次当面解释答复，诉求人仍要求搬走。"


@pytest.mark.clause("K2.5", partial="asked twice with the city's leave, refused the third time")
@pytest.mark.clause("K2.7", partial="no room to act: the chief, then the city, then out of the rate")
def test_extended_twice_refused_once_then_appealed(people: Stage, album: Album) -> None:
    ticket_id = people.proven("垃圾中转站臭味要求搬走", "city_mgmt", "duty", "persuade")
    due = [_feedback(people, ticket_id)]
    for time in (1, 2):
        _extended(people, ticket_id, album, time)
        due.append(_feedback(people, ticket_id))
    assert clock.parse(due[0]) < clock.parse(due[1]) < clock.parse(due[2])
    _no_third_time(people, ticket_id, album)
    _appealed(people, ticket_id, album)
    _answered(people, ticket_id, album)
    ticket = people.ticket(ticket_id)
    assert (ticket["state"], ticket["closed_how"], ticket["exempt"]) == ("closed", "accepted", True)
    asked = {(r["kind"], r["state"]) for r in ticket["detail"]["requests"]}
    assert asked == {("extension", "approved"), ("appeal", "approved")}
    hands.chain_holds(people)


def _feedback(people: Stage, ticket_id: str) -> str:
    return str(next(c["due_at"] for c in people.ticket(ticket_id)["clocks"] if c["clock"] == "feedback"))


def _extended(people: Stage, ticket_id: str, album: Album, time: int) -> None:
    """The liaison asks, the centre writes down the city's answer."""
    page = people.open("liaison", f"/t/{ticket_id}/request/extension")
    expect(page.get_by_text(f"{time - 1} 次，最多 2 次")).to_be_visible()
    expect(page.get_by_text("延长的时间不超过原办理时限。")).to_be_visible()
    page.get_by_role("textbox", name="延期原因").fill(LATER)
    album.take(page, f"hukou-{time}-extension")
    hands.send_request(people.phone("liaison"), "申请延期")
    expect(page.get_by_text("待市热线中心批准")).to_be_visible()
    page = people.open("station", f"/t/{ticket_id}/review")
    expect(page.get_by_text(LATER).first).to_be_visible()
    album.take(page, f"hukou-{time}-station")
    hands.decide(people.phone("station"), "上级同意", "市热线中心同意延期。")


def _no_third_time(people: Stage, ticket_id: str, album: Album) -> None:
    """The screen says that it has been used up and offers no button; the server would refuse as well."""
    page = people.open("liaison", f"/t/{ticket_id}/request/extension")
    expect(page.get_by_text("2 次，最多 2 次")).to_be_visible()
    expect(page.get_by_text("申请延期最多 2 次")).to_be_visible()
    expect(page.get_by_role("button", name="申请延期", exact=True)).to_have_count(0)
    album.take(page, "hukou-3-extension-refused")
    later = clock.iso(clock.parse(_feedback(people, ticket_id)) + timedelta(days=1))
    again = {"request_id": new_id(), "reason": LATER, "new_due_at": later}
    refused = people.api("liaison").try_("request.extend", ticket_id, **again)
    assert (refused["status"], refused["code"]) == ("refused", "request_used_up")


def _appealed(people: Stage, ticket_id: str, album: Album) -> None:
    page = people.open("liaison", f"/t/{ticket_id}/request/appeal")
    page.get_by_label(hands.whole("无办理空间、无政策和法律法规依据的诉求")).check()
    page.get_by_role("textbox", name="申诉理由").fill(APPEAL)
    expect(page.get_by_text("材料还差 1 份")).to_be_visible()
    page.get_by_label(hands.whole("照片 · 办理前")).check()
    album.take(page, "hukou-4-appeal")
    hands.send_request(people.phone("liaison"), "申诉（不计入满意度统计）")
    page = people.open("chief", f"/t/{ticket_id}/decide")
    expect(page.get_by_text(APPEAL)).to_be_visible()
    album.take(page, "hukou-5-chief")
    hands.decide(people.phone("chief"), "同意", "材料充实，同意申诉。")
    page = people.open("station", f"/t/{ticket_id}/review")
    expect(page.get_by_text("收到答复后在这里登记")).to_be_visible()
    album.take(page, "hukou-6-city")
    hands.decide(people.phone("station"), "上级同意", "市中心审核通过。")
    expect(page.get_by_text("这张工单不计入满意度统计。")).to_be_visible()
    album.take(page, "hukou-7-exempt")


def _answered(people: Stage, ticket_id: str, album: Album) -> None:
    """The caller is still dissatisfied; the answer is given all the same, and what was decided stays."""
    page = people.open("liaison", f"/t/{ticket_id}/reply")
    hands.write_reply(page, "不满意")
    album.take(page, "hukou-8-reply")
    hands.submit(people.phone("liaison"))
    for who in ("reviewer", "leader"):
        page = hands.sign_off(people, who, ticket_id)
        album.take(page, f"hukou-9-{who}")
        hands.agree(people, who, ticket_id)
    page = people.open("station", f"/t/{ticket_id}/review")
    hands.tick_all(page)
    hands.accept(people, ticket_id)
    expect(page.get_by_text("这张工单不计入满意度统计。").first).to_be_visible()
    album.take(page, "hukou-10-closed")


WHY = "县领导签字交办，请说明办理情况、责任人和完成时间。"


@pytest.mark.clause("K3.10", partial="from what the system raised to the conclusion, on the screens")
def test_what_the_system_raised_is_checked_and_concluded_by_supervisors(people: Stage, album: Album) -> None:
    ticket_id = people.registered("县领导交办的占道经营")
    given = {"unit_id": people.unit("city_mgmt"), "ground": "leader", "instructed_by": "县领导甲"}
    people.api("station").act("ticket.dispatch", ticket_id, **given)
    _until(lambda: len(_matters(people, ticket_id)) > 0)
    page = people.open("supervisor", "/watch")
    matter = page.locator(".group", has_text="县领导交办的占道经营").first
    expect(matter).to_be_visible()
    album.take(page, "hukou-11-raised")
    matter.get_by_role("link", name="发起提级核查").click()
    page.get_by_role("textbox", name="核查要求").fill(WHY)
    expect(page.get_by_label("县领导签字交办的")).to_be_checked()
    album.take(page, "hukou-12-check")
    page.get_by_role("button", name="发出提级核查").click()
    page.get_by_role("dialog").get_by_role("button", name="确认发出").click()
    page.wait_for_url("**/review")
    hands.settled(people.phone("supervisor"))
    [request] = people.ticket(ticket_id)["detail"]["requests"]
    page = people.open("supervisor", "/watch")
    expect(page.get_by_text("提级核查中").first).to_be_visible()
    album.take(page, "hukou-13-one-matter")
    people.contact("liaison", ticket_id, "first")
    people.api("liaison").act("ticket.sign", ticket_id)
    people.api("liaison").act("request.answer", ticket_id, request_id=request["id"], text="本周内完成，责任人已明确。")
    page = people.open("supervisor", f"/t/{ticket_id}/decide")
    hands.decide(people.phone("supervisor"), "认可答复，办结", "情况属实，按期办结后归档。")
    _until(lambda: all(row["closed_at"] for row in _matters(people, ticket_id)))
    assert [row["conclusion"] for row in _matters(people, ticket_id)] == ["情况属实，按期办结后归档。"]


def _matters(people: Stage, ticket_id: str) -> list[dict[str, Any]]:
    return [row for row in people.ticket(ticket_id)["detail"]["escalations"] if row["rule"] == "leader"]


def _until(done: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for what a worker does."""
    deadline = monotonic() + seconds
    while not done():
        assert monotonic() < deadline, "no worker did it"
        sleep(0.5)
