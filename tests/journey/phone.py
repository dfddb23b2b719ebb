"""A phone: real Chromium with a profile on disk, which can lose the network and be killed like a phone's browser."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Page, Playwright, expect

from app.demo.people import PASSWORD

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream", "--lang=zh-CN",
)  # fmt: skip
PLACE = {"latitude": 40.4079, "longitude": 110.0331, "accuracy": 9}
_PERMISSIONS = ["geolocation", "camera", "microphone", "notifications"]
_PATIENCE_MS = 15_000


def chromium() -> str:
    """The browser: CHROMIUM (`make journey` sets it), else the system's."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome-stable")
    assert found, "没有 Chromium：请用 make journey 运行，或设置 CHROMIUM"
    return found


def until(page: Page, question: str, arg: object = None, seconds: float = 30) -> None:
    """Ask the page an asynchronous question until the answer is yes.

    `Page.wait_for_function` takes the promise for the answer and is content at once.
    """
    deadline = time.monotonic() + seconds
    while not page.evaluate(question, arg):
        assert time.monotonic() < deadline, f"still no after {seconds} s: {question}"
        page.wait_for_timeout(50)


class Phone:
    """Opens the app, switches the network, dies and comes back with what its disk holds."""

    def __init__(
        self, playwright: Playwright, url: str, profile: Path, film: Path | None = None, **context: Any
    ) -> None:
        self.url, self.console = url, []
        self._playwright, self._profile, self._film = playwright, profile, film
        self._options: dict[str, Any] = {
            "viewport": {"width": 390, "height": 844}, "locale": "zh-CN", "timezone_id": "Asia/Shanghai",
            "is_mobile": True, "has_touch": True, "device_scale_factor": 2, "geolocation": PLACE,
            "permissions": _PERMISSIONS, "base_url": url, "accept_downloads": True,
        } | context  # fmt: skip
        self._context: BrowserContext | None = None
        self.page: Page

    @property
    def context(self) -> BrowserContext:
        """The running browser."""
        assert self._context is not None, "the browser is not running"
        return self._context

    @property
    def running(self) -> bool:
        """Whether the browser lives."""
        return self._context is not None

    def open(self, path: str = "/", offline: bool = False) -> Page:
        """Start the browser on this phone's profile and open the app."""
        film = [f"--use-file-for-fake-video-capture={self._film}"] if self._film else []
        self._context = self._playwright.chromium.launch_persistent_context(
            self._profile, executable_path=chromium(), headless=True, args=[*FLAGS, *film], offline=offline,
            **self._options,
        )  # fmt: skip
        self._context.set_default_timeout(_PATIENCE_MS)
        self._context.on("console", self._note)
        self._context.on("weberror", lambda error: self.console.append(f"uncaught: {error.error}"))
        self.page = self._context.pages[0] if self._context.pages else self._context.new_page()
        self.page.goto(path)
        return self.page

    def start(self, number: str) -> Page:
        """Switch on for the first time: open the app and sign in."""
        self.open()
        self.sign_in(number)
        return self.page

    def tab(self, path: str = "/") -> Page:
        """A second tab of the same browser."""
        page = self.context.new_page()
        page.goto(path)
        return page

    def _note(self, message: ConsoleMessage) -> None:
        self.console.append(f"{message.type}: {message.text}")

    def sign_in(self, phone: str) -> None:
        """Type number and password; return when the list stands."""
        self.sign_in_and_return(phone)
        expect(self.page.get_by_role("radiogroup", name="工单状态")).to_be_visible()

    def sign_in_and_return(self, phone: str) -> None:
        """Type number and password; the app goes on to the page that was asked for."""
        self.page.get_by_label("手机号").fill(phone)
        self.page.get_by_label("密码").fill(PASSWORD)
        self.page.get_by_role("button", name="登录").click()
        expect(self.page.get_by_label("密码")).to_be_hidden()

    def sign_in_if_asked(self, phone: str) -> None:
        """On 发件箱 after a kill: the browser may have lost its newest cookie or settings; then the app asks."""
        banner = self.page.get_by_role("status").get_by_role("button", name="登录")
        form = self.page.get_by_label("密码")
        done = self.page.get_by_text("全部已送达服务器")
        expect(banner.or_(form).or_(done).first).to_be_visible(timeout=35_000)
        if banner.is_visible():
            banner.click()
        if not done.is_visible():
            self.sign_in_and_return(phone)

    def everything_sent(self) -> None:
        """Wait until the server has answered every command and holds every original."""
        until(self.page, _ALL_SENT)

    def ready_for_offline(self) -> None:
        """Wait until the service worker holds the whole app and every ticket's detail is on the phone."""
        until(
            self.page,
            """async () => {
              const found = await navigator.serviceWorker.getRegistration()
              return found?.active?.state === 'activated' && navigator.serviceWorker.controller !== null
            }""",
        )

    def draft_mirrored(self, text: str) -> None:
        """Wait until the draft with that part was offered to the server."""
        until(self.page, _DRAFT_MIRRORED, text)

    def network(self, on: bool) -> None:
        """Switch the network of everything in this browser, the service worker included."""
        self.context.set_offline(not on)

    def keeps_its_session(self) -> bool:
        """Whether the browser has written the session's cookie to disk, which Chromium does within half a minute."""
        found = list(self._profile.glob("Default/**/Cookies"))
        if not found:
            return False
        with contextlib.closing(sqlite3.connect(f"file:{found[0]}?mode=ro&immutable=1", uri=True)) as connection:
            return bool(connection.execute("SELECT count(*) FROM cookies WHERE path = '/api/v1/auth'").fetchone()[0])

    def kill(self) -> None:
        """kill -9 of the browser, as a phone short of memory does it."""
        marker = f"--user-data-dir={self._profile}"
        family = psutil.Process().children(recursive=True)
        mine = [process for process in family if marker in _command(process)]
        assert mine, "the browser's processes were not found"
        for process in mine:
            process.kill()
        psutil.wait_procs(mine, timeout=10)
        self._forget()

    def wait_for_its_session(self) -> None:
        """Return when `keeps_its_session`: a person who signed in this morning has long passed that point."""
        deadline = time.monotonic() + 60
        while not self.keeps_its_session():
            assert time.monotonic() < deadline, "the browser has not kept the cookie"
            self.page.wait_for_timeout(250)

    def close(self) -> None:
        """Close the browser the polite way."""
        if self._context is not None:
            self._forget()

    def _forget(self) -> None:
        try:
            self.context.close()
        except Error:  # it is dead already: that was the point
            pass
        self._context = None

    def stored(self, store: str) -> list[dict[str, Any]]:
        """Rows of one object store of the phone's database (bytes left out)."""
        found: list[dict[str, Any]] = self.page.evaluate(_READ_STORE, store)
        return found

    def originals(self) -> dict[str, str]:
        """Evidence id → sha256 of the bytes that lie on this phone, computed from the bytes themselves."""
        found: dict[str, str] = self.page.evaluate(_HASH_ORIGINALS)
        return found

    def forget_receipts(self) -> int:
        """Put every delivered command back as if its answer had been lost; return how many."""
        count: int = self.page.evaluate(_FORGET_RECEIPTS)
        return count


