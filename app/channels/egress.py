"""An HTTP session that cannot be lured inside: addresses are judged after the lookup, redirects are not followed."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import socket
import threading
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NameResolutionError, NewConnectionError
from urllib3.util.connection import create_connection

from app.channels.endpoints import public_address

ANSWER_BYTES: Final = 4096
_TURN, _LINGER = 0.2, 5.0
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


class _Watch:
    """Hangs up on the calls of this process that last too long, from one thread that is there while there are any."""

    def __init__(self) -> None:
        self._until: dict[_Leash, float] = {}
        self._lock = threading.Lock()
        self._running = False

    def begin(self, leash: _Leash) -> None:
        """Give the call on that connection `WHOLE_SECONDS` from now."""
        with self._lock:
            self._until[leash] = time.monotonic() + WHOLE_SECONDS
            if not self._running:
                self._running = True
                threading.Thread(target=self._run, daemon=True).start()

    def end(self, leash: _Leash) -> None:
        """Forget the call, which has ended."""
        with self._lock:
            self._until.pop(leash, None)

    def _run(self) -> None:
        idle = 0.0
        # Looks now and then, and is not woken: a word to it with every call would cost more than the looks.
        while idle < _LINGER:
            time.sleep(_TURN)
            now = time.monotonic()
            with self._lock:
                idle = 0.0 if self._until else idle + _TURN
                late = [leash for leash, until in self._until.items() if until <= now]
                for leash in late:
                    del self._until[leash]
                self._running = idle < _LINGER
            for leash in late:
                leash.pull()


_watch = _Watch()


def _watch_anew() -> None:
    global _watch
    _watch = _Watch()


# A job is a forked process: it has a copy of everything but the thread.
os.register_at_fork(after_in_child=_watch_anew)


class _Leash:
    """Hangs up when a call lasts too long. It pulls at a copy of the socket: TLS takes the first one away."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock.dup()
        self.tighten()

    def tighten(self) -> None:
        """A call begins."""
        _watch.begin(self)

    def slacken(self) -> None:
        """The call has ended; the connection is kept for another."""
        _watch.end(self)

    def pull(self) -> None:
        """Hang up."""
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)

    def let_go(self) -> None:
        """Forget the connection, which has ended."""
        _watch.end(self)
        self._sock.close()


def _pools(bounds: _Bounds) -> dict[str, type[HTTPConnectionPool]]:
    class Guarded(HTTPConnection):
        leash: _Leash | None = None

        def _new_conn(self) -> socket.socket:
            sock = _connect(self, bounds)
            self.leash = _Leash(sock)
            return sock

        def request(self, *args: Any, **kwargs: Any) -> None:
            if self.leash is not None:
                self.leash.tighten()
            super().request(*args, **kwargs)

        def close(self) -> None:
            super().close()
            if self.leash is not None:
                self.leash.let_go()
                self.leash = None

    class Secure(Guarded, HTTPSConnection):
        pass

    class Slackening(HTTPConnectionPool):
        def _put_conn(self, conn: Any) -> None:
            if conn is not None and conn.leash is not None:
                conn.leash.slacken()
            super()._put_conn(conn)

    class PlainPool(Slackening):
        ConnectionCls = Guarded

    class SecurePool(Slackening, HTTPSConnectionPool):
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
        # One session may speak for many people: what a service gives one of them is not shown for another.
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
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


class Kept:
    """Sessions that stay open from call to call, one a thread and kind; whoever made this closes them all."""

    def __init__(self) -> None:
        self._mine = threading.local()
        self._all: list[OutsideSession] = []
        self._adding = threading.Lock()

    def session(self, kind: str, make: Callable[[], OutsideSession]) -> OutsideSession:
        """Return this thread's session of a kind, made when it is the first."""
        found: OutsideSession | None = getattr(self._mine, kind, None)
        if found is None:
            found = make()
            setattr(self._mine, kind, found)
            with self._adding:
                self._all.append(found)
        return found

    def close(self) -> None:
        """Hang up everywhere."""
        for session in self._all:
            session.close()


@contextlib.contextmanager
def open_session(kept: Kept | None, kind: str, make: Callable[[], OutsideSession]) -> Iterator[OutsideSession]:
    """Yield a kept session, or, where none are kept, one for this call alone."""
    if kept is not None:
        yield kept.session(kind, make)
        return
    with make() as session:
        yield session
