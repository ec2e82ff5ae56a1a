"""The command line: one badge in, one report out, the verdict as exit status (DESIGN.md, section 3)."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas import bake_png, json_for_baking
from tests.unit.verifier.world import (
    ACADEMY,
    DID_URL,
    EMAIL,
    INDEX,
    ISSUER,
    LIST_URL,
    a_badge,
    a_did_document,
    a_status_list,
    as_jwt,
    signed,
)
from verifier import CHECK_IDS, read_badge
from verifier.cli import run_verify
from verifier.tell import with_progress

ROOT = Path(__file__).resolve().parents[3]
TIME = "2026-05-03T12:00:00Z"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a badge in its forms, and the documents that it needs."""
    badge = signed(a_badge())
    files = {
        "badge.json": badge,
        "ended.json": signed(a_badge(validUntil="2026-05-02T00:00:00Z")),
        "did.json": a_did_document(),
        "list.json": signed(a_status_list()),
        "revoked-list.json": signed(a_status_list(INDEX)),
        "documents.json": {DID_URL: "did.json", LIST_URL: "list.json"},
        "by-did.json": {ISSUER: "did.json", LIST_URL: "list.json"},
        "revoked.json": {DID_URL: "did.json", LIST_URL: "revoked-list.json"},
        "nothing.json": {},
        "strict.json": {"require_known_issuer": True},
        "known.json": {"require_known_issuer": True, "issuers": [ISSUER]},
        "wrong.json": {"isuers": []},
    }
    for name, value in files.items():
        (tmp_path / name).write_text(json.dumps(value), encoding="utf-8")
    (tmp_path / "badge.jwt").write_text(as_jwt(a_badge()) + "\n")
    (tmp_path / "junk.json").write_bytes(b"\xff")
    (tmp_path / "empty").mkdir()
    (tmp_path / "badge.png").write_bytes(bake_png(_png(), json_for_baking(badge)))
    return tmp_path


