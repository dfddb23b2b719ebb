"""What goes wrong on the way: lost answers, moved tickets, ended sessions, killed servers: nothing lost or doubled."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path

import pytest
from journey import liaison
from journey.album import Album
from journey.conftest import MakePhone
from journey.phone import Phone, until
from journey.pictures import gallery_photo, large_photo
from journey.product import Product
from journey.town import PHONES, Town
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.evidence.models import Evidence
from app.journal.models import Event
from app.sync.models import ReceiptRow

pytestmark = [pytest.mark.journey, pytest.mark.slow]


def _facts(product: Product, ticket_id: str) -> list[object]:
    """All that the server holds about a ticket which a replay could double."""
    return [
        product.rows(select(ReceiptRow).where(ReceiptRow.ticket_id == ticket_id).order_by(ReceiptRow.id)),
        product.rows(select(Event.name, Event.hash).where(Event.subject_id == ticket_id).order_by(Event.subject_seq)),
        product.rows(select(Evidence).where(Evidence.ticket_id == ticket_id).order_by(Evidence.id)),
    ]


def test_the_outbox_replayed_from_two_tabs_changes_nothing(phone: Phone, product: Product, town: Town) -> None:
    ticket_id = town.signed_ticket("重发三次的工单")
    page = phone.start(PHONES["liaison"])
    liaison.record_contact(page, ticket_id, "第一次说明情况", word=None)
    page.goto(f"/t/{ticket_id}/capture")
    liaison.import_photo(page, "办理前", *gallery_photo(after=False))
    phone.everything_sent()
    _worker_is_done(product, ticket_id)
    known = _facts(product, ticket_id)
    for _ in range(3):
        assert phone.forget_receipts() >= 2
        other = phone.tab("/outbox")
        page.goto("/outbox")
        for tab in (page, other):
            expect(tab.get_by_text("全部已送达服务器")).to_be_visible()
        phone.everything_sent()
        other.close()
    commands = [row["command"] for row in phone.stored("commands")]
    assert all(receipt["replayed"] for receipt in town["liaison"].send(commands))
    assert _facts(product, ticket_id) == known


def _worker_is_done(product: Product, ticket_id: str) -> None:
    deadline = time.monotonic() + 30
    while not all(row["state"] == "ready" for row in product.rows(select(Evidence.state).where(
        Evidence.ticket_id == ticket_id))):  # fmt: skip
        assert time.monotonic() < deadline, "the worker has not rendered the photo"
        time.sleep(0.2)


@pytest.mark.clause("A2")
def test_a_ticket_reassigned_while_offline_keeps_the_work_in_sight(
    phone: Phone, town: Town, album: Album, tmp_path: Path
) -> None:
    ticket_id = town.signed_ticket("离线时被改派的工单")
    page = phone.start(PHONES["liaison"])
    liaison.open_from_list(page, "离线时被改派的工单", "办理中")
    phone.ready_for_offline()
    phone.network(on=False)
    liaison.record_contact(page, ticket_id, "已和来电人说明需要更换灯杆")
    _sign_out_is_refused(page, album)
    town["station"].act("ticket.reassign", ticket_id, unit_id=town.unit("供热服务中心"), reason="属于供热管网施工造成")
    phone.network(on=True)

    page.goto("/outbox")
    row = page.locator(".out", has_text="登记联系 · 被拒绝")
    expect(row).to_contain_text("改派")
    expect(page.get_by_text("需处理 · 1")).to_be_visible()
    album.take(page, "outbox-refused")
    row.click()
    sheet = page.get_by_role("dialog")
    expect(sheet).to_contain_text("已和来电人说明需要更换灯杆")
    album.take(page, "outbox-refused-content")
    sheet.get_by_role("button", name="关闭").click()
    _export_holds(page, tmp_path, "已和来电人说明需要更换灯杆")
    row.click()
    sheet.get_by_role("button", name="删除此条").click()
    expect(sheet).to_contain_text("删除后内容无法恢复")
    sheet.get_by_role("button", name="确定删除").click()
    expect(row).to_be_hidden()


def _sign_out_is_refused(page: Page, album: Album) -> None:
    page.goto("/me")
    page.get_by_role("button", name="退出登录").click()
    sheet = page.get_by_role("dialog", name="退出登录")
    expect(sheet).to_contain_text("还有内容没有送达服务器")
    expect(sheet).to_contain_text("登记联系")
    expect(sheet.get_by_role("button", name="退出登录")).to_have_count(0)
    album.take(page, "sign-out-refused")
    sheet.get_by_role("button", name="关闭").click()


def _export_holds(page: Page, folder: Path, text: str) -> None:
    with page.expect_download() as waiting:
        page.get_by_role("button", name="导出备份").click()
    path = folder / "backup.json"
    waiting.value.save_as(path)
    backup = json.loads(path.read_text("utf-8"))
    assert text in [command["command"]["args"].get("note") for command in backup["commands"]]


def test_an_ended_session_asks_to_sign_in_and_sends_what_waited(
    phone: Phone, product: Product, town: Town, album: Album
) -> None:
    ticket_id = town.signed_ticket("登录过期时的工单")
    page = phone.start(PHONES["liaison"])
    liaison.open_from_list(page, "登录过期时的工单", "办理中")
    phone.ready_for_offline()
    phone.network(on=False)
    liaison.record_contact(page, ticket_id, "过期之前写下的联系记录")
    phone.context.clear_cookies()
    page.goto(f"/t/{ticket_id}?tab=work")
    phone.network(on=True)
    banner = page.get_by_role("status").filter(has_text="登录已过期，1 条待发，登录后自动发送")
    expect(banner).to_be_visible(timeout=35_000)
    expect(page.locator(".record", has_text="过期之前写下的联系记录")).to_be_visible()
    album.take(page, "session-ended")
    banner.get_by_role("button", name="登录").click()
    expect(page.get_by_text("乔安和的内容都还在本机，登录后继续发送")).to_be_visible()
    phone.sign_in(PHONES["liaison"])
    phone.everything_sent()
    contacts = town["station"].ticket(ticket_id)["detail"]["contacts"]
    assert [row["note"] for row in contacts].count("过期之前写下的联系记录") == 1


def test_without_a_service_worker_the_outbox_works_all_the_same(
    make_phone: MakePhone, product: Product, town: Town
) -> None:
    ticket_id = town.signed_ticket("没有后台服务时的工单")
    phone = make_phone(service_workers="block")
    page = phone.start(PHONES["liaison"])
    liaison.open_from_list(page, "没有后台服务时的工单", "办理中")
    page.get_by_role("button", name="办理", exact=True).click()
    page.get_by_role("dialog").get_by_role("link", name="联系").first.click()
    expect(page.get_by_role("button", name="登记一次联系")).to_be_visible()
    phone.network(on=False)
    liaison.add_contact(page, "没有网络时写下的联系")
    phone.kill()
    phone.open("/outbox")
    phone.sign_in_if_asked(PHONES["liaison"])
    phone.everything_sent()
    contacts = town["station"].ticket(ticket_id)["detail"]["contacts"]
    assert [row["note"] for row in contacts].count("没有网络时写下的联系") == 1


def test_a_server_killed_in_the_middle_of_an_upload_gets_the_rest(
    phone: Phone, product: Product, town: Town, tmp_path: Path
) -> None:
    ticket_id = town.signed_ticket("上传途中服务器重启的工单")
    photo = tmp_path / "large.jpg"
    photo.write_bytes(large_photo())
    page = phone.start(PHONES["liaison"])
    page.goto(f"/t/{ticket_id}/capture")
    liaison.import_photo_file(page, "办理前", photo)
    arrived = _wait_for_some_bytes(product)
    for process in product.web_workers():
        process.kill()
    assert arrived < photo.stat().st_size, "the upload was over before the server could be killed"
    page.goto("/outbox")
    expect(page.get_by_text("全部已送达服务器")).to_be_visible(timeout=60_000)
    (row,) = product.rows(select(Evidence.id, Evidence.sha256).where(Evidence.ticket_id == ticket_id))
    stored = town["station"].get(f"/evidence/{row['id']}/original").content
    assert hashlib.sha256(stored).hexdigest() == hashlib.sha256(photo.read_bytes()).hexdigest() == row["sha256"]


def _wait_for_some_bytes(product: Product) -> int:
    """Return how many bytes of the unfinished upload lie on the server's disk, as soon as there are some."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        sizes = [path.stat().st_size for path in (product.var / "evidence" / "uploads").glob("*") if path.is_file()]
        if any(size > 0 for size in sizes):
            return max(sizes)
        time.sleep(0.002)
    raise AssertionError("no upload began")


