"""Configuration: one class, read from the environment once. An absent secret refuses to start outside demo mode."""

from __future__ import annotations

import importlib.util
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
    c2pa_cert: Path | None = None
    c2pa_key: Path | None = None
    """Certificate chain and P-256 key (PEM) that sign display renditions; both or neither."""
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
        `PWA_DIR`, `INSIDE_HOSTS`, `PUBLIC_URL`, `TRUSTED_PROXIES`, `SEAL_ZONE`, `TSA_*`, `C2PA_*` and the limits.
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
            vapid_subject=_contact(environ.get("VAPID_SUBJECT")) or ("mailto:demo@example.org" if demo else None),
            demo=demo,
            secure_cookies=environ.get("SECURE_COOKIES") == "1",
            inside_hosts=frozenset(h.strip().lower() for h in environ.get("INSIDE_HOSTS", "").split(",") if h.strip()),
            public_url=(environ.get("PUBLIC_URL") or "").rstrip("/") or None,
            built_app=Path(environ["PWA_DIR"]).resolve() if environ.get("PWA_DIR") else None,
            **_sealing(environ),
            **_signing(environ),
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


def _signing(environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the certificate chain and key that sign display renditions, once they are found to fit each other.

    That the certificate has not expired is not asked: one that expires must not keep the service from starting.
    """
    given = {name: environ.get(name.upper()) or "" for name in ("c2pa_cert", "c2pa_key")}
    if not any(given.values()):
        return {}
    if not all(given.values()):
        raise ConfigError("C2PA_CERT 与 C2PA_KEY 须同时设置，或都不设置。")
    for name, path in given.items():
        if not Path(path).is_file():
            raise ConfigError(f"{name.upper()} 指定的文件不存在：{path}")
    if importlib.util.find_spec("c2pa") is None:
        raise ConfigError(
            "设置了 C2PA_CERT，但没有安装签名组件："
            "请执行 .venv/bin/pip install --require-hashes -r requirements-c2pa.txt"
        )
    found = {name: Path(path).resolve() for name, path in given.items()}
    _require_pair(found["c2pa_cert"], found["c2pa_key"])
    return found


def _require_pair(cert: Path, key: Path) -> None:
    # Imported only where something is to be signed: the other processes need not hold it.
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        leaf = x509.load_pem_x509_certificates(cert.read_bytes())[0]
    except (ValueError, OSError) as error:
        raise ConfigError("C2PA_CERT 须是可读的 PEM 证书链，签名证书在最前。") from error
    try:
        pem = key.read_bytes()
        private = load_pem_private_key(pem, None)
    except (ValueError, TypeError, OSError) as error:
        raise ConfigError("C2PA_KEY 须是可读的 PEM 私钥，不带口令。") from error
    if b"-----BEGIN PRIVATE KEY-----" not in pem:
        # What `openssl ecparam -genkey` writes: the signing library does not read it.
        raise ConfigError("C2PA_KEY 须是 PKCS#8 格式，请转换：openssl pkcs8 -topk8 -nocrypt -in 原私钥 -out 新私钥")
    if not isinstance(private, EllipticCurvePrivateKey) or not isinstance(private.curve, SECP256R1):
        raise ConfigError("C2PA_KEY 须是 P-256 曲线的私钥（ES256）。")
    if leaf.public_key() != private.public_key():
        raise ConfigError("C2PA_KEY 与 C2PA_CERT 中的第一张证书不是一对。")


def _contact(subject: str | None) -> str | None:
    """Return whom push services may write to. Apple refuses every message of a contact that cannot exist."""
    if not subject:
        return None
    parts = urlsplit(subject)
    host = parts.path.rpartition("@")[2] if parts.scheme == "mailto" else parts.hostname or ""
    known = parts.scheme in ("mailto", "https") and (parts.scheme == "https" or "@" in parts.path)
    last = host.rpartition(".")[2].lower()
    if (
        not known
        or "." not in host
        or not last.isalpha()
        or last in ("local", "localhost", "invalid", "test", "internal")
    ):
        raise ConfigError(
            f"VAPID_SUBJECT 须是 mailto:邮箱 或 https:// 网址，且域名真实存在，现在是“{subject}”："
            "推送服务据此联系运维人员，苹果的服务会拒收其他写法。"
        )
    return subject


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
