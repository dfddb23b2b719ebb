"""WeCom and 政务微信 (the same API on a government's own host): application messages and who somebody is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from app.channels.answers import WECOM, outcome_of
from app.channels.channel import TAKEN, Message, Outcome
from app.channels.outside import Outside, Unreachable
from app.channels.tokens import Service, Tokens

NAME: Final = "企业微信"
_TITLE: Final = 128
_TEXT: Final = 500


@dataclass(frozen=True)
class WeCom:
    """One application of a corporation. `options` and `secrets` are those of `catalogue.FIELDS`."""

    options: Mapping[str, str]
    secrets: Mapping[str, str]
    outside: Outside
    tokens: Tokens

    @property
    def service(self) -> Service:
        """The application's API."""
        return Service(NAME, self.options["host"], WECOM, self.outside, self.tokens, self._fetch)

    def _fetch(self, _refused: bool) -> tuple[str, int]:
        query = {"corpid": self.options["corp_id"], "corpsecret": self.secrets["secret"]}
        answer = self.outside.ask("GET", self.options["host"] + "/cgi-bin/gettoken", params=query)
        if answer.get("errcode", 0) != 0 or not answer.get("access_token"):
            raise Unreachable(outcome_of(WECOM, NAME, answer.get("errcode") or -1, str(answer.get("errmsg", ""))))
        return str(answer["access_token"]), int(answer.get("expires_in", 7200))

    def send(self, message: Message) -> Outcome:
        """Send the application message; a member who is not there is named in an answer that says yes."""
        body = {
            "touser": message.address,
            "agentid": int(self.options["agent_id"]),
            # The same content within half an hour reaches a member once: so is a second attempt after a lost answer.
            "enable_duplicate_check": 1,
            "duplicate_check_interval": 1800,
        }
        if message.link:
            card = {"title": message.title[:_TITLE], "description": message.body[:_TEXT], "url": message.link}
            body |= {"msgtype": "textcard", "textcard": card | {"btntxt": "打开"}}
        else:
            body |= {"msgtype": "text", "text": {"content": f"{message.title}\n{message.body}"[:_TEXT]}}
        try:
            answer = self.service.call("POST", "/cgi-bin/message/send", body)
        except Unreachable as error:
            return error.outcome
        if message.address in str(answer.get("invaliduser") or "").split("|"):
            return outcome_of(WECOM, NAME, 81013)
        return self.service.outcome(answer)

    def authorize_url(self, back: str, state: str) -> str:
        """Return where WeCom comes back from to `back` with a code."""
        query = {
            "appid": self.options["corp_id"], "redirect_uri": back, "response_type": "code", "scope": "snsapi_base",
            "state": state, "agentid": self.options["agent_id"],
        }  # fmt: skip
        return f"{self.options['auth_host']}/connect/oauth2/authorize?{urlencode(query)}#wechat_redirect"

    def who(self, code: str) -> str:
        """Return the userid behind an OAuth code, good once. Raises `Unreachable`."""
        answer = self.service.call("GET", "/cgi-bin/auth/getuserinfo", code=code)
        self.service.require(answer)
        userid = answer.get("userid") or answer.get("UserId")
        if not isinstance(userid, str) or not userid:
            raise Unreachable(outcome_of(WECOM, NAME, 60111))
        return userid

    def check(self) -> Outcome:
        """Return whether the application's credentials are taken."""
        try:
            self.service.require(self.service.call("GET", "/cgi-bin/agent/get", agentid=self.options["agent_id"]))
        except Unreachable as error:
            return error.outcome
        return TAKEN
