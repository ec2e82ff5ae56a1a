"""A look at every leaf since the beginning, some at a time: is the database still what was logged.

Starting takes no such look, so that it is quick at any size; a worker takes it beside its other work.
"""

from __future__ import annotations

from issuer.errors import LogRefusedError
from issuer.service.academy import Academy
from issuer.service.log.sequencing import read_state
from issuer.store.log import begin_rows
from schemas.merkle import HASH_BYTES, merkle_root
from schemas.tlog import TILE_WIDTH, TileError, TileID, entry_hash, width_in_tree

STEP = 80 * TILE_WIDTH  # leaves for each look


def audit_some(academy: Academy, *, leaves: int = STEP) -> int:
    """Look at the next leaves that nobody in this process looked at yet; return how many.

    Each must hash to what its tile file says, and each full tile to what the tile above it says; the newest tiles
    were held against the signed head before. Raises LogRefusedError for what is found, now and from then on.
    """
    log, state = academy.log, read_state(academy)
    with log.watch.lock:
        start = log.watch.audited_size
        if log.watch.audited is None and state is not None and start < state.tiled.size:
            first = start - start % TILE_WIDTH
            log.watch.audited_size = min(first + leaves, state.tiled.size)
            log.watch.audited = _fault(academy, first, log.watch.audited_size, size=state.tiled.size)
    if log.watch.audited is not None:
        raise LogRefusedError(log.watch.audited)
    return log.watch.audited_size - start


def _fault(academy: Academy, start: int, end: int, *, size: int) -> str | None:
    """Return what is wrong with the leaves from `start`, a multiple of 256, to before `end`."""
    with begin_rows(academy.engine, reads=True) as rows:
        found = rows.placed(start, end)
    hashes = {leaf.seq: entry_hash(leaf.leaf) for leaf in found}
    read = academy.log.files.tile
    for index in range(start // TILE_WIDTH, -(-end // TILE_WIDTH)):
        first = index * TILE_WIDTH
        tile = TileID(level=0, index=index, width=width_in_tree(size, level=0, index=index))
        width = min(tile.width, end - first)
        try:
            data = read(tile)
            above = read(_above(index, size)) if tile.width == TILE_WIDTH else None
        except TileError as error:
            return f"a file of the log is damaged: {error.message}. `academy log adopt` writes it again."
        said = [data[place : place + HASH_BYTES] for place in range(0, len(data), HASH_BYTES)]
        for place in range(width):
            if hashes.get(first + place) != said[place]:
                return (
                    f"the leaf at place {first + place} of the database is not the one that was logged."
                    " `academy log adopt` brings it back from what was published."
                )
        inner = index % TILE_WIDTH * HASH_BYTES
        if above is not None and merkle_root(said) != above[inner : inner + HASH_BYTES]:
            return (
                f"the tile {index} of level 0 is not the one above it says. `academy log adopt` writes it again."
            )
    return None


def _above(index: int, size: int) -> TileID:
    above = index // TILE_WIDTH
    return TileID(level=1, index=above, width=width_in_tree(size, level=1, index=above))
