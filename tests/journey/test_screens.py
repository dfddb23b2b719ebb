"""Every screen as each role sees it, by day, by night, small with big text and wide: no traps, nothing cut off."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from journey.album import Album
from journey.audit import overflow, violations
from journey.conftest import MakePhone
from journey.phone import Phone
from journey.town import PHONES, Town
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.journey, pytest.mark.slow]
Tickets = Callable[[str], str]
LIAISON = (
    ("list-unsigned", "/"),
    ("sign", "/t/{路灯不亮}/sign"),
    ("detail-request", "/t/{垃圾箱}"),
    ("detail-work-draft", "/t/{垃圾箱}?tab=work"),
    ("detail-log", "/t/{垃圾箱}?tab=log"),
    ("detail-talk", "/t/{垃圾箱}?tab=talk"),
    ("detail-sent-back", "/t/{声控灯}"),
    ("contact", "/t/{垃圾箱}/field"),
    ("visit", "/t/{垃圾箱}/field?tab=visit"),
    ("capture", "/t/{垃圾箱}/capture?phase=after"),
    ("record-idle", "/t/{垃圾箱}/record"),
    ("reply-draft", "/t/{垃圾箱}/reply"),
    ("reply-again", "/t/{声控灯}/reply"),
    ("request-return", "/t/{路灯不亮}/request/return"),
    ("request-extension", "/t/{路面坑洼}/request/extension"),
    ("outbox", "/outbox"),
    ("inbox", "/inbox"),
    ("people", "/people"),
    ("roster", "/roster"),
    ("me", "/me"),
)
LEADER = (("leader-list", "/"), ("leader-signoff", "/t/{下水道}/signoff"), ("leader-roster", "/roster"))
STATION = (
    ("desk", "/desk"),
    ("desk-intake", "/desk/intake"),
    ("desk-dispatch", "/t/{公积金}/dispatch"),
    ("station-review", "/t/{红绿灯}/review"),
    ("station-people", "/people"),
    ("station-duty-gaps", "/watch?tab=duty"),
    ("station-detail", "/t/{红绿灯}"),
)
SMALL = (
    "list-unsigned",
    "sign",
    "detail-request",
    "visit",
    "capture",
    "reply-draft",
    "request-extension",
    "outbox",
    "roster",
    "me",
)
WIDE = ("desk", "station-review", "station-detail", "desk-dispatch")


@pytest.fixture(scope="module")
def demo(town: Town) -> Tickets:
    """Ids of the demonstration's tickets by a word of their title."""
    found = town["station"].get("/tickets?page_size=100").json()["tickets"]
    return lambda word: next(ticket["id"] for ticket in found if word in ticket["title"])


def _resolve(path: str, demo: Tickets) -> str:
    head, brace, rest = path.partition("{")
    if not brace:
        return path
    word, _, tail = rest.partition("}")
    return f"{head}{demo(word)}{tail}"


def _settled(page: Page) -> None:
    """The screen stands: nothing is being opened and every picture is there."""
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    for word in ("正在打开…", "正在打开相机…", "本机上没有这张工单"):
        expect(page.get_by_text(word)).to_have_count(0)
    expect(page.get_by_text("正在取回工单…")).to_have_count(0)
    page.wait_for_function("() => [...document.images].every((image) => image.complete)")


def _visit(phone: Phone, screens: tuple[tuple[str, str], ...], demo: Tickets, album: Album, prefix: str = "") -> None:
    """Open each screen, keep its picture and collect what is wrong with any of them."""
    wrong: list[str] = []
    for name, path in screens:
        phone.page.goto(_resolve(path, demo))
        _settled(phone.page)
        album.take(phone.page, prefix + name)
        wrong += [f"{prefix}{name}: {line}" for line in (*violations(phone.page), overflow(phone.page)) if line]
    assert wrong == [], "\n".join(wrong)


def _only(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple(screen for screen in (*LIAISON, *STATION) if screen[0] in names)


def test_the_liaisons_screens(phone: Phone, demo: Tickets, album: Album) -> None:
    phone.start(PHONES["liaison"])
    _visit(phone, LIAISON, demo, album)


@pytest.mark.parametrize(("role", "screens"), [("leader", LEADER), ("station", STATION)])
def test_the_offices_screens(
    role: str, screens: tuple[tuple[str, str], ...], phone: Phone, demo: Tickets, album: Album
) -> None:
    phone.start(PHONES[role])
    _visit(phone, screens, demo, album)


def test_small_dark_and_with_the_largest_text(make_phone: MakePhone, demo: Tickets, album: Album) -> None:
    phone = make_phone(viewport={"width": 360, "height": 780}, color_scheme="dark")
    page = phone.start(PHONES["liaison"])
    page.goto("/me")
    page.get_by_role("radiogroup", name="文字大小").get_by_role("radio", name="特大").click()
    _visit(phone, _only(SMALL), demo, album, "dark-large-")


def test_two_panes_on_a_desktop(make_phone: MakePhone, demo: Tickets, album: Album) -> None:
    phone = make_phone(viewport={"width": 1280, "height": 800}, is_mobile=False, has_touch=False, device_scale_factor=1)
    phone.start(PHONES["station"])
    _visit(phone, _only(WIDE), demo, album, "wide-")
