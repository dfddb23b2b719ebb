"""The phone app against its budgets (goals): bytes, and times in Chromium with a CPU four times slower on Slow 4G.

Tickets: 500 of one unit in a database of 75,000; 5,000 rows for the memory. The baseline of each row is the goal that
its case names; where the time of the machine matters, a bare static page is measured in the same run beside it.
"""

from __future__ import annotations

import functools
import http.server
import io
import json
import re
import statistics
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, CDPSession, Page, expect, sync_playwright
from sqlalchemy import text

from app.db import Database
from bench import dataset
from bench.harness import ROOT, Row, folder, product, row
from tests.journey.phone import FLAGS, chromium, until

DIST = ROOT / "pwa" / "dist"
HELD, MANY, RUNS, CPU = 500, 5_000, 3, 4
# Lighthouse's figures for applied throttling of a slow 4G network.
SLOW_4G = {"offline": False, "latency": 562.5, "downloadThroughput": 1_474_560 / 8, "uploadThroughput": 675_000 / 8}
_WATCH = """
  window.__long = 0
  window.__stand = (selector) => new Promise((resolve) => {
    const done = () => document.querySelector(selector) && requestAnimationFrame(() => resolve(performance.now()))
    if (done()) return
    const watch = new MutationObserver(() => { if (done()) watch.disconnect() })
    watch.observe(document, { childList: true, subtree: true })
  })
  window.__list = window.__stand('.row')
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) window.__long += Math.max(0, task.duration - 50)
  }).observe({ type: 'longtask', buffered: true })
"""
_TAP = """async (index) => {
  const rows = document.querySelectorAll('.row')
  const began = performance.now()
  rows[index].click()
  await window.__stand('.page .segment')
  return await new Promise((resolve) => {
    const check = () => document.querySelector('footer.actions')
      ? requestAnimationFrame(() => resolve(performance.now() - began)) : setTimeout(check, 1)
    check()
  })
}"""
_MULTIPLY = """async (times) => {
  const db = await new Promise((resolve, reject) => {
    const request = indexedDB.open('doorstep-' + localStorage.getItem('doorstep.person'))
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
  const store = (mode) => db.transaction('tickets', mode).objectStore('tickets')
  const rows = await new Promise((resolve) => {
    store('readonly').getAll().onsuccess = (event) => resolve(event.target.result)
  })
  const tickets = store('readwrite')
  for (let copy = 1; copy < times; copy++) {
    const mark = copy.toString(16).padStart(4, '0')
    for (const one of rows) {
      tickets.put({ ...one, id: one.id.slice(0, 19) + mark + one.id.slice(23), number: `${one.number}-${copy}` })
    }
  }
  await new Promise((resolve) => { tickets.transaction.oncomplete = resolve })
  db.close()
}"""


def run() -> Iterator[Row]:
    """Yield sizes and times against the goals of the budgets."""
    yield from _sizes()
    with folder() as place, sync_playwright() as playwright:
        url = f"sqlite:///{Path(place) / 'pwa.db'}"
        _fill(url)
        with product(url, Path(place) / "var") as port:
            browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
            yield from _measure(browser, f"http://127.0.0.1:{port}", Path(place))
            browser.close()


def _fill(url: str) -> None:
    """Of the first unit's 500 tickets all but 20 wait to be signed: the list that opens first is the long one."""
    database = Database(url)
    dataset.fill(database, dataset.UNITS * HELD)
    last = dataset.ticket_id(20 * dataset.UNITS).replace("-", "")
    with database.unit_of_work() as session:
        session.execute(text("UPDATE tickets SET state = 'dispatched' WHERE id > :last"), {"last": last})
    database.engine.dispose()


def _against(case: str, value: float, unit: str, goal: float, n: int = 1) -> Row:
    return row("pwa", f"{case}; baseline: goal", value, unit, goal, n, higher_is_better=False)


