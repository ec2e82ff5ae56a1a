"""Getting the few documents that a check needs, without becoming a tool against anybody.

Only https; every address that the host's name stands for must be public, and the connection goes to the very
address that was looked at, so that a second answer of the name server changes nothing; no redirect to another
host; size, time and number are limited. With `dev`, http and the loopback are allowed, for trying out.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import json
import socket
import ssl
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol
from urllib.parse import urljoin, urlsplit

MAX_BYTES = 1_500_000
TIMEOUT_S = 5.0
MAX_REDIRECTS = 3
MAX_FETCHES = 32
TOTAL_S = 15.0
TOTAL_BYTES = 4_000_000
CACHE_ENTRIES = 256
CACHE_S = 300.0
ACCEPT = "application/vc+ld+json, application/ld+json, application/did+json, application/json, text/plain"
Source = Literal["fetched", "supplied", "local"]


class FetchError(Exception):
    """A document could not be had: nobody's fault that can be told from here, so a check stays unknown."""

    code: ClassVar[str] = "RETRIEVAL_ERROR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A document's bytes and where they came from."""

    body: bytes
    source: Source


class Fetcher(Protocol):
    """Something that gets documents by their URL."""

    def fetch(self, url: str) -> Fetched:
        """Return the document, or raise FetchError."""


class NoFetcher:
    """Gets nothing: for checking without network."""

    def fetch(self, url: str) -> Fetched:
        """Raise FetchError."""
        raise FetchError(f"{url[:200]} was not asked for, since this check uses no network")


@dataclass(frozen=True, slots=True)
class DocumentsFetcher:
    """Answers from files that were handed in with the badge: URL (or DID) to path."""

    files: Mapping[str, Path]

    def fetch(self, url: str) -> Fetched:
        """Return the file that stands for a URL."""
        path = self.files.get(url)
        if path is None:
            raise FetchError(f"{url[:200]} is not among the documents that came with the badge")
        try:
            with path.open("rb") as file:
                body = file.read(MAX_BYTES + 1)
        except (OSError, ValueError) as error:  # ValueError: a NUL in the name
            raise FetchError(f"the file {path.name} for {url[:200]} cannot be read") from error
        if len(body) > MAX_BYTES:
            raise FetchError(f"the file for {url[:200]} is larger than {MAX_BYTES:,} bytes")
        return Fetched(body=body, source="supplied")


def read_documents_map(path: Path) -> DocumentsFetcher:
    """Read a JSON object from URL to path, paths relative to it; raise ValueError with a sentence."""
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ValueError(f"{path} is not a JSON object from URL to file") from error
    if not isinstance(table, dict) or not all(isinstance(name, str) for name in table.values()):
        raise ValueError(f"{path} is not a JSON object from URL to file")
    return DocumentsFetcher({url: path.parent / name for url, name in table.items()})


@dataclass(frozen=True, slots=True)
class OwnFetcher:
    """Answers URLs of our own origin in process, and hands on the others."""

    origin: str
    answer: Callable[[str], bytes | None]
    others: Fetcher

    def fetch(self, url: str) -> Fetched:
        """Return our own document, or what the other fetcher has."""
        if url == self.origin or url.startswith(self.origin.rstrip("/") + "/"):
            body = self.answer(url)
            if body is None:
                raise FetchError(f"there is nothing at {url[:200]}")
            return Fetched(body=body, source="local")
        return self.others.fetch(url)


@dataclass(slots=True)
class LimitedFetcher:
    """What one check of one badge, or one request, may fetch: each document once, few in all, within some seconds.

    A badge names the addresses, so whoever made it could make us ask hundreds of times, or slow hosts one by one.
    Only the time of fetching counts. `whose` says in a refusal who needs the documents.
    """

    inner: Fetcher
    max_fetches: int = MAX_FETCHES
    max_s: float = TOTAL_S
    max_bytes: int = TOTAL_BYTES
    clock: Callable[[], float] = time.monotonic
    whose: str = "this badge"
    _answers: dict[str, Fetched | FetchError] = field(default_factory=dict, repr=False)
    _spent: float = field(default=0.0, repr=False)

    def fetch(self, url: str) -> Fetched:
        """Return the document, as it was at the first time of asking; raise FetchError."""
        if url not in self._answers:
            self._answers[url] = self._fetch(url)
        answer = self._answers[url]
        if isinstance(answer, FetchError):
            raise answer
        return answer

    def _fetch(self, url: str) -> Fetched | FetchError:
        if len(self._answers) >= self.max_fetches:
            return FetchError(f"{self.whose} needs more than {self.max_fetches} other documents")
        if self._spent > self.max_s:
            return FetchError(f"the documents that {self.whose} needs took more than {self.max_s:.0f} seconds")
        begun = self.clock()
        try:
            answer = self.inner.fetch(url)
        except FetchError as error:
            return error
        finally:
            self._spent += self.clock() - begun
        self.max_bytes -= len(answer.body)
        if self.max_bytes < 0:
            return FetchError(f"the documents that {self.whose} needs are larger than is read at once")
        return answer


def at_hand(fetcher: Fetcher, url: str) -> Fetched | None:
    """Return a document that came along with the badge; nobody is asked for it."""
    while isinstance(fetcher, LimitedFetcher):
        fetcher = fetcher.inner
    if not isinstance(fetcher, DocumentsFetcher):
        return None
    try:
        return fetcher.fetch(url)
    except FetchError:
        return None