def _png() -> bytes:
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    header = (1).to_bytes(4, "big") * 2 + b"\x08\x00\x00\x00\x00"
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0\0"))
        + chunk(b"IEND", b"")
    )


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command in the folder; return exit status, output and errors."""
    monkeypatch.chdir(folder)
    monkeypatch.delenv("ACADEMY_DEV", raising=False)

    def call(*arguments: str, documents: str = "documents.json") -> tuple[int, str, str]:
        extra = ["--documents", documents] if documents else []
        status = run_verify([*arguments, *extra, "--now", TIME])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


@pytest.mark.parametrize("source", ["badge.json", "badge.jwt", "badge.png"])
def test_a_good_badge_ends_with_0(run: Run, source: str) -> None:
    status, out, err = run(source)
    assert (status, err) == (0, "")
    assert out.startswith("VALID\n")
    assert 'The badge calls itself "Facilitator", its issuer "The Academy".' in out
    lines = out.splitlines()
    for id_ in CHECK_IDS:
        assert any(id_ in line.split() for line in lines), id_


def test_the_key_from_files_is_told_and_the_status_stays(run: Run) -> None:
    status, out, _ = run("badge.json", "--json")
    report = json.loads(out)
    assert (status, report["keySource"]) == (0, "supplied")
    assert report["warnings"] == ["The issuer's key was read from files given to you, not from the issuer."]


def test_the_warning_is_lifted_for_whoever_trusts_the_files(run: Run) -> None:
    status, out, _ = run("badge.json", "--json", "--trust-documents")
    report = json.loads(out)
    assert (status, report["keySource"], report["warnings"]) == (0, "supplied", [])


def test_documents_may_stand_under_their_did(run: Run) -> None:
    assert run("badge.json", documents="by-did.json")[0] == 0


def test_a_badge_that_is_known_to_be_bad_ends_with_1(run: Run) -> None:
    status, out, _ = run("ended.json")
    assert status == 1
    assert out.startswith("INVALID\nThis badge is not good. It ended on 2 May 2026.")
    assert run("badge.json", documents="revoked.json")[0] == 1


def test_bytes_that_are_no_badge_end_with_1(run: Run) -> None:
    status, out, _ = run("junk.json")
    assert status == 1
    assert "cannot be read" in out


def test_what_cannot_be_found_out_ends_with_2(run: Run) -> None:
    status, out, _ = run("badge.json", documents="nothing.json")
    assert status == 2
    assert out.startswith("UNKNOWN\nWe could not find out")


def test_an_address_that_cannot_be_fetched_ends_with_2(run: Run) -> None:
    status, out, _ = run("https://academy.example/credentials/7", "--json")
    report = json.loads(out)
    assert (status, report["verdict"]) == (2, "unknown")
    assert [line["id"] for line in report["checks"]] == list(CHECK_IDS)
    assert report["checks"][0]["code"] == "NOT_FOUND"


def test_without_documents_a_private_address_is_not_asked(run: Run) -> None:
    status, out, _ = run("https://127.0.0.1/credentials/7", documents="")
    assert status == 2
    assert "private network" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["none.json"], "none.json cannot be read: No such file"),
        ([], "SOURCE"),
        (["badge.json", "other.json"], "other.json cannot be read: No such file"),
        (["empty"], "empty holds no file that could be a badge"),
        (["-", "badge.json", "-"], "one standard input only"),
        (["badge.json", "--no-such-option"], "unrecognized arguments"),
        (["badge.json", "--policy", "none.json"], "none.json cannot be read"),
        (["badge.json", "--policy", "wrong.json"], "no member 'isuers'"),
        (["badge.json", "--policy", "junk.json"], "not UTF-8"),
        (["badge.json", "--documents", "none.json"], "none.json cannot be read"),
        (["badge.json", "--documents", "junk.json"], "not a JSON object from URL to file"),
        (["badge.json", "--now", "yesterday"], "--now: expected a date"),
        (["badge.json", "--now", "2026-05-03T12:00:00"], "--now: expected a date"),
    ],
)
def test_wrong_use_ends_with_64_and_says_why(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    words: str,
) -> None:
    monkeypatch.chdir(folder)
    assert run_verify(arguments, program="academy verify") == 64
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("academy verify: ")
    assert words in captured.err
    assert "Traceback" not in captured.err


def test_the_badge_can_come_through_a_pipe(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class _Pipe:
        buffer = io.BytesIO((folder / "badge.json").read_bytes())

    monkeypatch.setattr(sys, "stdin", _Pipe)
    assert run("-")[0] == 0


def test_a_policy_decides_what_is_asked_beyond_the_specifications(run: Run) -> None:
    assert run("badge.json", "--policy", "strict.json")[0] == 2
    assert run("badge.json", "--policy", "known.json")[0] == 0


def test_the_recipient_is_compared(run: Run) -> None:
    assert run("badge.json", "--recipient", EMAIL)[0] == 0
    status, out, _ = run("badge.json", "--recipient", "ben@example.org")
    assert status == 1
    assert "somebody else" in out


def test_the_report_as_json_is_one_object(run: Run) -> None:
    report = json.loads(run("badge.json", "--json")[1])
    assert report["verdict"] == "valid"
    assert report["checkedAt"] == TIME
    assert report["credential"]["id"] == a_badge()["id"]


def test_a_name_cannot_steer_the_terminal(run: Run, folder: Path) -> None:
    badge: dict[str, Any] = a_badge()
    badge["credentialSubject"]["achievement"]["name"] = "\x1b[2J\u202eVALID\nVALID"
    (folder / "evil.json").write_text(json.dumps(badge))
    _, out, _ = run("evil.json")
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "\nVALID" not in out


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_the_module_runs_without_flask_in_any_terminal(folder: Path, encoding: str) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "verifier",
            str(folder / "badge.json"),
            "--documents",
            str(folder / "documents.json"),
            "--now",
            TIME,
        ],
        cwd=ROOT,
        env={"PYTHONIOENCODING": encoding, "PATH": "/usr/bin"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(b"VALID")
    assert done.stderr == b""


def test_the_academys_key_is_the_one_in_the_document() -> None:
    assert ACADEMY.verification_method in a_did_document()["assertionMethod"]


# --- several badges -------------------------------------------------------------------------------------------


@pytest.fixture
def inbox(folder: Path) -> Path:
    """A folder as an employer might have it: good, ended and unknown badges, one in a folder of its own."""
    inbox = folder / "inbox"
    (inbox / "more").mkdir(parents=True)
    (inbox / "a.json").write_bytes((folder / "badge.json").read_bytes())
    (inbox / "b.JWT").write_bytes((folder / "badge.jwt").read_bytes())
    (inbox / "more" / "c.png").write_bytes((folder / "badge.png").read_bytes())
    (inbox / "notes.txt").write_text("not a badge")
    return inbox


def test_a_folder_of_good_badges_ends_with_0(run: Run, inbox: Path) -> None:
    status, out, err = run("inbox")
    assert (status, err) == (0, "")
    assert out.splitlines() == [
        'VALID    inbox/a.json      "Facilitator" of "The Academy"',
        'VALID    inbox/b.JWT       "Facilitator" of "The Academy"',
        'VALID    inbox/more/c.png  "Facilitator" of "The Academy"',
        "",
        "3 looked at: 3 valid, 0 invalid, 0 unknown.",
    ]


def test_of_several_badges_the_worst_counts(run: Run, inbox: Path, folder: Path) -> None:
    foreign = signed(
        a_badge(credentialStatus={**a_badge()["credentialStatus"], "statusListCredential": "https://x.y"})
    )
    (folder / "unknown.json").write_text(json.dumps(foreign))
    status, out, _ = run("badge.json", "unknown.json")
    assert status == 2
    assert "UNKNOWN  unknown.json  We could not check whether it was revoked" in out
    status, out, _ = run("badge.json", "unknown.json", "ended.json", "inbox")
    assert status == 1
    assert "INVALID  ended.json        It ended on 2 May 2026." in out
    assert out.endswith("6 looked at: 4 valid, 1 invalid, 1 unknown.\n")


def test_the_documents_in_a_folder_are_no_badges(run: Run, inbox: Path, folder: Path) -> None:
    for name in ("did.json", "list.json", "documents.json", "known.json"):
        (inbox / name).write_bytes((folder / name).read_bytes())
    status, out, _ = run("inbox", "--policy", "inbox/known.json", documents="inbox/documents.json")
    assert (status, out.splitlines()[-1]) == (0, "3 looked at: 3 valid, 0 invalid, 0 unknown.")


def test_a_file_of_a_folder_that_is_no_badge_is_not_passed_over(run: Run, inbox: Path) -> None:
    (inbox / "x.json").write_text("{}")
    (inbox / "y.json").write_bytes(b"\xff")
    status, out, _ = run("inbox")
    assert status == 1
    assert out.splitlines()[-1] == "5 looked at: 3 valid, 2 invalid, 0 unknown."


def test_several_reports_as_json_are_a_list(run: Run, inbox: Path) -> None:
    reports = json.loads(run("inbox", "--json")[1])
    assert [(report["source"], report["verdict"]) for report in reports] == [
        ("inbox/a.json", "valid"),
        ("inbox/b.JWT", "valid"),
        ("inbox/more/c.png", "valid"),
    ]
    assert len(json.loads(run("badge.json", "badge.jwt", "--json")[1])) == 2
    (inbox / "b.JWT").unlink()
    (inbox / "more" / "c.png").unlink()
    assert len(json.loads(run("inbox", "--json")[1])) == 1


def test_a_file_name_cannot_steer_the_terminal(run: Run, inbox: Path) -> None:
    (inbox / "z\x1b[2J\nVALID.json").write_text("{}")
    status, out, _ = run("inbox")
    assert status == 1
    assert "\x1b" not in out
    assert out.count("\n") == 6


def test_a_long_name_is_cut_at_its_beginning(run: Run, inbox: Path) -> None:
    (inbox / f"{'x' * 60}-badge.json").write_bytes((inbox / "a.json").read_bytes())
    assert "VALID    …" + "x" * 28 + "-badge.json  " in run("inbox")[1]


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_shown_to_people_only() -> None:
    terminal, file = _Terminal(), io.StringIO()
    assert list(with_progress([1, 2, 3], stream=terminal)) == [1, 2, 3]
    assert "] 2/3" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r")
    assert list(with_progress([1, 2, 3], stream=file)) == [1, 2, 3]
    assert list(with_progress([1], stream=file)) == [1]
    assert file.getvalue() == ""


def test_the_help_says_what_the_exit_status_means(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run_verify(["--help"])
    text = " ".join(capsys.readouterr().out.split())
    assert "Of several badges the worst counts: 1 if any is invalid, else 2 if any is unknown, else 0." in text


@pytest.mark.parametrize("name", ["page.html", "saved.svg"])
@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE html><html><body><svg xmlns='http://www.w3.org/2000/svg'/></body></html>",
        "\n<html>",
        "<!-- saved from https://x.example --><!doctype HTML>",
        "<?xml version='1.0'?>\n<html xmlns='http://www.w3.org/1999/xhtml'/>",
    ],
)
def test_a_web_page_is_not_taken_for_an_image(
    name: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_text(text)
    assert run_verify([str(tmp_path / name), "--json"]) == 1
    first = json.loads(capsys.readouterr().out)["checks"][0]
    assert (first["id"], first["result"], first["code"]) == ("readable", "fail", "PARSING_ERROR")
    assert first["message"] == "This is a web page, not a badge; give the badge's own link, file or image."


def test_a_file_of_comments_alone_is_looked_at_once() -> None:
    """Each further comment would double the ways to read them, were they tried again."""
    assert read_badge(b"<!---->" * 500 + b"<x").problem is not None
