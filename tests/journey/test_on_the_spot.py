"""Evidence at the door, and the same door again: a liaison's photos, then a supervisor who repeats one offline."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from journey import liaison
from journey.album import Album
from journey.conftest import MakePhone
from journey.phone import PLACE, Phone, until
from journey.pictures import gallery_photo
from journey.product import Product
from journey.town import PHONES, Person, Town
from PIL import Image
from playwright.sync_api import Page, expect

from app import clock
from app.db import Database
from app.demo.people import PEOPLE
from app.ids import new_id
from app.oversight.inspections.models import InspectionCase, InspectionDraw
from app.people.models import Jurisdiction

pytestmark = [pytest.mark.journey, pytest.mark.slow]
SMALL: dict[str, Any] = {"viewport": {"width": 360, "height": 780}}


def _walk(phone: Phone, page: Page) -> None:
    """A person at the door: fixes a few metres apart, each of which the screen has counted."""
    for step in range(1, 4):
        expect(page.locator(".finder-chips")).to_contain_text(f"· {step} 次", timeout=20_000)
        phone.context.set_geolocation(PLACE | {"latitude": PLACE["latitude"] + step * 0.00002})
    expect(page.locator(".finder-chips")).to_contain_text("· 4 次", timeout=20_000)


def _evidence(town: Town, ticket_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = town["liaison"].ticket(ticket_id)["detail"]["evidence"]
    return found


def _rendered(page: Page, town: Town, ticket_id: str, count: int) -> list[dict[str, Any]]:
    for _ in range(400):
        ready = [e for e in _evidence(town, ticket_id) if e["state"] == "ready"]
        if len(ready) >= count:
            return ready
        page.wait_for_timeout(100)
    raise AssertionError(_evidence(town, ticket_id))


@pytest.mark.clause("D5.2", partial="before and after with place, time, device; the album is named as such")
@pytest.mark.clause("A3", partial="taken again: the first one is withdrawn and kept, its original arrives too")
def test_photos_at_the_door(make_phone: MakePhone, town: Town, album: Album) -> None:
    phone = make_phone(**SMALL)
    ticket_id = town.signed_ticket("井盖松动，夜间有声响")
    page = phone.start(PHONES["liaison"])
    page.goto(f"/t/{ticket_id}/capture")
    _walk(phone, page)
    liaison.shoot(page, "办理前")
    again = page.locator(".capture-again")
    expect(again).to_contain_text("已保存在本机")
    album.take(page, "capture-1-taken")
    again.get_by_role("button", name="重拍").click()
    expect(again).to_contain_text("替换刚才那张")
    page.get_by_role("button", name="拍一张办理前照片").click()
    expect(again).to_contain_text("刚才那张将撤回，原件留存")
    album.take(page, "capture-2-again")
    expect(page.locator(".thumbs > li")).to_have_count(1, timeout=20_000)
    liaison.import_photo(page, "办理后", *gallery_photo(after=True))
    expect(page.locator(".thumbs > li")).to_contain_text("相册导入·未验证")
    expect(page.locator(".finder-ghost")).to_be_visible()
    album.take(page, "capture-3-ghost-and-album")
    phone.everything_sent()
    _rendered(page, town, ticket_id, 2)
    taken = sorted(_evidence(town, ticket_id), key=lambda e: str(e["captured_at"]))
    shots = [e for e in taken if e["source"] == "camera"]
    assert sorted(e["state"] for e in shots) == ["ready", "withdrawn"] and all(e["received_at"] for e in shots)
    kept = next(e for e in shots if e["state"] == "ready")
    assert kept["position"]["samples"] > 1 and kept["position"]["spread_m"] > 0
    assert kept["issued_at"] <= kept["declared_at"] and kept["device"]["name"]
    picture = town["liaison"].get(f"/evidence/{kept['id']}/display").content
    assert Image.open(io.BytesIO(picture)).height == kept["display_height"] + kept["strip_px"] > kept["display_height"]
    page.goto(f"/t/{ticket_id}?tab=work")
    page.goto(f"/t/{ticket_id}/capture?phase=after")
    page.locator(".thumbs > li button").first.click()
    expect(page.get_by_role("dialog", name="查看照片")).to_contain_text("相册导入·未验证")
    expect(page.locator(".viewer-stage img")).to_be_visible()
    album.take(page, "capture-4-viewer-album")
    page.get_by_role("button", name="关闭").click()
    page.get_by_role("radio", name="办理前").click()
    page.locator(".thumbs > li button").first.click()
    expect(page.get_by_role("dialog", name="查看照片")).to_contain_text("次定位")
    page.emulate_media(color_scheme="dark")
    album.take(page, "capture-5-viewer-dark")


def _drawn(product: Product, ticket_id: str, unit_id: str) -> str:
    """The ticket as a case of a draw, as the relay makes it when a period ends."""
    now = clock.now()
    database = Database(f"sqlite:///{product.var / 'doorstep.db'}")
    draw_id, case_id = new_id(), new_id()
    with database.unit_of_work() as session:
        place = session.get_one(Jurisdiction, "dalad").id
        draw = InspectionDraw(id=draw_id, jurisdiction_id=place, period="daily", name="核查", committed_at=now)
        draw.begins_at, draw.ends_at, draw.drawn_at = now - timedelta(days=1), now, now
        draw.commitment = draw.seed = "0" * 64
        draw.journal_length, draw.journal_head, draw.sample, draw.population = 0, "", 1, 1
        session.add(draw)
        session.flush()
        case = InspectionCase(id=case_id, draw_id=draw_id, jurisdiction_id=place, ticket_id=ticket_id, unit_id=unit_id)
        case.place, case.weight, case.probability, case.state = 1, 100, 1.0, "open"
        case.signals, case.grounds, case.second = [], [], False
        session.add(case)
    database.engine.dispose()
    return case_id


@pytest.mark.clause("U4.8", partial="the site visited without a network, the unit's photo repeated from the same spot")
@pytest.mark.clause("A1", partial="a supervisor's visit")
def test_a_supervisor_repeats_the_photo_offline(
    make_phone: MakePhone, product: Product, town: Town, album: Album
) -> None:
    ticket_id = town.signed_ticket("公示栏已更换，待核查")
    camera = make_phone(**SMALL)
    page = camera.start(PHONES["liaison"])
    page.goto(f"/t/{ticket_id}/capture")
    for phase in ("办理前", "办理后"):
        liaison.shoot(page, phase)
    camera.everything_sent()
    _rendered(page, town, ticket_id, 2)
    before = town["liaison"].ticket(ticket_id)["version"]
    supervisor = next(person for person in PEOPLE if any(role == "supervisor" for _, role, _ in person.roles))
    case_id = _drawn(product, ticket_id, town.unit("清河街道办事处"))
    api = Person(product.url, "supervisor", supervisor.phone)
    api.act("inspection.claim", None, case_id=case_id)

    phone = make_phone(**SMALL)
    page = phone.open()
    phone.sign_in_and_return(supervisor.phone)
    phone.ready_for_offline()
    page.goto("/field")
    expect(page.get_by_text("公示栏已更换，待核查")).to_be_visible()
    album.take(page, "field-1-list")
    page.get_by_role("button", name="备好离线资料").click()
    expect(page.get_by_text("已备好离线资料")).to_be_visible(timeout=30_000)
    album.take(page, "field-2-prepared")
    until(page, "async () => (await caches.keys()).length > 0")
    page.goto(f"/t/{ticket_id}/check/{case_id}")
    expect(page.get_by_text("距工单登记位置")).to_be_visible()
    phone.network(on=False)
    page.reload()
    expect(page.locator(".finder-ghost")).to_be_visible()
    expect(page.get_by_text("距所选照片的拍摄点")).to_be_visible()
    shutter = page.get_by_role("button", name="拍一张现场核查照片")
    expect(shutter).to_be_enabled()
    shutter.click()
    expect(page.get_by_role("list", name="现场照片").get_by_text("仅在本机")).to_be_visible()
    album.take(page, "field-3-taken-offline")
    page.get_by_role("radio", name="现场不符").click()
    expect(page.get_by_role("button", name="提交核查结果")).to_be_disabled()
    page.get_by_role("textbox", name="现场情况").fill("公示栏仍是旧的，照片上的新公示栏不在这里。")
    page.get_by_role("button", name="提交核查结果").click()
    expect(page.get_by_text("待发送").first).to_be_visible()
    page.emulate_media(color_scheme="dark")
    album.take(page, "field-4-waiting-dark")
    assert town["liaison"].ticket(ticket_id)["version"] == before
    phone.network(on=True)
    until(page, _DELIVERED, seconds=60)
    page.reload()
    expect(page.get_by_role("list", name="现场照片").get_by_text("已送达服务器")).to_be_visible(timeout=30_000)
    album.take(page, "field-5-delivered")
    (found,) = api.get(f"/oversight/inspections/cases/{case_id}").json()["facts"]["field_checks"]
    assert (found["label"], len(found["photos"])) == ("现场不符", 1) and found["to_photo"]["metres"] < 100
    assert town["liaison"].ticket(ticket_id)["version"] == before, "the unit hears nothing before the verdict"


_DELIVERED = """async () => {
  const person = localStorage.getItem('doorstep.person')
  const answered = (request) => new Promise((resolve) => { request.onsuccess = () => resolve(request.result) })
  const db = await answered(indexedDB.open(`doorstep-${person}`))
  const all = (name) => answered(db.transaction(name).objectStore(name).getAll())
  const [commands, uploads] = [await all('commands'), await all('uploads')]
  db.close()
  return commands.every((row) => row.state === 'delivered') && uploads.every((row) => row.state === 'sent')
}"""
