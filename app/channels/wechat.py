"""WeChat official account: template messages and subscription notices, tokens, tickets, who somebody is, the menu."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from app.channels import forms
from app.channels.answers import WECHAT, outcome_of
from app.channels.channel import TAKEN, Message, Outcome, Result
from app.channels.outside import Outside, Unreachable
from app.channels.tokens import Service, Tokens
from app.reach import kinds

NAME: Final = "微信"
TICKET: Final = "jsapi_ticket"
NO_MENU: Final = 46003
_FALLS_BACK: Final = (Result.NEXT, Result.REFUSED, Result.NEVER)


@dataclass(frozen=True)
class WeChat:
    """One official account. `options` and `secrets` are those of `catalogue.FIELDS`."""

    options: Mapping[str, str]
    secrets: Mapping[str, str]
    outside: Outside
    tokens: Tokens

    @property
    def service(self) -> Service:
        """The account's API."""
        return Service(NAME, self.options["host"], WECHAT, self.outside, self.tokens, self._fetch)

    def _fetch(self, refused: bool) -> tuple[str, int]:
        """Get the stable token: everybody who asks gets the same one, and asking does not end the former."""
        body = {
            "grant_type": "client_credential", "appid": self.options["app_id"],
            "secret": self.secrets["app_secret"], "force_refresh": refused,
        }  # fmt: skip
        answer = self.outside.ask("POST", self.options["host"] + "/cgi-bin/stable_token", body=body)
        return _granted(answer)

    def send(self, message: Message) -> Outcome:
        """Send the template message; where the account or the person has no use for it, the subscription notice.

        A message without a deadline goes into the template for such, if the others ask for one.
        """
        outcome = self._lacking()
        for template, form, send in self._ways(message):
            try:
                outcome = self.service.outcome(send(message, template, form))
            except Unreachable as error:
                outcome = error.outcome
            if outcome.result not in _FALLS_BACK:
                return outcome
        return outcome

    def _ways(self, message: Message) -> Iterator[tuple[str, str, Callable[[Message, str, str], dict[str, Any]]]]:
        """Yield template, its form and how it is sent, the first choice first."""
        options, facts = self.options, message.facts
        fitting = {
            name: options[f"{name}_id"] for name in ("template", "plain", "subscribe")
            if options.get(f"{name}_id") and forms.fits(options[f"{name}_form"], facts)
        }  # fmt: skip
        first = next((name for name in ("template", "plain") if name in fitting), None)
        if first is not None:
            yield fitting[first], options[f"{first}_form"], self._template
        if "subscribe" in fitting:
            yield fitting["subscribe"], options["subscribe_form"], self._subscription

    def _lacking(self) -> Outcome:
        """Return why nothing was tried: no template at all, or only such as want a deadline."""
        if any(self.options.get(name) for name in ("template_id", "subscribe_id")):
            return Outcome(Result.NEXT, "这条提醒没有截止时间，请填写“无截止时间的模板”", code="template")
        return Outcome(Result.NEVER, "尚未填写模板编号", code="template")

    def _template(self, message: Message, template: str, form: str) -> dict[str, Any]:
        body = {
            "touser": message.address,
            "template_id": template,
            "data": _values(form, message),
            # The same id within ten minutes is sent once: a worker that died after the yes does no harm.
            "client_msg_id": message.topic,
        }
        if message.link:
            body["url"] = message.link
        return self.service.call("POST", "/cgi-bin/message/template/send", body)

    def _subscription(self, message: Message, template: str, form: str) -> dict[str, Any]:
        body = {
            "touser": message.address,
            "template_id": template,
            "data": _values(form, message),
            "client_msg_id": message.topic,
        }
        if message.link:
            body["page"] = message.link
        return self.service.call("POST", "/cgi-bin/message/subscribe/bizsend", body)

    def authorize_url(self, back: str, state: str) -> str:
        """Return where WeChat asks nothing and comes back to `back` with a code (`snsapi_base`)."""
        query = {
            "appid": self.options["app_id"], "redirect_uri": back, "response_type": "code", "scope": "snsapi_base",
            "state": state,
        }  # fmt: skip
        return f"{self.options['auth_host']}/connect/oauth2/authorize?{urlencode(query)}#wechat_redirect"

    def who(self, code: str) -> str:
        """Return the openid behind an OAuth code, good once. Raises `Unreachable`."""
        query = {
            "appid": self.options["app_id"], "secret": self.secrets["app_secret"], "code": code,
            "grant_type": "authorization_code",
        }  # fmt: skip
        answer = self.outside.ask("GET", self.options["host"] + "/sns/oauth2/access_token", params=query)
        openid = answer.get("openid")
        if not isinstance(openid, str) or not openid:
            raise Unreachable(outcome_of(WECHAT, NAME, answer.get("errcode", -1), str(answer.get("errmsg", ""))))
        return openid

    def ticket(self) -> str:
        """Return the ticket that pages are signed with. Raises `Unreachable`."""
        known = self.tokens.known(TICKET)
        if known is not None:
            return known
        answer = self.service.call("GET", "/cgi-bin/ticket/getticket", type="jsapi")
        self.service.require(answer)
        self.tokens.keep(TICKET, str(answer["ticket"]), int(answer.get("expires_in", 7200)))
        return str(answer["ticket"])

    def set_menu(self, app_url: str) -> None:
        """Give the account its menu: the app, what waits, and how to ask. Raises `Unreachable`."""
        buttons = [
            {"type": "view", "name": "上门办", "url": app_url},
            {"type": "click", "name": "待办", "key": "待办"},
            {"type": "click", "name": "帮助", "key": "帮助"},
        ]
        self.service.require(self.service.call("POST", "/cgi-bin/menu/create", {"button": buttons}))

    def menu(self) -> list[dict[str, Any]]:
        """Return the menu's buttons as WeChat has them, none where the account has no menu. Raises `Unreachable`."""
        answer = self.service.call("GET", "/cgi-bin/menu/get")
        if answer.get("errcode") == NO_MENU:
            return []
        self.service.require(answer)
        return list(answer.get("menu", {}).get("button", []))

    def delete_menu(self) -> None:
        """Take the account's menu away. Raises `Unreachable`."""
        self.service.require(self.service.call("GET", "/cgi-bin/menu/delete"))

    def check(self) -> Outcome:
        """Return whether the account's credentials are taken."""
        try:
            self.service.require(self.service.call("GET", "/cgi-bin/get_api_domain_ip"))
        except Unreachable as error:
            return error.outcome
        return TAKEN


def _granted(answer: Mapping[str, Any]) -> tuple[str, int]:
    token = answer.get("access_token")
    if not isinstance(token, str) or not token:
        raise Unreachable(outcome_of(WECHAT, NAME, answer.get("errcode", -1), str(answer.get("errmsg", ""))))
    return token, int(answer.get("expires_in", 7200))


def _values(form: str, message: Message) -> dict[str, dict[str, str]]:
    return {name: {"value": value} for name, value in forms.fill(form, message.facts).items()}


CHANNEL: Final = kinds.WECHAT
