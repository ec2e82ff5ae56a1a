"""One request to a host on the web, without becoming a tool against anybody: the guard around all outgoing bytes.

Only https; every address that the host's name stands for must be public, and the connection goes to the very
address that was looked at, so that a second answer of the name server changes nothing; size and time are limited.
With `dev`, http and the loopback are allowed, for trying out.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

_PORTS = {"https": 443, "http": 80}
Resolve = Callable[[str, int], list[str]]


class FetchError(Exception):
    """Something could not be had from the web: nobody's fault that can be told from here."""

    code: ClassVar[str] = "RETRIEVAL_ERROR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a request goes: a host, and the one address of it that was looked at."""

    host: str
    port: int
    address: str
    path: str
    secure: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a host answered; `location` where it sends us on."""

    status: int
    body: bytes
    location: str | None = None


def resolve_host(host: str, port: int) -> list[str]:
    """Return every address that a host's name stands for."""
    return sorted({str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)})


def aim(url: str, *, dev: bool, any_port: bool = False, resolve: Resolve = resolve_host) -> Target:
    """Return where a URL leads; raise FetchError where nobody is asked. `any_port`: not that of https alone."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise FetchError(f"{url[:200]!r} is not a web address") from error
    if parts.scheme != "https" and not (dev and parts.scheme == "http"):
        raise FetchError(f"{url[:200]!r} is not an https address; nothing else is asked")
    if not parts.hostname or parts.username is not None or not url.isascii() or any(c <= " " for c in url):
        raise FetchError(f"{url[:200]!r} is not a plain web address")
    if port not in {None, 443} and not (dev or any_port):
        raise FetchError(f"{url[:200]!r} names port {port}; only the port of https is used")
    port = port or _PORTS[parts.scheme]
    return Target(
        host=parts.hostname,
        port=port,
        address=_public_address(parts.hostname, port, dev=dev, resolve=resolve),
        path=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
        secure=parts.scheme == "https",
    )


def exchange(
    target: Target,
    *,
    headers: Mapping[str, str],
    max_bytes: int,
    within_s: float,
    method: str = "GET",
    body: bytes | None = None,
) -> Answer:
    """Send one request and return the answer; follow nothing. Raises FetchError."""
    connection = _Connection(target, timeout=within_s)
    # One watchdog for all of it: a host that sends a byte now and then never runs into a socket's timeout.
    watchdog = threading.Timer(within_s, connection.hang_up)
    watchdog.daemon = True
    watchdog.start()
    try:
        connection.request(method, target.path, body=body, headers=dict(headers))
        response = connection.getresponse()
        data = b""
        while chunk := response.read1(65_536):
            data += chunk
            if len(data) > max_bytes:
                raise FetchError(f"{target.host}{target.path[:200]} is larger than {max_bytes:,} bytes")
        if response.length:
            raise FetchError(f"{target.host}{target.path[:200]} broke off before the end")
        return Answer(status=response.status, body=data, location=response.getheader("Location"))
    except (OSError, ValueError, http.client.HTTPException) as error:  # ValueError: a socket that was closed
        raise FetchError(f"{target.host} cannot be reached now ({type(error).__name__})") from error
    finally:
        watchdog.cancel()
        connection.close()


def post(url: str, body: bytes, *, content_type: str, max_bytes: int, deadline: float, dev: bool) -> Answer:
    """Send bytes and return the answer, before the monotonic clock says `deadline`; raise FetchError."""
    target = aim(url, dev=dev, any_port=True)
    return exchange(
        target,
        method="POST",
        body=body,
        headers={"Content-Type": content_type, "User-Agent": "academy-badges"},
        max_bytes=max_bytes,
        within_s=max(deadline - time.monotonic(), 0.01),
    )


def _public_address(host: str, port: int, *, dev: bool, resolve: Resolve) -> str:
    """Return the address to connect to; all addresses of the name must be public ones."""
    try:
        addresses = resolve(host, port)
    except (OSError, UnicodeError) as error:
        raise FetchError(f"there is no host called {host[:200]!r}, or it cannot be found now") from error
    if not addresses:
        raise FetchError(f"the host {host[:200]!r} has no address")
    for address in addresses:
        ip = ipaddress.ip_address(address.partition("%")[0])
        if not _is_public(ip) and not (dev and ip.is_loopback):
            raise FetchError(f"the host {host[:200]!r} is inside a private network, where we do not ask")
    return addresses[0]


def _is_public(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(ip, ipaddress.IPv6Address):
        hides_another = ip.ipv4_mapped or ip.sixtofour or ip.teredo or ip in ipaddress.ip_network("64:ff9b::/96")
        if hides_another:
            return False  # a public host has no need of that
    return ip.is_global and not ip.is_multicast


class _Connection(http.client.HTTPConnection):
    """A connection to one address that was checked, under the host's own name for TLS."""

    def __init__(self, target: Target, *, timeout: float) -> None:
        super().__init__(target.host, target.port, timeout=timeout)
        self._target = target
        self._plain: socket.socket | None = None

    def connect(self) -> None:
        self._plain = sock = socket.create_connection((self._target.address, self.port), self.timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._target.secure:
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
