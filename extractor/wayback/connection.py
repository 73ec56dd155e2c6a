"""Connections that go to public addresses only, and that end at a deadline.

The address of a host is checked before anything is sent: a name server that lies, or an archive that moved into a
private network, must not make us talk to this machine or to a cloud's metadata service.
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

_POLL_INTERVAL = 0.2  # seconds between two checks whether the user asked to stop


class _RequestLimits(threading.local):
    """The deadline (monotonic) and the stop that end this thread's request, and an event set when it is done."""

    deadline = 0.0
    stop: Event | None = None
    done: Event | None = None


_limits = _RequestLimits()


@contextmanager
def deadline(seconds: float, stop: Event | None = None) -> Iterator[float]:
    """Shuts down the connection used in this block after some seconds, or once `stop` is set.

    Yields the deadline, by the monotonic clock. A read timeout is a gap between two bytes, so it does not end a reply
    that drips, be it only the headers.
    """
    _limits.deadline, _limits.stop = time.monotonic() + seconds, stop
    try:
        yield _limits.deadline
    finally:
        if _limits.done:
            _limits.done.set()
        _limits.done = None


def _watch_socket(sock: socket.socket) -> None:
    """Starts a thread that shuts down a socket at the deadline, unless the block of `deadline` ends before."""
    _limits.done = Event()
    arguments = (sock, _limits.deadline, _limits.stop, _limits.done)
    threading.Thread(target=_shut_down_in_time, args=arguments, daemon=True).start()


def _shut_down_in_time(sock: socket.socket, until: float, stop: Event | None, done: Event) -> None:
    """Shuts down a socket at a deadline or on a stop, unless it is `done` before."""
    while (left := until - time.monotonic()) > 0 and not (stop and stop.is_set()):
        if done.wait(min(left, _POLL_INTERVAL) if stop else left):
            return
    with suppress(OSError):  # it may be closed
        sock.shutdown(socket.SHUT_RDWR)  # for both sides, which wakes the thread that reads from it


class _CheckedConnection(HTTPConnection):
    """A connection to a public address, with a deadline for the reply."""

    def _new_conn(self) -> socket.socket:
        _check_host(self._dns_host, self.port)
        sock = super()._new_conn()
        _check_peer(self._dns_host, sock)
        return sock

    def getresponse(self) -> Any:
        """The reply; see urllib3."""
        _watch_socket(self.sock)
        return super().getresponse()


class _CheckedHTTPSConnection(_CheckedConnection, HTTPSConnection):
    """A checked connection over TLS."""


class _CheckedHTTPPool(HTTPConnectionPool):
    """A pool of checked connections."""

    ConnectionCls = _CheckedConnection


class _CheckedHTTPSPool(HTTPSConnectionPool):
    """A pool of checked connections over TLS."""

    ConnectionCls = _CheckedHTTPSConnection


class CheckedAdapter(HTTPAdapter):
    """An adapter of requests with checked connections. A proxy named by the environment is not checked."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Sets up the pools; see requests."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _CheckedHTTPPool, "https": _CheckedHTTPSPool}


def _check_host(host: str, port: int | None) -> None:
    """Raises ArchiveError for a host name of an address that is not on the public network."""
    if not _is_literal_address(host):
        for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            _check_address(host, str(address[0]))


def _check_peer(host: str, sock: socket.socket) -> None:
    """Checks the address we are connected to: the name may have resolved to another the second time."""
    if _is_literal_address(host):
        return
    try:
        _check_address(host, str(sock.getpeername()[0]))
    except ArchiveError:
        sock.close()
        raise


def _is_literal_address(host: str) -> bool:
    """Whether a host is an address or localhost, and so the user's own choice.

    >>> _is_literal_address("127.0.0.1"), _is_literal_address("localhost"), _is_literal_address("web.archive.org")
    (True, True, False)
    """
    try:
        ipaddress.ip_address(host.strip("[]").split("%")[0])
    except ValueError:
        return host.rstrip(".").lower() == "localhost" or host.lower().endswith(".localhost")
    return True


def _check_address(host: str, address: str) -> None:
    """Raises ArchiveError for an address on this machine or in a private network."""
    parsed = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    mapped = getattr(parsed, "ipv4_mapped", None) or parsed
    if not mapped.is_global or mapped.is_multicast:
        raise ArchiveError(
            f"{host} leads to {address}, which is not on the public network; it was not asked. If that is your own "
            f"archive, name the address itself as --archive-base.",
            outcome="unsafe-address",
        )
