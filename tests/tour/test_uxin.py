"""乌审旗公安局: the four ways in which 三(二) lets a ticket end, each walked by everybody who has a hand in it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from journey.album import Album
from playwright.sync_api import expect
from tour import hands
from tour.stage import Stage

from app import clock

pytestmark = [pytest.mark.journey, pytest.mark.slow]
TOWN = "uxin"
UNREASONABLE = "反映人不满意（诉求不合理）"
STATEMENT = "反映人要求公安机关直接认定民事债务并扣押对方车辆，不属于公安机关职责；已三次上门说明并告知诉讼途径。"
WHY = "涉事合同须由第三方机构检测鉴定，检测周期约四个月，现已委托鉴定机构，并向反映人当面说明。"


def _evening_in(days: int) -> str:
    return (clock.now() + timedelta(days=days)).strftime("%Y-%m-%dT18:00")


def _answered(people: Stage, title: str, opinion: str, finish: str, album: Album, picture: str) -> str:
    """The liaison writes and submits the answer of a ticket that lacks nothing else."""
    unreasonable = finish == UNREASONABLE
    ticket_id = people.proven(title, "north", "duty", "persuade" if unreasonable else "solve")
    page = people.open("liaison", f"/t/{ticket_id}/reply")
    hands.write_reply(page, opinion, finish)
    if unreasonable:
        expect(page.get_by_text(f"“{UNREASONABLE}”须作情况说明")).to_be_visible()
        expect(page.get_by_text("提交后生成《三级结案终审表》。 还须旗局主要领导签字。")).to_be_visible()
        album.take(page, f"{picture}-lacks-statement")
        page.get_by_role("textbox", name="情况说明").fill(STATEMENT)
    expect(page.get_by_text("内容齐全，可以提交。")).to_be_visible()
    album.take(page, f"{picture}-reply")
    hands.submit(people.phone("liaison"))
    return ticket_id


def _signed(people: Stage, ticket_id: str, album: Album, picture: str, *who: str) -> None:
    for signer in who:
        page = hands.sign_off(people, signer, ticket_id)
        album.take(page, f"{picture}-signoff-{signer}")
        hands.agree(people, signer, ticket_id)


def _reviewed(people: Stage, ticket_id: str, album: Album, picture: str) -> None:
    """The office checks item by item and answers for everybody."""
    page = people.open("station", f"/t/{ticket_id}/review")
    expect(page.get_by_text("审核清单还有 4 项没有勾选")).to_be_visible()
    hands.tick_all(page)
    album.take(page, f"{picture}-review")
    hands.accept(people, ticket_id)
    album.take(people.phone("station").page, f"{picture}-closed")


def _closed_as(people: Stage, ticket_id: str, finish: str, signers: list[str]) -> None:
    ticket = people.ticket(ticket_id)
    reply = ticket["detail"]["replies"][-1]
    assert (ticket["state"], ticket["closed_how"], reply["state"]) == ("closed", "accepted", "accepted")
    assert reply["finish"] == finish
    assert [signature["role"] for signature in reply["signatures"]] == [*signers, "station"]


@pytest.mark.clause("U3.2", partial="the caller is satisfied")
def test_the_caller_is_satisfied(people: Stage, album: Album) -> None:
    ticket_id = _answered(people, "夜间飙车扰民", "满意", "反映人满意（诉求合理、诉求不合理）", album, "uxin-1")
    _signed(people, ticket_id, album, "uxin-1", "reviewer", "leader")
    _reviewed(people, ticket_id, album, "uxin-1")
    _closed_as(people, ticket_id, "satisfied", ["reviewer", "leader"])
    page = people.open("liaison", f"/t/{ticket_id}")
    expect(page.get_by_text("已办结").first).to_be_visible()
    album.take(page, "uxin-1-liaison")


@pytest.mark.clause("U3.2", partial="the caller is dissatisfied with reason")
def test_the_caller_is_dissatisfied_and_right(people: Stage, album: Album) -> None:
    ticket_id = _answered(people, "停车纠纷无人调解", "不满意", "反映人不满意（诉求合理）", album, "uxin-2")
    _signed(people, ticket_id, album, "uxin-2", "reviewer", "leader")
    _reviewed(people, ticket_id, album, "uxin-2")
    _closed_as(people, ticket_id, "dissatisfied_reasonable", ["reviewer", "leader"])


@pytest.mark.clause("U3.2", partial="the caller is dissatisfied without reason: three levels")
def test_the_caller_is_dissatisfied_and_wrong_and_the_chief_signs(people: Stage, album: Album) -> None:
    ticket_id = _answered(people, "要求公安扣车抵债", "不满意", UNREASONABLE, album, "uxin-3")
    _signed(people, ticket_id, album, "uxin-3", "reviewer", "leader")
    assert people.ticket(ticket_id)["state"] == "signing"
    page = people.open("liaison", f"/t/{ticket_id}")
    expect(page.get_by_text(f"现在由{people.name('chief')}处理")).to_be_visible()
    album.take(page, "uxin-3-waits-for-chief")
    page = hands.sign_off(people, "chief", ticket_id)
    expect(page.get_by_text(STATEMENT)).to_be_visible()
    expect(page.get_by_text("《三级结案终审表》").first).to_be_visible()
    _signed(people, ticket_id, album, "uxin-3", "chief")
    _reviewed(people, ticket_id, album, "uxin-3")
    _closed_as(people, ticket_id, "dissatisfied_unreasonable", ["reviewer", "leader", "chief"])


@pytest.mark.clause("U3.2", partial="suspension")
@pytest.mark.clause("U4.6", partial="one ground of the eight, decided at all three places")
def test_what_cannot_be_settled_for_months_is_suspended(people: Stage, album: Album) -> None:
    ticket_id = people.handling("合同诈骗案件鉴定", "north", "duty")
    page = people.open("liaison", f"/t/{ticket_id}/request/suspension")
    expect(page.get_by_role("link", name="联系与上门")).to_be_visible()
    album.take(page, "uxin-4-first-tell-the-caller")
    people.contact("liaison", ticket_id, "told")
    page = people.open("liaison", f"/t/{ticket_id}/request/suspension")
    page.get_by_label(hands.whole("反映诉求涉及合同、约定纠纷")).check()
    page.get_by_label("挂单理由").fill(WHY)
    page.get_by_label("挂单期间的工作安排").fill("十二月完成取样，次年三月出具报告后继续办理。")
    page.get_by_label("向反映人解释情况").fill("已当面说明检测周期，反映人表示理解。")
    until = page.get_by_label("挂单到什么时候")
    until.fill(_evening_in(days=30))
    expect(page.get_by_text("挂单须在 90 天以上").first).to_be_visible()
    album.take(page, "uxin-4-too-short")
    until.fill(_evening_in(days=150))
    album.take(page, "uxin-4-form")
    hands.send_request(people.phone("liaison"), "延期处理挂单")
    expect(page.get_by_text("待旗局主要领导签字盖章")).to_be_visible()
    album.take(page, "uxin-4-waits")
    page = people.open("chief", f"/t/{ticket_id}/decide")
    expect(page.get_by_text(WHY)).to_be_visible()
    album.take(page, "uxin-4-chief")
    hands.decide(people.phone("chief"), "同意", "情况属实，同意挂单，每月报告一次。")
    page = people.open("station", f"/t/{ticket_id}/review")
    expect(page.get_by_text("办公室提交").first).to_be_visible()
    hands.decide(people.phone("station"), "同意", "表格、签字盖章齐全，提交市中心。")
    expect(page.get_by_text("收到答复后在这里登记")).to_be_visible()
    album.take(page, "uxin-4-station")
    hands.decide(people.phone("station"), "上级同意", "市中心同意挂单。")
    page = people.open("liaison", f"/t/{ticket_id}")
    expect(page.get_by_text("挂单中，至").first).to_be_visible()
    album.take(page, "uxin-4-suspended")
    ticket = people.ticket(ticket_id)
    [request] = ticket["detail"]["requests"]
    assert (ticket["state"], request["state"], request["grounds"]) == ("suspended", "approved", ["contract"])
    assert [d["stage"] for d in request["decisions"]] == ["chief", "station", "city"]
    assert ticket["suspended_until"]
    _resumed(people, ticket_id, album)
    hands.chain_holds(people)


def _resumed(people: Stage, ticket_id: str, album: Album) -> None:
    """What rests has its own place in the list; the station wakes it before its time, and says why."""
    page = people.open("liaison", "/")
    page.get_by_role("radio", name="挂单中").click()
    expect(page.get_by_text("合同诈骗案件鉴定")).to_be_visible()
    album.take(page, "uxin-4-resting")
    page = people.open("station", f"/t/{ticket_id}")
    page.get_by_role("button", name="恢复办理").first.click()
    sheet = page.get_by_role("dialog", name="恢复办理")
    sheet.get_by_role("textbox").fill("鉴定报告已出具，恢复办理。")
    album.take(page, "uxin-4-resume")
    sheet.get_by_role("button", name="恢复办理").click()
    expect(sheet).to_be_hidden()
    hands.settled(people.phone("station"))
    ticket = people.ticket(ticket_id)
    assert (ticket["state"], ticket["suspended_until"]) == ("handling", None)
    page = people.open("liaison", f"/t/{ticket_id}")
    expect(page.get_by_text("挂单中，至")).to_have_count(0)
    album.take(page, "uxin-4-resumed")
