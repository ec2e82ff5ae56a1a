"""Our own keys with their history, as others read them: did.json and jwks.json.

Sources: Controlled Identifiers 1.0, section 2.2; Open Badges 3.0 implementation guide (jwks.json).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from keys.public import Kind, PublicKey, jwk_thumbprint, to_jwk, to_multikey

CONTEXTS = (
    "https://www.w3.org/ns/did/v1",
    "https://w3id.org/security/multikey/v1",
    "https://w3id.org/security/jwk/v1",
)
_ALGORITHMS: Mapping[Kind, str] = MappingProxyType(
    {"Ed25519": "EdDSA", "P-256": "ES256", "P-384": "ES384", "RSA": "RS256"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """One of our own issuer keys, with its history."""

    id: str
    public_key: PublicKey
    added: datetime
    retired: datetime | None = None
    compromised: datetime | None = None


def build_did_document(
    did: str, *, keys: Sequence[KeyRecord], services: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Return our DID document with every key we ever had, newest last.

    A retired key stays under assertionMethod with `expires`, so that what it signed in time still checks. A
    compromised one carries `revoked` and is listed for no purpose, since many readers look at nothing else.
    """
    records = sorted(keys, key=_by_age)
    document: dict[str, Any] = {
        "@context": list(CONTEXTS),
        "id": did,
        "verificationMethod": [_method(did, record) for record in records],
        "assertionMethod": [record.id for record in records if record.compromised is None],
    }
    if services:
        document["service"] = [dict(service) for service in services]
    return document


def _by_age(record: KeyRecord) -> tuple[datetime, str]:
    return record.added, record.id


def _method(did: str, record: KeyRecord) -> dict[str, Any]:
    method: dict[str, Any] = {"id": record.id, "type": "Multikey", "controller": did}
    if record.public_key.kind == "RSA":
        method |= {"type": "JsonWebKey", "publicKeyJwk": to_jwk(record.public_key)}
    else:
        method["publicKeyMultibase"] = to_multikey(record.public_key)
    if record.retired:
        method["expires"] = _text(record.retired)
    if record.compromised:
        method["revoked"] = _text(record.compromised)
    return method


def build_jwks(did: str, *, keys: Sequence[KeyRecord]) -> dict[str, Any]:
    """Return the JSON Web Key Set of the keys that are not compromised, newest last."""
    return {
        "iss": did,
        "keys": [
            {**to_jwk(key), "kid": record.id, "use": "sig", "alg": _ALGORITHMS[key.kind]}
            for record in sorted(keys, key=_by_age)
            if record.compromised is None
            for key in [record.public_key]
        ],
    }


def fragment_for(key: PublicKey) -> str:
    """Return a fragment that names a key by itself: its Multikey text, or its JWK thumbprint."""
    return jwk_thumbprint(key) if key.kind == "RSA" else to_multikey(key)


def _text(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
