"""Our envelope against a foreign implementation of the same protocol, both ways, and against what is forged."""

from __future__ import annotations

import base64
import os

import pytest
from channels.conftest import AES_KEY
from wechatpy.client.api.jsapi import WeChatJSAPI
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidAppIdException, InvalidSignatureException

from app.channels.wechat_crypto import WINDOW_SECONDS, Envelope, Forged, fields, page_signature, text_answer

OURS = Envelope("callback-token", AES_KEY, "wx1")
THEIRS = WeChatCrypto("callback-token", AES_KEY, "wx1")
NOW = 1_800_000_000
MESSAGE = "<xml><FromUserName>o1</FromUserName><MsgType>text</MsgType><Content>签收 DL-1 &amp; 谢谢</Content></xml>"


def sealed(message: str = MESSAGE, crypto: WeChatCrypto = THEIRS, at: int = NOW) -> tuple[dict[str, str], bytes]:
    """A message as their side sends it."""
    outer = crypto.encrypt_message(message, "nonce", str(at))
    found = fields(outer.encode())
    query = {"timestamp": found["TimeStamp"], "nonce": found["Nonce"], "msg_signature": found["MsgSignature"]}
    return query, outer.encode()


def test_we_open_what_they_seal() -> None:
    query, body = sealed()
    assert OURS.open(query, body, NOW)["Content"] == "签收 DL-1 & 谢谢"


@pytest.mark.parametrize("length", [0, 1, 31, 32, 33, 500])
def test_they_open_what_we_seal(length: int) -> None:
    xml = text_answer("o1", "gh1", NOW, "好" * length + "<&>")
    found = fields(OURS.close(xml, NOW).encode())
    opened = THEIRS.decrypt_message(found, found["MsgSignature"], found["TimeStamp"], found["Nonce"])
    assert opened == xml
    assert fields(opened.encode())["Content"] == "好" * length + "<&>"


def test_they_refuse_what_was_changed_of_ours() -> None:
    found = fields(OURS.close(MESSAGE, NOW).encode())
    with pytest.raises(InvalidSignatureException):
        THEIRS.decrypt_message(found, found["MsgSignature"], str(NOW + 1), found["Nonce"])
    other = WeChatCrypto("callback-token", AES_KEY, "wx2")
    with pytest.raises(InvalidAppIdException):
        other.decrypt_message(found, found["MsgSignature"], found["TimeStamp"], found["Nonce"])


def test_pages_are_signed_alike() -> None:
    args = ("nonce", "ticket", NOW, "https://app.example.org/t/1?from=wx")
    theirs = WeChatJSAPI.get_jsapi_signature(None, *args)
    assert page_signature("ticket", "nonce", NOW, "https://app.example.org/t/1?from=wx#/somewhere") == theirs


def test_what_is_forged_is_refused() -> None:
    query, body = sealed()
    for name in query:
        with pytest.raises(Forged):
            OURS.open(query | {name: query[name][:-1] + "x"}, body, NOW)
        with pytest.raises(Forged):
            OURS.open({n: v for n, v in query.items() if n != name}, body, NOW)
    other = fields(body)["Encrypt"]
    flipped = other[:40] + ("A" if other[40] != "A" else "B") + other[41:]
    with pytest.raises(Forged):
        OURS.open(query, body.replace(other.encode(), flipped.encode()), NOW)
    foreign = sealed(crypto=WeChatCrypto("callback-token", AES_KEY, "wx2"))
    with pytest.raises(Forged, match="account"):
        OURS.open(*foreign, NOW)
    key = base64.b64encode(os.urandom(32)).decode().rstrip("=")
    strange = sealed(crypto=WeChatCrypto("callback-token", key, "wx1"))
    with pytest.raises(Forged):
        OURS.open(*strange, NOW)


@pytest.mark.parametrize("late", [WINDOW_SECONDS + 1, -WINDOW_SECONDS - 1])
def test_what_is_old_is_refused(late: int) -> None:
    query, body = sealed()
    assert OURS.open(query, body, NOW + WINDOW_SECONDS)
    with pytest.raises(Forged, match="time"):
        OURS.open(query, body, NOW + late)


@pytest.mark.parametrize(
    "body", [b"", b"text", b"<xml/>", b'<!DOCTYPE a [<!ENTITY e "x">]><xml><Encrypt>&e;</Encrypt></xml>']
)
def test_what_is_no_message_is_refused(body: bytes) -> None:
    query, _ = sealed()
    with pytest.raises(Forged):
        OURS.open(query, body, NOW)


def test_a_key_that_is_none_is_no_fault_of_ours() -> None:
    query, body = sealed()
    with pytest.raises(Forged, match="key"):
        Envelope("callback-token", "too short", "wx1").open(query, body, NOW)
