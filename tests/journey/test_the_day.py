"""The main job: sign, visit, prove and answer without a network; die; come back; arrive once, whole and provable."""

from __future__ import annotations

import hashlib
import time

import pytest
from journey import liaison
from journey.album import Album
from journey.conftest import MakePhone
from journey.phone import Phone
from journey.pictures import gallery_photo
from journey.product import Product
from journey.town import PHONES, Town
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.evidence.models import Evidence
from app.journal.models import Event
from app.sync.models import ReceiptRow

pytestmark = [pytest.mark.journey, pytest.mark.slow]
TITLE = "向阳路12号院门口路灯不亮（旅程）"
CONTACT, VISIT = "来电人约下午在院门口见面", "三盏灯都不亮，已请维护队到场"
WORK = ["签收", "登记联系", "登记上门", "提交回复"]


@pytest.mark.clause("A1", "A2")
def test_a_day_without_network(phone: Phone, make_phone: MakePhone, product: Product, town: Town, album: Album) -> None:
    ticket_id = town.new_ticket(TITLE, priority="urgent")
    page = phone.open()
    album.take(page, "login")
    phone.sign_in(PHONES["liaison"])
    expect(page.get_by_role("link").filter(has_text=TITLE)).to_be_visible()
    album.take(page, "list")
    phone.ready_for_offline()

    phone.network(on=False)
    _work_offline(page, ticket_id, album)
    before = {row["id"]: row["command"] for row in phone.stored("commands")}
    sealed = phone.originals()
    phone.wait_for_its_session()
    phone.kill()

    page = phone.open(offline=True)
    _all_is_still_there(page, ticket_id, album)
    assert {row["id"]: row["command"] for row in phone.stored("commands")} == before
    assert phone.originals() == sealed
    assert product.rows(select(Event.seq).where(Event.subject_id == ticket_id, Event.name == "ticket.signed")) == []

    phone.network(on=True)
    _everything_arrives(page, ticket_id, album)
    _once_each(product, ticket_id, set(before))
    _whole(product, town, ticket_id, sealed)
    _renditions_appear(page, town, ticket_id, album)

    _leader_signs(make_phone(), ticket_id, album)
    _station_accepts(make_phone(), ticket_id, album)
    _provable(page, product, town, ticket_id, album)


def _work_offline(page: Page, ticket_id: str, album: Album) -> None:
    """Everything the liaison does on the spot, without a network from the first tap on."""
    liaison.open_from_list(page, TITLE)
    expect(page.get_by_text("现在没有网络：签收会先存在本机")).to_be_visible()
    album.take(page, "sign-offline")
    liaison.sign(page)
    album.take(page, "sign-kept")
    liaison.record_contact(page, ticket_id, CONTACT)
    album.take(page, "contact-offline")
    liaison.arrive(page, ticket_id)
    album.take(page, "visit-arrived")
    page.goto(f"/t/{ticket_id}/capture")
    liaison.shoot(page, "办理前")
    album.take(page, "capture-before")
    liaison.import_photo(page, "办理后", *gallery_photo(after=True))
    album.take(page, "capture-after")
    liaison.record_sound(page, ticket_id)
    album.take(page, "record")
    liaison.leave(page, ticket_id, VISIT)
    album.take(page, "visit-offline")
    liaison.write_reply(page, ticket_id)
    album.take(page, "reply")
    liaison.submit(page)
    album.take(page, "detail-submitted-offline")


def _all_is_still_there(page: Page, ticket_id: str, album: Album) -> None:
    """After the kill, without a network: shown, and shown truthfully."""
    expect(page.get_by_role("status").filter(has_text="离线")).to_be_visible()
    page.goto("/outbox")
    waiting = page.locator(".out")
    expect(waiting.filter(has_text="待发送").first).to_be_visible()
    for verb in WORK:
        expect(waiting.filter(has_text=f"已在本机{verb} · 待发送")).to_have_count(1)
    expect(waiting.filter(has_text="待上传")).to_have_count(3)
    album.take(page, "outbox-offline")
    page.goto(f"/t/{ticket_id}?tab=work")
    for note in (CONTACT, VISIT):
        expect(page.locator(".record", has_text=note)).to_contain_text("待发送")
    expect(page.locator(".thumbs > li")).to_have_count(2)
    expect(page.locator(".thumbs img")).to_have_count(2)
    expect(page.get_by_text("仅在本机")).to_have_count(3)
    expect(page.get_by_text("已在本机提交回复 · 待发送")).to_be_visible()
    expect(page.get_by_text("已签收")).to_have_count(0)
    album.take(page, "detail-reopened-offline")


