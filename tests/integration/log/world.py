"""An academy with nothing but a log, what fills it, and a look at all of its files that shares no code with it."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import text

from app import witness_post
from issuer.service.academy import Academy
from issuer.service.opening import AcademySettings, log_of, open_academy
from issuer.store.log import begin_rows
from schemas import multihash
from schemas.merkle import merkle_root
from schemas.tlog import (
    bundles_of_tree,
    entry_hash,
    parse_bundle,
    parse_signed_checkpoint,
    parse_vkey,
    tile_path,
    tiles_of_tree,
    verify_checkpoint,
)
from tests.fakes import FakeClock

ORIGIN = "academy.example/log"
PARTS = ("keys", "log", "log-key", "head")


def leaf_of(number: int) -> str:
    """A leaf of somebody else's format: to the log, leaves are bytes."""
    return f'{{"n":{number},"pad":"{hashlib.sha256(str(number).encode()).hexdigest()[: number % 60]}"}}'


def hash_of(leaf: str) -> str:
    return multihash(b"\x00" + leaf.encode())


@dataclass(slots=True)
class LogWorld:
    """One log on disk; `reopened` is what a new process has."""

    academy: Academy
    clock: FakeClock
    settings: AcademySettings

    @property
    def folder(self) -> Path:
        return self.settings.keys.parent

    @property
    def files(self) -> Path:
        return self.academy.log.files.folder

    def fill(self, numbers: Sequence[int]) -> None:
        """Put leaves into the outbox."""
        put_leaves(self.academy, numbers)

    def reopened(self) -> LogWorld:
        """Return the same log as a process has it that was just started."""
        return LogWorld(
            academy=replace(self.academy, log=log_of(self.settings)), clock=self.clock, settings=self.settings
        )

    def sql(self, statement: str, **values: object) -> None:
        with self.academy.engine.begin() as connection:
            connection.execute(text(statement), values)

    def rows(self) -> list[tuple[int | None, str]]:
        with self.academy.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text("SELECT seq, leaf FROM outbox ORDER BY number"))]

    def back_up(self) -> Path:
        """Copy the database, as a backup does; only for SQLite."""
        with self.academy.engine.begin() as connection:
            connection.execute(text("SELECT 1"))
        self.academy.engine.dispose()
        return Path(shutil.copy(self.folder / "academy.sqlite", self.folder / "backup.sqlite"))

    def restore(self, backup: Path) -> LogWorld:
        """Put yesterday's database back, and start anew."""
        self.academy.engine.dispose()
        shutil.copy(backup, self.folder / "academy.sqlite")
        return self.reopened()

    def audit(self) -> list[bytes]:
        """Read every file of the log, hold it against the signed root and the rows, and return the entries."""
        return audited(self.files, rows=self.rows())


def put_leaves(academy: Academy, numbers: Sequence[int]) -> None:
    with begin_rows(academy.engine) as rows:
        for number in numbers:
            leaf = leaf_of(number)
            rows.add(event_id=f"event-{number}", leaf=leaf, hash_=hash_of(leaf), at=academy.clock().isoformat())


def audited(folder: Path, *, rows: Sequence[tuple[int | None, str]] | None = None) -> list[bytes]:
    key = parse_vkey((folder / "vkey").read_text(encoding="utf-8").strip())
    signed = parse_signed_checkpoint((folder / "checkpoint").read_bytes())
    head = verify_checkpoint(signed, logs=[key]).checkpoint
    assert head.origin == ORIGIN
    entries = [
        entry
        for bundle in bundles_of_tree(head.size)
        for entry in parse_bundle((folder / tile_path(bundle)).read_bytes(), bundle)
    ]
    level = [entry_hash(entry) for entry in entries]
    assert len(level) == head.size
    assert merkle_root(level) == head.root
    wanted = {tile_path(bundle) for bundle in bundles_of_tree(head.size)}
    for tile in tiles_of_tree(head.size):
        hashes = level
        for _ in range(tile.level):
            hashes = [merkle_root(hashes[i : i + 256]) for i in range(0, len(hashes) // 256 * 256, 256)]
        expected = b"".join(hashes[tile.index * 256 : tile.index * 256 + tile.width])
        assert (folder / tile_path(tile)).read_bytes() == expected, tile_path(tile)
        wanted.add(tile_path(tile))
    found = {str(path.relative_to(folder)) for path in (folder / "tile").rglob("*") if path.is_file()}
    assert wanted <= found
    assert {path for path in found - wanted if ".p/" not in path} == set()
    if rows is not None:
        places = {seq: leaf.encode() for seq, leaf in rows if seq is not None}
        assert [places[seq] for seq in range(len(places))] == entries
    return entries


def new_world(folder: Path, *, keys: Path, url: str | None = None, policy: Path | None = None) -> LogWorld:
    """Return an academy with the given keys and an empty database, in which no log has begun."""
    shutil.copytree(keys, folder / "keys", dirs_exist_ok=True)
    settings = AcademySettings(
        database_url=url or f"sqlite:///{folder / 'academy.sqlite'}",
        keys=folder / "keys",
        base_url="https://academy.example",
        name="Test Academy",
        log_policy=policy,
        dev=policy is not None,
        post=witness_post(dev=policy is not None),
    )
    clock = FakeClock()
    return LogWorld(academy=open_academy(settings, clock=clock), clock=clock, settings=settings)
