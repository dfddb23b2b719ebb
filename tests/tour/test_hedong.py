"""河东区: sent back, called back, sent back again; the second redo waits until the caller was met in person."""

from __future__ import annotations

import pytest
from journey.album import Album
from journey.liaison import choose
from playwright.sync_api import expect
from tour import hands
from tour.stage import Stage

from app.ids import new_id

pytestmark = [pytest.mark.journey, pytest.mark.slow]
TOWN = "hedong"
REASON = "没有写明音响几点停"
MUST_MEET = "这类工单须与来电人本人见面，还没有见到本人的上门记录"
MET = "在来电人家中当面听取意见，一起到广场听了半小时"


@pytest.mark.clause("H2.1b", partial="the second redo")
@pytest.mark.clause("H2.2e", partial="sent back, answered one by one, closed, reopened after a call-back")
def test_the_second_redo_demands_a_visit_in_person(people: Stage, album: Album) -> None:
    ticket_id = people.handling("广场音响扰民", "town", None)
    people.photos(ticket_id)
    people.contact("liaison", ticket_id, "second")
    _replied(people, ticket_id, "满意", album, "hedong-1")
    _sent_back(people, ticket_id, album)
    _answered_one_by_one(people, ticket_id, album)
    _accepted(people, ticket_id)
    _called_back_and_reopened(people, ticket_id, album)
    assert people.ticket(ticket_id)["redo_count"] == 2
    _no_answer_without_meeting(people, ticket_id, album)
    _met(people, ticket_id, album)
    page = people.open("liaison", f"/t/{ticket_id}/reply")
    expect(page.get_by_text("内容齐全，可以提交。")).to_be_visible()
    album.take(page, "hedong-8-complete")
    hands.submit(people.phone("liaison"))
    _signed(people, ticket_id, "chief", album, "hedong-9")
    _accepted(people, ticket_id)
    album.take(people.phone("station").page, "hedong-10-closed")
    _as_it_was(people, ticket_id)


def _replied(people: Stage, ticket_id: str, opinion: str, album: Album, picture: str) -> None:
    """The liaison writes who answers as well as what; the office's head and the leader sign."""
    page = people.open("liaison", f"/t/{ticket_id}/reply")
    hands.write_reply(page, opinion, "已办结")
    page.get_by_label("答复人", exact=False).first.fill(people.name("liaison"))
    page.get_by_label("答复电话").fill("05398381234")
    expect(page.get_by_text("内容齐全，可以提交。")).to_be_visible()
    album.take(page, f"{picture}-reply")
    hands.submit(people.phone("liaison"))
    _signed(people, ticket_id, "leader", album, picture)


def _signed(people: Stage, ticket_id: str, head: str, album: Album, picture: str) -> None:
    for who in ("reviewer", head):
        page = hands.sign_off(people, who, ticket_id)
        album.take(page, f"{picture}-signoff-{who}")
        hands.agree(people, who, ticket_id)


def _sent_back(people: Stage, ticket_id: str, album: Album) -> None:
    page = people.open("station", f"/t/{ticket_id}/review")
    page.get_by_role("button", name="发回重办").click()
    sheet = page.get_by_role("dialog", name="发回重办")
    sheet.get_by_role("textbox", name="其他原因").fill(REASON)
    album.take(page, "hedong-2-send-back")
    sheet.get_by_role("button", name="发回重办 · 1 条").click()
    page.wait_for_url(f"**/t/{ticket_id}")
    hands.settled(people.phone("station"))


def _answered_one_by_one(people: Stage, ticket_id: str, album: Album) -> None:
    page = people.open("liaison", f"/t/{ticket_id}/reply")
    expect(page.get_by_text(f"退回原因“{REASON}”还没有回应")).to_be_visible()
    album.take(page, "hedong-3-reason")
    expect(page.get_by_role("textbox", name="办理结果")).to_have_value(hands.PARTS["办理结果"])
    page.get_by_role("textbox", name=REASON).fill("两支舞队均于晚八点半前停，社区连续三晚记录在案。")
    expect(page.get_by_text("内容齐全，可以提交。")).to_be_visible()
    hands.submit(people.phone("liaison"))
    page = hands.sign_off(people, "reviewer", ticket_id)
    expect(page.get_by_text(REASON).first).to_be_visible()
    _signed(people, ticket_id, "leader", album, "hedong-4")