Resolve = Callable[[str, int], list[str]]


def resolve_host(host: str, port: int) -> list[str]:
    """Return every address that a host's name stands for."""
    return sorted({str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)})


@dataclass(slots=True)
class HTTPSFetcher:
    """Gets documents from the web. One object may be shared between threads."""

    dev: bool = False
    resolve: Resolve = resolve_host
    clock: Callable[[], float] = time.monotonic
    timeout_s: float = TIMEOUT_S
    max_bytes: int = MAX_BYTES
    _cache: OrderedDict[str, tuple[float, bytes]] = field(default_factory=OrderedDict, repr=False)

    def fetch(self, url: str) -> Fetched:
        """Return the document at an https URL, from the cache for five minutes; raise FetchError."""
        cached = self._cache.get(url)
        if cached and self.clock() - cached[0] < CACHE_S:
            return Fetched(body=cached[1], source="fetched")
        body = self._get(url, deadline=self.clock() + self.timeout_s)
        self._cache[url] = (self.clock(), body)
        while len(self._cache) > CACHE_ENTRIES:
            self._cache.popitem(last=False)
        return Fetched(body=body, source="fetched")

    def _get(self, url: str, *, deadline: float) -> bytes:
        for _ in range(MAX_REDIRECTS + 1):
            host, port, target, secure = self._parse(url)
            address = self._public_address(host, port)
            answer = self._request(host, port, address, target, secure=secure, deadline=deadline)
            if isinstance(answer, bytes):
                return answer
            following = urljoin(url, answer)
            if urlsplit(following)[:2] != urlsplit(url)[:2]:
                raise FetchError(f"{url[:200]} sends us on to another host, which is not followed")
            url = following
        raise FetchError(f"{url[:200]} sends us round in circles")

    def _parse(self, url: str) -> tuple[str, int, str, bool]:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise FetchError(f"{url[:200]!r} is not a web address") from error
        secure = parts.scheme == "https"
        if not secure and not (self.dev and parts.scheme == "http"):
            raise FetchError(f"{url[:200]!r} is not an https address; nothing else is fetched")
        if not parts.hostname or parts.username is not None or not url.isascii() or any(c <= " " for c in url):
            raise FetchError(f"{url[:200]!r} is not a plain web address")
        if port not in {None, 443} and not self.dev:
            raise FetchError(f"{url[:200]!r} names port {port}; only the port of https is used")
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return parts.hostname, port or (443 if secure else 80), target, secure

    def _public_address(self, host: str, port: int) -> str:
        """Return the address to connect to; all addresses of the name must be public ones."""
        try:
            addresses = self.resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise FetchError(f"there is no host called {host[:200]!r}, or it cannot be found now") from error
        if not addresses:
            raise FetchError(f"the host {host[:200]!r} has no address")
        for address in addresses:
            if not _is_public(address) and not (self.dev and _is_loopback(address)):
                raise FetchError(f"the host {host[:200]!r} is inside a private network, where we do not ask")
        return addresses[0]

    def _request(
        self, host: str, port: int, address: str, target: str, *, secure: bool, deadline: float
    ) -> bytes | str:
        """Return the body of a good answer, or where it sends us."""
        connection = _Connection(host, port, address=address, secure=secure, timeout=self.timeout_s)
        # One watchdog for all of it: a host that sends a byte now and then never runs into a socket's timeout.
        watchdog = threading.Timer(max(deadline - self.clock(), 0.0), connection.hang_up)
        watchdog.daemon = True
        watchdog.start()
        try:
            connection.request("GET", target, headers={"Accept": ACCEPT, "User-Agent": "academy-badges-verifier"})
            response = connection.getresponse()
            if response.status in {301, 302, 303, 307, 308}:
                return response.getheader("Location") or target
            if response.status != http.HTTPStatus.OK:
                raise FetchError(f"{host}{target[:200]} answered with status {response.status}")
            body = b""
            while chunk := response.read1(65_536):
                body += chunk
                if len(body) > self.max_bytes:
                    raise FetchError(f"{host}{target[:200]} is larger than {self.max_bytes:,} bytes")
            if self.clock() > deadline:
                raise FetchError(f"{host}{target[:200]} took longer than {self.timeout_s:.0f} seconds")
            if response.length:
                raise FetchError(f"{host}{target[:200]} broke off before the end")
        except (OSError, ValueError, http.client.HTTPException) as error:  # ValueError: a socket that was closed
            raise FetchError(f"{host} cannot be reached now ({type(error).__name__})") from error
        else:
            return body
        finally:
            watchdog.cancel()
            connection.close()


class _Connection(http.client.HTTPConnection):
    """A connection to one address that was checked, under the host's own name for TLS."""

    def __init__(self, host: str, port: int, *, address: str, secure: bool, timeout: float) -> None:
        super().__init__(host, port, timeout=timeout)
        self._address = address
        self._secure = secure
        self._plain: socket.socket | None = None

    def connect(self) -> None:
        self._plain = sock = socket.create_connection((self._address, self.port), self.timeout)
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


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return False  # a public host has no need of an address that hides another one
        if ip in ipaddress.ip_network("64:ff9b::/96"):
            return False
    return ip.is_global and not ip.is_multicast


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback
