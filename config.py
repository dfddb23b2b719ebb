"""Configuration: one class, read from the environment once. An absent secret refuses to start outside demo mode."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones


class ConfigError(Exception):
    """The environment does not make a working configuration; the text says what to set, in Chinese."""


@dataclass(frozen=True, slots=True)
class Config:
    """Everything a process of Doorstep needs to know from outside.

    Sizes in bytes, durations in seconds.
    """

    secret_key: str
    var_dir: Path
    database_url: str
    redis_url: str | None = None
    vapid_private_key: str | None = None
    vapid_subject: str | None = None
    demo: bool = False
    secure_cookies: bool = False
    trusted_proxies: int = 0
    access_seconds: int = 15 * 60
    refresh_seconds: int = 30 * 24 * 3600
    rotation_grace_seconds: int = 60
    login_attempts: int = 5
    lockout_seconds: int = 15 * 60
    logins_per_minute: int = 30
    reveals_per_hour: int = 60
    photo_bytes: int = 40 * 1024 * 1024
    audio_bytes: int = 200 * 1024 * 1024
    document_bytes: int = 40 * 1024 * 1024
    built_app: Path | None = None
    seal_zone: str = "Asia/Shanghai"
    tsa_url: str | None = None
    tsa_ca: Path | None = None
    inside_hosts: frozenset[str] = frozenset()
    """Hosts on private addresses that channels may call: a government's own gateway; the operator's to say."""
    public_url: str | None = None
    """Where people open the app, for links in messages and the way back from WeChat; no slash at the end."""

    @property
    def evidence_dir(self) -> Path:
        """Where originals and renditions are kept."""
        return self.var_dir / "evidence"

    @property
    def upload_dir(self) -> Path:
        """Where unfinished uploads are kept: beside the originals, so that a whole one is taken over by a hard link."""
        return self.evidence_dir / "uploads"

    @property
    def intake_dir(self) -> Path:
        """Where tables of requests lie until they have been read."""
        return self.var_dir / "intake"

    @property
    def bundle_dir(self) -> Path:
        """Where finished evidence bundles lie until they expire."""
        return self.var_dir / "bundles"

    @property
    def pwa_dir(self) -> Path:
        """Where the built phone app is: `PWA_DIR`, else the checkout's own build."""
        return self.built_app or Path(__file__).parent / "pwa" / "dist"

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Config:
        """Read `SECRET_KEY`, `VAR_DIR`, `DATABASE_URL`, `REDIS_URL`, `VAPID_*`, `DEMO`, `SECURE_COOKIES`,
        `PWA_DIR`, `INSIDE_HOSTS`, `PUBLIC_URL`, `TRUSTED_PROXIES`, `SEAL_ZONE`, `TSA_*` and the limits.
        Raises `ConfigError`.
        """
        var_dir = Path(environ.get("VAR_DIR") or "var").resolve()
        demo = environ.get("DEMO") == "1"
        secret = environ.get("SECRET_KEY") or ""
        if len(secret) < 32:
            if not demo or secret:
                raise ConfigError("未设置 SECRET_KEY，或它不足 32 个字符：请设置一个随机的长密钥后再启动。")
            secret = _demo_secret(var_dir)
        limits: dict[str, Any] = {
            name: _number(environ, name.upper())
            for name in (
                "trusted_proxies", "access_seconds", "refresh_seconds", "login_attempts", "lockout_seconds",
                "logins_per_minute", "reveals_per_hour", "photo_bytes", "audio_bytes", "document_bytes",
            )
            if environ.get(name.upper())
        }  # fmt: skip
        return cls(
            secret_key=secret,
            var_dir=var_dir,
            database_url=environ.get("DATABASE_URL") or f"sqlite:///{var_dir / 'doorstep.db'}",
            redis_url=environ.get("REDIS_URL") or None,
            vapid_private_key=environ.get("VAPID_PRIVATE_KEY") or None,
            # Push services want somebody to write to; a demonstration has nobody, and says so by a reserved name.
            vapid_subject=environ.get("VAPID_SUBJECT") or ("mailto:demo@example.org" if demo else None),
            demo=demo,
            secure_cookies=environ.get("SECURE_COOKIES") == "1",
            inside_hosts=frozenset(h.strip().lower() for h in environ.get("INSIDE_HOSTS", "").split(",") if h.strip()),
            public_url=(environ.get("PUBLIC_URL") or "").rstrip("/") or None,
            built_app=Path(environ["PWA_DIR"]).resolve() if environ.get("PWA_DIR") else None,
            **_sealing(environ),
            **limits,
        )


def _sealing(environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings of the daily seal and of the authority that stamps it."""
    zone, url, ca = (environ.get(name) or "" for name in ("SEAL_ZONE", "TSA_URL", "TSA_CA"))
    found: dict[str, Any] = {}
    if zone:
        if zone not in available_timezones():
            raise ConfigError(f"SEAL_ZONE 须是时区名称，如 Asia/Shanghai，现在是“{zone}”。")
        found["seal_zone"] = zone
    if url:
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise ConfigError("TSA_URL 须是 http:// 或 https:// 开头的网址。")
        found["tsa_url"] = url
    if ca:
        if not Path(ca).is_file():
            raise ConfigError(f"TSA_CA 指定的证书文件不存在：{ca}")
        found["tsa_ca"] = Path(ca).resolve()
    return found


def _number(environ: Mapping[str, str], name: str) -> int:
    try:
        value = int(environ[name])
    except ValueError:
        raise ConfigError(f"{name} 须是整数，现在是“{environ[name]}”。") from None
    if value < 0:
        raise ConfigError(f"{name} 不能是负数。")
    return value


def _demo_secret(var_dir: Path) -> str:
    """Return the demonstration's own secret, made once per VAR_DIR: never a constant that others know too."""
    path = var_dir / "demo-secret"
    if not path.exists():
        var_dir.mkdir(parents=True, exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(os.urandom(32).hex())
    return path.read_text().strip()
