"""新桥镇: one unit leads, another helps by letter and reports; and a matter before the court is filed instead."""

from __future__ import annotations

from datetime import timedelta

import pytest
from journey.album import Album
from journey.liaison import choose
from playwright.sync_api import expect
from tour import hands
from tour.stage import Stage

from app import clock

pytestmark = [pytest.mark.journey, pytest.mark.slow]
TOWN = "xinqiao"
LETTER = "请核查新南路段路面沉降，两个工作日内反馈修补安排。"
REPORT = "十一月二十一日到场测量，沉降三厘米，已安排养护队回填压实，明日完工。"
FILED = "诉求事项法院已立案受理，属于涉法涉诉事项，已向来电人说明并取得受理通知书复印件，申请备案。"


@pytest.mark.clause("X2.3", partial="lead and helper with a letter, one answer")
def test_one_unit_leads_and_another_helps(people: Stage, album: Album) -> None:
    ticket_id = people.registered("新南路下雨积水")
    _dispatched(people, ticket_id, album)
    _signed_for(people, ticket_id, album)
    people.visit(ticket_id)
    people.photos(ticket_id)
    people.contact("liaison", ticket_id, "second")
    page = people.open("liaison", f"/t/{ticket_id}/reply")
    hands.write_reply(page, "满意")
    expect(page.get_by_text(f"协办单位还没有反馈：{people.unit_name('build')}")).to_be_visible()
    album.take(page, "xinqiao-3-helper-has-not-reported")
    _helped(people, ticket_id, album)
    _answered(people, ticket_id, album)
    _accepted(people, ticket_id, album)
    _as_it_was(people, ticket_id)


def _dispatched(people: Stage, ticket_id: str, album: Album) -> None:
    page = people.open("station", f"/t/{ticket_id}/dispatch")
    page.get_by_role("radio", name=hands.whole(people.unit_name("lane"))).check()
    choose(page, "跨部门工单，确定主办单位和协办单位")
    expect(page.get_by_text("请选协办单位")).to_be_visible()
    helpers = page.get_by_role("group", name="协办单位")
    helpers.get_by_role("button", name="选择").click()
    helpers.get_by_label(people.unit_name("build")).check()
    helpers.get_by_role("button", name="选好了").click()
    page.get_by_role("textbox", name="请协办单位做什么").fill(LETTER)
    by = (clock.now() + timedelta(days=2)).strftime("%Y-%m-%dT17:00")
    page.get_by_label("要求反馈时间").fill(by)
    album.take(page, "xinqiao-1-dispatch")
    page.get_by_role("button", name=f"派给 {people.unit_name('lane')}").click()
    page.wait_for_url("**/desk")
    hands.settled(people.phone("station"))


def _signed_for(people: Stage, ticket_id: str, album: Album) -> None:
    """先联系后签收: the screen says so before it lets anybody sign."""
    page = people.open("liaison", f"/t/{ticket_id}/sign")
    expect(page.get_by_text("签收前须先与来电人联系")).to_be_visible()
    album.take(page, "xinqiao-2-call-first")
    people.contact("liaison", ticket_id, "first")
    page = people.open("liaison", f"/t/{ticket_id}/sign")
    page.get_by_role("button", name="签收", exact=True).click()
    expect(page.get_by_text("已签收").first).to_be_visible()
    hands.settled(people.phone("liaison"))


def _helped(people: Stage, ticket_id: str, album: Album) -> None:
    page = people.open("build_liaison", f"/t/{ticket_id}/assist")
    expect(page.get_by_text(LETTER)).to_be_visible()
    expect(page.get_by_text(f"主办：{people.unit_name('lane')}")).to_be_visible()
    page.get_by_role("button", name="签收联系单").click()
    expect(page.get_by_text("已签收，待反馈")).to_be_visible()
    page.get_by_role("textbox", name="协办情况").fill(REPORT)
    album.take(page, "xinqiao-4-assist")
    page.get_by_role("button", name="反馈协办情况").click()
    page.get_by_role("dialog", name="反馈协办情况").get_by_role("button", name="反馈协办情况").click()
    page.wait_for_url(f"**/t/{ticket_id}")
    hands.settled(people.phone("build_liaison"))
    page = people.open("liaison", f"/t/{ticket_id}")
    expect(page.get_by_text(REPORT)).to_be_visible()
    page.get_by_text(REPORT).scroll_into_view_if_needed()
    album.take(page, "xinqiao-5-report")


