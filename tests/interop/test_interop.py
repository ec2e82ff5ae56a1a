"""Implementations that we did not write accept what we issue, and we accept what they issue."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.tools import missing
from verifier import NoFetcher, Policy, read_badge, verify_badge
from verifier.fetch import read_documents_map

HERE = Path(__file__).resolve().parent
NODE = shutil.which("node")

pytestmark = pytest.mark.interop


@pytest.fixture(scope="session", autouse=True)
def _node_is_there() -> None:
    if NODE is None:
        missing("interop tests", "Node 20 or newer")
    if not (HERE / "node_modules").is_dir():
        missing("interop tests", "`npm ci --prefix tests/interop`")


@pytest.fixture(scope="session")
def pinned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our pinned contexts and schemas as a map from URL to file, for the Node programs."""
    from schemas import pinned_files

    file = tmp_path_factory.mktemp("pinned") / "contexts.json"
    file.write_text(json.dumps({url: str(path) for url, path in pinned_files().items()}), encoding="utf-8")
    return file


def _node(script: str, *arguments: object) -> Any:
    assert NODE
    done = subprocess.run(
        [NODE, str(HERE / script), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _damaged(badge: Path, folder: Path) -> Path:
    document = json.loads(badge.read_text(encoding="utf-8"))
    document["credentialSubject"]["achievement"]["name"] += "!"
    file = folder / "damaged.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


def test_digital_bazaar_accepts_our_badge_in_safe_mode(demo: Path, pinned: Path) -> None:
    result = _node("digitalbazaar.mjs", "verify", demo / "badge.json", demo / "documents.json", pinned)
    assert result == {"verified": True, "errors": []}


def test_digital_bazaar_accepts_each_answer_in_our_badge_on_its_own(
    demo: Path, pinned: Path, tmp_path: Path
) -> None:
    answers = json.loads((demo / "badge.json").read_text(encoding="utf-8"))["endorsement"]
    assert len(answers) == 3
    assert any(isinstance(answer["issuer"], dict) for answer in answers), "one of them is named"
    for number, answer in enumerate(answers):
        file = tmp_path / f"answer-{number}.json"
        file.write_text(json.dumps(answer), encoding="utf-8")
        result = _node("digitalbazaar.mjs", "verify", file, demo / "documents.json", pinned)
        assert result == {"verified": True, "errors": []}


def test_digital_bazaar_refuses_our_badge_once_it_is_changed(demo: Path, pinned: Path, tmp_path: Path) -> None:
    file = _damaged(demo / "badge.json", tmp_path)
    result = _node("digitalbazaar.mjs", "verify", file, demo / "documents.json", pinned)
    assert not result["verified"]
    assert "Invalid signature" in " ".join(result["errors"])


def test_digital_bazaar_accepts_our_status_list(demo: Path, pinned: Path) -> None:
    documents = json.loads((demo / "documents.json").read_text(encoding="utf-8"))
    [status] = [demo / path for url, path in documents.items() if "/status/" in url]
    result = _node("digitalbazaar.mjs", "verify", status, demo / "documents.json", pinned)
    assert result == {"verified": True, "errors": []}


def test_digital_credentials_accepts_signature_status_dates_and_schema(demo: Path, pinned: Path) -> None:
    result = _node("digitalcredentials.mjs", demo / "badge.json", demo / "documents.json", pinned)
    assert "errors" not in result, result
    steps = {step["id"]: step["valid"] for step in result["log"]}
    assert steps["valid_signature"]
    assert steps["expiration"]
    assert steps["revocation_status"]
    [schema] = [info for info in result["additionalInformation"] if info["id"] == "schema_check"]
    assert all(one["result"]["valid"] for one in schema["results"])


def test_digital_credentials_refuses_our_badge_once_it_is_changed(
    demo: Path, pinned: Path, tmp_path: Path
) -> None:
    file = _damaged(demo / "badge.json", tmp_path)
    result = _node("digitalcredentials.mjs", file, demo / "documents.json", pinned)
    assert result["errors"][0]["name"] == "invalid_signature"


@pytest.mark.parametrize("form", ["object", "string"])
def test_we_accept_what_digital_bazaar_issues(demo: Path, pinned: Path, tmp_path: Path, form: str) -> None:
    unsigned = json.loads((demo / "badge.json").read_text(encoding="utf-8"))
    for member in ("proof", "credentialStatus", "endorsement", "evidence"):
        unsigned.pop(member)
    if form == "string":
        unsigned["issuer"] = unsigned["issuer"]["id"]
    file = tmp_path / "unsigned.json"
    file.write_text(json.dumps(unsigned), encoding="utf-8")
    secured = _node("digitalbazaar.mjs", "issue", file, pinned)
    report = verify_badge(
        read_badge(json.dumps(secured).encode()), now=datetime.now(UTC), fetcher=NoFetcher(), policy=Policy()
    )
    assert report.verdict == "valid", report.to_json()

    secured["credentialSubject"]["achievement"]["name"] += "!"
    report = verify_badge(
        read_badge(json.dumps(secured).encode()), now=datetime.now(UTC), fetcher=NoFetcher(), policy=Policy()
    )
    assert report.verdict == "invalid", report.to_json()


def test_we_accept_our_own_badge_from_the_same_files(demo: Path) -> None:
    report = verify_badge(
        read_badge((demo / "badge.json").read_bytes()),
        now=datetime.now(UTC),
        fetcher=read_documents_map(demo / "documents.json"),
        policy=Policy(trust_documents=True),
    )
    assert (report.verdict, report.warnings) == ("valid", ()), report.to_json()


def test_the_lock_file_fixes_every_byte_and_names_no_server() -> None:
    lock = json.loads((HERE / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert not [name for name, entry in packages.items() if "resolved" in entry]
    assert not [name for name, entry in packages.items() if not entry.get("integrity", "").startswith("sha512-")]
