"""The `academy` command as somebody runs it: in a process of its own, with an environment of its own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app import main

ROOT = Path(__file__).parents[2]
KEPT = ("PATH", "HOME", "LANG", "PYTHONPATH", "COVERAGE_PROCESS_START")


def academy(*arguments: str, folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the command with nothing in its environment but these settings."""
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    return subprocess.run(
        [sys.executable, str(ROOT / "app.py"), *arguments],
        cwd=folder,
        env={**environment, "DATA_DIR": str(folder / "var"), **settings},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def told_plainly(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """Check that a command ended with a sentence and not with a stack trace."""
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr, done.stderr


Here = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    """The same command in this process, for the many ways to use it wrongly: what escapes fails the test."""

    def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        monkeypatch.chdir(tmp_path)
        for name in ("PORT", "DATABASE_URL", "BASE_URL", "SMTP_URL", "ACADEMY_DEV", "ACADEMY_POLICY"):
            monkeypatch.delenv(name, raising=False)
        for name, value in {"DATA_DIR": str(tmp_path / "var"), **settings}.items():
            monkeypatch.setenv(name, value)
        status = main(arguments)
        said = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, status, said.out, said.err)

    return run


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    done = academy("demo", "--out", "out", folder=folder)
    assert done.returncode == 0, done.stderr
    assert "An objection was raised." in done.stdout
    assert "in force now" in done.stdout
    return folder


@pytest.mark.parametrize("form", ["badge.json", "badge.jwt", "badge.png", "badge.svg"])
def test_the_demo_verifies_offline_in_every_form(demo: Path, form: str) -> None:
    done = academy(
        "verify",
        f"out/{form}",
        "--documents",
        "out/documents.json",
        "--json",
        folder=demo,
        no_proxy="",
        DATA_DIR="",
    )
    assert done.returncode == 0, done.stderr + done.stdout
    report = json.loads(done.stdout)
    assert report["verdict"] == "valid"
    assert report["credential"]["name"]


def test_the_demo_writes_what_its_help_names(demo: Path) -> None:
    files = {file.name for file in (demo / "out").iterdir()}
    named = {"badge.json", "badge.jwt", "badge.png", "badge.svg", "decision.json", "documents.json", "report.json"}
    assert named <= files
    decision = json.loads((demo / "out" / "decision.json").read_text())
    assert decision["version"] == "academy-badges/record/v1"
    assert json.loads((demo / "out" / "report.json").read_text())["verdict"] == "valid"
    assert not (demo / "var").exists(), "the demo leaves nothing else behind"


def test_a_changed_demo_badge_is_invalid(demo: Path) -> None:
    text = (demo / "out" / "badge.json").read_text().replace("Asha Verma", "Mallory M.")
    (demo / "out" / "forged.json").write_text(text)
    done = academy("verify", "out/forged.json", "--documents", "out/documents.json", folder=demo)
    assert done.returncode == 1
    told_plainly(done)


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("issue",),
        ("--frobnicate",),
        ("verify",),
        ("verify", "nothing-there.json"),
        ("verify", "a", "b"),
        ("demo",),
        ("demo", "--out"),
        ("keys",),
        ("keys", "steal"),
        ("serve", "--port", "1"),
        ("worker", "now"),
    ],
    ids=" ".join,
)
def test_wrong_use_ends_with_64_and_a_sentence(here: Here, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = here(*arguments, BASE_URL="https://academy.example")
    assert done.returncode == 64, done.stderr
    told_plainly(done)
    assert done.stderr.strip()
    assert not (tmp_path / "var").exists(), "nothing was begun"


def test_an_unknown_command_is_wrong_use_in_a_process_of_its_own_too(tmp_path: Path) -> None:
    done = academy("issue", folder=tmp_path)
    assert done.returncode == 64
    told_plainly(done, "issue", "verify")


def test_help_is_no_mistake(tmp_path: Path) -> None:
    for arguments in (("--help",), ("serve", "--help"), ("verify", "-h")):
        done = academy(*arguments, folder=tmp_path)
        assert done.returncode == 0, arguments


def test_no_command_issues(tmp_path: Path) -> None:
    done = academy(folder=tmp_path)
    assert "issue" not in done.stderr
    # `academy sign` signs what a member says in a decision, with the member's own key; it knows no other.
    lines = [line for line in done.stderr.splitlines() if "sign what you say in a decision" not in line]
    assert "sign " not in "\n".join(lines).replace("the keys that sign badges", "").replace("sign what waits", "")


@pytest.mark.parametrize("command", ["serve", "worker", "keys show"])
def test_an_address_is_needed_to_begin(tmp_path: Path, command: str) -> None:
    done = academy(*command.split(), folder=tmp_path)
    assert done.returncode == 64
    told_plainly(done, "BASE_URL", "https://")
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"BASE_URL": "http://academy.example"}, ("https://",)),
        ({"BASE_URL": "https://academy.example/x"}, ("origin",)),
        ({"BASE_URL": "https://academy.example", "PORT": "eighty"}, ("PORT",)),
        ({"BASE_URL": "https://academy.example", "PORT": "99999"}, ("PORT",)),
        ({"BASE_URL": "https://academy.example", "SMTP_URL": "mail"}, ("SMTP_URL",)),
        ({"BASE_URL": "https://academy.example", "ACADEMY_POLICY": "nowhere.json"}, ("ACADEMY_POLICY",)),
        ({"BASE_URL": "https://academy.example", "DATABASE_URL": "nonsense"}, ("DATABASE_URL",)),
        ({"BASE_URL": "https://academy.example", "DATABASE_URL": "mysql://x/y"}, ("DATABASE_URL",)),
        ({"BASE_URL": "https://academy.example", "DATABASE_URL": "sqlite:////nowhere/x.sqlite"}, ("database",)),
        (
            {"BASE_URL": "https://academy.example", "DATABASE_URL": "postgresql://x:secret@127.0.0.1:1/y"},
            ("database",),
        ),
        ({"BASE_URL": "https://academy.example", "DATA_DIR": "/proc/nowhere"}, ("/proc/nowhere",)),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else str(list(value.values())[-1]),
)
def test_settings_that_cannot_be_used_are_named(
    here: Here, settings: dict[str, str], words: tuple[str, ...]
) -> None:
    done = here("serve", **settings)
    assert done.returncode in {1, 64}
    told_plainly(done, *words)
    assert "secret" not in done.stderr + done.stdout


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = academy("serve", folder=tmp_path, ACADEMY_DEV="1", PORT=port)
    assert done.returncode == 64
    told_plainly(done, port)


