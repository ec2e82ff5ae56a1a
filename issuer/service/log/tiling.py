"""From rows to files: the tiles and entry bundles of all leaves that have a place, and of nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from issuer.errors import LogRefusedError
from issuer.service.academy import Academy
from issuer.store.log import LogState, begin_rows
from schemas.merkle import HASH_BYTES
from schemas.tlog import (
    TILE_WIDTH,
    BundleID,
    RightEdge,
    TileID,
    append_leaves,
    entry_hash,
    format_bundle,
)

_CHUNK = 16 * TILE_WIDTH  # leaves that are in memory at once


def write_tiles(academy: Academy, state: LogState) -> RightEdge:
    """Write every file that the tree of `state` has and the tree before did not; return the edge that is on disk.

    Run again after a crash it writes the same bytes. Call it with the head store's lock held.
    """
    files, edge, target = academy.log.files, state.tiled, state.edge
    if edge.size == target.size:
        return edge
    while edge.size < target.size:
        end = min((edge.size // _CHUNK + 1) * _CHUNK, target.size)
        start = edge.size - edge.size % TILE_WIDTH  # a bundle is written with all that is in it
        leaves = leaves_between(academy, start, end)
        grown = append_leaves(edge, [entry_hash(leaf) for leaf in leaves[edge.size - start :]])
        full = [(tile, data) for tile, data in grown.tiles if tile.width == TILE_WIDTH]
        files.write_for_ever([*_bundles(leaves, start, last=end == target.size), *full])
        edge = grown.edge
    if edge != target or edge.root() != state.root:
        raise LogRefusedError(
            f"the {target.size} leaves in the database lead to another root than the row about the log's state:"
            " one of them was changed. `academy log adopt` compares them with what was published."
        )
    files.write_for_ever(edge_files(edge))
    with begin_rows(academy.engine) as rows:
        rows.set_tiled(old_size=state.tiled.size, edge=edge)
    return edge


def drop_partials(academy: Academy, *, old: int, new: int) -> None:
    """Delete partial tiles and bundles that became full between two sizes, and just before them."""
    full: list[TileID | BundleID] = []
    level, first, end = 0, old // TILE_WIDTH, new // TILE_WIDTH
    while end:
        for index in range(max(first - 1, 0), end):
            full.append(TileID(level=level, index=index))
            if level == 0:
                full.append(BundleID(index=index))
        level, first, end = level + 1, first // TILE_WIDTH, end // TILE_WIDTH
    academy.log.files.drop_partials(full)


def newest_leaves(academy: Academy, edge: RightEdge) -> list[bytes]:
    """Return the leaves of the newest bundle; raise LogRefusedError where one was lost or changed."""
    return leaves_between(academy, max(edge.size - 1, 0) // TILE_WIDTH * TILE_WIDTH, edge.size)


def mend_edge(academy: Academy, edge: RightEdge) -> None:
    """Write the newest files again where they are torn or gone; raise LogRefusedError where they are others."""
    if not edge.size:
        return
    leaves = newest_leaves(academy, edge)
    start = edge.size - len(leaves)
    hashes = b"".join(entry_hash(leaf) for leaf in leaves)
    newest = TileID(level=0, index=start // TILE_WIDTH, width=len(leaves))
    academy.log.files.write_for_ever([*_bundles(leaves, start, last=True), (newest, hashes), *edge_files(edge)])


def edge_files(edge: RightEdge) -> Iterator[tuple[TileID, bytes]]:
    """Yield the partial tiles of a tree with their bytes."""
    for level, data in enumerate(edge.partial):
        if data:
            index = edge.size // TILE_WIDTH ** (level + 1)
            yield TileID(level=level, index=index, width=len(data) // HASH_BYTES), data


def leaves_between(academy: Academy, start: int, end: int) -> list[bytes]:
    """Return the leaves of some places; raise LogRefusedError where one was lost or changed."""
    with begin_rows(academy.engine, reads=True) as rows:
        leaves = rows.placed(start, end)
    if [leaf.seq for leaf in leaves] != list(range(start, end)):
        raise LogRefusedError(
            f"the database has {len(leaves)} of the {end - start} leaves from place {start} on: rows were lost."
            " `academy log adopt` brings them back from what was published."
        )
    for leaf in leaves:
        if not leaf.is_whole:
            raise LogRefusedError(
                f"the leaf at place {leaf.seq} was changed in the database."
                " `academy log adopt` brings it back from what was published."
            )
    return [leaf.leaf for leaf in leaves]


def _bundles(leaves: Sequence[bytes], start: int, *, last: bool) -> Iterator[tuple[BundleID, bytes]]:
    """Yield the bundles of leaves from `start`, a multiple of 256; a partial one only at the end of the tree."""
    for place in range(0, len(leaves), TILE_WIDTH):
        entries = leaves[place : place + TILE_WIDTH]
        if len(entries) == TILE_WIDTH or last:
            yield BundleID(index=(start + place) // TILE_WIDTH, width=len(entries)), format_bundle(entries)