def test_an_update_waits_for_the_draft_and_keeps_it(phone: Phone, product: Product, town: Town) -> None:
    ticket_id = town.signed_ticket("更新时正在写回复的工单")
    page = phone.start(PHONES["liaison"])
    liaison.open_from_list(page, "更新时正在写回复的工单", "办理中")
    phone.ready_for_offline()
    page.goto(f"/t/{ticket_id}/reply")
    field = page.get_by_role("textbox", name="办理过程")
    field.fill("写到一半时发布了新版本，")
    product.deploy_newer_app("next")
    page.evaluate("async () => (await navigator.serviceWorker.getRegistration()).update()")
    until(page, "async () => (await navigator.serviceWorker.getRegistration()).waiting !== null")
    field.press_sequentially("这一句写在新版本等待的时候。")
    assert page.locator("meta[name=deployed]").count() == 0
    page.get_by_role("button", name="返回").click()
    page.wait_for_url(f"**/t/{ticket_id}")
    phone.draft_mirrored("写到一半时发布了新版本，这一句写在新版本等待的时候。")
    page.get_by_role("button", name="返回").click()
    expect(page.locator("meta[name=deployed][content=next]")).to_have_count(1)
    page.goto(f"/t/{ticket_id}/reply")
    expect(field).to_have_value("写到一半时发布了新版本，这一句写在新版本等待的时候。")
