"""The log's public files by their name, and no other file."""

from __future__ import annotations

from issuer.service.academy import Academy
from issuer.store.log.files import CHECKPOINT, POLICY, VKEY
from schemas.tlog import TileError, parse_tile_path, tile_path

NAMES = (CHECKPOINT, VKEY, POLICY)


def public_file(academy: Academy, name: str) -> bytes | None:
    """Return `checkpoint`, `vkey`, `policy`, or a tile or entry bundle by its path; None for anything else.

    A path is parsed and written again, so that no spelling reaches another file; whether the tree has such a tile
    is whether the file is there.
    """
    if name in NAMES:
        return academy.log.files.read(name)
    try:
        return academy.log.files.read(tile_path(parse_tile_path(name)))
    except TileError:
        return None
