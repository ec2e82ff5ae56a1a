"""Our own keys with their history, as others read them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from keys import (
    KeyRecord,
    VerificationMethod,
    WrongPurposeError,
    build_did_document,
    build_jwks,
    fragment_for,
    jwk_thumbprint,
    key_force,
    parse_controller_document,
    parse_jwk,
    parse_multikey,
    select_verification_method,
    to_jwk,
)
from tests.unit.keys.test_public import MULTIKEYS, RSA_JWK

DID = "did:web:academy.example"
ADDED = datetime(2026, 1, 1, tzinfo=UTC)
RETIRED = datetime(2026, 5, 3, 10, tzinfo=UTC)


def _records() -> list[KeyRecord]:
    rsa, ed, p256 = (parse_jwk(RSA_JWK), parse_multikey(MULTIKEYS["Ed25519"]), parse_multikey(MULTIKEYS["P-256"]))
    return [
        KeyRecord(id=f"{DID}#{fragment_for(rsa)}", public_key=rsa, added=datetime(2026, 5, 3, tzinfo=UTC)),
        KeyRecord(id=f"{DID}#{fragment_for(ed)}", public_key=ed, added=ADDED, retired=RETIRED),
        KeyRecord(
            id=f"{DID}#{fragment_for(p256)}",
            public_key=p256,
            added=datetime(2026, 2, 1, tzinfo=UTC),
            compromised=RETIRED,
        ),
    ]


def test_our_document_tells_every_key_with_its_history_oldest_first() -> None:
    rsa, ed, _ = _records()
    assert build_did_document(DID, keys=_records()) == {
        "@context": [
            "https://www.w3.org/ns/did/v1",
            "https://w3id.org/security/multikey/v1",
            "https://w3id.org/security/jwk/v1",
        ],
        "id": DID,
        "verificationMethod": [
            {
                "id": f"{DID}#{MULTIKEYS['Ed25519']}",
                "type": "Multikey",
                "controller": DID,
                "publicKeyMultibase": MULTIKEYS["Ed25519"],
                "expires": "2026-05-03T10:00:00Z",
            },
            {
                "id": f"{DID}#{MULTIKEYS['P-256']}",
                "type": "Multikey",
                "controller": DID,
                "publicKeyMultibase": MULTIKEYS["P-256"],
                "revoked": "2026-05-03T10:00:00Z",
            },
            {
                "id": f"{DID}#{jwk_thumbprint(rsa.public_key)}",
                "type": "JsonWebKey",
                "controller": DID,
                "publicKeyJwk": RSA_JWK,
            },
        ],
        "assertionMethod": [ed.id, rsa.id],
    }


def test_our_document_is_read_as_it_was_meant() -> None:
    rsa, ed, p256 = _records()
    services = [{"id": f"{DID}#log", "type": "TransparencyLog"}]
    document = parse_controller_document(
        build_did_document(DID, keys=_records(), services=services), expected_id=DID
    )

    def select(record: KeyRecord) -> VerificationMethod:
        return select_verification_method(document, method_id=record.id, purpose="assertionMethod")

    assert select(rsa).public_key == rsa.public_key
    assert key_force(select(rsa), at=RETIRED) == "current"
    assert key_force(select(ed), at=ADDED) == "retired"
    assert key_force(select(ed), at=RETIRED) == "too late"
    with pytest.raises(WrongPurposeError, match="it was revoked on 3 May 2026"):
        select(p256)
    assert document.services == {"TransparencyLog"}


def test_our_key_set_names_the_issuer_and_leaves_out_compromised_keys() -> None:
    rsa, ed, _ = _records()
    assert build_jwks(DID, keys=_records()) == {
        "iss": DID,
        "keys": [
            {**to_jwk(ed.public_key), "kid": ed.id, "use": "sig", "alg": "EdDSA"},
            {**RSA_JWK, "kid": rsa.id, "use": "sig", "alg": "RS256"},
        ],
    }
