"""Serves the built phone app: shell, hashed assets, service worker, manifest.

The phone must never get HTML where it asked for a script, and never yesterday's shell with today's assets gone: hence a
404 for every missing asset, `immutable` for hashed names only, and `no-cache` for what names them.
"""

from __future__ import annotations

import base64
import hashlib
import mimetypes
import re
from pathlib import Path
from typing import Final, cast

from flask import Blueprint, Response, current_app, request, send_file
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import NotFound
from werkzeug.routing import PathConverter

from config import Config

blueprint = Blueprint("shell", __name__)

YEAR: Final = "public, max-age=31536000, immutable"
REVALIDATE: Final = "no-cache"
ICON: Final = "public, max-age=86400"
EMBEDDED: Final = "private, max-age=86400"
"""For the shell inside WeChat: there may be no service worker, so the browser's cache opens it without a network.

The app asks /api/v1/version and fetches the new shell itself."""

_INLINE_SCRIPT: Final = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
_ENCODINGS: Final = (("br", ".br"), ("gzip", ".gz"))
_TYPES: Final = {".js": "text/javascript", ".webmanifest": "application/manifest+json", ".svg": "image/svg+xml"}
_PERMISSIONS: Final = "camera=(self), microphone=(self), geolocation=(self), payment=(), usb=()"


class PagePath(PathConverter):
    """Paths of the app's own pages: never the API's, which answers 404 in its own words to every method."""

    regex = r"(?!(?:api|assets|files|oauth|docs|demo|healthz)(?:/|$))[^/].*?"


@blueprint.record_once
def _know_pages(state: BlueprintSetupState) -> None:
    state.app.url_map.converters["page"] = PagePath


@blueprint.get("/assets/<path:name>")
def asset(name: str) -> Response:
    """A file with its content's hash in its name. 404 when it is gone, whatever the browser accepts."""
    return _file(_dist() / "assets", name, YEAR)


@blueprint.get("/", defaults={"path": ""})
@blueprint.get("/<page:path>")
def shell(path: str) -> Response:
    """The app for every page of it; its few unhashed files by name; 404 for what is none of these."""
    # The service worker keeps /index.html by name and opens every page with it: it must carry the same policy.
    if path != "index.html" and "." in path.rsplit("/", 1)[-1]:
        return _file(_dist(), path, REVALIDATE if path.endswith((".js", ".html", ".webmanifest", ".txt")) else ICON)
    return _index()


def build_id(dist: Path) -> str | None:
    """Return which build of the app `dist` holds, None when it was never built."""
    try:
        return (dist / "build.txt").read_text("utf-8").strip()
    except FileNotFoundError:
        return None


def script_hashes(html: bytes) -> list[str]:
    """Return the CSP sources of the inline scripts in `html`."""
    digests = (hashlib.sha256(script).digest() for script in _INLINE_SCRIPT.findall(html))
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]


def content_security_policy(html: bytes) -> str:
    """Return the policy of the shell: own origin only, inline script by its hash, no third party at all."""
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' {' '.join(script_hashes(html))}".rstrip(),
            "style-src 'self'",
            "img-src 'self' blob: data:",
            "media-src 'self' blob:",
            "connect-src 'self'",
            "worker-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def _dist() -> Path:
    return cast(Config, current_app.extensions["doorstep.config"]).pwa_dir


def _index() -> Response:
    in_wechat = "MicroMessenger" in request.headers.get("User-Agent", "")
    response = _file(_dist(), "index.html", EMBEDDED if in_wechat else REVALIDATE)
    response.headers["Content-Security-Policy"] = content_security_policy((_dist() / "index.html").read_bytes())
    response.headers["Permissions-Policy"] = _PERMISSIONS
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.vary.add("User-Agent")
    return response


def _file(folder: Path, name: str, cache: str) -> Response:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()) or path.suffix in (".br", ".gz") or not path.is_file():
        raise NotFound
    encoding, chosen = _encoded(path)
    suffix = path.suffix
    response = send_file(
        chosen,
        mimetype=_TYPES.get(suffix) or mimetypes.types_map.get(suffix, "application/octet-stream"),
        conditional=True,
    )
    if encoding:
        response.headers["Content-Encoding"] = encoding
    if suffix in _TYPES or suffix in (".html", ".css"):
        response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = cache
    if path.name == "sw.js":
        response.headers["Service-Worker-Allowed"] = "/"
    return response


def _encoded(path: Path) -> tuple[str | None, Path]:
    """The file as it was compressed at build time, in the first encoding that the browser takes."""
    for encoding, suffix in _ENCODINGS:
        packed = path.with_name(path.name + suffix)
        if encoding in request.accept_encodings and packed.is_file():
            return encoding, packed
    return None, path
