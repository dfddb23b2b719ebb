"""The deployment's key that signs evidence bundles; its public half stands in every day's document."""

from __future__ import annotations

import hashlib
import hmac

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def private_key(secret_key: str) -> Ed25519PrivateKey:
    """Return the key, derived from the deployment's secret: another secret is another key."""
    return Ed25519PrivateKey.from_private_bytes(
        hmac.new(secret_key.encode(), b"doorstep/bundle", hashlib.sha256).digest()
    )


def public_hex(secret_key: str) -> str:
    """Return the public key in hex."""
    return private_key(secret_key).public_key().public_bytes_raw().hex()
