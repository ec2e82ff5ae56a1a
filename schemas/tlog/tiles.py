"""Tiles and entry bundles: their paths, widths and bytes (c2sp.org/tlog-tiles, "APIs").

A tile holds up to 256 hashes of one level; one at level L is the hash of 256**L entries. An entry bundle holds
the entries of one level 0 tile.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from schemas.merkle import HASH_BYTES
from schemas.tlog.errors import LIMIT, TileError
from schemas.tlog.lines import MAX_SIZE

TILE_WIDTH = 256
TILE_HEIGHT = 8
MAX_LEVEL = 63
MAX_ENTRY_BYTES = 2**16 - 1
_LENGTH_BYTES = 2
_PATH = re.compile(
    r"tile/(?P<level>entries|[0-9]{1,2})/(?P<index>(?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/(?P<width>[0-9]{1,3}))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TileID:
    """Which tile: its level, its index in the level, and how many hashes it holds (256: full)."""

    level: int
    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        if not 0 <= self.level <= MAX_LEVEL:
            raise TileError(f"a tile's level is a number from 0 to {MAX_LEVEL}, got {self.level}")
        _check_place(self.index, self.width)


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleID:
    """Which entry bundle: its index, and how many entries it holds (256: full)."""

    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        _check_place(self.index, self.width)


def _check_place(index: int, width: int) -> None:
    if not 0 <= index <= MAX_SIZE // TILE_WIDTH:
        raise TileError(f"no log has a tile number {index}")
    if not 1 <= width <= TILE_WIDTH:
        raise TileError(f"a tile holds 1 to {TILE_WIDTH} hashes, got {width}")


def tile_path(tile: TileID | BundleID) -> str:
    """Return the path of a tile or bundle below the log's prefix ("Merkle Tree", "Log entries")."""
    level = tile.level if isinstance(tile, TileID) else "entries"
    groups, rest = [f"{tile.index % 1000:03}"], tile.index // 1000
    while rest:
        groups.insert(0, f"x{rest % 1000:03}")
        rest //= 1000
    partial = "" if tile.width == TILE_WIDTH else f".p/{tile.width}"
    return f"tile/{level}/{'/'.join(groups)}{partial}"


def parse_tile_path(path: str) -> TileID | BundleID:
    """Return which tile or bundle a path names; raise TileError for any other text, and for a second spelling.

    Whether a tree has such a tile is for `tile_in_tree` to say.
    """
    match = _PATH.fullmatch(path)
    if match is None:
        raise TileError(f"this is not the path of a tile: {path!r:.80}")
    index = int(match["index"].replace("x", "").replace("/", ""))
    width = int(match["width"]) if match["width"] else TILE_WIDTH
    found: TileID | BundleID
    if match["level"] == "entries":
        found = BundleID(index=index, width=width)
    else:
        found = TileID(level=int(match["level"]), index=index, width=width)
    if tile_path(found) != path:
        raise TileError(f"the path of this tile is written {tile_path(found)}, got {path!r:.80}")
    return found


def width_in_tree(size: int, *, level: int, index: int) -> int:
    """Return how many hashes the tile has in a tree of `size` leaves; 0 when the tree does not have it.

    "The partial tile at level l for a tree of size s has floor(s / 256**l) mod 256 entries."
    """
    return min(max((size >> TILE_HEIGHT * level) - index * TILE_WIDTH, 0), TILE_WIDTH)


def tile_in_tree(tile: TileID | BundleID, size: int) -> bool:
    """Say whether a tree that has grown to `size` leaves has, or once had, this tile or bundle."""
    level = tile.level if isinstance(tile, TileID) else 0
    return tile.width <= width_in_tree(size, level=level, index=tile.index)


def tiles_of_tree(size: int) -> Iterator[TileID]:
    """Yield all tiles of a tree, level by level: the full ones, then the partial one, if any ("Partial Tiles")."""
    level = 0
    while count := size >> TILE_HEIGHT * level:
        for index in range(-(-count // TILE_WIDTH)):
            yield TileID(level=level, index=index, width=width_in_tree(size, level=level, index=index))
        level += 1


def bundles_of_tree(size: int) -> Iterator[BundleID]:
    """Yield all entry bundles of a tree in order."""
    for index in range(-(-size // TILE_WIDTH)):
        yield BundleID(index=index, width=width_in_tree(size, level=0, index=index))


def tile_hashes(data: bytes, tile: TileID) -> list[bytes]:
    """Return the hashes in a tile's bytes; raise TileError unless there are exactly as many as it holds."""
    if len(data) != tile.width * HASH_BYTES:
        raise TileError(f"{tile_path(tile)} has {tile.width * HASH_BYTES} bytes, got {len(data)}")
    return [data[start : start + HASH_BYTES] for start in range(0, len(data), HASH_BYTES)]


def parse_bundle(data: bytes, bundle: BundleID, *, max_entry_bytes: int = MAX_ENTRY_BYTES) -> tuple[bytes, ...]:
    """Return the entries of a bundle, "big-endian uint16 length-prefixed"; raise TileError if it is not whole."""
    entries: list[bytes] = []
    place = 0
    while place < len(data):
        start = place + _LENGTH_BYTES
        length = int.from_bytes(data[place:start], "big")
        if start + length > len(data):
            raise TileError(f"{tile_path(bundle)} ends inside its entry {len(entries)}")
        if length > max_entry_bytes:
            raise TileError(
                f"entry {len(entries)} of {tile_path(bundle)} is longer than {max_entry_bytes:,} bytes", code=LIMIT
            )
        if len(entries) == bundle.width:
            raise TileError(f"{tile_path(bundle)} holds more than {bundle.width} entries")
        place = start + length
        entries.append(data[start:place])
    if len(entries) != bundle.width:
        raise TileError(f"{tile_path(bundle)} holds {bundle.width} entries, got {len(entries)}")
    return tuple(entries)


def format_bundle(entries: Sequence[bytes]) -> bytes:
    """Return the bytes of an entry bundle; raise TileError for more than 256 entries, or one that is too long."""
    if not 1 <= len(entries) <= TILE_WIDTH or any(len(entry) > MAX_ENTRY_BYTES for entry in entries):
        raise TileError(f"a bundle holds 1 to {TILE_WIDTH} entries of at most {MAX_ENTRY_BYTES:,} bytes")
    return b"".join(len(entry).to_bytes(_LENGTH_BYTES, "big") + entry for entry in entries)
