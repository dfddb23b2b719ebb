"""Secrets of keys and webhooks, sealed: whoever gets the database without the deployment's secret has nothing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from cryptography.fernet import Fernet, InvalidToken

from app.problems import Problem


class Vault:
    """Seals and opens with a key of its own, derived from the deployment's secret."""

    def __init__(self, secret_key: str) -> None:
        derived = hmac.new(secret_key.encode(), b"doorstep/intake", hashlib.sha256).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))

    def seal(self, secret: str) -> str:
        """Return the secret encrypted."""
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """Return the secret. Raises `Problem` `secret_unreadable` when SECRET_KEY was changed since."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise Problem("secret_unreadable") from error


def new_secret() -> str:
    """Return a fresh secret of 256 bits, as text that can be copied."""
    return secrets.token_urlsafe(32)
