"""The log's public files by their name, and no other file."""

from __future__ import annotations

import shutil
from pathlib import Path

from issuer.service.academy import Academy
from issuer.store.log.files import CHECKPOINT, POLICY, VKEY
from schemas.tlog import TileError, parse_tile_path, tile_path

_TILES = "tile"

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


def copy_log(academy: Academy, folder: Path) -> None:
    """Copy the published log into a folder, in the place of another copy that is there. Raises OSError.

    Nobody may write the log meanwhile.
    """
    source = academy.log.files.folder
    shutil.rmtree(folder / _TILES, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(source / _TILES, folder / _TILES)
    for name in NAMES:
        shutil.copyfile(source / name, folder / name)
