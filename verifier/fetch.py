"""Getting the few documents that a check needs: through the guard, a few for each badge, none from elsewhere.

No redirect to another host is followed; size, time and number are limited (verifier/guarded.py for the rest).
"""

from __future__ import annotations

import http
import json
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import urljoin, urlsplit

from verifier.guarded import FetchError, Resolve, aim, exchange, resolve_host

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
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


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
            target = aim(url, dev=self.dev, resolve=self.resolve)
            answer = exchange(
                target,
                headers={"Accept": ACCEPT, "User-Agent": "academy-badges-verifier"},
                max_bytes=self.max_bytes,
                within_s=min(max(deadline - self.clock(), 0.0), self.timeout_s),
            )
            if self.clock() > deadline:
                raise FetchError(f"{target.host}{target.path[:200]} took longer than {self.timeout_s:.0f} seconds")
            if answer.status == http.HTTPStatus.OK:
                return answer.body
            if answer.status not in _REDIRECTS:
                raise FetchError(f"{target.host}{target.path[:200]} answered with status {answer.status}")
            following = urljoin(url, answer.location or target.path)
            if urlsplit(following)[:2] != urlsplit(url)[:2]:
                raise FetchError(f"{url[:200]} sends us on to another host, which is not followed")
            url = following
        raise FetchError(f"{url[:200]} sends us round in circles")
