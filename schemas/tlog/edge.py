"""The right edge of a growing log: all that is needed to append, in at most 8 kB for each level of tiles.

Pure: from an edge and new leaf hashes come the new edge, the new root and the tiles to write. A monitor uses the
same function to recompute a log from its entries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.merkle import HASH_BYTES, merkle_root
from schemas.tlog.errors import TileError
from schemas.tlog.lines import check_size
from schemas.tlog.tiles import TILE_HEIGHT, TILE_WIDTH, TileID, tile_hashes
from schemas.tlog.trees import EMPTY_ROOT, TileReader


@dataclass(frozen=True, slots=True, kw_only=True)
class RightEdge:
    """A tree's size and the hashes of its partial tile at each level, the lowest first; a level may have none.

    Raises TileError when the hashes are not as many as the size says.
    """

    size: int
    partial: tuple[bytes, ...]

    def __post_init__(self) -> None:
        check_size(self.size, what="the tree size", error=TileError)
        if [len(hashes) for hashes in self.partial] != [width * HASH_BYTES for width in _widths(self.size)]:
            raise TileError(f"these hashes are not the right edge of a tree of {self.size} leaves")

    def root(self) -> bytes:
        """Return the root of the tree; it is computed every time."""
        root = None
        for data in self.partial:
            hashes = _hashes(data)
            if root is not None:  # the smaller tree to the right stands as one more member, as RFC 6962 splits
                hashes.append(root)
            root = merkle_root(hashes) if hashes else None
        return EMPTY_ROOT if root is None else root

    def to_bytes(self) -> bytes:
        """Return the hashes in one row; with the size, `parse_edge` reads them again."""
        return b"".join(self.partial)


@dataclass(frozen=True, slots=True, kw_only=True)
class Append:
    """What an append makes: the new right edge, the new root, and the tiles to write with their bytes."""

    edge: RightEdge
    root: bytes
    tiles: tuple[tuple[TileID, bytes], ...]


def parse_edge(size: int, data: bytes) -> RightEdge:
    """Return the right edge of a tree from its size and its hashes in one row; raise TileError."""
    check_size(size, what="the tree size", error=TileError)
    partial, place = [], 0
    for width in _widths(size):
        partial.append(data[place : place + width * HASH_BYTES])
        place += width * HASH_BYTES
    if place != len(data):
        raise TileError(f"the right edge of {size} leaves has {place} bytes, got {len(data)}")
    return RightEdge(size=size, partial=tuple(partial))


def edge_tiles(size: int) -> tuple[TileID, ...]:
    """Return the partial tiles that are the right edge of a tree."""
    return tuple(
        TileID(level=level, index=size >> TILE_HEIGHT * (level + 1), width=width)
        for level, width in enumerate(_widths(size))
        if width
    )


def edge_from_tiles(size: int, *, read: TileReader) -> RightEdge:
    """Return the right edge from a tree's tiles; raise TileError. The caller compares `root()` with a head."""
    check_size(size, what="the tree size", error=TileError)
    found = {tile.level: b"".join(tile_hashes(read(tile), tile)) for tile in edge_tiles(size)}
    return RightEdge(size=size, partial=tuple(found.get(level, b"") for level in range(len(_widths(size)))))


def append_leaves(edge: RightEdge, leaf_hashes: Sequence[bytes]) -> Append:
    """Return what it takes to append leaves: full tiles once, and each level's partial tile where it changed.

    A tile that is now full replaces its partial ones; those may be deleted ("Partial Tiles").
    """
    if any(len(hash_) != HASH_BYTES for hash_ in leaf_hashes):
        raise TileError(f"a leaf hash has {HASH_BYTES} bytes")
    new_size = edge.size + len(leaf_hashes)
    check_size(new_size, what="the new tree size", error=TileError)
    partial, tiles = list(edge.partial), []
    level, added = 0, list(leaf_hashes)
    while added:
        if level == len(partial):
            partial.append(b"")
        hashes = _hashes(partial[level]) + added
        first = edge.size >> TILE_HEIGHT * (level + 1)
        added = []
        while len(hashes) >= TILE_WIDTH:
            full, hashes = hashes[:TILE_WIDTH], hashes[TILE_WIDTH:]
            tiles.append((TileID(level=level, index=first + len(added)), b"".join(full)))
            added.append(merkle_root(full))
        partial[level] = b"".join(hashes)
        if hashes:
            tiles.append((TileID(level=level, index=first + len(added), width=len(hashes)), partial[level]))
        level += 1
    new = RightEdge(size=new_size, partial=tuple(partial))
    return Append(edge=new, root=new.root(), tiles=tuple(tiles))


def _widths(size: int) -> list[int]:
    """Return the width of the partial tile at each level: floor(s / 256**l) mod 256."""
    widths = []
    while size:
        widths.append(size % TILE_WIDTH)
        size //= TILE_WIDTH
    return widths


def _hashes(data: bytes) -> list[bytes]:
    return [data[start : start + HASH_BYTES] for start in range(0, len(data), HASH_BYTES)]


EMPTY_EDGE = RightEdge(size=0, partial=())