def _everything_arrives(page: Page, ticket_id: str, album: Album) -> None:
    page.goto("/outbox")
    expect(page.get_by_text("全部已送达服务器")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("待发送")).to_have_count(0)
    album.take(page, "outbox-delivered")
    page.goto(f"/t/{ticket_id}/sign")
    expect(page.get_by_text("已签收")).to_be_visible()


def _once_each(product: Product, ticket_id: str, sent: set[str]) -> None:
    """One receipt for every command of the phone, one journal event for each that happened."""
    receipts = product.rows(select(ReceiptRow.id, ReceiptRow.status).where(ReceiptRow.ticket_id == ticket_id))
    mine = [row for row in receipts if row["id"] in sent]
    assert {row["id"] for row in mine} == sent
    assert {row["status"] for row in mine} == {"applied"}
    events = product.rows(select(Event.name, Event.command_id).where(Event.subject_id == ticket_id))
    caused = [(row["name"], row["command_id"]) for row in events if row["command_id"]]
    assert len(caused) == len(set(caused)), "a command was played twice"
    names = [row["name"] for row in events]
    for name in ("ticket.signed", "contact.recorded", "visit.recorded", "reply.submitted"):
        assert names.count(name) == 1, names
    assert names.count("evidence.declared") == 3


def _whole(product: Product, town: Town, ticket_id: str, sealed: dict[str, str]) -> None:
    """The server's bytes have the hashes that the phone computed from its own bytes."""
    rows = product.rows(select(Evidence.id, Evidence.sha256).where(Evidence.ticket_id == ticket_id))
    assert {row["id"]: row["sha256"] for row in rows} == sealed
    for evidence_id, digest in sealed.items():
        content = town["station"].get(f"/evidence/{evidence_id}/original").content
        assert hashlib.sha256(content).hexdigest() == digest
    detail = town["station"].ticket(ticket_id)["detail"]
    assert [len(detail[part]) for part in ("contacts", "visits", "replies", "evidence")] == [1, 1, 1, 3]
    assert sorted(detail["replies"][0]["evidence_ids"]) == sorted(sealed)


def _renditions_appear(page: Page, town: Town, ticket_id: str, album: Album) -> None:
    """The worker makes display picture, thumbnail and audio; the phone says 已收 for all three.

    It says so as soon as the bytes are whole; who opens the ticket next wants to see the pictures.
    """
    deadline = time.monotonic() + 60
    while [e["has_thumb"] for e in town["station"].ticket(ticket_id)["detail"]["evidence"]].count(True) < 2:
        assert time.monotonic() < deadline, "the worker made no thumbnails"
        time.sleep(0.5)
    page.goto(f"/t/{ticket_id}?tab=work")
    expect(page.locator(".thumb", has_text="已收")).to_have_count(2, timeout=30_000)
    expect(page.locator(".gallery-sound")).to_contain_text("已收")
    album.take(page, "detail-work")


def _leader_signs(phone: Phone, ticket_id: str, album: Album) -> None:
    page = phone.open(f"/t/{ticket_id}/signoff")
    phone.sign_in_and_return(PHONES["leader"])
    expect(page.get_by_text("签名绑定本页内容")).to_be_visible()
    expect(page.locator("figure img")).to_have_count(2)
    album.take(page, "signoff")
    page.get_by_role("button", name="同意", exact=True).click()
    page.get_by_role("dialog", name="同意并签名").get_by_role("button", name="同意", exact=True).click()
    page.wait_for_url(f"**/t/{ticket_id}")
    phone.everything_sent()
    phone.close()


def _station_accepts(phone: Phone, ticket_id: str, album: Album) -> None:
    page = phone.open(f"/t/{ticket_id}/review")
    phone.sign_in_and_return(PHONES["station"])
    page.get_by_role("button", name="审核通过").click()
    album.take(page, "review-accept")
    page.get_by_role("dialog", name="审核通过").get_by_role("button", name="审核通过").click()
    page.wait_for_url(f"**/t/{ticket_id}")
    phone.everything_sent()
    phone.close()


def _provable(page: Page, product: Product, town: Town, ticket_id: str, album: Album) -> None:
    """The whole story stands on the liaison's phone, and the chain holds."""
    assert town["station"].ticket(ticket_id)["state"] == "closed"
    page.goto(f"/t/{ticket_id}?tab=log")
    for word in ("登记", "派单", "签收", "联系", "上门", "提交", "审签", "审核通过"):
        expect(page.locator("main").get_by_text(word).first).to_be_visible()
    album.take(page, "detail-timeline")
    checked = product.verify()
    assert checked.returncode == 0, checked.stdout + checked.stderr
