"""河东区: a turn changes hands, somebody takes leave, the leader plans weeks, and the station sees who is missing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from journey.album import Album
from journey.audit import overflow, violations
from playwright.sync_api import Page, expect
from tour import hands
from tour.stage import Stage

from app import clock
from app.people.roster.rules import day_at

pytestmark = [pytest.mark.journey, pytest.mark.slow]
TOWN = "hedong"
DAY = timedelta(days=1)


def _today() -> date:
    return day_at(clock.now(), "Asia/Shanghai")


def _said(day: date) -> str:
    return f"{day.month} 月 {day.day} 日 周{'一二三四五六日'[day.weekday()]}"


def _at(page: Page, day: date) -> Any:
    """The cell of a day, in the month it stands in."""
    shown = page.locator(".roster-switch h2")
    while shown.inner_text() != f"{day.year} 年 {day.month} 月":
        page.get_by_role("button", name="下个月").click()
        page.wait_for_timeout(200)
    return page.get_by_role("button", name=_said(day))


def _kept(page: Page, album: Album, name: str) -> None:
    """A picture by day and by night; nothing cut off, nothing that a screen reader trips over."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        album.take(page, f"roster-{name}-{scheme}")
        assert [line for line in (*violations(page), overflow(page)) if line] == [], (name, scheme)
    page.emulate_media(color_scheme="light")


@pytest.mark.clause("D6.1", "U5.1", partial="on the screens")
def test_a_turn_changes_hands_and_a_gap_stands_before_the_station(people: Stage, album: Album) -> None:
    first, second = people.name("liaison"), people.name("liaison_b")
    [asked] = people.api("liaison").get("/people/roster/mine").json()["swaps"]
    day = date.fromisoformat(asked["day"])
    page = people.open("liaison", "/me")
    page.set_viewport_size({"width": 360, "height": 780})
    page.get_by_role("link", name="值班表", exact=True).click()
    expect(page.get_by_text(f"{second}请您接替")).to_be_visible()
    expect(_at(page, day)).to_contain_text(f"A 角 {second}")
    _kept(page, album, "1-asked")
    page.get_by_role("button", name="同意换班").click()
    page.get_by_role("dialog", name="同意换班").get_by_role("button", name="同意换班").click()
    expect(page.get_by_text("已同意，值班表已更新。")).to_be_visible()
    expect(_at(page, day)).to_contain_text(f"A 角 {first}")
    _kept(page, album, "2-agreed")

    _at(page, day).click()
    sheet = page.get_by_role("dialog", name=_said(day))
    expect(sheet.get_by_text("先提醒")).to_be_visible()
    expect(sheet.get_by_role("link", name=f"拨打{first}的电话")).to_be_visible()
    _kept(page, album, "3-day")
    sheet.get_by_role("button", name="请假").click()
    sheet = page.get_by_role("dialog", name="登记请假")
    sheet.get_by_label("顶班人").select_option(label=second)
    sheet.get_by_role("textbox", name="事由").fill("体检")
    _kept(page, album, "4-leave")
    sheet.get_by_role("button", name="登记请假").click()
    expect(page.get_by_text(f"已登记{first}请假。")).to_be_visible()
    expect(_at(page, day)).to_contain_text("顶班")
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_text("已撤销。")).to_be_visible()
    expect(_at(page, day)).to_contain_text(f"A 角 {first}")
    hands.settled(people.phone("liaison"))
    _planned(people, album)
    _missing(people, album)


def _planned(people: Stage, album: Album) -> None:
    """The leader fills what the roster leaves open: seen first, one day changed by hand, then written."""
    hole = _today() + 9 * DAY
    page = people.open("leader", f"/roster?month={hole:%Y-%m}")
    page.set_viewport_size({"width": 360, "height": 780})
    expect(_at(page, hole)).to_contain_text("未排")
    page.get_by_role("link", name="排定值班表").click()
    page.get_by_label("首日").fill(hole.isoformat())
    page.get_by_label("末日").fill((hole + DAY).isoformat())
    expect(page.get_by_role("heading", name="预览（2 天）")).to_be_visible()
    page.get_by_label(f"{_said(hole)} A 角").select_option(label=f"A 角 · {people.name('liaison_b')}")
    _kept(page, album, "5-plan")
    page.get_by_role("button", name="保存 2 天").click()
    page.get_by_role("dialog", name="排定值班表").get_by_role("button", name="保存").click()
    page.wait_for_url("**/roster/*?month=*")
    expect(_at(page, hole)).to_contain_text(f"A 角 {people.name('liaison_b')}")


def _missing(people: Stage, album: Album) -> None:
    """The station sees the day on which a unit has nobody left, and whom to call; what was planned is gone from it."""
    page = people.open("station", "/watch?tab=duty")
    row = page.locator(".group", has_text=people.unit_name("housing")).first
    expect(row.get_by_text("无人在岗", exact=True)).to_be_visible()
    expect(row.get_by_role("link", name="拨打").first).to_be_visible()
    expect(page.locator(".group", has_text=people.unit_name("town"))).to_have_count(0)
    _kept(page, album, "6-gaps")
    row.get_by_role("link", name="看值班表").click()
    expect(_at(page, _today() + 5 * DAY)).to_contain_text("无人在岗")