def _command(process: psutil.Process) -> Sequence[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return ()


_OPEN = """
  const person = localStorage.getItem('doorstep.person')
  const db = await new Promise((resolve, reject) => {
    const request = indexedDB.open(`doorstep-${person}`)
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
  const all = (name) => new Promise((resolve, reject) => {
    const request = db.transaction(name).objectStore(name).getAll()
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
"""
_ALL_SENT = f"""async () => {{ {_OPEN}
  const left = (await all('commands')).filter((row) => row.state !== 'delivered')
  const uploads = (await all('uploads')).filter((row) => !row.confirmed)
  db.close()
  return left.length + uploads.length === 0
}}"""
_DRAFT_MIRRORED = f"""async (text) => {{ {_OPEN}
  const drafts = await all('drafts')
  db.close()
  return drafts.some((draft) => draft.mirrored_at === draft.saved_at && Object.values(draft.parts).includes(text))
}}"""
_READ_STORE = f"""async (name) => {{ {_OPEN}
  const rows = await all(name)
  db.close()
  return JSON.parse(JSON.stringify(rows, (key, value) => value instanceof ArrayBuffer ? null : value))
}}"""
_HASH_ORIGINALS = f"""async () => {{ {_OPEN}
  const hashes = {{}}
  for (const row of await all('blobs')) {{
    if (!row.bytes) continue
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', row.bytes))
    hashes[row.id] = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
  }}
  db.close()
  return hashes
}}"""
_FORGET_RECEIPTS = f"""async () => {{ {_OPEN}
  const rows = (await all('commands')).filter((row) => row.state === 'delivered')
  await new Promise((resolve, reject) => {{
    const tx = db.transaction('commands', 'readwrite')
    for (const row of rows) {{
      const anew = {{ state: 'waiting', receipt: null, delivered_at: null, attempts: 0, not_before: 0 }}
      tx.objectStore('commands').put({{ ...row, ...anew }})
    }}
    tx.oncomplete = resolve
    tx.onerror = () => reject(tx.error)
  }})
  db.close()
  return rows.length
}}"""
