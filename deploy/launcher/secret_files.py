"""Secrets of one instance: made at the first start, kept in VAR_DIR (0600), never in the checkout."""

from __future__ import annotations

import base64
import os
import secrets
import shlex
from collections.abc import Mapping
from pathlib import Path

from .places import write_private

# Order of the P-256 group: a Web Push (VAPID) private key is a number below it.
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_KEPT_FOR_TOOLS = (
    "VAR_DIR",
    "DATABASE_URL",
    "REDIS_URL",
    "DEMO",
    "SECURE_COOKIES",
    "TRUSTED_PROXIES",
    "VAPID_SUBJECT",
    "PUBLIC_URL",
    "INSIDE_HOSTS",
)


def ensure_secrets(var: Path) -> dict[str, str]:
    """SECRET_KEY and VAPID_PRIVATE_KEY: from the environment, else from VAR_DIR/secrets.env, else made now.

    A secret once written is never replaced: a new one would sign everybody out and silence every subscribed phone.
    """
    file = var / "secrets.env"
    kept = _read(file)
    fresh = {"SECRET_KEY": secrets.token_urlsafe(48), "VAPID_PRIVATE_KEY": _vapid_key()} | kept
    if fresh != kept:
        write_private(file, _lines(fresh))
    return {name: os.environ.get(name) or value for name, value in fresh.items()}


def describe_instance(var: Path, env: Mapping[str, str]) -> None:
    """Write what ./doorstep needs to act on this instance while it runs and after."""
    names = [*_KEPT_FOR_TOOLS, "SECRET_KEY", "VAPID_PRIVATE_KEY"]
    write_private(var / "run" / "instance.env", _lines({name: env[name] for name in names if env.get(name)}))


def _vapid_key() -> str:
    number = secrets.randbelow(_P256_ORDER - 1) + 1
    return base64.urlsafe_b64encode(number.to_bytes(32, "big")).decode().rstrip("=")


def _read(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    pairs = (line.split("=", 1) for line in file.read_text(encoding="utf-8").splitlines() if "=" in line)
    return {name: shlex.split(value)[0] for name, value in pairs if value}


def _lines(values: Mapping[str, str]) -> str:
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in values.items())
