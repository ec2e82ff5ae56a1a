"""What could begin a second history stops the writing, with a sentence that names both sizes; reading goes on."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from app import Settings, build_app
from issuer.errors import AcademyError, LogRefusedError
from issuer.service.log import begin_log, flush, flush_due, log_health, log_refusal, proof_of
from issuer.service.log.adopting import adopt_log
from issuer.service.log.auditing import audit_some
from issuer.service.opening import SettingsError, open_academy
from tests.integration.log.world import LogWorld, hash_of, leaf_of, new_world


def grown(world: LogWorld, end: int, start: int = 0) -> LogWorld:
    world.fill(range(start, end))
    flush(world.academy)
    return world


def refuses(world: LogWorld, *words: str) -> None:
    """A new process refuses to write, and changes nothing; what was published can be read and proved."""
    again = world.reopened()
    before = {path: path.read_bytes() for path in world.files.rglob("*") if path.is_file()}
    rows = again.rows()
    with pytest.raises(LogRefusedError) as caught:
        flush(again.academy)
    for word in words:
        assert word in str(caught.value)
    assert {path: path.read_bytes() for path in before} == before
    assert [row for row in again.rows() if row[0] is not None] == [row for row in rows if row[0] is not None]
    assert log_health(again.academy) is not None
    with pytest.raises(AcademyError):
        begin_log(again.academy)


def test_a_restored_older_database_refuses_and_says_both_sizes(small: LogWorld) -> None:
    backup = grown(small, 10).back_up()
    grown(small, 30, start=10)
    old = small.restore(backup)
    old.fill([500])
    refuses(old, "the database has 11 leaves", "has 31", "older copy", "academy log adopt")
    assert "11" in str(log_refusal(old.academy))
    assert [seq for seq, leaf in old.rows() if leaf == leaf_of(500)] == [None]


def test_adopting_what_was_published_repairs_a_restored_database(small: LogWorld) -> None:
    backup = grown(small, 10).back_up()
    grown(small, 300, start=10)
    checkpoint = (small.files / "checkpoint").read_bytes()
    old = small.restore(backup)
    old.fill([500])
    done = adopt_log(old.academy)
    assert (done.size_before, done.size, done.added, done.mended) == (11, 301, 290, 0)
    assert (small.files / "checkpoint").read_bytes() == checkpoint
    assert log_refusal(old.academy) is None
    assert flush(old.academy).size == 302
    assert old.audit()[-1].decode() == leaf_of(500)
    assert proof_of(old.academy, hash_of(leaf_of(250))) is not None


def test_adopting_gives_leaves_their_place_that_came_in_again_meanwhile(small: LogWorld) -> None:
    backup = grown(small, 10).back_up()
    grown(small, 20, start=10)
    old = small.restore(backup)
    old.fill([15, 16, 600])  # two of them are in the published log
    done = adopt_log(old.academy)
    assert (done.added, done.mended) == (8, 2)
    assert flush(old.academy).size == 22
    old.audit()


def test_adopting_from_a_mirror_repairs_what_is_lost_here(small: LogWorld, tmp_path: Path) -> None:
    backup = grown(small, 10).back_up()
    grown(small, 300, start=10)
    shutil.copytree(small.files, tmp_path / "mirror")
    shutil.rmtree(small.files)
    old = small.restore(backup)
    refuses_without_files = pytest.raises(LogRefusedError, match="there is no published log")
    with refuses_without_files:
        adopt_log(old.academy)
    assert adopt_log(old.academy, folder=tmp_path / "mirror").added == 290
    assert flush(old.academy).size == 301
    old.audit()


def test_a_mirror_that_is_older_than_what_was_signed_is_not_adopted(small: LogWorld, tmp_path: Path) -> None:
    grown(small, 10)
    shutil.copytree(small.files, tmp_path / "mirror")
    grown(small, 30, start=10)
    with pytest.raises(LogRefusedError, match="has 11 leaves, but the newest signed head has 31"):
        adopt_log(small.academy, folder=tmp_path / "mirror")


def test_a_mirror_with_one_changed_entry_is_not_adopted(small: LogWorld, tmp_path: Path) -> None:
    grown(small, 30)
    mirror = tmp_path / "mirror"
    shutil.copytree(small.files, mirror)
    bundle = mirror / "tile/entries/000.p/31"
    data = bytearray(bundle.read_bytes())
    data[-3] ^= 1
    bundle.write_bytes(data)
    with pytest.raises(LogRefusedError, match=r"one of them was changed|does not continue"):
        adopt_log(small.academy, folder=mirror)
    small.audit()


def test_an_empty_database_with_a_published_log_never_begins_a_second_one(small: LogWorld, tmp_path: Path) -> None:
    grown(small, 10)
    other = new_world(tmp_path / "other", keys=small.folder / "keys")
    for part in ("log", "log-key", "head"):
        shutil.copytree(small.folder / part, tmp_path / "other" / part)
    again = other.reopened()
    assert "0 leaves, but 11 were signed" in str(log_refusal(again.academy))
    with pytest.raises(LogRefusedError, match="11 leaves was signed"):
        begin_log(again.academy)
    assert adopt_log(again.academy).added == 11
    assert flush(again.academy).size == 11
    again.audit()
    other.academy.engine.dispose()


def test_a_lost_head_store_refuses_until_the_published_head_is_adopted(small: LogWorld) -> None:
    grown(small, 10)
    shutil.rmtree(small.folder / "head")
    refuses(small, "11 leaves", "newest signed head is not in the folder")
    again = small.reopened()
    adopt_log(again.academy)
    assert flush(again.academy).size == 11


def test_a_head_store_of_another_time_refuses(small: LogWorld, tmp_path: Path) -> None:
    grown(small, 10)
    shutil.copytree(small.folder / "head", tmp_path / "old")
    grown(small, 20, start=10)
    shutil.rmtree(small.folder / "head")
    shutil.copytree(tmp_path / "old", small.folder / "head")
    refuses(small, "21 leaves were published", "has 11")


def test_a_damaged_head_refuses_and_adopting_makes_it_anew(small: LogWorld) -> None:
    grown(small, 10)
    (small.folder / "head/head").write_bytes(b"torn")
    refuses(small, "is damaged")
    again = small.reopened()
    adopt_log(again.academy)
    assert flush(again.academy).size == 11


@dataclass(frozen=True)
class Harm:
    """Something that happens to a log of 301 leaves, and words of the refusal."""

    name: str
    do: Callable[[LogWorld], object]
    words: tuple[str, ...]

    def __str__(self) -> str:
        return self.name


def foreign_checkpoint(world: LogWorld) -> None:
    other = new_world(world.folder / "other", keys=world.folder / "keys")
    begin_log(other.academy)
    shutil.copy(other.files / "checkpoint", world.files / "checkpoint")
    other.academy.engine.dispose()


def foreign_key(world: LogWorld) -> None:
    other = new_world(world.folder / "other", keys=world.folder / "keys")
    begin_log(other.academy)
    shutil.copy(other.folder / "log-key/log.pem", world.folder / "log-key/log.pem")
    other.academy.engine.dispose()


def readable(world: LogWorld) -> None:
    (world.folder / "log-key/log.pem").chmod(0o644)


def another_tile(world: LogWorld) -> None:
    tile = world.files / "tile/0/001.p/45"
    tile.write_bytes(bytes(len(tile.read_bytes())))


HARMS = (
    Harm("a row was lost", lambda w: w.sql("DELETE FROM outbox WHERE seq = 17"), ("301 leaves", "holds 300")),
    Harm("the last row was lost", lambda w: w.sql("DELETE FROM outbox WHERE seq = 300"), ("holds 300",)),
    Harm(
        "a new leaf was changed",
        lambda w: w.sql("UPDATE outbox SET leaf = 'x' || leaf WHERE seq = 290"),
        ("place 290 was changed",),
    ),
    Harm(
        "the state has another root",
        lambda w: w.sql("UPDATE log_state SET root = edge"),
        ("was changed", "301 leaves"),
    ),
    Harm("the state is smaller", lambda w: w.sql("UPDATE log_state SET size = 300"), ("was changed",)),
    Harm(
        "the state is another origin's",
        lambda w: w.sql("UPDATE log_state SET origin = 'other.example/log'"),
        ("other.example/log",),
    ),
    Harm(
        "another log's checkpoint is served", foreign_checkpoint, ("the published checkpoint is not of this log",)
    ),
    Harm("another log's key lies here", foreign_key, ("Bring its key file back",)),
    Harm("the key is gone", lambda w: (w.folder / "log-key/log.pem").unlink(), ("log.pem is missing",)),
    Harm("the key is empty", lambda w: (w.folder / "log-key/log.pem").write_bytes(b""), ("is empty",)),
    Harm("others may read the key", readable, ("chmod 600",)),
    Harm("the newest tile has other bytes", another_tile, ("with other bytes",)),
)


@pytest.mark.parametrize("harm", HARMS, ids=str)
def test_what_does_not_fit_stops_the_writing_before_anything_gets_a_place(small: LogWorld, harm: Harm) -> None:
    grown(small, 300)
    harm.do(small)
    small.fill([700])
    refuses(small, *harm.words)
    assert [seq for seq, leaf in small.rows() if leaf == leaf_of(700)] == [None]


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM outbox WHERE seq = 17", "UPDATE outbox SET leaf = 'x' || leaf WHERE seq = 17"],
    ids=["lost", "changed"],
)
def test_adopting_brings_back_rows_that_were_lost_or_changed(small: LogWorld, statement: str) -> None:
    grown(small, 300)
    small.sql(statement)
    again = small.reopened()
    done = adopt_log(again.academy)
    assert done.added + done.mended == 1
    assert flush(again.academy).size == 301
    again.audit()


def test_a_bit_that_flipped_in_an_old_leaf_is_found_beside_the_work_and_stops_the_writing(small: LogWorld) -> None:
    grown(small, 600)
    small.sql("UPDATE outbox SET leaf = 'x' || substr(leaf, 2) WHERE seq = 17")
    again = small.reopened()
    flush(again.academy)  # starting takes no look at all rows
    with pytest.raises(LogRefusedError, match="place 17"):
        audit_some(again.academy, leaves=256)
    assert "place 17 of the database is not the one that was logged" in str(log_refusal(again.academy))
    again.fill([700])
    with pytest.raises(LogRefusedError, match="place 17"):
        flush(again.academy)
    adopt_log(again.academy)
    assert flush(again.academy).size == 602
    while audit_some(again.academy):
        """Nothing is found any more."""
    assert log_refusal(again.academy) is None


def test_a_look_at_all_rows_finds_a_damaged_old_tile(small: LogWorld) -> None:
    grown(small, 600)
    tile = small.files / "tile/0/000"
    tile.write_bytes(tile.read_bytes()[:-32] + bytes(32))
    again = small.reopened()
    with pytest.raises(LogRefusedError, match=r"the one above it says|is not the one that was logged"):
        audit_some(again.academy)
    assert log_refusal(again.academy) is not None
    adopt_log(again.academy)
    again.audit()


@pytest.mark.parametrize("name", ["tile/0/001.p/45", "tile/entries/001.p/45", "tile/1/000.p/1"])
@pytest.mark.parametrize("keeps", [0, 20, None], ids=["empty", "torn", "gone"])
def test_a_torn_newest_file_is_written_again_from_the_database(
    small: LogWorld, name: str, keeps: int | None
) -> None:
    grown(small, 300)
    path = small.files / name
    whole = path.read_bytes()
    path.unlink() if keeps is None else path.write_bytes(whole[:keeps])
    again = small.reopened()
    flush(again.academy)
    assert path.read_bytes() == whole
    again.audit()


def test_a_torn_checkpoint_is_served_again_as_it_was_signed(small: LogWorld) -> None:
    grown(small, 10)
    whole = (small.files / "checkpoint").read_bytes()
    (small.files / "checkpoint").write_bytes(whole[:50])
    flush_due(small.reopened().academy)
    assert (small.files / "checkpoint").read_bytes() == whole


def test_the_key_stays_as_it_was_read_until_the_process_ends(small: LogWorld) -> None:
    grown(small, 3)
    foreign_key(small)
    assert flush(grown(small, 5, start=3).academy).size == 6
    refuses(small, "Bring its key file back")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO])
@pytest.mark.parametrize("call", ["write", "fsync", "mkdir"])
def test_a_full_disk_stops_issuing_and_not_reading_and_health_turns_red(
    small: LogWorld, monkeypatch: pytest.MonkeyPatch, number: int, call: str
) -> None:
    grown(small, 255)
    small.fill([300])

    def full(*_: object, **__: object) -> int:
        raise OSError(number, os.strerror(number))

    client = build_app(small.academy, Settings(base_url="https://academy.example")).test_client()
    with monkeypatch.context() as patch:
        patch.setattr(os, call, full)
        with pytest.raises(LogRefusedError, match=r"the disk is full|cannot be written"):
            flush(small.academy)
    red = client.get("/readyz")
    assert (red.status_code, "badges wait" in red.text) == (503, True)
    assert client.get("/log/checkpoint").status_code == 200
    assert client.get("/healthz").status_code == 200
    assert proof_of(small.academy, hash_of(leaf_of(7))) is not None
    assert flush(small.academy).size == 258, "the genesis, 255 and 1 of ours, and the scripts of the release"
    assert client.get("/readyz").status_code == 200
    small.audit()


def test_leaves_that_wait_too_long_turn_health_red(small: LogWorld) -> None:
    small.fill([1])
    assert log_health(small.academy) is None
    small.clock.now += timedelta(seconds=61)
    assert "1 leaves wait" in str(log_health(small.academy))
    flush(small.academy)
    assert log_health(small.academy) is None


def test_an_academy_without_a_log_serves_its_pages(unbegun: LogWorld) -> None:
    client = build_app(unbegun.academy, Settings(base_url="https://academy.example")).test_client()
    assert client.get("/readyz").status_code == 200
    assert "No log has begun" in client.get("/log").text
    assert client.get("/log/checkpoint").status_code == 404


@pytest.mark.parametrize(
    "content", [b"quorum nobody\n", b"", b"\x00", None], ids=["wrong", "empty", "nul", "absent"]
)
def test_a_policy_file_that_cannot_be_used_is_told_at_the_start(
    small: LogWorld, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "policy"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError, match="LOG_POLICY"):
        open_academy(replace(small.settings, log_policy=path), clock=small.clock)


def test_a_beginning_that_was_stopped_goes_on(unbegun: LogWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "stopped")

    for call in ("fsync", "rename"):
        with monkeypatch.context() as patch:
            patch.setattr(Path if call == "rename" else os, call, stop)
            with pytest.raises((OSError, AcademyError)):
                begin_log(unbegun.academy)
    assert begin_log(unbegun.academy).size == 1
    unbegun.audit()
