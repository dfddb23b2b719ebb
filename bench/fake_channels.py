"""Fakes of four channels on one loopback socket that count what they are handed: many thousands, cheaply.

They say yes to everything and keep connections open, as the services do; the careful fakes of the tests check
signatures and decrypt. Run as a process of its own: `python -m bench.fake_channels` prints its port.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any, Final

_TOKEN: Final = {"errcode": 0, "access_token": "token", "expires_in": 7200}
_YES: Final = {"errcode": 0, "errmsg": "ok"}


class Counted:
    """What was handed over: key → when each time, in seconds since the epoch."""

    def __init__(self) -> None:
        self.arrivals: dict[str, list[float]] = {}

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        """Return status and JSON of the answer to one request."""
        if path.startswith("/seen"):
            return 200, self.arrivals
        if path.startswith("/number"):
            return 200, len(self.arrivals)
        if "token" in path and "send" not in path:
            return 200, _TOKEN
        if path.startswith("/push/"):
            self._count(headers["topic"])
            return 201, None
        message = json.loads(body)
        if path.startswith("/sms"):
            self._count(message["id"])
            return 200, {"code": "ok"}
        # WeCom has no id of ours: whom it is for and which ticket it opens are one.
        self._count(message.get("client_msg_id") or message["textcard"]["url"].rpartition("/")[2])
        return 200, _YES

    def _count(self, key: str) -> None:
        self.arrivals.setdefault(key.replace("-", ""), []).append(time.time())


async def _serve(counted: Counted, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
            body = await reader.readexactly(int(headers.get("content-length") or 0))
            status, found = counted.answer(head[0].split(" ")[1], headers, body)
            text = json.dumps(found).encode() if found is not None else b""
            writer.write(b"HTTP/1.1 %d OK\r\nContent-Length: %d\r\n\r\n" % (status, len(text)) + text)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def _main() -> None:
    counted = Counted()
    server = await asyncio.start_server(lambda r, w: _serve(counted, r, w), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main())
