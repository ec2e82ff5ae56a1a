"""Where a log is read from: a folder, or the web through the verifier's guarded fetcher.

What comes from there is cut to size here, and read strictly: a tile or bundle that is torn is never used.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from schemas.merkle import HASH_BYTES
from schemas.tlog import (
    MAX_LEAF_BYTES,
    TILE_WIDTH,
    BundleID,
    TileID,
    parse_bundle,
    tile_hashes,
    tile_path,
)
from verifier.fetch import Fetched, Fetcher, HTTPSFetcher
from verifier.guarded import FetchError

_LENGTH_BYTES = 2
MAX_BUNDLE_BYTES = TILE_WIDTH * (MAX_LEAF_BYTES + _LENGTH_BYTES)
_TIMEOUT_S = 30.0  # a full bundle may have 4 MB


MAX_TILE_BYTES = 2 * TILE_WIDTH * HASH_BYTES  # twice what one can have, so that one with more is told as such


class SourceError(Exception):
    """Something of a log could not be had; the sentence says what, and why."""


class OversizedError(SourceError):
    """It is there, and larger than it can ever be."""


class LogSource(Protocol):
    """Something that gives a log's files by their paths below the log's prefix."""

    def read(self, path: str, *, max_bytes: int) -> bytes:
        """Return a file's bytes, or raise SourceError."""


@dataclass(frozen=True, slots=True)
class FolderSource:
    """A log in a folder, as `academy demo` writes it and as a web server serves it."""

    folder: Path

    def read(self, path: str, *, max_bytes: int) -> bytes:
        """Return a file's bytes, or raise SourceError."""
        place = self.folder / path
        try:
            if place.exists() and not place.is_file():
                raise SourceError(f"{path} is not a file")  # a pipe, say, would keep us waiting
            with place.open("rb") as file:
                data = file.read(max_bytes + 1)
        except OSError as error:
            raise SourceError(f"{path} cannot be read: {error.strerror}") from error
        return _within(data, path, max_bytes)


@dataclass(frozen=True, slots=True)
class WebSource:
    """A log on the web, at the address of its prefix, without a slash at the end."""

    url: str
    fetcher: Fetcher

    def read(self, path: str, *, max_bytes: int) -> bytes:
        """Return what the log serves, or raise SourceError."""
        try:
            data = self.fetcher.fetch(f"{self.url}/{path}").body
        except FetchError as error:
            raise SourceError(f"{path} cannot be fetched: {error}") from error
        return _within(data, path, max_bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class FreshFetcher:
    """The guarded fetcher without memory: a long log must not fill ours, and a checkpoint is never an old one."""

    dev: bool

    def fetch(self, url: str) -> Fetched:
        """Return the document, or raise FetchError. Plain http is for trying out, on this machine only."""
        parts = urlsplit(url)
        if parts.scheme == "http" and not is_this_machine(parts.hostname or ""):
            raise FetchError(f"{url[:200]!r} is not an https address; http is for this machine only")
        return HTTPSFetcher(dev=self.dev, timeout_s=_TIMEOUT_S, max_bytes=MAX_BUNDLE_BYTES).fetch(url)


def is_this_machine(host: str) -> bool:
    """Say whether a host's name or number stands for this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def read_tile(source: LogSource, tile: TileID) -> bytes:
    """Return the bytes of a tile with as many hashes as it has; raise SourceError or TileError."""
    full = TileID(level=tile.level, index=tile.index)
    data, whole = _read_or_full(source, tile, full, max_bytes=MAX_TILE_BYTES)
    tile_hashes(data, full if whole else tile)
    return data[: tile.width * HASH_BYTES]


def read_bundle(source: LogSource, bundle: BundleID) -> tuple[bytes, ...]:
    """Return the entries of a bundle; raise SourceError or TileError."""
    full = BundleID(index=bundle.index)
    data, whole = _read_or_full(source, bundle, full, max_bytes=MAX_BUNDLE_BYTES)
    return parse_bundle(data, full if whole else bundle)[: bundle.width]


def _read_or_full(
    source: LogSource, wanted: TileID | BundleID, full: TileID | BundleID, *, max_bytes: int
) -> tuple[bytes, bool]:
    """Return a tile's or bundle's bytes, and whether they are those of the full one.

    A partial one may be gone where the log has grown and the full one is there ("Partial Tiles").
    """
    try:
        return source.read(tile_path(wanted), max_bytes=max_bytes), wanted == full
    except SourceError as error:
        if wanted == full or isinstance(error, OversizedError):
            raise
        try:
            return source.read(tile_path(full), max_bytes=max_bytes), True
        except SourceError:
            raise error from None


def _within(data: bytes, path: str, max_bytes: int) -> bytes:
    if len(data) > max_bytes:
        raise OversizedError(f"{path} is larger than {max_bytes:,} bytes, which it can never be")
    return data
