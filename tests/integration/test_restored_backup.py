"""An older copy of the database comes back: no second badge, no second history, and a way to go on."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from issuer.errors import RefusedError
from issuer.service.log import flush, log_refusal
from issuer.service.log.adopting import adopt_log
from issuer.service.status import sign_lists_anew, status_list
from issuer.store.engine import open_engine
from schemas import multihash
from schemas.tlog import parse_leaf
from tests.integration.world import World


def restored(world: World, backup: Path) -> World:
    """The same academy after somebody put an older copy of its database back, and started it again."""
    world.academy.engine.dispose()
    for leftover in world.folder.glob("academy.sqlite*"):
        leftover.unlink()
    shutil.copy(backup, world.folder / "academy.sqlite")
    return replace(world, academy=replace(world.academy, engine=open_engine(world.url)))


def backup_of(world: World, to: Path) -> Path:
    world.academy.engine.dispose()
    return Path(shutil.copy(world.folder / "academy.sqlite", to))


def firsts(world: World) -> Counter[str]:
    leaves = [parse_leaf(row["leaf"].encode()) for row in world.rows("outbox")]
    return Counter(leaf.decision for leaf in leaves if getattr(leaf, "reason", None) == "first")  # type: ignore[attr-defined]  # of badges alone


def test_a_badge_that_was_issued_after_the_backup_is_not_issued_again(world: World, tmp_path: Path) -> None:
    asked = world.consented()
    flush(world.academy)
    backup = backup_of(world, tmp_path / "backup")
    world.accept(asked)
    old = restored(world, backup)
    try:
        assert "leaves" in (log_refusal(old.academy) or "")
        with old.refused("G9", about="takes in nothing"):
            old.accept(asked)
        adopt_log(old.academy)
        assert log_refusal(old.academy) is None
        with old.unsigned(RefusedError, about="first copy already"):
            old.accept(asked)
        flush(old.academy)
        assert set(firsts(old).values()) == {1}
    finally:
        old.academy.engine.dispose()


def test_status_lists_are_signed_anew_after_an_older_database_came_back(world: World, tmp_path: Path) -> None:
    status_list(world.academy, number=1)
    flush(world.academy)
    backup = backup_of(world, tmp_path / "backup")
    world.clock.pass_days(1)
    newest = status_list(world.academy, number=1)
    flush(world.academy)
    old = restored(world, backup)
    try:
        adopt_log(old.academy)
        sign_lists_anew(old.academy)
        served = status_list(old.academy, number=1)
        flush(old.academy)
        logged = [parse_leaf(row["leaf"].encode()) for row in old.rows("outbox")]
        digests = [getattr(leaf, "digest", None) for leaf in logged if leaf.type == "statuslist.published"]
        assert multihash(newest.encode()) in digests
        assert digests[-1] == multihash(served.encode())
    finally:
        old.academy.engine.dispose()


@pytest.mark.parametrize("harm", ["flipped", "gone", "checkpoint"])
def test_damaged_files_are_written_again_from_whole_rows(world: World, harm: str) -> None:
    flush(world.academy)
    folder = world.academy.log.files.folder
    before = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    bundle = max((folder / "tile" / "entries" / "000.p").iterdir(), key=lambda path: int(path.name))
    match harm:
        case "flipped":
            bundle.write_bytes(bundle.read_bytes()[:-1] + b"\0")
        case "gone":
            bundle.unlink()
        case "checkpoint":
            (folder / "checkpoint").write_bytes(b"nothing\n")
    adopt_log(world.academy)
    after = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert after == before
    assert log_refusal(world.academy) is None
