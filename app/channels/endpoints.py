"""Which push endpoints a browser may register: it names a host that our server will then call (SSRF). Pure."""

from __future__ import annotations

import base64
import binascii
import ipaddress
from typing import Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec

from app.problems import ALLOWED, Refused, Verdict

MAX_ENDPOINT: Final = 1000
_POINT_BYTES: Final = 65
_AUTH_BYTES: Final = 16
_INTERNAL: Final = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "arpa", "test", "invalid")
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


def judge_endpoint(url: str, local: bool) -> Verdict:
    """Return whether the server may ever call `url`.

    `local` (demonstration and tests) also lets http to a loopback address pass. A name is only judged by its looks
    here; the address it resolves to is judged again at every connection, where a lookup cannot be outwitted.
    """
    if len(url) > MAX_ENDPOINT or not url.isascii() or any(c.isspace() or ord(c) < 33 for c in url):
        return _refused("length")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return _refused("url")
    if local and host in _LOOPBACK and parts.scheme in ("http", "https"):
        return ALLOWED
    if parts.scheme != "https":
        return _refused("scheme")
    if parts.username is not None or parts.password is not None or parts.fragment or port == 0:
        return _refused("url")
    return _judge_host(host)


def _judge_host(host: str) -> Verdict:
    try:
        return ALLOWED if public_address(str(ipaddress.ip_address(host))) else _refused("private")
    except ValueError:
        pass
    labels = host.rstrip(".").split(".")
    # An all-digit last label is an address in disguise (2130706433, 0x7f.1): resolvers read those, people do not.
    if len(labels) < 2 or not all(labels) or labels[-1] in _INTERNAL or not labels[-1][0].isalpha():
        return _refused("private")
    return ALLOWED


def public_address(address: str) -> bool:
    """Return whether an IP address is one of the open Internet: not private, loopback, link-local, shared or such."""
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return public_address(str(inner))
        if ip in ipaddress.ip_network("64:ff9b::/96"):
            return public_address(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
    return ip.is_global and not ip.is_multicast


def judge_keys(p256dh: str, auth: str) -> Verdict:
    """Return whether the keys are a point on P-256 and a 16-byte secret: with others nothing can be encrypted."""
    try:
        point, secret = decode(p256dh), decode(auth)
        if len(point) != _POINT_BYTES or len(secret) != _AUTH_BYTES:
            return _refused("keys")
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except (ValueError, binascii.Error):
        return _refused("keys")
    return ALLOWED


def decode(text: str) -> bytes:
    """Return the bytes of base64url text with or without padding. Raises `ValueError`."""
    if not text.isascii() or len(text) > 400:
        raise ValueError("not base64url")
    bare = text.rstrip("=").replace("+", "-").replace("/", "_")
    if not all(c.isalnum() or c in "-_" for c in bare):
        raise ValueError("not base64url")
    return base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))


def encode(data: bytes) -> str:
    """Return bytes as base64url text without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def canonical(text: str) -> str:
    """Return base64 of either alphabet, padded or not, as base64url without padding. Raises `ValueError`."""
    return encode(decode(text))


def _refused(reason: str) -> Refused:
    return Refused("push_endpoint_refused", {"reason": reason})
