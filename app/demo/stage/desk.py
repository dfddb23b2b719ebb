"""The stage's own service: what the product's demonstration page asks, over loopback as with every other service."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Final

import requests

from app import clock
from app.demo.fakes.server import Answer, Asked, FakeService
from app.demo.stage.services import Stage

_LONGEST: Final = 200
SILENT: Final = "该公众号提供的服务出现故障，请稍后再试"
"""What WeChat shows when the account's server did not answer in time, three times."""


class StageDesk(FakeService):
    """Shows what was seen, speaks as a follower, and agrees for one on the page that WeChat would show."""

    def __init__(self, stage: Stage, app: str, port: int = 0) -> None:
        super().__init__(port)
        self._stage, self._app = stage, app
        self._messages = itertools.count(clock.to_epoch_ms(clock.now()))

    def routes(self) -> dict[str, Callable[[Asked], Answer]]:
        return {"/shown": self._shown, "/say": self._say, "/agree": self._agree}

    def locks(self, asked: Asked) -> bool:
        # Our own server, spoken to as WeChat speaks to it, may send something to the stage meanwhile.
        return False

    def _shown(self, asked: Asked) -> Answer:
        after = asked.query.get("after", "0")
        return {"shown": self._stage.playbill.after(int(after) if after.isdigit() else 0)}

    def _say(self, asked: Asked) -> Answer:
        """Send what a follower writes to the account of a place, as WeChat does, and show both sides of it."""
        openid, words = str(asked.body.get("openid", "")), str(asked.body.get("text", ""))[:_LONGEST].strip()
        if openid not in self._stage.wechat.followers or not words:
            return {"answer": None}
        playbill, wechat = self._stage.playbill, self._stage.wechat
        playbill.add("wechat", openid, "", [("", words)], mine=True)
        callback = f"{self._app}/api/v1/wechat/{asked.body.get('place', '')}/callback"
        try:
            answer = wechat.insist(callback, wechat.text(openid, words, next(self._messages)))
        except (requests.RequestException, ValueError):
            answer = SILENT
        if answer is not None:
            playbill.answer(openid, answer)
        return {"answer": answer}

    def _agree(self, asked: Asked) -> Answer:
        """Return the code with which a browser goes back, for an account that is there."""
        account = str(asked.body.get("account", ""))
        if asked.body.get("service") == "wecom":
            return {"code": self._stage.wecom.agree(account) if account in self._stage.wecom.members else None}
        return {"code": self._stage.wechat.agree(account) if account in self._stage.wechat.followers else None}
