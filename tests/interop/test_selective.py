"""Selective disclosure across implementations: what one side issues, the other derives from and verifies."""

from __future__ import annotations

import json
import secrets
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from keys import did_key, did_key_method, generate_private_key, local_signer, parse_multikey, public_key_of
from schemas import (
    add_sd_base_proof,
    badge_mandatory_pointers,
    derive_sd_proof,
    pinned_files,
    verify_sd_proof,
)
from tests.tools import missing
from verifier import NoFetcher, Policy, read_badge, verify_badge

HERE = Path(__file__).resolve().parent
SAMPLE = HERE.parent / "vectors" / "samples-valid" / "1edtech" / "simple.json"
ACHIEVEMENT = "/credentialSubject/achievement"
PARTS = ["/name", f"{ACHIEVEMENT}/tag/1", f"{ACHIEVEMENT}/alignment/1"]

pytestmark = pytest.mark.interop
Theirs = Callable[..., Any]


@pytest.fixture
def theirs(tmp_path: Path) -> Theirs:
    """Run Digital Bazaar's suite on a document: issue, derive or verify."""
    node = shutil.which("node")
    if node is None:
        missing("interop tests", "Node 20 or newer")
    if not (HERE / "node_modules" / "@digitalbazaar" / "ecdsa-sd-2023-cryptosuite").is_dir():
        missing("interop tests", "`npm ci --prefix tests/interop`")
    contexts = tmp_path / "contexts.json"
    contexts.write_text(json.dumps({url: str(path) for url, path in pinned_files().items()}), encoding="utf-8")

    def run(command: str, document: Any, *pointers: str) -> Any:
        file = tmp_path / "document.json"
        file.write_text(json.dumps(document), encoding="utf-8")
        arguments = [node, str(HERE / "selective.mjs"), command, str(file), str(contexts), *pointers]
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def _badge() -> dict[str, Any]:
    badge: dict[str, Any] = json.loads(SAMPLE.read_text(encoding="utf-8"))
    del badge["proof"]
    badge["validUntil"] = "2040-01-01T00:00:00Z"
    badge["credentialSubject"]["achievement"] |= {
        "tag": ["trees", "winter", "knife"],
        "alignment": [
            {"type": ["Alignment"], "targetName": "Fruit", "targetUrl": "https://frame.example/1"},
            {"type": ["Alignment"], "targetName": "Tools", "targetUrl": "https://frame.example/2"},
        ],
    }
    return badge


def _ours(badge: dict[str, Any]) -> dict[str, Any]:
    private_key = generate_private_key("P-256")
    key = public_key_of(private_key)
    badge["issuer"]["id"] = did_key(key)
    return add_sd_base_proof(
        badge,
        signer=local_signer(private_key, verification_method=did_key_method(key)),
        created=datetime.now(UTC),
        mandatory_pointers=badge_mandatory_pointers(badge),
        hmac_key=secrets.token_bytes(32),
        ephemeral_key=generate_private_key("P-256"),
    )


def _we_accept(document: dict[str, Any]) -> None:
    key = parse_multikey(document["proof"]["verificationMethod"].partition("#")[2])
    verify_sd_proof(document, proof=document["proof"], public_key=key)
    report = verify_badge(
        read_badge(json.dumps(document).encode()), now=datetime.now(UTC), fetcher=NoFetcher(), policy=Policy()
    )
    assert report.verdict == "valid", report.to_json()


@pytest.mark.parametrize("parts", [[], PARTS])
def test_digital_bazaar_accepts_the_parts_that_we_show(theirs: Theirs, parts: list[str]) -> None:
    shown = derive_sd_proof(_ours(_badge()), selective_pointers=parts)
    _we_accept(shown)
    assert theirs("verify", shown) == {"verified": True, "errors": []}
    assert not theirs("verify", {**shown, "validUntil": "2050-01-01T00:00:00Z"})["verified"]


def test_digital_bazaar_accepts_an_ordered_list_that_we_show(theirs: Theirs) -> None:
    badge = _badge()
    badge["credentialSubject"]["achievement"]["resultDescription"] = [
        {
            "id": "urn:uuid:11111111-1a0b-4d36-b1a9-4cc0c1c0ffee",
            "type": ["ResultDescription"],
            "name": "Care",
            "resultType": "LetterGrade",
            "allowedValue": ["A", "B", "C"],
        }
    ]
    shown = derive_sd_proof(_ours(badge), selective_pointers=[f"{ACHIEVEMENT}/resultDescription"])
    assert theirs("verify", shown) == {"verified": True, "errors": []}


def test_from_one_base_proof_both_derive_the_same_bytes(theirs: Theirs) -> None:
    base = _ours(_badge())
    shown = theirs("derive", base, *PARTS)
    _we_accept(shown)
    assert shown == derive_sd_proof(base, selective_pointers=PARTS)


def test_we_accept_and_derive_what_digital_bazaar_issues(theirs: Theirs) -> None:
    badge = _badge()
    base = theirs("issue", badge, *badge_mandatory_pointers(badge))
    shown = theirs("derive", base, *PARTS)
    _we_accept(shown)
    ours = derive_sd_proof(base, selective_pointers=PARTS)
    assert ours == shown
    assert theirs("verify", ours) == {"verified": True, "errors": []}
