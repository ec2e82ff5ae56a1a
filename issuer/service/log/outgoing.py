"""Sending a few bytes to a witness, without becoming a tool against anybody.

Only https; every address that the host's name stands for must be public, and the connection goes to the very
address that was looked at; no redirect is followed; size and time are limited. With `dev`, http and the loopback
are allowed, for trying out.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from schemas.tlog import MAX_NOTE_BYTES

_USER_AGENT = "academy-badges-log"
_PORTS = {"https": 443, "http": 80}


class UnreachableError(Exception):
    """No answer could be had: nobody's fault that can be told from here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the other side answered."""

    status: int
    body: bytes


def post(url: str, body: bytes, *, dev: bool, deadline: float) -> Answer:
    """Send bytes and return the answer, before the monotonic clock says `deadline`; raise UnreachableError."""
    scheme, host, port, target = _parse(url, dev=dev)
    try:
        address = _address(host, port, dev=dev)
        connection = _Connection(host, port, address=address, secure=scheme == "https", timeout=_left(deadline))
        # One watchdog for all of it: who sends a byte now and then never runs into a socket's timeout.
        watchdog = threading.Timer(_left(deadline), connection.hang_up)
        watchdog.daemon = True
        watchdog.start()
        try:
            headers = {"Content-Type": "text/plain; charset=utf-8", "User-Agent": _USER_AGENT}
            connection.request("POST", target, body=body, headers=headers)
            response = connection.getresponse()
            data = b""
            while chunk := response.read1(65_536):
                data += chunk
                if len(data) > MAX_NOTE_BYTES:
                    raise UnreachableError(f"{host} answered with more than {MAX_NOTE_BYTES:,} bytes")
            if response.length:
                raise UnreachableError(f"{host} broke off before the end")
            return Answer(status=response.status, body=data)
        finally:
            watchdog.cancel()
            connection.close()
    except (OSError, ValueError, http.client.HTTPException) as error:  # ValueError: a socket that was closed
        raise UnreachableError(f"{host} cannot be reached now ({type(error).__name__})") from error


def _left(deadline: float) -> float:
    return max(deadline - time.monotonic(), 0.01)


def _parse(url: str, *, dev: bool) -> tuple[str, str, int, str]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UnreachableError(f"{url[:200]!r} is not a web address") from error
    if parts.scheme != "https" and not (dev and parts.scheme == "http"):
        raise UnreachableError(f"{url[:200]!r} is not an https address; nothing else is asked")
    if not parts.hostname or parts.username is not None or not url.isascii() or any(c <= " " for c in url):
        raise UnreachableError(f"{url[:200]!r} is not a plain web address")
    return parts.scheme, parts.hostname, port or _PORTS[parts.scheme], parts.path or "/"


def _address(host: str, port: int, *, dev: bool) -> str:
    """Return the address to connect to; all addresses of the name must be public ones."""
    try:
        found = sorted({str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)})
    except UnicodeError as error:
        raise UnreachableError(f"there is no host called {host[:200]!r}") from error
    for address in found:
        ip = ipaddress.ip_address(address.partition("%")[0])
        if not (_is_public(ip) or (dev and ip.is_loopback)):
            raise UnreachableError(f"the host {host[:200]!r} is inside a private network, where nobody is asked")
    return found[0]


def _is_public(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(ip, ipaddress.IPv6Address):
        hides = ip.ipv4_mapped or ip.sixtofour or ip.teredo or ip in ipaddress.ip_network("64:ff9b::/96")
        if hides:
            return False  # a public host has no need of an address that hides another one
    return ip.is_global and not ip.is_multicast


class _Connection(http.client.HTTPConnection):
    """A connection to one address that was checked, under the host's own name for TLS."""

    def __init__(self, host: str, port: int, *, address: str, secure: bool, timeout: float) -> None:
        super().__init__(host, port, timeout=timeout)
        self._address = address
        self._secure = secure
        self._plain: socket.socket | None = None

    def connect(self) -> None:
        self._plain = sock = socket.create_connection((self._address, self.port), self.timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._secure:
            # Wrapping takes the connection away from `sock`; a copy of its number stays for hanging up.
            self._plain = sock.dup()
            sock = ssl.create_default_context().wrap_socket(sock, server_hostname=self.host)
        self.sock: Any = sock

    def hang_up(self) -> None:
        """End the connection under whoever is reading from it."""
        if self._plain is not None:
            with contextlib.suppress(OSError):
                self._plain.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        super().close()
        if self._plain is not None:
            self._plain.close()
