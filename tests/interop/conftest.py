"""A badge as the Academy issues it, with every document that it needs, as files."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from issuer.rules.achievements import Definition
from issuer.rules.credentials import Issuer, achievement, build_draft, circle_profile, complete_draft
from keys import KeyRecord, build_did_document, fragment_for, generate_private_key, local_signer, public_key_of
from schemas import add_proof, build_status_list_credential

BASE_URL = "https://academy.example"
DID = "did:web:academy.example"
STATUS_URL = f"{BASE_URL}/status/1"
INDEX = 40_123

DEFINITION = Definition(
    slug="facilitator",
    version="1",
    name="Facilitator",
    skill="Holds a consent round so that everybody is heard.",
    level="practice",
    bundle="meetings",
    criteria=("Has held three rounds.", "Has integrated one objection — with “care”."),
    show=("A recording.",),
)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with badge.json and documents.json (URL to file). The other programs read the real clock."""
    folder = tmp_path_factory.mktemp("badge")
    now = datetime.now(UTC).replace(microsecond=0)
    key = generate_private_key("Ed25519")
    method = f"{DID}#{fragment_for(public_key_of(key))}"
    signer = local_signer(key, verification_method=method)
    draft = build_draft(
        credential_url=f"{BASE_URL}/credentials/1",
        issuer=Issuer(did=DID, name="The Academy", url=BASE_URL),
        definition=DEFINITION,
        circle=circle_profile(base_url=BASE_URL, slug="north", name="Circle North"),
        email="asha@example.org",
        salt="kosher",
        signed_name="Asha",
        decision_url=f"{BASE_URL}/decisions/1",
        base_url=BASE_URL,
        term_ends=now.date() + timedelta(days=700),
    )
    credential = complete_draft(
        draft, valid_from=now - timedelta(hours=1), status_url=STATUS_URL, status_index=INDEX
    )
    status_list = build_status_list_credential(
        url=STATUS_URL,
        issuer=DID,
        bits=bytes(16_384),
        valid_from=now - timedelta(hours=1),
        valid_until=now + timedelta(hours=23),
        ttl_ms=3_600_000,
    )

    def signed(document: dict[str, Any]) -> dict[str, Any]:
        return add_proof(document, signer=signer, cryptosuite="eddsa-rdfc-2022", created=now - timedelta(hours=1))

    record = KeyRecord(id=method, public_key=signer.public_key, added=now - timedelta(days=1))
    files = {
        "badge.json": signed(credential),
        "did.json": build_did_document(DID, keys=[record]),
        "status-1.json": signed(status_list),
        "achievement.json": achievement(DEFINITION, base_url=BASE_URL),
        "documents.json": {
            f"{BASE_URL}/.well-known/did.json": "did.json",
            STATUS_URL: "status-1.json",
            f"{BASE_URL}/achievements/facilitator-v1": "achievement.json",
        },
    }
    for name, value in files.items():
        (folder / name).write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    return folder
