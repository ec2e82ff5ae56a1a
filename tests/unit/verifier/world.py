"""A small world for the verifier: an academy with its DID document and status list, a badge, a forger, a fetcher.

Everything is valid as it comes; a test changes one thing. Keys are made from fixed bytes, so reports repeat.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keys import (
    KeyRecord,
    LocalSigner,
    build_did_document,
    did_key,
    did_key_method,
    encode_base64url,
    local_signer,
    public_key_of,
)
from schemas import (
    CREDENTIALS_V2,
    OB_CONTEXT,
    add_proof,
    build_status_list_credential,
    dump_json,
    hash_identity,
    set_bit,
    sign_vc_jwt,
)
from verifier import Fetched, FetchError, Policy, Report, read_badge, verify_badge
from verifier.fetch import Source

NOW = datetime(2026, 5, 3, 12, tzinfo=UTC)
ISSUER = "did:web:academy.example"
DID_URL = "https://academy.example/.well-known/did.json"
LIST_URL = "https://academy.example/status/1"
BADGE_ID = "https://academy.example/credentials/7"
EMAIL, SALT = "asha@example.org", "kosher"
INDEX = 4711


def a_key(number: int) -> Ed25519PrivateKey:
    """Return the private key of that number, the same each time."""
    return Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)


def a_signer(number: int = 1, *, method: str | None = None) -> LocalSigner:
    """Return the signer of that number; 1 is the academy's own."""
    key = a_key(number)
    return local_signer(key, verification_method=method or f"{ISSUER}#key-{number}")


ACADEMY = a_signer()
FORGER = a_signer(2, method=did_key_method(public_key_of(a_key(2))))
FORGER_DID = did_key(public_key_of(a_key(2)))


def a_did_document(**changes: Any) -> dict[str, Any]:
    """Return the academy's DID document."""
    record = KeyRecord(id=ACADEMY.verification_method, public_key=ACADEMY.public_key, added=NOW)
    return {**build_did_document(ISSUER, keys=[record]), **changes}


def a_badge(**changes: Any) -> dict[str, Any]:
    """Return an unsigned badge; a change of None takes the member out."""
    badge: dict[str, Any] = {
        "@context": [CREDENTIALS_V2, OB_CONTEXT],
        "id": BADGE_ID,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": "Facilitator",
        "issuer": {"id": ISSUER, "type": ["Profile"], "name": "The Academy", "url": "https://academy.example"},
        "validFrom": "2026-05-01T09:00:00Z",
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [
                {
                    "type": "IdentityObject",
                    "hashed": True,
                    "identityHash": hash_identity(EMAIL, salt=SALT),
                    "identityType": "emailAddress",
                    "salt": SALT,
                }
            ],
            "achievement": {
                "id": "https://academy.example/achievements/facilitator/1",
                "type": ["Achievement"],
                "name": "Facilitator",
                "description": "Holds a consent round so that everybody is heard.",
                "criteria": {"narrative": "Has held three rounds."},
            },
        },
        "credentialStatus": {
            "id": f"{LIST_URL}#{INDEX}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": str(INDEX),
            "statusListCredential": LIST_URL,
        },
    }
    return {name: value for name, value in {**badge, **changes}.items() if value is not None}


def signed(document: Mapping[str, Any], *, signer: LocalSigner = ACADEMY, **options: Any) -> dict[str, Any]:
    """Return a document with one proof."""
    suite = options.pop("cryptosuite", "eddsa-rdfc-2022")
    created = options.pop("created", NOW - timedelta(days=1))
    return add_proof(document, signer=signer, cryptosuite=suite, created=created, **options)


def as_jwt(document: Mapping[str, Any], *, signer: LocalSigner = ACADEMY) -> str:
    """Return a document as VC-JWT."""
    return sign_vc_jwt(document, signer=signer)


def as_jose(document: Mapping[str, Any], *, signer: LocalSigner = ACADEMY, kind: str = "vc", **claims: Any) -> str:
    """Return a document as vc+jwt, or a presentation as vp+jwt."""
    algorithm = {"Ed25519": "EdDSA", "P-256": "ES256", "P-384": "ES384", "RSA": "RS256"}[signer.public_key.kind]
    header = {"alg": algorithm, "kid": signer.verification_method, "typ": f"{kind}+jwt", "cty": kind}
    return a_jws(header, {**document, **claims}, signer=signer)


def a_jws(header: Mapping[str, Any], payload: Mapping[str, Any], *, signer: LocalSigner = ACADEMY) -> str:
    """Return a compact JWS of any header and payload."""
    parts = ".".join(encode_base64url(dump_json(part).encode()) for part in (header, payload))
    return f"{parts}.{encode_base64url(signer.sign(parts.encode()))}"


def a_status_list(*revoked: int, entries: int = 131_072, **changes: Any) -> dict[str, Any]:
    """Return the academy's unsigned status list."""
    bits = bytearray(entries // 8)
    for index in revoked:
        set_bit(bits, index)
    document = build_status_list_credential(
        url=LIST_URL,
        issuer=ISSUER,
        bits=bytes(bits),
        valid_from=NOW - timedelta(hours=1),
        valid_until=NOW + timedelta(hours=23),
        ttl_ms=3_600_000,
    )
    return {**document, **changes}


@dataclass(slots=True)
class FakeFetcher:
    """Answers from a dictionary, and remembers what it was asked for."""

    documents: dict[str, Any]
    source: Source = "fetched"
    asked: list[str] = field(default_factory=list)

    def fetch(self, url: str) -> Fetched:
        """Return the document, or raise FetchError."""
        self.asked.append(url)
        if url not in self.documents:
            raise FetchError(f"there is nothing at {url}")
        document = self.documents[url]
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        return Fetched(body=body, source=self.source)


def a_web(**changes: Any) -> FakeFetcher:
    """Return a fetcher that knows the academy's documents; keys of `changes` are names of the constants."""
    documents: dict[str, Any] = {DID_URL: a_did_document(), LIST_URL: signed(a_status_list())}
    documents.update({{"did": DID_URL, "list": LIST_URL}[name]: value for name, value in changes.items()})
    return FakeFetcher({url: value for url, value in documents.items() if value is not None})


def check(
    badge: Mapping[str, Any] | str | bytes,
    *,
    web: FakeFetcher | None = None,
    now: datetime = NOW,
    recipient: str | None = None,
    **policy: Any,
) -> Report:
    """Return the report on a badge in this world."""
    data = badge if isinstance(badge, bytes) else badge.encode() if isinstance(badge, str) else None
    return verify_badge(
        read_badge(data if data is not None else json.dumps(badge).encode()),
        now=now,
        fetcher=web or a_web(),
        policy=Policy(**policy),
        recipient=recipient,
    )


def told(report: Report) -> dict[str, tuple[str, str]]:
    """Return result and code of every line that is neither pass, info nor skipped."""
    return {c.id: (c.result, c.code) for c in report.checks if c.result in {"fail", "unknown", "warning"}}