def _sizes() -> Iterator[Row]:
    """Compressed bytes as the build wrote them."""
    manifest: dict[str, Any] = json.loads((DIST / "assets-manifest.json").read_text("utf-8"))

    def closure(key: str) -> set[str]:
        entry = manifest[key]
        return {entry["file"], *entry.get("css", [])}.union(*(closure(other) for other in entry.get("imports", [])))

    def kilobytes(names: set[str]) -> float:
        return sum((DIST / f"{name}.br").stat().st_size for name in names) / 1024

    # What the page itself starts with; what it fetches at low priority is for after the first paint.
    html = (DIST / "index.html").read_text("utf-8")
    named = re.findall(r'<(?:script|link)(?![^>]*fetchpriority="low")[^>]*"/(assets/[^"]+)"', html)
    keys = {entry["file"]: key for key, entry in manifest.items()}
    first = set().union(*(closure(keys[name]) for name in named))
    shared = first.union(*(closure(key) for key, entry in manifest.items() if entry.get("name") in ("engine", "kit")))
    routes = [closure(key) - shared for key, entry in manifest.items() if entry.get("isDynamicEntry")]
    yield _against("first JS+CSS, brotli", kilobytes(first), "KB", 45)
    yield _against("largest lazy route, brotli", max(map(kilobytes, routes)), "KB", 25, len(routes))
    yield _against("precached app, brotli", sum(map(_packed, _precached())) / 1024, "KB", 150)


def _precached() -> list[Path]:
    listed = set((DIST / "sw.js").read_text("utf-8").split('"url":"')[1:])
    return [DIST / entry.split('"', 1)[0] for entry in listed]


def _packed(path: Path) -> int:
    packed = path.with_name(path.name + ".br")
    return (packed if packed.exists() else path).stat().st_size


def _measure(browser: Browser, url: str, place: Path) -> Iterator[Row]:
    page = _phone(browser, url, None)
    page.goto("/login")
    page.get_by_label("手机号").fill(dataset.phone_of(0))
    page.get_by_label("密码").fill(dataset.PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.locator(".row").first).to_be_visible()
    bare = _bare_page(page)
    ready, blocked = [], []
    for _ in range(RUNS):
        page = _cold_phone(browser, url, page)
        page.goto("/")
        ready.append(page.evaluate("() => window.__list"))
        page.wait_for_load_state("networkidle")
        blocked.append(page.evaluate("() => window.__long"))
    value = statistics.median(ready)
    yield _against("cold list ready, CPU 4x, Slow 4G", value, "ms", 2200, RUNS)
    case = "cold list ready; baseline: bare page of 500 rows"
    yield row("pwa", case, value, "ms", bare, RUNS, higher_is_better=False)
    yield _against("total blocking time of a cold start, CPU 4x", max(1.0, statistics.median(blocked)), "ms", 150, RUNS)
    cdp = page.context.new_cdp_session(page)
    yield from _warm(page, cdp)
    yield from _photo(page, place)
    yield from _memory(page, cdp)


def _phone(browser: Browser, url: str, state: Any) -> Page:
    context = browser.new_context(
        base_url=url, storage_state=state, locale="zh-CN", viewport={"width": 390, "height": 844}, is_mobile=True,
        has_touch=True, permissions=["camera", "geolocation"],
    )  # fmt: skip
    page = context.new_page()
    page.add_init_script(_WATCH)
    return page


def _cold_phone(browser: Browser, url: str, before: Page) -> Page:
    """A phone that is signed in, with nothing of the app and no ticket on it, slow in every way."""
    state = before.context.storage_state()
    for origin in state["origins"]:
        kept = [item for item in origin["localStorage"] if not item["name"].startswith("doorstep.cookie")]
        origin["localStorage"] = kept
    before.context.close()
    page = _phone(browser, url, state)
    _throttle(page)
    return page


def _throttle(page: Page, rate: int = CPU, network: bool = True, offline: bool = False) -> None:
    cdp = page.context.new_cdp_session(page)
    cdp.send("Network.enable")
    free = {"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    cdp.send("Network.emulateNetworkConditions", SLOW_4G if network else free)
    cdp.send("Emulation.setCPUThrottlingRate", {"rate": rate})


def _bare_page(page: Page) -> float:
    """Milliseconds until a page with nothing but 500 rows of plain HTML stands: what this machine and network cost."""
    _throttle(page)
    with tempfile.TemporaryDirectory() as empty:
        rows = "".join(f"<p class=row>工单 {number}</p>" for number in range(HELD))
        (Path(empty) / "index.html").write_text(f"<!doctype html><meta charset=utf-8>{rows}", "utf-8")
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=empty))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        times = []
        for number in range(RUNS):
            page.goto(f"http://127.0.0.1:{server.server_port}/?{number}")
            times.append(page.evaluate("() => window.__list"))
        server.shutdown()
    _throttle(page, rate=1, network=False)
    return statistics.median(times)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the bench's output is its figures."""


