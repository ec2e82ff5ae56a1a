"""Logs for others to read: a folder each, with older checkpoints, from the formats alone and from the service."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from issuer.service.log import begin_log, flush
from issuer.service.opening import open_academy
from issuer.store.log import begin_rows
from schemas.tlog import (
    BundleID,
    TileID,
    build_consistency_proof,
    build_inclusion_proof,
    digest_text,
    entry_hash,
    format_leaf,
    parse_signed_checkpoint,
    tile_hashes,
    width_in_tree,
)
from tests.conftest import settings_in
from tests.fakes import FakeClock
from tests.unit.verifier.log.world import academy_leaves, log_files, more
from verifier.log.source import FolderSource, read_bundle, read_tile

# Around a full tile, and with two tiles and an upper level.
SIZES = (1, 2, 7, 255, 256, 257, 600)


@dataclass(frozen=True, slots=True)
class BuiltLog:
    """The folder of a log, and the checkpoints that it signed before, by size."""

    folder: Path
    older: Mapping[int, str]

    @property
    def size(self) -> int:
        """How many leaves it has."""
        return parse_signed_checkpoint((self.folder / "checkpoint").read_bytes()).checkpoint.size

    @property
    def vkey(self) -> str:
        """The log's key."""
        return (self.folder / "vkey").read_text(encoding="utf-8").strip()

    def read(self, tile: TileID) -> bytes:
        """Return a tile."""
        return read_tile(FolderSource(self.folder), tile)

    def leaf_hash(self, index: int) -> bytes:
        """Return the hash of a leaf, as the entry bundle has it."""
        width = width_in_tree(self.size, level=0, index=index // 256)
        bundle = read_bundle(FolderSource(self.folder), BundleID(index=index // 256, width=width))
        tile = TileID(level=0, index=index // 256, width=width)
        hash_ = entry_hash(bundle[index % 256])
        assert hash_ == tile_hashes(self.read(tile), tile)[index % 256]
        return hash_

    def job(self, indexes: Sequence[int]) -> dict[str, Any]:
        """What other programs are asked: the log, its older checkpoints, and proofs that we made."""
        proofs: list[dict[str, Any]] = [
            {
                "Index": index,
                "Leaf": _text(self.leaf_hash(index)),
                "Hashes": [_text(h) for h in build_inclusion_proof(index, self.size, read=self.read)],
            }
            for index in indexes
        ]
        proofs += [
            {"Old": old, "Hashes": [_text(h) for h in build_consistency_proof(old, self.size, read=self.read)]}
            for old in self.older
        ]
        return {
            "Folder": str(self.folder),
            "Vkey": self.vkey,
            "Older": list(self.older.values()),
            "Proofs": proofs,
        }


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def from_formats(folder: Path) -> BuiltLog:
    """A log that `schemas.tlog` makes, of the leaves that the monitor's tests have."""
    leaves = [*academy_leaves(), *(more(number) for number in range(100, 100 + SIZES[-1]))]
    older = {size: log_files(leaves[:size]).checkpoint.decode() for size in SIZES[:-1]}
    return BuiltLog(log_files(leaves[: SIZES[-1]]).write(folder), older)


def from_service(folder: Path) -> BuiltLog:
    """The log of a real academy: leaves through its outbox, tiles and checkpoints by its sequencer."""
    settings = settings_in(folder)
    academy = open_academy(settings, clock=FakeClock())
    try:
        begin_log(academy)
        public = academy.log.files.folder
        older = {}
        for size in SIZES:
            have = parse_signed_checkpoint((public / "checkpoint").read_bytes()).checkpoint.size
            with begin_rows(academy.engine) as rows:
                for number in range(have, size):
                    leaf = more(number)
                    data = format_leaf(leaf)
                    rows.add(event_id=leaf.id, leaf=data.decode(), hash_=digest_text(entry_hash(data)), at=leaf.at)
            flush(academy)
            older[size] = (public / "checkpoint").read_text(encoding="utf-8")
        older.pop(SIZES[-1])
        return BuiltLog(public, older)
    finally:
        academy.engine.dispose()


LOGS: Mapping[str, Callable[[Path], BuiltLog]] = MappingProxyType(
    {"formats": from_formats, "service": from_service}
)


def write_job(file: Path, job: Mapping[str, Any]) -> Path:
    """Write a job into a file."""
    file.write_text(json.dumps(job), encoding="utf-8")
    return file
