"""The server's own key pair for Web Push (RFC 8292)."""

from __future__ import annotations

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.channels.endpoints import decode, encode


def public_key(private_key: str) -> str:
    """Return what a browser subscribes with, for a private key in base64url (32 bytes, or PKCS 8 in DER).

    Raises `ValueError` for anything else.
    """
    point = (
        _load(private_key)
        .public_key()
        .public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    )
    return encode(point)


def _load(private_key: str) -> ec.EllipticCurvePrivateKey:
    raw = decode(private_key.strip())
    if len(raw) == 32:
        return ec.derive_private_key(int.from_bytes(raw, "big"), ec.SECP256R1())
    key = serialization.load_der_private_key(raw, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError("not an elliptic curve key")
    return key