def _installed(page: Page) -> None:
    until(
        page,
        """async () => (await navigator.serviceWorker.getRegistration())?.active?.state === 'activated'
          && navigator.serviceWorker.controller !== null""",
    )


def _warm(page: Page, cdp: CDPSession) -> Iterator[Row]:
    """The app and the tickets are on the phone, no network."""
    _throttle(page, network=False)
    _installed(page)
    # Both: the driver's switch covers the service worker, but loses on the page against the conditions set above.
    page.context.set_offline(True)
    _throttle(page, network=False, offline=True)
    ready, taps = [], []
    for _ in range(RUNS):
        page.goto("/")
        ready.append(page.evaluate("() => window.__list"))
    yield _against("offline warm list ready, CPU 4x", statistics.median(ready), "ms", 500, RUNS)
    for index in range(RUNS):
        page.goto("/")
        page.get_by_role("radio", name="办理中").click()
        expect(page.get_by_role("radio", name="办理中 20")).to_be_checked()
        taps.append(page.evaluate(_TAP, index))
    yield _against("tap to detail, CPU 4x", statistics.median(taps), "ms", 200, RUNS)
    page.goto("/")
    expect(page.locator(".row").first).to_be_visible()
    cdp.send("Performance.enable")
    yield _against("480 rows ticking, CPU 4x, per second", _tick(page, cdp), "ms", 3)


def _tick(page: Page, cdp: CDPSession, seconds: int = 10) -> float:
    """Milliseconds of main-thread work per second while nobody touches the list, once its start is over."""
    for _ in range(20):
        before = _task_seconds(cdp)
        page.wait_for_timeout(1_000)
        if _task_seconds(cdp) - before < 0.02:
            break
    before = _task_seconds(cdp)
    page.wait_for_timeout(seconds * 1000)
    return (_task_seconds(cdp) - before) * 1000 / seconds


def _task_seconds(cdp: CDPSession) -> float:
    metrics = cdp.send("Performance.getMetrics")["metrics"]
    return next(float(metric["value"]) for metric in metrics if metric["name"] == "TaskDuration")


def _photo(page: Page, place: Path) -> Iterator[Row]:
    """From picking a 12-megapixel photo to its preview, hash and original safely on the phone."""
    path = place / "twelve.jpg"
    path.write_bytes(_twelve_megapixels())
    times = []
    for number in range(RUNS):
        page.goto(f"/t/{dataset.ticket_id((1 + number) * dataset.UNITS)}/capture")
        expect(page.locator(".capture-bar")).to_be_visible()
        page.evaluate(
            """() => document.querySelector('input[type=file]').addEventListener('change', () => {
              const began = performance.now()
              window.__photo = window.__stand('.thumbs img').then((at) => at - began)
            }, { capture: true })"""
        )
        page.locator("input[type=file]").set_input_files(path)
        page.wait_for_function("() => window.__photo")
        times.append(page.evaluate("() => window.__photo"))
    yield _against("12 MP photo ready, CPU 4x", statistics.median(times), "ms", 800, RUNS)


def _twelve_megapixels() -> bytes:
    rng = np.random.default_rng(12345)
    small = rng.integers(0, 255, (150, 200, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(small).resize((4000, 3000), Image.Resampling.BICUBIC).save(file, "JPEG", quality=90)
    return file.getvalue()


def _memory(page: Page, cdp: CDPSession) -> Iterator[Row]:
    _throttle(page, rate=1, network=False)
    page.goto("/")
    page.evaluate(_MULTIPLY, MANY // HELD)
    page.goto("/")
    page.wait_for_function("() => document.querySelector('.segment b')?.textContent === '999+'")
    page.wait_for_timeout(2_000)
    cdp.send("HeapProfiler.collectGarbage")
    used = float(cdp.send("Runtime.getHeapUsage")["usedSize"])
    yield _against("heap with 5,000 rows", used / 1_000_000, "MB", 6)
