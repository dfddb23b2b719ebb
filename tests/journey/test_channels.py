"""Channels in a real browser, led to the demonstration's stand-ins: tried, broken and mended, bound, sent once more."""

from __future__ import annotations

from typing import Any

import pytest
from journey.album import Album
from journey.audit import overflow, violations
from journey.conftest import MakePhone
from journey.phone import Phone
from journey.town import PHONES
from playwright.sync_api import Locator, Page, expect

pytestmark = [pytest.mark.journey, pytest.mark.slow]
SMALL: dict[str, Any] = {"viewport": {"width": 360, "height": 780}}
PATIENCE = 30_000


@pytest.fixture
def admin(make_phone: MakePhone) -> Phone:
    """The administrator's phone, a small one."""
    phone = make_phone(**SMALL)
    phone.open()
    phone.sign_in_and_return(PHONES["admin"])
    return phone


def stands(page: Page, album: Album, name: str) -> None:
    """Keep the screen by day and by night, and find nothing wrong with it."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.wait_for_timeout(300)
        assert overflow(page) is None, name
        assert violations(page) == [], name
        album.take(page, f"{name}-{scheme}")


def sheet(page: Page, name: str) -> Locator:
    """Open a channel's sheet."""
    page.get_by_role("button", name=name).first.click()
    opened = page.get_by_role("dialog", name=name)
    expect(opened).to_be_visible()
    return opened


def test_an_administrator_tries_breaks_and_mends_a_channel(admin: Phone, album: Album) -> None:
    page = admin.page
    page.goto("/channels")
    expect(page.get_by_role("button", name="短信").first).to_be_visible()
    stands(page, album, "channels")
    opened = sheet(page, "短信")
    opened.get_by_role("button", name="测试").click()
    expect(opened.get_by_text("短信已收下测试消息")).to_be_visible(timeout=PATIENCE)
    stands(page, album, "channel-tried")
    page.keyboard.press("Escape")
    expect(opened).to_be_hidden()
    assert "短信" in page.evaluate("document.activeElement.textContent"), "the focus is where it was"

    opened = sheet(page, "企业微信")
    opened.get_by_label("企业 ID").fill("ww-other")
    opened.get_by_role("button", name="测试").click()
    expect(opened.get_by_text("企业 ID 不正确")).to_be_visible(timeout=PATIENCE)
    stands(page, album, "channel-refused")
    opened.get_by_label("企业 ID").fill("ww-demo")
    opened.get_by_role("button", name="测试").click()
    expect(opened.get_by_text("企业微信的凭证有效")).to_be_visible(timeout=PATIENCE)


def test_somebody_binds_wechat_and_sees_the_message_on_the_other_phone(admin: Phone, album: Album) -> None:
    page = admin.page
    page.goto("/me/channels")
    opened = sheet(page, "微信公众号")
    opened.get_by_role("button", name="绑定", exact=True).click()
    link = opened.get_by_role("link", name="打开链接")
    expect(link).to_be_visible(timeout=PATIENCE)
    stands(page, album, "bind-link")
    link.click()
    expect(page.get_by_role("heading", name="微信授权")).to_be_visible()
    stands(page, album, "bind-consent")
    page.get_by_role("link", name="程立言").click()
    expect(page.get_by_text("已绑定微信公众号")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("先后顺序")).to_be_visible()
    stands(page, album, "my-channels")
    opened = sheet(page, "微信公众号")
    opened.get_by_role("button", name="测试").click()
    expect(opened.get_by_text("微信公众号已收下测试消息")).to_be_visible(timeout=PATIENCE)
    page.goto("/demo")
    page.get_by_label("这是谁的手机").select_option(label="程立言（管理员）")
    expect(page.get_by_text("测试提醒").last).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("还没有绑定微信")).to_be_hidden()
    stands(page, album, "demo-phone")


def test_what_reached_nobody_is_sent_again_once_it_can(admin: Phone, album: Album) -> None:
    """A wrong template: the reminder of a fresh ticket becomes a dead letter; mended, it arrives at a tap."""
    page = admin.page
    _template(page, "WRONG")
    try:
        page.goto("/demo#climb")
        page.get_by_role("button", name="演示：20 小时压缩为 2 分钟").click()
        expect(page.locator("#steps li").first).to_be_visible(timeout=PATIENCE)
        stands(page, album, "demo-climb")
        number = page.locator("#number").inner_text()
        page.goto("/watch?tab=dead")
        row = page.locator("main").get_by_text(number).first
        for _ in range(10):
            if row.is_visible():
                break
            page.wait_for_timeout(1500)
            page.reload()
        expect(page.get_by_text("模板编号不正确").first).to_be_visible()
        stands(page, album, "dead-letters")
    finally:
        _template(page, "TEMPLATE-1")
    page.goto("/watch?tab=dead")
    again = page.get_by_role("button", name="重新发送")
    expect(again.first).to_be_visible()
    before = again.count()
    again.first.click()
    expect(again).to_have_count(before - 1, timeout=PATIENCE)


def _template(page: Page, value: str) -> None:
    page.goto("/channels")
    opened = sheet(page, "微信公众号")
    opened.get_by_label("模板消息编号").fill(value)
    opened.get_by_role("button", name="保存").click()
    expect(opened.get_by_text("已保存")).to_be_visible(timeout=PATIENCE)
