"""The envelope of messages from WeChat's servers and of our answers (消息加解密, 安全模式): SHA-1, AES-CBC."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import ParseError
from xml.sax.saxutils import escape

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

BLOCK: Final = 32
WINDOW_SECONDS: Final = 300
"""How far the time of a message may be from ours; what is repeated within it is known by its id."""


class Forged(Exception):
    """The message is not from the account's server, or not for this account, or too old."""


@dataclass(frozen=True)
class Envelope:
    """What opens and closes envelopes of one account."""

    token: str
    aes_key: str
    app_id: str

    def greets(self, query: Mapping[str, str], now_seconds: int) -> str:
        """Return the text to echo when the account's server address is being set up. Raises `Forged`."""
        self._require(query, query.get("signature", ""), now_seconds)
        return query.get("echostr", "")

    def open(self, query: Mapping[str, str], body: bytes, now_seconds: int) -> dict[str, str]:
        """Return the fields of a message. Raises `Forged`."""
        encrypted = fields(body).get("Encrypt", "")
        self._require(query, query.get("msg_signature", ""), now_seconds, encrypted)
        return fields(self._decrypt(encrypted))

    def _require(self, query: Mapping[str, str], given: str, now_seconds: int, *more: str) -> None:
        stamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        expected = signature(self.token, stamp, nonce, *more)
        if not hmac.compare_digest(expected.encode(), given.encode()):
            raise Forged("signature")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 12):
            raise Forged("time")
        if abs(int(stamp) - now_seconds) > WINDOW_SECONDS:
            raise Forged("time")

    def close(self, xml: str, now_seconds: int) -> str:
        """Return an answer, encrypted and signed."""
        nonce, stamp = os.urandom(8).hex(), str(now_seconds)
        encrypted = self._encrypt(xml.encode())
        signed = signature(self.token, stamp, nonce, encrypted)
        return (
            f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt><MsgSignature><![CDATA[{signed}]]></MsgSignature>"
            f"<TimeStamp>{stamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
        )

    def _cipher(self) -> Cipher[modes.CBC]:
        try:
            key = base64.b64decode(self.aes_key + "=", validate=True)
            return Cipher(algorithms.AES(key), modes.CBC(key[:16]))
        except ValueError as error:  # not base64, or not 32 bytes of it
            raise Forged("key") from error

    def _encrypt(self, message: bytes) -> str:
        plain = os.urandom(16) + struct.pack(">I", len(message)) + message + self.app_id.encode()
        padding = BLOCK - len(plain) % BLOCK
        encryptor = self._cipher().encryptor()
        return base64.b64encode(encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()).decode()

    def _decrypt(self, text: str) -> bytes:
        decryptor = self._cipher().decryptor()
        try:
            plain = decryptor.update(base64.b64decode(text, validate=True)) + decryptor.finalize()
        except (ValueError, binascii.Error) as error:
            raise Forged("cipher") from error
        padding = plain[-1] if plain else 0
        if not 1 <= padding <= BLOCK or len(plain) < 20 + padding:
            raise Forged("padding")
        plain = plain[16:-padding]
        (length,) = struct.unpack(">I", plain[:4])
        if plain[4 + length :] != self.app_id.encode():
            raise Forged("account")
        return plain[4 : 4 + length]


def signature(*parts: str) -> str:
    """Return SHA-1 over the sorted parts: what the protocol prescribes."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def page_signature(ticket: str, nonce: str, seconds: int, url: str) -> str:
    """Return what the JS-SDK wants for a page (`url` without what stands after `#`)."""
    text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={seconds}&url={url.partition('#')[0]}"
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def fields(xml: bytes) -> dict[str, str]:
    """Return tag → text of a flat message. Raises `Forged` for what is none; entities are not expanded."""
    try:
        return {child.tag: child.text or "" for child in fromstring(xml)}
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise Forged("xml") from error


def text_answer(to: str, account: str, seconds: int, words: str) -> str:
    """Return a text as an answer to a message."""
    return (
        f"<xml><ToUserName>{escape(to)}</ToUserName><FromUserName>{escape(account)}</FromUserName>"
        f"<CreateTime>{seconds}</CreateTime><MsgType>text</MsgType><Content>{escape(words)}</Content></xml>"
    )
