"""Opening the right channel of a place, with its settings and secrets; the null one where there is none."""

from __future__ import annotations

import json
from dataclasses import dataclass

from app import clock
from app.channels.catalogue import options_of
from app.channels.channel import Channel
from app.channels.egress import Kept
from app.channels.mail import Mail
from app.channels.null import NullChannel
from app.channels.outside import Outside
from app.channels.robots import DIALECTS, Robot
from app.channels.sms import Sms
from app.channels.tokens import Tokens
from app.channels.webpush import WebPush
from app.channels.wechat import WeChat
from app.channels.wecom import WeCom
from app.db import Database
from app.reach import kinds
from app.reach.queries import setting_of
from app.vault import Vault
from config import Config


@dataclass(frozen=True)
class Account:
    """A channel's settings, opened."""

    channel: str
    enabled: bool
    options: dict[str, str]
    secrets: dict[str, str]


@dataclass(frozen=True)
class Exits:
    """Every way out of this deployment; with `kept`, connections stay open for the next call."""

    config: Config
    database: Database
    kept: Kept | None = None

    @property
    def vault(self) -> Vault:
        """What opens the channels' secrets."""
        return Vault(self.config.secret_key)

    @property
    def outside(self) -> Outside:
        """How far calls may go."""
        return Outside(self.config.demo, self.config.inside_hosts, self.kept)

    def tokens(self, place: str, channel: str) -> Tokens:
        """Return the tokens of a place's channel."""
        return Tokens(self.database, self.vault, place, channel, clock.now)

    def account(self, place: str, channel: str) -> Account | None:
        """Return the settings of a channel, None when never set up. Raises `Problem` `secret_unreadable`."""
        with self.database.read() as session:
            row = setting_of(session, place, channel)
            if row is None:
                return None
            enabled, options, sealed = row.enabled, dict(row.options), row.secrets
        return Account(channel, enabled, options_of(channel, options), json.loads(self.vault.open(sealed)))

    def wechat(self, place: str, trial: bool = False) -> WeChat | None:
        """Return the place's official account; None when it is not in use (`trial`: not even set up)."""
        account = self.account(place, kinds.WECHAT)
        if account is None or not (account.enabled or trial):
            return None
        return WeChat(account.options, account.secrets, self.outside, self.tokens(place, kinds.WECHAT))

    def wecom(self, place: str, trial: bool = False) -> WeCom | None:
        """Return the place's WeCom application; None when it is not in use (`trial`: not even set up)."""
        account = self.account(place, kinds.WECOM)
        if account is None or not (account.enabled or trial):
            return None
        return WeCom(account.options, account.secrets, self.outside, self.tokens(place, kinds.WECOM))

    def channel(self, place: str, channel: str, trial: bool = False) -> Channel:
        """Return the channel of a place, the null one when it is not in use. Raises `Problem` `secret_unreadable`.

        `trial`: one that is set up but not yet switched on will do.
        """
        if channel == kinds.WEBPUSH:
            return self._webpush()
        if channel == kinds.WECHAT:
            return self.wechat(place, trial) or NullChannel()
        if channel == kinds.WECOM:
            return self.wecom(place, trial) or NullChannel()
        account = self.account(place, channel)
        if account is None or not (account.enabled or trial):
            return NullChannel()
        if channel == kinds.SMS:
            return Sms(account.options, account.secrets, self.outside, clock.now)
        if channel == kinds.MAIL:
            return Mail(account.options, account.secrets, self.outside)
        return Robot(DIALECTS[channel], self.outside, clock.now, account.options.get("keyword", ""))

    def _webpush(self) -> Channel:
        if self.config.vapid_private_key is None or self.config.vapid_subject is None:
            return NullChannel()
        return WebPush(self.config.vapid_private_key, self.config.vapid_subject, self.config.demo, self.kept)
