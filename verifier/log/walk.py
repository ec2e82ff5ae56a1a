"""One pass over a log: every entry, its tiles, and the roots that come out of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from schemas.merkle import HASH_BYTES
from schemas.tlog import (
    EMPTY_EDGE,
    TILE_WIDTH,
    RightEdge,
    TileError,
    TileID,
    append_leaves,
    bundles_of_tree,
    entry_hash,
    tile_path,
    width_in_tree,
)
from verifier.log.findings import Findings
from verifier.log.source import LogSource, SourceError, read_bundle, read_tile

Tell = Callable[[int, int], None]  # how far, of how many


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the log as it was served."""

    index: int
    data: bytes
    leaf_hash: bytes


@dataclass(slots=True)
class Walk:
    """Reads the first `size` entries of a log in order, and recomputes its tree from them.

    After the pass, `root` is the tree's root, and `old_root` that of its first `old_size` entries; both are None
    where something stopped the pass, which is then among the findings.
    """

    source: LogSource
    size: int
    old_size: int
    findings: Findings
    tell: Tell
    root: bytes | None = None
    old_root: bytes | None = None
    _edge: RightEdge = EMPTY_EDGE

    def entries(self) -> Iterator[Entry]:
        """Yield every entry; compare every tile of the tree with what is served."""
        self._note_root()
        for bundle in bundles_of_tree(self.size):
            self.tell(self._edge.size, self.size)
            first = self._edge.size
            try:
                data = read_bundle(self.source, bundle)
            except SourceError as error:
                sentence = f"The leaves from {first} on could not be read: {error}."
                self.findings.add("ENTRIES_UNREAD", sentence, level="unread")
                return
            except TileError as error:
                self.findings.add("ENTRIES_TORN", f"The leaves from {first} on are refused: {error.message}.")
                return
            hashes = [entry_hash(entry) for entry in data]
            # The old head may end inside this bundle: the tree stops there for a moment.
            cut = min(max(self.old_size - first, 0), len(hashes))
            for part in (hashes[:cut], hashes[cut:]):
                self._append(part)
            for number, (entry, leaf_hash) in enumerate(zip(data, hashes, strict=True)):
                yield Entry(first + number, entry, leaf_hash)
        self.root = self._edge.root()
        self.tell(self.size, self.size)

    def _append(self, hashes: list[bytes]) -> None:
        if not hashes:
            return
        made = append_leaves(self._edge, hashes)
        self._edge = made.edge
        self._note_root()
        for tile, data in made.tiles:
            if tile.width == width_in_tree(self.size, level=tile.level, index=tile.index):
                self._compare(tile, data)

    def _note_root(self) -> None:
        if self._edge.size == self.old_size:
            self.old_root = self._edge.root()

    def _compare(self, tile: TileID, computed: bytes) -> None:
        """Compare a tile with what the log serves to those who build proofs."""
        path = tile_path(tile)
        try:
            served = read_tile(self.source, tile)
        except SourceError as error:
            self.findings.add("TILE_UNREAD", f"A tile could not be read: {error}.", level="unread")
            return
        except TileError as error:
            self.findings.add("TILE_TORN", f"A tile is refused: {error.message}.")
            return
        if served == computed:
            return
        wrong = next(n for n in range(tile.width) if _hash(served, n) != _hash(computed, n))
        first = (tile.index * TILE_WIDTH + wrong) << 8 * tile.level
        is_same_set = sorted(_hash(served, n) for n in range(tile.width)) == sorted(
            _hash(computed, n) for n in range(tile.width)
        )
        how = (
            "holds the right hashes in another order" if is_same_set else "does not hold the hashes of the leaves"
        )
        self.findings.add("TILE_DIFFERS", f"{path} {how}, from leaf {first} on.", index=first, new=True)


def _hash(data: bytes, number: int) -> bytes:
    return data[number * HASH_BYTES : (number + 1) * HASH_BYTES]