def _accepted(people: Stage, ticket_id: str) -> None:
    page = people.open("station", f"/t/{ticket_id}/review")
    hands.tick_all(page)
    hands.accept(people, ticket_id)
    assert people.ticket(ticket_id)["state"] == "closed"


def _called_back_and_reopened(people: Stage, ticket_id: str, album: Album) -> None:
    """The centre calls: not solved, not satisfied; the ticket goes back with what the caller said."""
    page = people.open("station", f"/t/{ticket_id}/callback")
    choose(page, "已联系上")
    choose(page, "单位联系过")
    choose(page, "没有上门")
    choose(page, "没有解决")
    choose(page, "不满意")
    page.get_by_label("问题没有解决").check()
    page.get_by_role("textbox", name="诉求人怎么说").fill("只打了电话，没有人来听过，晚上还是吵。")
    album.take(page, "hedong-5-callback")
    page.get_by_role("button", name="保存回访").click()
    page.get_by_role("button", name="发回重办").click()
    sheet = page.get_by_role("dialog", name="发回重办")
    sheet.get_by_role("button", name="问题没有解决").click()
    album.take(page, "hedong-6-reopen")
    sheet.get_by_role("button", name="发回重办 · 1 条").click()
    page.wait_for_url(f"**/t/{ticket_id}")
    hands.settled(people.phone("station"))


def _no_answer_without_meeting(people: Stage, ticket_id: str, album: Album) -> None:
    """A call is not enough, and neither is the caller's refusal of a visit."""
    people.contact("liaison", ticket_id, "first")
    people.contact("liaison", ticket_id, "second")
    excused = {"exception_id": new_id(), "ground": "declined", "note": "来电人说不用来了"}
    people.api("liaison").act("visit.except", ticket_id, **excused)
    page = people.open("liaison", f"/t/{ticket_id}/reply")
    expect(page.get_by_text(MUST_MEET)).to_be_visible()
    expect(page.get_by_role("textbox", name="办理结果")).to_have_value(hands.PARTS["办理结果"])
    page.get_by_role("textbox", name="问题没有解决").fill("已上门当面听取意见，并与舞队重新约定时间。")
    expect(page.get_by_text("还差 1 项，点一下去补")).to_be_visible()
    page.get_by_role("button", name=MUST_MEET).scroll_into_view_if_needed()
    album.take(page, "hedong-7-must-meet")
    page.get_by_role("button", name=MUST_MEET).click()
    page.wait_for_url("**/field?tab=visit")


def _met(people: Stage, ticket_id: str, album: Album) -> None:
    page = people.phone("liaison").page
    page.get_by_role("button", name="我已到现场").click()
    choose(page, "见面沟通")
    choose(page, "诉求人本人")
    page.get_by_label("现场情况").fill(MET)
    album.take(page, "hedong-8-visit")
    page.get_by_role("button", name="离开现场并保存").click()
    expect(page.locator(".record", has_text=MET)).to_be_visible()
    hands.settled(people.phone("liaison"))


def _as_it_was(people: Stage, ticket_id: str) -> None:
    ticket = people.ticket(ticket_id)
    detail = ticket["detail"]
    assert (ticket["state"], ticket["closed_how"], ticket["redo_count"]) == ("closed", "accepted", 2)
    assert [reply["state"] for reply in detail["replies"]] == ["sent_back", "sent_back", "accepted"]
    assert [s["role"] for s in detail["replies"][-1]["signatures"]] == ["reviewer", "chief", "station"]
    assert [(visit["mode"], visit["met"]) for visit in detail["visits"]] == [("discuss", "caller")]
    assert detail["callbacks"][-1]["satisfaction"] == "dissatisfied"
    hands.chain_holds(people)
