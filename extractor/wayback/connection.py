"""Connections that go only where they should, and end when their time is over.

The address a host name resolves to is checked before anything is sent: a name server that lies, or an archive that
moved into a private network, must not make us talk to this machine or to a cloud's metadata service.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from extractor.errors import ArchiveError

_LOOK = 0.2  # seconds between two looks at whether the user asked to stop


class _Watch(threading.local):
    """Of this thread's request: the moment (monotonic) and the stop that end it, and whether it is over."""

    until = 0.0
    stop: Event | None = None
    over: Event | None = None


_watch = _Watch()


@contextmanager
def deadline(seconds: float, stop: Event | None = None) -> Iterator[float]:
    """Shuts the connection that is used in this block when its time is over or `stop` is set; gives the moment, on the
    monotonic clock, at which its time is over.

    A read timeout is a gap between two bytes, so a server that drips, be it headers, could hold us for ever.
    """
    _watch.until, _watch.stop = time.monotonic() + seconds, stop
    try:
        yield _watch.until
    finally:
        if _watch.over:
            _watch.over.set()
        _watch.over = None


def _shut_when_time_is_over(sock: socket.socket) -> None:
    """Begins to watch a socket, until the block of `deadline` ends."""
    _watch.over = Event()
    threading.Thread(target=_keep_watch, args=(sock, _watch.until, _watch.stop, _watch.over), daemon=True).start()


def _keep_watch(sock: socket.socket, until: float, stop: Event | None, over: Event) -> None:
    """Shuts a socket at a moment or on a stop, unless it is `over` before."""
    while (left := until - time.monotonic()) > 0 and not (stop and stop.is_set()):
        if over.wait(min(left, _LOOK) if stop else left):
            return
    _shut(sock)


def _shut(sock: socket.socket) -> None:
    """Ends a socket for both sides, which wakes whoever reads from it."""
    with suppress(OSError):  # it may be closed
        sock.shutdown(socket.SHUT_RDWR)


class _CheckedConnection(HTTPConnection):
    """A connection to an address that may be asked, watched while a reply is awaited."""

    def _new_conn(self) -> socket.socket:
        _check_host(self._dns_host, self.port)
        sock = super()._new_conn()
        _check_peer(self._dns_host, sock)
        return sock

    def getresponse(self) -> Any:
        """The reply; see urllib3."""
        _shut_when_time_is_over(self.sock)
        return super().getresponse()


class _CheckedHTTPSConnection(_CheckedConnection, HTTPSConnection):
    """The same over TLS."""


class _CheckedHTTPPool(HTTPConnectionPool):
    """A pool of such connections."""

    ConnectionCls = _CheckedConnection


class _CheckedHTTPSPool(HTTPSConnectionPool):
    """A pool of such connections over TLS."""

    ConnectionCls = _CheckedHTTPSConnection


class CheckedAdapter(HTTPAdapter):
    """requests over such connections. A proxy that the environment names is the user's choice and not checked."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Sets up the pools; see requests."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _CheckedHTTPPool, "https": _CheckedHTTPSPool}


def _check_host(host: str, port: int | None) -> None:
    """Raises ArchiveError where a host name leads to an address that is not on the public network."""
    if not _names_its_address(host):
        for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            _check_address(host, str(address[0]))


def _check_peer(host: str, sock: socket.socket) -> None:
    """The same for the address we are connected to: the name may have led elsewhere the second time."""
    if _names_its_address(host):
        return
    try:
        _check_address(host, str(sock.getpeername()[0]))
    except ArchiveError:
        sock.close()
        raise


def _names_its_address(host: str) -> bool:
    """Whether the user's own base says where it is: an address, or localhost.

    >>> _names_its_address("127.0.0.1"), _names_its_address("localhost"), _names_its_address("web.archive.org")
    (True, True, False)
    """
    try:
        ipaddress.ip_address(host.strip("[]").split("%")[0])
    except ValueError:
        return host.rstrip(".").lower() == "localhost" or host.lower().endswith(".localhost")
    return True


def _check_address(host: str, address: str) -> None:
    """Raises ArchiveError for an address on this machine or in a private network."""
    place = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    mapped = getattr(place, "ipv4_mapped", None) or place
    if not mapped.is_global or mapped.is_multicast:
        raise ArchiveError(
            f"{host} leads to {address}, which is not on the public network; it was not asked. If that is your own "
            f"archive, name the address itself as --archive-base.",
            outcome="unsafe-address",
        )
