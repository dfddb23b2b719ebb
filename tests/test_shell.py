"""The built app over HTTP: caching, policy, compression, and what must never be answered with the shell."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import shell
from config import Config

SCRIPT = b"!function(){window.__first=1}()"
HTML = (
    b"<!doctype html><html><head><script>"
    + SCRIPT
    + b'</script></head><body><script type="module" src="/assets/a-1.js"></script>'
)
WECHAT = "Mozilla/5.0 (Linux; Android 12) Chrome/99 Mobile Safari/537.36 MicroMessenger/8.0.40"


class Built(Config):
    """A configuration whose app was built into its var directory."""

    @property
    def pwa_dir(self) -> Path:
        return self.var_dir


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    files = {
        "index.html": HTML,
        "sw.js": b"self.x=1",
        "manifest.webmanifest": b"{}",
        "icon-192.png": b"\x89PNG",
        "build.txt": b"b7\n",
        "assets/a-1.js": b"export{}" * 99,
        "assets/a-1.js.br": b"BROTLI",
        "assets/a-1.js.gz": b"GZIP",
        "assets/s-1.css": b"a{}",
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


@pytest.fixture
def client(dist: Path) -> FlaskClient:
    app = Flask(__name__, static_folder=None)
    app.extensions["doorstep.config"] = Built(secret_key="x" * 40, var_dir=dist, database_url="sqlite://")
    app.register_blueprint(shell.blueprint)
    app.add_url_rule("/api/v1/version", "version", lambda: {"ok": True}, methods=["GET"])
    return app.test_client()


@pytest.mark.parametrize("path", ["/", "/t/0190/reply", "/outbox", "/me", "/apiary"])
def test_every_page_of_the_app_is_the_shell(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.data == HTML
    assert answer.mimetype == "text/html"
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", ["/api/v1/none", "/api", "/files/abc", "/oauth/x", "/docs/none", "/healthz", "/docs"])
def test_other_doors_are_never_answered_with_the_shell(client: FlaskClient, path: str) -> None:
    for method in ("GET", "POST"):
        assert client.open(path, method=method).status_code == 404


def test_missing_assets_are_404_even_for_a_browser_that_would_take_html(client: FlaskClient) -> None:
    for path in ("/assets/gone-9.js", "/assets/", "/gone.png", "/t/x.js"):
        answer = client.get(path, headers={"Accept": "text/html"})
        assert answer.status_code == 404, path
        assert HTML not in answer.data


def test_nothing_outside_the_folder_and_no_packed_twin_by_name(client: FlaskClient, dist: Path) -> None:
    (dist.parent / "secret.txt").write_text("secret")
    for path in ("/assets/../../secret.txt", "/..%2Fsecret.txt", "/assets/..%2f..%2fsecret.txt", "/assets/a-1.js.br"):
        assert client.get(path).status_code == 404, path


def test_cache_headers_by_what_a_name_promises(client: FlaskClient) -> None:
    wanted = {
        "/assets/a-1.js": "public, max-age=31536000, immutable",
        "/assets/s-1.css": "public, max-age=31536000, immutable",
        "/sw.js": "no-cache",
        "/manifest.webmanifest": "no-cache",
        "/index.html": "no-cache",
        "/icon-192.png": "public, max-age=86400",
    }
    assert {path: client.get(path).headers["Cache-Control"] for path in wanted} == wanted
    assert client.get("/manifest.webmanifest").mimetype == "application/manifest+json"
    assert client.get("/sw.js").mimetype == "text/javascript"


def test_inside_wechat_the_shell_may_be_kept_a_day(client: FlaskClient) -> None:
    answer = client.get("/", headers={"User-Agent": WECHAT})
    assert answer.headers["Cache-Control"] == "private, max-age=86400"
    assert "User-Agent" in answer.headers["Vary"]


@pytest.mark.parametrize(
    ("accepted", "encoding", "body"),
    [("br, gzip", "br", b"BROTLI"), ("gzip", "gzip", b"GZIP"), ("identity", None, b"export{}" * 99)],
)
def test_packed_files_go_to_those_who_take_them(
    client: FlaskClient, accepted: str, encoding: str | None, body: bytes
) -> None:
    answer = client.get("/assets/a-1.js", headers={"Accept-Encoding": accepted})
    assert answer.headers.get("Content-Encoding") == encoding
    assert answer.data == body
    assert answer.mimetype == "text/javascript"
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_policy_allows_the_inline_script_by_its_hash_and_no_other_host(client: FlaskClient) -> None:
    policy = client.get("/").headers["Content-Security-Policy"]
    assert client.get("/index.html?__WB_REVISION__=1").headers["Content-Security-Policy"] == policy
    digest = base64.b64encode(hashlib.sha256(SCRIPT).digest()).decode()
    assert f"script-src 'self' 'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "*" not in policy
    assert policy.startswith("default-src 'self'")


def test_a_changed_inline_script_changes_the_policy_and_a_linked_one_does_not() -> None:
    assert shell.script_hashes(HTML) != shell.script_hashes(HTML.replace(SCRIPT, SCRIPT + b";"))
    assert len(shell.script_hashes(HTML)) == 1


def test_unchanged_shell_costs_no_body(client: FlaskClient) -> None:
    first = client.get("/")
    again = client.get("/", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""


def test_build_is_read_from_the_build_and_absent_before(dist: Path, tmp_path: Path) -> None:
    assert shell.build_id(dist) == "b7"
    (dist / "build.txt").unlink()
    assert shell.build_id(dist) is None


def test_not_built_yet_is_404_not_a_fault(client: FlaskClient, dist: Path) -> None:
    (dist / "index.html").unlink()
    assert client.get("/").status_code == 404
