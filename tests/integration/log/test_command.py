"""`academy log` as an operator runs it: what it says, and its exit statuses."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from app import main
from issuer.service.log import flush
from schemas.tlog import parse_tlog_proof
from tests.integration.log.world import LogWorld, hash_of, leaf_of

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)
    for name in (
        "PORT",
        "DATABASE_URL",
        "SMTP_URL",
        "ACADEMY_DEV",
        "LOG_DIR",
        "LOG_KEYS",
        "LOG_HEAD",
        "LOG_POLICY",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BASE_URL", "https://academy.example")

    def run(*arguments: str, folder: Path, **settings: str) -> tuple[int, str, str]:
        for name, value in {"DATA_DIR": str(folder), **settings}.items():
            monkeypatch.setenv(name, value)
        status = main(["log", *arguments])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return status, said.out, said.err

    return run


def test_a_log_is_begun_once_and_says_where_its_key_and_head_are(unbegun: LogWorld, run: Run) -> None:
    folder = unbegun.folder
    status, said, _ = run("status", folder=folder)
    assert (status, "academy log init" in said) == (1, True)
    status, said, _ = run("init", folder=folder)
    assert status == 0
    assert "The log academy.example/log has begun" in said
    assert "never restore it from a backup" in said
    assert (folder / "log-key/log.pem").stat().st_mode & 0o777 == 0o600
    status, _, fault = run("init", folder=folder)
    assert (status, "has begun already" in fault) == (1, True)


def test_its_places_are_settings(unbegun: LogWorld, run: Run, tmp_path: Path) -> None:
    places = {name: str(tmp_path / name) for name in ("LOG_DIR", "LOG_KEYS", "LOG_HEAD")}
    assert run("init", folder=unbegun.folder, **places)[0] == 0
    assert (tmp_path / "LOG_DIR/checkpoint").exists()
    assert (tmp_path / "LOG_KEYS/log.pem").exists()
    assert (tmp_path / "LOG_HEAD/head").exists()


def test_the_status_is_told_to_people_and_programs(small: LogWorld, run: Run) -> None:
    small.fill(range(3))
    status, said, _ = run("status", folder=small.folder)
    assert status == 1  # by the real clock those leaves wait for long
    assert "waiting               3 since 2026-03-02" in said
    flush(small.academy)
    status, said, _ = run("status", folder=small.folder)
    assert (status, "All is well." in said) == (0, True)
    status, said, _ = run("status", "--json", folder=small.folder)
    told = json.loads(said)
    assert status == 0
    assert (told["size"], told["signed_size"], told["published_size"], told["waiting"]) == (4, 4, 4, 0)
    assert (told["refusal"], told["witnesses"], told["begun"]) == (None, [], True)


def test_a_log_that_refuses_says_why_with_both_sizes(small: LogWorld, run: Run) -> None:
    backup = small.back_up()
    small.fill(range(5))
    flush(small.academy)
    small.academy.engine.dispose()
    shutil.copy(backup, small.folder / "academy.sqlite")
    status, said, _ = run("status", folder=small.folder)
    assert status == 1
    assert "It signs nothing now: the database has 1 leaves, but the newest head that was signed" in said
    assert "has 6" in said
    status, said, _ = run("adopt", folder=small.folder)
    assert status == 0
    assert "The log has 6 leaves now; this database had 1." in said
    assert "5 leaves were brought back" in said
    assert "restore a newer copy" in said
    assert run("status", folder=small.folder)[0] == 0
    status, said, _ = run("adopt", "--json", folder=small.folder)
    assert json.loads(said) == {"size_before": 6, "size": 6, "added": 0, "mended": 0, "waiting_again": 0}


@pytest.mark.parametrize("named", [hash_of(leaf_of(1)), "event-1"])
def test_a_proof_is_printed_for_a_hash_or_an_event(small: LogWorld, run: Run, named: str) -> None:
    small.fill(range(3))
    flush(small.academy)
    status, said, _ = run("proof", named, folder=small.folder)
    assert status == 0
    assert parse_tlog_proof(said.encode()).extra == leaf_of(1).encode()


@pytest.mark.parametrize(
    ("arguments", "expected", "word"),
    [
        ((), 64, "academy log ACTION"),
        (("begin",), 64, "no action 'begin'"),
        (("init", "now"), 64, "unrecognized"),
        (("proof",), 64, "LEAF"),
        (("proof", "nobody"), 1, "no event nobody"),
        (("proof", "u" + "A" * 46), 1, "is not in a checkpoint"),
        (("proof", "https://other.example/credentials/x"), 1, "no badge of this academy"),
        (("proof", "https://academy.example/credentials/x"), 1, ""),
        (("proof", "a\x00b"), 1, ""),
        (("adopt", "/nowhere/at/all"), 64, "is no folder"),
        (("adopt", "keys"), 1, "the file `checkpoint` is missing"),
        (("status", "--xml"), 64, "unrecognized"),
    ],
)
def test_wrong_use_is_one_sentence_and_a_status(
    small: LogWorld, run: Run, arguments: tuple[str, ...], *, expected: int, word: str
) -> None:
    os.chdir(small.folder)  # `run` goes back
    found, _, fault = run(*arguments, folder=small.folder)
    assert (found, word in fault) == (expected, True), fault


def test_a_policy_that_cannot_be_read_is_told(small: LogWorld, run: Run) -> None:
    status, _, fault = run("status", folder=small.folder, LOG_POLICY=str(small.folder / "no-such-file"))
    assert (status, "LOG_POLICY" in fault) == (1, True)


def test_help_needs_no_academy(run: Run, tmp_path: Path) -> None:
    status, said, _ = run("--help", folder=tmp_path / "nothing")
    assert (status, "adopt" in said) == (0, True)
    assert not (tmp_path / "nothing").exists()


def test_auditing_and_checking_are_handed_to_the_verifier(small: LogWorld, run: Run) -> None:
    small.fill(range(3))
    flush(small.academy)
    _, said, _ = run("proof", "event-1", folder=small.folder)
    (small.folder / "proof").write_text(said)
    vkey = str(small.files / "vkey")
    assert run("check", str(small.folder / "proof"), "--vkey", vkey, folder=small.folder)[0] == 0
