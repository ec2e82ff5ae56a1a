"""`python -m verifier log`: what is printed and written, and the exit status."""

from __future__ import annotations

import http.server
import json
import os
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from keys import encode_base64url
from schemas.tlog import (
    PolicyLog,
    TlogProof,
    build_inclusion_proof,
    format_leaf,
    format_policy,
    format_tlog_proof,
    format_vkey,
    parse_signed_checkpoint,
    tile_path,
)
from tests.unit.schemas.tlog.builders import a_policy, log_key, witness_key
from tests.unit.verifier.log.world import (
    LISTS,
    academy_leaves,
    changed_leaf,
    digest,
    documents_map,
    log_files,
    more,
    salt,
    served_documents,
    status_list,
)
from verifier.log.cli import run
from verifier.log.state import write_file
from verifier.log.tell import Progress

ROOT = Path(__file__).parents[4]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return log_files(academy_leaves()).write(tmp_path / "log")


def _json(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def _file(path: Path, data: bytes | str) -> Path:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def test_a_clean_log_gives_status_0(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", str(folder)]) == 0
    text = capsys.readouterr().out
    assert text.startswith("CLEAN\n\nThe log academy.example/log signed for 26 leaves.\n")
    assert "Witnesses that confirmed it: ally, superpod." in text
    assert "Read: 26 leaves, 2 decisions, 2 badges." in text
    assert "· KEY_FROM_LOG" in text


def test_the_folder_above_the_log_will_do(folder: Path) -> None:
    assert run(["audit", str(folder.parent)]) == 0


def test_as_a_module_it_is_the_same_command(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "verifier", "log", "audit", str(folder), "--json"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    value = json.loads(done.stdout)
    assert (value["verdict"], value["size"], value["witnesses"]["ally"]) == ("clean", 26, 1772442001)


def test_the_state_is_the_last_head_and_the_next_audit_goes_on_from_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state, folder = tmp_path / "head", tmp_path / "log"
    first = log_files(academy_leaves()[:20])
    assert run(["audit", str(first.write(folder)), "--state", str(state)]) == 0
    assert state.read_bytes() == first.checkpoint
    grown = log_files(academy_leaves())
    assert run(["audit", str(grown.write(folder)), "--state", str(state)]) == 0
    assert state.read_bytes() == grown.checkpoint
    assert "Audited before: the first 20 leaves." in capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["head", "log"]


def test_a_split_view_gives_status_3_and_a_file_with_both_notes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = tmp_path / "head"
    mine = log_files(academy_leaves())
    other = log_files([*changed_leaf(19, root=digest("rewritten")), more(40)])
    assert run(["audit", str(mine.write(tmp_path / "mine")), "--state", str(state)]) == 0
    capsys.readouterr()
    assert run(["audit", str(other.write(tmp_path / "other")), "--state", str(state)]) == 3
    text = capsys.readouterr().out
    assert text.startswith("SPLIT VIEW: one log, two histories")
    [file] = tmp_path.glob("split-view-*.txt")
    assert f"Both signed checkpoints are in {file}" in text
    assert mine.checkpoint in file.read_bytes()
    assert other.checkpoint in file.read_bytes()
    assert state.read_bytes() == mine.checkpoint
    assert run(["audit", str(tmp_path / "other"), "--state", str(state), "--json"]) == 3
    value = _json(capsys)
    assert value["evidence"] == str(file) or Path(value["evidence"]).exists()


def test_a_smaller_log_leaves_the_state_as_it_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state = _file(tmp_path / "head", log_files(academy_leaves()).checkpoint)
    before = state.read_bytes()
    cut = log_files(academy_leaves()[:20]).write(tmp_path / "log")
    assert run(["audit", str(cut), "--state", str(state)]) == 1
    assert "CHECKPOINT_SMALLER" in capsys.readouterr().out
    assert state.read_bytes() == before


def test_an_alarm_gives_status_1_and_names_its_leaf(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = log_files([*academy_leaves(), b"{}"]).write(tmp_path / "log")
    state = tmp_path / "head"
    assert run(["audit", str(folder), "--state", str(state)]) == 1
    assert "✗ LEAF_MALFORMED leaf 26: " in capsys.readouterr().out
    assert run(["audit", str(folder), "--state", str(state)]) == 1
    assert "(an earlier audit told this)" in capsys.readouterr().out
    assert run(["audit", str(folder), "--state", str(state), "--new-only"]) == 0


def test_what_cannot_be_read_gives_status_2(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    junk = _file(tmp_path / "junk", b"\xff\x00 nothing")
    long = _file(tmp_path / "long", b" " * 17_000_000)
    pipes = tmp_path / "lists"
    (pipes / "folder.json").mkdir(parents=True)
    for arguments in (
        ["audit", str(tmp_path / "nowhere")],
        ["audit", str(tmp_path / "junk")],
        ["audit", str(folder), "--vkey", str(junk)],
        ["audit", str(folder), "--vkey", str(tmp_path / "nowhere")],
        ["audit", str(folder), "--policy", str(junk)],
        ["audit", str(folder), "--state", str(junk)],
        ["audit", str(folder), "--state", str(tmp_path / "no folder" / "head")],
        ["audit", str(folder), "--lists", str(pipes)],
        ["audit", str(folder), "--openings", str(long)],
        ["audit", str(folder), "--openings", str(junk)],
        ["audit", str(folder), "--receipts", str(junk)],
        ["audit", str(folder), "--documents", str(junk)],
        ["audit", "http://academy.example/log"],
        ["audit", "https://127.0.0.1/log"],
        ["check", str(tmp_path / "nowhere"), "--vkey", str(folder / "vkey")],
        ["check", str(junk), "--vkey", str(folder / "vkey")],
        ["check", str(junk), "--vkey", str(junk)],
    ):
        assert run(arguments) == 2, arguments
        told = capsys.readouterr()
        assert told.err or told.out
        assert "Traceback" not in told.err


def test_wrong_use_gives_status_64(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["look"], ["audit"], ["check", "x"], ["audit", str(folder), "--max-age", "nan"],
                      ["audit", str(folder), "--max-age", "-1"], ["audit", str(folder), "--more"]):  # fmt: skip
        assert run(arguments) == 64, arguments
        assert capsys.readouterr().err.startswith("academy log: ")


def test_a_key_from_elsewhere_is_what_counts(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = _file(tmp_path / "good", f"# the log's keys\n{format_vkey(log_key(5))}\n{format_vkey(log_key())}\n")
    wrong = _file(tmp_path / "wrong", format_vkey(log_key(5)))
    assert run(["audit", str(folder), "--vkey", str(good)]) == 0
    assert "KEY_FROM_LOG" not in capsys.readouterr().out
    assert run(["audit", str(folder), "--vkey", str(wrong)]) == 1
    assert "CHECKPOINT_REFUSED" in capsys.readouterr().out


def test_a_policy_from_elsewhere_is_what_counts(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    strict = _file(tmp_path / "strict", format_policy(a_policy(3)))
    assert run(["audit", str(folder), "--policy", str(strict)]) == 1
    assert "QUORUM_NOT_MET" in capsys.readouterr().out


def test_a_policy_names_the_log_that_it_is_for(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = _file(tmp_path / "own", format_policy(a_policy()))
    assert run(["audit", str(folder), "--policy", str(own)]) == 0
    assert "KEY_FROM_LOG" not in capsys.readouterr().out
    other = replace(a_policy(), logs=(PolicyLog(key=log_key(5)),))
    assert run(["audit", str(folder), "--policy", str(_file(tmp_path / "other", format_policy(other)))]) == 1
    assert "CHECKPOINT_REFUSED" in capsys.readouterr().out


def test_age_beyond_the_limit_is_an_alarm(folder: Path) -> None:
    assert run(["audit", str(folder), "--max-age", "1"]) == 1
    assert run(["audit", str(folder), "--max-age", "800000"]) == 0


def test_documents_are_compared_from_files(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = documents_map(tmp_path / "good", served_documents())
    assert run(["audit", str(folder), "--documents", str(good)]) == 0
    assert "NOT_COMPARED" not in capsys.readouterr().out
    wrong = documents_map(tmp_path / "wrong", served_documents(script=b"other"))
    assert run(["audit", str(folder), "--documents", str(wrong)]) == 1
    assert "SCRIPT_DIFFERS" in capsys.readouterr().out
    some = documents_map(tmp_path / "some", served_documents(did=None, list=None))
    assert run(["audit", str(folder), "--documents", str(some)]) == 0
    assert capsys.readouterr().out.count("· NOT_COMPARED") == 2


def test_status_lists_are_kept_for_the_next_audit(tmp_path: Path, folder: Path) -> None:
    kept = tmp_path / "lists"
    good = documents_map(tmp_path / "good", served_documents())
    assert run(["audit", str(folder), "--documents", str(good), "--lists", str(kept)]) == 0
    assert [path.read_bytes() for path in kept.iterdir()] == [LISTS[1]]
    from tests.unit.verifier.log.world import list_leaf

    data = status_list(bits=[701], hour=3)
    log_files([*academy_leaves(), list_leaf(30, data, bits=1)]).write(folder)
    wrong = documents_map(tmp_path / "wrong", served_documents(list=data))
    assert run(["audit", str(folder), "--documents", str(wrong)]) == 0
    assert run(["audit", str(folder), "--documents", str(wrong), "--lists", str(kept)]) == 1


def test_openings_are_read_from_a_file(tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    opening = {"value": {"name": "Dana"}, "salt": encode_base64url(salt(800))}
    file = _file(tmp_path / "openings", json.dumps([opening]))
    assert run(["audit", str(folder), "--openings", str(file), "--json"]) == 1
    told = _json(capsys)
    assert "OPENING_NOT_LOGGED" in [finding["code"] for finding in told["findings"]]
    assert "Dana" not in json.dumps(told)


def test_what_is_no_file_in_a_folder_is_not_waited_for(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "checkpoint").unlink()
    os.mkfifo(folder / "checkpoint")
    assert run(["audit", str(folder)]) == 2
    assert "checkpoint is not a file" in capsys.readouterr().out


@pytest.mark.long
def test_memory_is_flat_and_the_disk_is_given_back(tmp_path: Path) -> None:
    peaks = []
    for size in (1_000, 4_000):
        leaves = [*academy_leaves(), *(more(number) for number in range(100, size))]
        folder = log_files(leaves).write(tmp_path / str(size))
        del leaves
        tracemalloc.start()
        assert run(["audit", str(folder)]) == 0
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.3 * peaks[0]


def test_what_cannot_be_written_is_told_and_evidence_is_printed(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: Path, _data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("verifier.log.cli.write_file", full)
    state = tmp_path / "head"
    assert run(["audit", str(folder), "--state", str(state)]) == 2
    assert "NOT_WRITTEN What the audit leaves behind cannot be written: No space left" in capsys.readouterr().out
    state.write_bytes(log_files(changed_leaf(19, root=digest("rewritten"))).checkpoint)
    assert run(["audit", str(folder), "--state", str(state)]) == 3
    told = capsys.readouterr().err
    assert state.read_text(encoding="utf-8") in told
    assert (folder / "checkpoint").read_text(encoding="utf-8") in told


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    state = _file(tmp_path / "head", b"before")
    monkeypatch.setattr("verifier.log.state.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_file(state, b"after")
    assert state.read_bytes() == b"before"
    assert [path.name for path in tmp_path.iterdir()] == ["head"]


@pytest.mark.parametrize(
    ("name", "data"),
    [("vkey", b"junk"), ("vkey", b""), ("vkey", b"\xff"), ("vkey", b"x" * 70_000), ("policy", b"junk"),
     ("policy", b"x" * 200_000)],
)  # fmt: skip
def test_a_log_whose_key_or_policy_is_none_is_not_read(
    folder: Path, name: str, data: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / name).write_bytes(data)
    assert run(["audit", str(folder)]) == 2
    told = capsys.readouterr().err
    assert f"the log's {name}" in told or "the log's key is not at hand" in told


def test_a_log_without_policy_has_no_witnesses(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "policy").unlink()
    assert run(["audit", str(folder)]) == 0
    assert "NO_WITNESSES" in capsys.readouterr().out


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        """Say nothing: the test's output is the command's."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A server on this machine, and the folder that it serves."""
    folder = tmp_path / "site"
    folder.mkdir()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", folder
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_log_on_the_web_is_read_and_what_is_beside_it(
    site: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    url, folder = site
    log_files(academy_leaves()).write(folder / "log")
    for address, data in served_documents(list=None).items():
        path = folder / address.removeprefix("https://academy.example/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    for address in (f"{url}/log", f"{url}/log/", url):
        assert run(["audit", address, "--insecure"]) == 0, address
        # The list's address is another one here than the log says; it cannot be found.
        assert "have an address that is not known here" in capsys.readouterr().out
    assert run(["audit", url, "--insecure", "--vkey", str(folder / "log" / "vkey")]) == 0
    assert "· OTHER_ADDRESS The log calls itself academy.example/log" in capsys.readouterr().out
    (folder / "assets" / "sign.js").write_bytes(b"other")
    assert run(["audit", url, "--insecure"]) == 1
    assert "SCRIPT_DIFFERS" in capsys.readouterr().out
    assert run(["audit", url]) == 2
    assert "http is for this machine only" not in capsys.readouterr().out


def test_plain_http_is_for_this_machine_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ACADEMY_DEV", "1")
    assert run(["audit", "http://academy.example/log"]) == 2
    assert "http is for this machine only" in capsys.readouterr().err


# log check


@pytest.fixture
def proof(tmp_path: Path) -> Path:
    files = log_files(academy_leaves())
    made = TlogProof(
        index=22,
        proof=build_inclusion_proof(22, 26, read=lambda tile: files.files[tile_path(tile)]),
        checkpoint=parse_signed_checkpoint(files.checkpoint),
        extra=format_leaf(academy_leaves()[22]),
    )
    _file(tmp_path / "vkey", format_vkey(log_key()))
    _file(tmp_path / "leaf", format_leaf(academy_leaves()[22]))
    return _file(tmp_path / "proof", format_tlog_proof(made))


def test_a_proof_is_checked(proof: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    vkey = str(tmp_path / "vkey")
    assert run(["check", str(proof), "--vkey", vkey]) == 0
    assert capsys.readouterr().out.startswith("GOOD\nThe log academy.example/log signed for 26 leaves; number 22")
    assert run(["check", str(proof), "--vkey", vkey, "--leaf", str(tmp_path / "leaf"), "--json"]) == 0
    assert _json(capsys)["result"] == "good"
    other = _file(tmp_path / "other", format_leaf(academy_leaves()[21]))
    assert run(["check", str(proof), "--vkey", vkey, "--leaf", str(other)]) == 1
    assert capsys.readouterr().out.startswith("BAD\n")
    assert run(["check", str(other), "--vkey", vkey]) == 2
    assert capsys.readouterr().out.startswith("UNREADABLE\n")


def test_witnesses_are_named_by_files(proof: Path, tmp_path: Path) -> None:
    files = {seed: str(_file(tmp_path / f"w{seed}", format_vkey(witness_key(seed)))) for seed in (2, 3, 4)}
    vkey = str(tmp_path / "vkey")
    assert run(["check", str(proof), "--vkey", vkey, "--witness", files[2], files[3]]) == 0
    assert run(["check", str(proof), "--vkey", vkey, "--witness", files[2], "--witness", files[4]]) == 1
    assert run(["check", str(proof), "--vkey", vkey, "--witness", files[2], "--witness", files[2]]) == 2
    policy = _file(tmp_path / "policy", format_policy(a_policy()))
    assert run(["check", str(proof), "--vkey", vkey, "--policy", str(policy)]) == 0


def test_the_bar_is_drawn_where_somebody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    class Terminal:
        text = ""

        def isatty(self) -> bool:
            return True

        def write(self, text: str) -> None:
            self.text += text

        def flush(self) -> None:
            """A terminal shows at once."""

    terminal = Terminal()
    bar = Progress(terminal)  # type: ignore[arg-type]  # all that it needs of a stream
    bar(128, 256)
    assert "[###############...............] 128/256 leaves" in terminal.text
    bar(256, 256)
    assert terminal.text.endswith("\r")
    Progress()(128, 256)
    assert capsys.readouterr().err == ""
