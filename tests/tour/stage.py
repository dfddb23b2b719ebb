"""A town of the demonstration and its people: over the API for plain steps, in a browser for what a screen does."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from journey.phone import PLACE, Phone
from journey.product import Product
from journey.town import Person, now_iso
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app.demo.people import TOWNS, DemoPerson, DemoTown
from app.demo.pictures import scene
from app.ids import new_id

POCKET: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2,
}  # fmt: skip
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}


class Handset(Phone):
    """A phone (or a desk) in a browser that all share: a context of its own keeps nobody's data with anybody else's."""

    def __init__(self, browser: Browser, url: str, size: dict[str, Any]) -> None:
        self.url, self.console = url, []
        self._context: BrowserContext | None = browser.new_context(
            base_url=url, locale="zh-CN", timezone_id="Asia/Shanghai", geolocation=PLACE,
            permissions=["geolocation", "notifications"], **size,
        )  # fmt: skip
        self._context.set_default_timeout(20_000)
        self._context.on("console", self._note)
        self._context.on("weberror", lambda error: self.console.append(f"uncaught: {error.error}"))
        self.page = self._context.new_page()

    def sign_in_as(self, town: DemoTown, person: DemoPerson) -> None:
        """Pick the account from the sheet on the sign-in page, as a visitor does; who is not on it types the number."""
        self.page.goto("/login")
        if person.title is None:
            self.sign_in_and_return(person.phone)
            return
        self.page.get_by_role("button", name="演示账号").click()
        sheet = self.page.get_by_role("dialog", name="演示账号")
        sheet.get_by_role("radio", name=town.name).click()
        sheet.get_by_role("button", name=f"以{person.name}（{person.title}）登录").click()
        expect(self.page.get_by_label("密码")).to_be_hidden()


class Stage:
    """One town: its people by their key in the town's file, and tickets nobody else touches."""

    def __init__(self, product: Product, browser: Browser, town: DemoTown) -> None:
        self.product, self._browser, self.town = product, browser, town
        self._people = {person.key: person for person in town.people}
        self._api: dict[str, Person] = {}
        self._phones: dict[str, Handset] = {}
        self._units: dict[str, str] = {}
        self._number = 0

    def api(self, who: str) -> Person:
        """The person's account over the API."""
        if who not in self._api:
            self._api[who] = Person(self.product.url, who, self._people[who].phone)
        return self._api[who]

    def phone(self, who: str) -> Handset:
        """The person's device, signed in at first use; the station sits at a desk."""
        if who not in self._phones:
            phone = Handset(self._browser, self.product.url, DESK if who == "station" else POCKET)
            self._phones[who] = phone  # kept before signing in, so that a failure shows its screen
            phone.sign_in_as(self.town, self._people[who])
        return self._phones[who]

    def open(self, who: str, path: str) -> Page:
        """What the person sees at that address."""
        phone = self.phone(who)
        phone.page.goto(path)
        return phone.page

    def handsets(self) -> Iterator[tuple[str, Handset]]:
        """Every device in use and whose it is."""
        yield from self._phones.items()

    def name(self, who: str) -> str:
        """The person's name."""
        return self._people[who].name

    def unit(self, key: str) -> str:
        """The id of the unit with that key."""
        if not self._units:
            self._units = {unit["name"]: unit["id"] for unit in self.api("station").get("/sync/pull").json()["units"]}
        return self._units[self.unit_name(key)]

    def unit_name(self, key: str) -> str:
        """What the unit is called."""
        return str(next(unit["name"] for unit in self.town.units if unit["key"] == key))

    def registered(self, title: str, **other: Any) -> str:
        """A ticket in the station's hands, signed there and its caller spoken with, ready to be dispatched."""
        self._number += 1
        ticket_id, station = new_id(), self.api("station")
        caller = {"name": "林佳禾", "phone": "13900001199", "address": "和平巷12号", "anonymous": False}
        told = {
            "number": f"{self.town.prefix}-T{new_id()[-6:]}-{self._number:02d}", "title": title, "kind": "complaint",
            "content": f"{title}，反映过几次没有结果，希望尽快处理并回个电话。", "source": "12345",
            "priority": "normal", "area": "和平巷", "category": "城市管理", "caller": caller | {"confidential": False},
        }  # fmt: skip
        station.act("ticket.intake", ticket_id, **told | other)
        if self.town.profile in ("uxin", "hukou"):
            station.act("ticket.centre_sign", ticket_id, checked=True)
        if self.town.profile == "xinqiao":
            self.contact("station", ticket_id, "clarify")
        return ticket_id

    def handling(self, title: str, unit: str, ground: str | None, **other: Any) -> str:
        """A ticket dispatched to the unit, signed for by its liaison, the caller contacted once."""
        ticket_id = self.registered(title, **other)
        basis = {"unit_id": self.unit(unit), "grounds": "按职责分工派单", "ground": ground}
        self.api("station").act("ticket.dispatch", ticket_id, **basis)
        self.contact("liaison", ticket_id, "first")
        self.api("liaison").act("ticket.sign", ticket_id)
        self.contact("liaison", ticket_id, "first")
        return ticket_id

    def contact(self, who: str, ticket_id: str, purpose: str) -> None:
        """A call that reached the caller."""
        call = {"contact_id": new_id(), "purpose": purpose, "to": "caller", "channel": "phone", "outcome": "reached"}
        self.api(who).act("contact.record", ticket_id, **call, started_at=now_iso(-timedelta(milliseconds=20)))

    def visit(self, ticket_id: str, mode: str = "solve") -> None:
        """The liaison was there and met the caller."""
        seen = {"visit_id": new_id(), "mode": mode, "met": "caller", "note": "与反映人一同到现场查看"}
        spent = {"arrived_at": now_iso(-timedelta(milliseconds=40)), "left_at": now_iso(-timedelta(milliseconds=10))}
        self.api("liaison").act("visit.record", ticket_id, **seen, **spent)

    def photos(self, ticket_id: str) -> list[str]:
        """A photo from before and one from after, their bytes uploaded."""
        return [self._photo(ticket_id, phase) for phase in ("before", "after")]

    def _photo(self, ticket_id: str, phase: str) -> str:
        content, evidence_id, liaison = scene(ticket_id, phase == "after"), new_id(), self.api("liaison")
        liaison.act(
            "evidence.declare", ticket_id, evidence_id=evidence_id, sha256=hashlib.sha256(content).hexdigest(),
            size=len(content), media_type="image/jpeg", kind="photo", phase=phase, captured_at=now_iso(),
            source="camera",
        )  # fmt: skip
        named = "evidence_id " + base64.b64encode(evidence_id.encode()).decode()
        liaison.upload(content, {"Upload-Metadata": named})
        return evidence_id

    def proven(self, title: str, unit: str, ground: str | None, mode: str = "solve", **other: Any) -> str:
        """A ticket that lacks nothing but its reply: contacts, a visit, photos."""
        ticket_id = self.handling(title, unit, ground, **other)
        self.visit(ticket_id, mode)
        self.photos(ticket_id)
        self.contact("liaison", ticket_id, "second")
        return ticket_id

    def ticket(self, ticket_id: str) -> dict[str, Any]:
        """The ticket as the station's account gets it."""
        return self.api("station").ticket(ticket_id)


def town_of(profile: str) -> DemoTown:
    """The demonstration's town under that profile."""
    return next(town for town in TOWNS if town.profile == profile)
