"""Ports and addresses of this machine, and the page from which a phone takes the local certificate."""

from __future__ import annotations

import errno
import http.server
import os
import socket
import threading
from pathlib import Path

from .steps import Stop


def port_from_env() -> int:
    """PORT, else 8000. Raises Stop when it is not a port."""
    text = os.environ.get("PORT", "").strip() or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise Stop(f"PORT 应为 1 到 65535 之间的数字，现在是“{text}”。")
    return int(text)


def require_free(host: str, port: int) -> None:
    """Raise Stop, with a way out, when we could not listen there."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except socket.gaierror as error:
        raise Stop(f"HOST“{host}”不是这台机器认识的地址。可用 HOST=127.0.0.1 或 HOST=0.0.0.0。") from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Stop(f"端口 {port} 已被占用。请先停止占用它的程序，或换一个端口：make run PORT={port + 1}") from error
        if error.errno == errno.EACCES:
            raise Stop(f"没有权限使用端口 {port}。请用 1024 以上的端口，例如：make run PORT=8000") from error
        raise Stop(f"无法在 {host}:{port} 上监听（{error.strerror}）。请检查 HOST 与 PORT。") from error


def lan_addresses() -> list[str]:
    """IPv4 addresses under which other devices may reach this machine; no packet is sent to find out."""
    found = []
    for target in ("192.168.0.1", "10.0.0.1", "172.16.0.1", "192.0.2.1"):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect((target, 9))
                found.append(probe.getsockname()[0])
            except OSError:
                continue
    return sorted({address for address in found if not address.startswith("127.")})


def offer_certificate(file: Path, port: int) -> int | None:
    """Serve the authority's certificate over plain HTTP, for phones that do not trust us yet.

    Gives the port, or None when the ten ports from `port` on are all taken. Only this one public file is served.
    """
    content = file.read_bytes()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != "/doorstep-ca.crt":
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Type", "application/x-x509-ca-cert")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads this log."""

    for candidate in range(port, port + 10):
        try:
            server = http.server.ThreadingHTTPServer(("0.0.0.0", candidate), Handler)
        except OSError:
            continue
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return candidate
    return None
