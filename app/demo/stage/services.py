"""Every fake service of the stage, and what has been seen on it, in order."""

from __future__ import annotations

import contextlib
import itertools
import re
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from app import clock
from app.demo.fakes.others import FakeMail, FakeRobots, FakeSms
from app.demo.fakes.tencent import FakeWeChat, FakeWeCom
from app.demo.stage.settings import AGENT, APP_ID, CORP_ID, FORM_LABELS, MAILBOX, Settings

_KEPT: Final = 2000
_LINK: Final = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True)
class Shown:
    """One message that somebody sees; `mine`: they wrote it themselves. `lines` are (label, text), a label may lack."""

    n: int
    at: str
    channel: str
    to: str
    title: str
    lines: list[tuple[str, str]] = field(default_factory=list)
    link: str | None = None
    mine: bool = False


class Playbill:
    """What has been seen, the latest so many; asked from several threads."""

    def __init__(self) -> None:
        self._shown: deque[Shown] = deque(maxlen=_KEPT)
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def add(self, channel: str, to: str, title: str, lines: list[tuple[str, str]], **more: Any) -> None:
        """Note a message."""
        with self._lock:
            shown = Shown(next(self._numbers), clock.iso(clock.now()), channel, to, title, lines, **more)
            self._shown.append(shown)

    def answer(self, openid: str, text: str) -> None:
        """Note what the account answered in a chat."""
        lines, link = _split(text)
        self.add("wechat", openid, "", lines, link=link)

    def after(self, number: int) -> list[dict[str, Any]]:
        """Return what came after message `number`, in order."""
        with self._lock:
            return [asdict(one) for one in self._shown if one.n > number]

    def see(self, channel: str, to: str, what: dict[str, Any]) -> None:
        """Note what a fake service shows, in its own form."""
        title, lines, link = _READERS.get(channel, _text)(what)
        self.add(channel, to, title, lines, link=link)


Read = tuple[str, list[tuple[str, str]], str | None]


def _template(what: dict[str, Any]) -> Read:
    values = [(FORM_LABELS.get(name, ""), str(entry["value"])) for name, entry in what.get("data", {}).items()]
    return "提醒通知", values, what.get("url") or what.get("page")


def _card(what: dict[str, Any]) -> Read:
    card = what.get("textcard")
    if card is None:
        return "上门办", [("", str(what.get("text", {}).get("content", "")))], None
    return str(card["title"]), [("", str(card["description"]))], card.get("url")


def _letter(what: dict[str, Any]) -> Read:
    letter = what["letter"]
    return str(letter["Subject"]), *_split(letter.get_content())


def _text(what: dict[str, Any]) -> Read:
    return "", *_split(str(what.get("text", "")))


def _split(text: str) -> tuple[list[tuple[str, str]], str | None]:
    links = _LINK.findall(text)
    lines = [("", line.strip()) for line in _LINK.sub("", text).splitlines() if line.strip()]
    return lines, links[-1] if links else None


_READERS: Final = {"wechat": _template, "wecom": _card, "mail": _letter}


@dataclass(frozen=True)
class Stage:
    """The services, each on a port of its own on loopback."""

    playbill: Playbill
    wechat: FakeWeChat
    wecom: FakeWeCom
    sms: FakeSms
    mail: FakeMail
    robots: FakeRobots

    @property
    def ports(self) -> dict[str, int]:
        """Where each listens."""
        return {name: getattr(self, name).port for name in SERVICES}


SERVICES: Final = ("wechat", "wecom", "sms", "mail", "robots")


@contextlib.contextmanager
def standing(settings: Settings) -> Iterator[Stage]:
    """Let the services run on the ports of `settings`, another one where that is taken."""
    s, free = settings.secrets, settings.port
    playbill = Playbill()
    made = Stage(
        playbill,
        FakeWeChat(APP_ID, s["app_secret"], s["token"], s["aes_key"], free("wechat")),
        FakeWeCom(CORP_ID, s["wecom"], AGENT, free("wecom")),
        FakeSms(s["sms"], free("sms")),
        FakeMail(MAILBOX, s["mail"], port=free("mail")),
        FakeRobots(s["robot"], free("robots")),
    )
    with contextlib.ExitStack() as stack:
        for name in SERVICES:
            service = stack.enter_context(getattr(made, name))
            service.audience = playbill.see
        yield made
