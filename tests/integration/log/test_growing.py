"""The log grows: every leaf gets one place, in order, and everybody can prove it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from issuer.errors import LogRefusedError
from issuer.service.log import begin_log, flush, flush_due, log_refusal, proof_of, read_state
from issuer.service.log.heads import published
from issuer.service.log.sequencing import sequence_batch
from schemas.tlog import LogGenesis, parse_leaf, parse_policy, parse_tlog_proof, parse_vkey, verify_tlog_proof
from tests.integration.log.world import ORIGIN, LogWorld, audited, hash_of, leaf_of

ROOT = Path(__file__).resolve().parents[3]


def test_a_log_begins_with_its_genesis_before_all_that_waits(unbegun: LogWorld) -> None:
    unbegun.fill([1, 2, 3])
    head = begin_log(unbegun.academy)
    entries = unbegun.audit()
    assert head.size == len(entries) == 4
    genesis = parse_leaf(entries[0])
    assert isinstance(genesis, LogGenesis)
    assert parse_vkey(genesis.keys.log).name == ORIGIN
    assert [entry.decode() for entry in entries[1:]] == [leaf_of(n) for n in (1, 2, 3)]


def test_nothing_begins_a_log_but_the_command(unbegun: LogWorld) -> None:
    unbegun.fill([1])
    assert flush_due(unbegun.academy) == 0
    with pytest.raises(LogRefusedError, match="academy log init"):
        flush(unbegun.academy)
    assert read_state(unbegun.academy) is None
    assert not unbegun.files.exists()


def test_a_log_begins_once(log: LogWorld) -> None:
    with pytest.raises(LogRefusedError, match="has begun already; it has 1 leaves"):
        begin_log(log.academy)


def test_leaves_get_places_in_the_order_in_which_they_came(log: LogWorld) -> None:
    for first in range(0, 700, 100):
        log.fill(range(first, first + 100))
        flush(log.academy)
    assert [entry.decode() for entry in log.audit()[1:]] == [leaf_of(n) for n in range(700)]


def test_a_leaf_that_was_put_in_earlier_and_became_visible_later_is_not_passed_over(log: LogWorld) -> None:
    log.fill([9])
    log.sql("UPDATE outbox SET number = 90 WHERE event_id = 'event-9'")
    assert flush(log.academy).size == 2
    log.fill([3])
    log.sql("UPDATE outbox SET number = 89 WHERE event_id = 'event-3'")
    assert flush(log.academy).size == 3
    assert [entry.decode() for entry in log.audit()[1:]] == [leaf_of(9), leaf_of(3)]


def test_a_leaf_that_was_changed_while_it_waited_gets_no_place(log: LogWorld) -> None:
    log.fill([1, 2])
    log.sql("UPDATE outbox SET leaf = leaf || ' ' WHERE event_id = 'event-1'")
    with pytest.raises(LogRefusedError, match="was changed while it waited"):
        flush(log.academy)
    assert [seq for seq, _ in log.rows()] == [0, None, None]


def test_one_event_is_logged_once(log: LogWorld) -> None:
    log.fill([1])
    with pytest.raises(IntegrityError):
        log.fill([1])
    flush(log.academy)
    with pytest.raises(IntegrityError):
        log.fill([1])
    assert flush(log.academy).size == 2


def test_each_leaf_is_proved_offline_from_the_published_files(log: LogWorld) -> None:
    log.fill(range(600))
    flush(log.academy)
    key = parse_vkey((log.files / "vkey").read_text().strip())
    for number in (0, 254, 255, 256, 511, 599):
        proof = proof_of(log.academy, hash_of(leaf_of(number)))
        assert proof is not None
        logged = verify_tlog_proof(parse_tlog_proof(proof), leaf=leaf_of(number).encode(), logs=[key])
        assert (logged.index, logged.size, logged.origin) == (number + 1, 601, ORIGIN)
        assert parse_tlog_proof(proof).extra == leaf_of(number).encode()


def test_a_leaf_that_waits_has_no_proof_yet(log: LogWorld) -> None:
    log.fill([1])
    assert proof_of(log.academy, hash_of(leaf_of(1))) is None
    sequence_batch(log.academy)  # it has a place, but no checkpoint covers it
    assert proof_of(log.academy, hash_of(leaf_of(1))) is None
    assert proof_of(log.academy, hash_of("unknown")) is None
    flush(log.academy)
    assert proof_of(log.academy, hash_of(leaf_of(1))) is not None


def test_partial_tiles_go_when_the_full_one_is_there_and_not_before(log: LogWorld) -> None:
    for numbers in (range(100), range(100, 200)):
        log.fill(numbers)
        flush(log.academy)
    for folder in ("tile/0/000.p", "tile/entries/000.p"):
        assert sorted(int(path.name) for path in (log.files / folder).iterdir()) == [1, 101, 201]
    log.fill(range(200, 256))
    flush(log.academy)
    for folder in ("tile/0/000", "tile/entries/000"):
        assert (log.files / folder).exists()
        assert not (log.files / f"{folder}.p").exists()
    assert [path.name for path in (log.files / "tile/0/001.p").iterdir()] == ["1"]
    log.audit()


def test_the_same_leaves_give_the_same_bytes_however_they_came_in(log: LogWorld, tmp_path: Path) -> None:
    log.fill(range(513))
    flush(log.academy)
    before = {path: path.read_bytes() for path in log.files.rglob("*") if path.is_file()}
    again = log.reopened()
    assert flush(again.academy).size == 514
    assert {path: path.read_bytes() for path in log.files.rglob("*") if path.is_file()} == before


def test_nothing_new_writes_nothing(log: LogWorld) -> None:
    log.fill([1])
    first = flush(log.academy)
    stamps = {
        path: path.stat().st_mtime_ns
        for path in log.folder.rglob("*")
        if path.is_file() and "sqlite" not in path.name
    }
    assert flush(log.academy) == first
    assert flush_due(log.academy) == 0
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps


def test_the_policy_that_is_published_names_the_log_and_no_witness(log: LogWorld) -> None:
    policy = parse_policy((log.files / "policy").read_bytes())
    assert [(entry.key.name, entry.url) for entry in policy.logs] == [(ORIGIN, "https://academy.example/log")]
    assert (policy.witnesses, policy.quorum) == ((), None)


def test_threads_that_flush_at_once_make_one_history(log: LogWorld) -> None:
    faults: list[BaseException] = []

    def work(numbers: range) -> None:
        try:
            for number in numbers:
                log.fill([number])
                flush(log.academy)
        except BaseException as error:  # noqa: BLE001 - told below
            faults.append(error)

    threads = [threading.Thread(target=work, args=(range(start, start + 8),)) for start in (0, 100, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert sorted(entry.decode() for entry in log.audit()[1:]) == sorted(
        leaf_of(n) for start in (0, 100, 200) for n in range(start, start + 8)
    )


def run_child(log: LogWorld, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.integration.log.child", str(log.folder), log.settings.database_url]
    return subprocess.Popen(
        [*command, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.long
def test_two_sequencers_at_once_leave_no_gap_and_no_double_in_ten_thousand_events(log: LogWorld) -> None:
    """Two processes put in the same 10,000 events, each of them twice, and give places all the while."""
    children = [run_child(log, "race", "10000") for _ in range(2)]
    for child in children:
        out, err = child.communicate(timeout=600)
        assert child.returncode == 0, err
        assert json.loads(out)["refused"] > 0  # each met events that were there already
    flush(log.academy)
    entries = [entry.decode() for entry in log.audit()[1:]]
    assert len(entries) == 10_000
    assert set(entries) == {leaf_of(n) for n in range(10_000)}
    assert log_refusal(log.academy) is None


def test_a_copy_of_the_folder_is_a_whole_log(log: LogWorld, tmp_path: Path) -> None:
    log.fill(range(300))
    flush(log.academy)
    shutil.copytree(log.files, tmp_path / "copy")
    assert len(audited(tmp_path / "copy")) == 301
    assert published(log.academy.log) is not None
