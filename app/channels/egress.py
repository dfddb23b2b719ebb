"""An HTTP session that cannot be lured inside: addresses are judged after the lookup, redirects are not followed."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NameResolutionError, NewConnectionError
from urllib3.util.connection import create_connection

from app.channels.endpoints import public_address

ANSWER_BYTES: Final = 4096


class Inside(Exception):
    """The host's name leads to an address that the server must not call."""


def _connect(connection: HTTPConnection, local: bool) -> socket.socket:
    """Connect to the first address of the host, after every address it resolves to was found to be outside.

    The address judged is the address called: a name that resolves anew for the connection (DNS rebinding) gains
    nothing. Judging by the name beforehand was not enough for that.
    """
    host = connection._dns_host
    try:
        found = [str(row[4][0]) for row in socket.getaddrinfo(host, connection.port, type=socket.SOCK_STREAM)]
    except (socket.gaierror, UnicodeError) as error:
        raise NameResolutionError(host, connection, socket.gaierror(str(error))) from error
    for address in found:
        loopback = ipaddress.ip_address(address.split("%")[0]).is_loopback
        if not public_address(address) and not (local and loopback):
            raise Inside(f"{host} leads to {address}")
    last: OSError | None = None
    for address in dict.fromkeys(found):
        try:
            return create_connection(
                (address, connection.port), connection.timeout, socket_options=connection.socket_options
            )
        except OSError as error:
            last = error
    raise NewConnectionError(connection, str(last))


def _pools(local: bool) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _connect(self, local)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _connect(self, local)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


class _Adapter(HTTPAdapter):
    def __init__(self, local: bool) -> None:
        self._local = local
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = _pools(self._local)


class OutsideSession(requests.Session):
    """Calls hosts of the open Internet only (`local`: and loopback), follows no redirect, reads little of an answer.

    Proxies from the environment are not used: a proxy would look the name up itself, where nothing is judged.
    """

    def __init__(self, local: bool = False) -> None:
        super().__init__()
        self.trust_env = False
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter(local))

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        """As `requests`, but the body is cut at `ANSWER_BYTES`: what a stranger answers must not fill our memory."""
        kwargs |= {"allow_redirects": False, "stream": True}
        response = super().request(*args, **kwargs)
        try:
            response._content = response.raw.read(ANSWER_BYTES, decode_content=False)
        finally:
            response.close()
        return response