def _answered(people: Stage, ticket_id: str, album: Album) -> None:
    """One answer, given by the lead; its chief signs."""
    page = people.open("liaison", f"/t/{ticket_id}/reply")
    expect(page.get_by_text("内容齐全，可以提交。")).to_be_visible()
    expect(page.get_by_text("协办单位还没有反馈")).to_have_count(0)
    hands.submit(people.phone("liaison"))
    page = hands.sign_off(people, "chief", ticket_id)
    album.take(page, "xinqiao-6-chief")
    hands.agree(people, "chief", ticket_id)


def _accepted(people: Stage, ticket_id: str, album: Album) -> None:
    """办结前回访: without the call-back the centre cannot accept."""
    page = people.open("station", f"/t/{ticket_id}/review")
    expect(page.get_by_text("办结前须先回访诉求人")).to_be_visible()
    album.take(page, "xinqiao-7-call-back-first")
    page.get_by_role("link", name=hands.whole("回访")).click()
    for answer in ("已联系上", "单位联系过", "上过门", "已解决", "满意"):
        choose(page, answer)
    album.take(page, "xinqiao-8-callback")
    page.get_by_role("button", name="保存回访").click()
    hands.settled(people.phone("station"))
    page = people.open("station", f"/t/{ticket_id}/review")
    hands.tick_all(page)
    hands.accept(people, ticket_id)
    album.take(page, "xinqiao-9-closed")


def _as_it_was(people: Stage, ticket_id: str) -> None:
    ticket = people.ticket(ticket_id)
    detail = ticket["detail"]
    assert (ticket["state"], ticket["closed_how"], ticket["unit"]["name"]) == (
        "closed",
        "accepted",
        people.unit_name("lane"),
    )
    [helper] = detail["assists"]
    assert (helper["unit"]["name"], helper["what"], helper["report"]) == (people.unit_name("build"), LETTER, REPORT)
    [reply] = detail["replies"]
    assert [signature["role"] for signature in reply["signatures"]] == ["chief", "station"]
    assert detail["callbacks"][-1]["satisfaction"] == "satisfied"
    hands.chain_holds(people)


@pytest.mark.clause("X3.7", partial="a matter before the court, with its proof")
def test_a_matter_before_the_court_is_filed(people: Stage, album: Album) -> None:
    ticket_id = people.handling("与物业的诉讼再次投诉", "lane", "rules")
    people.photos(ticket_id)
    page = people.open("liaison", f"/t/{ticket_id}/request/filing")
    page.get_by_label("涉法涉诉").check()
    page.get_by_role("textbox", name="备案说明").fill(FILED)
    expect(page.get_by_text("材料还差 1 份")).to_be_visible()
    page.get_by_label(hands.whole("照片 · 办理前")).check()
    album.take(page, "xinqiao-10-filing")
    hands.send_request(people.phone("liaison"), "事项备案")
    expect(page.get_by_text("待镇城运中心审核确认")).to_be_visible()
    page = people.open("station", f"/t/{ticket_id}/review")
    expect(page.get_by_text(FILED)).to_be_visible()
    album.take(page, "xinqiao-11-station")
    hands.decide(people.phone("station"), "同意", "材料齐全，同意备案。")
    page = people.open("liaison", f"/t/{ticket_id}")
    expect(page.get_by_text("已办结").first).to_be_visible()
    album.take(page, "xinqiao-12-filed")
    ticket = people.ticket(ticket_id)
    [request] = ticket["detail"]["requests"]
    assert (ticket["state"], ticket["closed_how"]) == ("closed", "filed")
    assert (request["kind"], request["state"], request["grounds"]) == ("filing", "approved", ["litigation"])
    hands.chain_holds(people)
