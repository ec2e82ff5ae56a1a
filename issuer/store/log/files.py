"""The log's public files, just as they are served: checkpoint, vkey, policy, tiles and entry bundles.

Every file is whole or not there: written beside its place, synced, renamed, and the folder synced. A tile says the
same for ever (c2sp.org/tlog-tiles), so other bytes never replace one; only a torn beginning is written again.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from issuer.errors import LogRefusedError
from schemas.merkle import HASH_BYTES
from schemas.tlog import TILE_WIDTH, BundleID, TileError, TileID, parse_bundle, tile_path

CHECKPOINT, VKEY, POLICY = "checkpoint", "vkey", "policy"
_WORKSHOP = ".new"  # where files are before they have their name; on the same file system, so that a rename is one
_MODE = 0o644


@dataclass(frozen=True, slots=True)
class LogFiles:
    """The folder of public files."""

    folder: Path

    # Reading

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes, None where there is none."""
        try:
            return (self.folder / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def tile(self, tile: TileID) -> bytes:
        """Return a tile's bytes, from a fuller tile where the partial one is gone; raise TileError."""
        data = self._at_least(tile)
        if data is None or len(data) < tile.width * HASH_BYTES:
            raise TileError(f"{tile_path(tile)} is missing or cut off in {self.folder}")
        return data[: tile.width * HASH_BYTES]

    def bundle(self, bundle: BundleID) -> tuple[bytes, ...]:
        """Return a bundle's entries, from a fuller one where the partial one is gone; raise TileError."""
        for found in self._wider(bundle):
            data = self.read(tile_path(found))
            if data is not None:
                return parse_bundle(data, BundleID(index=found.index, width=found.width))[: bundle.width]
        raise TileError(f"{tile_path(bundle)} is missing in {self.folder}")

    def _at_least(self, tile: TileID) -> bytes | None:
        for found in self._wider(tile):
            data = self.read(tile_path(found))
            if data is not None:
                return data
        return None

    def _wider(self, wanted: TileID | BundleID) -> Iterator[TileID | BundleID]:
        """Yield the tile itself, the full one, then wider partial ones: each begins with what is wanted."""
        for width in (wanted.width, TILE_WIDTH):
            yield _of_width(wanted, width)
        for width in self._widths(wanted):
            if width > wanted.width:
                yield _of_width(wanted, width)

    def _widths(self, of: TileID | BundleID) -> list[int]:
        try:
            names = [path.name for path in self._partials(of).iterdir()]
        except (FileNotFoundError, NotADirectoryError):
            return []
        return sorted(int(name) for name in names if name.isdecimal() and 0 < int(name) < TILE_WIDTH)

    def _partials(self, of: TileID | BundleID) -> Path:
        return self.folder / f"{tile_path(_of_width(of, TILE_WIDTH))}.p"

    # Writing

    def clear_workshop(self) -> None:
        """Throw away what was being written when somebody was stopped. Only while nobody else writes."""
        _remove(self.folder / _WORKSHOP)

    def write_for_ever(self, files: Iterable[tuple[TileID | BundleID | str, bytes]]) -> None:
        """Write files that never change, all of them on disk when this returns.

        Raises LogRefusedError when one is there with other bytes: two logs would share a name.
        """
        folders: dict[Path, None] = {}
        for of, data in files:
            path = self.folder / (of if isinstance(of, str) else tile_path(of))
            found = self.read(str(path.relative_to(self.folder)))
            if found == data:
                folders[path.parent] = None  # whoever wrote it may have been stopped before its folder was synced
                continue
            if found is not None and not data.startswith(found):
                raise LogRefusedError(
                    f"the file {path} of the log is there with other bytes than the database gives. Neither is"
                    " replaced: compare both with a copy that somebody else keeps, then `academy log adopt`."
                )
            self._put(path, data, folders)
        sync_folders(folders)

    def replace(self, name: str, data: bytes) -> None:
        """Write a file whatever was there, in one step: one that may change, or that was proved to be damaged."""
        if self.read(name) == data:
            return
        folders: dict[Path, None] = {}
        self._put(self.folder / name, data, folders)
        sync_folders(folders)

    def _put(self, path: Path, data: bytes, folders: dict[Path, None]) -> None:
        for made in make_folders(path.parent):
            folders[made] = None
        workshop = self.folder / _WORKSHOP
        workshop.mkdir(exist_ok=True)
        write_whole(path, data, temporary=workshop / f"{path.name}.{secrets.token_hex(8)}", mode=_MODE)
        folders[path.parent] = None

    def drop_partials(self, full: Iterable[TileID | BundleID]) -> None:
        """Delete partial tiles of full ones: "MAY delete any partial tile once the full tile is available"."""
        for of in full:
            if (self.folder / tile_path(of)).exists():
                _remove(self._partials(of))


def _remove(folder: Path) -> None:
    """Remove a folder with all that is in it; raise OSError where that cannot be done: it is tried again."""
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(folder)


def _of_width(of: TileID | BundleID, width: int) -> TileID | BundleID:
    if isinstance(of, TileID):
        return TileID(level=of.level, index=of.index, width=width)
    return BundleID(index=of.index, width=width)


def write_whole(path: Path, data: bytes, *, temporary: Path, mode: int) -> None:
    """Write a file beside its place, sync it, and rename it; the caller syncs the folder. Raises OSError."""
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        temporary.rename(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def make_folders(folder: Path) -> list[Path]:
    """Make a folder and those above it; return the ones that got a new entry, which are to be synced."""
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for made in reversed(missing):
        made.mkdir(exist_ok=True)
    return [made.parent for made in missing]


def sync_folders(folders: Iterable[Path]) -> None:
    """Make new names in these folders last through a loss of power."""
    for folder in folders:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
