"""Programs that we did not write read our log (Go's sumdb, metamorphic-log, aics-tlog), and one cosigns it."""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.tlog import (
    AddCheckpoint,
    Policy,
    PolicyLog,
    PolicyWitness,
    SignedCheckpoint,
    build_consistency_proof,
    format_add_checkpoint,
    format_note,
    format_policy,
    parse_conflict,
    parse_cosignatures,
    parse_signed_checkpoint,
    parse_vkey,
)
from schemas.tlog.notes import Note
from tests.interop.logs import LOGS, SIZES, BuiltLog, write_job
from tests.tools import missing
from tests.unit.schemas.tlog.builders import ORIGIN
from tests.unit.verifier.log.world import academy_leaves, log_files, more
from verifier.log.cli import run

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv" / "bin"
GO_PATH = Path(os.environ.get("INTEROP_GOPATH", "/usr/share/gocode"))  # where Debian puts Go's libraries
INDEXES = (0, 1, 6, 254, 255, 256, 511, 512, SIZES[-1] - 1)

pytestmark = pytest.mark.interop


@pytest.fixture(scope="session", params=LOGS)
def log(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> BuiltLog:
    """A log as a folder: the one that the formats make, and the one of the real service."""
    return LOGS[request.param](tmp_path_factory.mktemp(f"log-{request.param}"))


@pytest.fixture(scope="session")
def golog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Go program, built once; from Debian's packages, without network."""
    go = shutil.which("go")
    if go is None or not (GO_PATH / "src/golang.org/x/mod/sumdb/tlog").is_dir():
        missing("Go's log packages", "Debian's golang-go with golang-golang-x-mod-dev")
    folder = tmp_path_factory.mktemp("golog")
    program = folder / "golog"
    settings = {"GO111MODULE": "off", "GOPATH": str(GO_PATH), "GOFLAGS": "", "GOCACHE": str(folder / "cache")}
    done = subprocess.run(
        [go, "build", "-o", program, HERE / "golog" / "main.go"],
        env={**os.environ, **settings},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return program


@pytest.fixture(scope="session")
def others() -> Path:
    """The Python of the venv with the readers from PyPI."""
    if not (VENV / "aics-witness").exists():
        missing("the log's readers from PyPI", "`make interop`, which installs requirements/interop.lock,")
    return VENV / "python"


def _told(*command: object) -> Any:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _broken(log: BuiltLog, folder: Path, change: str) -> dict[str, Any]:
    """The job with one thing that must not be accepted."""
    copy = BuiltLog(folder / change, log.older)
    shutil.copytree(log.folder, copy.folder)
    job = copy.job([3])
    first = job["Proofs"][0]
    if change == "checkpoint":
        text = (copy.folder / "checkpoint").read_text(encoding="utf-8")
        (copy.folder / "checkpoint").write_text(text.replace(f"\n{log.size}\n", f"\n{log.size - 1}\n", 1))
    elif change == "inclusion":
        first["Hashes"] = first["Hashes"][::-1]
    elif change == "leaf":
        first["Leaf"] = base64.b64encode(bytes(32)).decode()
    elif change == "consistency":
        longest = max(job["Proofs"][1:], key=lambda proof: len(proof["Hashes"]))
        longest["Hashes"] = longest["Hashes"][:-1]
    elif change == "tile":
        tile = copy.folder / "tile/0/000"
        tile.write_bytes(tile.read_bytes()[::-1])
    return job


CHANGES = ("checkpoint", "inclusion", "leaf", "consistency")


def test_go_accepts_checkpoint_every_leaf_and_every_older_tree(golog: Path, log: BuiltLog, tmp_path: Path) -> None:
    told = _told(golog, write_job(tmp_path / "job.json", log.job(INDEXES)))
    proofs = len(INDEXES) + len(SIZES) - 1
    assert told == {"Size": SIZES[-1], "Records": SIZES[-1], "Trees": len(SIZES) - 1, "Proofs": proofs}


@pytest.mark.parametrize("change", [*CHANGES, "tile"])
def test_go_refuses_our_log_once_it_is_changed(golog: Path, log: BuiltLog, tmp_path: Path, change: str) -> None:
    told = _told(golog, write_job(tmp_path / "job.json", _broken(log, tmp_path, change)))
    assert told["Error"]


def test_readers_from_pypi_accept_it_too(others: Path, log: BuiltLog, tmp_path: Path) -> None:
    told = _told(others, HERE / "log_readers.py", write_job(tmp_path / "job.json", log.job(INDEXES)))
    proofs = len(INDEXES) + len(SIZES) - 1
    assert told["metamorphic"] == {"Size": SIZES[-1], "Trees": len(SIZES) - 1, "Proofs": proofs}
    assert told["aics"] == {
        "Size": SIZES[-1], "Records": SIZES[-1], "Trees": len(SIZES) - 1, "Proofs": proofs,
    }  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_readers_from_pypi_refuse_it_once_it_is_changed(
    others: Path, log: BuiltLog, tmp_path: Path, change: str
) -> None:
    told = _told(others, HERE / "log_readers.py", write_job(tmp_path / "job.json", _broken(log, tmp_path, change)))
    assert "Error" in told["metamorphic"], told
    assert "Error" in told["aics"], told


def test_our_monitor_finds_it_clean(log: BuiltLog, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state = tmp_path / "head"
    for _, checkpoint in sorted(log.older.items()):
        state.write_text(checkpoint, encoding="utf-8")
        assert run(["audit", str(log.folder), "--state", str(state)]) == 0, capsys.readouterr().out
        assert state.read_bytes() == (log.folder / "checkpoint").read_bytes()


# A witness that we did not write.


@pytest.fixture
def witness(others: Path, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """aics-witness as a process of its own on this machine: its address and its vkey."""
    program, config = others.parent / "aics-witness", tmp_path / "witness" / "witness.json"
    config.parent.mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        listen = f"127.0.0.1:{free.getsockname()[1]}"

    def call(*arguments: object) -> str:
        command = [program, *arguments, "--config", config]
        done = subprocess.run(
            [str(part) for part in command], capture_output=True, text=True, timeout=60, check=True
        )
        return done.stdout

    vkey = call("init", "--name", "witness.example/w1", "--listen", listen).strip().splitlines()[-1]
    call("add-log", "--origin", ORIGIN, "--vkey", log_files([]).files["vkey"].decode().strip())
    process = subprocess.Popen([str(program), "serve", "--config", str(config)], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        for line in process.stderr:
            if "listening on" in line:
                break
        else:
            pytest.fail("aics-witness ended before it listened")
        yield f"http://{listen}", vkey
    finally:
        process.terminate()
        process.stderr.close()
        process.wait(30)


def _ask(url: str, request: AddCheckpoint) -> tuple[int, bytes]:
    asked = urllib.request.Request(f"{url}/add-checkpoint", data=format_add_checkpoint(request), method="POST")
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def _log(folder: Path, size: int, *, fork: bool = False) -> BuiltLog:
    leaves = [*academy_leaves(), *(more(number) for number in range(100, 400))][:size]
    if fork:
        leaves[3] = more(999)
    return BuiltLog(log_files(leaves, witnesses=[]).write(folder), {})


def _request(log: BuiltLog, *, old: int) -> AddCheckpoint:
    checkpoint = parse_signed_checkpoint((log.folder / "checkpoint").read_bytes())
    proof = build_consistency_proof(old, log.size, read=log.read)
    return AddCheckpoint(old_size=old, proof=proof, checkpoint=checkpoint)


def test_a_witness_cosigns_our_log_as_it_grows_and_refuses_a_fork(
    witness: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url, vkey = witness
    key = parse_vkey(vkey)
    signed: SignedCheckpoint | None = None
    for old, size in ((0, 20), (20, 26), (26, 300), (300, 300)):
        log = _log(tmp_path / f"log-{old}-{size}", size)
        request = _request(log, old=old)
        status, body = _ask(url, request)
        assert status == 200, body
        [cosignature] = parse_cosignatures(body, checkpoint=request.checkpoint, keys=[key])
        note = request.checkpoint.note
        signed = SignedCheckpoint(
            checkpoint=request.checkpoint.checkpoint,
            note=Note(text=note.text, signatures=(*note.signatures, cosignature.signature)),
        )
    # It names the size that it knows; and nothing makes it sign a second history.
    status, body = _ask(url, _request(log, old=26))
    assert (status, parse_conflict(body)) == (409, 300)
    fork = _log(tmp_path / "fork", 310, fork=True)
    assert _ask(url, _request(fork, old=300))[0] == 422
    # With its cosignature and a policy that asks for it, the monitor finds the log confirmed.
    assert signed is not None
    log_key = parse_vkey(log.vkey)
    policy = Policy(
        logs=(PolicyLog(key=log_key),), witnesses=(PolicyWitness(name="aics", key=key),), quorum="aics"
    )
    (log.folder / "policy").write_bytes(format_policy(policy))
    assert run(["audit", str(log.folder)]) == 1
    assert "QUORUM_NOT_MET" in capsys.readouterr().out
    (log.folder / "checkpoint").write_bytes(format_note(signed.note))
    assert run(["audit", str(log.folder)]) == 0
    assert "Witnesses that confirmed it: aics." in capsys.readouterr().out
