"""What the tests of selective disclosure share: the official vectors, their context, a badge of our own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from keys import LocalSigner, PrivateKey, PublicKey, local_signer, parse_multikey, parse_secret_multikey
from schemas import CREDENTIALS_V2, OB_CONTEXT, ContextSet, add_sd_base_proof, derive_sd_proof
from schemas.ecdsa_sd import cbor

VECTORS = Path(__file__).resolve().parents[3] / "vectors" / "w3c" / "ecdsa" / "ecdsa-sd-2023"
_CITIZENSHIP = "https://w3id.org/citizenship/v4rc1"


@cache
def vector(name: str) -> Any:
    """One file of the vectors, read as JSON."""
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


class VectorContexts(ContextSet):
    """The pinned contexts, and the one that only the vectors use."""

    def load(self, url: str) -> Mapping[str, Any]:
        if url == _CITIZENSHIP:
            document: Mapping[str, Any] = vector("citizenship-v4rc1.jsonld")
            return document
        return ContextSet.load(self, url)


CONTEXTS = VectorContexts()


def secret(pair: str) -> PrivateKey:
    return parse_secret_multikey(vector("SDKeyMaterial.json")[pair]["secretKeyMultibase"])


ISSUER_KEY: PublicKey = parse_multikey(vector("SDKeyMaterial.json")["baseKeyPair"]["publicKeyMultibase"])
PROOF_KEY: PublicKey = parse_multikey(vector("SDKeyMaterial.json")["proofKeyPair"]["publicKeyMultibase"])
HMAC_KEY = bytes.fromhex(vector("SDKeyMaterial.json")["hmacKeyString"])
_NAME = vector("SDKeyMaterial.json")["baseKeyPair"]["publicKeyMultibase"]
SIGNER: LocalSigner = local_signer(secret("baseKeyPair"), verification_method=f"did:key:{_NAME}#{_NAME}")

BADGE: dict[str, Any] = {
    "@context": [CREDENTIALS_V2, OB_CONTEXT],
    "id": "urn:uuid:5b8a1a0e-2f0b-4d36-b1a9-4cc0c1c0ffee",
    "type": ["VerifiableCredential", "OpenBadgeCredential"],
    "issuer": {"id": f"did:key:{_NAME}", "type": ["Profile"], "name": "Circle of Gardens"},
    "validFrom": "2026-01-01T00:00:00Z",
    "validUntil": "2036-01-01T00:00:00Z",
    "credentialSubject": {
        "id": "did:example:student",
        "type": ["AchievementSubject"],
        "achievement": {
            "id": "urn:uuid:0e2f5b8a-1a0b-4d36-b1a9-4cc0c1c0ffee",
            "type": ["Achievement"],
            "name": "Pruning",
            "description": "Prunes fruit trees.",
            "criteria": {"narrative": "Three trees, seen by two peers."},
            "tag": ["trees", "winter", "knife"],
            "alignment": [
                {"type": ["Alignment"], "targetName": "Fruit", "targetUrl": "https://frame.example/1"},
                {"type": ["Alignment"], "targetName": "Tools", "targetUrl": "https://frame.example/2"},
            ],
            "resultDescription": [
                {
                    "id": "urn:uuid:11111111-1a0b-4d36-b1a9-4cc0c1c0ffee",
                    "type": ["ResultDescription"],
                    "name": "Care",
                    "resultType": "LetterGrade",
                    "allowedValue": ["A", "B", "C"],
                }
            ],
        },
    },
}
MANDATORY = ("/issuer", "/validFrom", "/validUntil", "/credentialSubject/achievement/name")


def signed(
    document: Mapping[str, Any] = BADGE, mandatory: Sequence[str] = MANDATORY, **more: Any
) -> dict[str, Any]:
    return add_sd_base_proof(
        document,
        **{
            "signer": SIGNER,
            "created": datetime(2026, 1, 1, tzinfo=UTC),
            "mandatory_pointers": mandatory,
            "hmac_key": HMAC_KEY,
            "ephemeral_key": secret("proofKeyPair"),
            **more,
        },
    )


@cache
def _derived_text() -> str:
    pointers = ["/credentialSubject/achievement/tag/1", "/credentialSubject/achievement/alignment/0/targetName"]
    return json.dumps(derive_sd_proof(signed(), selective_pointers=pointers))


def derived() -> dict[str, Any]:
    """A badge as its holder shows it; a new copy each time."""
    document: dict[str, Any] = json.loads(_derived_text())
    return document


def components(document: Mapping[str, Any]) -> list[Any]:
    """The five parts of a document's proof value, to be changed."""
    from keys import decode_multibase

    value = cbor.decode(decode_multibase(document["proof"]["proofValue"])[3:])
    assert isinstance(value, list)
    return value


def with_components(document: dict[str, Any], parts: Any, *, header: str = "d95d01") -> dict[str, Any]:
    """The document with a proof value of other parts."""
    from keys import encode_multibase

    value = encode_multibase(bytes.fromhex(header) + cbor.encode(parts), base="u")
    return {**document, "proof": {**document["proof"], "proofValue": value}}
