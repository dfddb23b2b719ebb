"""An HTTP session that cannot be lured inside: addresses are judged after the lookup, redirects are not followed."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NameResolutionError, NewConnectionError
from urllib3.util.connection import create_connection

from app.channels.endpoints import public_address

ANSWER_BYTES: Final = 4096
WHOLE_SECONDS: Final = 20.0
"""A call may last this long from connecting to the last byte; a timeout per read alone lets a trickle go on."""


class Inside(Exception):
    """The host's name leads to an address that the server must not call."""


@dataclass(frozen=True)
class _Bounds:
    """How far a session may go; see `OutsideSession`."""

    local: bool
    anywhere: bool
    inside: Collection[str]


def _connect(connection: HTTPConnection, bounds: _Bounds) -> socket.socket:
    """Connect to the first address of the host, after every address it resolves to was found to be outside.

    The address judged is the address called: a name that resolves anew for the connection (DNS rebinding) gains
    nothing. Judging by the name beforehand was not enough for that.
    """
    host = connection._dns_host
    try:
        found = [str(row[4][0]) for row in socket.getaddrinfo(host, connection.port, type=socket.SOCK_STREAM)]
    except (socket.gaierror, UnicodeError) as error:
        raise NameResolutionError(host, connection, socket.gaierror(str(error))) from error
    if not bounds.anywhere:
        require_outside(host, found, bounds.local, bounds.inside)
    last: OSError | None = None
    for address in dict.fromkeys(found):
        try:
            return create_connection(
                (address, connection.port), connection.timeout, socket_options=connection.socket_options
            )
        except OSError as error:
            last = error
    raise NewConnectionError(connection, str(last))


def require_outside(host: str, addresses: Collection[str], local: bool, inside: Collection[str]) -> None:
    """Raise `Inside` when one of a host's addresses is not of the open Internet and the operator did not allow it.

    `inside` are host names that the operator (not an administrator) listed: a government's own gateway or mail server.
    """
    if host in inside:
        return
    for address in addresses:
        loopback = ipaddress.ip_address(address.split("%")[0]).is_loopback
        if not public_address(address) and not (local and loopback):
            raise Inside(f"{host} leads to {address}")


def connect_outside(host: str, port: int, timeout: float, local: bool, inside: Collection[str]) -> socket.socket:
    """Return a connection for what is not HTTP, judged like the others. Raises `Inside`, `OSError`."""
    found = [str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    require_outside(host, found, local, inside)
    last: OSError = OSError(f"no address for {host}")
    for address in dict.fromkeys(found):
        try:
            return socket.create_connection((address, port), timeout)
        except OSError as error:
            last = error
    raise last


class _Leash:
    """Hangs up when a call lasts too long. It pulls at a copy of the socket: TLS takes the first one away."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock.dup()
        self._timer = threading.Timer(WHOLE_SECONDS, self._pull)
        self._timer.daemon = True
        self._timer.start()

    def _pull(self) -> None:
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)

    def let_go(self) -> None:
        """Forget the call, which has ended."""
        self._timer.cancel()
        self._sock.close()


def _pools(bounds: _Bounds) -> dict[str, type[HTTPConnectionPool]]:
    class Guarded(HTTPConnection):
        leash: _Leash | None = None

        def _new_conn(self) -> socket.socket:
            sock = _connect(self, bounds)
            self.leash = _Leash(sock)
            return sock

        def close(self) -> None:
            super().close()
            if self.leash is not None:
                self.leash.let_go()
                self.leash = None

    class Secure(Guarded, HTTPSConnection):
        pass

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Guarded

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


class _Adapter(HTTPAdapter):
    def __init__(self, bounds: _Bounds) -> None:
        self._bounds = bounds
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = _pools(self._bounds)


class OutsideSession(requests.Session):
    """Calls hosts of the open Internet only (`local`: and loopback; `inside`: and these), follows no redirect, reads
    little of an answer.

    `anywhere` is for the one address that the operator's own configuration names: that may stand inside.

    Proxies from the environment are not used: a proxy would look the name up itself, where nothing is judged.
    """

    def __init__(
        self,
        local: bool = False,
        anywhere: bool = False,
        answer_bytes: int = ANSWER_BYTES,
        inside: Collection[str] = (),
    ) -> None:
        super().__init__()
        self._answer_bytes = answer_bytes
        self.trust_env = False
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter(_Bounds(local, anywhere, inside)))

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        """As `requests`, but the body is cut at `answer_bytes`: what a stranger answers must not fill our memory."""
        kwargs |= {"allow_redirects": False, "stream": True}
        response = super().request(*args, **kwargs)
        try:
            response._content = response.raw.read(self._answer_bytes, decode_content=False)
        finally:
            response.close()
        return response