def test_keys_are_shown_and_changed(tmp_path: Path) -> None:
    settings = {"BASE_URL": "https://academy.example"}
    first = json.loads(academy("keys", "show", "--json", folder=tmp_path, **settings).stdout)
    assert first["issuer"] == "did:web:academy.example"
    assert [(key["kind"], key["retired"]) for key in first["keys"]] == [("Ed25519", None), ("RSA", None)]
    second = json.loads(academy("keys", "rotate", "--json", folder=tmp_path, **settings).stdout)
    assert [bool(key["retired"]) for key in second["keys"]] == [True, True, False, False]
    shown = academy("keys", "show", folder=tmp_path, **settings)
    assert (shown.returncode, shown.stdout.count("in use")) == (0, 2)
    other = academy("keys", "show", folder=tmp_path, BASE_URL="https://other.example")
    assert other.returncode == 1
    told_plainly(other, "began as")


def test_damaged_keys_are_named(tmp_path: Path) -> None:
    settings = {"ACADEMY_DEV": "1"}
    assert academy("keys", "show", folder=tmp_path, **settings).returncode == 0
    done = academy("keys", "rotate", folder=tmp_path, **settings)
    assert done.returncode == 1
    told_plainly(done, "did:key")
    (tmp_path / "var" / "keys" / "issuer.json").write_text("{")
    done = academy("keys", "show", folder=tmp_path, **settings)
    assert done.returncode == 1
    told_plainly(done, "issuer.json")
