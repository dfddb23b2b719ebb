"""Mail by SMTP, through the same guard as every other call: the address judged is the address connected to."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formataddr
from typing import Any, Final

from app.channels.answers import MAIL, outcome_of
from app.channels.channel import TAKEN, Message, Outcome, Result
from app.channels.egress import Inside, connect_outside
from app.channels.outside import Outside

NAME: Final = "邮件服务器"
SECONDS: Final = 8.0
_TLS: Final = "tls"
_STARTTLS: Final = "starttls"


class _Plain(smtplib.SMTP):
    def __init__(self, outside: Outside, host: str, port: int) -> None:
        self._outside = outside
        super().__init__(host, port, timeout=SECONDS)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return connect_outside(host, port, timeout, self._outside.local, self._outside.inside)


class _Secure(_Plain):
    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        context = ssl.create_default_context()
        return context.wrap_socket(super()._get_socket(host, port, timeout), server_hostname=host)


@dataclass(frozen=True)
class Mail:
    """One SMTP account. `options` and `secrets` are those of `catalogue.FIELDS`."""

    options: Mapping[str, str]
    secrets: Mapping[str, str]
    outside: Outside

    def send(self, message: Message) -> Outcome:
        """Hand the mail over. Its Message-ID is the same at every attempt: readers show such a one once."""
        try:
            with self._connect() as server:
                server.send_message(self._letter(message))
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            return outcome_of(MAIL, NAME, code, _text(words))
        except smtplib.SMTPResponseException as error:
            return outcome_of(MAIL, NAME, error.smtp_code, _text(error.smtp_error))
        except Inside:
            return Outcome(Result.NEVER, "地址指向内部网络，未发送", code="inside")
        except ssl.SSLError:
            return Outcome(Result.NEVER, "对方的证书无效", code="tls")
        except (smtplib.SMTPException, OSError) as error:
            return Outcome(Result.LATER, "连不上邮件服务器", code=type(error).__name__)
        return TAKEN

    def _connect(self) -> smtplib.SMTP:
        security, host = self.options.get("security", _TLS), self.options["host"]
        kind = _Secure if security == _TLS else _Plain
        server = kind(self.outside, host, int(self.options["port"]))
        if security == _STARTTLS:
            server.starttls(context=ssl.create_default_context())
        if self.options.get("user"):
            server.login(self.options["user"], self.secrets["password"])
        return server

    def _letter(self, message: Message) -> EmailMessage:
        letter = EmailMessage()
        sender = self.options["sender"]
        letter["From"] = formataddr((self.options.get("sender_name") or "上门办", sender))
        letter["To"] = message.address
        letter["Subject"] = message.title
        letter["Message-ID"] = f"<{message.topic}@{sender.rpartition('@')[2]}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content("\n\n".join(part for part in (message.body, message.link) if part))
        return letter


def _text(words: Any) -> str:
    return words.decode(errors="replace") if isinstance(words, bytes) else str(words)
