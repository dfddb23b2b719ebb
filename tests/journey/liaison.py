"""What a liaison's hands do on the screens, step by step; each step waits for what the person would wait for."""

from __future__ import annotations

import re
from pathlib import Path

from journey.town import PARTS
from playwright.sync_api import Locator, Page, expect


def choose(scope: Page | Locator, answer: str) -> None:
    """One answer out of a few; an explanation may follow the word in its name."""
    scope.get_by_role("radio", name=re.compile(rf"^{answer}(\s|$)")).check()


def open_from_list(page: Page, title: str, segment: str = "待签收") -> None:
    """Find the ticket in its segment of the list and tap it."""
    page.get_by_role("radio", name=segment).click()
    page.get_by_role("link").filter(has_text=title).click()


def sign(page: Page) -> None:
    """签收, offline: the screen must say that it is kept, never that it is done."""
    page.get_by_role("button", name="签收", exact=True).click()
    expect(page.get_by_text("已在本机签收 · 待发送")).to_be_visible()
    expect(page.get_by_text("联网后生效。签收时间以服务器收到为准")).to_be_visible()


def record_contact(page: Page, ticket_id: str, note: str, word: str | None = "待发送") -> None:
    """联系: reached by phone; `word` is what the record must say of itself, None when the network may be faster."""
    page.goto(f"/t/{ticket_id}/field")
    add_contact(page, note)
    if word is not None:
        expect(page.locator(".record", has_text=note)).to_contain_text(word)


def add_contact(page: Page, note: str) -> None:
    """The sheet of 联系 on the page that is open."""
    page.get_by_role("button", name="登记一次联系").click()
    sheet = page.get_by_role("dialog", name="登记一次联系")
    choose(sheet, "已联系上")
    sheet.get_by_label("说了什么").fill(note)
    sheet.get_by_role("button", name="保存").click()
    expect(sheet).to_be_hidden()
    expect(page.locator(".record", has_text=note)).to_be_visible()


def arrive(page: Page, ticket_id: str) -> None:
    """上门: one tap at the door fixes time and place."""
    page.goto(f"/t/{ticket_id}/field?tab=visit")
    page.get_by_role("button", name="我已到现场").click()
    expect(page.get_by_text("已记录位置，误差约 9 米")).to_be_visible()


def leave(page: Page, ticket_id: str, note: str) -> None:
    """Fill in the visit and leave."""
    page.goto(f"/t/{ticket_id}/field?tab=visit")
    choose(page, "上门办")
    choose(page, "诉求人本人")
    page.get_by_label("现场情况").fill(note)
    page.get_by_role("button", name="离开现场并保存").click()
    expect(page.locator(".record", has_text=note)).to_contain_text("待发送")


def shoot(page: Page, phase: str) -> None:
    """One photo through the viewfinder."""
    page.get_by_role("radio", name=phase).click()
    shutter = page.get_by_role("button", name=f"拍一张{phase}照片")
    expect(shutter).to_be_enabled()
    taken = page.locator(".thumbs > li")
    count = taken.count()
    shutter.click()
    expect(taken).to_have_count(count + 1)


def import_photo(page: Page, phase: str, name: str, content: bytes) -> None:
    """One photo out of the phone's gallery."""
    page.get_by_role("radio", name=phase).click()
    taken = page.locator(".thumbs > li")
    count = taken.count()
    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "image/jpeg", "buffer": content})
    expect(taken).to_have_count(count + 1)


def import_photo_file(page: Page, phase: str, path: Path) -> None:
    """One photo out of the phone's gallery, from a file too large to pass through the driver."""
    page.get_by_role("radio", name=phase).click()
    taken = page.locator(".thumbs > li")
    count = taken.count()
    page.locator("input[type=file]").set_input_files(path)
    expect(taken).to_have_count(count + 1)


def record_sound(page: Page, ticket_id: str) -> None:
    """Three seconds through the microphone, kept as evidence."""
    page.goto(f"/t/{ticket_id}/record")
    page.get_by_role("button", name="开始录音").click()
    expect(page.get_by_role("timer")).to_have_text("00:03")
    page.get_by_role("button", name="停止").click()
    page.get_by_role("button", name="保存为佐证").click()
    expect(page.get_by_text("还没有保存为佐证")).to_be_hidden()
    expect(page.locator(".gallery-sound")).to_have_count(1)


def write_reply(page: Page, ticket_id: str) -> None:
    """The four parts and the citizen's opinion."""
    page.goto(f"/t/{ticket_id}/reply")
    labels = {"verified": "是否属实", "findings": "了解到的情况", "process": "办理过程", "result": "办理结果"}
    for key, label in labels.items():
        page.get_by_role("textbox", name=label).fill(PARTS[key])
    choose(page, "满意")
    expect(page.get_by_role("status").filter(has_text="已存")).to_be_visible()
    expect(page.get_by_text("内容齐全，可以提交。")).to_be_visible()


def submit(page: Page) -> None:
    """提交, and the sheet that says what will happen."""
    page.get_by_role("button", name="提交", exact=True).click()
    sheet = page.get_by_role("dialog", name="提交回复")
    sheet.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_text("已在本机提交回复 · 待发送")).to_be_visible()
